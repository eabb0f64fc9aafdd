//! Compiles and runs what stands in the book.
//!
//! Every block of Rust on a page is a doc test of this library. Those that are marked `program` are also
//! in the program `book`; with it the tests check the blocks of YAML, and run the blocks of the console.

mod blocks;
#[cfg(unix)]
pub mod console;
mod project;

pub use blocks::{Block, blocks};
pub use project::Project;

use std::fs;
use std::path::{Path, PathBuf};

/// A page of the book.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it is.
    pub path: PathBuf,
    /// What stands in it.
    pub text: String,
}

impl Page {
    /// The name of its file.
    pub fn name(&self) -> &str {
        let name = self.path.file_name().and_then(|name| name.to_str());
        name.unwrap_or_default()
    }

    /// Where one of its blocks is, in words.
    pub fn place(&self, block: &Block) -> String {
        format!("docs/book/src/{}:{}", self.name(), block.line)
    }

    /// Its code blocks.
    pub fn blocks(&self) -> Vec<Block> {
        blocks(&self.text)
    }
}

/// The folder with the book's pages.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../src")
}

/// The top folder of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// All pages, by name; the summary is one of them.
///
/// # Panics
///
/// If they cannot be read.
pub fn pages() -> Vec<Page> {
    let entries = fs::read_dir(folder()).expect("the book has pages");
    let mut pages: Vec<Page> = entries
        .map(|entry| entry.expect("a folder can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| Page {
            text: fs::read_to_string(&path).expect("pages are text"),
            path,
        })
        .collect();
    pages.sort_by(|one, other| one.path.cmp(&other.path));
    pages
}

/// Waits for what must come within a day of tokio's paused clock: without a limit, agents that go on would let it
/// jump from tick to tick for ever.
///
/// # Panics
///
/// If it does not come.
pub async fn within_a_day<F: Future>(what: F) -> F::Output {
    let day = std::time::Duration::from_secs(86_400);
    let came = tokio::time::timeout(day, what).await;
    came.unwrap_or_else(|_| panic!("a day has passed, and it has not come"))
}

#[cfg(doctest)]
mod doc_tests {
    include!(concat!(env!("OUT_DIR"), "/doc_tests.rs"));
}
