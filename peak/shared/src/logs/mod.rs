//! What can be wished of logs.

mod level;
mod size;
mod wishes;

pub use level::level;
pub use size::{HOW as HOW_SIZES, rotation};
pub use wishes::{FileSettings, Format, MAX_KEPT, Mode, Rotation, Wishes};
