//! Propose as the one to whom something is proposed sees it.

use super::TOKEN;
use crate::agent::{Agent, Context, FromMessage, Outcome, Part, Playing, Wiring};
use crate::message::reply::{AcceptProposal, RejectProposal};
use crate::message::{Message, Performative, Template};
use crate::network::BoxFuture;
use crate::protocol::asked::{Asked, overdue, too_late};

/// Accepts or rejects what others propose to do.
///
/// The agent says that it plays this part with `#[agent(plays(propose))]`.
///
/// ```
/// use peak::prelude::*;
/// use peak::protocol::{Asked, propose};
///
/// #[agent]
/// struct Host {
///     free: u32,
/// }
///
/// #[agent(plays(propose))]
/// impl Host {}
///
/// impl propose::Participant for Host {
///     /// How many would come.
///     type Proposal = Json<u32>;
///
///     async fn proposed(
///         &mut self,
///         _: &Context<Self>,
///         asked: &Asked<Json<u32>>,
///     ) -> Result<(), RejectProposal> {
///         let left = self.free.checked_sub(asked.0);
///         self.free = left.ok_or(RejectProposal::new("there are not so many beds"))?;
///         Ok(())
///     }
///
///     async fn too_late(&mut self, _: &Context<Self>, asked: &Asked<Json<u32>>) {
///         self.free += asked.0;
///     }
/// }
/// ```
///
/// A proposal whose `reply-by` is past is rejected, with that as the reason. One that has no such content is answered
/// `not-understood`. With the answer the conversation is over: what else is said in it goes to the handlers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` plays `propose`, but does not implement it",
    label = "write `impl peak::protocol::propose::Participant for {Self} {{ … }}`"
)]
pub trait Participant: Agent + Listed {
    /// What is proposed: text or [`Json`](crate::Json), as a handler takes it.
    type Proposal: for<'a> FromMessage<'a, Self> + Send + Sync + 'static;

    /// Somebody proposes to do something: accepts it, or rejects it.
    fn proposed(
        &mut self,
        ctx: &Context<Self>,
        asked: &Asked<Self::Proposal>,
    ) -> impl Future<Output = Result<(), RejectProposal>> + Send;

    /// What was [accepted](Self::proposed) is rejected all the same, since the answer was wanted earlier: undoes what
    /// accepting it has done. Unless this is written, nothing happens.
    fn too_late(
        &mut self,
        ctx: &Context<Self>,
        asked: &Asked<Self::Proposal>,
    ) -> impl Future<Output = ()> + Send {
        let _ = (ctx, asked);
        std::future::ready(())
    }
}

/// What `#[agent(plays(propose))]` implements.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` implements `propose::Participant`, but does not say that it plays it",
    label = "write `#[agent(plays(propose))]` above `impl {Self}`"
)]
pub trait Listed {}

/// What `#[agent(plays(propose))]` calls.
#[doc(hidden)]
pub fn play<A: Participant>(wiring: &mut Wiring<A>, only: Option<Template>) {
    wiring.part(Part::new(only, |_, only| Box::new(Judge { only })));
}

/// The role as one agent plays it. Nothing of a proposal is left once it is answered.
struct Judge {
    only: Option<Template>,
}

impl<A: Participant> Playing<A> for Judge {
    fn name(&self) -> &'static str {
        "propose"
    }

    fn takes(&self, message: &Message) -> bool {
        message.performative() == Some(Performative::Propose)
            && message.protocol() == Some(TOKEN)
            && self.only.as_ref().is_none_or(|only| only.matches(message))
    }

    fn handle<'a>(
        &'a mut self,
        agent: &'a mut A,
        ctx: &'a Context<A>,
        message: &'a Message,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            if let Some(rejection) = late(ctx, message) {
                tracing::warn!(agent = %ctx.jid(), about = ?message, "{}", rejection.reason());
                return Outcome::reply(rejection);
            }
            let asked = match Asked::read(ctx, message) {
                Ok(asked) => asked,
                Err(answer) => return answer,
            };
            if let Err(rejection) = A::proposed(agent, ctx, &asked).await {
                return Outcome::negative(rejection);
            }
            if let Some(rejection) = late(ctx, message) {
                A::too_late(agent, ctx, &asked).await;
                return Outcome::reply(rejection);
            }
            Outcome::reply(AcceptProposal(()))
        })
    }
}

/// What takes the place of an answer that would come too late.
fn late<A: Agent>(ctx: &Context<A>, message: &Message) -> Option<RejectProposal> {
    let refusal = too_late(overdue(ctx, message)?);
    Some(RejectProposal::new(refusal.reason()))
}
