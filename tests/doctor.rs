//! `doctor`, on servers that have everything, on servers that lack something, and on what is none.
#![cfg(unix)]

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use peak_tests::servers::{Builder, Server, Wrong};
use peak_tests::{Ran, both, end, run, start, workspace};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cli-agents");

both! {
    as_shipped_everything_is_there
    without_stream_management
    without_pings
    without_rooms
    without_publish_subscribe
    without_contacts
    without_registration
    without_encryption
    with_a_certificate_for_another_name
    with_a_certificate_that_has_expired
    with_a_certificate_that_nobody_has_signed
    with_an_archive
    an_account_of_ones_own
    a_component_that_is_let_in_and_one_that_is_not
    ports_where_something_else_listens
    a_server_that_stands_still
}

fn doctor(args: &[&str]) -> Ran {
    let args = [&["doctor"], args].concat();
    run(PROGRAM, &args)
}

/// What it says of a server, with all its ports.
fn look(server: &Server, more: &[&str]) -> (Ran, Value) {
    let place = format!("localhost:{}", server.port());
    let tls = server.tls_port().to_string();
    let component = server.component_port().to_string();
    let ca = server.ca().display().to_string();
    let mut args = vec!["localhost", "--json", "--xmpp", &place];
    for (flag, value) in [("--tls-port", &tls), ("--component-port", &component)] {
        if !more.contains(&flag) {
            args.extend([flag, value]);
        }
    }
    if !more.contains(&"--insecure") {
        args.extend(["--ca", &ca]);
    }
    let ran = doctor(&[&args[..], more].concat());
    let json = json(&ran);
    (ran, json)
}

fn json(ran: &Ran) -> Value {
    let json: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| {
        panic!("{error}: {ran:?}");
    });
    assert_eq!(json["ok"], ran.code == Some(0), "{ran:?}");
    json
}

fn check<'a>(json: &'a Value, name: &str) -> &'a Value {
    let checks = json["checks"].as_array().expect("there are checks");
    let check = checks.iter().find(|check| check["name"] == name);
    check.unwrap_or_else(|| panic!("no check {name}: {json:#}"))
}

fn status<'a>(json: &'a Value, name: &str) -> &'a str {
    check(json, name)["status"].as_str().expect("it has one")
}

fn detail<'a>(json: &'a Value, name: &str) -> &'a str {
    check(json, name)["detail"].as_str().expect("it has one")
}

/// What is required or recommended and has this status.
fn with_status<'a>(json: &'a Value, status: &str) -> Vec<&'a str> {
    let checks = json["checks"].as_array().expect("there are checks");
    let checks = checks.iter().filter(|check| {
        check["status"] == status && (check["required"] == true || check["recommended"] == true)
    });
    checks.filter_map(|check| check["name"].as_str()).collect()
}

/// This is missing, that is broken, and all else is there.
#[track_caller]
fn only(seen: &(Ran, Value), missing: &[&str], broken: &[&str], code: i32) {
    let (ran, json) = seen;
    assert_eq!(with_status(json, "missing"), missing, "{json:#}");
    assert_eq!(with_status(json, "broken"), broken, "{json:#}");
    assert_eq!(with_status(json, "not checked"), [""; 0], "{json:#}");
    assert_eq!(json["left_over"], Value::Null);
    assert_eq!(ran.code, Some(code), "{json:#}");
    assert_eq!(ran.err, "");
}

