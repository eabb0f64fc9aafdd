//! Templates: which messages a handler or a mailbox takes.

use std::fmt;

use smol_str::SmolStr;

use super::performative::PerformativeSet;
use super::{Field, Jid, Message, Performative};

/// A condition on messages.
///
/// [`template!`](crate::template) writes one in the grammar of `#[on_message]`, checked by the
/// compiler; the functions here build one from values.
///
/// ```
/// use peak::{Message, Performative, Template, template};
///
/// let offers = template!(performative = "propose", ontology = "books");
/// assert!(offers.matches(&Message::propose("me@localhost").with_ontology("books")));
///
/// let same = Template::all([
///     Template::performative(Performative::Propose),
///     Template::ontology("books"),
/// ]);
/// assert_eq!(offers, same);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Template {
    /// What the tree lets through at most: one test that spares most trees the walk.
    acts: PerformativeSet,
    tree: Tree,
}

#[derive(Clone, PartialEq, Eq)]
enum Tree {
    Everything,
    Performative(Performative),
    Text(Field, SmolStr),
    Body(SmolStr),
    Address(Address, Jid),
    Metadata(SmolStr, SmolStr),
    HasMetadata(SmolStr),
    All(Box<[Template]>),
    Any(Box<[Template]>),
    Not(Box<Template>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Address {
    Sender,
    To,
    ReplyTo,
    Community,
}

macro_rules! text_conditions {
    ($($name:ident $field:ident)*) => {$(
        #[doc = concat!("Messages with exactly this `", stringify!($name), "`.")]
        pub fn $name(text: impl AsRef<str>) -> Self {
            Self::leaf(Tree::Text(Field::$field, SmolStr::new(text)))
        }
    )*};
}

macro_rules! address_conditions {
    ($($name:ident $address:ident $doc:literal)*) => {$(
        #[doc = $doc]
        ///
        /// A bare address matches every resource of it.
        pub fn $name(jid: impl Into<Jid>) -> Self {
            Self::leaf(Tree::Address(Address::$address, jid.into()))
        }
    )*};
}

impl Template {
    fn leaf(tree: Tree) -> Self {
        let acts = match &tree {
            Tree::Performative(act) => PerformativeSet::of(Some(*act)),
            Tree::All(parts) => parts
                .iter()
                .fold(PerformativeSet::ALL, |acts, part| acts.and(part.acts)),
            Tree::Any(parts) => parts
                .iter()
                .fold(PerformativeSet::NONE, |acts, part| acts.or(part.acts)),
            _ => PerformativeSet::ALL,
        };
        Self { acts, tree }
    }

    /// Every message.
    pub fn everything() -> Self {
        Self::leaf(Tree::Everything)
    }

    /// Messages with this performative.
    pub fn performative(act: Performative) -> Self {
        Self::leaf(Tree::Performative(act))
    }

    text_conditions! {
        conversation_id ConversationId
        thread Thread
        reply_with ReplyWith
        in_reply_to InReplyTo
        protocol Protocol
        ontology Ontology
        language Language
        encoding Encoding
    }

    address_conditions! {
        sender Sender "Messages from this address."
        to To "Messages to this address."
        reply_to ReplyTo "Messages whose answer shall go to this address."
        community Community "Messages that came through this community."
    }

    /// Messages with exactly this body.
    pub fn body(text: impl AsRef<str>) -> Self {
        Self::leaf(Tree::Body(SmolStr::new(text)))
    }

    /// Messages with this entry of metadata.
    pub fn metadata(key: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        Self::leaf(Tree::Metadata(SmolStr::new(key), SmolStr::new(value)))
    }

    /// Messages with any entry of metadata under this key.
    pub fn has_metadata(key: impl AsRef<str>) -> Self {
        Self::leaf(Tree::HasMetadata(SmolStr::new(key)))
    }

    /// Messages that match all of these.
    pub fn all(parts: impl IntoIterator<Item = Template>) -> Self {
        Self::leaf(Tree::All(parts.into_iter().collect()))
    }

    /// Messages that match at least one of these.
    pub fn any(parts: impl IntoIterator<Item = Template>) -> Self {
        Self::leaf(Tree::Any(parts.into_iter().collect()))
    }

    /// Messages that this template does not match.
    #[expect(
        clippy::should_implement_trait,
        reason = "it stands beside `all` and `any`"
    )]
    pub fn not(template: Template) -> Self {
        Self::leaf(Tree::Not(Box::new(template)))
    }

    /// Whether this message matches.
    pub fn matches(&self, message: &Message) -> bool {
        if !self.acts.contains(message.performative()) {
            return false;
        }
        match &self.tree {
            // A performative is all in the set above.
            Tree::Everything | Tree::Performative(_) => true,
            Tree::Text(field, text) => message.field(*field) == Some(text),
            Tree::Body(text) => message.body() == Some(text),
            Tree::Address(address, jid) => {
                address.of(message).is_some_and(|actual| jid.covers(actual))
            }
            Tree::Metadata(key, value) => message.metadata(key) == Some(value),
            Tree::HasMetadata(key) => message.metadata(key).is_some(),
            Tree::All(parts) => parts.iter().all(|part| part.matches(message)),
            Tree::Any(parts) => parts.iter().any(|part| part.matches(message)),
            Tree::Not(template) => !template.matches(message),
        }
    }
}

