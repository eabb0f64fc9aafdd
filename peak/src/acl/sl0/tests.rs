//! Contents as others write them, arbitrary ones, and mistakes.

use std::time::Instant;

use proptest::prelude::*;

use super::*;
use crate::acl::tests::any_time;

/// Text in which what means something is frequent.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z-]{1,8}",
        "(?i)action|done|false|result|sequence|set|true",
        "[\\\\\"() :#?0-9aex.+-]{0,8}",
        "[+-]?[0-9]{1,20}(\\.[0-9]{0,3})?(e[+-]?[0-9]{1,3})?|0x[0-9a-f]{1,17}",
        "[+-]?[0-9]{8}T[0-9]{9}Z?",
        any::<String>(),
    ]
}

fn any_function(term: impl Strategy<Value = Term> + Clone) -> impl Strategy<Value = Function> {
    let argument = (proptest::option::of(any_text()), term);
    let arguments = proptest::collection::vec(argument, 0..4);
    (any_text(), arguments).prop_map(|(name, arguments)| Function {
        name,
        arguments: arguments
            .into_iter()
            .map(|(name, value)| Argument { name, value })
            .collect(),
    })
}

fn any_action(term: impl Strategy<Value = Term> + Clone) -> impl Strategy<Value = Action> {
    (term.clone(), term).prop_map(|(agent, act)| Action { agent, act })
}

pub(in crate::acl) fn any_term() -> impl Strategy<Value = Term> + Clone {
    let float = prop_oneof![
        proptest::num::f64::NORMAL,
        proptest::num::f64::SUBNORMAL,
        Just(-0.0)
    ];
    let leaf = prop_oneof![
        any_text().prop_map(Term::Text),
        any::<bool>().prop_map(Term::Bool),
        any::<i64>().prop_map(Term::Integer),
        float.prop_map(Term::Float),
        any_time().prop_map(Term::DateTime),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let terms = proptest::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            terms.clone().prop_map(Term::Set),
            terms.prop_map(Term::Sequence),
            any_function(inner.clone()).prop_map(Term::Function),
            any_action(inner).prop_map(Term::from),
        ]
    })
    .boxed()
}

fn any_content() -> impl Strategy<Value = Content> {
    let expression = prop_oneof![
        any_action(any_term()).prop_map(Expression::from),
        Just(Proposition::True.into()),
        Just(Proposition::False.into()),
        any_action(any_term()).prop_map(|action| Proposition::Done(action).into()),
        (any_term(), any_term()).prop_map(|(of, what)| Proposition::Result(of, what).into()),
        any_function(any_term()).prop_map(|it| Proposition::Predicate(it).into()),
    ];
    proptest::collection::vec(expression, 1..4).prop_map(Content)
}

