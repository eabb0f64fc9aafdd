//! What pages show of the console is what the program of the page says.
//!
//! Ctrl-C is a signal here, which Windows does not have.
#![cfg(unix)]

use std::os::unix::process::CommandExt as _;

use peak_book::console::{Running, Step, matches, steps};
use peak_book::{Block, Page, Project, pages};

const BOOK: &str = env!("CARGO_BIN_EXE_book");

/// Runs a command of a page; gives its exit code.
fn run(project: &Project, step: &Step, place: &str) -> i32 {
    let args = step.command.strip_prefix("cargo run -- ");
    let args = args.unwrap_or_else(|| panic!("{place}: nothing runs `{}`", step.command));
    let mut program = project.run(BOOK);
    program.arg0("hello").args(args.split_whitespace());
    let mut running = Running::start(program);
    let mut shown = step.shown.as_slice();
    if let Some(interrupt) = shown.iter().position(|line| line == "^C") {
        running.wait_for(&shown[..interrupt]);
        running.interrupt();
        shown = &shown[interrupt + 1..];
    }
    let (said, code) = running.end();
    assert!(
        matches(shown, &said),
        "{place}: `{}` says {said:#?}, and the page shows {shown:#?}",
        step.command
    );
    code
}

/// Runs the commands of a block one after another.
fn run_all(page: &Page, block: &Block, file: Option<&Block>) {
    let project = Project::new();
    if let Some(file) = file {
        project.write("mas.yaml", &file.text);
    }
    let place = page.place(block);
    let mut code = 0;
    for step in steps(block) {
        if step.command == "echo $?" {
            assert_eq!(step.shown, [code.to_string()], "{place}");
        } else {
            code = run(&project, &step, &place);
        }
    }
}

#[test]
fn commands_do_what_the_pages_show() {
    let mut run = 0;
    for page in pages() {
        let blocks = page.blocks();
        let consoles = blocks.iter().enumerate();
        for (at, block) in consoles.filter(|(_, block)| block.is("console")) {
            if block.not_run().is_some() {
                continue;
            }
            let file = blocks[..at]
                .iter()
                .rfind(|block| block.is("yaml") && block.not_run().is_none());
            run_all(&page, block, file);
            run += 1;
        }
    }
    assert!(run >= 5, "{run}");
}

/// Commands that are not run have flags that the program knows.
#[test]
fn flags_exist() {
    let mut seen = 0;
    for page in pages() {
        for block in page.blocks().iter().filter(|block| block.is("console")) {
            for step in steps(block) {
                seen += assert_flags_exist(&step.command, &page.place(block));
            }
        }
    }
    assert!(seen > 10, "{seen}");
}

/// The one flag of `run` and `start` that only the tool has.
const TOOLS_FLAG: &str = "--release";

/// Gives how many flags there were.
fn assert_flags_exist(command: &str, place: &str) -> usize {
    let (command, _) = command.split_once(" #").unwrap_or((command, ""));
    let ours = ["cargo run -- ", "peak ", "prog "];
    let Some(args) = ours.iter().find_map(|start| command.strip_prefix(start)) else {
        return 0;
    };
    let mut words = args.split_whitespace();
    let subcommand = words.next().unwrap_or_default();
    if ["new", "add"].contains(&subcommand) {
        // The tool's own, which this program has not; the tests of projects run them.
        return 0;
    }
    let help = Project::new()
        .run(BOOK)
        .args([subcommand, "--help"])
        .output();
    let help = String::from_utf8_lossy(&help.expect("the program runs").stdout).into_owned();
    let known: Vec<&str> = help.split([' ', ',', '\n']).collect();
    // PEAK's spellings are taken too: one dash, and `_`.
    let spelt = |flag: &str| match flag.strip_prefix('-') {
        Some(name) if name.len() > 1 && !name.starts_with('-') => {
            format!("-{}", flag.replace('_', "-"))
        }
        _ => flag.to_owned(),
    };
    let is_tools = |flag: &str| command.starts_with("peak ") && flag == TOOLS_FLAG;
    let flags: Vec<String> = words
        .filter(|word| word.starts_with('-') && !is_tools(word))
        .map(spelt)
        .collect();
    for flag in &flags {
        assert!(
            known.contains(&flag.as_str()),
            "{place}: `{command}`: no `{flag}` in {help}"
        );
    }
    flags.len()
}
