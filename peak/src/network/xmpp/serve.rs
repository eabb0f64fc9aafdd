//! A session at work: one task owns the stream, reads what comes and writes what waits.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep};
use tokio_xmpp::minidom::Element;
use xso::exports::rxml::xml_ncname;

use super::fences::Fences;
use super::flight::{Flight, Keep};
use super::inquiry::Inquiries;
use super::line::Line;
use super::outbox::Out;
use super::parking::Parking;
use super::retries::Retries;
use super::seen::Seen;
use super::setup::{Resumable, count};
use super::stanza::{Incoming, MessageOut, iq, ns};
use super::stream::{RESPONSE, stream_error};
use super::wire::{ReadEnd, Wire};

/// What outlives a connection of a session.
pub(super) struct Session {
    pub(super) line: Arc<Line>,
    pub(super) flight: Flight,
    pub(super) seen: Seen,
    pub(super) inquiries: Inquiries,
    pub(super) fences: Fences,
    pub(super) parking: Parking,
    /// How many stanzas of the server's have been handled in this session, modulo 2³².
    pub(super) handled: u32,
    pub(super) acks: Acks,
    pub(super) resumable: Option<Resumable>,
    /// What came before the session was set up, and does not count in it.
    pub(super) early: VecDeque<Incoming>,
    /// Answers and the like, which go out before messages.
    pub(super) answers: VecDeque<Answer>,
    /// Messages that came back because their receivers are not there yet.
    pub(super) retries: Retries,
    /// Whether there has been a session before.
    has_begun: bool,
}

/// A stanza or the like that goes out before messages.
pub(super) struct Answer {
    element: Element,
    /// Whether the server counts it: not so acknowledgements, and what asks for them.
    counts: bool,
}

/// How one learns what the server has handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Acks {
    /// Stream management (XEP-0198).
    Managed,
    /// The answer to a ping shows that what went before it was handled: stanzas of one stream are
    /// handled in order (RFC 6120, section 10.1).
    Ping,
}

/// How the work on a connection ended.
#[derive(Debug)]
pub(super) enum End {
    /// Nobody uses the session any more, and all has gone out.
    Closed,
    /// The connection broke.
    Lost(String),
    /// Another session has taken its place, for good.
    Replaced,
}

/// An acknowledgement is asked for after so many stanzas, or after so long.
const ASK_AFTER: usize = 48;
const ASK_WITHIN: Duration = Duration::from_millis(700);

/// More than this is not written without an acknowledgement.
const WINDOW: usize = 1024;

/// How many stanzas are read before it is the others' turn.
const READ_AT_ONCE: usize = 64;

/// How long a session that is closed waits for the last acknowledgement.
const LAST_ACKS: Duration = Duration::from_secs(2);

/// Messages that might be lost if the server crashed.
const KEEP: Keep = Keep {
    messages: 4096,
    // As many as wait beside a mailbox, or in one.
    confirmed: 1024,
    time: Duration::from_secs(60),
};

impl Session {
    pub(super) fn new(line: Arc<Line>) -> Self {
        Self {
            line,
            flight: Flight::new(KEEP),
            seen: Seen::default(),
            inquiries: Inquiries::default(),
            fences: Fences::default(),
            parking: Parking::default(),
            handled: 0,
            acks: Acks::Ping,
            resumable: None,
            early: VecDeque::new(),
            answers: VecDeque::new(),
            retries: Retries::default(),
            has_begun: false,
        }
    }

    /// The server has taken up the session again, and handled so many stanzas of it.
    pub(super) fn resume(&mut self, handled: u32) {
        if !self.flight.acknowledge(handled) {
            tracing::warn!(agent = %self.line.jid(), "the server has handled {handled} stanzas, which were never sent");
        }
        self.flight.resume();
        // What it counts it has not got yet, and whoever asked waits for it.
        self.answers.retain(|answer| answer.counts);
        tracing::debug!(agent = %self.line.jid(), "the session is resumed");
    }

    /// A new session begins.
    pub(super) fn begin(&mut self, acks: Acks) {
        self.acks = acks;
        self.resumable = None;
        self.handled = 0;
        self.flight.restart();
        self.fences.restart();
        self.answers.clear();
        self.early.clear();
        if std::mem::replace(&mut self.has_begun, true) {
            self.retries.begin();
            self.open_inquiries();
        }
    }

