//! What agents of a test have heard, in order.

use peak::prelude::*;
use tokio::sync::watch;

use super::{PATIENCE, context_of, settled};

/// Lines that agents write and a test waits for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal(watch::Sender<Vec<String>>);

impl Journal {
    pub(crate) fn note(&self, line: impl Into<String>) {
        self.0.send_modify(|lines| lines.push(line.into()));
    }

    /// What stands in it and was not yet taken.
    pub(crate) fn read(&self) -> Vec<String> {
        self.0.borrow().clone()
    }

    /// Waits until the lines are enough for somebody.
    ///
    /// # Panics
    ///
    /// If they are not in time.
    async fn wait(&self, what: &str, enough: impl FnMut(&Vec<String>) -> bool) {
        let mut lines = self.0.subscribe();
        let waited = tokio::time::timeout(PATIENCE, lines.wait_for(enough)).await;
        assert!(waited.is_ok(), "no {what} in {:?}", self.read());
    }

    /// Takes the next lines, which are to be these.
    pub(crate) async fn next(&self, wanted: &[&str]) {
        assert_eq!(self.some(wanted).await, wanted);
    }

    /// Takes the next lines, which are to be these in any order.
    pub(crate) async fn next_in_any_order(&self, wanted: &[&str]) {
        let mut lines = self.some(wanted).await;
        lines.sort_unstable();
        let mut wanted = wanted.to_vec();
        wanted.sort_unstable();
        assert_eq!(lines, wanted);
    }

    async fn some(&self, wanted: &[&str]) -> Vec<String> {
        self.wait(&format!("{wanted:?}"), |lines| lines.len() >= wanted.len())
            .await;
        let mut taken = Vec::new();
        self.0
            .send_modify(|lines| taken = lines.drain(..wanted.len()).collect());
        taken
    }

    /// Takes everything up to a line; gives what was before it.
    pub(crate) async fn up_to(&self, wanted: &str) -> Vec<String> {
        self.up_to_one(wanted, |line| line == wanted).await.0
    }

    /// Takes everything up to a line that begins so; gives what was before it, and the line.
    pub(crate) async fn up_to_beginning(&self, wanted: &str) -> (Vec<String>, String) {
        self.up_to_one(wanted, |line| line.starts_with(wanted))
            .await
    }

    async fn up_to_one(&self, what: &str, is_it: impl Fn(&str) -> bool) -> (Vec<String>, String) {
        let place = |lines: &Vec<String>| lines.iter().position(|line| is_it(line));
        self.wait(what, |lines| place(lines).is_some()).await;
        let mut taken = Vec::new();
        self.0.send_modify(|lines| {
            let place = place(lines).expect("it was there");
            taken = lines.drain(..=place).collect();
        });
        let line = taken.pop().expect("it was found");
        (taken, line)
    }
}

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
