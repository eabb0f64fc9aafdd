//! How a program behaves in a shell: help, completions, manual pages, colours, pipes, exit codes.

use std::process::{Command, Output, Stdio};

use peak_tests::{Ran, run, workspace};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cli-agents");

/// All commands.
const COMMANDS: [&str; 7] = [
    "run",
    "start",
    "agents",
    "doctor",
    "send",
    "completions",
    "man",
];

fn agents(line: &str) -> Ran {
    let args: Vec<&str> = line.split_whitespace().collect();
    run(PROGRAM, &args)
}

/// The same, with these variables and no others that are about colours.
fn with(variables: &[(&str, &str)], line: &str) -> Ran {
    let mut command = Command::new(PROGRAM);
    command
        .args(line.split_whitespace())
        .current_dir(workspace());
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied());
    command.output().expect("it starts").into()
}

#[test]
fn every_command_has_examples_in_its_help() {
    let top = agents("--help").out;
    for command in COMMANDS {
        assert!(top.contains(&format!("\n  {command} ")), "{command}: {top}");
        let ran = agents(&format!("{command} --help"));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let example = format!("\nExamples:\n  cli-agents {command}");
        assert!(ran.out.contains(&example), "{command}: {}", ran.out);
        assert_eq!(ran.err, "");
    }
}

#[test]
fn what_is_wrong_is_told_in_a_line_and_the_exit_code() {
    for (line, code, words) in [
        ("completions", 2, "required arguments"),
        ("completions ksh", 2, "invalid value 'ksh'"),
        ("man extra", 2, "unexpected argument 'extra'"),
        (
            "man --out /dev/null/x",
            1,
            "`/dev/null/x` cannot be written",
        ),
        ("send", 2, "--to <JID>"),
        (
            "send --to bob",
            2,
            "it has no name\nhint: write it as `bob@localhost`",
        ),
        (
            "send --to bob@localhost",
            2,
            "live inside the process that runs them",
        ),
        (
            "send --to bob@localhost",
            2,
            "hint: for agents on the XMPP server of this machine",
        ),
        (
            "send --to bob@localhost --metadata x",
            2,
            "hint: write it as `--metadata name=value`",
        ),
        (
            "send --to bob@localhost --wait soon",
            2,
            "`soon` is not a duration",
        ),
        ("send --to bob@localhost --json", 2, "--wait"),
        (
            "send --to bob@localhost --performative say",
            2,
            "invalid value 'say'",
        ),
        (
            "send --to a@b.invalid --password hunter2",
            2,
            "there is no flag for a password",
        ),
        (
            "send --to bob@localhost --xmpp localhost:1 --credentials /nowhere/x",
            1,
            "no XMPP server answers",
        ),
    ] {
        let ran = agents(line);
        assert_eq!(ran.code, Some(code), "{line}: {ran:?}");
        assert!(ran.err.starts_with("error: "), "{line}: {ran:?}");
        assert_eq!(ran.err.matches("error: ").count(), 1, "{line}: {ran:?}");
        assert!(ran.err.contains(words), "{line}: {ran:?}");
        assert!(!ran.err.contains("hunter2"), "{line}");
        assert_eq!(ran.out, "", "{line}");
    }
}

#[test]
fn parameters_may_have_names_of_flags() {
    let ran = agents("run Thermostat --room attic");
    assert!(
        ran.err.contains("hint: write `--param room=attic`"),
        "{ran:?}"
    );
    let ran = agents("run Asker --whom bob");
    assert!(
        ran.err.contains("hint: write `--param whom=bob`"),
        "{ran:?}"
    );
}

#[test]
fn colours_come_as_they_are_asked_for() {
    // Our own errors, clap's, and its help; nothing here is a terminal.
    for line in ["run Nobody", "rum", "--help"] {
        let coloured = |variables: &[(&str, &str)]| {
            let ran = with(variables, line);
            ran.out.contains('\x1b') || ran.err.contains('\x1b')
        };
        assert!(!coloured(&[]), "{line}");
        assert!(coloured(&[("CLICOLOR_FORCE", "1")]), "{line}");
        assert!(!coloured(&[("CLICOLOR_FORCE", "0")]), "{line}");
        assert!(
            !coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]),
            "{line}"
        );
    }
    // And log lines.
    let line = "run Thermostat --param room=attic -v";
    assert!(
        with(&[("CLICOLOR_FORCE", "1")], line)
            .err
            .contains("\x1b[32mINFO")
    );
    assert!(!with(&[], line).err.contains('\x1b'));
}