impl Address {
    fn of(self, message: &Message) -> Option<&Jid> {
        match self {
            Self::Sender => message.sender(),
            Self::To => message.to(),
            Self::ReplyTo => message.reply_to(),
            Self::Community => message.community(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sender => "sender",
            Self::To => "to",
            Self::ReplyTo => "reply_to",
            Self::Community => "community",
        }
    }
}

impl fmt::Display for Template {
    /// The template in the grammar of `template!(…)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = |f: &mut fmt::Formatter<'_>, name: &str, parts: &[Template]| {
            write!(f, "{name}(")?;
            for (index, part) in parts.iter().enumerate() {
                let comma = if index == 0 { "" } else { ", " };
                write!(f, "{comma}{part}")?;
            }
            f.write_str(")")
        };
        match &self.tree {
            Tree::Everything => f.write_str("all()"),
            Tree::Performative(act) => write!(f, "performative = \"{act}\""),
            Tree::Text(field, text) => write!(f, "{} = {text:?}", field.name()),
            Tree::Body(text) => write!(f, "body = {text:?}"),
            Tree::Address(address, jid) => write!(f, "{} = \"{jid}\"", address.name()),
            Tree::Metadata(key, value) => write!(f, "metadata({key:?} = {value:?})"),
            Tree::HasMetadata(key) => write!(f, "metadata({key:?})"),
            Tree::All(parts) => group(f, "all", parts),
            Tree::Any(parts) => group(f, "any", parts),
            Tree::Not(template) => write!(f, "not({template})"),
        }
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "template!({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn from(sender: &str) -> Message {
        let mut message = Message::inform("me@x");
        message.set_sender(sender.parse().unwrap());
        message
    }

    fn jid(text: &str) -> Jid {
        text.parse().unwrap()
    }

    #[test]
    fn a_bare_sender_matches_every_resource() {
        let template = Template::sender(jid("bob@x"));
        assert!(template.matches(&from("bob@x/phone")));
        assert!(template.matches(&from("bob@x")));
        assert!(!template.matches(&from("bobby@x")));
        let template = Template::sender(jid("bob@x/phone"));
        assert!(template.matches(&from("bob@x/phone")));
        assert!(!template.matches(&from("bob@x/desk")));
    }

    #[test]
    fn a_message_without_a_sender_matches_no_sender() {
        assert!(!Template::sender(jid("bob@x")).matches(&Message::inform("me@x")));
    }

    #[test]
    fn metadata_by_value_and_by_presence() {
        let message = Message::new("me@x").with_metadata("room", "attic");
        assert!(Template::metadata("room", "attic").matches(&message));
        assert!(!Template::metadata("room", "cellar").matches(&message));
        assert!(Template::has_metadata("room").matches(&message));
        assert!(!Template::has_metadata("floor").matches(&message));
    }

    #[test]
    fn a_body_matches_text_and_values_alike() {
        assert!(Template::body("7").matches(&Message::new("me@x").text("7")));
        assert!(Template::body("7").matches(&Message::new("me@x").json(7)));
    }

    #[test]
    fn it_prints_as_it_is_written() {
        let template = Template::all([
            Template::performative(Performative::QueryRef),
            Template::any([
                Template::ontology("a"),
                Template::not(Template::thread("t")),
            ]),
        ]);
        assert_eq!(
            template.to_string(),
            r#"all(performative = "query-ref", any(ontology = "a", not(thread = "t")))"#
        );
    }

    fn acts() -> impl Strategy<Value = Option<Performative>> {
        proptest::option::of(proptest::sample::select(
            Performative::all().collect::<Vec<_>>(),
        ))
    }

    fn templates() -> impl Strategy<Value = Template> {
        let leaf = prop_oneof![
            Just(Template::everything()),
            acts().prop_map(|act| Template::performative(act.unwrap_or(Performative::Cfp))),
            "[ab]".prop_map(Template::ontology),
            "[ab]".prop_map(Template::has_metadata),
        ];
        leaf.prop_recursive(4, 24, 3, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Template::all),
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Template::any),
                inner.prop_map(Template::not),
            ]
        })
    }

    /// The plain reading of the tree, without the set of performatives beside it.
    fn plainly(template: &Template, message: &Message) -> bool {
        match &template.tree {
            Tree::Performative(act) => message.performative() == Some(*act),
            Tree::All(parts) => parts.iter().all(|part| plainly(part, message)),
            Tree::Any(parts) => parts.iter().any(|part| plainly(part, message)),
            Tree::Not(part) => !plainly(part, message),
            _ => template.matches(message),
        }
    }

    proptest! {
        #[test]
        fn the_set_of_acts_never_changes_the_answer(
            template in templates(),
            act in acts(),
            ontology in proptest::option::of("[ab]"),
            key in proptest::option::of("[ab]"),
        ) {
            let mut message = Message::new("me@x");
            if let Some(act) = act { message = message.with_performative(act); }
            if let Some(text) = ontology { message = message.with_ontology(text); }
            if let Some(key) = key { message = message.with_metadata(key, "v"); }
            prop_assert_eq!(template.matches(&message), plainly(&template, &message));
        }
    }
}
