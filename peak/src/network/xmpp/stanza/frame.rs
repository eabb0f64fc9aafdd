//! Finding the stanzas in the bytes of a stream.
//!
//! Once a session stands, its stream is a row of stanzas, nearly all of them messages. Each is read
//! as soon as it is there as a whole, messages at once into what they mean. Everything else, and
//! messages in XML that is not plain (prefixes), goes through the XML library, which is slower by
//! far and knows all of namespaces.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::encoding::EncodingError;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::escape::{EscapeError, resolve_predefined_entity};
use quick_xml::events::{BytesRef, BytesStart, Event};
use xso::exports::rxml::error::EndOrError;
use xso::exports::rxml::{self, Parse as _};
use xso::{Context, FromEventsBuilder as _, FromXml as _};

use super::read::MessageBuilder;
use super::{Incoming, IncomingBuilder, MessageIn, ns};

/// What stands at the beginning of some bytes.
#[derive(Debug)]
pub(in crate::network::xmpp) enum Frame {
    /// A stanza, or something else of its rank, and how many bytes it is long.
    Stanza(usize, Incoming),
    /// Nothing, in so many bytes: a sign of life.
    Blank(usize),
    /// Not all of a stanza yet.
    Incomplete,
    /// The end of the stream.
    End,
}

/// Nobody nests elements so deep who means well.
const MAX_DEPTH: usize = 64;

/// Reads what stands at the beginning of the bytes of a stream whose stanzas are in this namespace.
pub(in crate::network::xmpp) fn next_frame(
    bytes: &[u8],
    stream: &'static str,
) -> Result<Frame, String> {
    let blank = bytes.iter().take_while(|byte| byte.is_ascii_whitespace());
    match blank.count() {
        0 => {}
        blank => return Ok(Frame::Blank(blank)),
    }
    match bytes {
        [] | [b'<'] => return Ok(Frame::Incomplete),
        [b'<', b'/', rest @ ..] => {
            return Ok(match rest.contains(&b'>') {
                true => Frame::End,
                false => Frame::Incomplete,
            });
        }
        [b'<', ..] => {}
        _ => return Err("text stands between its stanzas".to_owned()),
    }
    let mut scan = Scan::new(bytes, stream);
    match scan.run() {
        Ok(None) => Ok(Frame::Incomplete),
        Ok(Some(message)) => {
            let length = scan.position();
            // One that makes no sense is left out; it must not take its neighbours along.
            let incoming = match message {
                Some(message) => Incoming::Message(Box::new(message)),
                None if scan.is_too_deep => Incoming::Odd("its elements nest too deep".to_owned()),
                None => by_the_library(&bytes[..length], stream).unwrap_or_else(Incoming::Odd),
            };
            Ok(Frame::Stanza(length, incoming))
        }
        Err(Fault::Xml(error)) if scan.may_be_incomplete(&error) => Ok(Frame::Incomplete),
        Err(fault) => Err(fault.to_string()),
    }
}

/// Goes through one stanza.
struct Scan<'a> {
    reader: Reader<&'a [u8]>,
    bytes: &'a [u8],
    /// The namespaces that elements without a prefix are in, from the stream to the innermost.
    spaces: Vec<Space>,
    /// Set while this is a message in plain XML.
    message: Option<MessageBuilder>,
    is_too_deep: bool,
}

/// A namespace.
type Space = Cow<'static, str>;

/// The attributes of an element that are in no namespace.
type Attributes<'a> = [Option<(&'a [u8], Cow<'a, str>)>; 8];

/// The namespaces that messages are full of need no copies.
fn known(space: Cow<'_, str>) -> Space {
    let often = [
        ns::FORM,
        ns::DELAY,
        ns::CLIENT,
        ns::EXACT,
        ns::DELIVERY,
        ns::STANZA_ERRORS,
    ];
    match often.into_iter().find(|often| *often == space) {
        Some(often) => often.into(),
        None => space.into_owned().into(),
    }
}

fn message_with(attributes: &Attributes<'_>) -> MessageBuilder {
    let mut message = MessageBuilder::new();
    for (name, value) in attributes.iter().flatten() {
        // One with another name than ours means nothing.
        message.attribute(std::str::from_utf8(name).unwrap_or_default(), value);
    }
    message
}

