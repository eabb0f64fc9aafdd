//! `send`: one message from the command line, to agents of this process.

use std::fs::File;
use std::process::{Command, Stdio};
use std::time::Instant;

use peak::prelude::*;
use peak::{Subscription, Xmpp};
use peak_tests::servers::{Builder, Server};
use peak_tests::{Ran, end};

use super::process::{AGENTS, command, errors, ran};
use super::{Eyes, PATIENCE, hands, on_both_servers, platform, settled};

/// The program, which sends something on this server.
fn send(server: &Server, args: &[&str]) -> Command {
    let mut command = command(AGENTS, server.folder());
    command.args(["send", "--xmpp", &format!("localhost:{}", server.port())]);
    command.arg("--ca").arg(server.ca()).args(args);
    command
}

/// It is sent, and nothing is said about it but that an account was made.
async fn sent(server: &Server, args: &[&str]) -> Ran {
    let ran = ran(send(server, args)).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        errors(&ran).is_empty() && !ran.err.contains("WARN"),
        "{ran:?}"
    );
    ran
}

/// It fails with one error, which has these words in it, and a hint or what to do.
async fn fails(command: Command, words: &[&str]) -> Ran {
    let ran = ran(command).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(errors(&ran).len(), 1, "{ran:?}");
    assert_eq!(ran.out, "");
    for word in words {
        assert!(ran.err.contains(word), "no {word:?} in {ran:?}");
    }
    ran
}

async fn next(mailbox: &Subscription) -> Message {
    let message = mailbox.receive(PATIENCE).await.expect("it is open");
    message.expect("it comes in time")
}

/// Answers in every way there is.
#[agent]
struct Oracle;

#[agent]
impl Oracle {
    #[on_message(performative = "request")]
    async fn answer(&mut self, message: Message) -> Inform<String> {
        Inform(format!("you said {}", message.body().unwrap_or_default()))
    }

    #[on_message(performative = "cfp")]
    async fn refuse(&mut self) -> Refuse {
        Refuse::new("not today")
    }

    /// As people do, and programs that know nothing of FIPA.
    #[on_message(performative = "query-ref")]
    async fn by_hand(&mut self, ctx: &Context<Self>, Sender(from): Sender) -> peak::Result<()> {
        ctx.send(Message::new(from).text("by hand")).await
    }

    /// Says something to the account, and then to the one who asks.
    #[on_message(performative = "query-if")]
    async fn both(
        &mut self,
        ctx: &Context<Self>,
        Sender(from): Sender,
    ) -> peak::Result<Inform<String>> {
        let account = Message::inform(from.bare()).text("for the account");
        ctx.send(account).await?;
        Ok(Inform("for you".to_owned()))
    }

    #[on_message(performative = "inform")]
    async fn listen(&mut self) {}
}

/// What is easily lost on the way.
const ODD: &str = "<&>'\"\r\n\t é € \u{10FFFD} ]]> &amp; -\n";

