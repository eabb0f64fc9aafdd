//! Reading a message stanza.

use std::time::SystemTime;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use smol_str::SmolStr;

use super::{Delivery, FORM_TITLE, MessageIn, MessageKind, StanzaError, addresses, ns};
use crate::message::{Jid, Message};

/// Takes a message out of what an XML parser finds between its start and its end. Whatever it does not know it
/// passes over; there is nothing in a well-formed stanza that it refuses.
pub(in crate::network::xmpp) struct MessageBuilder {
    kind: MessageKind,
    id: Option<SmolStr>,
    from: Option<Jid>,
    to: Option<Jid>,
    body: Option<String>,
    thread: Option<String>,
    form: Option<Form>,
    error: Option<StanzaError>,
    delayed: Option<SystemTime>,
    delivery: Option<Delivery>,
    /// Texts as they were, each with the field that it is of; none for the body.
    exact: Vec<(Option<String>, String)>,
    /// The element in which we are, if it is one of those that we know.
    place: Place,
    /// How many elements deep we are in one that we pass over.
    skipped: usize,
    /// The text of the element in which we are.
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Message,
    Body,
    Thread,
    Form,
    Field,
    Value,
    Title,
    Error,
    ErrorText,
    Delivery,
    DeliveryId,
    Exact,
}

/// How many fields of a message are read.
const MAX_FIELDS: usize = 1000;

#[derive(Default)]
struct Form {
    title: Option<String>,
    fields: Vec<(String, String)>,
    /// The field in which we are.
    name: Option<String>,
    value: Option<String>,
}

impl MessageBuilder {
    pub(super) fn new() -> Self {
        Self {
            kind: MessageKind::default(),
            id: None,
            from: None,
            to: None,
            body: None,
            thread: None,
            form: None,
            error: None,
            delayed: None,
            delivery: None,
            exact: Vec::new(),
            place: Place::Message,
            skipped: 0,
            text: String::new(),
        }
    }

    /// An attribute of the message itself, in no namespace.
    pub(super) fn attribute(&mut self, name: &str, value: &str) {
        match name {
            "type" => {
                self.kind = match value {
                    "chat" => MessageKind::Chat,
                    "groupchat" => MessageKind::Groupchat,
                    "headline" => MessageKind::Headline,
                    "error" => MessageKind::Error,
                    // An unknown type is to be treated as `normal` (RFC 6121, 5.2.2).
                    _ => MessageKind::Normal,
                }
            }
            "id" => self.id = Some(SmolStr::new(value)),
            "from" => self.from = addresses::parse(value),
            "to" => self.to = addresses::parse(value),
            _ => {}
        }
    }

    /// An element begins; `attribute` gives what it has in no namespace.
    pub(super) fn start(
        &mut self,
        space: &str,
        name: &str,
        attribute: impl FnMut(&str) -> Option<String>,
    ) {
        if self.skipped > 0 || !self.enter(space, name, attribute) {
            self.skipped += 1;
        }
    }

    /// Text in the element that was begun last.
    pub(super) fn text(&mut self, text: &str) {
        if self.wants_text() {
            self.text.push_str(text);
        }
    }

    /// The element that was begun last ends. Gives the message if that is it.
    pub(super) fn end(&mut self) -> Option<MessageIn> {
        if self.skipped > 0 {
            self.skipped -= 1;
            return None;
        }
        self.leave()
    }

    /// Whether text means anything here.
    pub(super) fn wants_text(&self) -> bool {
        self.skipped == 0
            && !matches!(
                self.place,
                Place::Message | Place::Form | Place::Field | Place::Error | Place::Delivery
            )
    }