    fn take_early(&mut self, early: Incoming) {
        match early {
            Incoming::Message(message) => self.message(*message),
            Incoming::Element(element) => self.stanza(&element),
            Incoming::Odd(_) => {}
        }
    }

    /// Has a stanza go out before messages.
    pub(super) fn say(&mut self, element: Element) {
        self.answers.push_back(Answer {
            element,
            counts: true,
        });
    }

    fn say_uncounted(&mut self, element: Element) {
        self.answers.push_back(Answer {
            element,
            counts: false,
        });
    }

    /// How many stanzas of the server's have been handled, in its terms.
    pub(super) fn acknowledgement(&self) -> Element {
        Element::builder("a", ns::SM)
            .attr(xml_ncname!("h").to_owned(), self.handled)
            .build()
    }

    /// Works on this connection until it ends.
    pub(super) async fn serve(&mut self, wire: &mut Wire) -> End {
        let mut work = Work {
            session: self,
            wire,
            written_since_ask: 0,
            is_asked: false,
            timer: None,
            closing_since: None,
            now: Instant::now(),
        };
        poll_fn(|cx| work.poll(cx)).await
    }
}

/// The work on one connection.
struct Work<'a> {
    session: &'a mut Session,
    wire: &'a mut Wire,
    /// Stanzas written since an acknowledgement was last asked for.
    written_since_ask: usize,
    /// Whether one is awaited.
    is_asked: bool,
    /// When to look what is due, if there is anything.
    timer: Option<(Instant, Pin<Box<Sleep>>)>,
    closing_since: Option<Instant>,
    /// When this round began. The clock is not asked for every stanza.
    now: Instant,
}

