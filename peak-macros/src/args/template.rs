//! The template grammar: `performative = "inform", any(ontology = "a", ontology = "b"), not(body = "")`.

use super::entries::{Entry, Value, entries, literal, string};
use super::jid::jid;
use crate::diag::{Diag, did_you_mean};
use crate::model::template::{Condition, JidValue, PerformativeValue, Template, TextValue};
use crate::vocabulary::{
    JID_KEYS, LIST_KEYS, PERFORMATIVES, TEXT_KEYS, performative, performative_names, template_keys,
};
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Expr, Lit, LitStr};

/// Reads the whole of a template, as in `template!(…)` and `receives(…)`.
pub(crate) fn template(tokens: TokenStream, diag: &mut Diag) -> Template {
    let entries = entries(tokens, diag);
    Template {
        conditions: conjunction(&entries, &[], diag),
    }
}

/// Reads conditions that must all hold. `others` are words that the caller also takes, for the
/// suggestions.
pub(crate) fn conjunction(
    entries: &[Entry],
    others: &[&'static str],
    diag: &mut Diag,
) -> Vec<Condition> {
    let mut seen: Vec<&Entry> = Vec::new();
    let mut conditions = Vec::new();
    for entry in entries {
        let key = entry.key.text.as_str();
        let single = !entry.key.quoted
            && !LIST_KEYS.contains(&key)
            && template_keys().any(|known| known == key);
        if single && seen.iter().any(|earlier| earlier.key.text == key) {
            diag.on(entry, repeated(key));
            continue;
        }
        if single {
            seen.push(entry);
        }
        conditions.extend(condition(entry, others, diag));
    }
    conditions
}

fn repeated(key: &str) -> String {
    let article = if key.starts_with(['o', 'e', 'i']) {
        "an"
    } else {
        "a"
    };
    let subject = match key {
        "sender" | "to" | "body" | "reply_to" | "thread" => format!("one `{key}`"),
        _ => format!("only one `{key}`"),
    };
    format!(
        "`{key}` is asked for twice, but a message has {subject}; for {article} `{key}` that is either of the two \
         write `any({key} = …, {key} = …)`"
    )
}

fn condition(entry: &Entry, others: &[&'static str], diag: &mut Diag) -> Option<Condition> {
    let key = entry.key.text.as_str();
    if entry.key.quoted {
        diag.on(
            entry,
            "a condition begins with a word, such as `performative = \"inform\"`",
        );
        return None;
    }
    if let Some(dashed) = &entry.key.dashed
        && template_keys().any(|known| known == key)
    {
        diag.on(
            entry,
            format_args!(
                "write `{key}` instead of `{dashed}`: a key is a Rust word, without dashes"
            ),
        );
        return None;
    }
    if let Some(known) = TEXT_KEYS.iter().find(|known| **known == key) {
        let value = entry.expr(&format!("{key} = \"…\""), diag)?;
        return Some(Condition::Text {
            key: known,
            value: text(key, value, diag)?,
        });
    }
    if let Some(known) = JID_KEYS.iter().find(|known| **known == key) {
        let value = entry.expr(&format!("{key} = \"bob@localhost\""), diag)?;
        return Some(Condition::Jid {
            key: known,
            value: address(key, value, diag)?,
        });
    }
    match key {
        "performative" => {
            let value = entry.expr("performative = \"inform\"", diag)?;
            Some(Condition::Performative(performative_value(value, diag)?))
        }
        "metadata" => metadata(entry, diag),
        "all" => Some(Condition::All(group(entry, diag)?)),
        "any" => Some(Condition::Any(alternatives(entry, diag)?)),
        "not" => Some(Condition::Not(group(entry, diag)?)),
        _ => {
            unknown(entry, others, diag);
            None
        }
    }
}

fn unknown(entry: &Entry, others: &[&'static str], diag: &mut Diag) {
    let word = entry.key.dashed.as_deref().unwrap_or(&entry.key.text);
    if matches!(entry.value, Value::Word) && performative(word).is_some() {
        diag.on(entry, format_args!("write `performative = \"{word}\"`"));
        return;
    }
    let known: Vec<&str> = template_keys().chain(others.iter().copied()).collect();
    diag.on(
        entry,
        format_args!(
            "unknown key `{word}`{}\nthe keys are: {}",
            did_you_mean(word, known.iter().copied()),
            known.join(", ")
        ),
    );
}

fn example(key: &str) -> String {
    format!("{key}(performative = \"inform\", ontology = \"hvac\")")
}

/// The conditions in `all(…)` and `not(…)`.
fn group(entry: &Entry, diag: &mut Diag) -> Option<Vec<Condition>> {
    let conditions = entry.list(&example(&entry.key.text), diag)?;
    if conditions.is_empty() {
        let key = &entry.key.text;
        let meaning = if key == "all" {
            "everything"
        } else {
            "nothing"
        };
        diag.on(
            entry,
            format_args!(
                "`{key}()` is empty: it would match {meaning}; write `{}`",
                example(key)
            ),
        );
        return None;
    }
    let mark = diag.mark();
    let conditions = conjunction(&entries(conditions, diag), &[], diag);
    diag.clean_since(mark).then_some(conditions)
}

/// The conditions in `any(…)`, where a key may well stand twice.
fn alternatives(entry: &Entry, diag: &mut Diag) -> Option<Vec<Condition>> {
    let tokens = entry.list("any(ontology = \"hvac\", ontology = \"light\")", diag)?;
    if tokens.is_empty() {
        diag.on(entry, "`any()` is empty: it would match nothing; write `any(ontology = \"hvac\", ontology = \"light\")`");
        return None;
    }
    let mark = diag.mark();
    let entries = entries(tokens, diag);
    let conditions = entries
        .iter()
        .filter_map(|entry| condition(entry, &[], diag))
        .collect();
    diag.clean_since(mark).then_some(conditions)
}

fn metadata(entry: &Entry, diag: &mut Diag) -> Option<Condition> {
    const EXAMPLE: &str = "metadata(room = \"attic\", \"odd-key\" = \"value\", present)";
    let tokens = entry.list(EXAMPLE, diag)?;
    if tokens.is_empty() {
        diag.on(
            entry,
            format_args!("`metadata()` is empty: write `{EXAMPLE}`"),
        );
        return None;
    }
    let mark = diag.mark();
    let fields = entries(tokens, diag);
    let mut seen = Vec::new();
    let mut conditions = Vec::new();
    for field in &fields {
        if let Some(dashed) = &field.key.dashed {
            diag.on(
                field,
                format_args!("`{dashed}` is not a Rust word: write it as a string, `\"{dashed}\"`"),
            );
            continue;
        }
        if seen.contains(&field.key.text) {
            diag.on(
                field,
                format_args!(
                    "`{}` is asked for twice, but a field has one value",
                    field.key.text
                ),
            );
            continue;
        }
        seen.push(field.key.text.clone());
        let key = LitStr::new(&field.key.text, field.key.span);
        match &field.value {
            Value::Word => conditions.push(Condition::HasMetadata { key }),
            Value::Expr(value) => {
                if let Some(value) = text(&field.key.text, value, diag) {
                    conditions.push(Condition::Metadata { key, value });
                }
            }
            Value::List(_) => {
                diag.on(
                    field,
                    format_args!("a metadata field is text: write `{EXAMPLE}`"),
                );
            }
            Value::Broken => {}
        }
    }
    diag.clean_since(mark).then_some(Condition::All(conditions))
}

/// A literal must be text; the type of anything else is the compiler's to check.
fn text(key: &str, value: &Expr, diag: &mut Diag) -> Option<TextValue> {
    match literal(value) {
        Some(Lit::Str(text)) => Some(TextValue::Literal(text.clone())),
        Some(other) => {
            diag.on(
                value,
                format_args!(
                    "`{key}` is text: write `{key} = \"{}\"`",
                    other.to_token_stream()
                ),
            );
            None
        }
        None => Some(TextValue::Expr(Box::new(value.clone()))),
    }
}

fn address(key: &str, value: &Expr, diag: &mut Diag) -> Option<JidValue> {
    match literal(value) {
        Some(Lit::Str(text)) => jid(text, diag).map(|jid| JidValue::Literal(jid, text.clone())),
        Some(_) => {
            diag.on(
                value,
                format_args!("`{key}` is an address: write `{key} = \"bob@localhost\"`"),
            );
            None
        }
        None => Some(JidValue::Expr(Box::new(value.clone()))),
    }
}

fn performative_value(value: &Expr, diag: &mut Diag) -> Option<PerformativeValue> {
    if let Some(text) = string(value) {
        let name = text.value();
        if let Some(index) = performative(&name) {
            return Some(PerformativeValue::Known(index, text.clone()));
        }
        let names: Vec<&str> = performative_names().collect();
        diag.on(
            text,
            format_args!(
                "unknown performative `{name}`{}\nthe 22 of FIPA are: {}",
                did_you_mean(&name, performative_names()),
                names.join(", ")
            ),
        );
        return None;
    }
    // `inform` or `Inform`, or `not-understood`, which Rust takes for a subtraction.
    let bare = value.to_token_stream().to_string().replace(' ', "");
    let named = PERFORMATIVES.iter().find(|(wire, variant)| {
        *wire == bare || wire.replace('-', "_") == bare || *variant == bare
    });
    if let Some((wire, variant)) = named {
        diag.on(
            value,
            format_args!("write `\"{wire}\"` or `Performative::{variant}`"),
        );
        return None;
    }
    if literal(value).is_some() {
        diag.on(
            value,
            "a performative is written as a string, such as \"inform\"",
        );
        return None;
    }
    Some(PerformativeValue::Expr(Box::new(value.clone())))
}
