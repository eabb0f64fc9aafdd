//! Initiators and participants beside agents of SPADE and PEAK that follow FIPA's flows by hand.

use peak::prelude::*;
use peak::protocol::auction::{self, Decision, Lot};
use peak::protocol::brokering::{self, Proxy};
use peak::protocol::contract_net::{self, Bid, Call};
use peak::protocol::propose::{self, Proposed};
use peak::protocol::query::{self, Query};
use peak::protocol::{Achieved, Asked, Cancelled, request, request_when, subscribe};
use peak_tests::python::{Kind, Peer};
use peak_tests::servers::Server;
use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::{context_of, hands, on_server};

/// The same test with an agent of SPADE and with one of PEAK, on Prosody.
macro_rules! with_both {
    ($(async fn $name:ident($platform:ident: Platform, $peer:ident: ByHand) $body:block)*) => {$(
        mod $name {
            use super::*;

            #[test]
            #[ignore = "needs Prosody and Python"]
            fn spade() {
                with(Kind::Spade, async |$platform: Platform, mut $peer: ByHand| $body);
            }

            #[test]
            #[ignore = "needs Prosody and Python"]
            fn peak() {
                with(Kind::Peak, async |$platform: Platform, mut $peer: ByHand| $body);
            }
        }
    )*};
}

fn with(kind: Kind, test: impl AsyncFnOnce(Platform, ByHand)) {
    let Some(python) = kind.python() else {
        peak_tests::left_out(&format!("there is no Python for {kind:?}"));
        return;
    };
    let server = Server::prosody().start();
    let peer = Peer::start(&python, kind, PEER, server.port());
    on_server(&server, async |platform: Platform| {
        test(platform, ByHand(peer)).await;
    });
}

const PEER: &str = "peer@localhost/main";

/// An agent of Python that says what it is told to.
struct ByHand(Peer);

impl ByHand {
    /// It answers so from now on, by performatives.
    fn answers(&mut self, answers: &Value) {
        let role = json!({"do": "role", "name": "by hand", "answers": answers});
        block_in_place(|| self.0.has_done(&role));
    }

    /// Says this in a conversation.
    fn says(&mut self, act: &str, protocol: &str, conversation: &str, body: Option<&str>) {
        let metadata = json!({
            "performative": act,
            "protocol": protocol,
            "conversation-id": conversation,
            "reply-with": "r1",
        });
        self.0.tell(
            &json!({"do": "send", "to": US, "body": body.unwrap_or(" "), "metadata": metadata}),
        );
    }

    /// Waits until it hears this; gives the message.
    fn hears(&mut self, act: &str) -> Value {
        block_in_place(|| {
            self.0
                .event("message", |event| event["metadata"]["performative"] == act)
        })
    }
}

const US: &str = "us@localhost";

