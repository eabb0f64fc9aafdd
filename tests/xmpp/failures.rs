//! Agents that cannot connect: each has a clear error, within seconds.

use std::fs::Permissions;
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use peak::prelude::*;
use peak::{AttachError, ConnectError, SpawnError, Xmpp};
use peak_tests::Ran;
use peak_tests::servers::stream::Stream;
use peak_tests::servers::{Builder, Server, Wrong};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::process::{agent, errors, ran};
use super::{Hands, Log, access, hands, on_both_servers, on_prosody};

/// Nobody waits longer for an error.
const SOON: Duration = Duration::from_secs(10);

const ANN: &str = "ann@localhost";

/// Why an agent cannot connect.
async fn refusal_of(jid: &str, xmpp: Xmpp) -> ConnectError {
    let platform = Platform::builder().xmpp(xmpp).build();
    let begin = Instant::now();
    let error = platform.spawn(jid, Hands).await.err();
    let took = begin.elapsed();
    assert!(took < SOON, "it took {took:?}: {error:?}");
    match error {
        Some(SpawnError::Attach(AttachError::Xmpp { error, .. })) => error,
        other => panic!("not an error of the connection: {other:?}"),
    }
}

async fn refusal(xmpp: Xmpp) -> ConnectError {
    refusal_of(ANN, xmpp).await
}

/// Whether all the words are in it: what is wrong, and what to do.
fn says(text: impl std::fmt::Display, words: &[&str]) {
    let text = text.to_string();
    for word in words {
        assert!(text.contains(word), "no {word:?} in: {text}");
    }
}

/// A program that fails: soon, and with one error.
async fn fails(command: Command, words: &[&str]) -> Ran {
    let begin = Instant::now();
    let ran = ran(command).await;
    let took = begin.elapsed();
    assert!(took < SOON, "it took {took:?}: {ran:?}");
    assert!(matches!(ran.code, Some(1 | 2)), "{ran:?}");
    assert_eq!(errors(&ran).len(), 1, "{ran:?}");
    assert!(!ran.err.contains(" ended, "), "nothing has begun: {ran:?}");
    says(&ran.err, words);
    ran
}

/// Whether the server has no such account. (It has one afterwards.)
fn is_free(server: &Server, name: &str) -> bool {
    let plain = Stream::client(server.port()).expect("it answers");
    let stream = plain.starttls(server.ca());
    let answer = stream.and_then(|mut stream| stream.register(name, "secret"));
    !answer.expect("it answers").contains("conflict")
}

