//! How ejabberd is started.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::process::Process;
use super::server::Place;
use super::{Access, DOMAIN, Storage};
use crate::workspace;

const PACKAGE: &str = "ejabberd";

/// Straight from Erlang: Debian's `ejabberdctl` wants to become another user, and a node with a name would
/// leave Erlang's port mapper running. Without a name there can be any number.
pub(super) fn start(place: &Place) -> Process {
    std::fs::write(place.path("ejabberd.yml"), configuration(place))
        .expect("the folder of a test is writable");
    let mut secrets = format!("define_macro:\n  COMPONENT_SECRET: {:?}\n", place.secret);
    if let Storage::MariaDb(access) | Storage::Postgres(access) = &place.builder.storage {
        secrets += &format!("  SQL_PASSWORD: {:?}\n", access.password);
    }
    std::fs::write(place.path("secret.yml"), secrets).expect("the folder of a test is writable");
    let mut erlang = Command::new("erl");
    erlang
        .arg("-noinput")
        .args(["+K", "true", "+P", "250000"])
        .args(["-mnesia", "dir"])
        .arg(format!("{:?}", place.path("database")))
        .args(["-s", "ejabberd"])
        .current_dir(place.folder.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", place.folder.path())
        .env("ERL_LIBS", libraries())
        .env("ERL_CRASH_DUMP_BYTES", "0")
        .env("EJABBERD_CONFIG_PATH", place.path("ejabberd.yml"))
        .env("EJABBERD_LOG_PATH", place.path("ejabberd.log"));
    Process::start(erlang, &place.path("log"), PACKAGE)
}

/// Where its libraries are differs between architectures; its script knows.
fn libraries() -> PathBuf {
    let script = ["/usr/sbin/ejabberdctl", "/usr/bin/ejabberdctl"]
        .map(Path::new)
        .into_iter()
        .find(|path| path.exists())
        .unwrap_or_else(|| {
            panic!("ejabberd is not installed; on Debian: apt-get install {PACKAGE}")
        });
    let script = std::fs::read_to_string(script).expect("the script can be read");
    script
        .lines()
        .find_map(|line| line.strip_prefix("ERL_LIBS="))
        .map(|path| path.trim_matches(['\'', '"']).into())
        .expect("the script says where the libraries are")
}

/// Ours, with other values of its macros, and with a socket for commands.
fn configuration(place: &Place) -> String {
    let mut text = ours("ejabberd.yml");
    let builder = &place.builder;
    set(&mut text, "PORT", place.ports.client);
    set(&mut text, "TLS_PORT", place.ports.tls);
    set(&mut text, "COMPONENT_PORT", place.ports.component);
    set(&mut text, "CERTIFICATE", place.files.both.display());
    set(&mut text, "AUTHORITIES", place.files.ca.display());
    if !builder.registration {
        set(&mut text, "REGISTRATION", "nobody");
    }
    if !builder.encrypted {
        set(&mut text, "TLS_REQUIRED", "false");
        replace(&mut text, "    starttls: true\n", "");
        replace(&mut text, "    starttls_required: TLS_REQUIRED\n", "");
        // It would offer to read passwords that anybody else can read too.
        replace(&mut text, "  - digest-md5\n", "  - digest-md5\n  - plain\n");
        let tls = text.find("  - port: TLS_PORT").expect("it has one");
        let end = tls + text[tls..].find("  # A program").expect("the next one");
        text.replace_range(tls..end, "");
    }
    if builder.archive {
        replace(
            &mut text,
            "  #mod_mam:\n  #  default",
            "  mod_mam:\n    default",
        );
    }
    if let Some((name, storage)) = storage(place) {
        replace(
            &mut text,
            &format!("  #{name}: {{}}\n"),
            &format!("  {name}: {{}}\n"),
        );
        std::fs::write(place.path(name), storage).expect("the folder of a test is writable");
    }
    for module in &builder.without {
        text = without(&text, module);
    }
    // A socket in a folder that only we can enter: whoever reaches it may do everything.
    let api = place.path("commands");
    let listener = format!(
        "listen:\n  - port: \"unix:{}\"\n    module: ejabberd_http\n    request_handlers:\n      /: mod_http_api\n",
        api.display()
    );
    replace(&mut text, "listen:\n", &listener);
    let permissions = "api_permissions:\n  test:\n    who: all\n    what: register\n";
    replace(&mut text, "api_permissions:\n", permissions);
    text
}

/// A file of `deploy/ejabberd`.
fn ours(name: &str) -> String {
    let path = workspace().join("deploy/ejabberd").join(name);
    std::fs::read_to_string(path).expect("the configuration is there")
}

/// The name and content of the file that says where the accounts are.
fn storage(place: &Place) -> Option<(&'static str, String)> {
    let reaching = |name: &'static str, access: &Access| {
        let mut text = ours(name);
        assign(&mut text, "sql_port", access.port);
        assign(&mut text, "sql_database", &access.name);
        assign(&mut text, "sql_username", &access.name);
        (name, text)
    };
    match &place.builder.storage {
        Storage::Own => None,
        Storage::Sqlite => {
            let name = "storage-sqlite.yml";
            let mut text = ours(name);
            assign(&mut text, "sql_database", format!("{:?}", place.sqlite()));
            Some((name, text))
        }
        Storage::MariaDb(access) => Some(reaching("storage-mariadb.yml", access)),
        Storage::Postgres(access) => Some(reaching("storage-postgresql.yml", access)),
    }
}

