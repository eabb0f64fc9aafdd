//! Messages as JADE and others write them, arbitrary ones, and mistakes.

use std::time::Instant;

use proptest::prelude::*;

use super::*;

type Texts = Vec<Option<String>>;

/// Text in which what means something is frequent.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z-]{1,8}", "[\\\\\"() :#0-9a\n]{0,8}", any::<String>()]
}

fn any_parameters() -> impl Strategy<Value = UserParameters> {
    let entries = proptest::collection::hash_map(any_text(), any_text(), 0..3);
    entries.prop_map(|entries| {
        let mut parameters = UserParameters::default();
        for (name, value) in entries {
            parameters.set(name, value);
        }
        parameters
    })
}

pub(super) fn any_agent() -> impl Strategy<Value = AgentIdentifier> {
    let texts = || proptest::collection::vec(any_text(), 0..3);
    let leaf = (any_text(), texts(), any_parameters());
    let leaf = leaf.prop_map(|(name, addresses, parameters)| AgentIdentifier {
        name,
        addresses,
        resolvers: Vec::new(),
        parameters,
    });
    leaf.prop_recursive(3, 8, 3, move |inner| {
        let resolvers = proptest::collection::vec(inner, 0..3);
        (any_text(), resolvers).prop_map(|(name, resolvers)| AgentIdentifier {
            resolvers,
            ..AgentIdentifier::new(name)
        })
    })
}

pub(super) fn any_time() -> impl Strategy<Value = DateTime> {
    // The 29th of every month but some Februaries: what is none is drawn again.
    let text = "[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9])T([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9][0-9]{3}[A-Z]?|[-+][0-9]{8}T[0-9]{9}[A-Z]?";
    text.prop_filter_map("no such day", |text| text.parse().ok())
}

pub(super) fn any_message() -> impl Strategy<Value = AclMessage> {
    let act = proptest::sample::select(Performative::all().collect::<Vec<_>>());
    let agents = || proptest::collection::vec(any_agent(), 0..3);
    let texts = proptest::collection::vec(proptest::option::of(any_text()), 8);
    let sender = proptest::option::of(any_agent());
    let time = proptest::option::of(any_time());
    (
        act,
        sender,
        agents(),
        agents(),
        texts,
        time,
        any_parameters(),
    )
        .prop_map(
            |(act, sender, receivers, reply_to, mut texts, reply_by, parameters): (
                _,
                _,
                _,
                _,
                Texts,
                _,
                _,
            )| {
                let mut next = || texts.pop().flatten();
                AclMessage {
                    performative: act,
                    sender,
                    receivers,
                    reply_to,
                    content: next(),
                    language: next(),
                    encoding: next(),
                    ontology: next(),
                    protocol: next(),
                    conversation_id: next(),
                    reply_with: next(),
                    in_reply_to: next(),
                    reply_by,
                    parameters,
                }
            },
        )
}

