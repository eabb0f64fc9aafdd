//! `#[agent] struct`: how an agent is made from its parameters.

use super::{agent_generics, hidden_at, local};
use crate::model::{AgentStruct, Field, Param, ParamDefault};
use crate::paths::CratePath;
use crate::types::{option_of, tidy};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

/// The implementation of `AgentStruct`, and the entry in the registry: a generic type has none, for
/// nobody could say there which one is meant.
///
/// With `build` false the struct had mistakes: the type is still an agent, so that nothing else
/// complains, but its constructor is never reached.
pub(crate) fn agent_struct(model: &AgentStruct, build: bool) -> TokenStream {
    let AgentStruct {
        krate,
        ident,
        name,
        doc,
        cfg,
        generics,
        fields,
    } = model;
    let (_, ty_generics, _) = generics.split_for_impl();
    let bounded = agent_generics(generics);
    let (impl_generics, _, where_clause) = bounded.split_for_impl();
    let params = local("params");
    let from_params = if build {
        construction(model, &params)
    } else {
        quote! {
            _ = #params;
            ::core::unreachable!("this program did not compile")
        }
    };
    let specs = fields
        .iter()
        .filter_map(|field| Some(spec(model, field, field.param.as_ref()?)));
    // A type without an `#[agent] impl` is an error here, at its name.
    let register = generics.params.is_empty().then(|| {
        let span = hidden_at(ident.span());
        let krate = krate.at(span);
        quote_spanned! {span=>
            #(#cfg)*
            #krate::__private::register!(#ident);
        }
    });
    quote! {
        #(#cfg)*
        #[automatically_derived]
        #[allow(deprecated, reason = "a field may be deprecated; the agent still has it")]
        impl #impl_generics #krate::__private::AgentStruct for #ident #ty_generics #where_clause {
            const NAME: &'static str = #name;
            const DOC: &'static str = #doc;
            const FILE: &'static str = ::core::file!();
            const PARAMS: &'static [#krate::__private::ParamSpec] = &[#(#specs),*];

            fn from_params(
                mut #params: #krate::__private::Params<'_>,
            ) -> ::core::result::Result<Self, #krate::__private::ParamErrors> {
                #from_params
            }
        }
        #register
    }
}

fn spec(model: &AgentStruct, field: &Field, param: &Param) -> TokenStream {
    let krate = &model.krate;
    let cfg = &field.cfg;
    let Param {
        name, doc, default, ..
    } = param;
    let ty = tidy(&field.ty);
    let default = match default {
        ParamDefault::Required => quote!(::core::option::Option::None),
        ParamDefault::Type => quote!(::core::option::Option::Some("Default::default()")),
        ParamDefault::Text(text) => {
            let text = text.value();
            quote!(::core::option::Option::Some(#text))
        }
        ParamDefault::Expr(expr) => {
            let text = expr.to_token_stream().to_string();
            quote!(::core::option::Option::Some(#text))
        }
    };
    let kind = kind(krate, &field.ty);
    quote! {
        #(#cfg)*
        #krate::__private::ParamSpec {
            name: #name,
            doc: #doc,
            ty: #ty,
            default: #default,
            kind: #kind,
        }
    }
}

/// What kind of value a type is, which the runtime knows of the types that everybody knows.
fn kind(krate: &CratePath, ty: &Type) -> TokenStream {
    match option_of(ty) {
        Some(inner) => {
            let inner = kind(krate, inner);
            quote!(#krate::__private::ParamKind::Optional(&#inner))
        }
        None => quote!({
            #[allow(unused_imports)]
            use #krate::__private::AnyKind as _;
            #krate::__private::Probe::<#ty>::KIND
        }),
    }
}

/// Reads every parameter first, so that all that is wrong is reported together; then builds.
fn construction(model: &AgentStruct, params: &Ident) -> TokenStream {
    let reads = model
        .fields
        .iter()
        .filter_map(|field| Some(read(model, field, field.param.as_ref()?, params)));
    let values = model.fields.iter().map(|field| {
        let (krate, cfg, ident, ty) = (&model.krate, &field.cfg, &field.ident, &field.ty);
        let value = match field.param {
            Some(_) => {
                let value = holder(ident);
                quote!(#value?)
            }
            None => quote_spanned!(hidden_at(ty.span())=> #krate::__private::initial::<#ty>()),
        };
        quote!(#(#cfg)* #ident: #value)
    });
    quote! {
        #(#reads)*
        #params.finish(move || ::core::option::Option::Some(Self { #(#values),* }))
    }
}

fn read(model: &AgentStruct, field: &Field, param: &Param, params: &Ident) -> TokenStream {
    let (cfg, ty, name) = (&field.cfg, &field.ty, &param.name);
    let value = holder(&field.ident);
    let span = hidden_at(ty.span());
    let call = match &param.default {
        ParamDefault::Required => quote_spanned!(span=> #params.required::<#ty>(#name)),
        ParamDefault::Type => {
            let krate = &model.krate;
            quote_spanned!(span=> #params.or_else::<#ty>(#name, #krate::__private::initial::<#ty>))
        }
        ParamDefault::Text(text) => quote_spanned!(span=> #params.or_text::<#ty>(#name, #text)),
        ParamDefault::Expr(expr) => quote_spanned!(span=> #params.or_else::<#ty>(#name, || #expr)),
    };
    let looping = param
        .looping
        .then(|| quote!(#(#cfg)* #params.looping(#name);));
    quote!(#looping #(#cfg)* let #value = #call;)
}

fn holder(field: &Ident) -> Ident {
    format_ident!(
        "__peak_field_{}",
        field,
        span = proc_macro2::Span::mixed_site()
    )
}
