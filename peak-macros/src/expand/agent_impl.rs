//! `#[agent] impl`: the block itself, and the wiring beside it.

use super::handler::{Callee, registration};
use super::local;
use crate::model::AgentImpl;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

/// The implementation of the trait that the runtime knows an agent by.
pub(crate) fn wiring(model: &AgentImpl) -> TokenStream {
    let AgentImpl {
        krate,
        cfg,
        generics,
        self_ty,
        handlers,
        adopted,
    } = model;
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let wiring = local("wiring");
    let agent = quote!(Self);
    let registrations = handlers.iter().map(|handler| {
        let name = &handler.ident;
        let function = quote!(Self::#name);
        registration(
            Callee {
                krate,
                agent: &agent,
                function: &function,
            },
            &wiring,
            handler,
        )
    });
    let adopted = adopted.iter().map(|path| {
        let span = super::hidden_at(path.span());
        quote_spanned!(span=> #wiring.add(#path());)
    });
    let register = generics.params.is_empty().then(|| {
        quote! {
            #(#cfg)*
            #krate::__private::register!(#self_ty);
        }
    });
    let trait_path = quote_spanned!(super::hidden_at(head_span(self_ty))=> #krate::__private::OneAgentImplPerType);
    quote! {
        #(#cfg)*
        #[automatically_derived]
        #[allow(deprecated, reason = "a handler may be deprecated; the agent still calls it")]
        impl #impl_generics #trait_path for #self_ty #where_clause {
            fn wiring(#wiring: &mut #krate::__private::Wiring<Self>) {
                #(#registrations)*
                #(#adopted)*
            }
        }
        #register
    }
}

/// Where errors about the agent's type as a whole belong.
fn head_span(ty: &Type) -> proc_macro2::Span {
    ty.to_token_stream()
        .into_iter()
        .next()
        .map_or_else(|| ty.span(), |tree| tree.span())
}
