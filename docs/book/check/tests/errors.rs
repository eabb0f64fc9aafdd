//! The pages about errors have the words that programs and the compiler really say, and leave none out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use peak::prelude::*;
use peak::{
    AgentType, AttachError, ConnectError, ContentError, CredentialsError, IntoTimeout as _,
    JidError, MessageError, ParamValues, ReceiveError, RequestError, SendError, SettingsError,
    SpawnError, Undelivered,
};
use peak_book::{folder, within_a_day, workspace};

fn page(name: &str) -> String {
    fs::read_to_string(folder().join(name)).expect("the page is there")
}

/// A piece of code in a text.
struct Piece {
    /// How many backticks stand on either side of it.
    ticks: usize,
    /// Without the blanks that keep backticks of its own apart from these.
    text: String,
}

/// The pieces of code in a text, as CommonMark has them.
fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        let ticks = ticks(&rest[start..]);
        let inside = &rest[start + ticks..];
        let end = closing(inside, ticks).expect("a piece of code is closed");
        let piece = &inside[..end];
        let apart = piece
            .strip_prefix(' ')
            .and_then(|piece| piece.strip_suffix(' '));
        found.push(Piece {
            ticks,
            text: apart.unwrap_or(piece).replace('\n', " "),
        });
        rest = &inside[end + ticks..];
    }
    found
}

/// How many backticks a text begins with.
fn ticks(text: &str) -> usize {
    text.len() - text.trim_start_matches('`').len()
}

/// Where exactly so many backticks stand.
fn closing(text: &str, many: usize) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text[at..].find('`')?;
        match ticks(&text[at..]) {
            found if found == many => return Some(at),
            found => at += found,
        }
    }
}

/// The pieces of code in a text, as text.
fn code(text: &str) -> Vec<String> {
    pieces(text).into_iter().map(|piece| piece.text).collect()
}

/// Every file of this kind below a folder.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.expect("a folder can be read").path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The messages of the compiler in a file that pins them, without their numbers.
fn messages(path: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(path).expect("it is text");
    let lines = text.lines().filter(|line| line.starts_with("error"));
    lines
        .filter_map(|line| line.split_once(": "))
        .map(|(_, message)| message.to_owned())
        .collect()
}

#[test]
fn what_the_compiler_says_is_explained() {
    let text = page("compile-errors.md");
    let explained: BTreeSet<String> = code(&text).into_iter().collect();
    let pinned = files(&workspace().join("ui-tests/fail"), "stderr");
    let unexplained: Vec<_> = pinned
        .iter()
        .filter(|path| messages(path).is_disjoint(&explained))
        .collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");

    let said: BTreeSet<String> = pinned.iter().flat_map(|path| messages(path)).collect();
    // Messages are written with two backticks, since they have some themselves.
    let invented: Vec<String> = pieces(&text)
        .into_iter()
        .filter(|piece| piece.ticks == 2 && !said.contains(&piece.text))
        .map(|piece| piece.text)
        .collect();
    assert!(invented.is_empty(), "nobody says: {invented:#?}");
}

/// The names of an enum's variants, as its source has them.
fn variants(path: &str, name: &str) -> Vec<String> {
    let text = fs::read_to_string(workspace().join(path)).expect("the source is there");
    let (_, body) = text
        .split_once(&format!("pub enum {name} {{"))
        .unwrap_or_else(|| panic!("{name} is in {path}"));
    let body = body.split("\n}").next().unwrap_or_default();
    let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
    lines
        .filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()))
        .map(|line| {
            let end = line
                .find(|c: char| !c.is_alphanumeric())
                .unwrap_or(line.len());
            line[..end].to_owned()
        })
        .collect()
}

