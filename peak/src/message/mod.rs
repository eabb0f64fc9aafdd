//! Messages: FIPA ACL in shape, XMPP in address, cheap to clone.

mod content;
mod field;
mod jid;
pub(crate) mod log;
#[cfg(any(feature = "acl", feature = "xmpp"))]
pub(crate) mod moment;
mod news;
mod performative;
mod presence;
pub mod reply;
mod template;
#[cfg(feature = "xmpp")]
mod wire;

use std::fmt;
use std::time::SystemTime;

use serde::Serialize;
use serde::de::DeserializeOwned;
use smol_str::SmolStr;
// Without weak references, so that asking whether a message is shared costs no more than a load.
use triomphe::Arc;

use content::Body;
use field::Texts;

pub use self::jid::{IntoJid, Jid, JidError};
pub use content::{ContentError, IntoBody, Json};
pub(crate) use field::Field;
pub(crate) use news::News;
pub use news::{ConnectionChange, PresenceChange, Topics, Undelivered};
pub use performative::{Performative, UnknownPerformative};
pub use presence::{Presence, Show};
pub use template::Template;

/// A message between agents.
///
/// It has the parameters of FIPA ACL (specification SC00061): a [`Performative`], sender, receiver,
/// `reply-to`, content (the [body](Message::body)), language, encoding, ontology, protocol,
/// conversation-id, reply-with, in-reply-to and reply-by; besides them XMPP's thread and metadata
/// of your own. A clone shares everything but the two addresses.
///
/// ```
/// use peak::Message;
///
/// let order = Message::request("oven@localhost")
///     .with_ontology("hvac")
///     .with_reply_with("r1")
///     .text("warm up");
/// assert_eq!(order.ontology(), Some("hvac"));
/// assert_eq!(order.body(), Some("warm up"));
/// ```
#[derive(Clone)]
pub struct Message {
    to: Option<Jid>,
    /// Who sent it, if not the one that `content` names.
    sender: Option<Jid>,
    content: Arc<Content>,
}

#[derive(Clone, Default)]
struct Content {
    performative: Option<Performative>,
    body: Body,
    texts: Texts,
    /// Who sent all copies of it. One counted reference for each copy less: with a thousand copies
    /// on several cores, the counters are what takes the time.
    sender: Option<Jid>,
    rare: Option<Box<Rare>>,
}

/// The metadata in which a trace goes from message to message (W3C Trace Context).
pub(crate) const TRACEPARENT: &str = "traceparent";

/// What few messages have.
#[derive(Clone, Default)]
struct Rare {
    reply_to: Option<Jid>,
    reply_by: Option<SystemTime>,
    community: Option<Jid>,
    /// What this is in place of a message.
    news: Option<Box<News>>,
    /// When the network took it in, if it kept it for a while.
    delayed: Option<SystemTime>,
    /// The name under which it came in.
    #[cfg(feature = "xmpp")]
    stanza_id: Option<SmolStr>,
    metadata: Vec<(SmolStr, SmolStr)>,
    wrong: Option<Box<Wrong>>,
}

/// What was wrong when the message was written: the error of sending it.
#[derive(Clone, Default)]
struct Wrong {
    receiver: Option<JidError>,
    reply_to: Option<JidError>,
}

/// A message that was written wrongly. Writing never fails; sending such a message does.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// No receiver was given.
    #[error("the message has no receiver; name one, as in `Message::inform(\"bob@localhost\")`")]
    NoReceiver,
    /// An address is malformed.
    #[error("the message's {role}: {error}")]
    Address {
        /// Which address: `receiver` or `reply-to`.
        role: &'static str,
        /// What is wrong with it.
        error: JidError,
    },
    /// The content is a value that cannot be written.
    #[error(transparent)]
    Content(ContentError),
    /// A text holds a character that XML does not have.
    #[error(
        "{part} holds the character {}, which XMPP cannot carry; \
         leave it out, or encode the text, as base64 for example", char.escape_unicode()
    )]
    Character {
        /// Which text: the body, or a field.
        part: SmolStr,
        /// The character.
        char: char,
    },
    /// The message is longer than servers take.
    #[error(
        "the message is {length} bytes long, and XMPP servers take {limit} at most; \
         send it in parts, or a reference to it"
    )]
    TooLong {
        /// How long it is, in bytes.
        length: usize,
        /// How long it may be.
        limit: usize,
    },
}

macro_rules! constructors {
    ($($name:ident $act:ident $word:literal)*) => {$(
        #[doc = concat!("A message with the performative `", $word, "`.")]
        ///
        /// A malformed address is the error of sending the message.
        pub fn $name(to: impl IntoJid) -> Self {
            Self::draft(Performative::$act).with_to(to)
        }
    )*};
}