fn as_shipped_everything_is_there(builder: Builder) {
    let server = builder.start();
    let seen = look(&server, &[]);
    only(&seen, &[], &[], 0);
    let (_, json) = &seen;
    assert_eq!(json["server"], format!("localhost:{}", server.port()));
    assert_eq!(status(json, "direct-tls"), "present");
    assert_eq!(status(json, "offline"), "missing");
    assert_eq!(status(json, "archive"), "missing");
    assert_eq!(detail(json, "tls-version"), "TLS 1.3");
    let certificate = detail(json, "certificate");
    assert!(
        certificate.contains("issued by Authority of a test"),
        "{certificate}"
    );
    assert!(check(json, "certificate")["caution"].is_null());
    assert!(check(json, "round-trip")["caution"].is_null(), "{json:#}");
    assert!(
        detail(json, "login").starts_with("SCRAM-SHA-256"),
        "{json:#}"
    );

    // The account that it made is gone.
    let account = detail(json, "account");
    let account = account
        .split(',')
        .next()
        .expect("it begins with the address");
    assert!(account.starts_with("peak-doctor-"), "{account}");
    let name = account.strip_suffix("@localhost").expect("it is there");
    server.add_account(name, "another password");

    // For people it is a line each, and nothing to put right.
    let place = format!("localhost:{}", server.port());
    let ports = [server.tls_port(), server.component_port()].map(|port| port.to_string());
    let ca = server.ca().display().to_string();
    let mut args = vec!["localhost", "--xmpp", &place, "--ca", &ca];
    args.extend(["--tls-port", &ports[0], "--component-port", &ports[1]]);
    let ran = doctor(&args);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let first = format!("The XMPP server of localhost, at {place}\n");
    assert!(ran.out.starts_with(&first), "{}", ran.out);
    assert!(
        ran.out
            .ends_with("\nAgents can run there, and have all they use.\n"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("\npresent      rooms (XEP-0045)  "),
        "{}",
        ran.out
    );
    assert!(
        !ran.out.contains("Prosody:") && !ran.out.contains('\x1b'),
        "{}",
        ran.out
    );

    args.push("-v");
    let ran = doctor(&args);
    assert!(
        ran.out
            .contains("Component(\"conference.localhost\") \"muc\""),
        "{}",
        ran.out
    );
}

/// Only this is missing, and agents run all the same.
#[track_caller]
fn is_missed(builder: Builder, module: &str, check_name: &str, lines: [&str; 2]) {
    let server = builder.without(module).start();
    let seen = look(&server, &[]);
    only(&seen, &[check_name], &[], 0);
    let remedy = &check(&seen.1, check_name)["remedy"];
    let [prosody, ejabberd] = lines;
    for (server, line) in [("prosody", prosody), ("ejabberd", ejabberd)] {
        let lines = remedy[server].as_str().expect("there is one");
        assert!(lines.contains(line), "{lines}");
    }
}

fn without_stream_management(builder: Builder) {
    is_missed(
        builder,
        "smacks",
        "stream-management",
        ["\"smacks\"", "mod_stream_mgmt"],
    );
}

fn without_pings(builder: Builder) {
    is_missed(builder, "ping", "ping", ["\"ping\"", "mod_ping"]);
}

/// Rooms and the like are found by their usual names.
#[test]
#[ignore = "needs ejabberd"]
fn without_discovery() {
    let lines = ["\"disco\"", "mod_disco"];
    is_missed(Server::ejabberd(), "disco", "disco", lines);
}

/// Prosody runs neither of them then.
#[test]
#[ignore = "needs Prosody"]
fn without_discovery_and_all_that_needs_it() {
    let server = Server::prosody().without("disco").start();
    only(&look(&server, &[]), &["disco", "rooms", "pubsub"], &[], 0);
}

fn without_rooms(builder: Builder) {
    is_missed(builder, "muc", "rooms", ["conference.localhost", "mod_muc"]);
}

fn without_publish_subscribe(builder: Builder) {
    is_missed(
        builder,
        "pubsub",
        "pubsub",
        ["pubsub.localhost", "mod_pubsub"],
    );
}

fn without_contacts(builder: Builder) {
    is_missed(builder, "roster", "contacts", ["\"roster\"", "mod_roster"]);
}

/// A file that nobody else can read.
fn secret(server: &Server, name: &str, text: &str) -> String {
    let path: PathBuf = server.folder().join(name);
    std::fs::write(&path, text).expect("the folder of a test is writable");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
        .expect("it is our file");
    path.display().to_string()
}

fn without_registration(builder: Builder) {
    let server = builder.without_registration().start();
    let (ran, json) = look(&server, &[]);
    assert_eq!(ran.code, Some(0), "{json:#}");
    assert_eq!(with_status(&json, "missing"), ["registration"], "{json:#}");
    assert_eq!(
        with_status(&json, "not checked"),
        [
            "bind",
            "stream-management",
            "ping",
            "disco",
            "message",
            "contacts",
            "rooms",
            "pubsub"
        ]
    );
    assert_eq!(detail(&json, "rooms"), "no account");

    // With an account all is seen but that.
    server.add_account("ada", "secret");
    let file = secret(&server, "password", "secret\n");
    let seen = look(&server, &["-j", "ada@localhost", "--password-file", &file]);
    // ejabberd offers it to everybody, and refuses it then.
    let is_offered = detail(&json, "registration").starts_with("offered");
    let missing: &[&str] = if is_offered { &[] } else { &["registration"] };
    only(&seen, missing, &[], 0);
}

fn without_encryption(builder: Builder) {
    let server = builder.plain_only().start();
    let (ran, json) = look(&server, &[]);
    assert_eq!(ran.code, Some(1), "{json:#}");
    assert_eq!(with_status(&json, "missing"), ["starttls"], "{json:#}");
    assert_eq!(status(&json, "account"), "not checked");

    let seen = look(&server, &["--insecure"]);
    only(&seen, &[], &[], 0);
    assert_eq!(status(&seen.1, "starttls"), "missing");
}

#[track_caller]
fn is_refused(builder: Builder, wrong: Wrong, words: &str) {
    let server = builder.certificate(wrong).start();
    let (ran, json) = look(&server, &[]);
    assert_eq!(ran.code, Some(1), "{json:#}");
    assert_eq!(with_status(&json, "missing"), [""; 0], "{json:#}");
    assert_eq!(with_status(&json, "broken"), ["certificate"], "{json:#}");
    assert!(detail(&json, "certificate").contains(words), "{json:#}");
    assert_eq!(status(&json, "login"), "present");
    // Nothing secret is said to such a server, and no account is made there.
    assert_eq!(status(&json, "account"), "not checked");

    let seen = look(&server, &["--insecure"]);
    only(&seen, &[], &[], 0);
    assert_eq!(status(&seen.1, "certificate"), "not checked");
}

fn with_a_certificate_for_another_name(builder: Builder) {
    is_refused(builder, Wrong::Name, "it is for elsewhere.example");
}

fn with_a_certificate_that_has_expired(builder: Builder) {
    is_refused(builder, Wrong::Expired, "it has expired");
}

fn with_a_certificate_that_nobody_has_signed(builder: Builder) {
    is_refused(
        builder,
        Wrong::SelfSigned,
        "nobody that is trusted here has signed it",
    );
}

fn with_an_archive(builder: Builder) {
    let server = builder.with_mam().start();
    let seen = look(&server, &[]);
    only(&seen, &[], &[], 0);
    assert_eq!(status(&seen.1, "archive"), "present");
    let caution = check(&seen.1, "archive")["caution"].as_str();
    assert!(
        caution.is_some_and(|words| words.contains("slower")),
        "{caution:?}"
    );
}

fn an_account_of_ones_own(builder: Builder) {
    let server = builder.start();
    server.add_account("ada", "secret");
    let file = secret(&server, "password", "secret\n");
    let wrong = secret(&server, "wrong", "public\n");
    let account = ["-j", "ada@localhost", "--password-file"];
    // Twice: it is still there after the first time.
    for _ in 0..2 {
        let seen = look(&server, &[&account[..], &[&file]].concat());
        only(&seen, &[], &[], 0);
        assert_eq!(detail(&seen.1, "account"), "ada@localhost, yours");
        assert_eq!(detail(&seen.1, "registration"), "offered, not tried");
    }
    let (ran, json) = look(&server, &[&account[..], &[&wrong]].concat());
    assert_eq!(ran.code, Some(1), "{json:#}");
    assert_eq!(with_status(&json, "broken"), ["account"], "{json:#}");
    let words = detail(&json, "account");
    assert!(
        words.contains("refuses the password of `ada@localhost`"),
        "{words}"
    );
    assert!(!ran.out.contains("public"));
}

fn a_component_that_is_let_in_and_one_that_is_not(builder: Builder) {
    let server = builder.start();
    let right = secret(&server, "right", server.component_secret());
    let wrong = secret(&server, "wrong", "another");
    let component = ["--component", server.component(), "--secret-file"];
    let seen = look(&server, &[&component[..], &[&right]].concat());
    only(&seen, &[], &[], 0);
    let words = detail(&seen.1, "component");
    assert!(words.ends_with("takes `agents.localhost`"), "{words}");
    let seen = look(&server, &[&component[..], &[&wrong]].concat());
    only(&seen, &[], &["component"], 0);
}

fn ports_where_something_else_listens(builder: Builder) {
    let server = builder.start();
    let (client, tls) = (server.port().to_string(), server.tls_port().to_string());
    let seen = look(&server, &["--tls-port", &client, "--component-port", &tls]);
    only(&seen, &[], &["component"], 0);
    assert_eq!(status(&seen.1, "direct-tls"), "broken");

    let nobody = nobody().to_string();
    let seen = look(
        &server,
        &["--tls-port", &nobody, "--component-port", &nobody],
    );
    only(&seen, &["component"], &[], 0);
    assert_eq!(status(&seen.1, "direct-tls"), "missing");
}

fn a_server_that_stands_still(builder: Builder) {
    let server = builder.start();
    server.freeze();
    let begin = Instant::now();
    let (ran, json) = look(&server, &[]);
    assert!(
        begin.elapsed() < Duration::from_secs(15),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(ran.code, Some(1));
    assert_eq!(with_status(&json, "broken"), ["xmpp"], "{json:#}");
    assert!(
        detail(&json, "xmpp").contains("did not answer within"),
        "{json:#}"
    );
    server.thaw();
    only(&look(&server, &[]), &[], &[], 0);
}

#[test]
#[ignore = "needs Prosody"]
fn tls_from_the_first_byte_on() {
    let server = Server::prosody().start();
    let tls = server.tls_port().to_string();
    let component = server.component_port().to_string();
    let ca = server.ca().display().to_string();
    let seen = doctor(&[
        "localhost",
        "--json",
        "--direct-tls",
        "--port",
        &tls,
        "--component-port",
        &component,
        "--ca",
        &ca,
    ]);
    let json = json(&seen);
    assert_eq!(status(&json, "direct-tls"), "present");
    assert_eq!(check(&json, "direct-tls")["required"], true);
    assert_eq!(status(&json, "starttls"), "not checked");
    only(&(seen, json), &[], &[], 0);
}

/// The account that was made for it is removed also when the user has had enough.
#[test]
#[ignore = "needs Prosody"]
fn nothing_is_left_behind_when_it_is_interrupted() {
    let server = Server::prosody().start();
    let place = format!("localhost:{}", server.port());
    let ca = server.ca().display().to_string();
    let component = server.component_port().to_string();
    let program = start(
        PROGRAM,
        &[
            "doctor",
            "localhost",
            "--xmpp",
            &place,
            "--ca",
            &ca,
            "--component-port",
            &component,
        ],
    );
    let begin = Instant::now();
    while !server.log().contains("User account created: peak-doctor-") {
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "{}",
            server.log()
        );
    }
    // So that it is not done before the signal comes.
    server.freeze();
    kill_process(Pid::from_child(&program), Signal::INT).expect("a child may be sent a signal");
    server.thaw();
    let ran = end(program);
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(
        ran.out.contains("\nInterrupted before the end.\n"),
        "{ran:?}"
    );
    assert!(!ran.out.contains("could not be removed"), "{ran:?}");
    let log = server.log();
    assert!(
        log.contains("User removed their account: peak-doctor-"),
        "{log}"
    );
}

/// A port at which nobody listens.
fn nobody() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are ports");
    listener.local_addr().expect("it has one").port()
}

