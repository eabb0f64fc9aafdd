//! The configurations of `deploy/`: the servers start with them, complain of nothing, and offer what they should.
#![cfg(unix)]

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use peak_tests::both;
use peak_tests::servers::stream::Stream;
use peak_tests::servers::{Builder, Database, Server, Storage, Wrong};

both! {
    nobody_logs_in_outside_tls
    an_agent_registers_and_is_served
    a_deployment_registers_all_at_once
    registration_can_be_closed
    accounts_outlive_a_stop_and_a_kill
    a_component_needs_the_secret
    a_wrong_certificate_is_noticed
    without_encryption_passwords_stay_secret
    what_is_left_out_is_missing
    a_frozen_server_goes_on
    a_certificate_of_ones_own_is_good
}

/// Lines of a log that are worse than information.
fn complaints(server: &Server) -> Vec<String> {
    let signs = ["warn", "error", "critical", "alert"];
    let is_one = |line: &&str| signs.iter().any(|sign| line.to_lowercase().contains(sign));
    server
        .log()
        .lines()
        .filter(is_one)
        .map(str::to_owned)
        .collect()
}

fn encrypted(server: &Server) -> Stream {
    let plain = Stream::client(server.port()).expect("it answers");
    plain
        .starttls(server.ca())
        .expect("its certificate is good")
}

fn logged_in(server: &Server, name: &str, password: &str) -> Stream {
    let mut stream = encrypted(server);
    stream.log_in(name, password).expect("the account is there");
    stream
}

#[test]
#[ignore = "needs Prosody"]
fn prosody_has_nothing_to_complain_of() {
    let server = Server::prosody().without_registration().start();
    let said = server.prosodyctl(&["check", "config"]);
    let file = server.folder().join("prosody.cfg.lua");
    assert_eq!(
        said,
        format!(
            "Checking config...\n    The following configuration files have been loaded:\n      \
             -  {}\nDone.\n\nAll checks passed, congratulations!\n",
            file.display()
        )
    );
    let certificates = server.prosodyctl(&["check", "certs"]);
    for trouble in ["Not valid", "expire", "Problem", "Error", "No certificate"] {
        assert!(!certificates.contains(trouble), "{certificates}");
    }
    assert_eq!(complaints(&server), Vec::<String>::new());
}

#[test]
#[ignore = "needs Prosody"]
fn prosody_says_when_anybody_may_register() {
    let server = Server::prosody().start();
    let said = server.prosodyctl(&["check", "config"]);
    assert!(said.contains("Public registration is enabled on"), "{said}");
}

#[test]
#[ignore = "needs ejabberd"]
fn ejabberd_has_nothing_to_complain_of() {
    let server = Server::ejabberd().start();
    let complaints = complaints(&server);
    // The archive is off on purpose.
    let [line] = &complaints[..] else {
        panic!("{complaints:?}");
    };
    assert!(line.ends_with(
        "Module mod_mam is recommended for module mod_muc but is not found in the config"
    ));
}

#[test]
#[ignore = "needs Prosody"]
fn prosody_keeps_messages_if_told_to() {
    let server = Server::prosody().with_mam().start();
    server.add_account("ada", "secret");
    assert!(discovered(&server).contains("'urn:xmpp:mam:2'"));
    assert_eq!(complaints(&server), Vec::<String>::new());
}

#[test]
#[ignore = "needs ejabberd and erlang-p1-sqlite3"]
fn ejabberd_keeps_messages_if_told_to() {
    // With the database that is advised, or else it warns.
    let server = Server::ejabberd()
        .with_mam()
        .storage(Storage::Sqlite)
        .start();
    server.add_account("ada", "secret");
    assert!(discovered(&server).contains("'urn:xmpp:mam:2'"));
    assert_eq!(complaints(&server), Vec::<String>::new());
}

