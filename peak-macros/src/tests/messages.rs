//! Mistakes of one impl: how many errors, and which.

use super::{agent, errors};
use crate::args::primitive::check_primitive;
use crate::args::time::{Zero, check_duration};
use crate::diag::nearest;
use crate::vocabulary::performative_names;

fn of_impl(body: &str) -> Vec<String> {
    errors(agent("", &format!("impl Lamp {{ {body} }}")))
}

/// Each handler's mistake is one error that begins like this.
fn expect(cases: &[(&str, &str)]) {
    for (handler, beginning) in cases {
        let found = of_impl(handler);
        let [message] = found.as_slice() else {
            panic!("`{handler}` gives {found:#?}")
        };
        assert!(
            message.starts_with(beginning),
            "`{handler}` gives `{message}`"
        );
    }
}

#[test]
fn news() {
    expect(&[
        (
            "#[on_presence(avaliable)] async fn a(&self) {}",
            "unknown kind `avaliable` of `#[on_presence]`: did you mean `available`?",
        ),
        (
            "#[on_connection(sender = \"a@b\")] async fn a(&self) {}",
            "`sender` describes messages, and news is told apart by its kind alone: take what you \
             need of it as an argument, such as `change: ConnectionChange`",
        ),
        (
            "#[on_presence(un-available)] async fn a(&self) {}",
            "unknown kind `un-available` of `#[on_presence]`: did you mean `unavailable`?",
        ),
        (
            "#[on_presence(available, unavailable)] async fn a(&self, how: Presence) {}",
            "only an agent that is there has a `Presence`",
        ),
        (
            "#[on_connection(lost)] async fn a(&self, how: &Presence) {}",
            "news of the connection has no `Presence`: take `change: ConnectionChange`",
        ),
        (
            "#[on_presence(subscribe)] async fn a(&self, order: peak::Json<u8>) {}",
            "news of an agent's presence is no message and has no `Json`",
        ),
    ]);
}

#[test]
fn news_and_messages_are_apart_and_so_are_their_kinds() {
    let reached = [
        "#[on_presence] async fn a(&self) {} #[on_message] async fn b(&self) {}",
        "#[on_presence] async fn a(&self) {} #[on_connection] async fn b(&self) {}",
        "#[on_presence(available)] async fn a(&self) {} #[on_presence] async fn b(&self) {}",
        "#[on_presence(observe)] async fn a(&self) {} #[on_presence] async fn b(&self) {}",
        "#[on_presence] async fn a(&self) -> Flow {} #[on_presence] async fn b(&self) {}",
        "#[cfg(x)] #[on_presence] async fn a(&self) {} #[on_presence] async fn b(&self) {}",
    ];
    for handlers in reached {
        assert_eq!(of_impl(handlers), [""; 0], "{handlers}");
    }
    // All kinds, one by one, leave nothing.
    let kinds = crate::vocabulary::kinds_of_news(crate::vocabulary::MarkerKind::OnPresence);
    let mut handlers: String = kinds
        .map(|kind| format!("#[on_presence({kind})] async fn on_{kind}(&self) {{}} "))
        .collect();
    handlers.push_str("#[on_presence] async fn rest(&self) {}");
    let found = of_impl(&handlers);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].starts_with("no news ever reaches `rest`"),
        "{found:#?}"
    );
}

