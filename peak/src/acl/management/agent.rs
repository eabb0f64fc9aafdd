//! Agents as terms.

use std::collections::HashSet;

use super::ManagementError;
use super::fields::{Fields, Write};
use crate::acl::sl0::{Function, Term};
use crate::acl::{AgentIdentifier, UserParameters};

const OBJECT: &str = "agent-identifier";

/// `(agent-identifier :name …)`
impl From<&AgentIdentifier> for Term {
    fn from(agent: &AgentIdentifier) -> Self {
        let addresses = agent.addresses.iter().map(|it| Term::from(it.as_str()));
        let mut function = Function::new(OBJECT)
            .with_named("name", agent.name.as_str())
            .with_sequence("addresses", addresses)
            .with_sequence("resolvers", agent.resolvers.iter().map(Term::from));
        for (name, value) in agent.parameters.iter() {
            function = function.with_named(format!("X-{name}"), value);
        }
        function.into()
    }
}

/// User-defined parameters that are no texts are kept as SL0 writes them.
impl TryFrom<&Term> for AgentIdentifier {
    type Error = ManagementError;

    fn try_from(term: &Term) -> Result<Self, ManagementError> {
        let known = &["name", "addresses", "resolvers"];
        let fields = Fields::of(term, OBJECT, known, |name| own_name(name).is_some())?;
        let mut parameters = UserParameters::default();
        let mut seen = HashSet::new();
        for (written, value) in fields.all() {
            let Some(name) = own_name(written) else {
                continue;
            };
            if !seen.insert(name) {
                return Err(ManagementError::RepeatedParameter {
                    object: OBJECT,
                    parameter: written.to_owned(),
                });
            }
            let value = match value {
                Term::Text(text) => text.clone(),
                other => other.to_string(),
            };
            parameters.push_new(name.to_owned(), value);
        }
        Ok(Self {
            name: fields.text("name")?.ok_or_else(|| fields.missing("name"))?,
            addresses: fields.texts("addresses")?,
            resolvers: fields.objects("resolvers")?,
            parameters,
        })
    }
}

/// What stands behind `X-`.
fn own_name(name: &str) -> Option<&str> {
    name.strip_prefix("X-").or(name.strip_prefix("x-"))
}