/// What the server says of an account of its own.
fn discovered(server: &Server) -> String {
    logged_in(server, "ada", "secret")
        .ask("<iq type='get' id='disco' to='ada@localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>")
        .expect("it answers")
}

fn nobody_logs_in_outside_tls(builder: Builder) {
    let server = builder.start();
    let plain = Stream::client(server.port()).expect("it answers");
    assert!(plain.opening().contains("<starttls"), "{}", plain.opening());
    assert!(
        plain.opening().contains("<required/>"),
        "{}",
        plain.opening()
    );
    assert!(
        !plain.opening().contains("<mechanism"),
        "{}",
        plain.opening()
    );
    assert!(
        !plain.opening().contains("iq-register"),
        "{}",
        plain.opening()
    );

    let after = plain
        .starttls(server.ca())
        .expect("its certificate is good");
    let direct =
        Stream::client_tls(server.tls_port(), server.ca()).expect("its certificate is good");
    for stream in [after, direct] {
        let features = stream.opening();
        for feature in [
            "<mechanism>SCRAM-SHA-256</mechanism>",
            "<mechanism>PLAIN</mechanism>",
            "http://jabber.org/features/iq-register",
        ] {
            assert!(features.contains(feature), "{feature}: {features}");
        }
        assert!(!features.contains("DIGEST-MD5"), "{features}");
        assert!(!features.contains("ANONYMOUS"), "{features}");
    }
}

