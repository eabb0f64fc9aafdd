//! The command line, as a person meets it.

use std::path::PathBuf;

use peak_tests::{Ran, end, example, run, start_in};

const AGENTS: &str = env!("CARGO_BIN_EXE_cli-agents");

fn agents(line: &str) -> Ran {
    run(AGENTS, &line.split_whitespace().collect::<Vec<_>>())
}

/// The log without the times, which differ from run to run.
fn log(ran: &Ran) -> Vec<String> {
    let timeless = |line: &str| match line.split_once(' ') {
        Some((time, rest)) if time.len() == 12 && time.matches(':').count() == 2 => rest.to_owned(),
        _ => line.to_owned(),
    };
    ran.err.lines().map(timeless).collect()
}

/// The same without the lines that say who is ready, and the table: what the agents say.
fn said(ran: &Ran) -> Vec<String> {
    let mut lines = log(ran);
    lines.retain(|line| !line.ends_with("  is ready"));
    let begin = lines.iter().position(|line| line.starts_with("name "));
    let end = lines.iter().position(|line| line.contains(" ended, "));
    if let (Some(begin), Some(end)) = (begin, end) {
        lines.drain(begin..end);
    }
    lines
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn hello_says_hello() {
    let ran = run(example("hello"), &["run"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lines = log(&ran);
    assert_eq!(lines[0], "INFO  hello@localhost/main  Hello World");
    assert!(
        lines[1].starts_with("INFO  1 agent ended, 0 messages, "),
        "{lines:?}"
    );
    assert_eq!(ran.out, "");
}

#[test]
fn sender_and_receiver_start_from_their_file() {
    let program = example("sender_receiver");
    let ran = run(&program, &["start", "examples/sender_receiver/mas.yaml"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lines = said(&ran);
    assert_eq!(
        lines[0],
        "INFO  harry@localhost/main  john@localhost/main says: Hello World"
    );
    assert!(
        lines[1].starts_with("INFO  2 agents ended, 1 message, "),
        "{lines:?}"
    );

    let args = ["start", "--check", "examples/sender_receiver/mas.yaml"];
    let ran = run(&program, &args);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(
        ran.out,
        "examples/sender_receiver/mas.yaml: 2 agents: 1 Receiver, 1 Sender\n"
    );
    assert_eq!(ran.err, "");
}

#[test]
fn peaks_spellings_parameters_and_clones() {
    let ran = agents(
        "run Thermostat -jid Bob@localhost -clones 2 --param room=attic --param target=22 \
         -log_level INFO",
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mut lines = log(&ran);
    lines.pop();
    lines.sort();
    assert_eq!(
        lines,
        [
            "INFO  bob0@localhost/main  22 every 5s room=attic",
            "INFO  bob1@localhost/main  22 every 5s room=attic",
        ]
    );
}

#[test]
fn usage_errors_come_all_at_once_and_start_nothing() {
    let ran = agents("run Thermostat -j bob --param rom=x --param target=warm --param x");
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert_eq!(
        ran.err,
        "error: `--param x` has no name and value\n\
         hint: write it as `--param name=value`\n\
         error: parameter of Thermostat: there is no `rom`: did you mean `room`?\n\
         error: parameter of Thermostat: `target`: invalid type: string \"warm\", expected f64\n\
         error: parameter of Thermostat: `room` (String) is required: Where it hangs.\n\
         error: `bob` is not the address of an agent: it has no name\n\
         hint: write it as `bob@localhost`\n"
    );
    for (line, words) in [
        ("run", "which agent? this program has `Answerer`, "),
        ("run Thermstat", "hint: did you mean `Thermostat`?"),
        ("rum", "a similar subcommand exists: 'run'"),
        (
            "run Thermostat --room attic",
            "error: `room` is a parameter of Thermostat, not a flag\n\
             hint: write `--param room=attic`\n",
        ),
        ("run Thermostat -room=attic", "`--param room=attic`"),
        ("run Thermostat --seed 3 --target", "`--param target=VALUE`"),
        (
            "run Thermostat --colour red",
            "unexpected argument '--colour'",
        ),
        ("run Idle -clones 0", "0 is not in 1..="),
        ("run Idle --log-level loud", "a level is off, error, warn"),
        ("run Idle -j a@b@c", "it has more than one `@`"),
        ("start nowhere.yaml", "nowhere.yaml: there is no such file"),
        ("start tests", "error: tests: this is a directory"),
    ] {
        let ran = agents(line);
        assert_eq!(ran.code, Some(2), "{line}: {ran:?}");
        assert!(ran.err.contains(words), "{line}: {ran:?}");
        assert_eq!(ran.out, "", "{line}");
    }
}

#[test]
fn help_lists_the_agents() {
    for line in ["", "--help", "run --help"] {
        let ran = agents(line);
        // Nothing was asked for, so nothing was done.
        assert_eq!(ran.code, Some(if line.is_empty() { 2 } else { 0 }));
        for part in [
            "  Thermostat                      Says what it was given and stops.\n",
            "    target: f64 = 21.0            In degrees Celsius.\n",
            "    room: String (required)       Where it hangs.\n",
        ] {
            assert!(ran.out.contains(part), "{line}: {}", ran.out);
        }
        assert!(!ran.out.contains("A second paragraph"));
        assert!(!ran.out.contains('\x1b'));
    }
    assert!(agents("agents").out.contains("\n  A second paragraph"));
}

#[test]
fn without_a_word_it_starts_the_file_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let alone = || end(start_in(folder.path(), AGENTS, &[]));
    let ran = alone();
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.out.contains("Usage: "), "{ran:?}");

    let mas = folder.path().join("mas.yaml");
    std::fs::write(&mas, "agents: {thermostat: {params: {room: attic}}}\n").unwrap();
    let ran = alone();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.err.contains("thermostat@localhost/main  21 every "),
        "{ran:?}"
    );

    std::fs::write(&mas, "agents: {thermostat: }\n").unwrap();
    let ran = alone();
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.starts_with("error: mas.yaml:1:10: "), "{ran:?}");
    assert_eq!(ran.out, "");
}

#[test]
fn what_fails_is_told_and_is_the_exit_code() {
    let ran = agents("run faulty");
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let lines = log(&ran);
    assert_eq!(
        lines[..2],
        [
            "ERROR faulty@localhost/main  the boiler is cold; the behaviour has ended behaviour=fail",
            "error: faulty@localhost/main: fail: the boiler is cold",
        ]
    );

    let ran = agents("run faulty --param panic=true");
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let lines = log(&ran);
    assert_eq!(lines.len(), 4, "no backtrace: {ran:?}");
    assert!(
        lines[0].starts_with("ERROR faulty@localhost/main  panicked at tests/cli_agents.rs:")
            && lines[0].ends_with(": the boiler has burst"),
        "{ran:?}"
    );
    assert_eq!(
        lines[1],
        "ERROR faulty@localhost/main  panicked: the boiler has burst; the behaviour has ended behaviour=fail"
    );
}

#[test]
fn an_agent_that_does_not_start_stops_the_others() {
    let text = "agents: {idle: , unwilling: , late: {agent: Idle}}\n";
    let path = file("unwilling.yaml", text);
    let ran = agents(&format!("start {}", path.display()));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let lines = said(&ran);
    assert_eq!(
        lines[..4],
        [
            "INFO  idle@localhost/main  ready",
            "ERROR unwilling@localhost/main  not today behaviour=refuse",
            "INFO  idle@localhost/main  goodbye",
            "error: not started: `unwilling@localhost/main`: `refuse` failed: not today",
        ]
    );
    assert!(lines[4].starts_with("INFO  2 agents ended"), "{lines:?}");
}

#[test]
fn a_wrong_file_names_line_column_and_key() {
    let text = "agents:\n  bob:\n    agnet: Thermostat\n  kim:\n    agent: Thermostat\n    \
                clones: -1\n";
    let path = file("wrong.yaml", text);
    let ran = agents(&format!("start --check {}", path.display()));
    assert_eq!(ran.code, Some(2), "{ran:?}");
    for (place, words) in [
        (
            "2:3",
            "agent `bob` has no `agent`, and no type has that name",
        ),
        (
            "3:5",
            "unknown key `agnet` in agent `bob`\nhint: did you mean `agent`?",
        ),
        ("4:3", "agent `kim`: parameter `room` (String) is required"),
        (
            "6:13",
            "expected a number of agents, from 1 to 1000000, found the number `-1`",
        ),
    ] {
        let line = format!("error: {}:{place}: {words}", path.display());
        assert!(ran.err.contains(&line), "{line} in {}", ran.err);
    }
}

#[test]
fn a_number_is_no_duration() {
    let text = "agents: {thermostat: {params: {room: attic, every: 5}}}\n";
    let path = file("duration.yaml", text);
    let ran = agents(&format!("start --check {}", path.display()));
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.err.ends_with(
            "`every`: expected a duration, found the number `5`\nhint: write it as \"5s\"\n"
        ),
        "{ran:?}"
    );
}

#[test]
fn keys_without_effect_are_told() {
    let text = "agents:\n  thermostat:\n    port: 5222\n    params: {room: attic}\n";
    let path = file("port.yaml", text);
    let words = format!(
        "{}:3:5: `port` in agent `thermostat` has no effect: ",
        path.display()
    );
    let ran = agents(&format!("start {}", path.display()));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        log(&ran)[0].starts_with(&format!("WARN  {words}")),
        "{ran:?}"
    );
    let ran = agents(&format!("start --check {}", path.display()));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.starts_with(&format!("warning: {words}")), "{ran:?}");
}

