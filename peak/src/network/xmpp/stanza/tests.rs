use bytes::BytesMut;
use proptest::prelude::*;
use xso::exports::rxml::{Parse as _, Parser};
use xso::{Context, FromEventsBuilder as _, FromXml as _};

use super::*;
use crate::message::Performative;

const HEAD: &str = "<stream:stream xmlns='jabber:client' \
    xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";

/// What a stream reads of this text; an error if it is not well-formed.
fn read(text: &str) -> Result<Vec<Incoming>, String> {
    let text = format!("{HEAD}{text}");
    let (mut bytes, mut parser) = (text.as_bytes(), Parser::default());
    let (mut depth, mut builder, mut read) = (0, None::<IncomingBuilder>, Vec::new());
    loop {
        let event = match parser.parse(&mut bytes, false) {
            Ok(Some(event)) => event,
            Ok(None) => break,
            Err(error) => match error {
                rxml::error::EndOrError::NeedMoreData => break,
                rxml::error::EndOrError::Error(error) => return Err(error.to_string()),
            },
        };
        match &event {
            rxml::Event::StartElement(..) => depth += 1,
            rxml::Event::EndElement(_) => depth -= 1,
            _ => {}
        }
        builder = match (builder, event) {
            (Some(mut builder), event) => {
                match builder
                    .feed(event, &Context::empty())
                    .map_err(|error| error.to_string())?
                {
                    Some(incoming) => {
                        read.push(incoming);
                        None
                    }
                    None => Some(builder),
                }
            }
            (None, rxml::Event::StartElement(_, name, attrs)) if depth == 2 => Some(
                Incoming::from_events(name, attrs, &Context::empty())
                    .map_err(|_| "no child of a stream")?,
            ),
            (None, _) => None,
        };
    }
    Ok(read)
}

fn read_message(text: &str) -> MessageIn {
    match read(text).unwrap().pop() {
        Some(Incoming::Message(message)) => *message,
        other => panic!("{text} is {other:?}"),
    }
}

