//! From a message of agents here to one of FIPA's platforms, and back.
//!
//! What the one has and the other has not travels in user-defined parameters, which are metadata
//! here, under names that begin with `acl-`.

use std::borrow::Cow;
use std::collections::HashSet;
use std::time::SystemTime;

use super::lexer::{Ahead, Lexer};
use super::text::write_text;
use super::{AclMessage, AgentIdentifier, DateTime, UserParameters, read, write};
use crate::message::{JidError, MessageError};
use crate::{Jid, Message, Performative};

/// Set if the message has no performative, which FIPA's always have.
const NO_PERFORMATIVE: &str = "acl-performative";
/// XMPP's thread.
const THREAD: &str = "acl-thread";
/// Agents that are more than one JID, after the JIDs for which they stand.
const SENDER: &str = "acl-sender";
const RECEIVERS: &str = "acl-receivers";
const REPLY_TO: &str = "acl-reply-to";
/// A time that is no moment here.
const REPLY_BY: &str = "acl-reply-by";

const ALL: [&str; 6] = [
    NO_PERFORMATIVE,
    THREAD,
    SENDER,
    RECEIVERS,
    REPLY_TO,
    REPLY_BY,
];

/// Why a message cannot be turned into one of the other kind.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The name of an agent is no JID.
    #[error(
        "the {role}: {error}; agents with other names need a table: give it to `messages_with`"
    )]
    Name {
        /// Whose name it is: `sender`, `receiver` or `reply-to`.
        role: &'static str,
        /// The name.
        name: String,
        /// What is wrong with it.
        error: JidError,
    },
    /// The caller's function has no JID for an agent.
    #[error("the {role}: there is no JID for `{name}`; add it to the table of names")]
    Unknown {
        /// Whose name it is: `sender`, `receiver` or `reply-to`.
        role: &'static str,
        /// The name.
        name: String,
    },
    /// The message was written wrongly: an address is malformed, or the content cannot be encoded.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// The message's `reply-by` is no moment that FIPA can write.
    #[error(
        "the message's reply-by is before 1970 or after the year 9999, which FIPA cannot write"
    )]
    ReplyBy,
}

impl AclMessage {
    /// The message as agents here receive it: one copy for each receiver, whose names must be JIDs.
    ///
    /// User-defined parameters become metadata under the same names, without `X-`. What a
    /// [`Message`] has no place for, such as transport addresses and the names of the other
    /// receivers, is metadata under names that begin with `acl-`; `AclMessage::try_from` puts it back
    /// in its place. A `reply-by` that counts from now becomes a moment. An empty content is none.
    ///
    /// Of several `reply-to` the first is where answers go. A receiver that is named twice gets one
    /// copy. Without receivers there is one message, for nobody.
    ///
    /// # Errors
    ///
    /// If the name of the sender, of a receiver or of the first `reply-to` is no JID.
    pub fn messages(&self) -> Result<Vec<Message>, ConvertError> {
        self.convert(|role, agent| {
            agent.name.parse().map_err(|error| ConvertError::Name {
                role,
                name: agent.name.clone(),
                error,
            })
        })
    }

    /// The same with a table of names: the function gives the JID of each agent.
    ///
    /// ```
    /// use peak::Jid;
    /// use peak::acl::{AclMessage, AgentIdentifier};
    ///
    /// // Agents of the other platform are accounts of the bridge's component.
    /// let jid = |agent: &AgentIdentifier| -> Option<Jid> {
    ///     let (local, _platform) = agent.name.split_once('@')?;
    ///     format!("{local}@jade.example").parse().ok()
    /// };
    /// let text = "(inform :sender (agent-identifier :name da0@host:1099/JADE)
    ///                     :receiver (set (agent-identifier :name bob@host:1099/JADE)))";
    /// let messages = text.parse::<AclMessage>()?.messages_with(jid)?;
    /// assert_eq!(messages[0].sender().unwrap().as_str(), "da0@jade.example");
    /// assert_eq!(messages[0].to().unwrap().as_str(), "bob@jade.example");
    /// # Ok::<(), peak::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the function has no JID for one of them.
    pub fn messages_with(
        &self,
        mut jid: impl FnMut(&AgentIdentifier) -> Option<Jid>,
    ) -> Result<Vec<Message>, ConvertError> {
        self.convert(|role, agent| {
            jid(agent).ok_or_else(|| ConvertError::Unknown {
                role,
                name: agent.name.clone(),
            })
        })
    }

