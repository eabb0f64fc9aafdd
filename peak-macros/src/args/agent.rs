//! The options of `#[agent]`, on a struct and on an impl.

use super::entries::{Entry, Value, entries, once};
use super::template::template;
use crate::diag::{Diag, did_you_mean};
use crate::model::Part;
use crate::paths::CratePath;
use crate::vocabulary::PROTOCOLS;
use proc_macro2::TokenStream;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Path, Token};

/// `#[agent(name = "…", crate = "…")]` on a struct.
#[derive(Debug, Default)]
pub(crate) struct StructArgs {
    pub(crate) name: Option<String>,
    pub(crate) krate: CratePath,
}

/// `#[agent(behaviours(…), plays(…), crate = "…")]` on an impl.
#[derive(Debug, Default)]
pub(crate) struct ImplArgs {
    pub(crate) behaviours: Vec<Path>,
    pub(crate) plays: Vec<Part>,
    pub(crate) krate: CratePath,
}

const PLAYS: &str = "plays(contract_net, subscribe)";
const BEHAVIOURS: &str = "behaviours(heartbeat, audit)";

impl StructArgs {
    pub(crate) fn read(tokens: TokenStream, diag: &mut Diag) -> Self {
        let mut args = Self::default();
        let mut seen = Vec::new();
        for entry in entries(tokens, diag) {
            match entry.key.text.as_str() {
                "name" if once(&entry, &mut seen, diag) => {
                    args.name = entry
                        .text("name = \"thermostat\"", diag)
                        .map(|text| text.value());
                }
                "crate" if once(&entry, &mut seen, diag) => {
                    args.krate = CratePath::from_entry(&entry, diag).unwrap_or_default();
                }
                "name" | "crate" => {}
                key @ ("behaviours" | "plays") => {
                    let example = if key == "plays" { PLAYS } else { BEHAVIOURS };
                    diag.on(
                        &entry,
                        format_args!(
                            "`{key}` belongs on the impl: write `#[agent({example})]` above it"
                        ),
                    );
                }
                _ => unknown(&entry, "a struct", &["name", "crate"], diag),
            }
        }
        args
    }
}

impl ImplArgs {
    pub(crate) fn read(tokens: TokenStream, diag: &mut Diag) -> Self {
        let mut args = Self::default();
        let mut seen = Vec::new();
        for entry in entries(tokens, diag) {
            match entry.key.text.as_str() {
                "behaviours" if once(&entry, &mut seen, diag) => {
                    args.behaviours = behaviours(&entry, diag);
                }
                "crate" if once(&entry, &mut seen, diag) => {
                    args.krate = CratePath::from_entry(&entry, diag).unwrap_or_default();
                }
                "plays" if once(&entry, &mut seen, diag) => {
                    args.plays = plays(&entry, diag);
                }
                "behaviours" | "plays" | "crate" => {}
                "name" => diag.on(
                    &entry,
                    "`name` belongs on the struct: write `#[agent(name = \"…\")]` above it",
                ),
                _ => unknown(&entry, "an impl", &["behaviours", "plays", "crate"], diag),
            }
        }
        args
    }
}

fn unknown(entry: &Entry, place: &str, known: &[&'static str], diag: &mut Diag) {
    let word = &entry.key.text;
    diag.on(
        entry,
        format_args!(
            "unknown option `{word}` of `#[agent]`{}\non {place} the options are: {}",
            did_you_mean(word, known.iter().copied()),
            known.join(", ")
        ),
    );
}

/// Each is the path of a constructor; one that cannot be read is reported and left out.
fn behaviours(entry: &Entry, diag: &mut Diag) -> Vec<Path> {
    let Some(tokens) = entry.list(BEHAVIOURS, diag) else {
        return Vec::new();
    };
    if tokens.is_empty() {
        diag.on(
            entry,
            format_args!("`behaviours()` is empty: name functions, as in `{BEHAVIOURS}`"),
        );
        return Vec::new();
    }
    let listed = match Punctuated::<syn::Expr, Token![,]>::parse_terminated.parse2(tokens) {
        Ok(listed) => listed,
        Err(error) => {
            diag.add(error);
            return Vec::new();
        }
    };
    let mut paths = Vec::new();
    for item in listed {
        match item {
            syn::Expr::Path(path) if path.qself.is_none() => paths.push(path.path),
            syn::Expr::Call(call) => diag.on(
                &call,
                format_args!("name the function without calling it, as in `{BEHAVIOURS}`"),
            ),
            other => diag.on(
                &other,
                format_args!("expected the path of a function with `#[behaviour]`, `#[on_message]` or the like, as in `{BEHAVIOURS}`"),
            ),
        }
    }
    paths
}

/// Each is the name of a protocol, with conditions on what opens its conversations; one that cannot be read
/// is reported and left out.
fn plays(entry: &Entry, diag: &mut Diag) -> Vec<Part> {
    let Some(tokens) = entry.list(PLAYS, diag) else {
        return Vec::new();
    };
    if tokens.is_empty() {
        diag.on(
            entry,
            format_args!("`plays()` is empty: name protocols, as in `{PLAYS}`"),
        );
        return Vec::new();
    }
    let mut seen = Vec::new();
    let mut parts = Vec::new();
    for entry in entries(tokens, diag) {
        parts.extend(part(&entry, &mut seen, diag));
    }
    parts
}

fn part(entry: &Entry, seen: &mut Vec<String>, diag: &mut Diag) -> Option<Part> {
    let word = entry.key.text.as_str();
    let known = |word: &str| PROTOCOLS.iter().find(|protocol| protocol.name == word);
    let token = PROTOCOLS
        .iter()
        .find(|protocol| protocol.tokens.contains(&word));
    let Some(protocol) = known(word) else {
        let known = PROTOCOLS.iter().map(|protocol| protocol.name);
        let hint = match token {
            Some(protocol) => format!("; that is `{}`", protocol.name),
            None => did_you_mean(word, known.clone()).to_string(),
        };
        let known: Vec<&str> = known.collect();
        diag.on(
            entry,
            format_args!(
                "`{word}` is no protocol that an agent plays{hint}\nthe protocols are: {}",
                known.join(", ")
            ),
        );
        return None;
    };
    if entry.key.quoted || entry.key.dashed.is_some() {
        diag.on(
            entry,
            format_args!("write `{word}`: a protocol is a Rust word, without quotes and dashes"),
        );
    }
    let only = match &entry.value {
        Value::Word => None,
        Value::List(group) => Some(template(group.stream(), diag)),
        Value::Expr(_) => {
            diag.on(
                entry,
                format_args!(
                    "`{word}` takes no value: write `{word}` alone, or say which conversations, as in \
                     `{word}(ontology = \"books\")`"
                ),
            );
            None
        }
        Value::Broken => None,
    };
    once(entry, seen, diag).then_some(Part {
        protocol,
        span: entry.key.span,
        only,
    })
}
