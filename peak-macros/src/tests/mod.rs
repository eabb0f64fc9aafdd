//! The stages on token streams, without a compiler around them.

mod expansion;
mod messages;
mod resilience;
mod sets;

use crate::stages;
use crate::vocabulary::MarkerKind;
use proc_macro2::{TokenStream, TokenTree};

/// Tokens from source text. The text is the tests' own.
fn tokens(source: &str) -> TokenStream {
    source
        .parse()
        .expect("the source of a test has matching delimiters")
}

fn agent(args: &str, item: &str) -> TokenStream {
    stages::agent(tokens(args), tokens(item))
}

fn behaviour(args: &str, item: &str) -> TokenStream {
    stages::marker(MarkerKind::Behaviour, &tokens(args), tokens(item))
}

fn on_message(args: &str, item: &str) -> TokenStream {
    stages::marker(MarkerKind::OnMessage, &tokens(args), tokens(item))
}

fn on_presence(args: &str, item: &str) -> TokenStream {
    stages::marker(MarkerKind::OnPresence, &tokens(args), tokens(item))
}

/// The texts of the `compile_error!`s in an expansion.
fn errors(output: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let mut trees = output.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Ident(word) if word == "compile_error" => {
                trees.next();
                if let Some(TokenTree::Group(text)) = trees.next() {
                    let text: syn::LitStr = syn::parse2(text.stream()).expect("a message");
                    found.push(text.value());
                }
            }
            TokenTree::Group(group) => found.extend(errors(group.stream())),
            _ => {}
        }
    }
    found
}

/// The output as people would write it; panics unless it is Rust.
fn pretty(output: &TokenStream) -> String {
    match syn::parse2::<syn::File>(output.clone()) {
        Ok(file) => prettyplease::unparse(&file),
        Err(error) => panic!("{error}: the expansion does not parse:\n{output}"),
    }
}