    fn convert(
        &self,
        mut jid: impl FnMut(&'static str, &AgentIdentifier) -> Result<Jid, ConvertError>,
    ) -> Result<Vec<Message>, ConvertError> {
        let mut parameters = self.parameters.clone();
        let is_marked = parameters.remove(NO_PERFORMATIVE).is_some();
        let mut message = Message::blank((!is_marked).then_some(self.performative));
        if let Some(thread) = parameters.remove(THREAD) {
            message = message.with_thread(thread);
        }
        if let Some(content) = &self.content {
            message = message.text(content);
        }
        message = self.add_texts(message);
        let mut kept = Vec::new();
        if let Some(sender) = &self.sender {
            let address = jid("sender", sender)?;
            kept.extend(keep(SENDER, &[&address], std::slice::from_ref(sender)));
            message.set_common_sender(address);
        }
        if let Some(first) = self.reply_to.first() {
            let address = jid("reply-to", first)?;
            kept.extend(keep(REPLY_TO, &[&address], &self.reply_to));
            message = message.with_reply_to(address);
        }
        if let Some(time) = self.reply_by {
            let moment = time.at(SystemTime::now());
            match moment.filter(|moment| DateTime::utc(*moment).is_some()) {
                Some(moment) => message = message.with_reply_by(moment),
                None => kept.push((REPLY_BY, time.to_string())),
            }
        }
        let mut seen = HashSet::new();
        let mut to = Vec::new();
        for receiver in &self.receivers {
            let address = jid("receiver", receiver)?;
            if seen.insert(address.clone()) {
                to.push(address);
            }
        }
        kept.extend(keep(
            RECEIVERS,
            &to.iter().collect::<Vec<_>>(),
            &self.receivers,
        ));
        let own = parameters.iter().filter(|(name, _)| !ALL.contains(name));
        let kept = kept.iter().map(|(name, value)| (*name, value.as_str()));
        message.add_new_metadata(own.chain(kept));
        if to.is_empty() {
            return Ok(vec![message]);
        }
        Ok(to.iter().map(|to| message.clone().with_to(to)).collect())
    }

    /// The message with those parameters that are the same text here and there.
    fn add_texts(&self, mut message: Message) -> Message {
        type Setter = fn(Message, String) -> Message;
        let texts: [(&Option<String>, Setter); 7] = [
            (&self.language, Message::with_language),
            (&self.encoding, Message::with_encoding),
            (&self.ontology, Message::with_ontology),
            (&self.protocol, Message::with_protocol),
            (&self.conversation_id, Message::with_conversation_id),
            (&self.reply_with, Message::with_reply_with),
            (&self.in_reply_to, Message::with_in_reply_to),
        ];
        for (text, set) in texts {
            if let Some(text) = text {
                message = set(message, text.clone());
            }
        }
        message
    }
}

/// The message as other platforms take it.
///
/// Metadata become user-defined parameters under the same names. A message without a performative
/// becomes an `inform` that is marked, and the thread a parameter: `:X-acl-performative`,
/// `:X-acl-thread`. How the message came is not part of it: the community, the server's delay. A
/// `reply-by` is written to the millisecond.
///
/// # Errors
///
/// If the message was written wrongly (see [`MessageError`]), or its `reply-by` is out of FIPA's
/// years. A message needs no receiver here.
impl TryFrom<&Message> for AclMessage {
    type Error = ConvertError;