on_both_servers! {
    async fn a_wrong_password_is_named(server: Server) {
        server.add_account("ann", "right");
        let wrong = || access(&server).password("hunter2");
        let error = refusal(wrong()).await;
        assert!(matches!(error, ConnectError::WrongPassword { .. }), "{error:?}");
        says(&error, &["refuses the password of `ann@localhost`", "it is wrong", "`--register`"]);
        // Nothing tells whether there is an account.
        for name in [ANN, "nobody@localhost"] {
            let error = refusal_of(name, wrong().register(false)).await;
            assert!(matches!(error, ConnectError::WrongPassword { .. }), "{error:?}");
        }

        let mut command = agent(&server, "Idle -j ann@localhost --no-register --log-level debug");
        command.arg("--ca").arg(server.ca()).env("PEAK_PASSWORD", "hunter2");
        let ran = fails(command, &["refuses the password of `ann@localhost`"]).await;
        assert!(!ran.err.contains("hunter2"), "{ran:?}");
        assert!(!Log::of_this_test().has(&["hunter2"]));
    }

    async fn an_account_of_somebody_else_is_left_alone(server: Server) {
        server.add_account("ann", "unknown here");
        let file = server.folder().join("credentials");
        let error = refusal(access(&server)).await;
        assert!(matches!(error, ConnectError::AccountExists { .. }), "{error:?}");
        let words = [
            "the account `ann@localhost` exists already",
            "`--password-file FILE`",
            "PEAK_PASSWORD",
            "`--jid-password`",
        ];
        says(&error, &words);
        let kept = std::fs::read_to_string(&file).expect("it was written before");
        assert!(!kept.contains(ANN), "{kept}");

        let mut command = agent(&server, "Idle -j ann@localhost");
        command.arg("--ca").arg(server.ca());
        fails(command, &words).await;
        // Whoever knows the password may come in.
        let platform = Platform::builder().xmpp(access(&server).password("unknown here")).build();
        hands(&platform, ANN).await;
        platform.stop().await;
    }

    async fn where_nobody_may_register_that_is_said(server: Builder) {
        let server = server.without_registration().start();
        let error = refusal(access(&server)).await;
        assert!(matches!(error, ConnectError::NoRegistration { .. }), "{error:?}");
        let words = ["makes no account for `ann@localhost`", "prosodyctl adduser ann@localhost"];
        says(&error, &words);
        let kept = std::fs::read_to_string(server.folder().join("credentials"));
        assert!(!kept.unwrap_or_default().contains(ANN));

        let mut command = agent(&server, "Idle -j ann@localhost");
        command.arg("--ca").arg(server.ca());
        fails(command, &words).await;
    }

    async fn without_tls_no_password_is_sent(server: Builder) {
        let server = server.plain_only().start();
        server.add_account("ann", "secret");
        let open = || Xmpp::new().server(format!("localhost:{}", server.port())).password("secret");
        let error = refusal(open()).await;
        assert!(matches!(error, ConnectError::NoTls { .. }), "{error:?}");
        says(&error, &["offers no TLS", "`--insecure`"]);

        let command = agent(&server, "Idle -j ann@localhost");
        fails(command, &["offers no TLS", "`--insecure`"]).await;
        // SCRAM does without sending it.
        let platform = Platform::builder().xmpp(open().insecure(true)).build();
        assert!(Log::of_this_test().has(&["WARN", "`localhost` is not verified"]));
        assert!(hands(&platform, ANN).await.is_online());
        platform.stop().await;
    }

    async fn a_certificate_that_proves_nothing_is_refused(server: Builder) {
        for (wrong, reason) in [
            (Wrong::Name, "it is for elsewhere.example"),
            (Wrong::Expired, "it has expired"),
            (Wrong::SelfSigned, "nobody that is trusted here has signed it"),
        ] {
            let server = server.clone().certificate(wrong).start();
            let error = refusal(access(&server)).await;
            assert!(matches!(error, ConnectError::Certificate { .. }), "{wrong:?}: {error:?}");
            let place = format!("localhost:{}", server.port());
            let words = [&format!("the certificate of {place} is not valid for `localhost`"), reason];
            says(&error, &[words[0], words[1], "`--ca FILE`", "`--insecure`"]);

            let mut command = agent(&server, "Idle -j ann@localhost");
            command.arg("--ca").arg(server.ca());
            fails(command, &[words[0], words[1], "`--ca FILE`"]).await;
            assert!(connects_insecurely(&server).await);
        }
    }
}

/// Connects without looking at the certificate, which is said aloud.
async fn connects_insecurely(server: &Server) -> bool {
    let xmpp = Xmpp::new()
        .server(format!("localhost:{}", server.port()))
        .credentials_file(server.folder().join("credentials"))
        .insecure(true);
    let platform = Platform::builder().xmpp(xmpp).build();
    assert!(Log::of_this_test().has(&["WARN", "the certificate of `localhost` is not verified"]));
    let is_online = hands(&platform, ANN).await.is_online();
    platform.stop().await;
    is_online
}

