//! Passwords and other secrets: text that is never shown, and wiped when it is done with.

use std::fmt;

use rand::TryRng as _;
use rand::rngs::SysRng;
use zeroize::Zeroizing;

use super::error::CredentialsError;

/// A password, or another text that nobody should see: `Debug` and `Display` hide it, and its
/// memory is wiped when the last clone is gone.
///
/// ```
/// use peak::Secret;
///
/// let secret = Secret::new("correct horse");
/// assert_eq!(secret.expose(), "correct horse");
/// assert_eq!(format!("{secret} {secret:?}"), "(hidden) Secret(hidden)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

/// How many random bytes a generated secret is made of.
const BYTES: usize = 24;

/// What six bits look like in a URL or a file (RFC 4648, section 5).
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Secret {
    /// The text as a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// A new one of 32 letters and digits, from the randomness of the operating system.
    ///
    /// # Errors
    ///
    /// If the operating system has none.
    pub fn generate() -> Result<Self, CredentialsError> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        SysRng
            .try_fill_bytes(bytes.as_mut())
            .map_err(|error| CredentialsError::NoRandomness(error.to_string()))?;
        // Room from the start: a longer string would leave its shorter self in memory.
        let mut text = Zeroizing::new(String::with_capacity(BYTES / 3 * 4));
        for three in bytes.chunks_exact(3) {
            let bits = three
                .iter()
                .fold(0, |bits, byte| bits << 8 | usize::from(*byte));
            for shift in [18, 12, 6, 0] {
                text.push(char::from(DIGITS[bits >> shift & 63]));
            }
        }
        Ok(Self(text))
    }

    /// Whether it can be a password: those of files and variables stand in one line.
    pub(super) fn fit(&self) -> Result<(), CredentialsError> {
        if self.0.is_empty() {
            return Err(CredentialsError::Unfit("it is empty"));
        }
        if self.0.contains(['\n', '\r', '\0']) {
            return Err(CredentialsError::Unfit("it is more than one line"));
        }
        Ok(())
    }

    /// The text itself, for whoever must send or write it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn generated_ones_are_long_and_all_different() {
        let secrets: HashSet<String> = (0..200)
            .map(|_| Secret::generate().unwrap().expose().to_owned())
            .collect();
        assert_eq!(secrets.len(), 200);
        for secret in &secrets {
            assert_eq!(secret.len(), 32);
            assert!(
                secret.bytes().all(|byte| DIGITS.contains(&byte)),
                "{secret}"
            );
        }
        // Every digit turns up: the bits are taken apart at the right places.
        let used: HashSet<u8> = secrets.iter().flat_map(|secret| secret.bytes()).collect();
        assert_eq!(used.len(), DIGITS.len());
    }

    #[test]
    fn nobody_sees_it() {
        let secret = Secret::new("hunter2");
        for shown in [
            format!("{secret}"),
            format!("{secret:?}"),
            format!("{secret:#?}"),
        ] {
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }
}