#[test]
fn handlers() {
    expect(&[
        (
            "#[on_message(performative = \"informs\")] async fn a(&self) {}",
            "unknown performative `informs`: did you mean",
        ),
        (
            "#[on_message(not-understood)] async fn a(&self) {}",
            "write `performative = \"not-understood\"`",
        ),
        (
            "#[on_message(performative = Cfp)] async fn a(&self) {}",
            "write `\"cfp\"` or `Performative::Cfp`",
        ),
        (
            "#[on_start] async fn a(&self, ctx: &mut Context<Self>) {}",
            "the context is lent for reading: take `&Context<Self>`",
        ),
        (
            "#[on_message(conversation-id = \"1\")] async fn a(&self) {}",
            "write `conversation_id` instead",
        ),
        (
            "#[on_message(body = 5)] async fn a(&self) {}",
            "`body` is text: write `body = \"5\"`",
        ),
        (
            "#[on_message(sender = \"a@b@c\")] async fn a(&self) {}",
            "malformed JID `a@b@c`: there are two `@`",
        ),
        (
            "#[on_message(metadata(a = \"1\", a))] async fn a(&self) {}",
            "`a` is asked for twice",
        ),
        (
            "#[on_message(\"inform\")] async fn a(&self) {}",
            "a condition begins with a word",
        ),
        (
            "#[behaviour] async fn a(&self) {}",
            "a behaviour has a kind",
        ),
        (
            "#[behaviour(fsm)] async fn a(&self) {}",
            "`fsm` takes a list",
        ),
        (
            "#[behaviour(cyclic, timeout = \"1s\")] async fn a(&self) {}",
            "a behaviour has one kind",
        ),
        (
            "#[behaviour(Cyclic)] async fn a(&self) {}",
            "unknown option `Cyclic`",
        ),
        (
            "#[behaviour(periodic = 5)] async fn a(&self) {}",
            "a duration is written as a string: \"5s\"",
        ),
        (
            "#[behaviour(timeout = 1h30m)] async fn a(&self) {}",
            "a duration is written as a string: \"1h30m\"",
        ),
        (
            "#[behaviour(cyclic, receives(body = \"a\"))] async fn a(&self) {}",
            "a behaviour with `self`",
        ),
        (
            "#[behaviour(cyclic, body = \"a\")] async fn a() {}",
            "`body` describes messages",
        ),
        (
            "#[behaviour(cyclic)] fn a(&self) {}",
            "a function with `#[behaviour]` is asynchronous",
        ),
        (
            "#[behaviour(cyclic)] async fn a(self) {}",
            "the agent goes on living",
        ),
        (
            "#[behaviour(cyclic)] async fn a<T>(&self) {}",
            "the agent calls this function",
        ),
        ("#[behaviour(cyclic)] async fn a(&self);", "`a` has no body"),
        (
            "#[on_start] async fn a() {}",
            "`#[on_start]` runs on the agent itself",
        ),
        (
            "#[on_stop(now)] async fn a(&self) {}",
            "`#[on_stop]` takes no options",
        ),
        (
            "#[behaviour(cyclic)] #[on_stop] async fn a(&self) {}",
            "`a` is `#[behaviour]` already",
        ),
        (
            "#[behaviour(cyclic)] const A: u8 = 1;",
            "`#[behaviour]` belongs on an `async fn`",
        ),
        (
            "#[cfg_attr(x, on_stop)] async fn a(&self) {}",
            "`cfg_attr` cannot carry `#[on_stop]`",
        ),
    ]);
}

#[test]
fn several_mistakes_are_as_many_errors_in_the_order_of_the_source() {
    let found = of_impl(
        "#[on_stop] fn a(&self) {}
         #[behaviour(periodic = \"5 secnds\")] async fn b(&self) {}
         #[on_message(ontolgy = \"x\", body = 5)] async fn c<T>(&self) {}",
    );
    let beginnings = [
        "a function with",
        "malformed duration",
        "unknown key",
        "`body` is text",
        "the agent calls",
    ];
    assert_eq!(found.len(), beginnings.len(), "{found:#?}");
    for (message, beginning) in found.iter().zip(beginnings) {
        assert!(message.starts_with(beginning), "{message}");
    }
}

#[test]
fn alternatives_under_cfg_may_share_a_name_and_a_hook() {
    let found = of_impl(
        "#[cfg(a)] #[on_start] async fn one(&self) {}
         #[cfg(b)] #[on_start] async fn two(&self) {}
         #[cfg(a)] #[behaviour(cyclic, name = \"x\")] async fn three(&self) {}
         #[cfg(b)] #[behaviour(cyclic, name = \"x\")] async fn four(&self) {}
         #[cfg(a)] #[on_message] async fn five(&self) {}
         #[on_message] async fn six(&self) {}",
    );
    assert!(found.is_empty(), "{found:#?}");
    let found =
        of_impl("#[cfg(a)] #[on_start] async fn one(&self) {} #[on_start] async fn two(&self) {}");
    assert_eq!(found.len(), 1, "{found:#?}");
}

