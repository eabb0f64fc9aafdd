//! A `struct` under `#[agent]`.

use super::attr::{Attr, cfgs, doc};
use crate::args::agent::StructArgs;
use crate::args::param::ParamArgs;
use crate::diag::Diag;
use crate::fallback::without;
use crate::model::{AgentStruct, Field, Param};
use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::{Fields, GenericParam, Generics, ItemStruct, Type, WherePredicate};

/// What a struct says about the agent.
#[derive(Debug)]
pub(crate) struct StructInput {
    /// The struct without our attributes.
    pub(crate) item: ItemStruct,
    pub(crate) model: AgentStruct,
}

/// Reads the struct; `None` if it is not one that the compiler itself would accept.
pub(crate) fn read(args: StructArgs, tokens: TokenStream, diag: &mut Diag) -> Option<StructInput> {
    let mut item: ItemStruct = match syn::parse2(tokens) {
        Ok(item) => item,
        Err(error) => {
            diag.add(error);
            return None;
        }
    };
    owned(&item.generics, "struct", diag);
    let mut fields = Vec::new();
    match &mut item.fields {
        Fields::Named(named) => {
            for field in &mut named.named {
                fields.extend(read_field(field, diag));
            }
        }
        Fields::Unnamed(unnamed) => {
            diag.on(
                &unnamed,
                format_args!(
                    "an agent's fields have names, which are also those of its parameters: write `struct {} {{ target: f64 }}`",
                    item.ident
                ),
            );
            for field in &mut unnamed.unnamed {
                field.attrs.retain(|attr| !is_param(attr));
            }
        }
        Fields::Unit => {}
    }
    repeated(&fields, diag);
    let attrs = attrs_of(&item.attrs);
    let model = AgentStruct {
        krate: args.krate,
        name: args.name.unwrap_or_else(|| item.ident.unraw().to_string()),
        doc: doc(&attrs),
        cfg: cfgs(&attrs),
        ident: item.ident.clone(),
        generics: item.generics.clone(),
        fields: fields.into_iter().map(|(field, _)| field).collect(),
    };
    Some(StructInput { item, model })
}

/// An agent outlives every borrow, and moves between threads.
pub(crate) fn owned(generics: &Generics, place: &str, diag: &mut Diag) {
    for param in &generics.params {
        match param {
            GenericParam::Lifetime(lifetime) => diag.on(
                lifetime,
                format_args!("an agent owns its state, so its {place} has no lifetimes: keep a `String`, an `Arc` or another owned value"),
            ),
            // A bound may imply what is needed; without any, nothing does.
            GenericParam::Type(param) if param.bounds.is_empty() && !is_bounded(generics, &param.ident) => diag.on(
                param,
                format_args!("an agent owns its state and may run on any thread: write `{}: Send + 'static`", param.ident),
            ),
            GenericParam::Type(_) | GenericParam::Const(_) => {}
        }
    }
}

/// Whether the where clause says something about this parameter.
fn is_bounded(generics: &Generics, ident: &Ident) -> bool {
    generics
        .where_clause
        .iter()
        .flat_map(|clause| &clause.predicates)
        .any(|predicate| match predicate {
            WherePredicate::Type(predicate) => {
                matches!(&predicate.bounded_ty, Type::Path(path) if path.path.is_ident(ident))
            }
            _ => false,
        })
}

fn is_param(attr: &syn::Attribute) -> bool {
    attr.path()
        .segments
        .last()
        .is_some_and(|segment| segment.ident == "param")
}

fn attrs_of(attrs: &[syn::Attribute]) -> Vec<Attr> {
    let tokens = attrs.iter().map(ToTokens::to_token_stream).collect();
    // Printed from parsed attributes: reading them again cannot fail.
    Attr::outer.parse2(tokens).unwrap_or_default()
}

/// A field, and the tokens that an error about its parameter points at.
fn read_field(field: &mut syn::Field, diag: &mut Diag) -> Option<(Field, TokenStream)> {
    let attrs = attrs_of(&field.attrs);
    field.attrs.retain(|attr| !is_param(attr));
    let ident = field.ident.clone()?;
    let mut params = attrs.iter().filter(|attr| attr.name == "param");
    let first = params.next();
    for extra in params {
        diag.on(
            &extra.tokens,
            "`#[param]` is given twice: write its options in one of them",
        );
    }
    if let Some(hidden) = attrs.iter().find(|attr| attr.hides("param")) {
        diag.on(
            &hidden.tokens,
            "`cfg_attr` cannot carry `#[param]`: write `#[cfg(…)]` on two fields, one with it and one without",
        );
    }
    let param = first.map(|attr| {
        let args = ParamArgs::read(attr, &field.ty, diag);
        Param {
            name: args.name.unwrap_or_else(|| ident.unraw().to_string()),
            doc: doc(&attrs),
            default: args.default,
            looping: args.looping,
        }
    });
    let place = first.map_or_else(|| ident.to_token_stream(), |attr| attr.tokens.clone());
    Some((
        Field {
            ident,
            ty: field.ty.clone(),
            cfg: cfgs(&attrs),
            param,
        },
        place,
    ))
}

fn repeated(fields: &[(Field, TokenStream)], diag: &mut Diag) {
    for (index, (field, place)) in fields.iter().enumerate() {
        let Some(param) = &field.param else { continue };
        let earlier = fields[..index].iter().find(|(other, _)| {
            // Fields under different conditions may well share a name.
            other.cfg.is_empty() == field.cfg.is_empty()
                && field.cfg.is_empty()
                && other
                    .param
                    .as_ref()
                    .is_some_and(|other| other.name == param.name)
                && other.ident != field.ident
        });
        if let Some((other, _)) = earlier {
            diag.on(
                place,
                format_args!(
                    "the parameter `{}` is already the field `{}`: give one of them another name",
                    param.name, other.ident
                ),
            );
        }
    }
}

/// The item with every `#[param…]` cut out, for items that cannot be an agent.
pub(crate) fn without_params(tokens: TokenStream) -> TokenStream {
    without(tokens, &|attr| attr.name == "param")
}
