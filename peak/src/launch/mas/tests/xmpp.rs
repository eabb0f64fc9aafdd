//! Files that say where agents are.

use super::{read, refused};
use crate::launch::xmpp::Way;

fn ways(text: &str) -> Vec<String> {
    let plan = read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    let ways = plan.ways.iter().map(|(domain, way)| match way {
        Way::Inside => format!("{domain} inside"),
        #[cfg(feature = "xmpp")]
        Way::Xmpp(_) => format!("{domain} on a server"),
    });
    ways.collect()
}

#[test]
fn localhost_is_inside_and_so_is_what_says_so() {
    assert_eq!(ways("agents: {logger: }"), ["localhost inside"]);
    let text = "
defaults: {domain: A.example}
agents:
  logger: {xmpp: false}
  zoe: {agent: Logger, domain: localhost}
";
    assert_eq!(ways(text), ["a.example inside", "localhost inside"]);
}

/// A password does not even reach a message.
#[test]
fn passwords_do_not_stand_in_files() {
    refused(
        "
defaults: {password: hunter2}
agents:
  logger: {xmpp: false, secret: hunter2}
",
        "error: mas.yaml:2:12: `password` in `defaults`: passwords do not stand in this file\\n\
         hint: below `xmpp:`, name a file or a variable that has it, `password_file` or \
         `password_env`; or write it into the credentials file\\n\
         error: mas.yaml:4:25: `secret` in agent `logger`: passwords do not stand in this file\\n\
         hint: name a file or a variable that has it: `secret_file` or `secret_env`\\n"
            .replace("\\n", "\n")
            .as_str(),
    );
}

#[cfg(not(feature = "xmpp"))]
#[test]
fn without_xmpp_it_says_how_to_build_with_it() {
    const HOW: &str = "hint: build it with `--features peak/xmpp`, or write `features = \
                       [\"xmpp\"]` where Cargo.toml has `peak`";
    refused(
        "
agents:
  logger: {domain: a.example}
  kim: {agent: Logger, domain: a.example, clones: 2}
  zoe: {agent: Logger, xmpp: 'localhost:5222'}
",
        &format!(
            "error: mas.yaml:3:3: agent `logger` is on the XMPP server of `a.example`, and this \
             program is built without XMPP\n{HOW}; `xmpp: false` keeps `a.example` inside the \
             process\n\
             error: mas.yaml:5:24: `xmpp`: this program is built without XMPP\n{HOW}\n"
        ),
    );
}

#[cfg(feature = "xmpp")]
mod on_servers {
    use std::ffi::OsString;
    use std::path::{Path, PathBuf};

    use tempfile::TempDir;

    use super::super::{read, read_in, refused};
    use super::ways;
    use crate::launch::args::{Command, ProgramArgs};
    use crate::launch::argv;
    use crate::launch::plan::Plan;
    use crate::launch::xmpp::{Domains, Way};
    use crate::network::xmpp::Xmpp;
    use crate::network::xmpp::settings::{Settings, server::Tls};

    /// What the command line says of servers.
    fn command_line(flags: &str) -> Domains {
        use clap::Parser as _;
        let line = ["prog", "start"]
            .into_iter()
            .chain(flags.split_whitespace());
        let argv = argv::normalized(line.map(OsString::from));
        match ProgramArgs::try_parse_from(argv).unwrap().command {
            Some(Command::Start(start)) => Domains::new(&start.common.xmpp),
            _ => Domains::default(),
        }
    }

    #[track_caller]
    fn plan(folder: &Path, text: &str, flags: &str) -> Plan {
        read_in(folder, text.as_bytes(), command_line(flags))
            .unwrap_or_else(|error| panic!("{error}"))
    }

    #[track_caller]
    fn xmpp(plan: &Plan, domain: &str) -> Xmpp {
        match &plan.ways[domain] {
            Way::Xmpp(xmpp) => (**xmpp).clone(),
            Way::Inside => panic!("{domain} is inside"),
        }
    }

    #[track_caller]
    fn settings(plan: &Plan, domain: &str) -> Settings {
        xmpp(plan, domain).settings().unwrap()
    }