fn write(message: &Message) -> String {
    let mut bytes = BytesMut::new();
    write_message(&MessageOut { id: "i1", message }, &mut bytes);
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn sent(message: Message) -> Message {
    let mut message = message;
    message.set_sender("john@localhost/main".parse().unwrap());
    message
}

#[test]
fn a_message_is_written_as_spade_writes_it() {
    let message = Message::inform("harry@localhost")
        .with_metadata("colour", "red")
        .with_ontology("greet")
        .with_thread("12345")
        .text("Hello <World> & \"all\"");
    assert_eq!(
        write(&sent(message)),
        "<message from='john@localhost/main' to='harry@localhost' id='i1' type='chat'>\
         <body>Hello &lt;World&gt; &amp; &quot;all&quot;</body>\
         <x xmlns='jabber:x:data' type='form'>\
         <field var='performative' type='text-single'><value>inform</value></field>\
         <field var='ontology' type='text-single'><value>greet</value></field>\
         <field var='colour' type='text-single'><value>red</value></field>\
         <field var='_thread_node' type='text-single'><value>12345</value></field>\
         <title>spade:x:metadata</title></x></message>"
    );
    // A body always, a form only if there is something in it.
    assert_eq!(
        write(&Message::new("harry@localhost")),
        "<message to='harry@localhost' id='i1' type='chat'><body/></message>"
    );
}

/// As servers delivered them, see `wire/*.xml` of the design.
#[test]
fn messages_of_spade_and_peak_are_read() {
    let spade = read_message(
        r#"<message id="e2fe" xml:lang="en" to="peak@localhost" from="four@localhost/x" type="chat"><body>Hello World</body><x xmlns="jabber:x:data" type="form"><field var="performative" type="text-single"><value>inform</value></field><field var="conversation_id" type="text-single"><value>c1</value></field><field var="empty" type="text-single"><value /></field><field var="_thread_node" type="text-single"><value>12345</value></field><title>spade:x:metadata</title></x><stanza-id xmlns="urn:xmpp:sid:0" by="peak@localhost" id="dd" /></message>"#,
    );
    assert_eq!(spade.kind, MessageKind::Chat);
    assert_eq!(spade.id.as_deref(), Some("e2fe"));
    let message = spade.message;
    assert_eq!(message.sender().unwrap().as_str(), "four@localhost/x");
    assert_eq!(message.body(), Some("Hello World"));
    assert_eq!(message.performative(), Some(Performative::Inform));
    assert_eq!(message.conversation_id(), Some("c1"));
    assert_eq!(message.metadata("empty"), Some(""));
    assert_eq!(message.thread(), Some("12345"));

    let peak = read_message(
        "<message to='a@x' from='b@x' type='chat'><body/>\
         <x type='form' xmlns='jabber:x:data'><title>spade:x:metadata</title>\
         <field var='performative'><value>request</value></field></x></message>",
    );
    assert_eq!(peak.message.body(), None);
    assert_eq!(peak.message.performative(), Some(Performative::Request));
}

#[test]
fn threads_delays_and_errors_are_read() {
    let message = read_message(
        "<message from='a@x'><thread>t</thread><body>one</body><body xml:lang='de'>eins</body>\
         <delay xmlns='urn:xmpp:delay' stamp='2026-08-01T12:00:00Z'/></message>",
    );
    assert!(message.is_for_agents && message.message.delayed().is_some());
    assert_eq!(message.message.thread(), Some("t"));
    assert_eq!(message.message.body(), Some("one"));

    let error = read_message(
        "<message from='a@x' type='error' id='i'><error type='cancel'>\
         <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
         <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>nobody</text></error></message>",
    );
    assert_eq!(
        error.error.unwrap().to_string(),
        "nobody (service-unavailable)"
    );
}

#[test]
fn what_is_not_for_agents_is_passed_over() {
    for odd in [
        "<message from='not a jid'/>",
        "<message><body><b>bold</b></body></message>",
        "<message><x xmlns='jabber:x:data'><field/><field var='a'/><title/></x></message>",
        "<message><x xmlns='jabber:x:data' type='cancel'/><x xmlns='jabber:x:data'>\
         <title>spade:x:metadata</title></x></message>",
        "<message><error/></message>",
        "<message type='odd'><message/></message>",
        "<message><ask xmlns='urn:x-peak:delivery:1'><id>1</id><odd/><id/></ask></message>",
    ] {
        read_message(odd);
    }
}

#[test]
fn a_long_body_survives() {
    let body = "0123456789 äöü €\r\n".repeat(12_000);
    let back = read_message(&write(&Message::new("a@x").text(body.clone())));
    assert_eq!(back.message.body(), Some(body.as_str()));
}

#[test]
fn what_xml_cannot_carry_is_the_senders_error() {
    let error = unwritable(&Message::inform("a@x").text("bell \u{7}")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the body holds the character \\u{7}, which XMPP cannot carry; \
         leave it out, or encode the text, as base64 for example"
    );
    let error = unwritable(&Message::inform("a@x").with_metadata("k", "\u{FFFE}")).unwrap_err();
    assert!(error.to_string().starts_with("k holds"), "{error}");
    let long = Message::inform("a@x").text("&".repeat(60_000));
    let error = unwritable(&long).unwrap_err();
    assert!(error.to_string().contains("send it in parts"), "{error}");
}

fn any_message() -> impl Strategy<Value = Message> {
    let text = "\\PC{0,30}|[\t\r\n &<>\"']{0,8}|\\p{any}{0,10}";
    let fields = proptest::collection::vec((text, text), 0..5);
    (text, proptest::option::of(text), fields, 0..23usize).prop_map(
        |(body, thread, fields, act)| {
            let mut message = Message::new("a@x").text(body);
            if let Some(act) = Performative::all().nth(act) {
                message = message.with_performative(act);
            }
            if let Some(thread) = thread {
                message = message.with_thread(thread);
            }
            for (key, value) in fields {
                message = message.with_metadata(key, value);
            }
            sent(message)
        },
    )
}

/// A piece of a stream: of elements that mean something to us, in any order and depth.
fn any_xml() -> impl Strategy<Value = String> {
    const NAMES: [&str; 14] = [
        "message", "body", "x", "field", "value", "title", "thread", "error", "text", "delay",
        "ask", "missing", "id", "iq",
    ];
    const SPACES: [&str; 7] = [
        "",
        " xmlns='jabber:client'",
        " xmlns='jabber:x:data'",
        " xmlns='urn:xmpp:delay'",
        " xmlns='urn:x-peak:delivery:1'",
        " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'",
        " from='a@b' to='@' type='form' var='performative' stamp='x' id=''",
    ];
    let leaf = "[a-zé家🏠 &&[^&<]]{0,6}|spade:x:metadata|inform".prop_map(|text| text);
    leaf.prop_recursive(5, 40, 6, |inner| {
        (
            0..NAMES.len(),
            0..SPACES.len(),
            proptest::collection::vec(inner, 0..6),
        )
            .prop_map(|(name, space, children)| {
                let (name, space) = (NAMES[name], SPACES[space]);
                format!("<{name}{space}>{}</{name}>", children.concat())
            })
    })
}

/// What the frames of these bytes are, read as they come: in pieces of this size.
fn frames(text: &str, piece: usize) -> Result<Vec<Incoming>, String> {
    let (mut input, mut incomings) = (Vec::new(), Vec::new());
    for bytes in text.as_bytes().chunks(piece) {
        input.extend_from_slice(bytes);
        loop {
            match next_frame(&input, ns::CLIENT)? {
                Frame::Stanza(length, incoming) => {
                    input.drain(..length);
                    incomings.push(incoming);
                }
                Frame::Blank(length) => drop(input.drain(..length)),
                Frame::Incomplete => break,
                Frame::End => return Ok(incomings),
            }
        }
    }
    Ok(incomings)
}

fn shown(incomings: &[Incoming]) -> Vec<String> {
    let show = |incoming: &Incoming| match incoming {
        // With all that debug leaves out.
        Incoming::Message(it) => {
            format!("{it:?} {:?} {:?}", it.message.body(), it.message.delayed())
        }
        Incoming::Element(element) => String::from(element),
        Incoming::Odd(reason) => reason.clone(),
    };
    incomings.iter().map(show).collect()
}

#[test]
fn frames_are_what_the_library_reads() {
    for text in [
        "<message from='a@x/b' to='c@x' id='1' type='chat'><body>a &lt;b&gt; &#233;&#x20AC;</body></message>",
        " \n<message><body><![CDATA[<raw> & ]]]]><![CDATA[>]]></body></message> <iq id='1' type='get'/>",
        "<message><x xmlns='jabber:x:data' type='form'><field var='a&amp;b'><value>1</value><value>2</value></field><title>spade:x:metadata</title></x></message>",
        "<message xmlns:d='jabber:x:data'><d:x type='form'><d:title>spade:x:metadata</d:title></d:x></message>",
        "<message><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
        "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
        "<message><body>дом 家 🏠 é</body></message>",
        "<a xmlns='urn:xmpp:sm:3' h='3'/><r xmlns='urn:xmpp:sm:3'/>",
        "<message xmlns='jabber:client' a1='' a2='' a3='' a4='' a5='' a6='' a7='' a8='' id='nine'/>",
    ] {
        let library = read(text).unwrap();
        for piece in [1, 7, text.len()] {
            assert_eq!(
                shown(&frames(text, piece).unwrap()),
                shown(&library),
                "{text}"
            );
        }
    }
    assert_eq!(
        frames("<message/></stream:stream><message/>", 3)
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn what_no_stream_may_hold_is_refused() {
    for bad in [
        "text",
        "<message></iq>",
        "<!-- comment -->",
        "<?target data?>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><message/>",
        "<message><body>&unknown;</body></message>",
        "<message><body>a & b</body></message>",
        "<message a='1' a='2'/>",
    ] {
        assert!(frames(bad, bad.len()).is_err(), "{bad}");
    }
}

/// One stanza that makes no sense takes no other along.
#[test]
fn what_makes_no_sense_is_left_out_alone() {
    let deep = format!("{}{}", "<message>".repeat(1000), "</message>".repeat(1000));
    let long = format!("<iq id='{}'/>", "i".repeat(9000));
    for odd in ["<iq><x:y/></iq>", &deep, &long] {
        let text = format!("{odd}<message id='next'/>");
        let frames = frames(&text, text.len()).unwrap();
        assert!(matches!(&frames[0], Incoming::Odd(_)), "{odd}");
        assert!(matches!(&frames[1], Incoming::Message(it) if it.id.as_deref() == Some("next")));
    }
}

proptest! {
    #[test]
    fn frames_of_any_stanza_are_what_the_library_reads(body in any_xml(), piece in 1..80usize) {
        let text = format!("<message from='a@x/r' id='1'>{body}</message> {body}<message type='chat'/>");
        // Text alone is no stanza.
        prop_assume!(body.is_empty() || body.starts_with('<'));
        let library = read(&text).map(|it| shown(&it));
        let frames = frames(&text, piece).map(|it| shown(&it));
        prop_assert_eq!(frames.ok(), library.ok());
    }

    #[test]
    fn frames_of_any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..60), text in "(<|>|/|message|body|&|;|#|'|\"| |=|x|!\\[CDATA\\[|\\]\\]>|\\?){0,30}") {
        let _ = next_frame(&bytes, ns::CLIENT);
        let _ = frames(&text, 5);
    }

    #[test]
    fn any_text_survives_a_round_trip(message in any_message()) {
        if unwritable(&message).is_ok() {
            let back = read_message(&write(&message));
            prop_assert_eq!(back.message.body(), message.body());
            prop_assert_eq!(back.message.performative(), message.performative());
            prop_assert_eq!(back.message.sender(), message.sender());
            // Once more: what was metadata named like a parameter has become that parameter.
            prop_assert_eq!(write(&back.message), write(&read_message(&write(&back.message)).message));
        }
    }

    #[test]
    fn any_value_of_metadata_survives(key in "[a-z]{1,8}x", value in "\\PC{0,40}|[\t\r\n ]{0,5}") {
        let message = Message::inform("a@x").with_metadata(&key, &value);
        prop_assume!(unwritable(&message).is_ok());
        let back = read_message(&write(&message));
        prop_assert_eq!(back.message.metadata(&key), Some(value.as_str()));
    }

    #[test]
    fn any_stanza_is_read_or_refused(body in any_xml()) {
        let text = format!("<message>{body}</message><message type='chat' id='last'/>");
        let read = read(&text).unwrap();
        // Whatever it was, the next stanza is read as if nothing had been.
        match read.last() {
            Some(Incoming::Message(last)) => prop_assert_eq!(last.id.as_deref(), Some("last")),
            other => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(text in "\\PC{0,60}|(<|>|/|message|body|&|'|\"| |=|x|!\\[CDATA\\[){0,30}") {
        let _ = read(&text);
    }
}
