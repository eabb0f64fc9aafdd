//! Accounts: registered, logged in to, and shared by several agents.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use peak::prelude::*;
use peak::{AttachError, SpawnError, Xmpp};
use peak_tests::end;
use peak_tests::servers::{Builder, Server};

use super::process::{agent, ran, start};
use super::proxy::Proxy;
use super::{Eyes, Hands, Log, access, access_at, builder, hands, on_both_servers, platform};

/// A platform of one account, whose password is known.
fn with(xmpp: Xmpp) -> Platform {
    Platform::builder().xmpp(xmpp).build()
}

on_both_servers! {
    async fn registration_keeps_the_password_for_the_next_time(server: Server) {
        let file = server.folder().join("kept/credentials");
        let reach = || access(&server).credentials_file(&file);
        let first = with(reach());
        hands(&first, "ann@localhost").await;
        first.stop().await;
        let kept = std::fs::read_to_string(&file).expect("it was written");
        let (account, password) = kept.trim_end().split_once(' ').expect("a line of two words");
        assert_eq!(account, "ann@localhost");
        assert!(password.len() >= 24, "no password to guess");
        let mode = |path: &std::path::Path| {
            let metadata = std::fs::metadata(path).expect("it is there");
            metadata.permissions().mode() & 0o777
        };
        assert_eq!(mode(&file), 0o600);
        assert_eq!(mode(file.parent().expect("a folder")), 0o700);
        let log = Log::of_this_test();
        assert_eq!(log.lines(&["the account was made"]).len(), 1);
        assert!(!log.has(&[password]));

        // It is used where nobody may register, and by other programs too.
        let second = with(reach().register(false));
        hands(&second, "ann@localhost").await;
        second.stop().await;
        let mut command = agent(&server, "Thermostat -j ann@localhost --no-register --param room=attic");
        command.arg("--ca").arg(server.ca()).arg("--credentials").arg(&file);
        let ran = ran(command).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(std::fs::read_to_string(&file).expect("it is there"), kept);
    }

    async fn a_password_is_found_wherever_it_may_be(server: Server) {
        server.add_account("ann", "pass word, é");
        server.add_account("bob", "another");
        let reach = || access(&server).register(false);
        let file = server.folder().join("password");
        std::fs::write(&file, "pass word, é\nand a second line\n").expect("it is written");
        std::fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("it is ours");
        for xmpp in [
            reach().password("pass word, é"),
            reach().password_file(&file),
            reach().account("ann@localhost", "pass word, é").password("another"),
        ] {
            let platform = with(xmpp);
            assert!(hands(&platform, "ann@localhost").await.is_online());
            platform.stop().await;
        }

        let line = "Thermostat -j ann@localhost --no-register --param room=attic --ca";
        let mut by_environment = agent(&server, line);
        by_environment.arg(server.ca()).env("PEAK_PASSWORD", "pass word, é");
        let mut by_file = agent(&server, line);
        by_file.arg(server.ca()).arg("--password-file").arg(&file);
        for command in [by_environment, by_file] {
            let ran = ran(command).await;
            assert_eq!(ran.code, Some(0), "{ran:?}");
        }
    }

    /// As Python's PEAK makes them.
    async fn accounts_of_peak_can_be_used(server: Server) {
        server.add_account("ann", "ann@localhost");
        server.add_account("bob", "bob@localhost");
        let platform = with(access(&server).register(false).jid_as_password(true));
        let ann = hands(&platform, "ann@localhost").await;
        let bob = Eyes::open(&platform, "bob@localhost").await;
        ann.send(Message::inform("bob@localhost").text("hello")).await.unwrap();
        bob.journal.next(&["ann@localhost/main says hello"]).await;
        platform.stop().await;
        let mut command = agent(&server, "Thermostat -j ann@localhost --param room=attic --jid-password");
        command.arg("--ca").arg(server.ca());
        let ran = ran(command).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }

    async fn tls_from_the_first_byte(server: Server) {
        let platform = with(access_at(&server, server.tls_port()).direct_tls(true));
        let ann = Eyes::open(&platform, "ann@localhost").await;
        ann.say("ann@localhost", "hello").await;
        ann.journal.next(&["ann@localhost/main says hello"]).await;
        platform.stop().await;
    }

    async fn an_address_of_version_6_leads_to_a_server(server: Server) {
        let Some(proxy) = Proxy::over_ipv6(server.port()).await else {
            crate::left_out("this system has no loopback of version 6");
            return;
        };
        // What a certificate is for is the domain, wherever the server is.
        let xmpp = access(&server).server(format!("[::1]:{}", proxy.port()));
        let platform = with(xmpp.register(true));
        let ann = Eyes::open(&platform, "ann@localhost").await;
        ann.is_settled().await;
        assert_eq!(proxy.connections(), 1);
        platform.stop().await;
    }

    async fn a_bare_address_leads_to_the_highest_priority(server: Server) {
        let platform = platform(&server);
        let desk = Eyes::open(&platform, "bob@localhost/desk").await;
        let phone = Eyes::open(&platform, "bob@localhost/phone").await;
        let ann = Eyes::open(&platform, "ann@localhost").await;
        for (priorities, there, text) in [
            ([5, 1], &desk, "one"),
            ([5, 7], &phone, "two"),
            ([-1, 0], &phone, "three"),
            ([0, -1], &desk, "four"),
        ] {
            for (eyes, priority) in [&desk, &phone].into_iter().zip(priorities) {
                eyes.ctx.set_presence(Presence::available().priority(priority));
                eyes.is_settled().await;
            }
            ann.say("bob@localhost", text).await;
            there.journal.next(&[&format!("ann@localhost/main says {text}")]).await;
        }
        // A full one leads to its session, whatever the priorities.
        ann.say("bob@localhost/phone", "five").await;
        phone.journal.next(&["ann@localhost/main says five"]).await;
        ann.is_settled().await;
        assert!(desk.journal.read().is_empty() && phone.journal.read().is_empty());
        platform.stop().await;
    }

    /// Several sessions of an account that there is not yet, all at the same time.
    async fn one_account_is_made_for_all_who_share_it(server: Server) {
        let platform = platform(&server);
        let started = (0..8).map(|number| {
            let platform = platform.clone();
            let jid = format!("bob@localhost/{number}");
            tokio::spawn(async move { platform.spawn(jid, Hands).await.map(drop) })
        });
        for started in started.collect::<Vec<_>>() {
            started.await.expect("it does not panic").expect("it connects");
        }
        platform.stop().await;
        assert_eq!(Log::of_this_test().lines(&["the account was made"]).len(), 1);
        let again = with(access(&server).register(false));
        assert!(hands(&again, "bob@localhost").await.is_online());
        again.stop().await;
    }

    async fn an_address_is_taken_once(server: Server) {
        let platform = platform(&server);
        let first = platform.spawn("bob@localhost/desk", Hands).await.unwrap();
        let second = platform.spawn("bob@localhost/desk", Hands).await;
        let taken = AttachError::Taken("bob@localhost/desk".parse().unwrap());
        assert!(matches!(&second, Err(SpawnError::Attach(error)) if *error == taken), "{:?}", second.err());
        // It is free again as soon as its agent has ended.
        for _ in 0..5 {
            platform.spawn("bob@localhost", Hands).await.unwrap().stop();
            let again = loop {
                // The agent may still be there for a moment.
                match platform.spawn("bob@localhost", Hands).await {
                    Err(SpawnError::Attach(AttachError::Taken(_))) => tokio::task::yield_now().await,
                    other => break other.unwrap(),
                }
            };
            again.stop();
            again.join().await;
        }
        assert!(first.is_alive());
        platform.stop().await;
        assert!(!Log::of_this_test().has(&["taken the place"]));
    }

    /// Whoever logs in last with a full address has it; the other one does not fight for it.
    async fn an_address_taken_by_another_process_is_given_up(server: Server) {
        let platform = platform(&server);
        let ann = Eyes::open(&platform, "ann@localhost").await;
        let bob = hands(&platform, "bob@localhost").await;
        let mut command = agent(&server, "Idle -j ann@localhost --credentials");
        command.arg(server.folder().join("credentials")).arg("--ca").arg(server.ca());
        let other = start(&mut command);

        let (_, lost) = ann.journal.up_to_beginning("lost: ").await;
        let words = "another session has logged in as `ann@localhost/main`";
        assert!(lost.contains(words) && lost.contains("resources, or names, of its own"), "{lost}");
        let log = Log::of_this_test();
        assert!(log.has(&["ERROR", words]));
        assert!(!ann.ctx.is_online());
        let lost = ann.ctx.send(Message::inform("bob@localhost").text("I am gone")).await;
        let error = lost.expect_err("it has no connection");
        assert!(error.to_string().contains(words), "{error}");
        // The address is the other one's, who has taken no notice.
        let mut answer = Err(peak::Error::msg("nobody was asked"));
        for _ in 0..15 {
            // Until it is there: it has only just been given the address.
            let ping = Message::request("ann@localhost/main").text("who is there?");
            answer = bob.request(ping, "2s").await.map_err(peak::Error::from);
            if answer.is_ok() {
                break;
            }
        }
        let answer = answer.expect("an answer");
        assert_eq!(answer.performative(), Some(Performative::NotUnderstood));
        assert!(ann.journal.read().is_empty());
        let id = rustix::process::Pid::from_child(&other);
        rustix::process::kill_process(id, rustix::process::Signal::INT).expect("it runs");
        let other = tokio::task::spawn_blocking(|| end(other)).await.expect("it ends");
        assert_eq!(other.code, Some(0), "{other:?}");
        // And is not taken again by whoever had it first.
        assert!(log.lines(&["ann@localhost", "restored"]).is_empty());
        platform.stop().await;
    }

    async fn names_of_any_letters_are_accounts(server: Builder) {
        let server = server.start();
        let platform = builder(&server).build();
        let names = ["josé", "müller-lüdenscheidt", "数据", "o=k,1"];
        let ann = hands(&platform, "ann@localhost").await;
        for name in names {
            let jid = format!("{name}@localhost");
            let other = Eyes::open(&platform, &jid).await;
            ann.send(Message::inform(&jid).text("hello")).await.unwrap();
            other.journal.next(&["ann@localhost/main says hello"]).await;
        }
        platform.stop().await;
        // And logged in to with what was written down.
        let again = with(access(&server).register(false));
        for name in names {
            assert!(hands(&again, &format!("{name}@localhost")).await.is_online());
        }
        again.stop().await;
    }
}