#[test]
fn nobody_listens() {
    let port = nobody().to_string();
    let ran = doctor(&["localhost", "--port", &port]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.out, "");
    let words = format!("error: no XMPP server answers at localhost:{port}: ");
    assert!(ran.err.starts_with(&words), "{ran:?}");
    assert_eq!(ran.err.lines().count(), 1, "{ran:?}");

    let ran = doctor(&["localhost", "--port", &port, "--json"]);
    let json = json(&ran);
    assert_eq!(with_status(&json, "missing"), ["tcp"]);
    assert!(json["error"].is_string() && json["server"].is_null());
}

#[test]
fn a_web_server_is_none() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are ports");
    let port = listener
        .local_addr()
        .expect("it has one")
        .port()
        .to_string();
    // Ends with the program.
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.expect("it comes");
            let mut words = [0; 1024];
            let _ = client.read(&mut words);
            let _ = client.write_all(
                b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            );
        }
    });
    let ran = doctor(&["localhost", "--port", &port, "--json"]);
    let found = json(&ran);
    assert_eq!(ran.code, Some(1));
    assert_eq!(status(&found, "tcp"), "present");
    assert_eq!(with_status(&found, "broken"), ["xmpp"], "{found:#}");
    assert!(
        detail(&found, "xmpp").contains("is another service"),
        "{found:#}"
    );

    let ran = doctor(&["localhost", "--port", &port]);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(
        lines.contains(&"Agents cannot run there until this is put right: XMPP."),
        "{}",
        ran.out
    );
    assert!(
        lines
            .iter()
            .any(|line| line.trim() == "c2s_ports = { 5222 }")
    );
}