#[test]
fn the_help_of_start_lists_the_keys() {
    let ran = agents("start --help");
    for key in ["agents:", "agent:", "params:", "clones:", "defaults:"] {
        assert!(ran.out.contains(&format!("{key} ")), "{key}: {ran:?}");
    }
}

#[test]
fn each_agent_logs_at_its_own_level() {
    let text = "
defaults: {agent: Thermostat, params: {room: attic}}
agents:
  talker: {log_level: debug}
  silent: {log_level: warning}
  usual:
";
    let path = file("levels.yaml", text);
    let ran = agents(&format!("start {}", path.display()));
    let about = |ran: &Ran, name: &str| ran.err.matches(name).count();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("talker@localhost/main  in detail"));
    assert_eq!(about(&ran, "silent@"), 0, "{ran:?}");
    assert_eq!(about(&ran, "usual@"), 2, "{ran:?}");
    let ran = agents(&format!("start -v {}", path.display()));
    assert!(ran.err.contains("silent@localhost/main  in detail"));
}

#[test]
fn a_seed_is_named_and_kept() {
    let ran = agents("run Faulty --seed 42 -v");
    assert!(ran.err.contains("the seed of this run is 42\n"), "{ran:?}");
}

mod xmpp {
    use super::*;

    /// A file that nobody else can read.
    fn secret(name: &str, text: &str) -> PathBuf {
        let path = file(name, text);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        path
    }

