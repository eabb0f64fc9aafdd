//! What a section says of logs: PEAK's keys, and ours beside them.

use std::path::Path;

use tracing_core::LevelFilter;

use super::node::{Key, Node, Yaml};
use super::values::{number, one_of, text, truth, wrong};

use crate::logs::{self, Format, MAX_KEPT, Mode, Rotation, Wishes, level};
use crate::problem::{Problem, Problems};

/// Reads one of the keys; false if it is another one. Paths are relative to `folder`.
pub(super) fn take(
    wishes: &mut Wishes,
    key: &Key,
    node: &Node,
    folder: &Path,
    problems: &mut Problems,
) -> bool {
    match key.name.as_str() {
        "log_level" => wishes.level = problems.note(log_level(node)),
        "log_folder" => {
            let path = text(node, "a folder").map(|path| folder.join(path.value));
            wishes.folder = problems.note(path);
        }
        "log_file_mode" => wishes.mode = problems.note(mode(node)),
        "log_format" => wishes.format = problems.note(format(node)),
        "log_rotate" => wishes.rotation = problems.note(rotation(node)),
        "log_keep" => {
            let keep = number(node, "a number of files", 0..=MAX_KEPT.into());
            wishes.keep = problems.note(keep.map(|keep| keep.value as u32));
        }
        "debug_mode" => wishes.debug = problems.note(truth(node)),
        _ => return false,
    }
    true
}

fn log_level(node: &Node) -> Result<LevelFilter, Problem> {
    let level = match &node.yaml {
        // YAML 1.1 reads a bare `off` as a truth value.
        Yaml::Bool(false) => Some(LevelFilter::OFF),
        Yaml::Broken(problem) => return Err((**problem).clone()),
        _ => node.as_text().and_then(|text| level(text).ok()),
    };
    level.ok_or_else(|| {
        wrong(node, "a log level")
            .hint("a level is `off`, `error`, `warn`, `info`, `debug` or `trace`")
    })
}

fn mode(node: &Node) -> Result<Mode, Problem> {
    match one_of(node, &["a", "w"])? {
        "w" => Ok(Mode::Anew),
        _ => Ok(Mode::Append),
    }
}

fn format(node: &Node) -> Result<Format, Problem> {
    match one_of(node, &["text", "json"])? {
        "json" => Ok(Format::Json),
        _ => Ok(Format::Text),
    }
}

fn rotation(node: &Node) -> Result<Rotation, Problem> {
    if let Yaml::Broken(problem) = &node.yaml {
        return Err((**problem).clone());
    }
    let size = node.as_text().and_then(|text| logs::rotation(text).ok());
    size.ok_or_else(|| wrong(node, "a size").hint(logs::HOW_SIZES))
}
