//! `mas!("mas.yaml")`: a deployment file, checked by the compiler.
//!
//! [`read`] takes it to pieces, as the command line does, and notes what is wrong with its form.
//! [`model`] is what only the types of its agents can judge, and [`expand`] asks them, in constants.

mod expand;
mod model;
mod read;

use crate::diag::Diag;
use crate::paths::CratePath;
use peak_shared::mas::MAX_BYTES;
use peak_shared::problem::Problems;
use proc_macro2::TokenStream;
use quote::quote;
use std::path::{Path, PathBuf};
use syn::LitStr;
use syn::parse::{Parse, ParseStream};

/// `mas_impl!(crate path; "path")`
pub(crate) fn mas(krate: &CratePath, path: TokenStream) -> TokenStream {
    let mut diag = Diag::new();
    let output = match syn::parse2::<Argument>(path) {
        Ok(Argument(path)) => deployment(krate, &path, &mut diag),
        Err(error) => {
            diag.add(error);
            None
        }
    };
    if diag.is_clean()
        && let Some(output) = output
    {
        return output;
    }
    // Still of the type that the user expects, so that nothing else complains.
    let errors = diag.into_tokens();
    quote!({ #errors #krate::Deployment::__checked("", "") })
}

/// The one argument: a path as a string.
struct Argument(LitStr);

impl Parse for Argument {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        const FORM: &str = "write the path of a deployment file, from the folder of Cargo.toml: \
                            `mas!(\"mas.yaml\")`";
        if input.is_empty() {
            return Err(syn::Error::new(input.span(), FORM));
        }
        let path = input
            .parse::<LitStr>()
            .map_err(|error| syn::Error::new(error.span(), FORM))?;
        let _: Option<syn::Token![,]> = input.parse()?;
        if !input.is_empty() {
            return Err(input.error("`mas!` takes one path and nothing else"));
        }
        Ok(Self(path))
    }
}

fn deployment(krate: &CratePath, path: &LitStr, diag: &mut Diag) -> Option<TokenStream> {
    let name = path.value();
    let bytes = match place(&name).and_then(|place| bytes(&name, &place)) {
        Ok(bytes) => bytes,
        Err(error) => {
            diag.on(path, error);
            return None;
        }
    };
    let mut problems = Problems::of(name);
    let system = read::system(&bytes, path, &mut problems);
    for problem in problems.each_in_full() {
        diag.on(path, problem);
    }
    Some(expand::deployment(krate, &system?))
}

/// Where the file is.
fn place(name: &str) -> Result<PathBuf, String> {
    // Cargo says it, and whoever else calls the compiler knows where they are.
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from);
    let place = folder.join(name);
    match place.try_exists() {
        Ok(false) => Err(format!(
            "there is no file `{name}`; the path begins at the folder of Cargo.toml"
        )),
        // What cannot be looked at says why when it is read.
        Ok(true) | Err(_) => Ok(place),
    }
}

fn bytes(name: &str, place: &Path) -> Result<Vec<u8>, String> {
    match peak_shared::mas::bytes(place) {
        Ok(bytes) if bytes.len() as u64 > MAX_BYTES => Err(format!(
            "`{name}` has more than 64 MiB: this is not a deployment file"
        )),
        Ok(bytes) => Ok(bytes),
        Err(error) => Err(format!("`{name}` cannot be read: {error}")),
    }
}

/// What the program embeds: so the compiler also knows that it depends on the file.
fn contents(path: &LitStr) -> TokenStream {
    if Path::new(&path.value()).is_absolute() {
        return quote!(::core::include_str!(#path));
    }
    quote!(::core::include_str!(
        ::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", #path)
    ))
}