with_both! {
    async fn they_take_part_in_contract_nets(platform: Platform, peer: ByHand) {
        peer.answers(&json!({
            "cfp": [["propose", "7"]],
            "accept-proposal": [["inform", "done"]],
            "cancel": [["inform", "stopped"]],
        }));
        let us = hands(&platform, US).await;
        let call = us.contract_net("a book").to([PEER]).deadline("20s").await.unwrap();
        assert_eq!(call.proposals()[0].content::<u32>().unwrap(), 7);
        let winner = call.proposals()[0].sender().cloned();
        let awarded = call.award(winner, "20s").await.unwrap();
        assert_eq!(awarded.done()[0].body(), Some("done"));
        let asked = peer.hears("accept-proposal");
        assert_eq!(asked["metadata"]["protocol"], "fipa-contract-net");

        let call = us.contract_net("a book").to([PEER]).deadline("20s").await.unwrap();
        drop(call);
        peer.hears("reject-proposal");
        let call = us.contract_net("a book").to([PEER]).deadline("20s").await.unwrap();
        let said = call.cancel("20s").await.unwrap();
        let [(_, Cancelled::Done(stopped))] = said.as_slice() else {
            panic!("{said:?}")
        };
        assert_eq!(stopped.body(), Some("stopped"));
    }

    async fn they_bid_in_auctions(platform: Platform, peer: ByHand) {
        peer.answers(&json!({
            "cfp": [["propose", " "]],
            "request": [["agree", " "], ["inform", "paid"]],
        }));
        let us = hands(&platform, US).await;
        let auction = us.english_auction("a clock").to([PEER]).starting_at(7.5).step(1.0);
        let sold = auction.round("20s").await.unwrap();
        assert_eq!((sold.price(), sold.rounds().len()), (Some(7.5), 1));
        let Some(Achieved::Done(paid)) = sold.settled() else {
            panic!("{sold:?}")
        };
        assert_eq!(paid.body(), Some("paid"));
        peer.hears("accept-proposal");
        assert_eq!(peer.hears("request")["body"], r#"{"price":7.5}"#);
    }

    async fn they_hold_auctions(platform: Platform, peer: ByHand) {
        platform.spawn(US, Collector).await.unwrap();
        let protocol = "fipa-auction-dutch";
        peer.says("inform", protocol, "c1", Some("tulips"));
        peer.says("cfp", protocol, "c1", Some(r#"{"price": 12}"#));
        assert_eq!(peer.hears("refuse")["body"], "not at this price");
        peer.says("cfp", protocol, "c1", Some(r#"{"price": 10}"#));
        assert_eq!(peer.hears("propose")["body"], r#"{"price":10.0}"#);
        peer.says("accept-proposal", protocol, "c1", None);
        peer.says("request", protocol, "c1", None);
        assert_eq!(peer.hears("inform")["body"], "10 for tulips");
    }

    async fn they_break_contract_nets(platform: Platform, peer: ByHand) {
        peer.answers(&json!({
            "cfp": [["propose", "7"]],
            "accept-proposal": [["request", "what now?"]],
        }));
        let us = hands(&platform, US).await;
        let call = us.contract_net("a book").to([PEER]).deadline("20s").await.unwrap();
        let winner = call.proposals()[0].sender().cloned();
        let awarded = call.award(winner, "20s").await.unwrap();
        assert_eq!(awarded.broken()[0].body(), Some("what now?"));
        let told = peer.hears("not-understood");
        assert_eq!(told["body"], "there is no place for this where the conversation stands");
    }

    async fn they_call_for_proposals(platform: Platform, peer: ByHand) {
        platform.spawn(US, Seller).await.unwrap();
        peer.says("cfp", "fipa-contract-net", "c1", Some("a book"));
        let offer = peer.hears("propose");
        assert_eq!(offer["body"], "9");
        assert_eq!(offer["metadata"]["conversation-id"], "c1");
        assert_eq!(offer["metadata"]["in-reply-to"], "r1");
        peer.says("accept-proposal", "fipa-contract-net", "c1", None);
        assert_eq!(peer.hears("inform")["body"], "a book for 9");
        peer.says("cfp", "fipa-contract-net", "c2", Some("a lamp"));
        assert_eq!(peer.hears("refuse")["body"], "only books");
        peer.says("cfp", "fipa-contract-net", "c3", Some("a book"));
        peer.hears("propose");
        peer.says("cancel", "fipa-contract-net", "c3", None);
        assert_eq!(peer.hears("inform")["metadata"]["conversation-id"], "c3");
        peer.says("query-ref", "fipa-contract-net", "c4", Some("what?"));
        peer.hears("not-understood");
    }

    async fn they_achieve(platform: Platform, peer: ByHand) {
        peer.answers(&json!({
            "request": [["agree", " "], ["inform", "done"]],
            "query-if": [["refuse", "who knows"]],
            "query-ref": [["failure", "forgotten"]],
            "request-when": [["agree", " "]],
            "cancel": [["failure", "too late"]],
        }));
        let us = hands(&platform, US).await;
        let ask = async |message: Message| us.achieve(message).answer_within("20s").await.unwrap();
        let Achieved::Done(done) = ask(Message::request(PEER).text("do it")).await else {
            panic!("it is done")
        };
        assert_eq!(done.body(), Some("done"));
        let refused = ask(Message::query_if(PEER).text("is it so?")).await;
        assert!(matches!(refused, Achieved::Refused(_)), "{refused:?}");
        let failed = ask(Message::query_ref(PEER).text("which?")).await;
        assert!(matches!(failed, Achieved::Failed(_)), "{failed:?}");
        let when = Message::request_when(PEER).text("when it rains");
        let never = us.achieve(when).answer_within("20s").done_within("1h");
        let off = never.cancel_on(async { us.sleep("1s").await }).await.unwrap();
        let Achieved::Cancelled(Cancelled::Failed(why)) = off else {
            panic!("{off:?}")
        };
        assert_eq!(why.body(), Some("too late"));
    }

    async fn they_request_and_query(platform: Platform, peer: ByHand) {
        platform.spawn(US, Servant).await.unwrap();
        peer.says("request", "fipa-request", "c1", Some("the fence"));
        assert_eq!(peer.hears("agree")["metadata"]["in-reply-to"], "r1");
        assert_eq!(peer.hears("inform")["body"], "the fence is painted");
        peer.says("request", "fipa-request", "c2", Some("the sky"));
        assert_eq!(peer.hears("refuse")["body"], "too high");
        peer.says("request", "fipa-request", "c3", Some("the town"));
        peer.hears("agree");
        peer.says("cancel", "fipa-request", "c3", None);
        assert_eq!(peer.hears("inform")["metadata"]["conversation-id"], "c3");
        peer.says("request", "fipa-request", "c4", Some("the town"));
        peer.hears("agree");
        peer.says("propose", "fipa-request", "c4", Some("tea first"));
        let told = peer.hears("not-understood");
        assert_eq!(told["metadata"]["conversation-id"], "c4");
        peer.says("query-ref", "fipa-query", "c5", Some("the colour"));
        peer.hears("agree");
        assert_eq!(peer.hears("inform")["body"], "the colour is green");
        peer.says("request-when", "fipa-request-when", "c6", Some("the fence"));
        peer.hears("agree");
        assert_eq!(peer.hears("inform")["body"], "the fence is painted now");
    }

    async fn they_subscribe(platform: Platform, peer: ByHand) {
        let sensor = platform.spawn(US, Servant).await.unwrap();
        let sensor = context_of(&sensor).await;
        peer.says("subscribe", "fipa-subscribe", "c1", Some("the weather"));
        peer.hears("agree");
        sensor.publish("rain".to_owned()).await.unwrap();
        let news = peer.hears("inform");
        assert_eq!((&news["body"], &news["metadata"]["conversation-id"]), (&json!("rain"), &json!("c1")));
        peer.says("cancel", "fipa-subscribe", "c1", None);
        peer.hears("inform");
        assert!(sensor.subscribers().is_empty());
        peer.says("subscribe", "fipa-subscribe", "c2", Some("the news"));
        assert_eq!(peer.hears("refuse")["body"], "only the weather");
    }

    async fn they_publish(platform: Platform, peer: ByHand) {
        peer.answers(&json!({
            "subscribe": [["agree", " "], ["inform", "21.5"], ["inform", "22.5"]],
            "cancel": [["inform", "stopped"]],
        }));
        let us = hands(&platform, US).await;
        let subscribed = us.subscribe_to(PEER, "temperature").within("20s").await.unwrap();
        let mut feed = subscribed.active().expect("it agrees");
        for degrees in [21.5, 22.5] {
            let news = feed.next("20s").await.unwrap().news().expect("it is published");
            assert!((news.content::<f64>().unwrap() - degrees).abs() < f64::EPSILON);
        }
        assert!(feed.cancel("20s").await.unwrap().is_done());
    }

    async fn they_propose(platform: Platform, peer: ByHand) {
        platform.spawn(US, Servant).await.unwrap();
        peer.says("propose", "fipa-propose", "c1", Some("tea"));
        peer.hears("accept-proposal");
        peer.says("propose", "fipa-propose", "c2", Some("coffee"));
        assert_eq!(peer.hears("reject-proposal")["body"], "tea only");
    }

    async fn they_are_proposed_to(platform: Platform, peer: ByHand) {
        peer.answers(&json!({"propose": [["accept-proposal", "gladly"]]}));
        let us = hands(&platform, US).await;
        let Proposed::Accepted(accepted) = us.propose(PEER, "tea").within("20s").await.unwrap() else {
            panic!("it accepts")
        };
        assert_eq!(accepted.body(), Some("gladly"));
    }

    async fn they_use_a_broker_who_asks_them(platform: Platform, peer: ByHand) {
        peer.answers(&json!({"request": [["agree", " "], ["inform", "the fence is painted"]]}));
        platform.spawn(US, Servant).await.unwrap();
        let proxy = json!({
            "description": "painter",
            "enclosed": {"performative": "request", "content": "the fence"},
        });
        peer.says("proxy", "fipa-brokering", "c1", Some(&proxy.to_string()));
        peer.hears("agree");
        let told = peer.hears("inform");
        let answers: Value = serde_json::from_str(told["body"].as_str().unwrap()).unwrap();
        assert_eq!(answers["passed_on"].as_array().map(Vec::len), Some(1), "{answers}");
        assert_eq!(answers["answers"][0]["content"], "the fence is painted");
        let nobody = json!({"description": "nobody", "enclosed": {"performative": "request"}});
        peer.says("proxy", "fipa-brokering", "c2", Some(&nobody.to_string()));
        let failure = peer.hears("failure");
        assert!(failure["body"].as_str().unwrap().starts_with("no-match"), "{failure}");
    }
}

/// Takes part in all that one agent may ask of another.
#[agent]
struct Servant;

#[agent(plays(request, query, request_when, subscribe, propose, brokering))]
impl Servant {}

impl request::Participant for Servant {
    type Task = Text;
    type Outcome = String;

    async fn requested(&mut self, _: &Context<Self>, asked: &Asked<Text>) -> Result<(), Refuse> {
        match asked.0.as_str() {
            "the sky" => Err(Refuse::new("too high")),
            _ => Ok(()),
        }
    }

    async fn perform(ctx: Context<Self>, asked: Asked<Text>) -> Result<String, Failure> {
        if asked.0 == "the town" {
            ctx.sleep("1h").await?;
        }
        Ok(format!("{} is painted", asked.0))
    }
}

impl query::Participant for Servant {
    type Question = Text;
    type Answer = String;

    async fn queried(&mut self, _: &Context<Self>, _: &Query<Text>) -> Result<(), Refuse> {
        Ok(())
    }

    async fn answer(_: Context<Self>, asked: Query<Text>) -> Result<String, Failure> {
        Ok(format!("{} is green", asked.0))
    }
}

impl request_when::Participant for Servant {
    type Task = Text;
    type Outcome = String;

    async fn requested(&mut self, _: &Context<Self>, _: &Asked<Text>) -> Result<(), Refuse> {
        Ok(())
    }

    async fn condition(ctx: Context<Self>, _: Asked<Text>) -> Result<(), Failure> {
        Ok(ctx.sleep("10ms").await?)
    }

    async fn perform(_: Context<Self>, asked: Asked<Text>) -> Result<String, Failure> {
        Ok(format!("{} is painted now", asked.0))
    }
}

impl subscribe::Participant for Servant {
    type Topic = Text;
    type News = String;

    async fn subscribed(
        &mut self,
        _: &Context<Self>,
        asked: &Asked<Text>,
    ) -> Result<Option<String>, Refuse> {
        match asked.0.as_str() {
            "the weather" => Ok(None),
            _ => Err(Refuse::new("only the weather")),
        }
    }
}

impl propose::Participant for Servant {
    type Proposal = Text;

    async fn proposed(
        &mut self,
        _: &Context<Self>,
        asked: &Asked<Text>,
    ) -> Result<(), RejectProposal> {
        match asked.0.as_str() {
            "tea" => Ok(()),
            _ => Err(RejectProposal::new("tea only")),
        }
    }
}

impl brokering::Participant for Servant {
    type Description = String;

    async fn find(
        &mut self,
        _: &Context<Self>,
        asked: &Asked<Proxy<String>>,
    ) -> Result<Vec<Jid>, Refuse> {
        match asked.description.as_str() {
            "painter" => Ok(vec![PEER.parse()?]),
            _ => Ok(Vec::new()),
        }
    }
}

#[agent]
struct Seller;

#[agent(plays(contract_net))]
impl Seller {}

impl contract_net::Participant for Seller {
    type Task = Text;
    type Offer = Json<u32>;
    type Outcome = String;

    async fn called(&mut self, _: &Context<Self>, call: &Call<Text>) -> Result<Json<u32>, Refuse> {
        match call.0.as_str() {
            "a book" => Ok(Json(9)),
            _ => Err(Refuse::new("only books")),
        }
    }

    async fn accepted(_: Context<Self>, bid: Bid<Self>) -> Result<String, Failure> {
        Ok(format!("{} for {}", bid.call().0, bid.offer().0))
    }
}

#[agent]
struct Collector;

#[agent(plays(auction))]
impl Collector {}

impl auction::Participant for Collector {
    type Item = Text;
    type Outcome = String;

    async fn called(&mut self, _: &Context<Self>, _: &Lot<Text>, price: f64) -> Decision {
        Decision::bid_if(price <= 10.0)
    }

    async fn won(_: Context<Self>, lot: Lot<Text>, price: f64) -> Result<String, Failure> {
        Ok(format!("{price} for {}", lot.0))
    }
}