/// Another value of a macro.
fn set(text: &mut String, name: &str, value: impl std::fmt::Display) {
    assign(text, &format!("  {name}"), value);
}

/// Another value of an option.
fn assign(text: &mut String, name: &str, value: impl std::fmt::Display) {
    let begin = format!("\n{name}: ");
    let from = text
        .find(&begin)
        .unwrap_or_else(|| panic!("no option {name}"))
        + begin.len();
    let to = from + text[from..].find('\n').expect("a line ends");
    text.replace_range(from..to, &value.to_string());
}

fn replace(text: &mut String, old: &str, new: &str) {
    assert!(text.contains(old), "the configuration has {old:?}");
    *text = text.replacen(old, new, 1);
}

/// Without a module that is named as in Prosody.
fn without(text: &str, module: &str) -> String {
    let name = match module {
        "smacks" => "stream_mgmt",
        "carbons" => "carboncopy",
        "blocklist" => "blocking",
        "vcard_legacy" => "vcard",
        "uptime" => "last",
        other => other,
    };
    let begin = format!("  mod_{name}:");
    let mut inside = false;
    let mut found = false;
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| {
            if line.starts_with(&begin) {
                (inside, found) = (true, true);
            } else if !line.starts_with("   ") {
                inside = false;
            }
            !inside
        })
        .collect();
    assert!(found, "no module {module}");
    kept.join("\n") + "\n"
}

pub(super) fn listens(place: &Place, log: &str) -> bool {
    let listens = |port| log.contains(&format!("connections at 127.0.0.1:{port} for"));
    let ports = place.ports;
    listens(ports.client)
        && listens(ports.component)
        && (!place.builder.encrypted || listens(ports.tls))
}

pub(super) fn add_account(place: &Place, name: &str, password: &str) {
    let body =
        serde_json::json!({ "user": name, "host": DOMAIN, "password": password }).to_string();
    let request = format!(
        "POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut answer = String::new();
    UnixStream::connect(place.path("commands"))
        .and_then(|mut socket| {
            socket.write_all(request.as_bytes())?;
            socket.read_to_string(&mut answer)
        })
        .unwrap_or_else(|error| panic!("ejabberd takes no commands: {error}"));
    assert!(answer.starts_with("HTTP/1.1 200 "), "no account: {answer}");
}