macro_rules! text_fields {
    ($($getter:ident $setter:ident $field:ident $doc:literal)*) => {$(
        #[doc = $doc]
        pub fn $getter(&self) -> Option<&str> {
            self.content.texts.get(Field::$field)
        }

        #[doc = concat!("The message with this `", stringify!($getter), "`.")]
        #[must_use]
        pub fn $setter(mut self, value: impl AsRef<str>) -> Self {
            self.edit().texts.set(Field::$field, SmolStr::new(value));
            self
        }
    )*};
}

impl Message {
    /// A message without a performative, as a chat client writes it.
    ///
    /// A malformed address is the error of sending the message.
    pub fn new(to: impl IntoJid) -> Self {
        Self::blank(None).with_to(to)
    }

    pub(crate) fn blank(performative: Option<Performative>) -> Self {
        Self {
            to: None,
            sender: None,
            content: Arc::new(Content {
                performative,
                ..Content::default()
            }),
        }
    }

    /// What an agent learns besides messages, in the shape of one.
    pub(crate) fn of_news(about: Option<Jid>, news: News) -> Self {
        let mut message = Self::blank(None);
        message.sender = about;
        message.edit_rare().news = Some(Box::new(news));
        message
    }

    /// The news that this message has come back: about its receiver, with the names of its conversation.
    pub(crate) fn returned(&self, why: Undelivered) -> Self {
        let mut news = Self::of_news(self.to.clone(), News::Undelivered(why));
        for field in [Field::ConversationId, Field::Thread] {
            if let Some(name) = self.field(field).cloned() {
                news.edit().texts.set(field, name);
            }
        }
        news
    }

    /// What this is in place of a message, if it is none.
    pub(crate) fn news(&self) -> Option<&News> {
        self.rare()?.news.as_deref()
    }

    /// A message for nobody yet: for [`Context::send_all`](crate::Context::send_all), or to be given
    /// a receiver later.
    pub fn draft(act: Performative) -> Self {
        Self::blank(Some(act))
    }

    constructors! {
        accept_proposal AcceptProposal "accept-proposal"
        agree Agree "agree"
        cancel Cancel "cancel"
        cfp Cfp "cfp"
        confirm Confirm "confirm"
        disconfirm Disconfirm "disconfirm"
        failure Failure "failure"
        inform Inform "inform"
        inform_if InformIf "inform-if"
        inform_ref InformRef "inform-ref"
        not_understood NotUnderstood "not-understood"
        propagate Propagate "propagate"
        propose Propose "propose"
        proxy Proxy "proxy"
        query_if QueryIf "query-if"
        query_ref QueryRef "query-ref"
        refuse Refuse "refuse"
        reject_proposal RejectProposal "reject-proposal"
        request Request "request"
        request_when RequestWhen "request-when"
        request_whenever RequestWhenever "request-whenever"
        subscribe Subscribe "subscribe"
    }

    text_fields! {
        conversation_id with_conversation_id ConversationId
            "The conversation this message belongs to."
        thread with_thread Thread
            "XMPP's thread, which SPADE and PEAK carry beside the metadata."
        reply_with with_reply_with ReplyWith
            "What the answer shall name as `in-reply-to`."
        in_reply_to with_in_reply_to InReplyTo
            "The `reply-with` of the message that this one answers."
        protocol with_protocol Protocol
            "The interaction protocol, such as `fipa-request`."
        ontology with_ontology Ontology
            "The vocabulary of the content."
        language with_language Language
            "The language of the content, such as `fipa-sl`."
        encoding with_encoding Encoding
            "The encoding of the content."
    }

    /// What this message does.
    pub fn performative(&self) -> Option<Performative> {
        self.content.performative
    }

    /// Whether FIPA has the receiver answer it, see [`Performative::wants_answer`].
    pub(crate) fn wants_answer(&self) -> bool {
        self.performative().is_some_and(Performative::wants_answer)
    }

    /// The message with this performative.
    #[must_use]
    pub fn with_performative(mut self, act: Performative) -> Self {
        self.edit().performative = Some(act);
        self
    }

    /// The receiver.
    pub fn to(&self) -> Option<&Jid> {
        self.to.as_ref()
    }

    /// The message to this receiver. What was wrong with an earlier one is forgotten.
    #[must_use]
    pub fn with_to(mut self, to: impl IntoJid) -> Self {
        match to.into_jid() {
            Ok(jid) => {
                self.to = Some(jid);
                if self.rare().is_some_and(|rare| rare.wrong.is_some()) {
                    self.edit_wrong().receiver = None;
                }
            }
            Err(error) => self.edit_wrong().receiver = Some(error),
        }
        self
    }

