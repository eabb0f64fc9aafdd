//! `#[agent] impl`: the block itself, and the wiring beside it.

use super::handler::registration;
use super::parts::Callee;
use super::{hidden_type, local};
use crate::model::AgentImpl;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

/// The implementation of the trait that the runtime knows an agent by.
///
/// Every handler is registered in a function of its own: the compiler checks functions one by one,
/// and would otherwise report, say, the first future that is not `Send` and keep the others for
/// later. They are the methods of a trait that nobody else sees.
pub(crate) fn wiring(model: &AgentImpl) -> TokenStream {
    let AgentImpl {
        krate,
        cfg,
        generics,
        self_ty,
        handlers,
        adopted,
        plays,
    } = model;
    let bounded = super::agent_generics(generics);
    let (impl_generics, _, where_clause) = bounded.split_for_impl();
    let wiring = local("wiring");
    let parts = hidden_type("Parts");
    let parameter = quote!(#wiring: &mut #krate::__private::Wiring<Self>);
    let names: Vec<Ident> = (0..handlers.len())
        .map(|index| local(&format!("part{index}")))
        .collect();
    let attrs: Vec<_> = handlers.iter().map(|handler| &handler.attrs).collect();
    let bodies = handlers.iter().map(|handler| {
        let name = &handler.ident;
        let (agent, function) = (quote!(Self), quote!(Self::#name));
        let callee = Callee {
            krate,
            agent: &agent,
            function: &function,
        };
        registration(callee, &wiring, handler)
    });
    let adopted = adopted.iter().map(|path| {
        // The whole call stands where the path does, in the user's own words, so that a function
        // that is no behaviour, or one for another agent, is the user's to see.
        quote_spanned!(last_span(path)=> #wiring.add(#path());)
    });
    let (listings, parts_played): (Vec<_>, Vec<_>) = plays
        .iter()
        .map(|part| {
            let module = Ident::new(part.protocol.name, part.span);
            let span = super::hidden_at(part.span);
            let only = match &part.only {
                None => quote!(::core::option::Option::None),
                Some(only) => {
                    let only = super::template::template(krate, only);
                    quote!(::core::option::Option::Some(#only))
                }
            };
            let listing = quote_spanned! {span=>
                #[automatically_derived]
                impl #impl_generics #krate::protocol::#module::Listed for #self_ty #where_clause {}
            };
            let played = quote_spanned! {span=>
                #krate::protocol::#module::play::<Self>(#wiring, #only);
            };
            (listing, played)
        })
        .unzip();
    // The head of the impl stands where the user's type does: two impls, or a struct without
    // `#[agent]`, are errors there.
    let head = quote_spanned! {super::hidden_at(self_ty.span())=>
        impl #impl_generics #krate::__private::AllHandlersStandInOneAgentImpl for
    };
    let parts_impl = (!handlers.is_empty()).then(|| {
        quote! {
            trait #parts: ::core::marker::Sized {
                #(#(#attrs)* fn #names(#parameter);)*
            }
            #[automatically_derived]
            #[allow(deprecated, reason = "a handler may be deprecated; the agent still calls it")]
            impl #impl_generics #parts for #self_ty #where_clause {
                #(#(#attrs)* fn #names(#parameter) { #bodies })*
            }
        }
    });
    let ways = super::state::ways(krate, handlers);
    quote! {
        #(#cfg)*
        const _: () = {
            #ways
            #parts_impl
            #(#listings)*
            #[automatically_derived]
            #head #self_ty #where_clause {
                fn wiring(#parameter) {
                    #(#(#attrs)* <Self as #parts>::#names(#wiring);)*
                    #(#adopted)*
                    #(#parts_played)*
                }
            }
        };
    }
}

/// The span of the last token.
fn last_span(tokens: &impl ToTokens) -> Span {
    let last = tokens.to_token_stream().into_iter().last();
    last.map_or_else(Span::call_site, |tree| tree.span())
}
