//! Who an agent is, in FIPA's words.

use std::fmt;
use std::str::FromStr;

use super::{SyntaxError, read, write};
use crate::Jid;

/// The identity of an agent: a name, where it is reached, and who knows more about it.
///
/// In JADE the name is such as `da0@host:1099/JADE`; an agent of this framework has its [`Jid`] for a
/// name.
///
/// ```
/// use peak::acl::AgentIdentifier;
///
/// let text = "(agent-identifier :name da0@host:1099/JADE :addresses (sequence http://host:7778/acc))";
/// let agent: AgentIdentifier = text.parse()?;
/// assert_eq!(agent.name, "da0@host:1099/JADE");
/// assert_eq!(agent.addresses, ["http://host:7778/acc"]);
/// assert_eq!(agent.to_string(), text);
/// # Ok::<(), peak::acl::SyntaxError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AgentIdentifier {
    /// The name, which no other agent has.
    pub name: String,
    /// Transport addresses, the best one first.
    pub addresses: Vec<String>,
    /// Agents that can be asked for more addresses, the best one first.
    pub resolvers: Vec<AgentIdentifier>,
    /// User-defined parameters, `:X-…`.
    pub parameters: UserParameters,
}

impl AgentIdentifier {
    /// An agent of which only the name is known.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// The same with one transport address more.
    #[must_use]
    pub fn with_address(mut self, address: impl Into<String>) -> Self {
        self.addresses.push(address.into());
        self
    }
}

impl From<&Jid> for AgentIdentifier {
    fn from(jid: &Jid) -> Self {
        Self::new(jid.as_str())
    }
}

impl FromStr for AgentIdentifier {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        read::agent_alone(text)
    }
}

impl fmt::Display for AgentIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write::agent(f, self)
    }
}

/// Parameters that FIPA does not know: names, which are written with `:X-` before them, and values,
/// in the order in which they were set.
///
/// ```
/// use peak::acl::AclMessage;
///
/// let message: AclMessage = "(inform :X-priority 5)".parse()?;
/// assert_eq!(message.parameters.get("priority"), Some("5"));
/// # Ok::<(), peak::acl::SyntaxError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct UserParameters(Vec<(String, String)>);

impl UserParameters {
    /// The value under this name, which is given without `X-`. Upper and lower case are different.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// Sets the value under this name, instead of an earlier one. White space, parentheses, quotation
    /// marks and `%` in a name are written as `%` and two digits.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some(entry) => entry.1 = value,
            None => self.0.push((name, value)),
        }
    }

    /// Takes the value under this name out.
    pub fn remove(&mut self, name: &str) -> Option<String> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(place).1)
    }

    /// All names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a parameter that is known not to be there yet.
    pub(super) fn push_new(&mut self, name: String, value: String) {
        self.0.push((name, value));
    }
}
