//! A message on its way: over a session of its own, as an agent would send it.

use std::collections::BTreeMap;
use std::fs::File;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use super::letter::Letter;
use crate::message::{Jid, Message, Presence, Template};
use crate::network::xmpp::{Xmpp, XmppNetwork};
use crate::network::{
    AttachError, Embedded, Inbox, Network as _, ReplyError, SendError, Sending, Undelivered,
};
use crate::time::after;

/// How long the server may take to say that it has handled the message.
const HANDLED: Duration = Duration::from_secs(30);

/// How long a message to another domain may take to come back, when nobody waits for a reply. The
/// server of the sender has handed it on by then, and cannot know more.
pub(super) const RETURN: Duration = Duration::from_secs(2);

/// How long the last words to the server may take.
const GOODBYE: Duration = Duration::from_secs(3);

/// Messages that nobody waits for, such as others to the same session.
const UNREAD: usize = 64;

/// Why a message was not sent, or not answered.
#[derive(Debug)]
pub(super) enum Failed {
    /// There is no connection.
    Connect(AttachError),
    /// It could not be sent.
    Send(SendError),
    /// It came back.
    Undelivered(Undelivered),
    /// The server does not say whether it has it.
    Unacknowledged,
    /// No reply came in time.
    Late,
}

/// Sends the message; with `wait`, gives the reply. Without, a reply that comes at once may be given,
/// too.
pub(super) async fn deliver(
    letter: Letter,
    wait: Option<Duration>,
) -> Result<Option<Message>, Failed> {
    let session = Session::open(&letter.sender, letter.xmpp).await?;
    let done = session.deliver(letter.message, &letter.to, wait).await;
    session.close().await;
    done
}

/// A session of the sender's account.
struct Session {
    network: XmppNetwork,
    inbox: Arc<Inbox>,
}

impl Session {
    async fn open(own: &Jid, xmpp: Xmpp) -> Result<Self, Failed> {
        let alone = alone_with(own, &xmpp).await;
        // It takes only what is sent to it: what is for the account is for its other sessions, and for
        // the day that they come.
        let aside = Presence::available().priority(-1);
        let xmpp = xmpp.route_by_server(true).shown_as(aside);
        let nobody = Embedded::new(Vec::new(), HANDLED);
        let network = XmppNetwork::new(nobody, xmpp, BTreeMap::new());
        let inbox = Arc::new(Inbox::new(own.clone(), UNREAD));
        let attached = network.attach(Arc::clone(&inbox)).await;
        drop(alone);
        attached.map_err(Failed::Connect)?;
        Ok(Self { network, inbox })
    }

    async fn deliver(
        &self,
        mut message: Message,
        to: &Jid,
        wait: Option<Duration>,
    ) -> Result<Option<Message>, Failed> {
        // By this name it is known when it comes back. The resource is like no other.
        let name = self.inbox.jid().resource().unwrap_or_default();
        message.ask(|| name.into());
        // Who answers by hand, or in a framework that does not name what is answered, is heard too.
        let from_there = self.inbox.subscribe(Template::sender(to.bare()));
        let deadline = after(wait.unwrap_or(HANDLED + RETURN));
        let mut exchange = pin!(async {
            tokio::select! {
                biased;
                reply = self.exchange(message, deadline) => reply,
                Ok(Some(reply)) = from_there.receive(None) => Ok(reply),
            }
        });
        if wait.is_some() {
            return exchange.await.map(Some);
        }
        tokio::select! {
            biased;
            reply = &mut exchange => return reply.map(Some),
            handled = self.handled() => handled?,
        }
        if to.domain() != self.inbox.jid().domain()
            && let Ok(reply) = tokio::time::timeout(RETURN, exchange).await
        {
            return reply.map(Some);
        }
        Ok(None)
    }

    /// Sends the message, and gives what comes of it.
    async fn exchange(&self, mut message: Message, deadline: Instant) -> Result<Message, Failed> {
        message.set_sender(self.inbox.jid().clone());
        let to = message.to().unwrap_or(self.inbox.jid()).clone();
        let names = message.ask(|| "".into());
        let mut names = Some(names);
        let expected = poll_fn(|cx| {
            let (reply_with, conversation) = names.take().unwrap_or_default();
            let expected = self
                .inbox
                .expect_reply(cx, &to, reply_with, conversation, deadline);
            Poll::Ready(expected)
        });
        let mut reply = expected.await.map_err(failed)?;
        match self.network.send(message) {
            Sending::Done => {}
            Sending::Failed(error) => return Err(Failed::Send(error)),
            Sending::Waiting(sending) => sending.await.map_err(Failed::Send)?,
        }
        poll_fn(|cx| reply.poll(cx)).await.map_err(failed)
    }

    /// Waits until the server has handled all that was sent so far. A message to oneself shows that:
    /// what came before it is either where it belongs, or has come back (RFC 6120, section 10.1).
    async fn handled(&self) -> Result<(), Failed> {
        let own = self.inbox.jid();
        let name = format!("{}-echo", own.resource().unwrap_or_default());
        let echo = Message::inform(own).with_reply_with(name);
        let came = self.exchange(echo, after(HANDLED)).await;
        match came {
            Err(Failed::Late) => Err(Failed::Unacknowledged),
            came => came.map(drop),
        }
    }

    /// Has the rest go out, and says goodbye.
    async fn close(self) {
        self.network.detach(self.inbox.jid());
        let settled = self.network.settled();
        if tokio::time::timeout(GOODBYE, settled).await.is_err() {
            tracing::debug!("the server takes no leave");
        }
    }
}

/// Waits for others that send by the same account at the same time, until this one has logged in: one
/// of them makes it, and not each. If somebody logs in while somebody else asks for an account that
/// exists, ejabberd 23.01 was seen to let nobody in any more.
async fn alone_with(own: &Jid, xmpp: &Xmpp) -> Option<File> {
    let settings = xmpp.settings().ok()?;
    let own = own.clone();
    let alone = tokio::task::spawn_blocking(move || settings.alone_with(&own)).await;
    match alone.ok()? {
        Ok(alone) => alone,
        Err(error) => {
            // Where nothing can be written, no account is made either.
            tracing::debug!("others may log in at the same time: {error}");
            None
        }
    }
}

fn failed(error: ReplyError) -> Failed {
    match error {
        ReplyError::Undelivered(why) => Failed::Undelivered(why),
        ReplyError::Late | ReplyError::Duplicate => Failed::Late,
    }
}
