//! Addresses in attributes, checked as XMPP does.

use crate::diag::Diag;
use jid::{Error, Jid};
use syn::LitStr;

/// Checks a literal JID; the error quotes the part that is wrong.
pub(crate) fn jid(text: &LitStr, diag: &mut Diag) -> Option<Jid> {
    match check_jid(&text.value()) {
        Ok(jid) => Some(jid),
        Err(message) => {
            diag.on(text, message);
            None
        }
    }
}

/// Checks the text of an address; the error quotes what is wrong in it.
pub(crate) fn check_jid(written: &str) -> Result<Jid, String> {
    Jid::new(written)
        .map_err(|error| format!("malformed JID `{written}`: {}", reason(written, &error)))
}

fn reason(written: &str, error: &Error) -> String {
    const FORM: &str = "write `name@domain` or `name@domain/resource`";
    let (address, resource) = match written.split_once('/') {
        Some((address, resource)) => (address, resource),
        None => (written, ""),
    };
    let (node, domain) = match address.split_once('@') {
        Some((node, domain)) => (node, domain),
        None => ("", address),
    };
    match error {
        Error::NodeEmpty => format!("there is no name before the `@`; {FORM}"),
        Error::ResourceEmpty => format!("there is no resource after the `/`; {FORM}"),
        Error::NodeTooLong => format!("the name `{}…` is longer than 1023 bytes", shortened(node)),
        Error::ResourceTooLong => format!(
            "the resource `{}…` is longer than 1023 bytes",
            shortened(resource)
        ),
        Error::NodePrep => format!("the name `{node}` holds a character that a name cannot have"),
        Error::ResourcePrep => {
            format!("the resource `{resource}` holds a character that a resource cannot have")
        }
        Error::TooManyAts => format!("there are two `@`; {FORM}"),
        Error::NamePrep | Error::Idna if domain.is_empty() => format!("there is no domain; {FORM}"),
        Error::NamePrep | Error::Idna => format!("`{domain}` is not the name of a domain; {FORM}"),
        Error::ResourceMissingInFullJid | Error::ResourceInBareJid => error.to_string(),
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(16).collect()
}