fn term(text: &str) -> Term {
    text.parse()
        .unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn error(text: &str) -> String {
    text.parse::<Content>().unwrap_err().to_string()
}

#[test]
fn constants_of_every_kind() {
    for (text, expected) in [
        ("tea", Term::from("tea")),
        ("\"tea\"", Term::from("tea")),
        ("#5\"a \"b\"", Term::from("a \"b\"")),
        ("\"true\"", Term::from("true")),
        ("TRUE", Term::Bool(true)),
        ("-12", Term::Integer(-12)),
        ("+12", Term::Integer(12)),
        ("0x1F", Term::Integer(31)),
        ("-0Xff", Term::Integer(-255)),
        ("9223372036854775807", Term::Integer(i64::MAX)),
        ("1.5", Term::Float(1.5)),
        ("-.5", Term::Float(-0.5)),
        ("1.", Term::Float(1.0)),
        ("1e3", Term::Float(1000.0)),
        ("2.5E-1", Term::Float(0.25)),
        (
            "20261122T123000000Z",
            Term::DateTime("20261122T123000000Z".parse().unwrap()),
        ),
        (
            "+00000000T000010000",
            Term::DateTime("+00000000T000010000".parse().unwrap()),
        ),
        ("+", Term::from("+")),
        (".e1", Term::from(".e1")),
        ("infinity", Term::from("infinity")),
        ("(SET a 1)", Term::Set(vec!["a".into(), 1.into()])),
        ("( sequence )", Term::Sequence(Vec::new())),
        ("(\"set\" a)", Function::new("set").with("a").into()),
        (
            "(f :a 1 :\"b c\" (g))",
            Function::new("f")
                .with_named("a", 1)
                .with_named("b c", Function::new("g"))
                .into(),
        ),
    ] {
        assert_eq!(term(text), expected, "{text}");
        assert_eq!(term(&expected.to_string()), expected, "{expected}");
    }
}

/// A directory's answers, as JADE's codec writes them: blanks behind the last of several expressions,
/// and propositions with and without parentheses.
#[test]
fn contents_of_jade() {
    let text = "((result (action (agent-identifier :name df@pc7:1099/JADE) \
        (search (df-agent-description :services (set (service-description :type boiler))) \
        (search-constraints :max-results -1))) (sequence)))";
    let content: Content = text.parse().unwrap();
    assert_eq!(content.to_string(), text);
    let [Expression::Proposition(Proposition::Result(Term::Action(action), Term::Sequence(found)))] =
        content.expressions()
    else {
        panic!("{content:?}")
    };
    assert!(found.is_empty());
    let Term::Function(agent) = &action.agent else {
        panic!("{action:?}")
    };
    assert_eq!(agent.named("NAME"), Some(&"df@pc7:1099/JADE".into()));

    for text in [
        "((action a (f)) (unauthorised) )",
        "((action a (f)) unauthorised)",
    ] {
        let content: Content = text.parse().unwrap();
        let expected = Content::new(Action {
            agent: "a".into(),
            act: Function::new("f").into(),
        })
        .and(Proposition::Predicate(Function::new("unauthorised")));
        assert_eq!(content, expected);
        assert_eq!(content.to_string(), "((action a (f)) unauthorised)");
    }
    let content: Content = "(true (DONE (Action a b)))".parse().unwrap();
    assert_eq!(content.to_string(), "(true (done (action a b)))");
}

/// What would open a formula for JADE is a string.
#[test]
fn names_that_mean_something_in_all_of_sl() {
    let content = Content::new(Proposition::Predicate(
        Function::new("all")
            .with("all")
            .with(Function::new("OR").with("set")),
    ));
    assert_eq!(content.to_string(), "((\"all\" all (\"OR\" \"set\")))");
    assert_eq!(content.to_string().parse::<Content>(), Ok(content));
    let alone = Content::new(Proposition::Predicate(Function::new("not")));
    assert_eq!(alone.to_string(), "(\"not\")");
}

#[test]
fn mistakes_are_named_with_their_place() {
    for (text, expected) in [
        (
            "",
            "line 1, column 1: found the end, expected a list of expressions in parentheses, as in `((done (action …)))`",
        ),
        (
            "()",
            "line 1, column 2: found `)`, expected an action or a proposition, as in `(done (action …))`",
        ),
        (
            "(action a (f))",
            "line 1, column 2: found `action`, expected a list of expressions, each in parentheses of its own",
        ),
        (
            "((done\n a))",
            "line 2, column 2: found `a`, expected an action, as in `(action (agent-identifier :name df@localhost) (search …))`",
        ),
        (
            "((action a))",
            "line 1, column 11: found `)`, expected a term: a text, a number, a moment, a set, a sequence, or a function",
        ),
        (
            "((action a b c))",
            "line 1, column 14: found `c`, expected `)`: `action` takes an agent and what it does",
        ),
        (
            "((p ?x))",
            "line 1, column 5: found `?x`, expected a term; SL0 has no variables",
        ),
        (
            "((p 12a))",
            "line 1, column 5: found `12a`, expected a number of 64 bits, a moment, or a text in quotation marks",
        ),
        (
            "((p 9223372036854775808))",
            "line 1, column 5: found `9223372036854775808`, expected a number of 64 bits, a moment, or a text in quotation marks",
        ),
        (
            "((p 1e999))",
            "line 1, column 5: found `1e999`, expected a number of 64 bits, a moment, or a text in quotation marks",
        ),
        (
            "((p :a :b 1))",
            "line 1, column 8: found `:b`, expected a term, and not a name",
        ),
        (
            "((p : 1))",
            "line 1, column 7: found `1`, expected the name of an argument right behind the `:`",
        ),
        (
            "((p (7 1)))",
            "line 1, column 6: found `7`, expected the name of a function, `set`, `sequence`, or `action`",
        ),
        (
            "((p (done 1)))",
            "line 1, column 6: found `done`, expected a term: a text, a number, a moment, a set, a sequence, or a function",
        ),
        (
            "((set 1))",
            "line 1, column 3: found `set`, expected an action or a proposition, as in `(done (action …))`",
        ),
        (
            "(p) q",
            "line 1, column 5: found `q`, expected nothing more: it ends before this",
        ),
        (
            "((p",
            "line 1, column 4: found the end, expected a term: a text, a number, a moment, a set, a sequence, or a function",
        ),
    ] {
        assert_eq!(error(text), expected, "{text}");
    }
}

#[test]
fn depth_is_limited() {
    let nested = |depth: usize| format!("{}{}", "(f ".repeat(depth), ")".repeat(depth));
    assert!(nested(100).parse::<Term>().is_ok());
    let error = nested(101).parse::<Term>().unwrap_err();
    assert_eq!(
        error.expected(),
        "at most 100 parentheses within each other"
    );
    for text in ["(action a ", "(set ", "(f :a ", "(result (f "] {
        assert!(text.repeat(300_000).parse::<Term>().is_err());
        assert!(
            format!("({}", text.repeat(300_000))
                .parse::<Content>()
                .is_err()
        );
    }
}

/// A parser that looks at a part again for each parenthesis or argument would take minutes for these.
#[test]
fn a_long_content_takes_no_longer_a_byte() {
    const MIB: usize = 1 << 20;
    let started = Instant::now();
    for part in [
        "(f) ",
        "\"\\\"\" ",
        "a ",
        ":a 1 ",
        ":\"a\"\"b\"",
        "#1\"a",
        "1.5 ",
        "(set (f :x \"()\")) ",
    ] {
        let text = format!("((p {}))", part.repeat(MIB / part.len()));
        let content: Content = text.parse().unwrap();
        assert_eq!(content.to_string().parse::<Content>().unwrap(), content);
    }
    // Some seconds in a program that is not optimised, on a machine that does other things.
    assert!(started.elapsed().as_secs() < 40, "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn what_is_written_is_read(content in any_content()) {
        let text = content.to_string();
        prop_assert_eq!(text.parse::<Content>(), Ok(content), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[\\PC\n\\\\\"()#:]{0,60}|\\(\\([a-z0-9 \"()#:.+-]{0,40}\\)\\)") {
        if let Ok(content) = text.parse::<Content>() {
            prop_assert_eq!(content.to_string().parse::<Content>(), Ok(content));
        }
    }

    #[test]
    fn a_spoilt_content_is_read_or_refused(
        content in any_content(),
        at in any::<proptest::sample::Index>(),
        instead in prop_oneof![Just(String::new()), "[\\\\\"()#:a 9\n]{1,3}", "\\PC"],
        taken in 0..4_usize,
    ) {
        let mut chars: Vec<char> = content.to_string().chars().collect();
        let from = at.index(chars.len());
        let to = (from + taken).min(chars.len());
        chars.splice(from..to, instead.chars());
        let text: String = chars.into_iter().collect();
        if let Ok(read) = text.parse::<Content>() {
            prop_assert_eq!(read.to_string().parse::<Content>(), Ok(read));
        }
    }
}
