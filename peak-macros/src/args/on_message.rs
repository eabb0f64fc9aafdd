//! The options of `#[on_message(…)]`: a template, `observe` and `name`.

use super::entries::{entries, of_attribute, once};
use super::template::conjunction;
use crate::diag::Diag;
use crate::input::attr::Attr;
use crate::model::OnMessage;
use crate::model::template::Template;
use crate::paths::CratePath;
use quote::ToTokens;
use syn::LitStr;

/// What `#[on_message(…)]` says; `on_message` is `None` if it cannot be registered.
#[derive(Debug)]
pub(crate) struct OnMessageArgs {
    pub(crate) on_message: Option<OnMessage>,
    pub(crate) name: Option<LitStr>,
    pub(crate) krate: Option<CratePath>,
}

impl OnMessageArgs {
    pub(crate) fn read(attr: &Attr, diag: &mut Diag) -> Self {
        let mark = diag.mark();
        let mut args = Self {
            on_message: None,
            name: None,
            krate: None,
        };
        let Some(tokens) = of_attribute(attr, diag) else {
            return args;
        };
        let source = if tokens.is_empty() {
            attr.path.to_token_stream()
        } else {
            tokens.clone()
        };
        let mut observe = false;
        let mut seen = Vec::new();
        let mut conditions = Vec::new();
        for entry in entries(tokens, diag) {
            match entry.key.text.as_str() {
                "observe" if once(&entry, &mut seen, diag) => observe = entry.word(diag),
                "name" if once(&entry, &mut seen, diag) => {
                    args.name = entry.text("name = \"learn\"", diag);
                }
                "crate" if once(&entry, &mut seen, diag) => {
                    args.krate = CratePath::from_entry(&entry, diag);
                }
                "observe" | "name" | "crate" => {}
                _ => conditions.push(entry),
            }
        }
        let template = Template {
            conditions: conjunction(&conditions, &["observe", "name"], diag),
        };
        if diag.clean_since(mark) && crate::check::overlap::possible(&template, &source, diag) {
            args.on_message = Some(OnMessage {
                template,
                observe,
                source,
            });
        }
        args
    }
}