    fn try_from(message: &Message) -> Result<Self, ConvertError> {
        if let Err(error @ MessageError::Address { .. }) = message.receiver() {
            return Err(error.into());
        }
        let text = |text: Option<&str>| text.map(str::to_owned);
        let mut acl = Self::new(message.performative().unwrap_or(Performative::Inform));
        acl.content = text(message.try_body().map_err(MessageError::Content)?);
        acl.language = text(message.language());
        acl.encoding = text(message.encoding());
        acl.ontology = text(message.ontology());
        acl.protocol = text(message.protocol());
        acl.conversation_id = text(message.conversation_id());
        acl.reply_with = text(message.reply_with());
        acl.in_reply_to = text(message.in_reply_to());
        acl.sender = agents(message, SENDER, message.sender()).pop();
        acl.receivers = agents(message, RECEIVERS, message.to());
        acl.reply_to = agents(message, REPLY_TO, message.reply_to());
        acl.reply_by = match message.reply_by() {
            Some(moment) => Some(DateTime::utc(moment).ok_or(ConvertError::ReplyBy)?),
            None => message
                .metadata(REPLY_BY)
                .and_then(|text| text.parse().ok()),
        };
        acl.parameters = parameters(message);
        Ok(acl)
    }
}

/// Metadata, and what FIPA's parameters have no place for.
fn parameters(message: &Message) -> UserParameters {
    let mut parameters = UserParameters::default();
    for (key, value) in message.metadata_entries() {
        if !ALL.contains(&key) {
            parameters.push_new(key.to_owned(), value.to_owned());
        }
    }
    if message.performative().is_none() {
        parameters.push_new(NO_PERFORMATIVE.to_owned(), "none".to_owned());
    }
    if let Some(thread) = message.thread() {
        parameters.push_new(THREAD.to_owned(), thread.to_owned());
    }
    parameters
}

/// The agents as metadata, behind the addresses for which they stand: none if each is nothing but its
/// address, and there is one at most.
fn keep(
    name: &'static str,
    addresses: &[&Jid],
    agents: &[AgentIdentifier],
) -> Option<(&'static str, String)> {
    let is_told_already = match (addresses, agents) {
        ([address], [agent]) => *agent == AgentIdentifier::from(*address),
        _ => agents.is_empty(),
    };
    if is_told_already {
        return None;
    }
    let mut text = String::new();
    for address in addresses {
        write_text(&mut text, address.as_str()).ok()?;
        text.push(' ');
    }
    for agent in agents {
        write::agent(&mut text, agent).ok()?;
    }
    Some((name, text))
}

/// The agents at an address of the message: those that were kept for it, or one that has the address
/// for its name.
fn agents(message: &Message, kept: &str, address: Option<&Jid>) -> Vec<AgentIdentifier> {
    let Some(address) = address else {
        return Vec::new();
    };
    let kept = message.metadata(kept);
    let kept = kept.and_then(|text| read_kept(text, address));
    kept.unwrap_or_else(|| vec![AgentIdentifier::from(address)])
}

/// What [`keep`] wrote, if it was about this address.
fn read_kept(text: &str, address: &Jid) -> Option<Vec<AgentIdentifier>> {
    let mut lexer = Lexer::new(text);
    let mut is_of_it = false;
    loop {
        let written: Cow<'_, str> = match lexer.ahead() {
            Ahead::Word => lexer.word("an address").ok()?.into(),
            Ahead::String => lexer.string("an address").ok()?,
            _ => break,
        };
        is_of_it |= written == address.as_str();
    }
    let mut agents = Vec::new();
    while lexer.ahead() != Ahead::End {
        agents.push(read::agent(&mut lexer, 0).ok()?);
    }
    (is_of_it && !agents.is_empty()).then_some(agents)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::acl::tests::any_message;

    /// All that a message is, to be compared.
    fn shown(message: &Message) -> String {
        let metadata: Vec<_> = message.metadata_entries().collect();
        let body = message.body();
        format!("{message:?} {body:?} {:?} {metadata:?}", message.reply_by())
    }

    fn acl(text: &str) -> AclMessage {
        text.parse().unwrap()
    }