on_prosody! {
    async fn an_authority_that_nobody_knows_is_none() {
        let server = Server::prosody().start();
        let xmpp = Xmpp::new().server(format!("localhost:{}", server.port()));
        let error = refusal(xmpp).await;
        assert!(matches!(error, ConnectError::Certificate { .. }), "{error:?}");
        says(&error, &["nobody that is trusted here has signed it", "`--ca FILE`"]);
        fails(agent(&server, "Idle -j ann@localhost"), &["`--ca FILE`"]).await;

        // And said aloud by the program, which then goes on.
        let mut command = agent(&server, "Thermostat -j ann@localhost --param room=attic --insecure");
        command.arg("--credentials").arg(server.folder().join("credentials"));
        let ran = ran(command).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        says(&ran.err, &["WARN", "the certificate of `localhost` is not verified", "room=attic"]);
    }

    async fn no_password_and_no_registration_is_an_error() {
        let server = Server::prosody().start();
        let error = refusal(access(&server).register(false)).await;
        assert!(matches!(error, ConnectError::NoPassword { .. }), "{error:?}");
        says(&error, &["no password for `ann@localhost`", "`--password-file FILE`", "PEAK_PASSWORD"]);

        let mut command = agent(&server, "Idle -j ann@localhost --no-register");
        command.arg("--ca").arg(server.ca());
        let words = ["no password for `ann@localhost`", "hint: ", "--password-file FILE"];
        fails(command, &words).await;
        assert!(is_free(&server, "ann"));
    }

    /// A password that nobody could find again is worse than no account.
    async fn what_cannot_be_kept_is_not_registered() {
        let server = Server::prosody().start();
        // Not even root makes a file there.
        let error = refusal(access(&server).credentials_file("/sys/peak/credentials")).await;
        assert!(matches!(error, ConnectError::Settings(_)), "{error:?}");
        says(&error, &["`/sys/peak/credentials` cannot be written", "name another credentials file"]);

        let mut command = agent(&server, "Idle -j ann@localhost --credentials /sys/peak/credentials");
        command.arg("--ca").arg(server.ca());
        fails(command, &["`/sys/peak/credentials` cannot be written"]).await;
        assert!(is_free(&server, "ann"));
    }

    async fn on_a_full_disk_nothing_is_registered() {
        let server = Server::prosody().start();
        let folder = server.folder().join("full");
        std::fs::create_dir(&folder).expect("the folder of a test is writable");
        let agent = agent(&server, "Idle -j ann@localhost --credentials");
        let mut on_full_disk = Command::new("unshare");
        // In a mount namespace of its own: gone with the program, whatever becomes of it.
        on_full_disk
            .args(["--map-root-user", "--mount", "sh", "-ec"])
            .arg(
                "mount -t tmpfs -o size=16k peak \"$1\"
                 : >\"$1/credentials.lock\"
                 chmod 600 \"$1/credentials.lock\"
                 head -c 100000 /dev/zero >\"$1/full\" 2>/dev/null || true
                 folder=$1
                 shift
                 exec \"$@\" \"$folder/credentials\" --ca \"$CA\"",
            )
            .arg("sh")
            .arg(&folder)
            .arg(agent.get_program())
            .args(agent.get_args())
            .envs(agent.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .env_remove("PEAK_PASSWORD")
            .env_remove("XDG_CONFIG_HOME")
            .env("CA", server.ca());
        fails(on_full_disk, &["cannot be written: No space left on device", "name another"]).await;
        assert!(is_free(&server, "ann"));
    }

    async fn what_others_can_read_holds_no_passwords() {
        let server = Server::prosody().start();
        let file = server.folder().join("credentials");
        std::fs::write(&file, "ann@localhost secret\n").expect("the folder of a test is writable");
        std::fs::set_permissions(&file, Permissions::from_mode(0o644)).expect("it is ours");
        let words = ["other users can get at it (its mode is 644)", "chmod 600"];
        says(refusal(access(&server)).await, &words);
        let password_file = access(&server).password_file(&file);
        says(refusal(password_file).await, &words);

        for flag in ["--credentials", "--password-file"] {
            let mut command = agent(&server, "Idle -j ann@localhost");
            command.arg("--ca").arg(server.ca()).arg(flag).arg(&file);
            fails(command, &[words[0], "hint: `chmod 600"]).await;
        }
        assert!(is_free(&server, "ann"));
    }

    async fn a_bad_file_of_certificates_is_named() {
        let server = Server::prosody().start();
        let write = |name: &str, text: &str| {
            let path = server.folder().join(name);
            std::fs::write(&path, text).expect("the folder of a test is writable");
            path
        };
        let begin = "-----BEGIN CERTIFICATE-----";
        let end = "-----END CERTIFICATE-----";
        for (path, words) in [
            (write("empty", ""), "there is no certificate in it"),
            (write("torn", begin), "PEM"),
            (write("odd", &format!("{begin}\n%%%\n{end}\n")), "PEM"),
            (write("none", &format!("{begin}\nAAAA\n{end}\n")), "not valid"),
            (server.folder().join("missing"), "there is no such file"),
            (server.folder().to_owned(), "it is not a regular file"),
        ] {
            let error = refusal(access(&server).ca_file(&path)).await;
            assert!(matches!(error, ConnectError::Settings(_)), "{error:?}");
            says(&error, &[&path.display().to_string(), words]);
            let mut command = agent(&server, "Idle -j ann@localhost");
            command.arg("--ca").arg(&path);
            fails(command, &[&path.display().to_string(), words]).await;
        }
    }

    async fn the_port_of_tls_is_not_that_of_others() {
        let server = Server::prosody().start();
        // Each way at the other one's port.
        let error = refusal(access(&server).direct_tls(true)).await;
        says(&error, &[&format!("localhost:{}", server.port()), "no TLS"]);
        let other = access(&server).server(format!("localhost:{}", server.tls_port()));
        says(refusal(other).await, &[&format!("localhost:{}", server.tls_port())]);
    }
}

/// A server of a test's own that does the same with everybody.
async fn serving<F>(with: impl Fn(TcpStream) -> F + Send + 'static) -> Xmpp
where
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            // What becomes of one is no concern of the next.
            tokio::spawn(with(tcp));
        }
    });
    Xmpp::new()
        .server(format!("localhost:{port}"))
        .password("secret")
}

