//! Addresses, as far as what is wrong with one goes.

use jid::{Error, Jid};

/// Reads an address.
///
/// # Errors
///
/// Why the text is none, in words that follow a colon.
pub fn check(text: &str) -> Result<Jid, &'static str> {
    Jid::new(text).map_err(|error| reason(text, &error))
}

fn reason(text: &str, error: &Error) -> &'static str {
    match error {
        Error::NodeEmpty => "nothing stands before the `@`",
        Error::ResourceEmpty => "nothing stands after the `/`",
        Error::NodeTooLong => "the name is longer than 1023 bytes",
        Error::ResourceTooLong => "the resource is longer than 1023 bytes",
        Error::NodePrep => "the name holds a character that a JID may not have",
        Error::ResourcePrep => "the resource holds a character that a JID may not have",
        Error::TooManyAts => "it has more than one `@`",
        _ if text.is_empty() => "it is empty",
        _ => "the domain is not a valid host name",
    }
}
