//! What is logged, on the terminal and in files, as a person finds it after a run.

use std::fs;
use std::path::PathBuf;

use peak_tests::{Ran, run};
use serde_json::Value;
use tempfile::TempDir;

const AGENTS: &str = env!("CARGO_BIN_EXE_cli-agents");

/// A folder with a deployment file in it, and what is logged beside it.
struct Place(TempDir);

impl Place {
    fn new(mas: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("mas.yaml"), mas).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Starts the file with these flags.
    fn start(&self, flags: &[&str]) -> Ran {
        let file = self.path("mas.yaml");
        run(
            AGENTS,
            &[&["start", file.to_str().unwrap()], flags].concat(),
        )
    }

    /// The names of the files in a folder, in order.
    fn names(&self, folder: &str) -> Vec<String> {
        let files = fs::read_dir(self.path(folder)).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The lines of a file without the times, of which each has one.
    fn lines(&self, name: &str) -> Vec<String> {
        let text = self.read(name);
        let timeless = |line: &str| {
            let (time, rest) = line.split_once(' ').unwrap();
            let date = time.split_once('T').unwrap().0;
            assert!(time.len() == 29 && date.matches('-').count() == 2, "{line}");
            rest.to_owned()
        };
        // That an agent is ready, `start` says, and not the agent.
        let said = text.lines().filter(|line| !line.ends_with("  is ready"));
        said.map(timeless).collect()
    }
}

fn went_well(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn each_agent_has_a_file_and_the_terminal_has_everything() {
    let place = Place::new(
        "
defaults: {log_folder: logs}
agents:
  talker: {log_level: warn}
  Eve: {agent: Talker, clones: 2, resource: Main Hall}
",
    );
    let ran = place.start(&[]);
    went_well(&ran);
    assert_eq!(
        place.names("logs"),
        [
            "eve0@localhost_%4Dain%20%48all.log",
            "eve1@localhost_%4Dain%20%48all.log",
            "peak.log",
            "talker@localhost_main.log",
        ]
    );
    assert_eq!(
        place.lines("logs/talker@localhost_main.log"),
        [
            "ERROR talker@localhost/main  hello error n=1",
            "WARN  talker@localhost/main  hello warn n=1",
        ]
    );
    let eve = place.lines("logs/eve1@localhost_%4Dain%20%48all.log");
    assert_eq!(eve.len(), 3, "{eve:?}");
    assert_eq!(eve[2], "INFO  eve1@localhost/Main Hall  hello info n=1");
    let general = place.lines("logs/peak.log");
    assert!(
        general[0].starts_with("INFO  3 agents ended"),
        "{general:?}"
    );
    let (ready, table) = (2, 3);
    assert_eq!(
        ran.err.lines().count(),
        2 + 2 * 3 + 1 + ready + table,
        "{ran:?}"
    );
}

#[test]
fn without_a_word_about_files_there_are_none() {
    let place = Place::new("defaults: {log_level: trace}\nagents: {talker: }\n");
    let ran = place.start(&["--log-format", "json"]);
    went_well(&ran);
    assert_eq!(place.names("."), ["mas.yaml"]);
}

#[test]
fn the_flags_of_both_worlds_win_over_the_file() {
    let place = Place::new("defaults: {log_folder: logs, log_file_mode: a}\nagents: {talker: }\n");
    let flags = place.path("flags");
    let flags = flags.to_str().unwrap();
    for folder in [
        ["-f", flags],
        ["-log_folder", flags],
        ["--log-folder", flags],
    ] {
        let ran = place.start(&[&folder[..], &["-a", "w", "-log_level", "ERROR"]].concat());
        went_well(&ran);
        assert_eq!(
            place.lines("flags/talker@localhost_main.log"),
            ["ERROR talker@localhost/main  hello error n=1"]
        );
    }
    assert_eq!(place.names("."), ["flags", "mas.yaml"]);
}

#[test]
fn run_writes_files_as_start_does() {
    let place = Place::new("");
    let logs = place.path("deep/down/logs");
    let ran = run(
        AGENTS,
        &[
            "run",
            "talker",
            "--clones",
            "2",
            "-f",
            logs.to_str().unwrap(),
        ],
    );
    went_well(&ran);
    assert_eq!(
        place.names("deep/down/logs"),
        [
            "peak.log",
            "talker0@localhost_main.log",
            "talker1@localhost_main.log"
        ]
    );
}

#[test]
fn files_are_appended_to_or_written_anew() {
    let place = Place::new("agents: {talker: }\n");
    let file = "logs/talker@localhost_main.log";
    // Whoever says something of files has them, beside the deployment file.
    went_well(&place.start(&["-a", "a"]));
    went_well(&place.start(&["-a", "a"]));
    assert_eq!(place.lines(file).len(), 6);
    fs::write(place.path("logs/talker@localhost_main.log.1"), "old").unwrap();
    went_well(&place.start(&["-a", "w"]));
    assert_eq!(place.lines(file).len(), 3);
    assert_eq!(place.lines("logs/peak.log").len(), 1);
    assert_eq!(
        place.names("logs"),
        ["peak.log", "talker@localhost_main.log"]
    );
    // An agent that says nothing has no file of an earlier run either.
    went_well(&place.start(&["-a", "w", "-l", "off"]));
    assert_eq!(place.names("logs"), [""; 0]);
}

#[test]
fn a_long_file_is_put_aside() {
    let place = Place::new(
        "
defaults: {log_folder: logs, log_rotate: 2kB, log_keep: 2}
agents: {talker: {params: {times: 100}}}
",
    );
    went_well(&place.start(&[]));
    let name = "talker@localhost_main.log";
    let all = [name.to_owned(), format!("{name}.1"), format!("{name}.2")];
    assert_eq!(place.names("logs")[1..], all);
    for file in &all[1..] {
        let size = place.read(&format!("logs/{file}")).len();
        assert!((1500..=2000).contains(&size), "{file}: {size}");
    }
    // The youngest lines are kept, and none between them is missing.
    let mut lines = Vec::new();
    for file in all.iter().rev() {
        lines.extend(place.lines(&format!("logs/{file}")));
    }
    let expected: Vec<_> = (1..=100)
        .flat_map(|n| ["error", "warn", "info"].map(|level| format!("hello {level} n={n}")))
        .collect();
    let said: Vec<_> = lines
        .iter()
        .filter_map(|line| line.split_once("  "))
        .collect();
    let rest = |line: &(&str, &str)| line.1.rsplit("  ").next().unwrap().to_owned();
    let said: Vec<_> = said.iter().map(rest).collect();
    assert_eq!(said, expected[expected.len() - said.len()..]);

    went_well(&place.start(&["-a", "w", "--log-rotate", "never"]));
    assert_eq!(place.names("logs"), ["peak.log", name]);
    assert_eq!(place.lines(&format!("logs/{name}")).len(), 300);
}

#[test]
fn json_is_an_object_in_each_line() {
    let text = "hi \u{9b}31m\u{1b}[31m\nERROR forged \"quoted\"";
    let place = Place::new("");
    let logs = place.path("logs");
    let text_param = format!("text={text}");
    let flags = ["-f", logs.to_str().unwrap(), "--log-format", "json", "-vv"];
    let ran = run(
        AGENTS,
        &[&["run", "talker", "--param", &text_param], &flags[..]].concat(),
    );
    went_well(&ran);
    let read = |lines: &str| -> Vec<Value> {
        let objects = lines.lines().map(|line| {
            assert!(!line.contains(char::is_control), "{line:?}");
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
        });
        objects.collect()
    };
    let file = read(&place.read("logs/talker@localhost_main.log"));
    let info = file
        .iter()
        .find(|object| object["fields"]["n"] == 1 && object["level"] == "INFO");
    let info = info.unwrap();
    assert_eq!(info["message"], format!("{text} info"));
    assert_eq!(info["agent"], "talker@localhost/main");
    assert_eq!(info["target"], "cli_agents");
    assert_eq!(info.get("file"), None);
    let time = info["time"].as_str().unwrap();
    assert!(time.len() == 29 && time.contains('T'), "{time}");
    // The terminal has them all.
    let terminal = read(&ran.err);
    let general = read(&place.read("logs/peak.log"));
    assert_eq!(terminal.len(), file.len() + general.len());
}

#[test]
fn text_from_elsewhere_forges_no_line_of_a_file() {
    let place = Place::new("");
    let logs = place.path("logs");
    let text = "text=x\u{1b}[2J\n2026-01-01T00:00:00.000+00:00 ERROR forged\r\n";
    let ran = run(
        AGENTS,
        &[
            "run",
            "talker",
            "--param",
            text,
            "-f",
            logs.to_str().unwrap(),
        ],
    );
    went_well(&ran);
    let file = place.read("logs/talker@localhost_main.log");
    assert!(file.contains("forged"), "{file}");
    for line in file.lines() {
        assert!(
            line.starts_with("    ") || line.contains("talker@localhost/main"),
            "{line}"
        );
        assert!(!line.contains(char::is_control), "{line:?}");
    }
}

#[test]
fn debug_mode_says_where_in_the_source() {
    let place = Place::new("agents: {talker: {debug_mode: true}, quiet: {agent: Talker}}\n");
    let ran = place.start(&["-log_folder", place.path("logs").to_str().unwrap()]);
    went_well(&ran);
    let trace = "TRACE talker@localhost/main  hello trace n=1 at tests/cli_agents.rs:";
    let file = place.lines("logs/talker@localhost_main.log");
    assert!(file.iter().any(|line| line.starts_with(trace)), "{file:?}");
    assert_eq!(place.lines("logs/quiet@localhost_main.log").len(), 3);

    let ran = place.start(&["--debug_mode", "--log-format=json"]);
    went_well(&ran);
    for line in ran.err.lines() {
        serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
    let quiet = ran
        .err
        .lines()
        .filter(|line| line.contains("quiet@localhost"));
    let quiet: Vec<Value> = quiet
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        quiet.iter().any(|object| object["level"] == "TRACE"),
        "{quiet:?}"
    );
    assert!(
        quiet.iter().all(|object| object["line"].is_u64()),
        "{quiet:?}"
    );
}

#[test]
fn agents_that_agents_start_have_files_and_panics_a_name() {
    let place = Place::new(
        "
defaults: {log_folder: logs, log_file_mode: w}
agents: {parent: , faulty: {params: {panic: true}}}
",
    );
    for _ in 0..2 {
        let ran = place.start(&[]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        let child = place.lines("logs/child@localhost_main.log");
        assert_eq!(child.len(), 3, "{child:?}");
        assert_eq!(
            child[0],
            "ERROR child@localhost/main  hello from the child error n=1"
        );
        let parent = place.lines("logs/parent@localhost_main.log");
        assert_eq!(
            parent,
            ["INFO  parent@localhost/main  a child is on its way"]
        );
        let faulty = place.lines("logs/faulty@localhost_main.log");
        let begin = "ERROR faulty@localhost/main  panicked at tests/cli_agents.rs:";
        assert!(faulty[0].starts_with(begin), "{faulty:?}");
    }
}

#[test]
fn bodies_are_logged_at_trace_level_alone() {
    let place = Place::new(
        "
agents:
  answerer:
  asker: {params: {whom: answerer@localhost}}
",
    );
    let logs = place.path("logs");
    let flags = ["-f", logs.to_str().unwrap(), "-a", "w"];
    let secret = "who are you?";
    for (level, bodies) in [("info", 0), ("debug", 0), ("trace", 1)] {
        let ran = place.start(&[&flags[..], &["-l", level]].concat());
        went_well(&ran);
        let read = |name: &str| place.read(&format!("logs/{name}@localhost_main.log"));
        let (asker, answerer) = (read("asker"), read("answerer"));
        assert_eq!(asker.matches(secret).count(), bodies, "{level}: {asker}");
        assert_eq!(
            answerer.matches(secret).count(),
            bodies,
            "{level}: {answerer}"
        );
        if level == "info" {
            continue;
        }
        for (file, words) in [
            (
                &asker,
                "asker@localhost/main  sending to=answerer@localhost performative=query-ref conversation-id=",
            ),
            (
                &answerer,
                "answerer@localhost/main  received from=asker@localhost/main performative=query-ref conversation-id=",
            ),
            (
                &answerer,
                "answerer@localhost/main  sending to=asker@localhost/main performative=inform conversation-id=",
            ),
            (
                &asker,
                "asker@localhost/main  received from=answerer@localhost/main performative=inform conversation-id=",
            ),
        ] {
            let line = file.lines().find(|line| line.contains(words));
            let line = line.unwrap_or_else(|| panic!("{words} in {file}"));
            let size = if words.contains("query-ref") {
                secret.len()
            } else {
                "answerer@localhost/main".len()
            };
            assert!(line.ends_with(&format!(" size={size}")), "{line}");
        }
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_before_anything_starts() {
    let place = Place::new("agents: {talker: }\n");
    let inside = place.path("mas.yaml").join("logs");
    let ran = place.start(&["-f", inside.to_str().unwrap()]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let words = format!("error: {}: no log can be written here: ", inside.display());
    assert!(ran.err.starts_with(&words), "{ran:?}");
    assert!(
        ran.err
            .contains("\nhint: name a folder that is yours to write to: "),
        "{ran:?}"
    );
    assert!(!ran.err.contains("hello"), "{ran:?}");
}

#[test]
fn wrong_flags_say_what_is_right() {
    for (flags, words) in [
        ("--log-file-mode x", "[possible values: a, w]"),
        ("--log-format xml", "[possible values: text, json]"),
        (
            "--log-rotate 10",
            "write a whole number and a unit, `10MB`, or `never`",
        ),
        ("--log-keep 1001", "1001 is not in 0..=1000"),
    ] {
        let words_of = ["run", "talker"].into_iter().chain(flags.split(' '));
        let ran = run(AGENTS, &words_of.collect::<Vec<_>>());
        assert_eq!(ran.code, Some(2), "{flags}: {ran:?}");
        assert!(ran.err.contains(words), "{flags}: {}", ran.err);
    }
}

#[cfg(unix)]
mod unix {
    use std::time::{Duration, Instant};

    use base64::prelude::{BASE64_STANDARD, Engine as _};
    use peak_tests::servers::Server;
    use peak_tests::{end, start};

    use super::*;

    #[test]
    fn two_hundred_agents_need_few_descriptors() {
        let place = Place::new(
            "
defaults: {log_folder: logs, agent: Talker}
agents: {talker: {clones: 200, params: {times: 20}}}
",
        );
        let file = place.path("mas.yaml");
        let shell = "ulimit -n 64 && exec \"$0\" start \"$1\"";
        let ran = run("sh", &["-c", shell, AGENTS, file.to_str().unwrap()]);
        went_well(&ran);
        let names = place.names("logs");
        assert_eq!(names.len(), 201);
        for name in names.iter().filter(|name| *name != "peak.log") {
            assert_eq!(place.lines(&format!("logs/{name}")).len(), 60, "{name}");
        }
        assert!(!ran.err.contains("lost"), "{}", ran.err);
    }

    /// Only Linux has a device that is always full.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_once_and_stops_nobody() {
        let place = Place::new(
            "
defaults: {log_folder: logs, agent: Talker}
agents: {ann: {params: {times: 50}}, bob: , kim: {params: {times: 50}}}
",
        );
        fs::create_dir(place.path("logs")).unwrap();
        for name in ["ann", "kim"] {
            let file = place.path(&format!("logs/{name}@localhost_main.log"));
            std::os::unix::fs::symlink("/dev/full", file).unwrap();
        }
        let ran = place.start(&[]);
        went_well(&ran);
        let about = |words: &str| ran.err.matches(words).count();
        assert_eq!(
            about("lines of the log are lost: No space left on device"),
            1,
            "{}",
            ran.err
        );
        assert_eq!(
            about("302 lines of the log did not get into the files"),
            1,
            "{}",
            ran.err
        );
        assert_eq!(place.lines("logs/bob@localhost_main.log").len(), 3);
        assert_eq!(about("  hello "), 303);
    }

    #[test]
    fn what_is_logged_before_a_second_ctrl_c_is_in_the_files() {
        let place = Place::new("agents: {idle: {params: {stubborn: true}}}\n");
        let (file, logs) = (place.path("mas.yaml"), place.path("logs"));
        let (file, logs) = (file.to_str().unwrap(), logs.to_str().unwrap());
        let child = start(AGENTS, &["start", file, "-f", logs, "-v"]);
        let interrupt = |name: &str, words: &str| {
            let file = place.path("logs").join(name);
            let begin = Instant::now();
            while !fs::read_to_string(&file).is_ok_and(|text| text.contains(words)) {
                assert!(begin.elapsed() < Duration::from_secs(30), "no {words}");
                std::thread::yield_now();
            }
            run("/bin/kill", &["-INT", &child.id().to_string()]);
        };
        interrupt("idle@localhost_main.log", "ready");
        interrupt("peak.log", "still stopping idle@localhost/main");
        let ran = end(child);
        assert_eq!(ran.code, Some(130), "{ran:?}");
        let general = place.lines("logs/peak.log");
        let last = general.last().unwrap();
        assert!(last.starts_with("INFO  0 of 1 agent ended"), "{general:?}");
    }

    #[test]
    fn what_keeps_a_system_from_starting_is_in_the_file() {
        let place = Place::new("defaults: {log_folder: logs}\nagents: {unwilling: }\n");
        assert_eq!(place.start(&[]).code, Some(1));
        let general = place.lines("logs/peak.log");
        let words = "ERROR not started: `unwilling@localhost/main`: `refuse` failed: not today";
        assert_eq!(general[0], words);
    }

    /// Everything is logged, and the passwords went to the server as they are, to register.
    #[test]
    #[ignore = "needs Prosody"]
    fn no_log_has_a_password() {
        let server = Server::prosody().start();
        let place = Place::new(
            "
defaults: {domain: localhost, xmpp: {route: server}}
agents:
  answerer:
  asker: {params: {whom: answerer@localhost}}
",
        );
        let (logs, credentials) = (place.path("logs"), place.path("credentials"));
        let there = format!("localhost:{}", server.port());
        let ran = place.start(&[
            "--xmpp",
            &there,
            "--ca",
            server.ca().to_str().unwrap(),
            "--credentials",
            credentials.to_str().unwrap(),
            "--debug-mode",
            "-f",
            logs.to_str().unwrap(),
        ]);
        went_well(&ran);
        let mut everything = ran.err;
        for name in place.names("logs") {
            everything += &place.read(&format!("logs/{name}"));
        }
        assert!(everything.contains("the account was made"), "{everything}");
        let credentials = place.read("credentials");
        let accounts: Vec<_> = credentials
            .lines()
            .filter_map(|line| line.split_once(' '))
            .collect();
        assert_eq!(accounts.len(), 2, "{credentials}");
        for (account, password) in accounts {
            let name = account.split('@').next().unwrap();
            let plain = BASE64_STANDARD.encode(format!("\0{name}\0{password}"));
            assert!(!everything.contains(password), "{everything}");
            assert!(!everything.contains(&plain), "{everything}");
        }
    }
}
