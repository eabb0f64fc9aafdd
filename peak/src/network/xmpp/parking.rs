//! Messages for agents whose mailboxes are full: they wait beside the line, so that it goes on: for
//! all the others behind a component, and for the reply that an agent may be waiting for.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;

use crate::message::{Jid, Message};
use crate::network::inbox::Refused;
use crate::network::router::wait_for_room;
use crate::network::{BoxFuture, Event, Inbox, SendError};

/// Messages that wait for room, in order for each receiver.
#[derive(Default)]
pub(super) struct Parking {
    /// The first for each receiver.
    first: FuturesUnordered<BoxFuture<'static, Waited>>,
    /// Those behind it.
    others: HashMap<Jid, VecDeque<Message>>,
}

/// Who was waited for, and what came of it.
type Waited = (Arc<Inbox>, Result<(), SendError>);

/// How many wait for one receiver besides those in its mailbox.
const PLACES: usize = 1024;

impl Parking {
    /// Hands a message over, or has it wait; gives back what there is no place for.
    pub(super) fn deliver(
        &mut self,
        inbox: Arc<Inbox>,
        message: Message,
        patience: Duration,
    ) -> Result<(), NoPlace> {
        if let Some(others) = self.others.get_mut(inbox.jid()) {
            if inbox.awaits(&message) {
                // Perhaps what keeps it from looking into its mailbox.
                return accept(&inbox, message).map_err(NoPlace::from);
            }
            if others.len() >= PLACES {
                return Err(NoPlace::Full(message));
            }
            others.push_back(message);
            return Ok(());
        }
        match accept(&inbox, message) {
            Ok(()) => Ok(()),
            Err(Refused::Closed(message)) => Err(NoPlace::Ended(message)),
            Err(Refused::Full(message)) => {
                self.others.insert(inbox.jid().clone(), VecDeque::new());
                self.wait(inbox, message, patience);
                Ok(())
            }
        }
    }

    /// Whether there is no place left for one of them: behind an account there is but one.
    pub(super) fn is_full(&self) -> bool {
        self.others.values().any(|others| others.len() >= PLACES)
    }

    fn wait(&mut self, inbox: Arc<Inbox>, message: Message, patience: Duration) {
        self.first.push(Box::pin(async move {
            let waited = wait_for_room(Arc::clone(&inbox), message, patience).await;
            (inbox, waited)
        }));
    }

    /// Hands over what has room now; ready with what has waited for too long.
    pub(super) fn poll_refused(
        &mut self,
        cx: &mut Context<'_>,
        patience: Duration,
    ) -> Poll<NoPlace> {
        while let Poll::Ready(Some((inbox, waited))) = self.first.poll_next_unpin(cx) {
            self.go_on(inbox, patience);
            match waited {
                Ok(()) => {}
                Err(SendError::Full { message, .. }) => return Poll::Ready(NoPlace::Full(message)),
                Err(error) => return Poll::Ready(NoPlace::Ended(error.into_message())),
            }
        }
        Poll::Pending
    }

    /// The next for this receiver has its turn.
    fn go_on(&mut self, inbox: Arc<Inbox>, patience: Duration) {
        let next = self
            .others
            .get_mut(inbox.jid())
            .and_then(VecDeque::pop_front);
        match next {
            Some(message) => self.wait(inbox, message, patience),
            None => drop(self.others.remove(inbox.jid())),
        }
    }
}

fn accept(inbox: &Inbox, message: Message) -> Result<(), Refused> {
    inbox.accept(Event::Message(message))
}

impl From<Refused> for NoPlace {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Full(message) => Self::Full(message),
            Refused::Closed(message) => Self::Ended(message),
        }
    }
}

/// A message that is not delivered.
#[derive(Debug)]
pub(super) enum NoPlace {
    /// Its receiver's mailbox stays full.
    Full(Message),
    /// Its receiver has ended.
    Ended(Message),
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::future::poll_fn;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    fn inbox(name: &str) -> Arc<Inbox> {
        Arc::new(Inbox::new(name.parse().unwrap(), 1))
    }

    fn message(text: &str) -> Message {
        Message::inform("a@x/main").text(text)
    }

    async fn taken(inbox: &Inbox) -> Vec<String> {
        let mut batch = VecDeque::new();
        poll_fn(|cx| inbox.poll_batch(cx, &mut batch)).await;
        let texts = batch.iter().filter_map(Message::body).map(str::to_owned);
        texts.collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_mailbox_holds_up_nobody_else_and_keeps_its_order() {
        let (slow, quick) = (inbox("slow@x/main"), inbox("quick@x/main"));
        let mut parking = Parking::default();
        for text in ["1", "2", "3"] {
            let slow = Arc::clone(&slow);
            parking.deliver(slow, message(text), PATIENCE).unwrap();
        }
        parking
            .deliver(Arc::clone(&quick), message("x"), PATIENCE)
            .unwrap();
        assert_eq!(taken(&quick).await, ["x"]);
        for text in ["1", "2", "3"] {
            assert_eq!(taken(&slow).await, [text]);
            poll_fn(|cx| Poll::Ready(parking.poll_refused(cx, PATIENCE).is_pending())).await;
        }
        assert!(parking.others.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_reply_that_is_awaited_queues_behind_nothing() {
        let (slow, mut parking) = (inbox("slow@x/main"), Parking::default());
        for text in ["1", "2", "3"] {
            let slow = Arc::clone(&slow);
            parking.deliver(slow, message(text), PATIENCE).unwrap();
        }
        let asked = "b@x".parse().unwrap();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        let mut reply = poll_fn(|cx| {
            let expected = slow.expect_reply(cx, &asked, "r".into(), "c".into(), deadline);
            Poll::Ready(expected)
        })
        .await
        .unwrap();
        let answer = message("answer").with_in_reply_to("r");
        parking
            .deliver(Arc::clone(&slow), answer, PATIENCE)
            .unwrap();
        let got = poll_fn(|cx| reply.poll(cx)).await.unwrap();
        assert_eq!(got.body(), Some("answer"));
    }

    #[tokio::test(start_paused = true)]
    async fn who_stays_full_or_has_ended_gets_nothing() {
        let (slow, mut parking) = (inbox("slow@x/main"), Parking::default());
        for text in ["1", "2"] {
            let slow = Arc::clone(&slow);
            parking.deliver(slow, message(text), PATIENCE).unwrap();
        }
        let refused = poll_fn(|cx| parking.poll_refused(cx, PATIENCE)).await;
        assert!(matches!(refused, NoPlace::Full(message) if message.body() == Some("2")));
        slow.close();
        let refused = parking.deliver(slow, message("3"), PATIENCE);
        assert!(matches!(refused, Err(NoPlace::Ended(_))));
    }
}
