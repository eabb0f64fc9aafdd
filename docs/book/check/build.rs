//! Makes modules of the pages: of each page one for its doc tests, one of its programs, and one of its programs
//! with their tests.

#[allow(
    dead_code,
    unreachable_pub,
    reason = "it is the library's, which needs more of it"
)]
#[path = "blocks.rs"]
mod blocks;

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"))
        .parent()
        .expect("this package is in the book's folder")
        .join("src");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=blocks.rs");
    let mut pages: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the book has pages")
        .map(|entry| entry.expect("a folder can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();
    let doc_tests: String = pages.iter().map(|page| doc_tests(page)).collect();
    let programs: String = pages
        .iter()
        .map(|page| marked(page, &["program"]))
        .collect();
    let tests = pages
        .iter()
        .filter(|page| !marked(page, &["tests"]).is_empty());
    let tests: String = tests
        .map(|page| marked(page, &["program", "tests"]))
        .collect();
    fs::write(out.join("doc_tests.rs"), doc_tests).expect("what cargo gives can be written");
    fs::write(out.join("programs.rs"), programs).expect("what cargo gives can be written");
    fs::write(out.join("tests.rs"), tests).expect("what cargo gives can be written");
}

/// A page as a module's documentation: rustdoc runs its blocks.
fn doc_tests(page: &Path) -> String {
    let path = page.to_str().expect("names of pages are text");
    format!(
        "#[doc = include_str!({path:?})]\nmod {} {{}}\n",
        module(page)
    )
}

/// The blocks of a page that are marked with one of these words, in one module; nothing if there are none.
fn marked(page: &Path, words: &[&str]) -> String {
    println!("cargo::rerun-if-changed={}", page.display());
    let text = fs::read_to_string(page).expect("pages are text");
    let code: String = blocks::blocks(&text)
        .iter()
        .filter(|block| block.is("rust") && words.iter().any(|word| block.has(word)))
        .map(blocks::Block::compiled)
        .collect();
    if code.is_empty() {
        return String::new();
    }
    format!(
        "#[allow(dead_code, missing_docs, unreachable_pub, clippy::all, clippy::print_stdout, \
         reason = \"it is written to be read\")]\nmod {} {{\n{code}}}\n",
        module(page)
    )
}

fn module(page: &Path) -> String {
    let stem = page.file_stem().and_then(|stem| stem.to_str());
    stem.expect("names of pages are text")
        .replace('-', "_")
        .to_lowercase()
}