    /// The sender. The platform fills it in when the message is sent.
    pub fn sender(&self) -> Option<&Jid> {
        self.sender.as_ref().or(self.content.sender.as_ref())
    }

    pub(crate) fn set_sender(&mut self, sender: Jid) {
        self.sender = Some(sender);
    }

    /// Sets the sender of this message and of all clones that will be made of it.
    pub(crate) fn set_common_sender(&mut self, sender: Jid) {
        self.sender = None;
        self.edit().sender = Some(sender);
    }

    /// Whom the answer shall go to, if not the sender.
    pub fn reply_to(&self) -> Option<&Jid> {
        self.rare()?.reply_to.as_ref()
    }

    /// The message with this `reply-to`.
    #[must_use]
    pub fn with_reply_to(mut self, to: impl IntoJid) -> Self {
        match to.into_jid() {
            Ok(jid) => {
                let rare = self.edit_rare();
                rare.reply_to = Some(jid);
                if let Some(wrong) = &mut rare.wrong {
                    wrong.reply_to = None;
                }
            }
            Err(error) => self.edit_wrong().reply_to = Some(error),
        }
        self
    }

    /// When the next answer must be there.
    pub fn reply_by(&self) -> Option<SystemTime> {
        self.rare()?.reply_by
    }

    /// The message with this `reply-by`.
    #[must_use]
    pub fn with_reply_by(mut self, time: SystemTime) -> Self {
        self.edit_rare().reply_by = Some(time);
        self
    }

    /// The community (room) through which this message came, if it was not sent to one agent alone.
    pub fn community(&self) -> Option<&Jid> {
        self.rare()?.community.as_ref()
    }

    /// When the network took this message in, if it kept it for a while before it delivered it, as a
    /// server does for an agent that is not there (XEP-0203).
    pub fn delayed(&self) -> Option<SystemTime> {
        self.rare()?.delayed
    }