impl Work<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        self.now = Instant::now();
        // What is due now has this put forward again, if it must.
        if let Some((_, timer)) = &mut self.timer
            && timer.as_mut().poll(cx).is_ready()
        {
            self.timer = None;
            self.look_what_is_due();
        }
        match self.read(cx) {
            Poll::Ready(Some(end)) => return Poll::Ready(end),
            // There is more to read: others first.
            Poll::Ready(None) => cx.waker().wake_by_ref(),
            Poll::Pending => {}
        }
        // After the reading, which may have parked something.
        let patience = self.session.line.patience;
        while let Poll::Ready(refused) = self.session.parking.poll_refused(cx, patience) {
            self.session.no_place(&refused);
        }
        if let Err(error) = self.write(cx) {
            return Poll::Ready(End::Lost(in_words(&error)));
        }
        if self.closing_since.is_some() && self.has_settled() {
            return Poll::Ready(End::Closed);
        }
        if self.is_dead() {
            return Poll::Ready(End::Lost("the server gave no sign of life".to_owned()));
        }
        self.poll_timer(cx);
        Poll::Pending
    }

    /// Reads what has come. Ready with nothing: there may be more.
    fn read(&mut self, cx: &mut Context<'_>) -> Poll<Option<End>> {
        for _ in 0..READ_AT_ONCE {
            if self.session.parking.is_full() {
                // Its server keeps the rest. Whoever makes room has this go on.
                return Poll::Pending;
            }
            if let Some(early) = self.session.early.pop_front() {
                self.session.take_early(early);
                continue;
            }
            match ready!(self.wire.poll_next(cx)) {
                Ok(Incoming::Message(message)) => {
                    self.session.message(*message);
                    self.session.count_handled();
                }
                Ok(Incoming::Element(element)) => {
                    if let Some(end) = self.element(&element) {
                        return Poll::Ready(Some(end));
                    }
                }
                Ok(Incoming::Odd(reason)) => {
                    tracing::warn!(agent = %self.session.line.jid(), "a stanza was left out: {reason}");
                    self.session.count_handled();
                }
                Err(ReadEnd::Broken(error)) => {
                    return Poll::Ready(Some(End::Lost(in_words(&error))));
                }
                Err(ReadEnd::Closed) => {
                    return Poll::Ready(Some(End::Lost("the server closed the stream".into())));
                }
            }
        }
        Poll::Ready(None)
    }

    fn element(&mut self, element: &Element) -> Option<End> {
        if element.ns() == ns::SM {
            match element.name() {
                "a" => return self.acknowledged(count(element)),
                "r" => {
                    let answer = self.session.acknowledgement();
                    self.session.say_uncounted(answer);
                }
                _ => {}
            }
            return None;
        }
        if let Some((condition, words)) = stream_error(element) {
            return Some(match condition.as_str() {
                "conflict" => End::Replaced,
                _ => End::Lost(words),
            });
        }
        if self.session.acks == Acks::Ping
            && let Some(handled) = answered_ping(element, &self.session.line)
        {
            return self.acknowledged(Some(handled));
        }
        self.session.stanza(element);
        self.session.count_handled();
        None
    }

    fn acknowledged(&mut self, handled: Option<u32>) -> Option<End> {
        self.is_asked = false;
        let is_sound = handled.is_some_and(|handled| self.session.flight.acknowledge(handled));
        if !is_sound {
            // Nobody can tell any more what has arrived: a new session has to find out.
            self.session.resumable = None;
            return Some(End::Lost(format!(
                "the server acknowledges {handled:?} stanzas, which were never sent"
            )));
        }
        if self.closing_since.is_some() {
            self.closing_since = Some(self.now);
        }
        if self.session.flight.unacknowledged() > 0 {
            self.be_due(self.now + ASK_WITHIN);
        }
        None
    }

    /// Writes what waits, as far as the connection takes it.
    fn write(&mut self, cx: &mut Context<'_>) -> std::io::Result<()> {
        while self.wire.is_ready(cx)? {
            if let Some(answer) = self.session.answers.pop_front() {
                self.answer(answer);
                continue;
            }
            if let Some(out) = self.session.flight.to_repeat().cloned() {
                // It could be written before.
                self.start_out(&out);
                self.session.flight.repeated();
            } else if self.session.flight.unacknowledged() < WINDOW && !self.must_wait() {
                let Poll::Ready(out) = self.session.line.outbox().poll_next(cx) else {
                    break;
                };
                if !self.start_out(&out) {
                    continue;
                }
                self.session.put_fence(&out);
                self.session.flight.add(out);
            } else {
                break;
            }
            self.written_since_ask += 1;
            if self.written_since_ask >= ASK_AFTER && !self.is_asked {
                self.ask();
            } else if !self.is_asked {
                self.be_due(self.now + ASK_WITHIN);
            }
        }
        if self.closing_since.is_none() && self.session.line.outbox().poll_closing(cx).is_ready() {
            self.closing_since = Some(self.now);
            self.ask();
            self.be_due(self.now + LAST_ACKS);
        }
        // What was put aside meanwhile, such as the question itself.
        while !self.session.answers.is_empty() && self.wire.is_ready(cx)? {
            if let Some(answer) = self.session.answers.pop_front() {
                self.answer(answer);
            }
        }
        match self.wire.poll_flush(cx) {
            Poll::Ready(Err(error)) => Err(error),
            Poll::Ready(Ok(())) | Poll::Pending => Ok(()),
        }
    }

    /// Whether as many messages are kept as there may be, and somebody will say that some of them
    /// have arrived.
    fn must_wait(&mut self) -> bool {
        let flight = &self.session.flight;
        if self.closing_since.is_some() {
            return false;
        }
        if flight.uncertain_count() + flight.unacknowledged() < KEEP.messages {
            return false;
        }
        let until = self.session.fences.awaited_until();
        if let Some(until) = until {
            self.be_due(until);
        }
        until.is_some()
    }

    /// Writes an answer, or a question.
    fn answer(&mut self, answer: Answer) {
        let Answer { element, counts } = answer;
        // Pings tell of messages; that one was answered needs no telling, and would be one more ping
        // for each where we answer our own.
        let counts = counts && self.session.acks == Acks::Managed;
        if self.wire.write(&element) && counts {
            self.session.flight.add_answer(element);
            self.be_due(self.now + ASK_WITHIN);
        }
    }

    /// Writes a stanza; false if it cannot be written at all.
    fn start_out(&mut self, out: &Out) -> bool {
        match out {
            Out::Element(element) | Out::Answer(element) => self.wire.write(element),
            Out::Message(number, message) => {
                let id = self.session.line.ids().name(*number);
                self.wire.write_message(&MessageOut { id: &id, message });
                true
            }
            // Nothing of it is left to write.
            Out::Returned => false,
        }
    }

    /// Asks the server what it has handled.
    fn ask(&mut self) {
        if self.is_asked {
            return;
        }
        self.is_asked = true;
        self.written_since_ask = 0;
        let question = match self.session.acks {
            Acks::Managed => Element::bare("r", ns::SM),
            Acks::Ping => ping(&self.session.line, self.session.flight.total()),
        };
        self.session.say_uncounted(question);
    }

    /// What the timer was set for, or something that is due by chance as well.
    fn look_what_is_due(&mut self) {
        let silence = self.now.saturating_duration_since(self.wire.heard());
        let is_quiet = silence >= self.session.line.keepalive;
        if self.session.flight.unacknowledged() > 0 || is_quiet {
            self.ask();
        }
        self.session.inquire();
        let again = self.session.retries.due();
        self.session.flight.send_again(again);
        if let Some(since) = self.closing_since {
            self.be_due(since + LAST_ACKS);
        }
    }

    /// Has the server asked for a sign of life after a silence; whether it has given none for long.
    fn is_dead(&mut self) -> bool {
        if self.session.parking.is_full() {
            // It is us who do not listen.
            self.wire.listened(self.now);
        }
        let silence = self.now.saturating_duration_since(self.wire.heard());
        let keepalive = self.session.line.keepalive;
        if silence < keepalive {
            self.be_due(self.wire.heard() + keepalive);
            return false;
        }
        self.be_due(self.wire.heard() + keepalive + RESPONSE);
        self.session.flight.forget();
        silence >= keepalive + RESPONSE
    }

    /// Whether everything has gone out, or has had its time to.
    fn has_settled(&self) -> bool {
        let session = &self.session;
        let is_empty = session.answers.is_empty()
            && session.flight.unacknowledged() == 0
            && session.line.outbox().is_empty();
        is_empty
            || self
                .closing_since
                .is_some_and(|since| since.elapsed() >= LAST_ACKS)
    }

    /// Sets the timer, unless it goes off sooner.
    fn be_due(&mut self, when: Instant) {
        if self.timer.as_ref().is_some_and(|(due, _)| *due <= when) {
            return;
        }
        self.timer = Some((when, Box::pin(tokio::time::sleep_until(when))));
    }

    /// Has the task woken when the timer goes off.
    fn poll_timer(&mut self, cx: &mut Context<'_>) {
        let session = &self.session;
        let next = [session.inquiries.next_due(), session.retries.next_due()];
        if let Some(next) = next.into_iter().flatten().min() {
            self.be_due(next);
        }
        if let Some((_, timer)) = &mut self.timer
            && timer.as_mut().poll(cx).is_ready()
        {
            // Looked at when the task comes round again.
            cx.waker().wake_by_ref();
        }
    }
}