    #[test]
    fn other_domains_stay_inside_the_process_if_the_file_says_so() {
        let text = "agents: {thermostat: {domain: a.example, xmpp: false, params: {room: x}}}\n";
        let path = file("inside.yaml", text);
        let ran = agents(&format!("start {}", path.display()));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(
            said(&ran)[0],
            "INFO  thermostat@a.example/main  21 every 5s room=x"
        );
    }

    #[test]
    fn flags_that_are_wrong_say_what_is_right() {
        let ca = file("no-certificate.pem", "none\n");
        let ca = ca.display();
        for (line, words) in [
            (
                "run Idle --password hunter2".to_owned(),
                "error: there is no flag for a password: every user of this machine can read \
                 command lines\n\
                 hint: write it into a file, `chmod 600` that, and give `--password-file FILE`; \
                 or set the variable `PEAK_PASSWORD`\n",
            ),
            (
                "run Idle -password=hunter2".to_owned(),
                "there is no flag for a password",
            ),
            (
                "run Idle --xmpp xmpp://localhost".to_owned(),
                "error: `xmpp://localhost` is not a server: it is a URL\n\
                 hint: write the host alone: `localhost`\n",
            ),
            (
                "run Idle --xmpp localhost:5222 -port 5223".to_owned(),
                "error: the server has the port 5222, and the port 5223 is given too\n\
                 hint: leave one of them out\n",
            ),
            ("run Idle -p 0".to_owned(), "0 is not in 1..=65535"),
            (
                "run Idle --insecure --verify_security".to_owned(),
                "the argument '--insecure' cannot be used with '--verify-security'",
            ),
            (
                "run Idle --ca x --insecure".to_owned(),
                "the argument '--ca <FILE>' cannot be used with '--insecure'",
            ),
            (
                "run Idle --register --no-register".to_owned(),
                "the argument '--register' cannot be used with '--no-register'",
            ),
            (
                "run Idle --jid-password --password-file x".to_owned(),
                "cannot be used with",
            ),
            (
                format!("run Idle --xmpp localhost --ca {ca}"),
                ": there is no certificate in it\n\
                 hint: name a file with certificates in PEM, as `-----BEGIN CERTIFICATE-----`\n",
            ),
            (
                "start nowhere.yaml --xmpp a b --password-file nowhere".to_owned(),
                "unexpected argument 'b' found",
            ),
            (
                "start nowhere.yaml --xmpp [a --password-file nowhere".to_owned(),
                "error: `[a` is not a server: the bracket is not closed\n\
                 hint: write `[::1]:5222`\n\
                 error: there is no file `nowhere`\n\
                 hint: write the password into its first line, and `chmod 600` it\n\
                 error: nowhere.yaml: there is no such file\n",
            ),
            (
                "run Idle -j bob@a.example --credentials tests".to_owned(),
                "error: `tests` is not a regular file\n\
                 hint: name a text file with the password in it\n",
            ),
            (
                "run Idle -j bob@a.example --credentials nowhere".to_owned(),
                "error: there is no password for `bob@a.example`, and no accounts are registered \
                 on the server of `a.example`\n\
                 hint: give one: `--password-file FILE`, the variable `PEAK_PASSWORD`, a line \
                 `bob@a.example PASSWORD` in `nowhere`; or let it register, with `--register`\n",
            ),
        ] {
            let ran = agents(&line);
            assert_eq!(ran.code, Some(2), "{line}: {ran:?}");
            assert!(ran.err.contains(words), "{line}: {}", ran.err);
            assert!(!ran.err.contains("hunter2"), "{line}: {}", ran.err);
            assert_eq!(ran.out, "", "{line}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_flag_is_said_once() {
        file("no-certificate.pem", "none\n");
        let agents_file = file("flag-once.yaml", "agents: {ann: {agent: Idle}}\n");
        let ca = agents_file.with_file_name("no-certificate.pem");
        let ran = agents(&format!(
            "start {} --xmpp localhost --ca {}",
            agents_file.display(),
            ca.display()
        ));
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert_eq!(ran.err.matches("error: ").count(), 1, "{}", ran.err);
    }

    #[cfg(unix)]
    #[test]
    fn a_password_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let path = secret("open-password", "hunter2\n");
        let check = || {
            agents(&format!(
                "run Idle --xmpp localhost --password-file {}",
                path.display()
            ))
        };
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let ran = check();
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert_eq!(
            ran.err,
            format!(
                "error: `{path}` holds passwords, and other users can get at it (its mode is \
                 640)\nhint: `chmod 600 {path}`\n",
                path = path.display()
            )
        );
    }

    #[test]
    fn a_file_is_checked_without_connecting() {
        secret("check-password", "hunter2\n");
        file(
            "check-ca.pem",
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        );
        // Port 9 of a name that nobody has: whoever connects fails.
        let text = "
defaults: {domain: a.example, verify_security: false}
agents:
  idle: {xmpp: {server: 'xmpp.invalid:9', password_file: check-password}}
  bob:
    agent: Idle
    domain: b.example
    xmpp: {ca: check-ca.pem, register: true}
";
        let path = file("check.yaml", text);
        let ran = agents(&format!("start --check {}", path.display()));
        let path = path.display();
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(ran.out, format!("{path}: 2 agents: 2 Idle\n"));
        assert_eq!(
            ran.err,
            format!(
                "warning: {path}:2:48: `verify_security: false`: the certificate of the server \
                 is not verified, so whoever is in between can read everything, passwords too; \
                 leave the key out, or name a `ca`\n"
            )
        );
    }

    #[test]
    fn flags_without_effect_are_told() {
        let ran = agents("run Thermostat --param room=attic --port 5222 --verify_security");
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(
            log(&ran)[0],
            "WARN  `--port` has no effect: the agents are on the network inside the process"
        );
        assert!(!ran.err.contains("verify"), "{ran:?}");
    }

    #[test]
    fn the_help_tells_of_servers() {
        for command in ["run", "start"] {
            let ran = agents(&format!("{command} --help"));
            for words in [
                "XMPP server:\n",
                "--xmpp <HOST[:PORT]>",
                "--ca <FILE>",
                "--insecure",
                "--password-file <FILE>",
                "--credentials <FILE>",
                "--no-register",
                "--jid-password",
                "--direct-tls",
            ] {
                assert!(ran.out.contains(words), "{words}: {}", ran.out);
            }
        }
        let ran = agents("start --help");
        for key in [
            "xmpp:",
            "password_file:",
            "component:",
            "route:",
            "secret_env:",
        ] {
            assert!(ran.out.contains(&format!("{key} ")), "{key}: {ran:?}");
        }
    }
}

/// Agents on real servers, as the command line and a file have them.
#[cfg(unix)]
mod servers {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use peak_tests::servers::Server;

