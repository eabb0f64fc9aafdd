//! Functions that are told of presence and of the connection.

use peak::prelude::*;

#[agent]
struct Guard {
    there: u32,
}

/// Says what it hears, and leaves it to others.
#[on_presence(observe)]
async fn log<A: Agent>(ctx: &Context<A>, Sender(who): Sender, change: PresenceChange) {
    println!("{} hears of {who}: {change:?}", ctx.jid());
}

/// Knows nothing of the agent that it belongs to.
#[on_connection(lost, restored)]
async fn connection(change: ConnectionChange) -> Flow {
    println!("{change:?}");
    Flow::Stop
}

#[agent(behaviours(connection))]
impl Guard {
    #[on_start]
    async fn begin(&mut self, ctx: &Context<Self>) {
        ctx.add(log());
    }

    #[on_presence(available)]
    async fn came(&mut self, ctx: &Context<Self>, Sender(who): Sender, presence: Presence) {
        self.there += 1;
        println!("{}: {who} {presence:?}", ctx.jid());
    }

    #[on_presence(unavailable, unsubscribed, name = "gone")]
    async fn went(&mut self, change: PresenceChange) -> peak::Result<()> {
        self.there -= 1;
        println!("{change:?}");
        Ok(())
    }

    #[on_presence(subscribe)]
    async fn asked(ctx: Context<Self>, Sender(who): Sender) -> peak::Result<Flow> {
        ctx.contacts().approve(who)?;
        Ok(Flow::Continue)
    }

    #[cfg(any())]
    #[on_presence(subscribe)]
    async fn never(&self, nobody: Nobody) {}

    // One that may end leaves the rest to another.
    #[on_presence(subscribe)]
    async fn asked_again(
        &self,
        who: Option<Sender>,
        change: Result<PresenceChange, peak::Rejection>,
    ) {
        println!("{who:?} {change:?}");
    }

    #[on_presence()]
    async fn rest(&self) {}

    // News and messages do not meet.
    #[on_message]
    async fn hear(&self) {}

    #[on_connection(lost, observe)]
    async fn lost(&mut self) {}

    #[on_connection]
    async fn either(&self, change: ConnectionChange) {
        println!("{change:?}");
    }
}

fn main() {}
