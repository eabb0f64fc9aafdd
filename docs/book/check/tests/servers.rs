//! The first program of the book, unchanged, on real servers.
#![cfg(unix)]

use peak_book::console::Running;
use peak_book::{Project, pages};
use peak_tests::servers::Builder;

const BOOK: &str = env!("CARGO_BIN_EXE_book");

/// The deployment file of the first steps.
fn mas_yaml() -> String {
    let pages = pages();
    let page = pages.iter().find(|page| page.name() == "first-steps.md");
    let blocks = page.expect("the book begins with it").blocks();
    let file = blocks.into_iter().find(|block| block.is("yaml"));
    file.expect("it has a file").text
}

fn the_first_agents_talk(builder: Builder) {
    let server = builder.start();
    let project = Project::new();
    project.write("mas.yaml", &mas_yaml());
    let there = format!("localhost:{}", server.port());
    let mut start = project.run(BOOK);
    start
        .args(["start", "--xmpp", &there, "--ca"])
        .arg(server.ca());
    let mut running = Running::start(start);
    // What is said of the server comes first.
    let greeted = [
        "…",
        "Hello Grace, you are number 1",
        "Hello Grace, you are number 2",
    ];
    running.wait_for(&greeted.map(str::to_owned));
    running.interrupt();
    let (said, code) = running.end();
    assert_eq!(code, 0, "{said:?}");

    let mut doctor = project.run(BOOK);
    doctor
        .args(["doctor", "localhost", "--xmpp", &there, "--ca"])
        .arg(server.ca());
    let (said, code) = Running::start(doctor).end();
    assert_eq!(code, 0, "{said:?}");
}

peak_tests::both! { the_first_agents_talk }