fn read(text: &str) -> AclMessage {
    text.parse()
        .unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn error(text: &str) -> String {
    text.parse::<AclMessage>().unwrap_err().to_string()
}

/// As JADE prints: performatives in upper case, blanks everywhere, several texts on a line, a string
/// of which only the quotation marks are marked.
#[test]
fn a_message_of_jade() {
    let text = "(REQUEST\n \
        :sender  ( agent-identifier :name da0@192.168.0.7:1099/JADE  :addresses (sequence http://pc7.example:7778/acc ))\n \
        :receiver  (set ( agent-identifier :name df@192.168.0.7:1099/JADE )  )\n \
        :reply-to  (set \n( agent-identifier :name log@192.168.0.7:1099/JADE  :X-role \"a log\" ) )\n \
        :content  \"((action (agent-identifier :name df@192.168.0.7:1099/JADE) (register (df-agent-description :services (set (service-description :name \\\"hot water\\\" :type boiler))))))\" \n \
        :reply-with  rw1763814600123  :in-reply-to  \"5 of 7\"  :encoding  UTF-8  :language  fipa-sl0  :ontology  FIPA-Agent-Management  \
        :reply-by  20261122T123000000Z\n \
        :protocol  fipa-request\n \
        :conversation-id  C31_da0_1763814600123_0 :X-JADE-trace on :X-hops 3 )";
    let message = read(text);
    assert_eq!(message.performative, Performative::Request);
    let sender = message.sender.as_ref().unwrap();
    assert_eq!(sender.name, "da0@192.168.0.7:1099/JADE");
    assert_eq!(sender.addresses, ["http://pc7.example:7778/acc"]);
    assert_eq!(
        message.receivers,
        [AgentIdentifier::new("df@192.168.0.7:1099/JADE")]
    );
    assert_eq!(message.reply_to[0].parameters.get("role"), Some("a log"));
    let content = message.content.as_deref().unwrap();
    assert!(
        content.contains(":name \"hot water\" :type boiler"),
        "{content}"
    );
    assert_eq!(message.reply_with.as_deref(), Some("rw1763814600123"));
    assert_eq!(message.in_reply_to.as_deref(), Some("5 of 7"));
    assert_eq!(message.encoding.as_deref(), Some("UTF-8"));
    assert_eq!(message.reply_by.unwrap().to_string(), "20261122T123000000Z");
    assert_eq!(
        message.conversation_id.as_deref(),
        Some("C31_da0_1763814600123_0")
    );
    assert_eq!(message.parameters.get("JADE-trace"), Some("on"));
    assert_eq!(message.parameters.get("hops"), Some("3"));
    assert_eq!(read(&message.to_string()), message);
}

#[test]
fn what_is_written_has_this_form() {
    let mut message = AclMessage::new(Performative::QueryRef);
    message.sender =
        Some(AgentIdentifier::new("ada@localhost/main").with_address("http://h:7778/acc"));
    message.receivers = vec![
        AgentIdentifier::new("bob@localhost"),
        AgentIdentifier::new("7 dwarfs"),
    ];
    message.content = Some("((price \"tea\"))".to_owned());
    message.language = Some("fipa-sl0".to_owned());
    message.in_reply_to = Some("12".to_owned());
    message.reply_by = "+00000000T000010000".parse().ok();
    message.parameters.set("my key", "in C:\\");
    let written = r#"(query-ref
 :sender (agent-identifier :name ada@localhost/main :addresses (sequence http://h:7778/acc))
 :receiver (set (agent-identifier :name bob@localhost) (agent-identifier :name "7 dwarfs"))
 :content "((price \"tea\"))"
 :language fipa-sl0
 :in-reply-to "12"
 :reply-by +00000000T000010000
 :X-my%20key #6"in C:\)"#;
    assert_eq!(message.to_string(), written);
    assert_eq!(read(written), message);
}

/// What FIPA's grammar allows, and older platforms write.
#[test]
fn other_forms_are_read() {
    let message = read(
        "\t( Inform\r\n:RECEIVER (agent-identifier :resolvers (sequence (agent-identifier :name \"df\")) :name b)
         :content (done (action \"a ) b\" (c))) :language #7\"fipa-sl :ontology #3\"a\"b\"
         :protocol \"two words\" :conversation-id 1.5e3 :reply-with :odd :x-a (1 2))",
    );
    assert_eq!(message.receivers[0].resolvers, [AgentIdentifier::new("df")]);
    assert_eq!(
        message.content.as_deref(),
        Some("(done (action \"a ) b\" (c)))")
    );
    assert_eq!(message.language.as_deref(), Some("fipa-sl"));
    assert_eq!(message.ontology.as_deref(), Some("a\"b"));
    assert_eq!(message.protocol.as_deref(), Some("two words"));
    assert_eq!(message.conversation_id.as_deref(), Some("1.5e3"));
    assert_eq!(message.reply_with.as_deref(), Some(":odd"));
    assert_eq!(message.parameters.get("a"), Some("(1 2)"));
    assert_eq!(
        read("(inform :receiver (set))"),
        AclMessage::new(Performative::Inform)
    );
    // Lengths are in bytes.
    assert_eq!(
        read("(inform :content #4\"ähn)").content.as_deref(),
        Some("ähn")
    );
}

#[test]
fn mistakes_are_named_with_their_place() {
    for (text, expected) in [
        (
            "",
            "line 1, column 1: found the end, expected `(` and a performative, as in `(inform …)`",
        ),
        (
            "(infrom)",
            "line 1, column 2: found `infrom`, expected a performative: did you mean `inform`?",
        ),
        (
            "(",
            "line 1, column 2: found the end, expected a performative, such as `inform`",
        ),
        (
            "(inform\n :sender bob)",
            "line 2, column 10: found `bob`, expected an agent, as in `(agent-identifier :name bob@localhost)`",
        ),
        (
            "(inform :sender (agent-identifier))",
            "line 1, column 34: found `)`, expected the `:name` of the agent",
        ),
        (
            "(inform :sender (agent-identifier :nam bob))",
            "line 1, column 35: found `:nam`, expected a parameter: did you mean `:name`?",
        ),
        (
            "(inform :language :ontology o)",
            "line 1, column 19: found `:ontology`, expected the value of `:language`: a word, a string, or an expression",
        ),
        (
            "(inform :foo 1)",
            "line 1, column 9: found `:foo`, expected `:sender`, `:receiver`, `:reply-to`, `:content`, `:language`, `:encoding`, `:ontology`, `:protocol`, `:conversation-id`, `:reply-with`, `:in-reply-to` or `:reply-by`, or `:X-…` of your own",
        ),
        (
            "(inform :X-a 1 :X-a 2)",
            "line 1, column 16: found `:X-a`, expected each parameter only once",
        ),
        (
            "(inform :sender (agent-identifier :name a) :SENDER b)",
            "line 1, column 44: found `:SENDER`, expected each parameter only once",
        ),
        (
            "(inform :content \"é\" \"b\")",
            "line 1, column 22: found `\"b\"`, expected a parameter, such as `:language fipa-sl0`, or `)`",
        ),
        (
            "(inform :content \"a\\\")",
            "line 1, column 18: found a string without an end, expected a `\"` that ends it (one after a `\\` does not)",
        ),
        (
            "(inform :content #9\"abc)",
            "line 1, column 18: found 4 bytes before the end, expected a string of 9 bytes",
        ),
        (
            "(inform :content #1\"ä)",
            "line 1, column 18: found a length that ends within a character, expected a string of 1 bytes",
        ),
        (
            "(inform :content #x\"abc\")",
            "line 1, column 18: found `#x\"abc\"`, expected the length of a string in bytes, as in `#5\"hello`",
        ),
        (
            "(inform :content (a (b)",
            "line 1, column 18: found a `(` that nothing closes, expected a `)` for it",
        ),
        (
            "(inform :reply-by tomorrow)",
            "line 1, column 19: found `tomorrow`, expected a date and time, as in `20261122T123000000Z`, or `+00000000T000010000` for ten seconds from now",
        ),
        (
            "(inform :receiver (bag a))",
            "line 1, column 20: found `bag`, expected agents, as in `(set (agent-identifier :name bob@localhost))`",
        ),
        (
            "(inform) (inform)",
            "line 1, column 10: found `(`, expected nothing more: the message ends before it",
        ),
    ] {
        assert_eq!(error(text), expected, "{text}");
    }
    // Numbers are digits alone, however Rust reads them, and as large as they like.
    for length in [
        "+1",
        "-1",
        "99999999999999999999999",
        "18446744073709551615",
        "",
    ] {
        let error = error(&format!("(inform :content #{length}\"a\")"));
        assert!(error.starts_with("line 1, column 18: found "), "{error}");
    }
}

#[test]
fn depth_is_limited() {
    let nested = |depth: usize| {
        let open = "(agent-identifier :name a :resolvers (sequence ".repeat(depth);
        format!("{open}{}", "))".repeat(depth))
    };
    assert!(nested(100).parse::<AgentIdentifier>().is_ok());
    let error = nested(101).parse::<AgentIdentifier>().unwrap_err();
    assert_eq!(
        error.expected(),
        "at most 100 parentheses within each other"
    );
    assert!(nested(100_000).parse::<AgentIdentifier>().is_err());
    // What is only kept takes no stack.
    let deep = format!(
        "(inform :content {}{})",
        "(".repeat(500_000),
        ")".repeat(500_000)
    );
    assert_eq!(
        read(&deep).content.map(|content| content.len()),
        Some(1_000_000)
    );
}

/// A parser that looks at a part again for each parenthesis, quotation mark or parameter would take
/// minutes for these.
#[test]
fn a_long_message_takes_no_longer_a_byte() {
    const MIB: usize = 1 << 20;
    let repeated = |part: &str| part.repeat(MIB / part.len());
    let parameters: String = (0..MIB / 12).map(|n| format!(":X-{n:06} v ")).collect();
    let started = Instant::now();
    for text in [
        format!("(inform :content \"{}\")", repeated("()")),
        format!("(inform :content \"{}\")", repeated("\\\"")),
        format!("(inform :content \"{}\")", repeated("\\") + "a"),
        format!("(inform :content ({}))", repeated("(\"\\\")\") ")),
        format!("(inform :content ({}))", repeated("\"\" ")),
        format!("(inform :content ({}))", repeated("#1\"( ")),
        format!("(inform :content ({}))", repeated("#1\"a")),
        format!("(inform :content ({}))", repeated("\"a\"")),
        format!("(inform {parameters})"),
        format!(
            "(inform :receiver (set {}))",
            repeated("(agent-identifier :name b) ")
        ),
    ] {
        let message = read(&text);
        let written = message.to_string();
        assert_eq!(read(&written), message);
    }
    for text in [
        "(".repeat(MIB),
        format!("(inform :content {}", "(".repeat(MIB)),
        format!("(inform :content \"{}", repeated("\\\"")),
        format!("(inform {}", repeated("\n")),
    ] {
        error(&text);
    }
    // Some hundred milliseconds in a program that is not optimised.
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
    let receivers: String = (0..20_000)
        .map(|n| format!("(agent-identifier :name b{n}@x) "))
        .collect();
    let messages = read(&format!("(inform :receiver (set {receivers}))"))
        .messages()
        .unwrap();
    assert_eq!(messages.len(), 20_000);
    let messages = read(&format!("(inform {parameters})")).messages().unwrap();
    assert_eq!(messages[0].metadata_entries().count(), MIB / 12);
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn what_is_written_is_read(message in any_message()) {
        let text = message.to_string();
        prop_assert_eq!(text.parse::<AclMessage>(), Ok(message), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[\\PC\n\\\\\"()#:]{0,60}") {
        if let Ok(message) = text.parse::<AclMessage>() {
            prop_assert_eq!(message.to_string().parse::<AclMessage>(), Ok(message));
        }
    }

    #[test]
    fn a_spoilt_message_is_read_or_refused(
        message in any_message(),
        at in any::<proptest::sample::Index>(),
        instead in prop_oneof![Just(String::new()), "[\\\\\"()#:a 9\n]{1,3}", "\\PC"],
        taken in 0..4_usize,
    ) {
        let mut chars: Vec<char> = message.to_string().chars().collect();
        let from = at.index(chars.len());
        let to = (from + taken).min(chars.len());
        chars.splice(from..to, instead.chars());
        let text: String = chars.into_iter().collect();
        match text.parse::<AclMessage>() {
            Ok(read) => prop_assert_eq!(read.to_string().parse::<AclMessage>(), Ok(read)),
            Err(error) => prop_assert!(error.line() <= text.matches('\n').count() + 1),
        }
    }
}
