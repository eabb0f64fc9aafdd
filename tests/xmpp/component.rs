//! Agents behind a component: the same agents, one connection.

use peak::prelude::*;
use peak::{AttachError, ConnectError, SpawnError, Xmpp};
use peak_tests::servers::Server;

use super::sessions::Counted;
use super::{Hands, Log, PATIENCE, access, context_of, hands, on_both_servers, settled, until};

/// The way of a component to its server.
fn component(server: &Server) -> Xmpp {
    Xmpp::new()
        .server(format!("localhost:{}", server.component_port()))
        .component(server.component())
        .secret(server.component_secret())
        .route_by_server(true)
}

/// A platform with both, accounts and a component.
fn platform(server: &Server) -> Platform {
    Platform::builder()
        .xmpp(access(server))
        .xmpp_for(server.component(), component(server))
        .build()
}

/// Answers with who it is, wherever it lives.
#[agent]
struct Who;

#[agent]
impl Who {
    #[on_message(performative = "request")]
    async fn answer(
        &mut self,
        ctx: &Context<Self>,
        Sender(from): Sender,
        Text(text): Text,
    ) -> Inform<String> {
        Inform(format!("{} heard {text} of {from}", ctx.jid()))
    }
}

/// Asks, and looks at the answer.
async fn asks<A: Agent>(ctx: &Context<A>, to: &str, text: &str) {
    let request = Message::request(to).text(text);
    let answer = ctx.request(request, PATIENCE).await;
    let answer = answer.unwrap_or_else(|error| panic!("{} asks {to}: {error}", ctx.jid()));
    let wanted = format!("{to}/main heard {text} of {}", ctx.jid());
    assert_eq!(answer.body(), Some(wanted.as_str()));
    assert_eq!(
        answer.sender().map(Jid::as_str),
        Some(format!("{to}/main").as_str())
    );
}

async fn refusal(xmpp: Xmpp, jid: &str) -> ConnectError {
    let platform = Platform::builder().xmpp(xmpp).build();
    let begin = std::time::Instant::now();
    let error = platform.spawn(jid, Hands).await.err();
    assert!(begin.elapsed().as_secs() < 10, "{error:?}");
    match error {
        Some(SpawnError::Attach(AttachError::Xmpp { error, .. })) => error,
        other => panic!("not an error of the connection: {other:?}"),
    }
}

const AGENTS: usize = 100;