on_both_servers! {
    async fn it_arrives_as_it_was_written(server: Server) {
        let platform = platform(&server);
        let bob = hands(&platform, "bob@localhost").await;
        let mailbox = bob.subscribe(Template::everything());
        let colour = format!("colour={ODD}");
        let first = sent(&server, &[
            "-to", "bob@localhost", "--body", ODD, "-metadata", &colour, "--metadata", "size=",
            "--thread", ODD, "--ontology", "hvac", "--conversation-id", "c1",
        ]).await;
        assert_eq!(first.out, "");
        assert!(first.err.contains("dummyagent@localhost/send-"), "{first:?}");
        assert!(first.err.contains("the account was made"), "{first:?}");
        let came = next(&mailbox).await;
        assert_eq!(came.performative(), Some(Performative::Inform));
        assert_eq!(came.body(), Some(ODD));
        let metadata: Vec<_> = came.metadata_entries().collect();
        assert_eq!(metadata, [("colour", ODD), ("size", "")]);
        assert_eq!(came.thread(), Some(ODD));
        assert_eq!((came.ontology(), came.conversation_id()), (Some("hvac"), Some("c1")));
        assert_eq!(came.sender().unwrap().bare_str(), "dummyagent@localhost");

        // The account is kept, for the next one.
        let kept = server.folder().join(".config/peak/credentials");
        let kept = std::fs::read_to_string(kept).expect("it was written");
        assert!(kept.starts_with("dummyagent@localhost "), "{kept}");
        let second = sent(&server, &["--to", "bob@localhost/main", "--performative", "CFP", "--no-register"]).await;
        assert_eq!(second.err, "");
        let came = next(&mailbox).await;
        assert_eq!((came.performative(), came.body()), (Some(Performative::Cfp), None));

        // And by an account that somebody names.
        sent(&server, &["--to", "bob@localhost", "-sender", "ann@localhost/desk", "--body", "x"]).await;
        assert_eq!(next(&mailbox).await.sender().unwrap().as_str(), "ann@localhost/desk");
        platform.stop().await;
    }

    async fn the_standard_input_is_a_body(server: Server) {
        let platform = platform(&server);
        let bob = hands(&platform, "bob@localhost").await;
        let mailbox = bob.subscribe(Template::everything());
        let file = server.folder().join("body");
        for (bytes, wanted) in [
            ("one\ntwo\n".as_bytes(), Ok("one\ntwo")),
            (ODD.as_bytes(), Ok(ODD.trim_end_matches('\n'))),
            (b"\xff", Err("byte 0 is not UTF-8")),
            (b"a\0b", Err("which XMPP cannot carry")),
            (&[b'a'; 300_000], Err("XMPP servers take 250000 at most")),
        ] {
            std::fs::write(&file, bytes).expect("it is written");
            let mut command = send(&server, &["--to", "bob@localhost", "--body", "-"]);
            command.stdin(File::open(&file).expect("it is there"));
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            let child = command.spawn().expect("it starts");
            let ran = tokio::task::spawn_blocking(|| end(child)).await.expect("it ends");
            match wanted {
                Ok(text) => {
                    assert_eq!(ran.code, Some(0), "{ran:?}");
                    assert_eq!(next(&mailbox).await.body(), Some(text));
                }
                Err(words) => {
                    assert_eq!(ran.code, Some(2), "{ran:?}");
                    assert!(ran.err.contains(words), "{ran:?}");
                }
            }
        }
        platform.stop().await;
    }

    async fn the_reply_is_printed(server: Server) {
        let platform = platform(&server);
        platform.spawn("oracle@localhost", Oracle).await.unwrap();
        let ask = ["--to", "oracle@localhost", "--wait", "--body", "hello", "--thread", "t", "--performative"];
        let ran = sent(&server, &[&ask[..], &["request"]].concat()).await;
        let (head, body) = ran.out.split_once("\n\n").expect("two parts");
        assert!(head.starts_with("inform from oracle@localhost/main\nthread: t\n"), "{ran:?}");
        assert!(head.contains("\nin-reply-to: "), "{ran:?}");
        assert_eq!(body, "you said hello\n");

        let ran = sent(&server, &[&ask[..], &["request", "--json", "--conversation-id", "c1"]].concat()).await;
        let json: serde_json::Value = serde_json::from_str(&ran.out).expect("it is JSON");
        assert_eq!(json["sender"], "oracle@localhost/main");
        assert_eq!(json["performative"], "inform");
        assert_eq!(json["body"], "you said hello");
        assert_eq!(json["thread"], "t");
        assert_eq!(json["metadata"]["conversation-id"], "c1");

        // A refusal is a reply, and so is what names nothing.
        let ran = sent(&server, &[&ask[..], &["cfp"]].concat()).await;
        assert!(ran.out.starts_with("refuse from oracle@localhost/main\n"), "{ran:?}");
        assert!(ran.out.ends_with("\n\nnot today\n"), "{ran:?}");
        let ran = sent(&server, &[&ask[..], &["query-ref"]].concat()).await;
        assert_eq!(ran.out, "message from oracle@localhost/main\n\nby hand\n");
        platform.stop().await;
    }

    /// With one account, which nobody has made before.
    async fn several_are_sent_at_once(server: Server) {
        let platform = platform(&server);
        let bob = Eyes::open(&platform, "bob@localhost").await;
        let texts = ["one", "two", "three", "four"];
        let sending = texts.map(|text| ran(send(&server, &["--to", "bob@localhost", "--body", text])));
        let sending: Vec<_> = sending.into_iter().map(tokio::spawn).collect();
        for sent in sending {
            let ran = sent.await.expect("it ends");
            assert_eq!(ran.code, Some(0), "{ran:?}");
        }
        let mut heard = std::collections::BTreeSet::new();
        for _ in texts {
            let (_, line) = bob.journal.up_to_beginning("dummyagent@localhost/send-").await;
            heard.extend(line.rsplit_once(" says ").map(|(_, text)| text.to_owned()));
        }
        assert_eq!(heard.len(), texts.len(), "{heard:?}");
        platform.stop().await;
    }

    /// An agent that runs under the same account loses nothing to it.
    async fn the_sender_stands_aside(server: Server) {
        let platform = platform(&server);
        platform.spawn("oracle@localhost", Oracle).await.unwrap();
        let bob = Eyes::open(&platform, "bob@localhost").await;
        let credentials = server.folder().join("credentials").display().to_string();
        let ran = sent(&server, &[
            "-j", "bob@localhost", "--credentials", &credentials, "--to", "oracle@localhost",
            "--performative", "query-if", "--wait",
        ]).await;
        assert!(ran.out.ends_with("\n\nfor you\n"), "{ran:?}");
        bob.journal.next(&["oracle@localhost/main says for the account"]).await;
        settled(&bob.ctx).await;
        assert!(bob.journal.read().is_empty() && bob.ctx.is_online());
        platform.stop().await;
    }

    async fn what_comes_back_or_not_at_all_is_told(server: Server) {
        let platform = platform(&server);
        platform.spawn("oracle@localhost", Oracle).await.unwrap();
        Eyes::open(&platform, "gone@localhost").await.close().await;
        for to in ["nobody@localhost", "gone@localhost", "gone@localhost/main"] {
            for wait in [&[][..], &["--wait", "30s"]] {
                let begin = Instant::now();
                let args = [&["--to", to, "--body", "hello"], wait].concat();
                let words = ["was not delivered: nobody is there under that address", "\nhint: ", to];
                fails(send(&server, &args), &words).await;
                assert!(begin.elapsed().as_secs() < 10, "{to}");
            }
        }
        // A domain that the server knows nothing of.
        let elsewhere = ["--to", "bob@nowhere.invalid", "-j", "ann@localhost"];
        fails(send(&server, &elsewhere), &["was not delivered", "bob@nowhere.invalid"]).await;

        let silence = ["--to", "oracle@localhost", "--wait", "1s"];
        let words = ["no reply from `oracle@localhost` within 1s", "hint: ", "--performative request"];
        fails(send(&server, &silence), &words).await;
        platform.stop().await;
    }

    async fn behind_a_component_it_is_told_a_little_later(server: Server) {
        let component = Xmpp::new()
            .server(format!("localhost:{}", server.component_port()))
            .component(server.component())
            .secret(server.component_secret());
        let platform = Platform::builder().xmpp(component).build();
        platform.spawn("oracle@agents.localhost", Oracle).await.unwrap();
        let from = ["-j", "ann@localhost", "--performative", "request"];
        let ran = sent(&server, &[&from[..], &["--to", "oracle@agents.localhost", "--wait"]].concat()).await;
        assert!(ran.out.contains("\n\nyou said \n"), "{ran:?}");
        let nobody = [&from[..], &["--to", "nobody@agents.localhost"]].concat();
        fails(send(&server, &nobody), &["was not delivered", "nobody is there"]).await;
        platform.stop().await;
    }

    async fn who_may_not_send_is_told_why(server: Builder) {
        let server = server.without_registration().start();
        server.add_account("ann", "right");
        let to = ["--to", "bob@localhost", "--body", "x"];
        fails(send(&server, &to), &["makes no account", "hint: ", "--sender"]).await;
        let ann = [&to[..], &["-j", "ann@localhost", "--no-register"]].concat();
        let mut wrong = send(&server, &ann);
        wrong.env("PEAK_PASSWORD", "hunter2");
        let said = fails(wrong, &["refuses the password of `ann@localhost"]).await;
        assert!(!said.err.contains("hunter2"));
        let mut right = send(&server, &ann);
        right.env("PEAK_PASSWORD", "right");
        fails(right, &["nobody is there"]).await;

        let none = ran(send(&server, &ann)).await;
        assert_eq!(none.code, Some(2), "{none:?}");
        assert!(none.err.contains("there is no password for `ann@localhost`"), "{none:?}");
        let mut insecure = command(AGENTS, server.folder());
        insecure.args(["send", "--xmpp", &format!("localhost:{}", server.port())]).args(&ann);
        insecure.env("PEAK_PASSWORD", "right");
        fails(insecure, &["certificate", "--ca FILE"]).await;
    }
}
