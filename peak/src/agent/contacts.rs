//! An agent's contacts: who is told of whose presence.

use std::fmt;

use super::Context;
use crate::message::{IntoJid, JidError};
use crate::network::{Contact, ContactAct, ContactError};

/// The agents that an agent knows, and who is told of whose presence: what
/// [`Context::contacts`] gives.
///
/// Whoever wants to be told of another's presence asks with [`subscribe`](Contacts::subscribe); the
/// other one approves or denies it. From then on an agent learns when the other comes, shows itself
/// in another way, or goes, in functions with [`#[on_presence]`](macro@crate::on_presence).
///
/// A list belongs to an account, so all sessions of a bare address share it; addresses are taken as
/// bare ones. Nothing here waits: what comes of it comes as news.
///
/// ```
/// use peak::prelude::*;
///
/// /// Watches over a pump.
/// #[agent]
/// struct Guard;
///
/// #[agent]
/// impl Guard {
///     #[on_start]
///     async fn begin(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
///         ctx.contacts().subscribe("pump@localhost")?;
///         Ok(())
///     }
///
///     #[on_presence(available)]
///     async fn came(&mut self, Sender(who): Sender, presence: Presence) {
///         println!("{who} is there: {:?}", presence.show);
///     }
///
///     #[on_presence(unavailable)]
///     async fn went(&mut self, ctx: &Context<Self>, Sender(who): Sender) {
///         println!("{who} has gone");
/// #       ctx.stop();
///     }
/// }
///
/// #[agent]
/// struct Pump;
///
/// #[agent]
/// impl Pump {
///     #[on_presence(subscribe)]
///     async fn asked(&mut self, ctx: &Context<Self>, Sender(who): Sender) -> peak::Result<()> {
///         if who.local() == Some("guard") {
///             ctx.contacts().approve(who)?;
///         } else {
///             ctx.contacts().deny(who)?;
///         }
/// #       ctx.stop();
///         Ok(())
///     }
/// }
/// # fn main() -> peak::Result<()> {
/// #     peak::block_on(async {
/// #         let platform = Platform::new();
/// #         platform.spawn("guard@localhost", Guard).await?;
/// #         platform.spawn("pump@localhost", Pump).await?;
/// #         assert!(platform.run().await.is_success());
/// #         Ok(())
/// #     })
/// # }
/// ```
pub struct Contacts<'a, A> {
    ctx: &'a Context<A>,
}

impl<A> Clone for Contacts<'_, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for Contacts<'_, A> {}

impl<A> fmt::Debug for Contacts<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Contacts").field(self.ctx.jid()).finish()
    }
}

impl<'a, A> Contacts<'a, A> {
    pub(super) fn new(ctx: &'a Context<A>) -> Self {
        Self { ctx }
    }

    /// Asks to be told of this agent's presence. It is asked when it is there; its answer comes as
    /// news. Asking again changes nothing.
    ///
    /// # Errors
    ///
    /// If the address is malformed, this agent's own, or cannot be reached from here.
    pub fn subscribe(self, jid: impl IntoJid) -> Result<(), ContactError> {
        self.act(jid, ContactAct::Subscribe)
    }

    /// Does not want to be told of this agent's presence any more, or takes the request back.
    ///
    /// # Errors
    ///
    /// As [`subscribe`](Contacts::subscribe).
    pub fn unsubscribe(self, jid: impl IntoJid) -> Result<(), ContactError> {
        self.act(jid, ContactAct::Unsubscribe)
    }

    /// Approves the request of this agent: it is told of the presence from now on.
    ///
    /// # Errors
    ///
    /// As [`subscribe`](Contacts::subscribe), and if there is no such request: it has not come yet,
    /// or was taken back.
    pub fn approve(self, jid: impl IntoJid) -> Result<(), ContactError> {
        self.act(jid, ContactAct::Approve)
    }

    /// Refuses the request of this agent, or takes back what was approved.
    ///
    /// # Errors
    ///
    /// As [`subscribe`](Contacts::subscribe).
    pub fn deny(self, jid: impl IntoJid) -> Result<(), ContactError> {
        self.act(jid, ContactAct::Deny)
    }

    /// Approves every request from now on, those that wait included, and asks the same in turn; or
    /// does not any more, which is how an agent starts. Functions with `#[on_presence(subscribe)]`
    /// are still told.
    pub fn approve_all(self, yes: bool) {
        let network = &self.ctx.shared().services.network;
        network.approve_all(self.ctx.jid(), yes);
    }

    /// All contacts, by their addresses: who was asked, who was approved, and who was at some time
    /// and has not been removed.
    pub fn list(self) -> Vec<Contact> {
        let network = &self.ctx.shared().services.network;
        network.contacts(self.ctx.jid())
    }

    /// This contact; `None` if it is none.
    ///
    /// # Errors
    ///
    /// If the address is malformed.
    pub fn get(self, jid: impl IntoJid) -> Result<Option<Contact>, JidError> {
        let network = &self.ctx.shared().services.network;
        Ok(network.contact_at(self.ctx.jid(), &jid.into_jid()?))
    }

    /// Strikes this agent out of the list: neither is told of the other's presence any more.
    ///
    /// # Errors
    ///
    /// As [`subscribe`](Contacts::subscribe).
    pub fn remove(self, jid: impl IntoJid) -> Result<(), ContactError> {
        self.act(jid, ContactAct::Remove)
    }

    fn act(self, jid: impl IntoJid, act: ContactAct) -> Result<(), ContactError> {
        let network = &self.ctx.shared().services.network;
        network.contact(self.ctx.jid(), &jid.into_jid()?, act)
    }
}
