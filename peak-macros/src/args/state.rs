//! The options of `#[behaviour(fsm(…), …)]`: a function of a state.

use super::entries::{Entry, Value, once};
use super::marker::MarkerArgs;
use super::template::template;
use super::time::{Zero, delay_or_start, duration, instant};
use crate::diag::{Diag, did_you_mean};
use crate::model::{DurationValue, HandlerKind, Initial, InstantValue, State, StateFn, Trigger};
use crate::paths::CratePath;
use crate::types::tidy;
use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{LitStr, Token, Type};

/// The options that only such a function has.
pub(super) const WORDS: [&str; 8] = [
    "initial", "next", "end", "endless", "on", "after", "enter", "exit",
];

const ALL: [&str; 13] = [
    "fsm", "initial", "next", "end", "endless", "on", "after", "enter", "exit", "delay",
    "start_at", "name", "crate",
];

const NO_TIME: Zero = Zero::Rejected(
    "a time of zero is over at once: write one such as \"10s\", or leave out `after`",
);

/// The words read so far.
#[derive(Default)]
struct Found {
    state: Option<State>,
    /// The first trigger, and its word.
    trigger: Option<(&'static str, Trigger)>,
    initial: Option<Initial>,
    next: Vec<State>,
    has_next: bool,
    end: Option<Span>,
    endless: Option<Entry>,
    delay: Option<DurationValue>,
    start_at: Option<InstantValue>,
    /// `delay` or `start_at`, for what is said of them.
    begins: Option<Entry>,
    name: Option<LitStr>,
    name_entry: Option<Entry>,
    krate: Option<CratePath>,
    seen: Vec<String>,
}

pub(crate) fn read(entries: &[Entry], diag: &mut Diag) -> MarkerArgs {
    let mark = diag.mark();
    let mut found = Found::default();
    for entry in entries {
        found.option(entry, diag);
    }
    if diag.clean_since(mark) {
        found.together(entries, diag);
    }
    let Found {
        state,
        trigger,
        initial,
        next,
        end,
        endless,
        delay,
        start_at,
        name,
        krate,
        ..
    } = found;
    let state_fn = match state {
        Some(state) if diag.clean_since(mark) => Some(StateFn {
            state,
            trigger: trigger.map_or(Trigger::Begin, |(_, trigger)| trigger),
            initial,
            next,
            end,
            endless: endless.is_some(),
            delay,
            start_at,
            machine: String::new(),
        }),
        _ => None,
    };
    MarkerArgs {
        kind: state_fn.map(|state_fn| HandlerKind::State(Box::new(state_fn))),
        name,
        krate,
    }
}

impl Found {
    fn option(&mut self, entry: &Entry, diag: &mut Diag) {
        let key = entry.key.text.as_str();
        if !ALL.contains(&key) {
            self.unknown(entry, diag);
            return;
        }
        if !once(entry, &mut self.seen, diag) {
            return;
        }
        match key {
            "fsm" => self.state = the_state(entry, diag),
            "initial" => {
                let value = match &entry.value {
                    Value::Expr(value) => Some(value.clone()),
                    _ if entry.word(diag) => None,
                    _ => return,
                };
                self.initial = Some(Initial {
                    span: entry.key.span,
                    value,
                });
            }
            "next" => {
                self.has_next = true;
                if let Some(list) = entry.list("next(Other)", diag) {
                    self.next = states(list, entry, diag);
                }
            }
            "end" if entry.word(diag) => self.end = Some(entry.key.span),
            "endless" if entry.word(diag) => self.endless = Some(entry.clone()),
            "on" => {
                if let Some(list) = entry.list("on(performative = \"propose\")", diag) {
                    let mark = diag.mark();
                    let source = list.clone();
                    let template = template(list, diag);
                    if diag.clean_since(mark) {
                        crate::check::overlap::possible(&template, entry, diag);
                    }
                    self.trigger("on", Trigger::On(template, source), entry, diag);
                }
            }
            "after" => {
                if let Some(time) = duration(entry, NO_TIME, diag) {
                    self.trigger("after", Trigger::After(time), entry, diag);
                }
            }
            "enter" if entry.word(diag) => self.trigger("enter", Trigger::Enter, entry, diag),
            "exit" if entry.word(diag) => self.trigger("exit", Trigger::Exit, entry, diag),
            "delay" => {
                self.delay = duration(entry, Zero::Allowed, diag);
                self.begins(entry, diag);
            }
            "start_at" => {
                self.start_at = instant(entry, diag);
                self.begins(entry, diag);
            }
            "name" => {
                self.name = entry.text("name = \"purchase\"", diag);
                self.name_entry = Some(entry.clone());
            }
            "crate" => self.krate = CratePath::from_entry(entry, diag),
            _ => {}
        }
    }

