//! The options of `#[param]` on a field.

use super::entries::{Value, entries, of_attribute, once, string};
use super::time::{Zero, check_duration, is_duration};
use crate::diag::{Diag, did_you_mean};
use crate::input::attr::Attr;
use crate::model::ParamDefault;
use syn::Type;

/// What `#[param(…)]` says.
#[derive(Debug)]
pub(crate) struct ParamArgs {
    pub(crate) name: Option<String>,
    pub(crate) default: ParamDefault,
}

impl ParamArgs {
    pub(crate) fn read(attr: &Attr, ty: &Type, diag: &mut Diag) -> Self {
        let mut args = Self {
            name: None,
            default: ParamDefault::Required,
        };
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
                "default" | "name" => {}
                word => diag.on(
                    &entry,
                    format_args!(
                        "unknown option `{word}` of `#[param]`{}\nthe options are: default, name",
                        did_you_mean(word, ["default", "name"])
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
    // Any other type reads its text when the agent starts; this one we can read now.
    if is_duration(ty)
        && let Err(message) = check_duration(&text.value(), Zero::Allowed)
    {
        diag.on(text, message);
    }
    ParamDefault::Text(text.clone())
}