    /// Enters an element, if it is one that means something here.
    fn enter(
        &mut self,
        space: &str,
        name: &str,
        mut take: impl FnMut(&str) -> Option<String>,
    ) -> bool {
        let is_stanza = space == ns::CLIENT || space == ns::COMPONENT;
        let place = match (self.place, name) {
            // Of several bodies or forms the first counts, as for SPADE.
            (Place::Message, "body") if is_stanza && self.body.is_none() => Place::Body,
            (Place::Message, "thread") if is_stanza => Place::Thread,
            (Place::Message, "error") if is_stanza => {
                self.error.get_or_insert_default();
                Place::Error
            }
            (Place::Message, "x")
                if space == ns::FORM
                    && self.form.is_none()
                    && take("type").is_none_or(|kind| kind != "cancel") =>
            {
                self.form = Some(Form::default());
                Place::Form
            }
            (Place::Form, "title") if space == ns::FORM => Place::Title,
            (Place::Form, "field") if space == ns::FORM => {
                if let Some(form) = &mut self.form {
                    form.name = take("var");
                    form.value = None;
                }
                Place::Field
            }
            (Place::Field, "value") if space == ns::FORM => Place::Value,
            (Place::Message, "delay") if space == ns::DELAY => {
                let stamp = take("stamp").and_then(|text| humantime::parse_rfc3339(&text).ok());
                self.delayed = self.delayed.or(stamp);
                return false;
            }
            (Place::Message, "ask" | "missing") if space == ns::DELIVERY => {
                self.delivery = Some(match name {
                    "ask" => Delivery::Ask(Vec::new()),
                    _ => Delivery::Missing(Vec::new()),
                });
                Place::Delivery
            }
            (Place::Delivery, "id") if space == ns::DELIVERY => Place::DeliveryId,
            (Place::Message, "text") if space == ns::EXACT => {
                self.exact.push((take("field"), String::new()));
                Place::Exact
            }
            (Place::Error, "text") if space == ns::STANZA_ERRORS => Place::ErrorText,
            (Place::Error, condition) if space == ns::STANZA_ERRORS => {
                if let Some(error) = &mut self.error {
                    error.condition = condition.into();
                }
                return false;
            }
            _ => return false,
        };
        self.text.clear();
        self.place = place;
        true
    }

    /// Leaves the element in which we are.
    fn leave(&mut self) -> Option<MessageIn> {
        let text = &mut self.text;
        self.place = match self.place {
            Place::Message => return Some(self.finish()),
            Place::Body => {
                self.body = Some(std::mem::take(text));
                Place::Message
            }
            Place::Thread => {
                self.thread = Some(std::mem::take(text));
                Place::Message
            }
            Place::Form | Place::Error | Place::Delivery => Place::Message,
            Place::Title => {
                if let Some(form) = &mut self.form {
                    form.title = Some(std::mem::take(text));
                }
                Place::Form
            }
            Place::Value => {
                if let Some(form) = &mut self.form {
                    match &mut form.value {
                        // One of several: lines of one text (XEP-0004, `text-multi`).
                        Some(value) => {
                            value.push('\n');
                            value.push_str(text);
                        }
                        None => form.value = Some(std::mem::take(text)),
                    }
                }
                Place::Field
            }
            Place::Field => {
                if let Some(form) = &mut self.form
                    && let Some(name) = form.name.take()
                {
                    let value = form.value.take().unwrap_or_default();
                    // Nobody has use for more, and each is looked for among the others.
                    if form.fields.len() < MAX_FIELDS {
                        form.fields.push((name, value));
                    }
                }
                Place::Form
            }
            Place::ErrorText => {
                if let Some(error) = &mut self.error {
                    error.text = Some(std::mem::take(text));
                }
                Place::Error
            }
            Place::Exact => {
                let bytes = BASE64_STANDARD.decode(text.as_bytes());
                let exact = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
                match (exact, self.exact.last_mut()) {
                    (Some(exact), Some(last)) => last.1 = exact,
                    _ => drop(self.exact.pop()),
                }
                Place::Message
            }
            Place::DeliveryId => {
                if let Some(Delivery::Ask(ids) | Delivery::Missing(ids)) = &mut self.delivery {
                    ids.push(SmolStr::new(&*text));
                }
                Place::Delivery
            }
        };
        None
    }

    fn finish(&mut self) -> MessageIn {
        let mut message = Message::received(self.from.take(), self.to.take());
        if let Some(thread) = &self.thread {
            message.set_wire_thread(thread);
        }
        let mut is_for_agents = self.body.is_some();
        if let Some(form) = self.form.take()
            && form.title.as_deref().map(str::trim) == Some(FORM_TITLE)
        {
            is_for_agents = true;
            for (name, value) in &form.fields {
                message.set_wire_field(name, value);
            }
        }
        for (field, text) in std::mem::take(&mut self.exact) {
            match field {
                // Only what was said is said exactly.
                None if self.body.is_some() => self.body = Some(text),
                None => {}
                Some(name) => message.set_wire_field(&name, &text),
            }
        }
        if let Some(body) = self.body.take() {
            message = message.text(body);
        }
        if let Some(time) = self.delayed {
            message.set_delayed(time);
        }
        if let Some(id) = &self.id {
            message.set_stanza_id(id.clone());
        }
        MessageIn {
            kind: self.kind,
            id: self.id.take(),
            message,
            error: self.error.take(),
            is_for_agents,
            delivery: self.delivery.take(),
        }
    }
}