#[test]
fn where_nobody_listens_that_is_said() {
    super::live(async {
        // A port of the system's that nothing has.
        let error = refusal(Xmpp::new().server("localhost:1").password("secret")).await;
        assert!(
            matches!(error, ConnectError::Unreachable { .. }),
            "{error:?}"
        );
        says(
            &error,
            &["no XMPP server answers at localhost:1", "is it running"],
        );
        let mut command = super::process::command(super::process::AGENTS, Path::new("/nowhere"));
        command
            .args(["run", "Idle", "--xmpp", "localhost:1"])
            .env("PEAK_PASSWORD", "secret");
        fails(command, &["no XMPP server answers at localhost:1"]).await;
    });
}

#[test]
fn a_host_that_there_is_not_is_named() {
    super::live(async {
        let xmpp = || Xmpp::new().password("secret");
        for (jid, xmpp) in [
            (ANN, xmpp().server("nowhere.invalid")),
            ("ann@nowhere.invalid", xmpp()),
        ] {
            let error = refusal_of(jid, xmpp).await;
            assert!(
                matches!(error, ConnectError::UnknownHost { .. }),
                "{error:?}"
            );
            says(
                &error,
                &["`nowhere.invalid` was not found", "check the name"],
            );
        }
        let mut command = super::process::command(super::process::AGENTS, Path::new("/nowhere"));
        command
            .args(["run", "Idle", "-j", "ann@nowhere.invalid"])
            .env("PEAK_PASSWORD", "secret");
        fails(command, &["`nowhere.invalid` was not found"]).await;
    });
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    super::live(async {
        let silent = serving(|mut tcp| async move {
            let mut bytes = [0; 1024];
            while tcp.read(&mut bytes).await? > 0 {}
            Ok(())
        });
        let error = refusal(silent.await).await;
        assert!(matches!(error, ConnectError::Timeout { .. }), "{error:?}");
        says(&error, &["did not answer within 8 s"]);
    });
}

/// What a server says before anybody has logged in.
const GREETING: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='1' \
    xmlns:stream='http://etherx.jabber.org/streams' from='localhost' version='1.0'>\
    <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
    <mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features>";

#[test]
fn a_server_that_falls_silent_at_the_login_is_given_up() {
    super::live(async {
        let silent = serving(|mut tcp| async move {
            tcp.write_all(GREETING.as_bytes()).await?;
            let mut bytes = [0; 1024];
            while tcp.read(&mut bytes).await? > 0 {}
            Ok(())
        });
        let error = refusal(silent.await.insecure(true)).await;
        assert!(matches!(error, ConnectError::Timeout { .. }), "{error:?}");
        says(&error, &["did not answer within"]);
    });
}

#[test]
fn a_server_that_hangs_up_is_named() {
    super::live(async {
        for words in [GREETING, ""] {
            let short = serving(move |mut tcp| async move {
                tcp.write_all(words.as_bytes()).await?;
                let mut bytes = [0; 1024];
                tcp.read(&mut bytes).await.map(drop)
            });
            let error = refusal(short.await.insecure(true)).await;
            assert!(matches!(error, ConnectError::Broken { .. }), "{error:?}");
            says(&error, &["ended the connection"]);
        }
    });
}

#[test]
fn another_service_is_not_taken_for_a_server() {
    super::live(async {
        let web = serving(|mut tcp| async move {
            // Its first words are answered, whatever they are.
            tcp.readable().await?;
            let page =
                "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html></html>\r\n";
            tcp.write_all(page.as_bytes()).await
        });
        let error = refusal(web.await).await;
        assert!(matches!(error, ConnectError::Protocol { .. }), "{error:?}");
        says(&error, &["does not keep to XMPP", "another service"]);

        // A page that is XML, but none of XMPP's.
        let page = serving(|mut tcp| async move {
            tcp.write_all(b"<html><head></head><body></body></html>")
                .await
        });
        let error = refusal(page.await).await;
        assert!(matches!(error, ConnectError::Protocol { .. }), "{error:?}");
    });
}