/// How a connection broke.
fn in_words(error: &std::io::Error) -> String {
    match error.kind() {
        // In whatever words the TLS library has for it.
        std::io::ErrorKind::UnexpectedEof => "the server is gone".to_owned(),
        std::io::ErrorKind::TimedOut => "the server gave no sign of life".to_owned(),
        _ => error.to_string(),
    }
}

/// The name of a ping that stands for an acknowledgement of so many stanzas. Nobody else can guess
/// it.
fn ping_name(line: &Line, total: u32) -> String {
    format!("{}-{total}", line.ids().secret())
}

fn ping(line: &Line, total: u32) -> Element {
    iq(line.namespace(), "get", &ping_name(line, total))
        .attr(xml_ncname!("from").to_owned(), line.jid().as_str())
        .attr(xml_ncname!("to").to_owned(), line.server())
        .append(Element::bare("ping", ns::PING))
        .build()
}

/// How many stanzas an answer shows to have been handled, if it is one to such a ping. An error shows
/// the same as a result.
fn answered_ping(element: &Element, line: &Line) -> Option<u32> {
    let is_answer = matches!(element.attr("type"), Some("result" | "error"));
    let from = element.attr("from");
    if element.name() != "iq" || !is_answer || from.is_some_and(|from| from != line.server()) {
        return None;
    }
    let (_, total) = element.attr("id")?.rsplit_once('-')?;
    let total = total.parse().ok()?;
    (element.attr("id") == Some(&ping_name(line, total))).then_some(total)
}
