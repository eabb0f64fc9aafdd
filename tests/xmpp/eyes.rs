//! An agent that notes what it hears, for the tests of presence and of connections.

use peak::prelude::*;

use super::{Journal, context_of, settled};

/// Notes everything that it hears.
#[agent]
pub(crate) struct Peer {
    journal: Journal,
}

#[agent]
impl Peer {
    #[on_presence]
    async fn hear(&mut self, Sender(who): Sender, change: PresenceChange) {
        self.journal.note(format!("{who} {}", in_words(&change)));
    }

    #[on_connection]
    async fn connection(&mut self, change: ConnectionChange) {
        self.journal.note(match change {
            ConnectionChange::Lost { reason } => format!("lost: {reason}"),
            ConnectionChange::Restored => "restored".to_owned(),
            other => format!("{other:?}"),
        });
    }

    #[on_message]
    async fn read(&mut self, Sender(who): Sender, Text(text): Text) {
        self.journal.note(format!("{who} says {text}"));
    }
}

fn in_words(change: &PresenceChange) -> String {
    match change {
        PresenceChange::Available(presence) => {
            let status = presence.status.as_deref().unwrap_or_default();
            let (show, priority) = (presence.show, presence.priority);
            format!("is there: {show:?} {priority} {status}")
                .trim_end()
                .to_owned()
        }
        PresenceChange::Unavailable { .. } => "has gone".to_owned(),
        other => format!("{other:?}"),
    }
}

/// An agent that notes what it hears, and the test's way to it.
pub(crate) struct Eyes {
    pub(crate) handle: peak::AgentHandle<Peer>,
    pub(crate) ctx: Context<Peer>,
    pub(crate) journal: Journal,
}

impl Eyes {
    /// Starts one.
    pub(crate) async fn open(platform: &Platform, jid: &str) -> Self {
        let journal = Journal::default();
        let peer = Peer {
            journal: journal.clone(),
        };
        let handle = platform.spawn(jid, peer).await.expect("it connects");
        let ctx = context_of(&handle).await;
        Self {
            handle,
            ctx,
            journal,
        }
    }

    /// Ends it.
    pub(crate) async fn close(self) {
        self.handle.stop();
        self.handle.join().await;
    }

    /// Sends a line of text.
    pub(crate) async fn say(&self, to: &str, text: &str) {
        let message = Message::inform(to).text(text);
        self.ctx.send(message).await.expect("it is sent");
    }

    /// Waits until the server has handled all that it has said so far.
    pub(crate) async fn is_settled(&self) {
        settled(&self.ctx).await;
    }
}
