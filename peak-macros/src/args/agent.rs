//! The options of `#[agent]`, on a struct and on an impl.

use super::entries::{Entry, entries, once};
use crate::diag::{Diag, did_you_mean};
use crate::paths::CratePath;
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

/// `#[agent(behaviours(…), crate = "…")]` on an impl.
#[derive(Debug, Default)]
pub(crate) struct ImplArgs {
    pub(crate) behaviours: Vec<Path>,
    pub(crate) krate: CratePath,
}

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
                "behaviours" => diag.on(
                    &entry,
                    format_args!(
                        "`behaviours` belongs on the impl: write `#[agent({BEHAVIOURS})]` above it"
                    ),
                ),
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
                "behaviours" | "crate" => {}
                "name" => diag.on(
                    &entry,
                    "`name` belongs on the struct: write `#[agent(name = \"…\")]` above it",
                ),
                _ => unknown(&entry, "an impl", &["behaviours", "crate"], diag),
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
