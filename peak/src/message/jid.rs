//! Addresses: JIDs (RFC 7622), cheap to clone, to compare and to hash.

use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The address of an agent: `local@domain/resource` (RFC 7622).
///
/// An address with a resource is *full* and means one session; without one it is *bare* and means
/// the account, that is, whichever of its sessions is at home. Parsing normalises as the RFC asks
/// (`Bob@LocalHost` becomes `bob@localhost`), so equal addresses compare equal. A clone shares the
/// text.
///
/// ```
/// use peak::Jid;
///
/// let jid: Jid = "Bob@localhost/main".parse()?;
/// assert_eq!(jid.local(), Some("bob"));
/// assert_eq!(jid.domain(), "localhost");
/// assert_eq!(jid.resource(), Some("main"));
/// assert_eq!(jid.bare().as_str(), "bob@localhost");
/// # Ok::<(), peak::JidError>(())
/// ```
#[derive(Clone)]
pub struct Jid(Arc<Parts>);

struct Parts {
    text: Box<str>,
    /// Where the domain begins: after the `@`, or 0.
    domain: usize,
    /// Where the bare address ends: at the `/`, or at the end.
    bare: usize,
    /// Hash of the bare address: what a router looks up, computed once.
    hash: u64,
}

/// The same hash in every process, so that a run with a seed repeats itself.
const HASHER: foldhash::fast::FixedState = foldhash::fast::FixedState::with_seed(0x5EED);

impl Jid {
    /// Builds an address from text that the XMPP library has normalised already.
    fn from_normalized(text: Box<str>) -> Self {
        let bare = text.find('/').unwrap_or(text.len());
        let domain = text[..bare].find('@').map_or(0, |at| at + 1);
        let hash = HASHER.hash_one(&text[..bare]);
        Self(Arc::new(Parts {
            text,
            domain,
            bare,
            hash,
        }))
    }

    /// The whole address as text.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The part before the `@`, if there is one.
    pub fn local(&self) -> Option<&str> {
        self.0.domain.checked_sub(1).map(|at| &self.0.text[..at])
    }

    /// The domain.
    pub fn domain(&self) -> &str {
        &self.0.text[self.0.domain..self.0.bare]
    }

    /// The part after the `/`, if there is one.
    pub fn resource(&self) -> Option<&str> {
        self.0.text.get(self.0.bare + 1..)
    }

    /// Whether this address has no resource.
    pub fn is_bare(&self) -> bool {
        self.0.bare == self.0.text.len()
    }

    /// This address without its resource.
    pub fn bare(&self) -> Jid {
        if self.is_bare() {
            self.clone()
        } else {
            Self::from_normalized(self.bare_str().into())
        }
    }

    /// The text of this address without its resource.
    pub fn bare_str(&self) -> &str {
        &self.0.text[..self.0.bare]
    }

    /// This account with another resource.
    ///
    /// # Errors
    ///
    /// If `resource` is empty or holds characters that a resource may not have.
    pub fn with_resource(&self, resource: &str) -> Result<Jid, JidError> {
        format!("{}/{resource}", self.bare_str()).parse()
    }

    /// This account with the resource of an agent that was given none.
    pub(crate) fn at_home(&self) -> Jid {
        Self::from_normalized(format!("{}/main", self.bare_str()).into())
    }

    /// Whether `other` is an address of what this address means: a bare address covers every
    /// resource of its account, a full one only itself.
    pub fn covers(&self, other: &Jid) -> bool {
        if self.is_bare() {
            self.same_account(other)
        } else {
            self == other
        }
    }

    /// Whether both addresses are of the same account, whatever their resources.
    pub fn same_account(&self, other: &Jid) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.hash == other.0.hash && self.bare_str() == other.bare_str())
    }

    /// The hash of the whole address.
    pub(crate) fn full_hash(&self) -> u64 {
        HASHER.hash_one(self.as_str())
    }

    /// The hash of the bare address.
    pub(crate) fn account_hash(&self) -> u64 {
        self.0.hash
    }
}