    fn begins(&mut self, entry: &Entry, diag: &mut Diag) {
        if self.begins.is_some() {
            delay_or_start(entry, diag);
        }
        self.begins = Some(entry.clone());
    }

    fn trigger(&mut self, word: &'static str, trigger: Trigger, entry: &Entry, diag: &mut Diag) {
        if let Some((first, _)) = &self.trigger {
            diag.on(
                entry,
                format_args!("a function of a state runs at one occasion, and this one at `{first}`: remove either, or write a second fn"),
            );
            return;
        }
        self.trigger = Some((word, trigger));
    }

    fn unknown(&self, entry: &Entry, diag: &mut Diag) {
        let word = entry.key.dashed.as_deref().unwrap_or(&entry.key.text);
        if ["one_shot", "cyclic", "periodic", "timeout"].contains(&word) {
            diag.on(
                entry,
                format_args!("a behaviour has one kind, and this one is `fsm`: remove either, or write a second fn"),
            );
            return;
        }
        if word == "receives" || crate::vocabulary::template_keys().any(|key| key == entry.key.text)
        {
            diag.on(
                entry,
                "a function of a state says in `on(…)` which messages it takes: write `on(performative = \"propose\")`",
            );
            return;
        }
        diag.on(
            entry,
            format_args!(
                "unknown option `{word}` of a function of a state{}\nthe options are: initial, next, end, endless, on, after, enter, exit, delay, start_at, name",
                did_you_mean(word, ALL)
            ),
        );
    }

    /// What does not go with what else is said.
    fn together(&self, entries: &[Entry], diag: &mut Diag) {
        let word = self.trigger.as_ref().map(|(word, _)| *word);
        let leads = self.has_next || self.end.is_some();
        if let Some(word @ ("enter" | "exit")) = word {
            let extra = entries.iter().find(|entry| {
                let key = entry.key.text.as_str();
                !["fsm", "enter", "exit", "crate"].contains(&key)
            });
            if let Some(extra) = extra {
                diag.on(
                    extra,
                    format_args!("a function with `{word}` only looks on: leave this to the functions that run in the state"),
                );
            }
            return;
        }
        if !leads && word != Some("on") {
            let fsm = entries.iter().find(|entry| entry.key.text == "fsm");
            let tokens: TokenStream = fsm.map(ToTokens::to_token_stream).unwrap_or_default();
            diag.on(
                &tokens,
                "say where this leads: `next(Other)` beside it, or `end` if the machine ends here",
            );
        }
        if self.initial.is_none() {
            let only = [
                self.begins.as_ref(),
                self.endless.as_ref(),
                self.name_entry.as_ref(),
            ];
            for entry in only.into_iter().flatten() {
                diag.on(
                    entry,
                    format_args!(
                        "`{}` is for the whole machine: write it beside `initial`",
                        entry.key.text
                    ),
                );
            }
        }
    }
}

/// `fsm(State)`
fn the_state(entry: &Entry, diag: &mut Diag) -> Option<State> {
    let mut states = states(entry.list("fsm(Waiting)", diag)?, entry, diag);
    if states.len() > 1 {
        diag.on(
            entry,
            "a function belongs to one state: write a second fn for the other",
        );
    }
    (!states.is_empty()).then(|| states.swap_remove(0))
}

/// A list of types, at least one.
fn states(list: TokenStream, entry: &Entry, diag: &mut Diag) -> Vec<State> {
    let key = &entry.key.text;
    let types = match Punctuated::<Type, Token![,]>::parse_terminated.parse2(list) {
        Ok(types) => types,
        Err(error) => {
            diag.add(error);
            return Vec::new();
        }
    };
    if types.is_empty() {
        diag.on(
            entry,
            format_args!("`{key}()` is empty: a state is a type, write `{key}(Waiting)`"),
        );
    }
    let mut states: Vec<State> = Vec::new();
    for ty in types {
        let name = tidy(&ty);
        if !matches!(ty, Type::Path(_)) {
            diag.at(
                ty.span(),
                format_args!(
                    "`{name}` is not the name of a state: a state is a struct or an enum of its own"
                ),
            );
        } else if states.iter().any(|state| state.name == name) {
            diag.at(
                ty.span(),
                format_args!("`{name}` stands here twice: remove one of them"),
            );
        } else {
            states.push(State { ty, name });
        }
    }
    states
}
