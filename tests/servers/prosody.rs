//! How Prosody is started.

use std::process::Command;

use super::process::{Process, run};
use super::server::Place;
use super::{Access, DOMAIN, Storage};
use crate::workspace;

const PACKAGE: &str = "prosody";

pub(super) fn start(place: &Place) -> Process {
    std::fs::write(
        place.path("prosody.cfg.lua"),
        configuration(&place.builder.without),
    )
    .expect("the folder of a test is writable");
    std::fs::create_dir_all(place.path("data")).expect("the folder of a test is writable");
    let mut prosody = command("prosody", place);
    prosody.arg("-F");
    Process::start(prosody, &place.path("log"), PACKAGE)
}

/// Ours, changed in what is not left to the environment.
fn configuration(without: &[String]) -> String {
    let path = workspace().join("deploy/prosody/prosody.cfg.lua");
    let mut text = std::fs::read_to_string(path).expect("the configuration is there");
    for module in without {
        match module.as_str() {
            "muc" => text = without_component(&text, "conference"),
            "pubsub" => text = without_component(&text, "pubsub"),
            module => {
                assert!(
                    text.contains(&format!("\"{module}\"")),
                    "no module {module}"
                );
                let (disabled, more) = ("modules_disabled = {", format!("\"{module}\";"));
                assert!(text.contains(disabled), "modules can be disabled");
                text = text.replacen(disabled, &format!("{disabled} {more}"), 1);
            }
        }
    }
    // Tests run as root in containers.
    format!("run_as_root = true\n{text}")
}

fn without_component(text: &str, name: &str) -> String {
    let begin = format!("Component(\"{name}.\"");
    let is_it = |paragraph: &&str| paragraph.contains(&begin);
    let paragraphs: Vec<&str> = text.split("\n\n").collect();
    assert_eq!(paragraphs.iter().filter(|one| is_it(one)).count(), 1);
    let rest: Vec<&str> = paragraphs.into_iter().filter(|one| !is_it(one)).collect();
    rest.join("\n\n")
}

/// One of Prosody's programs, in an environment with nothing but the server's settings.
fn command(program: &str, place: &Place) -> Command {
    let mut command = Command::new(program);
    command
        .arg("--config")
        .arg(place.path("prosody.cfg.lua"))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", place.folder.path())
        .env("PEAK_DATA", place.path("data"))
        .env("PEAK_PORT", place.ports.client.to_string())
        .env("PEAK_TLS_PORT", place.ports.tls.to_string())
        .env("PEAK_COMPONENT_PORT", place.ports.component.to_string())
        .env("PEAK_COMPONENT_SECRET", &place.secret)
        .env("PEAK_CERTIFICATE", &place.files.certificate)
        .env("PEAK_KEY", &place.files.key)
        .env("PEAK_PLUGINS", workspace().join("deploy/prosody/modules"));
    if !place.builder.encrypted {
        command.env("PEAK_TLS", "off");
    }
    if !place.builder.registration {
        command.env("PEAK_REGISTRATION", "closed");
    }
    if place.builder.archive {
        command.env("PEAK_ARCHIVE", "on");
    }
    match &place.builder.storage {
        Storage::Own => &mut command,
        Storage::Sqlite => command
            .env("PEAK_STORAGE", "sqlite")
            .env("PEAK_SQL_DATABASE", place.sqlite()),
        Storage::MariaDb(access) => reaching(&mut command, access).env("PEAK_STORAGE", "mysql"),
        Storage::Postgres(access) => {
            reaching(&mut command, access).env("PEAK_STORAGE", "postgresql")
        }
    };
    command
}

fn reaching<'c>(command: &'c mut Command, access: &Access) -> &'c mut Command {
    command
        .env("PEAK_SQL_DATABASE", &access.name)
        .env("PEAK_SQL_PORT", access.port.to_string())
        .env("PEAK_SQL_USER", &access.name)
        .env("PEAK_SQL_PASSWORD", &access.password)
}

pub(super) fn listens(place: &Place, log: &str) -> bool {
    let listens = |port| log.contains(&format!("on [127.0.0.1]:{port}"));
    let ports = place.ports;
    listens(ports.client)
        && listens(ports.component)
        && (!place.builder.encrypted || listens(ports.tls))
}

pub(super) fn add_account(place: &Place, name: &str, password: &str) {
    control(place, &["register", name, DOMAIN, password]);
}

pub(super) fn control(place: &Place, args: &[&str]) -> String {
    let mut command = command("prosodyctl", place);
    command.args(args);
    run(command, PACKAGE)
}
