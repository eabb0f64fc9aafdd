//! The options of `#[param]` on a field.

use super::entries::{Value, entries, of_attribute, once, string};
use super::jid::check_jid;
use super::primitive::check_primitive;
use super::time::{Zero, check_duration};
use crate::diag::{Diag, did_you_mean};
use crate::input::attr::Attr;
use crate::model::ParamDefault;
use crate::types::{borrowed, last_word, tidy};
use syn::{Type, TypeReference};

/// What `#[param(…)]` says.
#[derive(Debug)]
pub(crate) struct ParamArgs {
    pub(crate) name: Option<String>,
    pub(crate) default: ParamDefault,
    /// A dataset begins again after its last row, unless the user says otherwise.
    pub(crate) looping: bool,
}

const OPTIONS: [&str; 3] = ["default", "loop", "name"];

impl ParamArgs {
    pub(crate) fn read(attr: &Attr, ty: &Type, diag: &mut Diag) -> Self {
        let mut args = Self {
            name: None,
            default: ParamDefault::Required,
            looping: false,
        };
        if let Some(reference) = borrowed(ty) {
            diag.on(
                reference,
                format_args!("a parameter is owned: write `{}`", owned(reference)),
            );
        }
        let Some(tokens) = of_attribute(attr, diag) else {
            return args;
        };
        let mut seen = Vec::new();
        for entry in entries(tokens, diag) {
            match entry.key.text.as_str() {
                "default" if once(&entry, &mut seen, diag) => match &entry.value {
                    Value::Word => args.default = ParamDefault::Type,
                    Value::Expr(value) => args.default = default(value, ty, diag),
                    Value::List(_) => diag.on(&entry, "write `default` alone, or `default = 21.0`"),
                    Value::Broken => {}
                },
                "name" if once(&entry, &mut seen, diag) => {
                    args.name = entry
                        .text("name = \"target\"", diag)
                        .map(|text| text.value());
                }
                "loop" if once(&entry, &mut seen, diag) && entry.word(diag) => {
                    args.looping = true;
                    if last_word(ty).is_none_or(|word| word != "Dataset") {
                        diag.on(
                            &entry,
                            "`loop` is for a `Dataset`, which begins again after its last row",
                        );
                    }
                }
                "default" | "loop" | "name" => {}
                word => diag.on(
                    &entry,
                    format_args!(
                        "unknown option `{word}` of `#[param]`{}\nthe options are: {}",
                        did_you_mean(word, OPTIONS),
                        OPTIONS.join(", ")
                    ),
                ),
            }
        }
        args
    }
}

fn default(value: &syn::Expr, ty: &Type, diag: &mut Diag) -> ParamDefault {
    let Some(text) = string(value) else {
        return ParamDefault::Expr(Box::new(value.clone()));
    };
    if let Err(message) = check_text(&text.value(), ty) {
        diag.on(text, message);
    }
    ParamDefault::Text(text.clone())
}

/// Reads the text for the types that we know; any other reads its own when the agent starts.
fn check_text(text: &str, ty: &Type) -> Result<(), String> {
    let Some(word) = last_word(ty).map(ToString::to_string) else {
        return Ok(());
    };
    match word.as_str() {
        "Duration" => check_duration(text, Zero::Allowed).map(drop),
        "Jid" => check_jid(text).map(drop),
        word => check_primitive(text, word),
    }
}

/// What owns that which the reference would borrow.
fn owned(reference: &TypeReference) -> String {
    match &*reference.elem {
        Type::Slice(slice) => format!("Vec<{}>", tidy(&slice.elem)),
        inner if last_word(inner).is_some_and(|word| word == "str") => "String".to_owned(),
        inner => tidy(inner),
    }
}
