//! The options of `#[behaviour(…)]`.

use super::entries::{Entry, entries, of_attribute, once};
use super::marker::MarkerArgs;
use super::template::template;
use super::time::{Zero, delay_or_start, duration, instant};
use crate::diag::{Diag, did_you_mean, nearest};
use crate::input::attr::Attr;
use crate::model::{Behaviour, HandlerKind, Receiver, Schedule};
use crate::paths::CratePath;
use syn::LitStr;

/// The words that say when a behaviour runs; each needs one of them.
const KIND_WORDS: [&str; 4] = ["one_shot", "cyclic", "periodic", "timeout"];
const KINDS: &str = "one_shot, cyclic, periodic = \"5s\", timeout = \"10s\", fsm(State)";
const WORDS: [&str; 10] = [
    "one_shot", "cyclic", "periodic", "timeout", "delay", "start_at", "receives", "blocking",
    "name", "crate",
];
const NO_PERIOD: Zero = Zero::Rejected(
    "a period of zero would leave the agent no time for anything else: write one such as \"5s\", or use `cyclic`",
);
const NO_TIMEOUT: Zero = Zero::Rejected(
    "a timeout of zero is over at once: write one such as \"10s\", or use `one_shot`",
);

/// The words read so far.
#[derive(Default)]
struct Found {
    /// The first kind, by its word.
    kind: Option<String>,
    schedule: Option<Schedule>,
    delay: Option<crate::model::DurationValue>,
    /// The entries themselves, for the rules between them.
    delay_entry: Option<Entry>,
    start_at: Option<crate::model::InstantValue>,
    receives: Option<crate::model::template::Template>,
    blocking: bool,
    name: Option<LitStr>,
    krate: Option<CratePath>,
    seen: Vec<String>,
}

pub(crate) fn read(attr: &Attr, receiver: Receiver, diag: &mut Diag) -> MarkerArgs {
    let mark = diag.mark();
    let mut found = Found::default();
    if let Some(tokens) = of_attribute(attr, diag) {
        let entries = entries(tokens, diag);
        if entries.iter().any(|entry| entry.key.text == "fsm") {
            return super::state::read(&entries, diag);
        }
        for entry in entries {
            found.option(&entry, receiver, diag);
        }
        if found.kind.is_none() {
            no_kind(attr, diag);
        }
    }
    let Found {
        schedule,
        delay,
        start_at,
        receives,
        blocking,
        name,
        krate,
        ..
    } = found;
    let behaviour = match schedule {
        Some(schedule) if diag.clean_since(mark) => Some(Behaviour {
            schedule,
            delay,
            start_at,
            receives,
            blocking,
        }),
        _ => None,
    };
    MarkerArgs {
        kind: behaviour.map(HandlerKind::Behaviour),
        name,
        krate,
    }
}

fn no_kind(attr: &Attr, diag: &mut Diag) {
    diag.on(
        &attr.tokens,
        format_args!("a behaviour has a kind: write for example `#[behaviour(periodic = \"5s\")]`\nthe kinds are: {KINDS}"),
    );
}

impl Found {
    fn option(&mut self, entry: &Entry, receiver: Receiver, diag: &mut Diag) {
        let key = entry.key.text.as_str();
        match key {
            "one_shot" | "cyclic" | "periodic" | "timeout" => self.kind(entry, diag),
            "delay" if once(entry, &mut self.seen, diag) => {
                self.delay = duration(entry, Zero::Allowed, diag);
                if self.seen.iter().any(|word| word == "start_at") {
                    delay_or_start(entry, diag);
                }
                self.delay_entry = Some(entry.clone());
            }
            "start_at" if once(entry, &mut self.seen, diag) => {
                self.start_at = instant(entry, diag);
                if self.delay_entry.is_some() {
                    delay_or_start(entry, diag);
                }
            }
            "receives" if once(entry, &mut self.seen, diag) => self.receives(entry, receiver, diag),
            "blocking" if once(entry, &mut self.seen, diag) => self.blocking(entry, receiver, diag),
            "name" if once(entry, &mut self.seen, diag) => {
                self.name = entry.text("name = \"sample\"", diag);
            }
            "crate" if once(entry, &mut self.seen, diag) => {
                self.krate = CratePath::from_entry(entry, diag);
            }
            "delay" | "start_at" | "receives" | "blocking" | "name" | "crate" => {}
            _ => self.unknown(entry, diag),
        }
    }

    fn unknown(&mut self, entry: &Entry, diag: &mut Diag) {
        let word = entry.key.dashed.as_deref().unwrap_or(&entry.key.text);
        if crate::vocabulary::template_keys().any(|key| key == entry.key.text) {
            diag.on(
            entry,
            format_args!("`{word}` describes messages: write `receives({word} …)`, or use `#[on_message({word} …)]`"),
        );
            return;
        }
        if super::state::WORDS.contains(&word) {
            self.kind.get_or_insert_with(|| word.to_owned());
            diag.on(
                entry,
                format_args!("`{word}` is for a function of a state: write `fsm(STATE)` beside it"),
            );
            return;
        }
        if nearest(word, WORDS).is_some_and(|meant| KIND_WORDS.contains(&meant)) {
            // A kind was meant: its absence is not a second mistake.
            self.kind.get_or_insert_with(|| word.to_owned());
        }
        diag.on(
        entry,
        format_args!(
            "unknown option `{word}` of `#[behaviour]`{}\nthe kinds are: {KINDS}; the options: delay, start_at, receives, blocking, name",
            did_you_mean(word, WORDS)
        ),
    );
    }

    fn kind(&mut self, entry: &Entry, diag: &mut Diag) {
        let key = entry.key.text.as_str();
        if let Some(first) = &self.kind {
            if first == key {
                diag.on(
                    entry,
                    format_args!("`{key}` is given twice: remove one of them"),
                );
            } else {
                diag.on(
                    entry,
                    format_args!("a behaviour has one kind, and this one is `{first}`: remove either, or write a second fn"),
                );
            }
            return;
        }
        self.kind = Some(key.to_owned());
        self.schedule = match key {
            "one_shot" => entry.word(diag).then_some(Schedule::OneShot),
            "cyclic" => entry.word(diag).then_some(Schedule::Cyclic),
            "periodic" => duration(entry, NO_PERIOD, diag).map(Schedule::Periodic),
            _ => duration(entry, NO_TIMEOUT, diag).map(Schedule::Timeout),
        };
    }

    fn blocking(&mut self, entry: &Entry, receiver: Receiver, diag: &mut Diag) {
        self.blocking = entry.word(diag);
        if receiver != Receiver::None {
            diag.on(
                entry,
                "a blocking behaviour runs on a thread of its own, where the agent's state is not: remove `self` and take \
                 `ctx: Context<Self>`; `ctx.block_on(ctx.with(|me| …))` reaches the state",
            );
        }
    }

    fn receives(&mut self, entry: &Entry, receiver: Receiver, diag: &mut Diag) {
        if receiver != Receiver::None {
            diag.on(
                entry,
                "a behaviour with `self` has no mailbox of its own: remove `self` and take `ctx: Context<Self>`, or \
                 handle these messages in a fn with `#[on_message(…)]`",
            );
            return;
        }
        let Some(tokens) = entry.list("receives(performative = \"propose\")", diag) else {
            return;
        };
        let mark = diag.mark();
        let template = template(tokens, diag);
        if diag.clean_since(mark) {
            crate::check::overlap::possible(&template, entry, diag);
        }
        self.receives = Some(template);
    }
}