impl PartialEq for Jid {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.hash == other.0.hash && self.0.text == other.0.text)
    }
}

impl Eq for Jid {}

impl Hash for Jid {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

impl PartialOrd for Jid {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Jid {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl fmt::Display for Jid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Jid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jid({})", self.as_str())
    }
}

/// Text that is not an address, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a JID: {reason}; write it as `name@domain` or `name@domain/resource`")]
pub struct JidError {
    text: Box<str>,
    reason: &'static str,
}

impl JidError {
    /// What is wrong with the text.
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}

impl FromStr for Jid {
    type Err = JidError;

    fn from_str(text: &str) -> Result<Self, JidError> {
        match peak_shared::jid::check(text) {
            Ok(valid) => Ok(Self::from_normalized(valid.into_inner().into())),
            Err(reason) => Err(JidError {
                text: text.into(),
                reason,
            }),
        }
    }
}

impl Serialize for Jid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Jid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// What can be given where an address is asked for: a [`Jid`], or its text.
///
/// Text is parsed at the call; what is wrong with it is the error of the operation.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an address",
    label = "expected a JID: text such as \"bob@localhost\", or a `Jid`"
)]
pub trait IntoJid {
    /// The address.
    ///
    /// # Errors
    ///
    /// If the text is not a JID.
    fn into_jid(self) -> Result<Jid, JidError>;
}

impl IntoJid for Jid {
    fn into_jid(self) -> Result<Jid, JidError> {
        Ok(self)
    }
}

impl IntoJid for &str {
    fn into_jid(self) -> Result<Jid, JidError> {
        self.parse()
    }
}

impl IntoJid for String {
    fn into_jid(self) -> Result<Jid, JidError> {
        self.parse()
    }
}

/// By reference too, so that a list of addresses can be lent.
impl<T: IntoJid + Clone> IntoJid for &T {
    fn into_jid(self) -> Result<Jid, JidError> {
        self.clone().into_jid()
    }
}

impl From<&Jid> for Jid {
    fn from(jid: &Jid) -> Self {
        jid.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn jid(text: &str) -> Jid {
        text.parse().unwrap()
    }

    #[test]
    fn parts_of_every_shape() {
        for (text, local, domain, resource) in [
            ("a@b/c", Some("a"), "b", Some("c")),
            ("a@b", Some("a"), "b", None),
            ("b", None, "b", None),
            ("b/c", None, "b", Some("c")),
            ("a@b/c/d@e", Some("a"), "b", Some("c/d@e")),
        ] {
            let jid = jid(text);
            assert_eq!(jid.local(), local, "{text}");
            assert_eq!(jid.domain(), domain, "{text}");
            assert_eq!(jid.resource(), resource, "{text}");
        }
    }

    #[test]
    fn a_bare_address_covers_every_resource() {
        assert!(jid("a@b").covers(&jid("a@b/c")));
        assert!(jid("a@b").covers(&jid("a@b")));
        assert!(!jid("a@b/c").covers(&jid("a@b")));
        assert!(!jid("a@b").covers(&jid("aa@b/c")));
        assert_eq!(jid("A@B/c"), jid("a@b/c"));
        assert_ne!(jid("a@b/C"), jid("a@b/c"));
    }

    #[test]
    fn errors_say_what_is_wrong_and_what_to_write() {
        let error = "@localhost".parse::<Jid>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`@localhost` is not a JID: nothing stands before the `@`; \
             write it as `name@domain` or `name@domain/resource`"
        );
        for bad in ["", "a b@c", "a@b@c", "a@", "a@b/"] {
            assert!(bad.parse::<Jid>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            if let Ok(jid) = text.parse::<Jid>() {
                prop_assert_eq!(&jid.as_str().parse::<Jid>().unwrap(), &jid);
                prop_assert!(jid.bare().covers(&jid));
            }
        }
    }
}