fn an_agent_registers_and_is_served(builder: Builder) {
    let server = builder.start();
    let mut ada = encrypted(&server);
    let answer = ada.register("ada", "secret").expect("it answers");
    assert!(answer.contains("type='result'"), "{answer}");
    ada.log_in("ada", "secret").expect("she is registered");
    assert!(ada.opening().contains("urn:xmpp:sm:3"), "{}", ada.opening());

    let mut ask = |to: &str, request: &str, expected: &[&str]| {
        let (kind, content) = request.split_once(' ').expect("a kind and the content");
        let answer = ada
            .ask(&format!(
                "<iq type='{kind}' id='x' to='{to}'>{content}</iq>"
            ))
            .expect("it answers");
        for part in expected {
            assert!(answer.contains(part), "{request}: no {part}: {answer}");
        }
    };
    ask(
        "localhost",
        "get <ping xmlns='urn:xmpp:ping'/>",
        &["type='result'"],
    );
    ask(
        "localhost",
        "get <query xmlns='jabber:iq:version'/>",
        &["<version>"],
    );
    ask("localhost", "get <time xmlns='urn:xmpp:time'/>", &["<utc>"]);
    ask(
        "localhost",
        "get <query xmlns='jabber:iq:last'/>",
        &["seconds="],
    );
    ask(
        "ada@localhost",
        "get <blocklist xmlns='urn:xmpp:blocking'/>",
        &["type='result'"],
    );
    ask(
        "ada@localhost",
        "set <enable xmlns='urn:xmpp:carbons:2'/>",
        &["type='result'"],
    );
    ask(
        "ada@localhost",
        "get <vCard xmlns='vcard-temp'/>",
        &["vcard-temp"],
    );
    ask(
        "ada@localhost",
        "get <query xmlns='jabber:iq:roster'/>",
        &["type='result'"],
    );
    ask(
        "localhost",
        "get <query xmlns='http://jabber.org/protocol/disco#items'/>",
        &["conference.localhost", "pubsub.localhost"],
    );
    // Nobody has made this node before, and she is nobody special.
    ask(
        "pubsub.localhost",
        "set <pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='prices'>\
         <item id='1'><price xmlns='urn:test'>3</price></item></publish></pubsub>",
        &["type='result'"],
    );

    // To make a room and to be in it is one.
    ada.send("<presence to='team@conference.localhost/ada'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
        .expect("it listens");
    ada.read_until("'110'").expect("she is in the room");
    ada.send(
        "<message type='groupchat' to='team@conference.localhost'><body>hello</body></message>",
    )
    .expect("it listens");
    ada.read_until("<body>hello</body>")
        .expect("the room is not locked");
    let mut bob = encrypted(&server);
    bob.register("bob", "secret").expect("it answers");
    bob.log_in("bob", "secret").expect("he is registered");
    bob.send("<presence to='team@conference.localhost/bob'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
        .expect("it listens");
    let joined = bob.read_until("<subject").expect("the room answers");
    assert!(
        joined.contains("jid='ada@localhost/test'"),
        "members know each other: {joined}"
    );
    assert!(!joined.contains("hello"), "rooms forget: {joined}");
    let rooms = bob
        .ask("<iq type='get' id='rooms' to='conference.localhost'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>")
        .expect("it answers");
    assert!(rooms.contains("team@conference.localhost"), "{rooms}");
    // He did not make the node.
    let published = bob
        .ask(
            "<iq type='set' id='p' to='pubsub.localhost'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
             <publish node='prices'><item id='2'><price xmlns='urn:test'>4</price></item></publish></pubsub></iq>",
        )
        .expect("it answers");
    assert!(published.contains("type='result'"), "{published}");

    // A message that cannot be delivered is the sender's error.
    bob.send("<message type='chat' to='nobody@localhost'><body>hello</body></message>")
        .expect("it listens");
    let error = bob.read_until("</message>").expect("it comes back");
    assert!(error.contains("service-unavailable"), "{error}");
    bob.send("<presence type='unavailable'/></stream:stream>")
        .expect("it listens");
    bob.read_until("</stream:stream>").expect("it says goodbye");
    ada.send("<message type='chat' to='bob@localhost'><body>hello</body></message>")
        .expect("it listens");
    let error = ada
        .read_until("service-unavailable")
        .expect("it comes back");
    assert!(error.contains("from='bob@localhost'"), "{error}");
}

fn a_deployment_registers_all_at_once(builder: Builder) {
    let server = builder.start();
    for number in 0..50 {
        let name = format!("agent{number}");
        let answer = encrypted(&server)
            .register(&name, "secret")
            .expect("it answers");
        assert!(answer.contains("type='result'"), "{name}: {answer}");
    }
    let again = encrypted(&server)
        .register("agent7", "secret")
        .expect("it answers");
    assert!(again.contains("<conflict"), "{again}");
}

fn registration_can_be_closed(builder: Builder) {
    let server = builder.without_registration().start();
    let answer = encrypted(&server)
        .register("eve", "secret")
        .expect("it answers");
    assert!(answer.contains("type='error'"), "{answer}");
    let refused = encrypted(&server)
        .log_in("eve", "secret")
        .expect_err("no account");
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
    server.add_account("ada", "secret");
    logged_in(&server, "ada", "secret");
}

fn accounts_outlive_a_stop_and_a_kill(builder: Builder) {
    let mut server = builder.start();
    let port = server.port();
    server.add_account("ada", "secret");
    server.stop();
    assert!(!server.answers());
    server.restart();
    logged_in(&server, "ada", "secret");
    server.add_account("bob", "secret");
    logged_in(&server, "bob", "secret");
    // ejabberd's database is written in the background; a stop waits for it.
    server.restart();
    server.kill();
    assert!(!server.answers());
    server.restart();
    assert_eq!(server.port(), port);
    logged_in(&server, "ada", "secret");
    logged_in(&server, "bob", "secret");
    let wrong = encrypted(&server)
        .log_in("bob", "password")
        .expect_err("it is wrong");
    assert_eq!(wrong.kind(), ErrorKind::PermissionDenied);
}

fn a_component_needs_the_secret(builder: Builder) {
    let server = builder.start();
    let answer = handshake(&server, server.component_secret());
    assert!(answer.starts_with("<handshake"), "{answer}");
    let answer = handshake(&server, "secret");
    assert!(answer.contains("stream:error"), "{answer}");
}

/// What the server says to a component with this secret (XEP-0114).
fn handshake(server: &Server, secret: &str) -> String {
    let mut stream = Stream::component(server.component_port()).expect("it answers");
    let id = stream
        .opening()
        .split(" id='")
        .nth(1)
        .and_then(|rest| rest.split('\'').next());
    let text = format!("{}{secret}", id.expect("streams have ids"));
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    let digest: String = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    stream
        .send(&format!("<handshake>{digest}</handshake>"))
        .expect("it listens");
    stream.read_until(">").expect("it answers")
}

fn a_wrong_certificate_is_noticed(builder: Builder) {
    let cases = [
        (Wrong::Name, "NotValidForName"),
        (Wrong::Expired, "Expired"),
        (Wrong::SelfSigned, "UnknownIssuer"),
    ];
    for ((wrong, sign), builder) in cases.into_iter().zip(vec![builder; 3]) {
        let server = builder.certificate(wrong).start();
        let plain = Stream::client(server.port()).expect("it answers");
        let error = plain
            .starttls(server.ca())
            .expect_err("the certificate is wrong");
        assert!(format!("{error:?}").contains(sign), "{wrong:?}: {error:?}");
        let error = Stream::client_tls(server.tls_port(), server.ca()).expect_err("it is wrong");
        assert!(format!("{error:?}").contains(sign), "{wrong:?}: {error:?}");
    }
}

fn without_encryption_passwords_stay_secret(builder: Builder) {
    let server = builder.plain_only().start();
    let plain = Stream::client(server.port()).expect("it answers");
    assert!(
        plain.opening().contains("SCRAM-SHA-256<"),
        "{}",
        plain.opening()
    );
    assert!(!plain.opening().contains(">PLAIN<"), "{}", plain.opening());
    assert!(
        !plain.opening().contains("<starttls"),
        "{}",
        plain.opening()
    );
}

fn what_is_left_out_is_missing(builder: Builder) {
    let server = builder.without("smacks").without("muc").start();
    server.add_account("ada", "secret");
    let mut ada = logged_in(&server, "ada", "secret");
    assert!(
        !ada.opening().contains("urn:xmpp:sm:3"),
        "{}",
        ada.opening()
    );
    let items = ada
        .ask("<iq type='get' id='i' to='localhost'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>")
        .expect("it answers");
    assert!(!items.contains("conference.localhost"), "{items}");
}

fn a_frozen_server_goes_on(builder: Builder) {
    let server = builder.start();
    server.add_account("ada", "secret");
    let mut ada = logged_in(&server, "ada", "secret");
    server.freeze();
    ada.send("<iq type='get' id='ping' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
        .expect("the system takes it");
    server.thaw();
    ada.read_until("id='ping'").expect("it answers late");
}

#[test]
#[ignore = "needs Prosody"]
fn prosody_reads_settings_from_a_file_beside_it() {
    let mut server = Server::prosody().start();
    let file = server.folder().join("peak.env");
    std::fs::write(
        &file,
        "# Ours\n\nPEAK_COMPONENT=things.localhost\nPEAK_PORT=1\n",
    )
    .unwrap();
    // The port is given by the environment too, which wins.
    server.restart();
    server.add_account("ada", "secret");
    let items = logged_in(&server, "ada", "secret")
        .ask("<iq type='get' id='i' to='localhost'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>")
        .expect("it answers");
    assert!(items.contains("'things.localhost'"), "{items}");
    assert!(!items.contains("'agents.localhost'"), "{items}");
    server.stop();

    for (line, complaint) in [
        (
            "PEAK_TLS=maybe",
            "PEAK_TLS is maybe, but must be one of: required, optional, off",
        ),
        (
            "PEAK_COMPONENT_INTERFACES 0.0.0.0",
            "peak.env: not a line such as PEAK_DOMAIN=example.org",
        ),
        (
            "PEAK_SQL_PASSWORD_FILE=/nowhere\nPEAK_STORAGE=mysql",
            "PEAK_SQL_PASSWORD_FILE: /nowhere",
        ),
    ] {
        std::fs::write(&file, line).unwrap();
        let refused = Command::new("prosodyctl")
            .arg("--config")
            .arg(server.folder().join("prosody.cfg.lua"))
            .args(["check", "config"])
            .output()
            .expect("on Debian: apt-get install prosody");
        let said = String::from_utf8_lossy(&refused.stdout);
        assert!(!refused.status.success(), "{said}");
        assert!(said.contains(complaint), "{said}");
    }
}

fn a_certificate_of_ones_own_is_good(builder: Builder) {
    let mut server = builder.start();
    let script = peak_tests::workspace().join("deploy/make-certificate");
    let folder = server.folder().join("made");
    let made = || Command::new(&script).arg("localhost").arg(&folder).output();
    // Twice: what clients trust stays.
    made().expect("sh and openssl are there");
    let authority = std::fs::read(folder.join("ca.crt")).unwrap();
    let output = made().expect("sh and openssl are there");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(std::fs::read(folder.join("ca.crt")).unwrap(), authority);
    for name in ["server.crt", "server.key", "server.pem"] {
        std::fs::copy(folder.join(name), server.folder().join(name)).unwrap();
    }
    std::fs::copy(folder.join("ca.crt"), server.ca()).unwrap();
    server.restart();
    let plain = Stream::client(server.port()).expect("it answers");
    plain
        .starttls(server.ca())
        .expect("its certificate is good");
    let complaints = complaints(&server);
    assert!(
        !complaints.iter().any(|line| line.contains("ertificate")),
        "{complaints:?}"
    );

    // Why the script makes two: an authority's certificate is not one for a server.
    for name in ["server.crt", "ca.pem"] {
        std::fs::copy(folder.join("ca.crt"), server.folder().join(name)).unwrap();
    }
    std::fs::copy(folder.join("ca.key"), server.folder().join("server.key")).unwrap();
    let both = std::fs::read_to_string(folder.join("ca.crt")).unwrap()
        + &std::fs::read_to_string(folder.join("ca.key")).unwrap();
    std::fs::write(server.folder().join("server.pem"), both).unwrap();
    server.restart();
    let plain = Stream::client(server.port()).expect("it answers");
    let error = plain.starttls(server.ca()).expect_err("it is an authority");
    assert!(
        format!("{error:?}").contains("CaUsedAsEndEntity"),
        "{error:?}"
    );
}

#[test]
#[ignore = "needs Prosody"]
fn prosodyctl_finds_the_server() {
    let server = Server::prosody().start();
    let said = server.prosodyctl(&["status"]);
    assert!(
        said.contains(&format!("PID {}", server.process_id())),
        "{said}"
    );
}

/// The account that was registered is there after a restart, and its row is where it should be.
fn accounts_are_in(storage: Storage, server: Builder, count: impl Fn(&Server) -> String) {
    let mut server = server.storage(storage).start();
    let answer = encrypted(&server)
        .register("ada", "secret")
        .expect("it answers");
    assert!(
        answer.contains("type='result'"),
        "{answer}: {}",
        server.log()
    );
    server.add_account("bob", "secret");
    let complaints = complaints(&server);
    assert!(
        complaints
            .iter()
            .all(|line| line.contains("mod_mam is recommended")),
        "{complaints:?}"
    );
    server.restart();
    logged_in(&server, "ada", "secret");
    logged_in(&server, "bob", "secret");
    assert_eq!(count(&server).trim(), "2", "{}", server.log());
}

const PROSODYS: &str = "SELECT COUNT(DISTINCT prosody.user) FROM prosody WHERE store = 'accounts'";
const EJABBERDS: &str = "SELECT COUNT(*) FROM users WHERE username IN ('ada', 'bob')";

fn sqlite(server: &Server, sql: &str) -> String {
    let output = Command::new("sqlite3")
        .arg(server.sqlite())
        .arg(sql)
        .output()
        .expect("on Debian: apt-get install sqlite3");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("a number")
}

#[test]
#[ignore = "needs Prosody, lua-dbi-sqlite3 and sqlite3"]
fn prosody_has_its_accounts_in_sqlite() {
    accounts_are_in(Storage::Sqlite, Server::prosody(), |server| {
        sqlite(server, PROSODYS)
    });
}

#[test]
#[ignore = "needs Prosody, lua-dbi-mysql and MariaDB"]
fn prosody_has_its_accounts_in_mariadb() {
    let database = Database::mariadb();
    accounts_are_in(database.storage(), Server::prosody(), |_| {
        database.ask(PROSODYS)
    });
}

#[test]
#[ignore = "needs Prosody, lua-dbi-postgresql and PostgreSQL"]
fn prosody_has_its_accounts_in_postgresql() {
    let database = Database::postgresql();
    accounts_are_in(database.storage(), Server::prosody(), |_| {
        database.ask(&PROSODYS.replace("prosody.user", "prosody.\"user\""))
    });
}

#[test]
#[ignore = "needs ejabberd, erlang-p1-sqlite3 and sqlite3"]
fn ejabberd_has_its_accounts_in_sqlite() {
    accounts_are_in(Storage::Sqlite, Server::ejabberd(), |server| {
        sqlite(server, EJABBERDS)
    });
}

#[test]
#[ignore = "needs ejabberd, erlang-p1-mysql and MariaDB"]
fn ejabberd_has_its_accounts_in_mariadb() {
    let database = Database::mariadb();
    database.ask(&schema("mysql.sql"));
    accounts_are_in(database.storage(), Server::ejabberd(), |_| {
        database.ask(EJABBERDS)
    });
}

#[test]
#[ignore = "needs ejabberd, erlang-p1-pgsql and PostgreSQL"]
fn ejabberd_has_its_accounts_in_postgresql() {
    let database = Database::postgresql();
    database.ask(&schema("pg.sql"));
    accounts_are_in(database.storage(), Server::ejabberd(), |_| {
        database.ask(EJABBERDS)
    });
}

/// The tables, as Debian's package brings them.
fn schema(name: &str) -> String {
    let path = Path::new("/usr/share/ejabberd/sql").join(name);
    std::fs::read_to_string(path).expect("on Debian: apt-get install ejabberd")
}

#[test]
#[ignore = "needs docker-compose"]
fn the_compose_file_is_one() {
    let file = peak_tests::workspace().join("deploy/compose.yaml");
    let output = Command::new("docker-compose")
        .arg("-f")
        .arg(&file)
        .args(["config", "--services"])
        .output()
        .expect("on Debian: apt-get install docker-compose");
    assert!(output.status.success(), "{output:?}");
    let services = String::from_utf8(output.stdout).expect("names");
    let mut services: Vec<&str> = services.lines().collect();
    services.sort_unstable();
    assert_eq!(services, ["database", "prosody"]);

    // What it sets, the configuration reads.
    let text = std::fs::read_to_string(file).expect("it is there");
    let read =
        std::fs::read_to_string(peak_tests::workspace().join("deploy/prosody/prosody.cfg.lua"))
            .expect("it is there");
    let settings = text
        .lines()
        .filter_map(|line| line.trim().split_once(": "))
        .filter_map(|(name, _)| name.strip_prefix("PEAK_"));
    let mut count = 0;
    for name in settings {
        count += 1;
        let name = name.strip_suffix("_FILE").unwrap_or(name);
        assert!(
            read.contains(&format!("(\"{name}\"")),
            "PEAK_{name} is read"
        );
    }
    assert!(count > 5, "{count}");
}
