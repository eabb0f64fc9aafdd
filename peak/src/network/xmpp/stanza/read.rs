//! Reading a message stanza.

use std::time::SystemTime;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use smol_str::SmolStr;
use xso::exports::rxml::{AttrMap, Event, Namespace, QName};

use super::{Delivery, FORM_TITLE, MessageIn, MessageKind, StanzaError, addresses, ns};
use crate::message::Message;

/// Takes a message out of the events between its start and its end. Whatever it does not know it
/// passes over; there is nothing in a well-formed stanza that it refuses.
pub(in crate::network::xmpp) struct MessageBuilder {
    kind: MessageKind,
    id: Option<SmolStr>,
    message: Message,
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

#[derive(Default)]
struct Form {
    title: Option<String>,
    fields: Vec<(String, String)>,
    /// The field in which we are.
    name: Option<String>,
    value: Option<String>,
}

impl MessageBuilder {
    pub(super) fn new(attrs: AttrMap) -> Self {
        let (mut kind, mut id, mut from, mut to) = (MessageKind::default(), None, None, None);
        for ((space, name), value) in attrs {
            if !space.is_none() {
                continue;
            }
            match name.as_str() {
                "type" => {
                    kind = match value.as_str() {
                        "chat" => MessageKind::Chat,
                        "groupchat" => MessageKind::Groupchat,
                        "headline" => MessageKind::Headline,
                        "error" => MessageKind::Error,
                        // An unknown type is to be treated as `normal` (RFC 6121, 5.2.2).
                        _ => MessageKind::Normal,
                    }
                }
                "id" => id = Some(SmolStr::from(value)),
                "from" => from = addresses::parse(&value),
                "to" => to = addresses::parse(&value),
                _ => {}
            }
        }
        Self {
            kind,
            id,
            message: Message::received(from, to),
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

    /// The message, if this is its end.
    pub(super) fn feed(&mut self, event: Event) -> Option<MessageIn> {
        match event {
            Event::XmlDeclaration(..) => None,
            Event::StartElement(_, name, attrs) => {
                if self.skipped > 0 || !self.enter(&name, attrs) {
                    self.skipped += 1;
                }
                None
            }
            Event::Text(_, text) => {
                if self.skipped == 0 && self.wants_text() {
                    self.text.push_str(&text);
                }
                None
            }
            Event::EndElement(_) => {
                if self.skipped > 0 {
                    self.skipped -= 1;
                    return None;
                }
                self.leave()
            }
        }
    }

    fn wants_text(&self) -> bool {
        !matches!(
            self.place,
            Place::Message | Place::Form | Place::Field | Place::Error | Place::Delivery
        )
    }

    /// Enters an element, if it is one that means something here.
    fn enter(&mut self, (space, name): &QName, mut attrs: AttrMap) -> bool {
        let mut take = |name: &str| attrs.remove(Namespace::none(), name);
        let (space, name): (&str, &str) = (space, name);
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
                    form.fields.push((name, value));
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
        let mut message = std::mem::replace(&mut self.message, Message::received(None, None));
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
