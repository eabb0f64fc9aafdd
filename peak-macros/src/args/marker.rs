//! What markers have in common: how each is read, and the options of those that hear of messages or news.

use super::entries::{Entry, entries, of_attribute, once};
use crate::diag::Diag;
use crate::input::attr::Attr;
use crate::model::HandlerKind;
use crate::paths::CratePath;
use proc_macro2::TokenStream;
use syn::LitStr;

/// What a marker says; `kind` is `None` if the function cannot be registered.
#[derive(Debug, Default)]
pub(crate) struct MarkerArgs {
    pub(crate) kind: Option<HandlerKind>,
    pub(crate) name: Option<LitStr>,
    pub(crate) krate: Option<CratePath>,
}

/// The options that `#[on_message(…)]`, `#[on_presence(…)]` and `#[on_connection(…)]` share.
#[derive(Debug, Default)]
pub(super) struct Common {
    pub(super) observe: bool,
    name: Option<LitStr>,
    krate: Option<CratePath>,
    seen: Vec<String>,
}

impl Common {
    /// Reads the entry if it is one of these options; `false` leaves it to the marker.
    ///
    /// Quotes around the key make no difference here: a marker that minds them looks first.
    pub(super) fn take(&mut self, entry: &Entry, diag: &mut Diag) -> bool {
        match entry.key.text.as_str() {
            "observe" if self.once(entry, diag) => self.observe = entry.word(diag),
            "name" if self.once(entry, diag) => {
                self.name = entry.text("name = \"learn\"", diag);
            }
            "crate" if self.once(entry, diag) => {
                self.krate = CratePath::from_entry(entry, diag);
            }
            "observe" | "name" | "crate" => {}
            _ => return false,
        }
        true
    }

    /// Whether an option of the marker's own stands here for the first time; the second is reported.
    pub(super) fn once(&mut self, entry: &Entry, diag: &mut Diag) -> bool {
        once(entry, &mut self.seen, diag)
    }

    /// All that the marker says, with what it has found itself.
    pub(super) fn of(self, kind: Option<HandlerKind>) -> MarkerArgs {
        MarkerArgs {
            kind,
            name: self.name,
            krate: self.krate,
        }
    }
}

/// The options of a marker, after what errors about all of them point at: where there are none, the marker.
pub(super) fn options(attr: &Attr, diag: &mut Diag) -> Option<(TokenStream, Vec<Entry>)> {
    let tokens = of_attribute(attr, diag)?;
    let source = if tokens.is_empty() {
        attr.path.clone()
    } else {
        tokens.clone()
    };
    Some((source, entries(tokens, diag)))
}
