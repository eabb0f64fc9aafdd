//! After a server has crashed, everybody comes back at a moment of their own. Messages to those who
//! are not back yet are returned; for a while they are sent again, and only then given up.

use std::time::Duration;

use tokio::time::Instant;

use crate::message::Message;

/// Messages that are to be sent again.
#[derive(Debug, Default)]
pub(super) struct Retries {
    /// Until when others are waited for; none if no session was lost.
    until: Option<Instant>,
    pause: Duration,
    due: Option<Instant>,
    waiting: Vec<(u64, Message)>,
}

/// How long others are waited for.
const GRACE: Duration = Duration::from_secs(40);

/// The first pause; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

impl Retries {
    /// A session begins after a lost one.
    pub(super) fn begin(&mut self) {
        self.until = Some(Instant::now() + GRACE);
        self.pause = FIRST_PAUSE;
    }

    /// Somebody has lost a session, and will be back. If they are not within the time, as their server will not
    /// have them, the next time begins only after a while, in which others hear of it.
    pub(super) fn expect_back(&mut self) {
        let now = Instant::now();
        if self.until.is_none_or(|until| now >= until + GRACE) {
            self.begin();
        }
    }

    /// Takes a message that came back, unless it has had its time.
    pub(super) fn take(&mut self, number: u64, message: Message) -> Result<(), Message> {
        let now = Instant::now();
        if self.until.is_none_or(|until| now >= until) {
            return Err(message);
        }
        if self.due.is_none() {
            self.due = Some(now + self.pause);
            self.pause *= 2;
        }
        self.waiting.push((number, message));
        Ok(())
    }

    /// What is to be sent again now, in the order in which it was sent first.
    pub(super) fn due(&mut self) -> Vec<(u64, Message)> {
        if self.due.is_none_or(|due| due > Instant::now()) {
            return Vec::new();
        }
        self.due = None;
        let mut due = std::mem::take(&mut self.waiting);
        due.sort_by_key(|(number, _)| *number);
        due
    }

    /// When there is something to send again.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.due
    }

    /// Everything that waits, for whoever gives up.
    pub(super) fn give_up(&mut self) -> Vec<(u64, Message)> {
        self.due = None;
        std::mem::take(&mut self.waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        Message::inform("a@x")
    }

    #[tokio::test(start_paused = true)]
    async fn who_never_comes_back_is_not_waited_for_all_the_time() {
        let mut retries = Retries::default();
        retries.expect_back();
        assert!(retries.take(1, message()).is_ok());
        tokio::time::advance(GRACE).await;
        retries.expect_back();
        assert!(retries.take(2, message()).is_err());
        tokio::time::advance(GRACE).await;
        retries.expect_back();
        assert!(retries.take(3, message()).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn only_after_a_loss_and_for_a_while() {
        let mut retries = Retries::default();
        assert!(retries.take(1, message()).is_err());
        retries.begin();
        let mut times = 0;
        while retries.take(2, message()).is_ok() {
            assert!(retries.take(1, message()).is_ok());
            assert!(retries.due().is_empty());
            let next = retries.next_due().unwrap();
            tokio::time::advance(next - Instant::now()).await;
            let due: Vec<u64> = retries.due().iter().map(|(number, _)| *number).collect();
            assert_eq!(due, [1, 2]);
            times += 1;
        }
        assert_eq!(times, 8);
        assert!(retries.give_up().is_empty());
    }
}
