//! What people say, and what it comes to.

use super::*;

fn jid(text: &str) -> Jid {
    text.parse().unwrap()
}

#[track_caller]
fn refused(xmpp: &Xmpp, words: &str) {
    let error = xmpp.check().unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
}

/// A file, alone in a folder of its own.
fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    (folder, path)
}

#[test]
fn nothing_said_is_safe() {
    let settings = Xmpp::new().settings().unwrap();
    assert_eq!(settings.server, Server::default());
    assert_eq!(settings.server.tls, Tls::StartTls);
    assert_eq!(settings.trust, Trust::default());
    assert!(!settings.trust.insecure);
    assert!(settings.component.is_none());
    assert!(!settings.route_by_server);
    assert_eq!(settings.offline_queue, 1024);
    assert_eq!(Xmpp::new().caution(), None);
}

#[test]
fn a_server_and_its_port() {
    let server = |xmpp: Xmpp| {
        let server = xmpp.settings().unwrap().server;
        (server.host, server.port)
    };
    let host = |host: &str| Some(host.to_owned());
    assert_eq!(server(Xmpp::new().server("a")), (host("a"), None));
    assert_eq!(
        server(Xmpp::new().server("a").port(1)),
        (host("a"), Some(1))
    );
    assert_eq!(server(Xmpp::new().server("a:2")), (host("a"), Some(2)));
    assert_eq!(
        server(Xmpp::new().server("a:2").port(2)),
        (host("a"), Some(2))
    );
    assert_eq!(server(Xmpp::new().port(3)), (None, Some(3)));
    refused(
        &Xmpp::new().server("a:2").port(3),
        "the server has the port 2, and the port 3 is given too; leave one of them out",
    );
    refused(&Xmpp::new().port(0), "0 is not a port");
    refused(&Xmpp::new().server("a b"), "`a b` is not a server");
}

#[test]
fn accounts_are_registered_on_this_machine_unless_said_otherwise() {
    let registers = |xmpp: Xmpp, host| xmpp.settings().unwrap().registration(host);
    assert!(registers(Xmpp::new(), "localhost"));
    assert!(registers(Xmpp::new(), "127.0.0.1"));
    assert!(!registers(Xmpp::new(), "example.org"));
    assert!(registers(Xmpp::new().register(true), "example.org"));
    assert!(!registers(Xmpp::new().register(false), "localhost"));
    let component = Xmpp::new().component("a.localhost").secret("s");
    assert!(!registers(component, "localhost"));
}

#[test]
fn certificates_come_from_a_file_that_has_some() {
    let (_folder, path) = file("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
    let settings = Xmpp::new().ca_file(&path).settings().unwrap();
    assert_eq!(settings.trust.ca.as_deref(), Some(path.as_path()));
    refused(
        &Xmpp::new().ca_file(&path).insecure(true),
        "leave one of them out",
    );
    let (_folder, path) = file("nothing of the kind\n");
    refused(&Xmpp::new().ca_file(&path), "there is no certificate in it");
    refused(
        &Xmpp::new().ca_file(path.with_file_name("nowhere")),
        "there is no such file; name a file with certificates in PEM",
    );
    refused(
        &Xmpp::new().ca_file(path.parent().unwrap()),
        "it is not a regular file",
    );
}

#[test]
fn a_component_has_a_domain_and_a_secret() {
    let (_folder, path) = file("hush\n");
    let settings = Xmpp::new()
        .component("Agents.Example.org")
        .secret_file(&path)
        .settings()
        .unwrap();
    let component = settings.component.as_ref().unwrap();
    assert_eq!(component.domain, "agents.example.org");
    assert_eq!(component.secret, Secret::new("hush"));
    assert_eq!(settings.component_server(), ("localhost", 5347));
    let elsewhere = Xmpp::new().component("a.b").secret("s").server("[::1]:1");
    assert_eq!(elsewhere.settings().unwrap().component_server(), ("::1", 1));
    refused(
        &Xmpp::new().component("a.b"),
        "the component `a.b` has no secret; name a file",
    );
    refused(&Xmpp::new().secret("s"), "name its domain: `component`");
    for bad in ["bob@a.b", "a b", "a.b/c", ""] {
        refused(
            &Xmpp::new().component(bad).secret("s"),
            "is not the domain of a component",
        );
    }
    refused(
        &Xmpp::new()
            .component("a.b")
            .secret_file(path.with_file_name("nowhere")),
        "there is no file `",
    );
}

#[test]
fn passwords_are_looked_at_before_anything_connects() {
    let (_folder, path) = file("\n");
    refused(
        &Xmpp::new().password_file(&path),
        "is empty; write the password into its first line",
    );
    refused(
        &Xmpp::new().password_env("PEAK_TEST_OF_NO_SUCH_VARIABLE"),
        "the variable `PEAK_TEST_OF_NO_SUCH_VARIABLE` is not set, or empty",
    );
    refused(&Xmpp::new().password("two\nlines"), "more than one line");
    refused(
        &Xmpp::new().account("bob@b@c", "x"),
        "whose address is none: it has more than one `@`; write it as `name@domain`",
    );
    refused(
        &Xmpp::new().account("bob@b", ""),
        "the password cannot be one: it is empty",
    );
    let (_folder, path) = file("no account\n");
    refused(&Xmpp::new().credentials_file(&path), "line 1 of `");
    // A component asks for no password.
    let component = Xmpp::new().component("a.b").secret("s");
    assert_eq!(component.credentials_file(&path).check(), Ok(()));
}

#[test]
fn peaks_accounts_have_their_address_as_password() {
    let password = |xmpp: &Xmpp, account: &str| {
        let settings = xmpp.settings().unwrap();
        settings.password_for(&jid(account)).unwrap()
    };
    let xmpp = Xmpp::new().jid_as_password(true).account("zoe@b", "own");
    assert_eq!(password(&xmpp, "bob@b/main"), Some(Secret::new("bob@b")));
    assert_eq!(password(&xmpp, "zoe@b/main"), Some(Secret::new("own")));
    let (_folder, path) = file("bob@b kept\n");
    let none = xmpp.jid_as_password(false).credentials_file(path);
    assert_eq!(password(&none, "bob@b"), Some(Secret::new("kept")));
}

#[test]
fn what_is_dangerous_is_said() {
    let caution = |xmpp: Xmpp| xmpp.caution().unwrap_or_default();
    assert_eq!(
        caution(Xmpp::new().insecure(true).server("a.b")),
        "the certificate of `a.b` is not verified: whoever is in between can read everything, \
         passwords too"
    );
    let component = Xmpp::new().component("a.b").secret("s");
    assert_eq!(caution(component.clone()), "");
    // A component has no TLS, whatever is said.
    let far = component.server("c.d").direct_tls(true);
    assert!(caution(far).contains("to `c.d` is not encrypted"));
}

#[test]
fn nothing_that_is_shown_has_a_password_in_it() {
    let xmpp = Xmpp::new()
        .password("hunter2")
        .account("bob@b", "hunter2")
        .component("a.b")
        .secret("hunter2");
    let shown = format!("{xmpp:?} {:?}", xmpp.settings().unwrap());
    assert!(!shown.contains("hunter2"), "{shown}");
}