    /// Where a server is and who vouches for it.
    fn there(server: &Server) -> String {
        format!(
            "--xmpp localhost:{} --ca {}",
            server.port(),
            server.ca().display()
        )
    }

    fn write(path: &Path, text: &str) {
        std::fs::write(path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Accounts are made, written down, and used again when there is no registration.
    #[test]
    #[ignore = "needs Prosody"]
    fn registered_accounts_are_kept_for_the_next_time() {
        let server = Server::prosody().start();
        let credentials = server.folder().join("of-agents/credentials");
        let there = there(&server);
        let line = format!(
            "run Thermostat -j bob@localhost --clones 3 --param room=attic {there} --credentials {}",
            credentials.display()
        );
        let ran = agents(&line);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(ran.err.matches("21 every 5s").count(), 3, "{ran:?}");
        let kept = std::fs::read_to_string(&credentials).unwrap();
        let mode = std::fs::metadata(&credentials)
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(kept.lines().count(), 3, "{}", kept.lines().count());
        for account in ["bob0@localhost ", "bob1@localhost ", "bob2@localhost "] {
            assert!(kept.contains(account), "{account}");
        }
        for password in kept.lines().filter_map(|line| line.split(' ').nth(1)) {
            assert!(!ran.err.contains(password));
        }

        let again = agents(&format!("{line} --no-register"));
        assert_eq!(again.code, Some(0), "{again:?}");
        assert_eq!(std::fs::read_to_string(&credentials).unwrap(), kept);

        // Without the file nobody knows the password, and that is said before anything connects.
        std::fs::remove_file(&credentials).unwrap();
        let lost = agents(&format!("{line} --no-register"));
        assert_eq!(lost.code, Some(2), "{lost:?}");
        assert!(
            lost.err
                .starts_with("error: there is no password for `bob0@localhost`"),
            "{lost:?}"
        );
    }

    /// A password that cannot be written down is of no account: the server has not heard of it.
    #[test]
    #[ignore = "needs Prosody"]
    fn a_full_disk_is_found_before_an_account_is_made() {
        let server = Server::prosody().start();
        let credentials = server.folder().join("credentials");
        write(&credentials, "# ours\n");
        let line = format!(
            "{AGENTS} run Thermostat --param room=x {} --credentials {}",
            there(&server),
            credentials.display()
        );
        // No file may grow: whoever writes is told so, as on a disk that is full.
        let full = format!("trap '' XFSZ; ulimit -f 0; exec {line}");
        let ran = run("/bin/sh", &["-c", &full]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        let words = format!(
            "`{}` cannot be written: File too large",
            credentials.display()
        );
        assert!(ran.err.contains(&words), "{ran:?}");
        let names = |folder: &Path| -> Vec<_> {
            let entries = std::fs::read_dir(folder).unwrap();
            let names = entries.map(|entry| entry.unwrap().file_name());
            names
                .filter(|name| name.to_string_lossy().contains("credentials"))
                .collect()
        };
        assert_eq!(std::fs::read_to_string(&credentials).unwrap(), "# ours\n");
        assert_eq!(names(server.folder()).len(), 2, "the file and its lock");

        // Had the account been made, its name would be taken.
        let ran = run("/bin/sh", &["-c", &line]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }

    #[test]
    #[ignore = "needs Prosody"]
    fn passwords_from_a_file_and_as_peak_has_them() {
        let server = Server::prosody().start();
        let there = there(&server);
        server.add_account("answerer", "correct horse");
        server.add_account("asker", "asker@localhost");
        let folder = server.folder();
        write(&folder.join("answerer.password"), "correct horse\n");
        let text = format!(
            "
defaults: {{xmpp: {{server: 'localhost:{}', ca: {}, register: false}}}}
agents:
  answerer: {{xmpp: {{password_file: answerer.password, route: server}}}}
  asker: {{xmpp: {{jid_password: true, route: server}}, params: {{whom: answerer@localhost}}}}
",
            server.port(),
            server.ca().display()
        );
        let path = folder.join("two.yaml");
        write(&path, &text);
        let ran = agents(&format!("start {}", path.display()));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let answer = "INFO  asker@localhost/main  it is answerer@localhost/main";
        assert!(log(&ran).iter().any(|line| line == answer), "{ran:?}");

        let wrong = folder.join("wrong.password");
        write(&wrong, "hunter2\n");
        let line = format!(
            "run Idle -j answerer@localhost {there} --no-register --password-file {}",
            wrong.display()
        );
        let ran = agents(&line);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(
            ran.err.contains("error: not started: ") && ran.err.contains("answerer@localhost"),
            "{ran:?}"
        );
        assert!(!ran.err.contains("hunter2"), "{ran:?}");
    }

    #[test]
    #[ignore = "needs Prosody"]
    fn certificates_are_verified_unless_somebody_says_aloud_that_they_are_not() {
        let server = Server::prosody().start();
        let port = server.port();
        let credentials = server.folder().join("credentials");
        let thermostat = format!(
            "run Thermostat --param room=x --xmpp localhost:{port} --credentials {}",
            credentials.display()
        );
        let ran = agents(&thermostat);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.err.contains("certificate"), "{ran:?}");
        // Nobody has an account there: nothing is written down.
        let kept = std::fs::read_to_string(&credentials).unwrap_or_default();
        assert_eq!(kept, "");

        let ran = agents(&format!("{thermostat} --insecure"));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(
            log(&ran)[0],
            "WARN  the certificate of `localhost` is not verified: whoever is in between can \
             read everything, passwords too"
        );
    }

    #[test]
    #[ignore = "needs Prosody"]
    fn agents_behind_one_component() {
        let server = Server::prosody().start();
        let folder = server.folder();
        write(
            &folder.join("agents.secret"),
            &format!("{}\n", server.component_secret()),
        );
        let text = format!(
            "
defaults:
  xmpp:
    server: localhost:{}
    component: {component}
    secret_file: agents.secret
    route: server
agents:
  answerer:
  asker: {{params: {{whom: 'answerer@{component}'}}}}
",
            server.component_port(),
            component = server.component(),
        );
        let path = folder.join("component.yaml");
        write(&path, &text);
        let ran = agents(&format!("start {}", path.display()));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let answer = format!("it is answerer@{}/main", server.component());
        assert!(ran.err.contains(&answer), "{ran:?}");
    }
}

#[cfg(unix)]
mod signals {
    use super::*;
    use std::io::Read as _;
    use std::process::Child;
    use std::time::{Duration, Instant};

    use peak_tests::{end, start};

    /// Reads the log, no further than the line that says `what`.
    fn wait_until(child: &mut Child, what: &str) {
        let err = child.stderr.as_mut().unwrap();
        let mut line = Vec::new();
        while !(line.ends_with(b"\n") && String::from_utf8_lossy(&line).contains(what)) {
            if line.ends_with(b"\n") {
                line.clear();
            }
            let mut byte = [0];
            assert_eq!(err.read(&mut byte).unwrap(), 1, "it ended early");
            line.push(byte[0]);
        }
    }

    fn interrupt(child: &Child) {
        let pid = child.id().to_string();
        assert!(run("/bin/kill", &["-INT", &pid]).code == Some(0));
    }

    #[test]
    fn ctrl_c_stops_them_in_order() {
        let mut child = start(AGENTS, &["run", "Idle", "-v"]);
        wait_until(&mut child, "1 agent started");
        interrupt(&child);
        let ran = end(child);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let lines = log(&ran);
        let said: Vec<_> = lines
            .iter()
            .filter(|line| !line.starts_with("DEBUG"))
            .collect();
        assert_eq!(
            said[..2],
            [
                "INFO  stopping 1 agent",
                "INFO  idle@localhost/main  goodbye"
            ]
        );
    }

    #[test]
    fn a_second_ctrl_c_ends_it_at_once() {
        let begin = Instant::now();
        let mut child = start(AGENTS, &["run", "Idle", "--param", "stubborn=true", "-v"]);
        wait_until(&mut child, "1 agent started");
        interrupt(&child);
        std::thread::sleep(Duration::from_millis(300));
        interrupt(&child);
        let ran = end(child);
        assert_eq!(ran.code, Some(130), "{ran:?}");
        assert!(begin.elapsed() < Duration::from_secs(10));
    }

    /// Two signals at once are one; and who takes long is named.
    #[test]
    fn one_press_may_come_twice() {
        let mut child = start(AGENTS, &["run", "Idle", "--param", "stubborn=true", "-v"]);
        wait_until(&mut child, "1 agent started");
        interrupt(&child);
        interrupt(&child);
        wait_until(
            &mut child,
            "still stopping idle@localhost/main: press Ctrl-C again to end at once",
        );
        interrupt(&child);
        let ran = end(child);
        assert_eq!(ran.code, Some(130), "{ran:?}");
        assert!(ran.err.contains("INFO  0 of 1 agent ended, "), "{ran:?}");
    }

    #[test]
    fn ctrl_c_while_agents_start() {
        let mut child = start(AGENTS, &["run", "Unwilling", "--param", "after=1h", "-v"]);
        wait_until(&mut child, "ready to refuse");
        interrupt(&child);
        let ran = end(child);
        assert_eq!(ran.code, Some(130), "{ran:?}");
        assert!(
            ran.err
                .contains("error: interrupted before all agents had started\n"),
            "{ran:?}"
        );
    }

    /// Every thread of the runtime is blocked, and the user presses Ctrl-C once.
    #[test]
    fn agents_that_never_stop_do_not_keep_the_program() {
        let begin = Instant::now();
        let line = [
            "run",
            "Idle",
            "--clones",
            "8",
            "--param",
            "stubborn=true",
            "-v",
        ];
        let mut child = start(AGENTS, &line);
        wait_until(&mut child, "8 agents started");
        interrupt(&child);
        let ran = end(child);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(
            ran.err.contains(
                "error: agents block every thread: the program ends without them\nhint: "
            ),
            "{ran:?}"
        );
        assert!(
            begin.elapsed() < Duration::from_secs(40),
            "{:?}",
            begin.elapsed()
        );
    }
}