    /// A folder with files that only we can read.
    fn folder(files: &[(&str, &str)]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            set_mode(&path, 0o600);
        }
        folder
    }

    fn set_mode(path: &Path, mode: u32) {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        #[cfg(not(unix))]
        let _ = (path, mode);
    }

    const CA: &str = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

    fn password(settings: &Settings, account: &str) -> String {
        let secret = settings.password_for(&account.parse().unwrap());
        secret.unwrap().unwrap().expose().to_owned()
    }

    #[test]
    fn other_domains_and_those_who_ask_for_it_are_on_servers() {
        let text = "
defaults: {xmpp: {jid_password: true}}
agents:
  logger: {domain: a.example}
  bob: {agent: Logger, domain: b.example, xmpp: false}
  kim: {agent: Logger}
";
        assert_eq!(
            ways(text),
            [
                "a.example on a server",
                "b.example inside",
                "localhost on a server"
            ]
        );
        assert_eq!(
            ways("agents: {logger: {domain: localhost, xmpp: true}}"),
            ["localhost on a server"]
        );
    }

    #[test]
    fn every_key_says_something() {
        let folder = folder(&[
            ("ca.pem", CA),
            ("pw", "hush\n"),
            ("accounts", "zoe@a.b own\n"),
        ]);
        let text = "
defaults:
  domain: a.b
  xmpp:
    server: xmpp.a.b
    port: 5555
    direct_tls: true
    ca: ca.pem
    register: true
    credentials: accounts
    route: server
    offline_queue: 7
agents:
  logger: {xmpp: {password_file: pw}}
  kim: {agent: Logger, xmpp: {jid_password: true}, clones: 2}
  zoe: {agent: Logger}
";
        let settings = settings(&plan(folder.path(), text, ""), "a.b");
        assert_eq!(settings.server.host.as_deref(), Some("xmpp.a.b"));
        assert_eq!(settings.server.port, Some(5555));
        assert_eq!(settings.server.tls, Tls::Direct);
        assert_eq!(settings.trust.ca, Some(folder.path().join("ca.pem")));
        assert!(!settings.trust.insecure);
        assert!(settings.registration("xmpp.a.b"));
        assert!(settings.route_by_server);
        assert_eq!(settings.offline_queue, 7);
        for (account, secret) in [
            ("logger@a.b", "hush"),
            ("kim0@a.b", "kim0@a.b"),
            ("kim1@a.b/main", "kim1@a.b"),
            ("zoe@a.b", "own"),
        ] {
            assert_eq!(password(&settings, account), secret);
        }
    }

    #[test]
    fn agents_behind_a_component_have_its_domain() {
        let folder = folder(&[("secret", "hush\n")]);
        let text = "
defaults: {domain: b.example}
agents:
  logger: {xmpp: {component: Agents.a.example, secret_file: secret}}
";
        let read = plan(folder.path(), text, "");
        assert_eq!(
            read.agents[0].address.as_str(),
            "logger@agents.a.example/main"
        );
        let component = settings(&read, "agents.a.example").component.unwrap();
        assert_eq!(component.domain, "agents.a.example");
        assert_eq!(component.secret.expose(), "hush");

        // A port of clients on the command line is none for components.
        let elsewhere = plan(folder.path(), text, "--xmpp 10.0.0.1:5222");
        assert_eq!(
            settings(&elsewhere, "agents.a.example").component_server(),
            ("10.0.0.1", 5347)
        );

        refused(
            "
agents:
  logger: {domain: other.example, xmpp: {component: a.b, secret_env: PATH}}
  zoe: {agent: Logger, xmpp: {component: c.d}}
  bob: {agent: Logger, xmpp: {component: c d, secret_env: PATH, password_env: PATH}}
  kim: {agent: Logger, domain: e.f, xmpp: {secret_env: PATH}}
",
            "error: mas.yaml:3:20: agent `logger` is behind the component `a.b`, and has the \
             domain `other.example`\n\
             hint: leave `domain` out: agents behind a component have its domain\n\
             error: mas.yaml:5:3: agent `bob`: `bob@c d/main` is not a JID: the domain is not a \
             valid host name; write it as `name@domain` or `name@domain/resource`\n\
             error: mas.yaml:5:42: `c d` is not the domain of a component\n\
             hint: write the host name that the server has for it: `agents.example.org`\n\
             error: mas.yaml:5:79: a component has no accounts\n\
             hint: leave it out: a component has a secret, `secret_file` or `secret_env`\n",
        );
        refused(
            "
agents:
  zoe: {agent: Logger, xmpp: {component: c.d}}
  kim: {agent: Logger, domain: e.f, xmpp: {secret_env: PATH}}
",
            "error: mas.yaml:3:42: the component `c.d` has no secret\n\
             hint: name a file with the secret that the server has for it: `secret_file`\n\
             error: mas.yaml:4:56: there is a secret, and no component that has it\n\
             hint: name its domain: `component`\n",
        );
    }

    #[test]
    fn peaks_keys_mean_what_they_say_and_what_is_dangerous_is_said() {
        let text = "
defaults: {domain: a.b, port: 5333, verify_security: false, xmpp: {jid_password: true}}
agents:
  logger: {log_level: info}
  kim: {agent: Logger}
";
        let read = read(text.as_bytes()).unwrap();
        assert_eq!(
            read.warnings,
            [
                "mas.yaml:2:54: `verify_security: false`: the certificate of the server is not \
              verified, so whoever is in between can read everything, passwords too; leave the \
              key out, or name a `ca`"
            ]
        );
        let unverified = settings(&read, "a.b");
        assert!(unverified.trust.insecure);
        assert_eq!(unverified.server.port, Some(5333));

        let verified = |keys: &str, flags: &str| {
            let text = format!("agents: {{logger: {{domain: a.b, {keys}}}}}");
            let flags = format!("--jid-password {flags}");
            let read = plan(Path::new(""), &text, &flags);
            assert_eq!(
                read.warnings.len(),
                usize::from(keys.contains("#")),
                "{keys}"
            );
            !settings(&read, "a.b").trust.insecure
        };
        assert!(verified("xmpp: true", ""));
        assert!(verified("ssl: true", ""));
        assert!(verified("ssl: true, verify_security: false", ""));
        assert!(verified("ssl: false, verify_security: true", ""));
        assert!(verified("verify_security: false", "--verify_security"));
        assert!(!verified("xmpp: {insecure: true}", ""));
        assert!(!verified("ssl: true", "--insecure"));
        let read = plan(
            Path::new(""),
            "agents: {logger: {domain: a.b, ssl: false}}",
            "--jid-password",
        );
        assert!(settings(&read, "a.b").trust.insecure);
        assert!(read.warnings[0].starts_with("mas.yaml:1:37: `ssl: false`: "));
    }

    #[test]
    fn the_command_line_wins_but_for_passwords() {
        let folder = folder(&[("ca.pem", CA), ("pw", "hush\n"), ("other", "loud\n")]);
        let other = folder.path().join("other");
        let text = "
defaults: {xmpp: {server: 'a.example:1', password_file: pw}}
agents:
  logger: {xmpp: {ca: ca.pem}}
  kim: {agent: Logger, domain: b.example, xmpp: false}
  zoe: {agent: Logger, domain: c.example}
";
        let flags = format!(
            "--xmpp [::1]:9 --register --password-file {}",
            other.display()
        );
        let read = plan(folder.path(), text, &flags);
        for (account, domain) in [
            ("logger@localhost", "localhost"),
            ("kim@b.example", "b.example"),
            ("zoe@c.example", "c.example"),
        ] {
            let settings = settings(&read, domain);
            assert_eq!(settings.server.host.as_deref(), Some("::1"), "{domain}");
            assert_eq!(settings.server.port, Some(9));
            assert!(settings.registration("elsewhere.example"));
            assert_eq!(password(&settings, account), "hush");
        }
        let without = "agents: {logger: {domain: a.b}}";
        let read = plan(folder.path(), without, &flags);
        assert_eq!(password(&settings(&read, "a.b"), "logger@a.b"), "loud");
    }

    #[test]
    fn flags_for_servers_have_no_effect_inside() {
        let flags = "--port 5222 --insecure";
        let read = plan(Path::new(""), "agents: {logger: }", flags);
        assert_eq!(
            read.warnings,
            [
                "`--port` has no effect: the agents are on the network inside the process",
                "`--insecure` has no effect: the agents are on the network inside the process",
            ]
        );
    }

    #[test]
    fn agents_of_one_domain_share_their_server() {
        refused(
            "
defaults: {domain: a.b, xmpp: {server: localhost, register: true}}
agents:
  logger: {xmpp: {jid_password: true}}
  kim: {agent: Logger, xmpp: {password_env: PATH}}
  zoe: {agent: Logger, xmpp: {server: other}}
  bob: {agent: Logger, xmpp: false}
  ada: {agent: Logger, verify_security: false}
",
            "error: mas.yaml:6:3: agent `zoe` has another `server` than agent `logger` at 4:3, \
             which has the same domain `a.b`\n\
             hint: agents of one domain share one network; only their passwords may differ\n\
             error: mas.yaml:7:3: agent `bob` has another `xmpp` than agent `logger` at 4:3, \
             which has the same domain `a.b`\n\
             hint: agents of one domain share one network; only their passwords may differ\n\
             error: mas.yaml:8:3: agent `ada` has another `insecure` than agent `logger` at 4:3, \
             which has the same domain `a.b`\n\
             hint: agents of one domain share one network; only their passwords may differ\n",
        );
    }

    #[test]
    fn wrong_keys_and_values_come_all_at_once() {
        refused(
            "
agents:
  logger:
    xmpp:
      sever: localhost
      server: xmpp://localhost
      port: 70000
      direct_tls: maybe
      register: 1
      password: hunter2
      password_env: PATH
      jid_password: true
      verify_security: false
      route: around
      offline_queue: 0
      route: server
  kim: {agent: Logger, xmpp: [a]}
  zoe: {agent: Logger, server: localhost}
  bob: {agent: Logger, domain: c.d, xmpp: {server: 'a:1', port: 2, insecure: true, ca: x}}
  ada: {agent: Logger, domain: d.e, port: 3, ssl: true, xmpp: {port: 4, insecure: true}}
",
            "error: mas.yaml:5:7: unknown key `sever` in `xmpp` of agent `logger`\n\
             hint: did you mean `server`?\n\
             error: mas.yaml:6:15: `xmpp://localhost` is not a server: it is a URL\n\
             hint: write the host alone: `localhost`\n\
             error: mas.yaml:7:13: expected a port, from 1 to 65535, found the number `70000`\n\
             error: mas.yaml:8:19: expected `true` or `false`, found the text `maybe`\n\
             error: mas.yaml:9:17: expected `true` or `false`, found the number `1`\n\
             error: mas.yaml:10:7: `password` in `xmpp` of agent `logger`: passwords do not \
             stand in this file\n\
             hint: below `xmpp:`, name a file or a variable that has it, `password_file` or \
             `password_env`; or write it into the credentials file\n\
             error: mas.yaml:12:7: `jid_password` is another place for what is given already\n\
             hint: leave one of them out\n\
             error: mas.yaml:13:7: unknown key `verify_security` in `xmpp` of agent `logger`\n\
             hint: write `insecure: true` or `insecure: false`\n\
             error: mas.yaml:14:14: expected `server` or `direct`, found the text `around`\n\
             error: mas.yaml:15:22: expected a number of messages, from 1 to 1000000, found the \
             number `0`\n\
             error: mas.yaml:16:7: the key `route` is in `xmpp` of agent `logger` twice, first \
             at 14:7\n\
             hint: leave one of them out\n\
             error: mas.yaml:17:30: expected `false`, a server or a mapping, found a list\n\
             hint: write `xmpp: HOST`, or its keys below it, indented\n\
             error: mas.yaml:18:24: unknown key `server` in agent `zoe`\n\
             hint: write it below `xmpp:`, indented: `server`\n\
             error: mas.yaml:19:65: the server has the port 1, and the port 2 is given too\n\
             hint: leave one of them out\n\
             error: mas.yaml:19:88: a CA file is named, and certificates are not to be \
             verified\n\
             hint: leave one of them out: a CA file is the safe way\n\
             error: mas.yaml:20:43: `xmpp` has another `port`\n\
             hint: leave one of them out\n\
             error: mas.yaml:20:51: `ssl` says something else than `insecure`\n\
             hint: leave `ssl` out\n",
        );
    }

    /// The error of a file of which `FOLDER` stands for a folder.
    #[track_caller]
    fn error(folder: &Path, text: &str) -> String {
        let error = read_in(folder, text.as_bytes(), Domains::default()).unwrap_err();
        error.replace(&folder.display().to_string(), "FOLDER")
    }

    #[cfg(unix)]
    #[test]
    fn files_are_looked_into_before_anything_starts() {
        let folder = folder(&[("open", "hush\n"), ("empty", ""), ("accounts", "zoe@a.b\n")]);
        set_mode(&folder.path().join("open"), 0o644);
        let text = "
agents:
  a: {agent: Logger, domain: a.a, xmpp: {ca: empty, password_file: open}}
  b: {agent: Logger, domain: b.b, xmpp: {ca: nowhere, password_file: nowhere}}
  c: {agent: Logger, domain: c.c, xmpp: {password_env: PEAK_TEST_OF_NO_SUCH_VARIABLE}}
";
        assert_eq!(
            error(folder.path(), text),
            "error: mas.yaml:3:46: no certificates can be had from `FOLDER/empty`: there is no \
             certificate in it\n\
             hint: name a file with certificates in PEM, as `-----BEGIN CERTIFICATE-----`\n\
             error: mas.yaml:3:68: `FOLDER/open` holds passwords, and other users can get at it \
             (its mode is 644)\n\
             hint: `chmod 600 FOLDER/open`\n\
             error: mas.yaml:4:46: no certificates can be had from `FOLDER/nowhere`: there is no \
             such file\n\
             hint: name a file with certificates in PEM, as `-----BEGIN CERTIFICATE-----`\n\
             error: mas.yaml:4:70: there is no file `FOLDER/nowhere`\n\
             hint: write the password into its first line, and `chmod 600` it\n\
             error: mas.yaml:5:56: the variable `PEAK_TEST_OF_NO_SUCH_VARIABLE` is not set, or \
             empty\n\
             hint: give the password in `PEAK_TEST_OF_NO_SUCH_VARIABLE`, or name a password \
             file\n"
        );
        let text = "
agents:
  zoe: {agent: Logger, domain: a.b, xmpp: {credentials: accounts}}
";
        assert_eq!(
            error(folder.path(), text),
            "error: mas.yaml:3:57: line 1 of `FOLDER/accounts`: no password follows the \
             address\n\
             hint: write a line for each account, as `name@domain PASSWORD`\n"
        );
    }

    #[test]
    fn who_has_no_password_and_registers_none_is_named() {
        let folder = folder(&[("accounts", "zoe@a.b own\n")]);
        let text = "
defaults: {domain: a.b, xmpp: {credentials: accounts}}
agents:
  zoe: {agent: Logger}
  kim: {agent: Logger, clones: 2}
";
        let file = PathBuf::from("FOLDER").join("accounts");
        assert_eq!(
            error(folder.path(), text),
            format!(
                "error: mas.yaml:5:3: there is no password for `kim0@a.b`, and no accounts are \
                 registered on the server of `a.b`\n\
                 hint: give one: `--password-file FILE`, the variable `PEAK_PASSWORD`, a line \
                 `kim0@a.b PASSWORD` in `{}`; or let it register, with `--register`\n",
                file.display()
            )
        );
        for server in ["server: 127.0.0.1", "register: true"] {
            let text = text.replace("credentials: accounts", server);
            assert_eq!(plan(folder.path(), &text, "").agents.len(), 3);
        }
    }
}
