//! The set algebra of templates.

use super::tokens;
use crate::args::template::template;
use crate::check::algebra::Set;
use crate::diag::Diag;

fn set(source: &str) -> Set {
    let mut diag = Diag::new();
    let template = template(tokens(source), &mut diag);
    assert!(diag.is_clean(), "{source}: {:?}", diag.messages());
    Set::of(&template).expect("small enough")
}

/// The first is covered by the others.
fn covered(one: &str, others: &[&str]) -> bool {
    let others: Vec<Set> = others.iter().map(|other| set(other)).collect();
    set(one).is_covered_by(&others.iter().collect::<Vec<_>>())
}

#[test]
fn one_covers_another() {
    let inform = r#"performative = "inform""#;
    assert!(covered(inform, &[inform]));
    assert!(covered(inform, &[""]));
    assert!(!covered("", &[inform]));
    assert!(covered(r#"performative = "inform", body = "x""#, &[inform]));
    assert!(!covered(
        inform,
        &[r#"performative = "inform", body = "x""#]
    ));
    assert!(covered(
        inform,
        &[r#"any(performative = "inform", performative = "request")"#]
    ));
    assert!(covered(inform, &[r#"not(performative = "request")"#]));
    assert!(!covered(inform, &[]));
}

#[test]
fn several_cover_together() {
    assert!(covered(
        "",
        &[
            r#"performative = "inform""#,
            r#"not(performative = "inform")"#
        ]
    ));
    assert!(covered(
        r#"any(performative = "inform", performative = "cfp")"#,
        &[r#"performative = "cfp""#, r#"performative = "inform""#]
    ));
    assert!(covered(
        r#"body = "x""#,
        &["metadata(a)", "not(metadata(a))"]
    ));
    assert!(covered(
        r#"thread = "1""#,
        &[
            r#"body = "x", thread = "1""#,
            r#"not(body = "x"), ontology = "o""#,
            r#"not(body = "x", ontology = "o")"#
        ]
    ));
    // No list of values is all of them.
    assert!(!covered("", &[r#"body = "x""#, r#"body = "y""#]));
    assert!(!covered(
        "metadata(a)",
        &[r#"metadata(a = "1")"#, r#"metadata(a = "2")"#]
    ));
}

#[test]
fn addresses() {
    let bare = r#"sender = "bob@localhost""#;
    let home = r#"sender = "bob@localhost/home""#;
    assert!(covered(home, &[bare]));
    assert!(!covered(bare, &[home]));
    assert!(
        covered(home, &[r#"sender = "BOB@LOCALHOST""#]),
        "addresses are compared as XMPP does"
    );
    assert!(!covered(home, &[r#"to = "bob@localhost""#]));
    assert!(set(&format!("{home}, not({bare})")).conflict().is_some());
    assert!(set(&format!("{bare}, not({home})")).conflict().is_none());
}

#[test]
fn contradictions() {
    for impossible in [
        r#"performative = "inform", all(performative = "request")"#,
        r#"body = "a", not(body = "a")"#,
        r#"body = "a", all(body = "b")"#,
        r#"metadata(a = "1"), not(metadata(a))"#,
        r#"any(body = "a", body = "b"), body = "c""#,
        r#"sender = "a@b", all(sender = "c@d")"#,
        r#"body = x, not(body = x)"#,
        r#"any(all(body = "a", not(body = "a")), all(thread = "1", not(thread = "1")))"#,
    ] {
        assert!(set(impossible).conflict().is_some(), "{impossible}");
    }
    for possible in [
        r#"body = x, all(body = "a")"#,
        r#"body = x, all(body = y)"#,
        r#"metadata(ontology = "a"), ontology = "b""#,
        r#"metadata(a), not(metadata(a = "1"))"#,
        r#"performative = act, all(performative = "inform")"#,
        r#"any(body = "a", all(body = "b", not(body = "b")))"#,
    ] {
        assert!(set(possible).conflict().is_none(), "{possible}");
    }
}

#[test]
fn expressions_are_equal_if_their_source_is() {
    assert!(covered("ontology = NAME", &["ontology = NAME"]));
    assert!(!covered("ontology = NAME", &["ontology = OTHER"]));
    assert!(!covered("ontology = NAME", &[r#"ontology = "light""#]));
    assert!(covered(
        "performative = act, body = x",
        &["performative = act"]
    ));
}

#[test]
fn acts_that_are_not_answered() {
    for silent in [
        r#"performative = "inform""#,
        r#"any(performative = "agree", performative = "not-understood"), body = "x""#,
        r#"any(performative = "inform", performative = "request"), not(performative = "request")"#,
    ] {
        assert!(set(silent).is_unanswered(), "{silent}");
    }
    for answered in [
        "",
        r#"performative = "request""#,
        r#"not(performative = "request")"#,
        "performative = act",
    ] {
        assert!(!set(answered).is_unanswered(), "{answered}");
    }
}

#[test]
fn what_is_too_large_is_left_alone() {
    let alternatives: Vec<String> = (0..20)
        .map(|n| format!(r#"metadata(k{n} = "a", l{n} = "b")"#))
        .collect();
    let product = format!(
        "not({})",
        alternatives
            .iter()
            .map(|one| format!("any({one}, body = \"{}\")", one.len()))
            .collect::<Vec<_>>()
            .join(", ")
    );
    let mut diag = Diag::new();
    let template = template(tokens(&product), &mut diag);
    // Small or too large, it must end, and quickly.
    let set = Set::of(&template);
    assert!(set.is_none_or(|set| set.conflict().is_none()));

    let many: String = (0..200).map(|n| format!(r#"body = "{n}","#)).collect();
    let template = self::template(tokens(&format!("any({many})")), &mut diag);
    assert!(diag.is_clean());
    assert!(Set::of(&template).is_none());
}