    /// Metadata of your own under this key.
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.metadata_entries()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value)
    }

    /// All metadata of your own, in the order written. FIPA's parameters are not among them.
    pub fn metadata_entries(&self) -> impl Iterator<Item = (&str, &str)> {
        let entries = self.rare().map_or(&[][..], |rare| &rare.metadata);
        entries
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The message with this entry of metadata, instead of an earlier one under the same key.
    #[must_use]
    pub fn with_metadata(mut self, key: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.set_metadata(key.as_ref(), value.as_ref());
        self
    }

    /// Sets this entry of metadata.
    pub(crate) fn set_metadata(&mut self, key: &str, value: &str) {
        let value = SmolStr::new(value);
        let entries = &mut self.edit_rare().metadata;
        match entries.iter_mut().find(|(name, _)| name == key) {
            Some(entry) => entry.1 = value,
            None => entries.push((SmolStr::new(key), value)),
        }
    }

    /// Adds metadata under keys that are all different, and none of which is there yet.
    #[cfg(feature = "acl")]
    pub(crate) fn add_new_metadata<'a>(
        &mut self,
        entries: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) {
        let entries = entries.into_iter();
        let entries = entries.map(|(key, value)| (SmolStr::new(key), SmolStr::new(value)));
        let mut entries = entries.peekable();
        if entries.peek().is_some() {
            self.edit_rare().metadata.extend(entries);
        }
    }

    /// The body as text.
    ///
    /// A value given with [`json`](Message::json) is encoded now, and its text kept. `None` if there
    /// is no body, or if the value cannot be written as JSON; [`try_body`](Message::try_body) tells
    /// the two apart.
    pub fn body(&self) -> Option<&str> {
        self.try_body().ok().flatten()
    }

    /// The body as text; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If the body is a value that cannot be written as JSON.
    pub fn try_body(&self) -> Result<Option<&str>, ContentError> {
        self.content.body.text()
    }

    /// The message with this text as its body. An empty text is no body: XMPP cannot tell the two
    /// apart.
    #[must_use]
    pub fn text(mut self, body: impl Into<String>) -> Self {
        let body = body.into();
        self.edit().body = match body.is_empty() {
            true => Body::Empty,
            false => Body::Text(body),
        };
        self
    }

    /// The message with this value as its body, see [`Json`].
    #[must_use]
    pub fn json<T: Serialize + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.edit().body = Body::typed(value);
        self
    }

    /// The body as a value: the sender's own if it is of this type, else read from JSON.
    ///
    /// # Errors
    ///
    /// If there is no body, or it is not JSON of that shape.
    pub fn content<T: DeserializeOwned + Clone + 'static>(&self) -> Result<T, ContentError> {
        let read = self.content.body.read();
        read.map_err(|error: ContentError| error.of(self.performative(), self.body()))
    }

    /// An answer to this message: it goes to `reply-to` or else to the sender, and keeps
    /// conversation, thread, protocol, language and ontology; its `in-reply-to` is this message's
    /// `reply-with`.
    ///
    /// ```
    /// use peak::{Message, Performative};
    ///
    /// let question = Message::query_ref("seller@localhost")
    ///     .with_conversation_id("c1")
    ///     .with_reply_with("q1")
    ///     .with_reply_to("clerk@localhost");
    /// let answer = question.reply(Performative::Inform).text("12 cents");
    /// assert_eq!(answer.to().unwrap().as_str(), "clerk@localhost");
    /// assert_eq!(answer.conversation_id(), Some("c1"));
    /// assert_eq!(answer.in_reply_to(), Some("q1"));
    /// ```
    #[must_use]
    pub fn reply(&self, act: Performative) -> Message {
        self.complete_reply(Message::draft(act))
    }

    /// Makes a reply to this message of what a handler returned: fills in what it left open.
    pub(crate) fn complete_reply(&self, mut draft: Message) -> Message {
        if draft.sender().is_some() {
            // A message that had come, given back: an echo, and not a message to oneself.
            draft.to = None;
            draft.sender = None;
            let content = draft.edit();
            content.sender = None;
            content.texts.clear(Field::ReplyWith);
        }
        if draft.to.is_none() {
            draft.to = self.reply_to().or_else(|| self.sender()).cloned();
        }
        draft.edit().texts.answer(&self.content.texts);
        // Whoever traces finds the answer below the question, also if nobody here traces.
        if let Some(trace) = self.metadata(TRACEPARENT)
            && draft.metadata(TRACEPARENT).is_none()
        {
            draft.set_metadata(TRACEPARENT, trace);
        }
        draft
    }

    /// The receiver, or what was wrong when this message was written.
    pub(crate) fn receiver(&self) -> Result<&Jid, MessageError> {
        if let Some(wrong) = self.wrong() {
            let wrong = [("receiver", &wrong.receiver), ("reply-to", &wrong.reply_to)];
            for (role, error) in wrong {
                if let Some(error) = error.clone() {
                    return Err(MessageError::Address { role, error });
                }
            }
        }
        self.to.as_ref().ok_or(MessageError::NoReceiver)
    }

    /// The shared part, for writing: a copy of it if somebody else holds it.
    fn edit(&mut self) -> &mut Content {
        Arc::make_mut(&mut self.content)
    }

    fn rare(&self) -> Option<&Rare> {
        self.content.rare.as_deref()
    }

    fn wrong(&self) -> Option<&Wrong> {
        self.rare()?.wrong.as_deref()
    }

    fn edit_wrong(&mut self) -> &mut Wrong {
        self.edit_rare().wrong.get_or_insert_default()
    }

    fn edit_rare(&mut self) -> &mut Rare {
        self.edit().rare.get_or_insert_default()
    }

    /// Whether a reply to this message differs from one to the other in nothing but the receiver.
    pub(crate) fn is_answered_like(&self, other: &Self) -> bool {
        self.content.texts.are_answered_like(&other.content.texts)
            && self.reply_to().is_none()
            && other.reply_to().is_none()
            && self.metadata(TRACEPARENT) == other.metadata(TRACEPARENT)
    }

    pub(crate) fn field(&self, field: Field) -> Option<&SmolStr> {
        self.content.texts.get_shared(field)
    }

    /// Makes this a request: with a `reply-with`, and in a conversation. Gives both.
    pub(crate) fn ask(&mut self, new_id: impl FnOnce() -> SmolStr) -> (SmolStr, SmolStr) {
        let texts = &mut self.edit().texts;
        let reply_with = texts.get_or_set(Field::ReplyWith, new_id);
        let conversation = texts.get_or_set(Field::ConversationId, || reply_with.clone());
        (reply_with, conversation)
    }
}