#[test]
fn who_never_answers_is_not_waited_for_long() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are ports");
    let port = listener
        .local_addr()
        .expect("it has one")
        .port()
        .to_string();
    let begin = Instant::now();
    let ran = doctor(&["localhost", "--port", &port, "--json"]);
    assert!(
        begin.elapsed() < Duration::from_secs(15),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(ran.code, Some(1));
    assert_eq!(status(&json(&ran), "xmpp"), "broken");
}

#[test]
fn what_is_written_wrongly_connects_nowhere() {
    for (line, words) in [
        ("", "<HOST>"),
        (
            "localhost:5222",
            "hint: write `doctor localhost --port 5222`",
        ),
        (
            "bob@localhost",
            "hint: write `doctor localhost -j bob@localhost`",
        ),
        ("a..b", "error: "),
        ("localhost -j bob", "hint: write it as `name@localhost`"),
        ("localhost -j bob@elsewhere", "`doctor elsewhere`"),
        (
            "localhost -j bob@localhost",
            "there is no password for `bob@localhost`",
        ),
        (
            "localhost -j bob@localhost --password x",
            "there is no flag for a password",
        ),
        ("localhost --component agents.localhost", "--secret-file"),
        (
            "localhost --component a@b --secret-file x",
            "is not the domain of a component",
        ),
        (
            "localhost --component a --secret-file nowhere",
            "there is no file `nowhere`",
        ),
        ("localhost --ca nowhere", "there is no such file"),
        ("localhost --tls-port 0", "0 is not in 1..="),
    ] {
        let credentials = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("no-credentials");
        let credentials = credentials.display().to_string();
        let mut args: Vec<&str> = line.split_whitespace().collect();
        args.extend(["--credentials", &credentials]);
        let ran = doctor(&args);
        assert_eq!(ran.code, Some(2), "{line}: {ran:?}");
        assert!(ran.err.contains(words), "{line}: {}", ran.err);
        assert_eq!(ran.out, "");
    }
}

