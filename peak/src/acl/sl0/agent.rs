//! Agents as terms.

use super::{Function, Term};
use crate::acl::AgentIdentifier;

/// `(agent-identifier :name …)`
impl From<&AgentIdentifier> for Term {
    fn from(agent: &AgentIdentifier) -> Self {
        let mut function =
            Function::new("agent-identifier").with_named("name", agent.name.as_str());
        if !agent.addresses.is_empty() {
            let addresses = agent.addresses.iter().map(|it| Term::from(it.as_str()));
            function = function.with_named("addresses", Term::Sequence(addresses.collect()));
        }
        if !agent.resolvers.is_empty() {
            let resolvers = agent.resolvers.iter().map(Term::from);
            function = function.with_named("resolvers", Term::Sequence(resolvers.collect()));
        }
        for (name, value) in agent.parameters.iter() {
            function = function.with_named(format!("X-{name}"), value);
        }
        Term::Function(function)
    }
}
