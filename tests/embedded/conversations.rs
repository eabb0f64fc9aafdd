//! Requests and replies.

use std::time::Duration;

use peak::RequestError;
use peak::prelude::*;
use tokio::time::Instant;

use crate::drive;

/// Answers in its own way, or not at all.
#[agent]
struct Oracle;

#[agent]
impl Oracle {
    #[on_message(performative = "query-ref")]
    async fn echo(&mut self, Text(question): Text) -> Inform<String> {
        Inform(question)
    }

    /// As an agent does that knows the conversation and nothing of `reply-with`.
    #[on_message(performative = "request")]
    async fn by_conversation_only(ctx: Context<Self>, message: Message) -> peak::Result<()> {
        let to = message.sender().expect("the platform fills it in").clone();
        let conversation = message.conversation_id().unwrap_or_default();
        ctx.send(Message::inform(to).with_conversation_id(conversation))
            .await?;
        Ok(())
    }

    /// Waits long enough for the asker to have given up.
    #[on_message(performative = "query-if")]
    async fn late(ctx: Context<Self>, message: Message) -> peak::Result<()> {
        ctx.sleep("10s").await?;
        ctx.reply(&message, Confirm(())).await?;
        Ok(())
    }

    #[on_message(performative = "cfp")]
    async fn hold(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        ctx.sleep("30s").await?;
        Ok(())
    }
}

async fn oracle(platform: &Platform) {
    platform
        .spawn("oracle@localhost", Oracle)
        .await
        .expect("it starts");
}

#[tokio::test(start_paused = true)]
async fn many_requests_at_once_get_their_own_replies() {
    let platform = Platform::new();
    oracle(&platform).await;
    drive(&platform, |ctx| async move {
        let asked: Vec<_> = (0..100)
            .map(|number| {
                let later = ctx.clone();
                let question = Message::query_ref("oracle@localhost").text(number.to_string());
                tokio::spawn(async move { later.request(question, "5s").await })
            })
            .collect();
        for (number, asked) in asked.into_iter().enumerate() {
            let answer = asked.await.expect("no panic").expect("an answer");
            assert_eq!(answer.body(), Some(number.to_string().as_str()));
            assert_eq!(answer.in_reply_to(), answer.conversation_id());
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_names_only_the_conversation_is_a_reply() {
    let platform = Platform::new();
    oracle(&platform).await;
    let answer = drive(&platform, |ctx| async move {
        let request = Message::request("oracle@localhost").with_conversation_id("c9");
        ctx.request(request, "5s").await.expect("an answer")
    })
    .await;
    assert_eq!(answer.conversation_id(), Some("c9"));
    assert_eq!(answer.in_reply_to(), None);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_an_error_and_a_late_reply_goes_to_the_handlers() {
    let platform = Platform::new();
    oracle(&platform).await;
    drive(&platform, |ctx| async move {
        let begun = Instant::now();
        let confirmations = ctx.subscribe(template!(performative = "confirm"));
        let error = ctx
            .request(Message::query_if("oracle@localhost"), "2s")
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "`oracle@localhost` did not reply within 2s"
        );
        assert_eq!(begun.elapsed(), Duration::from_secs(2));
        let late = confirmations.receive("1m").await.expect("a duration");
        assert!(late.is_some());
        assert_eq!(begun.elapsed(), Duration::from_secs(10));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn shorter_timeouts_end_first() {
    let platform = Platform::new();
    oracle(&platform).await;
    drive(&platform, |ctx| async move {
        let begun = Instant::now();
        let ask = |timeout: &'static str| {
            let ctx = ctx.clone();
            async move {
                let asked = ctx
                    .request(Message::query_if("oracle@localhost"), timeout)
                    .await;
                assert!(matches!(asked, Err(RequestError::Timeout { .. })));
                begun.elapsed().as_secs()
            }
        };
        let ends = tokio::join!(ask("8s"), ask("3s"), ask("5s"), ask("1s"));
        assert_eq!(ends, (8, 3, 5, 1));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_waits_in_the_queue_of_an_agent_that_stops_comes_back() {
    let platform = Platform::builder()
        .stop_timeout(Duration::from_secs(1))
        .build();
    let oracle = platform
        .spawn("oracle@localhost", Oracle)
        .await
        .expect("it starts");
    let error = drive(&platform, move |ctx| async move {
        ctx.send(Message::cfp("oracle@localhost"))
            .await
            .expect("sent");
        tokio::task::yield_now().await;
        let stopping = async {
            tokio::task::yield_now().await;
            oracle.stop();
        };
        let question = Message::query_ref("oracle@localhost").text("?");
        let (asked, ()) = tokio::join!(ctx.request(question, "1h"), stopping);
        asked.expect_err("nobody answers")
    })
    .await;
    assert!(matches!(error, RequestError::Undelivered { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "the request to `oracle@localhost` was not delivered: \
         the receiver ended before it had handled it"
    );
}

#[tokio::test(start_paused = true)]
async fn requests_that_cannot_be_sent() {
    let platform = Platform::new();
    oracle(&platform).await;
    drive(&platform, |ctx| async move {
        for (message, expected) in [
            (
                Message::request("orakle@localhost"),
                "no agent has the address `orakle@localhost`: did you mean `oracle@localhost`?",
            ),
            (
                Message::request("oracle@"),
                "the message's receiver: `oracle@` is not a JID: the domain is not a valid host \
                 name; write it as `name@domain` or `name@domain/resource`",
            ),
            (
                Message::draft(Performative::Request),
                "the message has no receiver; name one, as in `Message::inform(\"bob@localhost\")`",
            ),
            (
                Message::request("oracle@example.org"),
                "no route to `oracle@example.org`: this platform serves `localhost` and has no \
                 connection to `example.org`",
            ),
        ] {
            let error = ctx.request(message, "1s").await.unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
        let error = ctx
            .request(Message::request("oracle@localhost"), "soon")
            .await
            .unwrap_err();
        assert!(matches!(error, RequestError::Malformed(_)), "{error}");

        let twice = Message::query_if("oracle@localhost").with_reply_with("same");
        let (one, two) = tokio::join!(ctx.request(twice.clone(), "1s"), ctx.request(twice, "1s"));
        assert!(matches!(one, Err(RequestError::Timeout { .. })));
        assert!(matches!(two, Err(RequestError::Duplicate(id)) if id == "same"));
    })
    .await;
}
