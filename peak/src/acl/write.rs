//! Writing messages: what FIPA has, in a form that JADE's parser takes.

use std::fmt::{Result, Write};

use super::text::{write_name, write_string, write_text};
use super::{AclMessage, AgentIdentifier, UserParameters};

/// A message, one parameter a line.
pub(super) fn message(out: &mut impl Write, message: &AclMessage) -> Result {
    write!(out, "({}", message.performative)?;
    if let Some(sender) = &message.sender {
        out.write_str("\n :sender ")?;
        agent(out, sender)?;
    }
    agents(out, "receiver", &message.receivers)?;
    agents(out, "reply-to", &message.reply_to)?;
    if let Some(content) = &message.content {
        out.write_str("\n :content ")?;
        write_string(out, content)?;
    }
    for (name, text) in [
        ("language", &message.language),
        ("encoding", &message.encoding),
        ("ontology", &message.ontology),
        ("protocol", &message.protocol),
        ("conversation-id", &message.conversation_id),
        ("reply-with", &message.reply_with),
        ("in-reply-to", &message.in_reply_to),
    ] {
        if let Some(text) = text {
            write!(out, "\n :{name} ")?;
            write_text(out, text)?;
        }
    }
    if let Some(time) = &message.reply_by {
        write!(out, "\n :reply-by {time}")?;
    }
    parameters(out, "\n :X-", &message.parameters)?;
    out.write_char(')')
}

pub(super) fn agent(out: &mut impl Write, agent: &AgentIdentifier) -> Result {
    out.write_str("(agent-identifier :name ")?;
    write_text(out, &agent.name)?;
    if let [first, rest @ ..] = agent.addresses.as_slice() {
        out.write_str(" :addresses (sequence ")?;
        write_text(out, first)?;
        for address in rest {
            out.write_char(' ')?;
            write_text(out, address)?;
        }
        out.write_char(')')?;
    }
    if !agent.resolvers.is_empty() {
        out.write_str(" :resolvers (sequence")?;
        for resolver in &agent.resolvers {
            out.write_char(' ')?;
            self::agent(out, resolver)?;
        }
        out.write_char(')')?;
    }
    parameters(out, " :X-", &agent.parameters)?;
    out.write_char(')')
}

fn agents(out: &mut impl Write, name: &str, agents: &[AgentIdentifier]) -> Result {
    if agents.is_empty() {
        return Ok(());
    }
    write!(out, "\n :{name} (set")?;
    for one in agents {
        out.write_char(' ')?;
        agent(out, one)?;
    }
    out.write_char(')')
}

fn parameters(out: &mut impl Write, before: &str, all: &UserParameters) -> Result {
    for (name, value) in all.iter() {
        out.write_str(before)?;
        write_name(out, name)?;
        out.write_char(' ')?;
        write_text(out, value)?;
    }
    Ok(())
}