#[test]
fn a_handler_with_a_mistake_hides_nobody() {
    let found = of_impl(
        "#[on_message(wrong)] async fn one(&self) {}
         #[on_message(body = \"a\")] async fn two(&self) {}",
    );
    assert_eq!(found.len(), 1, "{found:#?}");
}

#[test]
fn durations() {
    let good = ["5s", "1m30s", "1h 30m", "250ms", " 5s ", "2days", "1.5s"];
    for text in good {
        assert!(check_duration(text, Zero::Allowed).is_ok(), "{text}");
    }
    let bad = [
        ("", "is empty"),
        ("  ", "is empty"),
        ("5", "`5` has no unit; write \"5s\""),
        ("1m30", "`30` has no unit"),
        ("-5s", "cannot be negative: `-5s`; write \"5s\""),
        ("5 secnds", "unknown unit `secnds`: did you mean `seconds`?"),
        ("5q", "unknown unit `q`\n"),
        ("soon", "expected a number at `soon`"),
        ("99999999999999999999s", "too long"),
        ("5ś", "`"),
    ];
    for (text, part) in bad {
        let message = check_duration(text, Zero::Allowed).expect_err(text);
        assert!(message.contains(part), "`{text}` gives `{message}`");
    }
    assert_eq!(
        check_duration("0s", Zero::Rejected("never")),
        Err("never".to_owned())
    );
    assert!(check_duration("0s", Zero::Allowed).is_ok());
}

#[test]
fn primitives() {
    let good = [
        ("u8", "0 255 7"),
        ("i8", "-128 127"),
        ("u64", "18446744073709551615"),
        ("i128", "-170141183460469231731687303715884105728"),
        ("f64", "0 -0 21 21.5 1e3 1.5E-3 0.5 -2"),
        ("f32", "0.25"),
        ("bool", "true false"),
        ("char", "x 5 ä"),
        ("Level", "anything"),
    ];
    for (ty, texts) in good {
        for text in texts.split(' ') {
            assert_eq!(check_primitive(text, ty), Ok(()), "{text} as {ty}");
        }
    }
    let bad = [
        ("u8", "-1 1.0 1e2 0x10 1_0 twenty", "a whole number from 0"),
        ("u8", "256 +5 007", "a whole number from 0 to 255"),
        ("i8", "128 -129", "from -128 to 127"),
        ("i64", "2.5 five", "write a whole number"),
        ("u128", "-1", "a whole number from 0"),
        (
            "f64",
            ".5 5. inf nan +1 01.5 1e999 warm",
            "a number such as",
        ),
        ("bool", "yes 1 True ", "`true` or `false`"),
        ("char", "ab", "one character"),
    ];
    for (ty, texts, part) in bad {
        for text in texts.split(' ') {
            let message = check_primitive(text, ty).expect_err(text);
            assert!(message.contains(part), "`{text}` gives `{message}`");
        }
    }
}

#[test]
fn suggestions() {
    let near = |word| nearest(word, performative_names());
    assert_eq!(near("informs"), Some("inform"));
    assert_eq!(near("INFORM"), Some("inform"));
    assert_eq!(near("query_ref"), Some("query-ref"));
    assert_eq!(near("acept-proposal"), Some("accept-proposal"));
    assert_eq!(near("hello"), None);
    assert_eq!(near(""), None);
}

#[test]
fn a_handler_that_may_end_leaves_messages_for_the_next() {
    let after = |output: &str| {
        of_impl(&format!(
            "#[on_message(performative = \"inform\")] async fn a(&self) {output} {{}}
             #[on_message(performative = \"inform\")] async fn b(&self) {{}}"
        ))
        .len()
    };
    assert_eq!(after(""), 1);
    assert_eq!(after("-> Flow"), 0);
    assert_eq!(after("-> peak::Result<peak::Flow>"), 0);
}