    #[test]
    fn each_receiver_gets_a_copy() {
        let text = "(inform :sender (agent-identifier :name a@x)
            :receiver (set (agent-identifier :name b@x) (agent-identifier :name c@x/r)
                           (agent-identifier :name B@X))
            :content hello :X-k v)";
        let messages = acl(text).messages().unwrap();
        let to: Vec<_> = messages
            .iter()
            .map(|message| message.to().unwrap().as_str())
            .collect();
        assert_eq!(to, ["b@x", "c@x/r"]);
        for message in &messages {
            assert_eq!(message.sender().unwrap().as_str(), "a@x");
            assert_eq!(message.body(), Some("hello"));
            assert_eq!(message.metadata("k"), Some("v"));
            assert_eq!(message.metadata(SENDER), None);
            assert_eq!(AclMessage::try_from(message).unwrap(), acl(text));
        }
    }

    #[test]
    fn a_name_that_is_no_jid_is_an_error_that_names_it() {
        let agent = "(agent-identifier :name da0@host:1099/JADE)";
        for (role, parameter) in [
            ("sender", format!(":sender {agent}")),
            ("receiver", format!(":receiver (set {agent})")),
            ("reply-to", format!(":reply-to (set {agent})")),
        ] {
            let message = acl(&format!("(inform {parameter})"));
            let error = message.messages().unwrap_err().to_string();
            let begin = format!("the {role}: `da0@host:1099/JADE` is not a JID: ");
            assert!(error.starts_with(&begin), "{error}");
            assert!(error.ends_with("give it to `messages_with`"), "{error}");
            let error = message.messages_with(|_| None).unwrap_err().to_string();
            let begin = format!("the {role}: there is no JID for `da0@host:1099/JADE`");
            assert!(error.starts_with(&begin), "{error}");
        }
    }

    #[test]
    fn who_answers_finds_the_agent_where_it_was() {
        let text = "(inform
            :sender (agent-identifier :name da0@h:1/JADE :addresses (sequence http://h:7/acc))
            :receiver (set (agent-identifier :name b@x)))";
        let message = acl(text).messages_with(|agent| match agent.name.as_str() {
            "da0@h:1/JADE" => "da0@jade.x".parse().ok(),
            name => name.parse().ok(),
        });
        let message = message.unwrap().remove(0);
        assert_eq!(
            message.metadata(SENDER),
            Some(
                "da0@jade.x (agent-identifier :name da0@h:1/JADE :addresses (sequence http://h:7/acc))"
            )
        );
        assert_eq!(AclMessage::try_from(&message).unwrap(), acl(text));
        // Somebody else sends it on: what was kept is not about that one.
        let mut sent_on = message.clone();
        sent_on.set_sender("c@x".parse().unwrap());
        let sent_on = AclMessage::try_from(&sent_on).unwrap();
        assert_eq!(sent_on.sender, Some(AgentIdentifier::new("c@x")));
        assert_eq!(sent_on.parameters, UserParameters::default());
    }

    #[test]
    fn times_of_every_kind() {
        let before = SystemTime::now();
        let message = acl("(cfp :reply-by +00000000T000010000)")
            .messages()
            .unwrap()
            .remove(0);
        let span = message.reply_by().unwrap().duration_since(before).unwrap();
        assert!((10..70).contains(&span.as_secs()), "{span:?}");
        // Of a zone that nobody here knows.
        let local = acl("(cfp :reply-by 20261122T123000000)");
        let message = local.messages().unwrap().remove(0);
        assert_eq!(message.reply_by(), None);
        assert_eq!(AclMessage::try_from(&message).unwrap(), local);
        let late = SystemTime::UNIX_EPOCH + Duration::from_secs(400_000_000_000);
        let late = Message::cfp("b@x").with_reply_by(late);
        assert!(matches!(
            AclMessage::try_from(&late),
            Err(ConvertError::ReplyBy)
        ));
    }

    #[test]
    fn what_was_written_wrongly_is_not_lost() {
        let error = AclMessage::try_from(&Message::inform("bob@"))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("the message's receiver: `bob@` is not a JID"),
            "{error}"
        );
        let unwritable = std::collections::HashMap::from([((1, 2), 3)]);
        let error = AclMessage::try_from(&Message::inform("b@x").json(unwritable)).unwrap_err();
        assert!(
            error.to_string().contains("cannot be written as JSON"),
            "{error}"
        );
    }

    #[test]
    fn an_empty_content_is_none() {
        let message = acl("(inform :content \"\")").messages().unwrap().remove(0);
        assert_eq!(AclMessage::try_from(&message).unwrap().content, None);
    }

    fn any_of_ours() -> impl Strategy<Value = Message> {
        let jid = "[a-z]{1,3}@[a-z]{1,3}(/[a-zA-Z\"()]{1,3})?";
        let jids = proptest::collection::vec(proptest::option::of(jid), 3);
        let texts = proptest::collection::vec(proptest::option::of(any::<String>()), 9);
        let metadata =
            proptest::collection::hash_map("\\PC{0,8}|performative|X-a", any::<String>(), 0..4);
        let act = proptest::option::of(proptest::sample::select(
            Performative::all().collect::<Vec<_>>(),
        ));
        let time = proptest::option::of(0_u64..200_000_000_000_000);
        (jids, texts, metadata, act, time).prop_map(|(jids, texts, metadata, act, time)| {
            let jid = |at: usize| jids[at].as_ref().map(|jid| jid.parse::<Jid>().unwrap());
            let mut message = Message::blank(None);
            if let Some(sender) = jid(0) {
                message.set_sender(sender);
            }
            if let Some(to) = jid(1) {
                message = message.with_to(to);
            }
            if let Some(to) = jid(2) {
                message = message.with_reply_to(to);
            }
            let setters: [fn(Message, String) -> Message; 9] = [
                Message::with_language,
                Message::with_encoding,
                Message::with_ontology,
                Message::with_protocol,
                Message::with_conversation_id,
                Message::with_reply_with,
                Message::with_in_reply_to,
                Message::with_thread,
                |message, text| message.text(text),
            ];
            for (set, text) in setters.iter().zip(texts) {
                if let Some(text) = text {
                    message = set(message, text);
                }
            }
            if let Some(act) = act {
                message = message.with_performative(act);
            }
            if let Some(millis) = time {
                message =
                    message.with_reply_by(SystemTime::UNIX_EPOCH + Duration::from_millis(millis));
            }
            let all = metadata.into_iter();
            all.fold(message, |message, (key, value)| {
                message.with_metadata(key, value)
            })
        })
    }

    proptest! {
        #[test]
        fn what_agents_here_write_comes_back(message in any_of_ours()) {
            let acl = AclMessage::try_from(&message).unwrap();
            let read: AclMessage = acl.to_string().parse().unwrap();
            prop_assert_eq!(&read, &acl);
            let back = read.messages().unwrap();
            prop_assert_eq!(back.len(), 1);
            prop_assert_eq!(shown(&back[0]), shown(&message));
        }

        #[test]
        fn what_other_platforms_write_comes_back(message in any_message()) {
            // A table with a place for every agent.
            let mut table = Vec::new();
            let messages = message.messages_with(|agent| {
                let place = table.iter().position(|known| known == agent).unwrap_or_else(|| {
                    table.push(agent.clone());
                    table.len() - 1
                });
                format!("a{place}@x").parse().ok()
            });
            let mut expected = message.clone();
            expected.content = expected.content.filter(|content| !content.is_empty());
            let messages = messages.unwrap();
            prop_assert!(!messages.is_empty());
            for one in &messages {
                let mut back = AclMessage::try_from(one).unwrap();
                if expected.reply_by.is_some_and(DateTime::is_relative) {
                    // It has become a moment, which is compared above.
                    prop_assert!(back.reply_by.is_some());
                    back.reply_by = expected.reply_by;
                }
                prop_assert_eq!(&back, &expected);
            }
        }
    }
}