/// What is advised is what the configurations that are tested have.
#[test]
fn the_remedies_are_in_the_configurations() {
    let port = nobody().to_string();
    let ran = doctor(&["localhost", "--port", &port, "--json"]);
    let json = json(&ran);
    let ours = |path: &str| {
        std::fs::read_to_string(workspace().join("deploy").join(path)).expect("it is there")
    };
    let (prosody, ejabberd) = (
        ours("prosody/prosody.cfg.lua"),
        ours("ejabberd/ejabberd.yml"),
    );
    let mut seen = 0;
    for check in json["checks"].as_array().expect("there are checks") {
        let remedy = &check["remedy"];
        for line in remedy["prosody"].as_str().into_iter().flat_map(str::lines) {
            let code = line.split("--").next().expect("there is a first").trim();
            // An option, or a component.
            let word = code
                .split([' ', '=', '('])
                .next()
                .expect("there is a first");
            assert!(prosody.contains(word), "{line}");
            if word == "modules_enabled" {
                let module = code.split('"').nth(1).expect("it names one");
                assert!(prosody.contains(&format!("\"{module}\"")), "{line}");
            }
            seen += 1;
        }
        for line in remedy["ejabberd"].as_str().into_iter().flat_map(str::lines) {
            let code = line.split('#').next().expect("there is a first").trim();
            let word = code.trim_start_matches("- ").split(": ").next();
            let word = word.expect("there is a first").trim_end_matches(':');
            assert!(ejabberd.contains(word), "{line}");
            seen += 1;
        }
    }
    assert!(seen > 50, "{seen}");
}
