//! The files that pages show are what they should be: deployment files, manifests, and the rest.

use std::fs;
use std::process::Command;

use peak_book::{Project, pages, workspace};

const BOOK: &str = env!("CARGO_BIN_EXE_book");

#[test]
fn deployment_files_are_taken() {
    let mut checked = 0;
    for page in pages() {
        for block in page
            .blocks()
            .iter()
            .filter(|block| block.is("yaml") && block.not_run().is_none())
        {
            let project = Project::new();
            project.write("mas.yaml", &block.text);
            let ran = project.run(BOOK).args(["start", "--check"]).output();
            let ran = ran.expect("the program runs");
            let err = String::from_utf8_lossy(&ran.stderr);
            assert!(ran.status.success(), "{}: {err}", page.place(block));
            assert_eq!(err, "", "{}", page.place(block));
            checked += 1;
        }
    }
    assert!(checked >= 5, "{checked}");
}

#[test]
fn json_is_json() {
    for page in pages() {
        for block in page.blocks().iter().filter(|block| block.is("json")) {
            let read: Result<serde_json::Value, _> = serde_json::from_str(&block.text);
            assert!(read.is_ok(), "{}: {read:?}", page.place(block));
        }
    }
}

/// With the path of this repository, cargo finds `peak` where the pages say it is.
#[test]
fn manifests_are_taken() {
    for page in pages() {
        for block in page.blocks().iter().filter(|block| block.is("toml")) {
            let folder = tempfile::tempdir().expect("there is room for a folder");
            let here = workspace().canonicalize().expect("it is here");
            let text = block
                .text
                .replace("../peak-in-rust", &here.to_string_lossy());
            assert_ne!(text, block.text, "{}", page.place(block));
            let dependencies = match text.starts_with('[') {
                true => text,
                false => format!("[dependencies]\n{text}"),
            };
            let manifest = folder.path().join("Cargo.toml");
            let package = "[package]\nname = \"hello\"\nedition = \"2024\"\n\n[workspace]\n";
            fs::write(&manifest, format!("{package}{dependencies}")).expect("it can be written");
            fs::create_dir(folder.path().join("src")).expect("it can be written");
            fs::write(folder.path().join("src/main.rs"), "fn main() {}\n").expect("it can be");
            fs::copy(here.join("Cargo.lock"), folder.path().join("Cargo.lock"))
                .expect("it is there");
            let ran = Command::new(env!("CARGO"))
                .args(["tree", "--offline", "--depth", "1", "--manifest-path"])
                .arg(&manifest)
                .output()
                .expect("cargo runs");
            let out = String::from_utf8_lossy(&ran.stdout);
            assert!(out.contains("peak-mas v"), "{}: {ran:?}", page.place(block));
        }
    }
}

#[test]
#[ignore = "needs Python 3"]
fn python_is_python() {
    for page in pages() {
        for block in page.blocks().iter().filter(|block| block.is("python")) {
            let read = "import ast, sys; ast.parse(sys.argv[1])";
            let ran = Command::new("python3")
                .args(["-c", read, &block.text])
                .output();
            let ran = ran.expect("python3 is installed");
            assert!(ran.status.success(), "{}: {ran:?}", page.place(block));
        }
    }
}