#[test]
fn completions_are_scripts_for_each_shell() {
    for (shell, words) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef cli-agents"),
        ("fish", "complete -c cli-agents"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion:arg-completer"),
    ] {
        let ran = agents(&format!("completions {shell}"));
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{shell}");
        assert!(ran.out.contains(words), "{shell}: {}", ran.out);
        for command in COMMANDS {
            assert!(ran.out.contains(command), "{shell}: {command}");
        }
    }
}

#[cfg(unix)]
mod shells {
    use super::*;
    use std::fs::File;
    use std::io::{ErrorKind, Write as _};

    use tempfile::TempDir;

    /// What a shell says to a script; none if it is not installed.
    fn shell(program: &str, args: &[&str], script: &str) -> Option<Output> {
        let started = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = match started {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let words = format!("NOT TESTED: {program} is not installed\n");
                let said = std::io::stderr().write_all(words.as_bytes());
                said.expect("there is somebody to tell");
                return None;
            }
            started => started.expect("it starts"),
        };
        let mut input = child.stdin.take().expect("it listens");
        input.write_all(script.as_bytes()).expect("it reads");
        drop(input);
        Some(child.wait_with_output().expect("it ends"))
    }

    #[test]
    fn shells_understand_their_scripts() {
        for (program, args) in [
            ("bash", ["-n"]),
            ("zsh", ["-n"]),
            ("fish", ["--no-execute"]),
        ] {
            let script = agents(&format!("completions {program}")).out;
            if let Some(output) = shell(program, &args, &script) {
                assert!(output.status.success(), "{program}: {output:?}");
                assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{program}");
            }
        }
    }

    #[test]
    fn bash_completes_commands_agents_and_values() {
        let script = agents("completions bash").out;
        for (typed, wanted) in [
            ("st", "start"),
            ("run Th", "Thermostat"),
            ("send --per", "--performative"),
            ("send --performative query", "query-if query-ref"),
            ("completions f", "fish"),
        ] {
            let words: Vec<&str> = typed.split(' ').collect();
            let (last, before) = (words[words.len() - 1], words.len() - 1);
            let previous = if before == 0 {
                "cli-agents"
            } else {
                words[before - 1]
            };
            let asked = format!(
                "{script}\nCOMP_WORDS=(cli-agents {typed}); COMP_CWORD={}\n\
                 _cli_agents cli-agents {last} {previous}\necho \"${{COMPREPLY[@]}}\"\n",
                words.len()
            );
            let Some(output) = shell("bash", &["-s"], &asked) else {
                return;
            };
            assert_eq!(
                String::from_utf8_lossy(&output.stdout).trim(),
                wanted,
                "{typed}: {output:?}"
            );
        }
    }

    #[test]
    fn manual_pages_are_read_by_roff() {
        let folder = TempDir::new().expect("there is a place for temporary files");
        let out = folder.path().join("man1");
        let ran = agents(&format!("man --out {}", out.display()));
        assert_eq!(
            (ran.code, ran.out.as_str(), ran.err.as_str()),
            (Some(0), "", "")
        );
        let page = |name: &str| {
            let path = out.join(format!("{name}.1"));
            std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
        };
        assert_eq!(page("cli-agents"), agents("man").out);
        for command in COMMANDS {
            let page = page(&format!("cli-agents-{command}"));
            assert!(
                page.contains(".SH SYNOPSIS\n") && page.contains(".SH EXAMPLES\n"),
                "{page}"
            );
            let Some(output) = shell("groff", &["-k", "-man", "-ww", "-Tutf8"], &page) else {
                return;
            };
            assert!(output.status.success(), "{output:?}");
            assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{command}");
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(text.contains(&format!("cli-agents {command}")), "{text}");
        }
        assert!(page("cli-agents").contains("Thermostat"));
    }

    /// As in `prog man | head -1`.
    #[test]
    fn who_reads_no_more_is_no_failure() {
        for line in ["man", "--help", "run --help", "agents", "completions zsh"] {
            // Nobody reads, from the first byte on.
            let (reader, writer) = std::io::pipe().expect("the system has pipes");
            drop(reader);
            let output = Command::new(PROGRAM)
                .args(line.split(' '))
                .stdin(Stdio::null())
                .stdout(writer)
                .output()
                .expect("it starts");
            let ran = Ran::from(output);
            assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{line}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_a_failure() {
        for line in ["man", "--version", "agents", "completions bash"] {
            let full = File::options()
                .write(true)
                .open("/dev/full")
                .expect("it is there");
            let output = Command::new(PROGRAM)
                .args(line.split(' '))
                .stdin(Stdio::null())
                .stdout(full)
                .output()
                .expect("it starts");
            let ran = Ran::from(output);
            assert_eq!(ran.code, Some(1), "{line}: {ran:?}");
            assert!(
                ran.err
                    .starts_with("error: the standard output cannot be written: "),
                "{ran:?}"
            );
        }
    }
}
