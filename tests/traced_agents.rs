//! Agents whose conversations are traced: a contract net with what happens beside it, and handlers
//! with every kind of fault.

use peak::prelude::*;

/// What no trace may have anything of.
const SECRET: &str = "the-secret-price";

/// Has something made, and ends all others when it has it.
#[agent]
struct Buyer;

#[agent]
impl Buyer {
    #[behaviour(one_shot)]
    async fn buy(ctx: Context<Self>) -> peak::Result<()> {
        let call = Message::cfp("seller@localhost")
            .with_conversation_id("auction-1")
            .with_protocol("fipa-contract-net")
            .with_ontology("goods")
            .text(SECRET);
        let proposal = ctx.request(call, "10s").await?;
        let accepted = proposal.reply(Performative::AcceptProposal).text(SECRET);
        let done = ctx.request(accepted, "10s").await?;
        assert_eq!(done.performative(), Some(Performative::Inform));
        let all = ["seller@localhost", "ledger@localhost", "store@localhost"];
        let end = Message::draft(Performative::Cancel).with_thread("the end");
        ctx.send_all(all, end).await?;
        ctx.stop();
        Ok(())
    }
}

#[agent]
struct Seller {
    #[param(default = "store@localhost")]
    store: Jid,
}

#[agent]
impl Seller {
    #[on_message(performative = "cfp")]
    async fn offer(
        &mut self,
        ctx: &Context<Self>,
        call: &Message,
    ) -> peak::Result<Propose<String>> {
        // Of the same conversation, of another one, and of none.
        let note = Message::inform("ledger@localhost").text(SECRET);
        let id = call.conversation_id().unwrap_or_default();
        ctx.send(note.clone().with_conversation_id(id)).await?;
        let question = Message::query_ref(&self.store).with_conversation_id("stock-1");
        ctx.request(question, "10s").await?;
        ctx.send(note).await?;
        Ok(Propose(SECRET.into()))
    }

    #[on_message(performative = "accept-proposal")]
    async fn deliver(&mut self) -> Inform<String> {
        tracing::info_span!("pack", parcels = 2).in_scope(|| Inform(SECRET.into()))
    }

    #[on_message(performative = "cancel")]
    async fn end(&mut self, ctx: &Context<Self>) {
        ctx.stop();
    }
}

#[agent]
struct Ledger;

#[agent]
impl Ledger {
    // In a task of its own.
    #[on_message(performative = "inform")]
    async fn enter(ctx: Context<Self>, message: Message) {
        assert_eq!(message.body(), Some(SECRET), "at {}", ctx.jid());
    }

    #[on_message(performative = "cancel")]
    async fn end(&mut self, ctx: &Context<Self>) {
        ctx.stop();
    }
}

#[agent]
struct Store;

#[agent]
impl Store {
    // Answers later, from work that it hands over.
    #[on_message(performative = "query-ref")]
    async fn count(&mut self, ctx: &Context<Self>, question: Message) {
        let later = ctx.clone();
        ctx.spawn(async move { later.reply(&question, Inform("3")).await });
    }

    #[on_message(performative = "cancel")]
    async fn end(&mut self, ctx: &Context<Self>) {
        ctx.stop();
    }
}

/// Asks for everything that goes wrong.
#[agent]
struct Trouble;

#[agent]
impl Trouble {
    #[behaviour(one_shot)]
    async fn ask(ctx: Context<Self>) -> peak::Result<()> {
        for ontology in ["error", "content", "panic", "number", "nobody"] {
            let question = Message::request("faulty@localhost")
                .with_ontology(ontology)
                .with_conversation_id(ontology)
                .text(SECRET);
            ctx.request(question, "10s").await?;
        }
        let late = Message::query_ref("faulty@localhost").with_conversation_id("late");
        assert!(ctx.request(late, "10ms").await.is_err());
        let lost = Message::inform("nowhere@localhost").with_conversation_id("lost");
        assert!(ctx.send(lost).await.is_err());
        ctx.send(Message::cancel("faulty@localhost")).await?;
        ctx.stop();
        Ok(())
    }
}

#[agent]
struct Faulty;

#[agent]
impl Faulty {
    #[on_message(performative = "request", ontology = "error")]
    async fn fail(&mut self) -> peak::Result<Inform<String>> {
        Err(peak::Error::msg("out of paper"))
    }

    #[on_message(performative = "request", ontology = "content")]
    async fn read(&mut self, message: &Message) -> peak::Result<Inform<String>> {
        let text: u32 = message.clone().json(SECRET).content()?;
        Ok(Inform(text.to_string()))
    }

    #[on_message(performative = "request", ontology = "panic")]
    async fn panic(_: Context<Self>, Text(text): Text) {
        panic!("{text}");
    }

    #[on_message(performative = "request", ontology = "number")]
    async fn number(&mut self, Json(_): Json<u32>) {}

    #[on_message(performative = "query-ref")]
    async fn silence(&mut self) {}

    #[on_message(performative = "cancel")]
    async fn end(&mut self, ctx: &Context<Self>) {
        ctx.stop();
    }
}

/// Runs a few times.
#[agent]
struct Clock {
    ticks: u32,
}

#[agent]
impl Clock {
    #[on_start]
    async fn wind(&mut self) {}

    #[behaviour(periodic = "10ms")]
    async fn tick(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        self.ticks += 1;
        if self.ticks == 3 {
            ctx.stop();
            return Err(peak::Error::msg("worn out"));
        }
        Ok(())
    }
}

fn main() -> peak::ExitCode {
    peak::run()
}