on_both_servers! {
    async fn a_hundred_agents_share_a_connection(server: Server) {
        let platform = platform(&server);
        let mut agents = Vec::new();
        for number in 0..AGENTS {
            let jid = format!("who{number}@agents.localhost");
            let agent = platform.spawn(jid, Who).await.expect("it starts");
            agents.push(context_of(&agent).await);
        }
        // The first answer shows that the component is known to the server.
        asks(&agents[0], "who1@agents.localhost", "one").await;
        let asking = agents.iter().enumerate().map(|(number, ctx)| {
            let ctx = ctx.clone();
            tokio::spawn(async move {
                for step in [1, 7, 50] {
                    let to = format!("who{}@agents.localhost", (number + step) % AGENTS);
                    asks(&ctx, &to, "<&> é 😀").await;
                }
            })
        });
        for asking in asking.collect::<Vec<_>>() {
            asking.await.expect("each is answered");
        }

        // With an agent that has an account, both ways.
        let account = platform.spawn("account@localhost", Who).await.expect("it connects");
        let account = context_of(&account).await;
        for number in [0, 42, 99] {
            asks(&account, &format!("who{number}@agents.localhost"), "there").await;
            asks(&agents[number], "account@localhost", "and back").await;
        }
        // Nobody is told of as such.
        let request = Message::request("nobody@agents.localhost").text("hello?");
        let error = account.request(request, "20s").await.unwrap_err();
        assert!(error.to_string().contains("nobody is there under that address"), "{error}");
        let log = server.log();
        let logins = log.lines().filter(|line| line.contains("who42")).count();
        assert_eq!(logins, 0, "the server knows nothing of who42:\n{log}");
        platform.stop().await;
        assert!(platform.report().is_success());
    }

    async fn a_component_that_the_server_does_not_take_is_an_error(server: Server) {
        let wrong = component(&server).secret("hunter2");
        let error = refusal(wrong, "who@agents.localhost").await;
        assert!(matches!(error, ConnectError::Component { .. }), "{error:?}");
        let words = error.to_string();
        assert!(words.contains("refuses the component `agents.localhost`"), "{words}");
        assert!(words.contains("with the same secret"), "{words}");
        assert!(!Log::of_this_test().has(&["hunter2"]));

        let unknown = component(&server).component("other.localhost");
        let error = refusal(unknown, "who@other.localhost").await;
        assert!(matches!(error, ConnectError::Component { .. }), "{error:?}");
        let words = error.to_string();
        assert!(words.contains("refuses the component `other.localhost`"), "{words}");
        assert!(words.contains("must be in the server's configuration"), "{words}");

        // The port of clients knows no components.
        let elsewhere = component(&server).server(format!("localhost:{}", server.port()));
        let error = refusal(elsewhere, "who@agents.localhost").await;
        assert!(error.to_string().contains(&server.port().to_string()), "{error}");

        // An address that is not the component's.
        let error = refusal(component(&server), "who@localhost").await;
        assert!(error.to_string().contains("write it as `who@agents.localhost`"), "{error}");
    }

    /// The server is restarted while they talk, among themselves and with an account.
    async fn a_component_survives_its_server(server: Server) {
        const NUMBERS: usize = 1000;
        let platform = platform(&server);
        let mut one = Counted::start(&platform, "one@agents.localhost").await;
        let mut two = Counted::start(&platform, "two@agents.localhost").await;
        let mut account = Counted::start(&platform, "account@localhost").await;
        let restarting = async {
            two.has(NUMBERS / 2).await;
            tokio::task::block_in_place(|| server.stop());
            until("they are offline", || !one.ctx.is_online() && !account.ctx.is_online()).await;
            tokio::task::block_in_place(|| server.restart());
        };
        tokio::join!(
            one.send("two@agents.localhost", NUMBERS),
            one.send("account@localhost", NUMBERS),
            account.send("two@agents.localhost", NUMBERS),
            account.send("one@agents.localhost", NUMBERS),
            restarting,
        );
        two.has(2 * NUMBERS).await;
        account.has(NUMBERS).await;
        one.has(NUMBERS).await;
        for counted in [&one, &two, &account] {
            settled(&counted.ctx).await;
        }
        two.are_all_there_once(2, NUMBERS);
        account.are_all_there_once(1, NUMBERS);
        one.are_all_there_once(1, NUMBERS);
        let log = Log::of_this_test();
        assert!(log.has(&["the connection is restored", "agent=agents.localhost"]));
        platform.stop().await;
    }

    async fn addresses_of_a_component_are_free_again(server: Server) {
        let platform = platform(&server);
        let first = platform.spawn("who@agents.localhost", Who).await.unwrap();
        let taken = platform.spawn("who@agents.localhost", Who).await.err();
        assert!(matches!(taken, Some(SpawnError::Attach(AttachError::Taken(_)))), "{taken:?}");
        first.stop();
        first.join().await;
        platform.spawn("who@agents.localhost", Who).await.unwrap();
        let other = hands(&platform, "other@agents.localhost").await;
        asks(&other, "who@agents.localhost", "again").await;
        platform.stop().await;
        // All have ended, so the component has gone; and comes again for the next.
        platform.spawn("who@agents.localhost", Who).await.unwrap();
        let other = hands(&platform, "other@agents.localhost").await;
        asks(&other, "who@agents.localhost", "anew").await;
        platform.stop().await;
    }
}