#[test]
fn every_variant_is_explained() {
    let explained: BTreeSet<String> = code(&page("errors.md")).into_iter().collect();
    let mut missing = Vec::new();
    for (path, name) in [
        ("peak/src/network/mod.rs", "SendError"),
        ("peak/src/network/mod.rs", "AttachError"),
        ("peak/src/network/contacts.rs", "ContactError"),
        ("peak/src/network/subscription.rs", "ReceiveError"),
        ("peak/src/network/xmpp/error.rs", "ConnectError"),
        ("peak/src/network/xmpp/settings.rs", "SettingsError"),
        (
            "peak/src/network/xmpp/credentials/error.rs",
            "CredentialsError",
        ),
        ("peak/src/message/mod.rs", "MessageError"),
        ("peak/src/message/content.rs", "ContentError"),
        ("peak/src/behaviour/handle.rs", "JoinError"),
        ("peak/src/behaviour/handle.rs", "PeriodError"),
        ("peak/src/agent/context.rs", "RequestError"),
        ("peak/src/agent/spawn.rs", "SpawnError"),
        ("peak/src/agent/registry.rs", "UnknownAgentType"),
    ] {
        let variants = variants(path, name);
        assert!(variants.len() > 1, "{name}: {variants:?}");
        let variants = variants.iter().map(|variant| format!("{name}::{variant}"));
        missing.extend(variants.filter(|variant| !explained.contains(variant)));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Asserts that a row of the page, that of this variant if one is named, shows this message or a part of it.
fn assert_shown(shown: &str, variant: &str, message: &str) {
    let mut rows = shown
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(code);
    let shows = |pieces: Vec<String>| {
        let of_variant = variant.is_empty() || pieces.iter().any(|piece| piece == variant);
        // One word may stand in any message.
        let mut words = pieces.iter().filter(|piece| piece.contains(' '));
        of_variant && words.any(|piece| message.contains(piece.as_str()))
    };
    assert!(rows.any(shows), "{variant}: no row shows {message:?}");
}

fn jid(text: &str) -> Jid {
    text.parse().expect("it is an address")
}

fn not_a_jid(text: &str) -> JidError {
    text.parse::<Jid>().expect_err("it is no address")
}

#[test]
fn addresses_and_messages() {
    let shown = page("errors.md");
    for text in [
        "bob@home@localhost",
        "@localhost",
        "bob@localhost/",
        "b b@localhost",
        "",
    ] {
        assert_shown(&shown, "", &not_a_jid(text).to_string());
    }
    let no_duration = "5".into_timeout().unwrap_err().to_string();
    assert!(
        no_duration.starts_with("`5` is not a duration: "),
        "{no_duration}"
    );
    let message = || Message::inform("bob@localhost").json(1);
    let no_receiver = MessageError::NoReceiver.to_string();
    assert_shown(&shown, "MessageError::NoReceiver", &no_receiver);
    let empty = Message::inform("a@b").content::<u32>().unwrap_err();
    assert_shown(&shown, "ContentError::Empty", &empty.to_string());
    let other = Message::inform("a@b").text("five").content::<u32>();
    assert_shown(
        &shown,
        "ContentError::Mismatch",
        &other.unwrap_err().to_string(),
    );
    let negative = Message::refuse("a@b").text("sold out").content::<u32>();
    assert_shown(
        &shown,
        "ContentError::Negative",
        &negative.unwrap_err().to_string(),
    );
    let reason = "key must be a string".to_owned();
    let encode = ContentError::Encode { reason };
    assert_shown(&shown, "ContentError::Encode", &encode.to_string());
    let word = "informs".parse::<Performative>().unwrap_err().to_string();
    assert!(code(&shown).contains(&word), "{word}");

    let full = SendError::Full {
        to: jid("bob@localhost/main"),
        waited: Duration::from_secs(5),
        message: message(),
    };
    assert_shown(&shown, "SendError::Full", &full.to_string());
    let offline = SendError::Offline {
        to: jid("bob@example.org"),
        reason: "the queue is full".into(),
        message: message(),
    };
    assert_shown(&shown, "SendError::Offline", &offline.to_string());
    for (variant, error) in [
        ("ReceiveError::NoMailbox", ReceiveError::NoMailbox),
        ("ReceiveError::Closed", ReceiveError::Closed),
    ] {
        assert_shown(&shown, variant, &error.to_string());
    }
    for (variant, error) in [
        (
            "RequestError::Timeout",
            RequestError::Timeout {
                to: jid("shop@localhost"),
                waited: Duration::from_secs(5),
            },
        ),
        (
            "RequestError::Undelivered",
            RequestError::Undelivered {
                to: jid("shop@localhost"),
                why: Undelivered::Ended,
            },
        ),
        (
            "RequestError::OwnTask",
            RequestError::OwnTask {
                to: jid("shop@localhost/main"),
            },
        ),
        (
            "RequestError::Duplicate",
            RequestError::Duplicate("r1".into()),
        ),
    ] {
        assert_shown(&shown, variant, &error.to_string());
    }
}

/// Bakes.
#[agent]
struct Oven {
    #[param]
    degrees: f64,
    #[param(default = "5s")]
    pause: Duration,
    #[param(default = false)]
    no_gas: bool,
}

#[agent]
impl Oven {
    #[on_start]
    async fn light(&mut self) -> peak::Result<()> {
        assert!(self.degrees > 0.0 && !self.pause.is_zero());
        match self.no_gas {
            true => Err(peak::Error::msg("no gas")),
            false => Ok(()),
        }
    }

    #[behaviour(cyclic)]
    async fn warm(ctx: Context<Self>) -> peak::Result<()> {
        ctx.sleep("1m").await
    }

    #[behaviour(one_shot)]
    async fn fail(ctx: Context<Self>) {
        let shown = page("errors.md");
        let sent = async |to: &str| {
            let error = ctx
                .send(Message::inform(to).text("hello"))
                .await
                .unwrap_err();
            error.to_string()
        };
        let near = sent("bbo@localhost").await;
        assert_shown(&shown, "SendError::NoSuchAgent", &near);
        let far = sent("bob@example.org").await;
        assert_shown(&shown, "SendError::NoRoute", &far);
        let none = sent("@localhost").await;
        assert_shown(&shown, "MessageError::Address", &none);
        let late = ctx.join("warm", "1s").await.unwrap_err().to_string();
        assert_shown(&shown, "JoinError::Timeout", &late);
        let unknown = ctx.kill("wram", 0).unwrap_err().to_string();
        let (known, _) = unknown.split_once("; it has ").unwrap();
        assert!(shown.contains(known), "{unknown}");
        let own = ctx.contacts().subscribe(ctx.jid()).unwrap_err().to_string();
        assert_shown(&shown, "ContactError::Own", &own);
        let not_asked = ctx.contacts().approve("bob@localhost").unwrap_err();
        assert_shown(&shown, "ContactError::NotAsked", &not_asked.to_string());
        ctx.stop();
    }
}

#[agent]
struct Bob;

#[agent]
impl Bob {}

fn oven(no_gas: bool) -> Oven {
    Oven {
        degrees: 180.0,
        pause: Duration::from_secs(5),
        no_gas,
    }
}

#[tokio::test(start_paused = true)]
async fn agents_that_do_not_start() {
    let shown = page("errors.md");
    let platform = Platform::new();
    let spawned = platform.spawn("oven@localhost", oven(true)).await;
    let error = spawned.unwrap_err().to_string();
    assert_shown(&shown, "SpawnError::OnStart", &error);
    let bob = platform.spawn("oven@localhost", Bob).await.unwrap();
    let taken = platform.spawn("oven@localhost", Bob).await.unwrap_err();
    assert_shown(&shown, "AttachError::Taken", &taken.to_string());
    let foreign = AttachError::ForeignDomain {
        jid: jid("oven@example.org/main"),
        served: "`localhost`".into(),
    };
    let foreign = SpawnError::from(foreign);
    assert_shown(&shown, "AttachError::ForeignDomain", &foreign.to_string());
    bob.stop();
    bob.join().await;

    let mut params = ParamValues::new();
    params
        .set("degrees", "warm")
        .set("dgrees", 5)
        .set("pause", 5);
    let wrong = AgentType::find("oven").unwrap().check(&params).unwrap_err();
    let missing = AgentType::find("oven").unwrap().check(&ParamValues::new());
    let missing = missing.unwrap_err();
    let errors: Vec<_> = wrong.each().chain(missing.each()).collect();
    assert_eq!(errors.len(), 4);
    for (_, error) in errors {
        assert_shown(&shown, "", error);
    }
    let unknown = AgentType::find("Ovn").unwrap_err().to_string();
    assert_shown(&shown, "UnknownAgentType::Unknown", &unknown);
}

#[tokio::test(start_paused = true)]
async fn agents_that_fail() {
    let platform = Platform::new();
    let bob = platform.spawn("bob@localhost", Bob).await.unwrap();
    platform.spawn("oven@localhost", oven(false)).await.unwrap();
    within_a_day(async {
        while platform.agents() > 1 {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    })
    .await;
    bob.stop();
    let report = within_a_day(platform.run()).await;
    assert!(report.is_success(), "{:?}", report.failures);
}

#[test]
fn connections() {
    let shown = page("errors.md");
    let place = || "localhost:5222".to_owned();
    let reason = || "for some reason".to_owned();
    let ada = || jid("ada@localhost");
    for (variant, error) in [
        (
            "UnknownHost",
            ConnectError::UnknownHost {
                host: "example.org".into(),
                reason: reason(),
            },
        ),
        (
            "Unreachable",
            ConnectError::Unreachable {
                place: place(),
                reason: reason(),
            },
        ),
        (
            "Broken",
            ConnectError::Broken {
                place: place(),
                reason: reason(),
            },
        ),
        (
            "Timeout",
            ConnectError::Timeout {
                place: place(),
                seconds: 30,
            },
        ),
        ("NoTls", ConnectError::NoTls { place: place() }),
        (
            "Certificate",
            ConnectError::Certificate {
                place: place(),
                domain: "localhost".into(),
                reason: reason(),
            },
        ),
        (
            "Stream",
            ConnectError::Stream {
                place: place(),
                reason: reason(),
                condition: "host-unknown".into(),
            },
        ),
        (
            "WrongPassword",
            ConnectError::WrongPassword {
                jid: ada(),
                reason: reason(),
            },
        ),
        ("NoPassword", ConnectError::NoPassword { jid: ada() }),
        ("AccountExists", ConnectError::AccountExists { jid: ada() }),
        (
            "NoRegistration",
            ConnectError::NoRegistration {
                place: place(),
                jid: ada(),
                reason: reason(),
            },
        ),
        (
            "NoMechanism",
            ConnectError::NoMechanism {
                place: place(),
                offered: vec!["X-OWN".into()],
            },
        ),
        (
            "Component",
            ConnectError::Component {
                place: "localhost:5347".into(),
                domain: "agents.localhost".into(),
                reason: reason(),
            },
        ),
        (
            "Replaced",
            ConnectError::Replaced {
                jid: jid("ada@localhost/main"),
            },
        ),
        (
            "Protocol",
            ConnectError::Protocol {
                place: place(),
                reason: reason(),
            },
        ),
    ] {
        assert_shown(
            &shown,
            &format!("ConnectError::{variant}"),
            &error.to_string(),
        );
    }
}

#[test]
fn settings_and_passwords() {
    let shown = page("errors.md");
    let xmpp = peak::Xmpp::new;
    for (variant, xmpp) in [
        ("Server", xmpp().server("local host")),
        ("PortZero", xmpp().port(0)),
        ("TwoPorts", xmpp().server("localhost:5222").port(5223)),
        ("Account", xmpp().account("@b", "secret")),
        ("Ca", xmpp().ca_file("ca.pem")),
        ("TrustTwice", xmpp().ca_file("ca.pem").insecure(true)),
        ("Component", xmpp().component("a@b").secret("secret")),
        ("NoSecret", xmpp().component("agents.localhost")),
        ("NoComponent", xmpp().secret("secret")),
    ] {
        let error = xmpp.check().expect_err(variant);
        let same = matches!(&error, SettingsError::Server { .. }) == (variant == "Server");
        assert!(same, "{variant}: {error}");
        assert_shown(
            &shown,
            &format!("SettingsError::{variant}"),
            &error.to_string(),
        );
    }
    let ada = || PathBuf::from("ada.password");
    let credentials = || PathBuf::from("credentials");
    let reason = || "for some reason".to_owned();
    for (variant, error) in [
        ("Missing", CredentialsError::Missing(ada())),
        ("NotAFile", CredentialsError::NotAFile(ada())),
        (
            "NotPrivate",
            CredentialsError::NotPrivate {
                path: ada(),
                mode: 0o644,
            },
        ),
        ("NotOurs", CredentialsError::NotOurs(ada())),
        ("TooLarge", CredentialsError::TooLarge(ada())),
        ("Empty", CredentialsError::Empty(ada())),
        (
            "Read",
            CredentialsError::Read {
                path: ada(),
                reason: reason(),
            },
        ),
        (
            "Malformed",
            CredentialsError::Malformed {
                path: credentials(),
                line: 3,
                reason: reason(),
            },
        ),
        (
            "Write",
            CredentialsError::Write {
                path: credentials(),
                reason: reason(),
            },
        ),
        ("Busy", CredentialsError::Busy(credentials())),
        ("NoHome", CredentialsError::NoHome),
        ("NotSet", CredentialsError::NotSet("ADA".into())),
        ("NotText", CredentialsError::NotText("ADA".into())),
        ("Unfit", CredentialsError::Unfit("it is empty")),
        ("NoRandomness", CredentialsError::NoRandomness(reason())),
    ] {
        assert_shown(
            &shown,
            &format!("CredentialsError::{variant}"),
            &error.to_string(),
        );
    }
}