impl fmt::Debug for Message {
    /// Everything but the body, which may be large or private.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Message");
        let jids = [
            ("sender", self.sender()),
            ("to", self.to()),
            ("reply_to", self.reply_to()),
            ("community", self.community()),
        ];
        for (name, jid) in jids {
            if let Some(jid) = jid {
                out.field(name, &format_args!("{jid}"));
            }
        }
        if let Some(act) = self.content.performative {
            out.field("performative", &format_args!("{act}"));
        }
        for (field, value) in self.content.texts.iter() {
            out.field(field.name(), &value);
        }
        if let Some(rare) = self.rare() {
            if let Some(news) = &rare.news {
                out.field("news", news);
            }
            if !rare.metadata.is_empty() {
                out.field("metadata", &rare.metadata);
            }
        }
        if let Some(wrong) = self.wrong() {
            for error in wrong.receiver.iter().chain(&wrong.reply_to) {
                out.field("fault", &format_args!("{error}"));
            }
        }
        out.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_goes_back_and_keeps_the_conversation() {
        let mut question = Message::request("b@x")
            .with_conversation_id("c")
            .with_thread("t")
            .with_reply_with("r")
            .with_protocol("fipa-request")
            .with_language("fipa-sl")
            .with_ontology("o")
            .with_encoding("utf-8")
            .with_metadata("k", "v")
            .text("do it");
        question.set_sender("a@x/main".parse().unwrap());

        let answer = question.reply(Performative::Agree);
        assert_eq!(answer.to().unwrap().as_str(), "a@x/main");
        assert_eq!(answer.performative(), Some(Performative::Agree));
        assert_eq!(answer.conversation_id(), Some("c"));
        assert_eq!(answer.thread(), Some("t"));
        assert_eq!(answer.in_reply_to(), Some("r"));
        assert_eq!(answer.protocol(), Some("fipa-request"));
        assert_eq!(answer.language(), Some("fipa-sl"));
        assert_eq!(answer.ontology(), Some("o"));
        assert_eq!(answer.reply_with(), None);
        assert_eq!(answer.encoding(), None);
        assert_eq!(answer.metadata("k"), None);
        assert_eq!(answer.body(), None);
    }

    #[test]
    fn a_reply_takes_the_trace_along_and_no_other_metadata() {
        let question = Message::request("b@x")
            .with_metadata("k", "v")
            .with_metadata(TRACEPARENT, "00-1-2-01");
        let answer = question.reply(Performative::Agree);
        let entries: Vec<_> = answer.metadata_entries().collect();
        assert_eq!(entries, [(TRACEPARENT, "00-1-2-01")]);
        let own = Message::draft(Performative::Agree).with_metadata(TRACEPARENT, "its own");
        let answer = question.complete_reply(own);
        assert_eq!(answer.metadata(TRACEPARENT), Some("its own"));
    }

    #[test]
    fn a_reply_to_a_message_to_many_goes_back_too() {
        let mut question = Message::draft(Performative::Request);
        question.set_common_sender("a@x/main".parse().unwrap());
        let answer = question.with_to("b@x").reply(Performative::Agree);
        assert_eq!(answer.to().unwrap().as_str(), "a@x/main");
    }

    #[test]
    fn answers_are_shared_only_if_nothing_but_the_receiver_differs() {
        let offer = || Message::propose("b@x").with_conversation_id("c");
        assert!(offer().is_answered_like(&offer().text("another")));
        for other in [
            offer().with_reply_with("r"),
            offer().with_thread("t"),
            offer().with_ontology("o"),
            offer().with_reply_to("c@x"),
            offer().with_metadata(TRACEPARENT, "00-1-2-01"),
            Message::propose("b@x"),
        ] {
            assert!(!offer().is_answered_like(&other), "{other:?}");
            assert!(!other.is_answered_like(&offer()), "{other:?}");
        }
    }

    #[test]
    fn changing_a_clone_leaves_the_original_alone() {
        let original = Message::inform("a@x").text("one");
        let clone = original.clone().text("two").with_metadata("k", "v");
        assert_eq!(original.body(), Some("one"));
        assert_eq!(original.metadata("k"), None);
        assert_eq!(clone.body(), Some("two"));
    }

    #[test]
    fn a_clone_shares_its_content() {
        let original = Message::inform("a@x").text("a long body");
        let clone = original.clone();
        assert!(std::ptr::eq(
            original.body().unwrap(),
            clone.body().unwrap()
        ));
    }

    #[test]
    fn what_was_written_wrongly_is_kept_for_the_one_who_sends() {
        let message = Message::inform("bob@").text("hello");
        assert_eq!(
            message.receiver().unwrap_err().to_string(),
            "the message's receiver: `bob@` is not a JID: the domain is not a valid host name; \
             write it as `name@domain` or `name@domain/resource`"
        );
        assert!(message.with_to("b@x").receiver().is_ok());
    }

    #[test]
    fn debug_shows_the_envelope_and_never_the_body() {
        let message = Message::inform("a@x").with_ontology("o").text("secret");
        assert_eq!(
            format!("{message:?}"),
            r#"Message { to: a@x, performative: inform, ontology: "o", .. }"#
        );
    }
}
