//! Who has books.

use peak::prelude::*;
use std::collections::HashMap;
use std::time::Duration;

/// Sells one copy of each book in its catalogue.
#[agent]
struct BookSeller {
    /// The titles, with their prices.
    #[param]
    catalogue: HashMap<String, u32>,
    /// How long the shop is open.
    #[param(default = "5s")]
    open_for: Duration,
    /// What was offered, by conversation.
    offered: HashMap<String, String>,
}

#[agent]
impl BookSeller {
    #[on_message(
        performative = "cfp",
        protocol = "fipa-contract-net",
        ontology = "books"
    )]
    async fn offer(
        &mut self,
        call: Message,
        Text(title): Text,
    ) -> Result<Propose<Json<u32>>, Refuse> {
        let price = *self
            .catalogue
            .get(&title)
            .ok_or(Refuse::new("not available"))?;
        self.offered.insert(conversation(&call), title);
        Ok(Propose(Json(price)))
    }

    #[on_message(performative = "accept-proposal", protocol = "fipa-contract-net")]
    async fn sell(&mut self, order: Message) -> Result<Inform<()>, Failure> {
        let title = self.offered.remove(&conversation(&order));
        // Another buyer may have been faster.
        let sold = title.and_then(|title| self.catalogue.remove_entry(&title));
        let (title, price) = sold.ok_or(Failure::new("it has been sold meanwhile"))?;
        tracing::info!("sold `{title}` for {price}");
        Ok(Inform(()))
    }

    #[on_message(performative = "reject-proposal", protocol = "fipa-contract-net")]
    async fn rejected(&mut self, message: Message) {
        self.offered.remove(&conversation(&message));
    }

    #[behaviour(one_shot)]
    async fn close(ctx: Context<Self>) -> peak::Result<()> {
        let open_for = ctx.with(|me| me.open_for).await;
        ctx.sleep(open_for).await?;
        ctx.stop();
        Ok(())
    }
}

fn conversation(message: &Message) -> String {
    message.conversation_id().unwrap_or_default().to_owned()
}
