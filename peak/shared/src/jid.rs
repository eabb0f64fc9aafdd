//! Addresses, as far as what is wrong with one goes.

use jid::{Error, Jid};

/// Reads an address.
///
/// # Errors
///
/// Why the text is none, in words that follow a colon.
pub fn check(text: &str) -> Result<Jid, &'static str> {
    let mut jid = Jid::new(text).map_err(|error| reason(text, &error))?;
    // What the library makes of a few rare letters it would read as yet another address.
    for _ in 0..NORMALISATIONS {
        if jid.as_str() == text {
            break;
        }
        let again = Jid::new(jid.as_str()).map_err(|error| reason(text, &error))?;
        if again == jid {
            break;
        }
        jid = again;
    }
    Ok(jid)
}

/// Nothing is known that needs more than two.
const NORMALISATIONS: usize = 4;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_reads_as_itself() {
        for (text, address) in [
            ("Bob@LocalHost/Main", "bob@localhost/Main"),
            // A letter in brackets: the library makes `(A)` of it, and `(a)` of that.
            ("\u{1F110}", "(a)"),
        ] {
            let jid = check(text).unwrap();
            assert_eq!(jid.as_str(), address);
            assert_eq!(check(address).unwrap(), jid);
        }
    }
}