/// What a stream may not contain.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("it is no XML: {0}")]
    Xml(#[from] Error),
    #[error("{0}")]
    Forbidden(&'static str),
}

impl From<EscapeError> for Fault {
    fn from(error: EscapeError) -> Self {
        Self::Xml(error.into())
    }
}

impl From<EncodingError> for Fault {
    fn from(error: EncodingError) -> Self {
        Self::Xml(error.into())
    }
}

impl<'a> Scan<'a> {
    fn new(bytes: &'a [u8], stream: &'static str) -> Self {
        Self {
            reader: Reader::from_reader(bytes),
            bytes,
            spaces: vec![stream.into()],
            message: None,
            is_too_deep: false,
        }
    }

    /// How far it has come.
    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(self.bytes.len())
    }

    /// Whether an error may be only that the rest is missing.
    fn may_be_incomplete(&self, error: &Error) -> bool {
        match error {
            Error::Syntax(
                SyntaxError::UnclosedTag
                | SyntaxError::UnclosedSingleQuotedAttributeValue
                | SyntaxError::UnclosedDoubleQuotedAttributeValue
                | SyntaxError::UnclosedCData,
            ) => true,
            // `<!` of which too little has come, or a reference that is cut.
            Error::Syntax(SyntaxError::InvalidBangMarkup) => {
                let rest = &self.bytes[self.position().min(self.bytes.len())..];
                rest.len() < b"<![CDATA[".len()
            }
            Error::IllFormed(IllFormedError::UnclosedReference) => {
                let rest = &self.bytes[self.position().min(self.bytes.len())..];
                !rest.contains(&b'<')
            }
            _ => false,
        }
    }

    /// To the end of the stanza: the message, if it is a plain one. None if there is no end yet.
    fn run(&mut self) -> Result<Option<Option<MessageIn>>, Fault> {
        loop {
            match self.reader.read_event()? {
                Event::Start(start) => self.start(&start)?,
                Event::Empty(start) => {
                    self.start(&start)?;
                    if let Some(end) = self.end() {
                        return Ok(Some(end));
                    }
                }
                Event::End(_) => {
                    if let Some(end) = self.end() {
                        return Ok(Some(end));
                    }
                }
                // No stanza ends with text: there is more of it to come, perhaps in the middle of a
                // character.
                Event::Text(_) if self.position() >= self.bytes.len() => return Ok(None),
                Event::Text(text) => {
                    if let Some(message) = &mut self.message
                        && message.wants_text()
                    {
                        message.text(&text.xml10_content()?);
                    }
                }
                Event::CData(text) => {
                    if let Some(message) = &mut self.message
                        && message.wants_text()
                    {
                        message.text(&text.xml10_content()?);
                    }
                }
                Event::GeneralRef(reference) => {
                    let text = resolve(&reference)?;
                    if let Some(message) = &mut self.message {
                        message.text(&text);
                    }
                }
                Event::Eof => return Ok(None),
                // None of these may be in a stream (RFC 6120, section 11.1).
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::DocType(_) => {
                    return Err(Fault::Forbidden("comments and the like are not allowed"));
                }
            }
        }
    }

    fn start(&mut self, start: &BytesStart<'a>) -> Result<(), Fault> {
        if self.spaces.len() > MAX_DEPTH {
            self.message = None;
            self.is_too_deep = true;
        }
        let outer = self.spaces.last().cloned().unwrap_or_default();
        let mut space = None;
        let mut attributes: Attributes<'_> = Default::default();
        let mut count = 0;
        let mut is_plain = !start.name().as_ref().contains(&b':');
        for attribute in start.attributes() {
            let attribute = attribute.map_err(Error::from)?;
            let key = attribute.key.into_inner();
            if key == b"xmlns" {
                space = Some(known(attribute.unescape_value()?));
            } else if key.starts_with(b"xmlns:") {
                is_plain = false;
            } else if !key.contains(&b':') && count < attributes.len() {
                attributes[count] = Some((key, attribute.unescape_value()?));
                count += 1;
            }
        }
        let space = space.unwrap_or(outer);
        // What an element of ours has is few.
        if !is_plain || count == attributes.len() {
            self.message = None;
        }
        let is_first = self.spaces.len() == 1;
        if is_first {
            let is_message = start.name().as_ref() == b"message" && space == self.spaces[0];
            self.message = (is_message && is_plain && count < attributes.len())
                .then(|| message_with(&attributes));
        } else if let Some(message) = &mut self.message {
            let name = start.local_name().into_inner();
            let name =
                std::str::from_utf8(name).map_err(|_| Fault::Forbidden("it is not UTF-8"))?;
            message.start(&space, name, |wanted| {
                let mut found = attributes.iter().flatten();
                found
                    .find(|(name, _)| *name == wanted.as_bytes())
                    .map(|(_, value)| value.clone().into_owned())
            });
        }
        self.spaces.push(space);
        Ok(())
    }

    /// An element ends; something if it is the stanza.
    fn end(&mut self) -> Option<Option<MessageIn>> {
        self.spaces.pop();
        let message = self.message.as_mut().and_then(MessageBuilder::end);
        (self.spaces.len() == 1).then_some(message)
    }
}

/// The text that a reference stands for. There are no entities besides those of XML itself.
fn resolve(reference: &BytesRef<'_>) -> Result<String, Fault> {
    if let Some(char) = reference.resolve_char_ref()? {
        return Ok(char.to_string());
    }
    let name = reference.decode()?;
    match resolve_predefined_entity(&name) {
        Some(text) => Ok(text.to_owned()),
        None => Err(Fault::Forbidden(
            "it names an entity that XML does not have",
        )),
    }
}

/// Reads one stanza with all that XML has.
fn by_the_library(bytes: &[u8], stream: &'static str) -> Result<Incoming, String> {
    let mut parser = rxml::Parser::default();
    let head = format!(
        "<stream:stream xmlns='{stream}' xmlns:stream='{}'>",
        ns::STREAM
    );
    let mut head = head.as_bytes();
    while !head.is_empty() {
        parser
            .parse(&mut head, false)
            .map_err(|error| in_words(&error))?;
    }
    let mut rest = bytes;
    let mut builder: Option<IncomingBuilder> = None;
    loop {
        let event = match parser.parse(&mut rest, false) {
            Ok(Some(event)) => event,
            Ok(None) => return Err("a stanza has no end".to_owned()),
            Err(error) => return Err(in_words(&error)),
        };
        let ctx = Context::empty();
        match (&mut builder, event) {
            (Some(builder), event) => {
                let built = builder
                    .feed(event, &ctx)
                    .map_err(|error| error.to_string())?;
                if let Some(incoming) = built {
                    return Ok(incoming);
                }
            }
            (None, rxml::Event::StartElement(_, name, attrs))
                if name.1 != "stream" || name.0 != ns::STREAM =>
            {
                let begun = Incoming::from_events(name, attrs, &ctx);
                builder = Some(begun.map_err(|_| "a stanza of no kind".to_owned())?);
            }
            (None, _) => {}
        }
    }
}

fn in_words(error: &EndOrError) -> String {
    match error {
        EndOrError::NeedMoreData => "a stanza has no end".to_owned(),
        EndOrError::Error(error) => format!("it is no XML: {error}"),
    }
}
