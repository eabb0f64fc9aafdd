//! What an agent management system knows of agents and of its platform.

use std::fmt;

use super::fields::{Fields, Result, Write, none};
use super::{DfAgentDescription, ManagementError};
use crate::acl::AgentIdentifier;
use crate::acl::sl0::{Function, Term};

const AMS_AGENT: &str = "ams-agent-description";
const PLATFORM: &str = "ap-description";
const PLATFORM_SERVICE: &str = "ap-service";

/// An agent on a platform, `(ams-agent-description …)`. In a search, what is there is what shall
/// match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AmsAgentDescription {
    /// Who it is.
    pub name: Option<AgentIdentifier>,
    /// Whose it is.
    pub ownership: Option<String>,
    /// What it is doing.
    pub state: Option<AgentState>,
}

/// The state of an agent on its platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentState {
    /// It is there, and has not begun.
    Initiated,
    /// It runs.
    Active,
    /// It was stopped for a while.
    Suspended,
    /// It waits for something.
    Waiting,
    /// It is on its way to another platform.
    Transit,
    /// A state that FIPA does not have, such as JADE's `idle`.
    Other(String),
}

/// The state of this name; those of FIPA in any case.
impl From<&str> for AgentState {
    fn from(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "initiated" => Self::Initiated,
            "active" => Self::Active,
            "suspended" => Self::Suspended,
            "waiting" => Self::Waiting,
            "transit" => Self::Transit,
            _ => Self::Other(name.to_owned()),
        }
    }
}

impl fmt::Display for AgentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Initiated => "initiated",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Waiting => "waiting",
            Self::Transit => "transit",
            Self::Other(name) => name,
        })
    }
}

impl From<&AmsAgentDescription> for Term {
    fn from(agent: &AmsAgentDescription) -> Self {
        Function::new(AMS_AGENT)
            .with_optional("name", agent.name.as_ref())
            .with_optional("ownership", agent.ownership.as_deref())
            .with_optional("state", agent.state.as_ref().map(AgentState::to_string))
            .into()
    }
}

impl TryFrom<&Term> for AmsAgentDescription {
    type Error = ManagementError;

    fn try_from(term: &Term) -> Result<Self> {
        let fields = Fields::of(term, AMS_AGENT, &["name", "ownership", "state"], none)?;
        Ok(Self {
            name: fields.object("name")?,
            ownership: fields.text("ownership")?,
            state: fields.text("state")?.map(|name| name.as_str().into()),
        })
    }
}

/// A platform, `(ap-description …)`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlatformDescription {
    /// What it is called.
    pub name: String,
    /// How it is reached.
    pub services: Vec<PlatformService>,
}

/// A service of a platform, `(ap-service …)`: in general a transport of messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlatformService {
    /// What it is called.
    pub name: String,
    /// Of what type it is (`:type`), such as `fipa.mts.mtp.http.std`.
    pub kind: String,
    /// Where it is.
    pub addresses: Vec<String>,
}

impl From<&PlatformDescription> for Term {
    fn from(platform: &PlatformDescription) -> Self {
        Function::new(PLATFORM)
            .with_named("name", platform.name.as_str())
            .with_set("ap-services", platform.services.iter().map(Term::from))
            .into()
    }
}

impl TryFrom<&Term> for PlatformDescription {
    type Error = ManagementError;

    fn try_from(term: &Term) -> Result<Self> {
        let fields = Fields::of(term, PLATFORM, &["name", "ap-services"], none)?;
        Ok(Self {
            name: fields.text("name")?.ok_or_else(|| fields.missing("name"))?,
            services: fields.objects("ap-services")?,
        })
    }
}

impl From<&PlatformService> for Term {
    fn from(service: &PlatformService) -> Self {
        let addresses = service.addresses.iter().map(|it| Term::from(it.as_str()));
        Function::new(PLATFORM_SERVICE)
            .with_named("name", service.name.as_str())
            .with_named("type", service.kind.as_str())
            .with_sequence("addresses", addresses)
            .into()
    }
}

impl TryFrom<&Term> for PlatformService {
    type Error = ManagementError;

    fn try_from(term: &Term) -> Result<Self> {
        let fields = Fields::of(term, PLATFORM_SERVICE, &["name", "type", "addresses"], none)?;
        Ok(Self {
            name: fields.text("name")?.ok_or_else(|| fields.missing("name"))?,
            kind: fields.text("type")?.ok_or_else(|| fields.missing("type"))?,
            addresses: fields.texts("addresses")?,
        })
    }
}

/// An agent as a directory or as a platform knows it.
#[derive(Debug, Clone, PartialEq)]
pub enum Description {
    /// For a directory facilitator.
    Df(DfAgentDescription),
    /// For an agent management system.
    Ams(AmsAgentDescription),
}

impl Description {
    /// Who it is.
    pub fn name(&self) -> Option<&AgentIdentifier> {
        match self {
            Self::Df(agent) => agent.name.as_ref(),
            Self::Ams(agent) => agent.name.as_ref(),
        }
    }

    /// Whether it says who it is.
    pub(super) fn check_name(&self) -> Result<()> {
        let object = match self {
            Self::Df(_) => super::directory::DF_AGENT,
            Self::Ams(_) => AMS_AGENT,
        };
        match self.name() {
            Some(_) => Ok(()),
            None => Err(ManagementError::MissingParameter {
                object,
                parameter: "name",
            }),
        }
    }

    /// Whether it can be put into a directory.
    pub(super) fn check_entry(&self) -> Result<()> {
        self.check_name()?;
        match self {
            Self::Df(agent) => agent.check_services(),
            Self::Ams(_) => Ok(()),
        }
    }
}

impl From<DfAgentDescription> for Description {
    fn from(agent: DfAgentDescription) -> Self {
        Self::Df(agent)
    }
}

impl From<AmsAgentDescription> for Description {
    fn from(agent: AmsAgentDescription) -> Self {
        Self::Ams(agent)
    }
}

impl From<&Description> for Term {
    fn from(description: &Description) -> Self {
        match description {
            Description::Df(agent) => agent.into(),
            Description::Ams(agent) => agent.into(),
        }
    }
}

impl TryFrom<&Term> for Description {
    type Error = ManagementError;

    fn try_from(term: &Term) -> Result<Self> {
        let is = |object: &str| match term {
            Term::Function(function) => function.name.eq_ignore_ascii_case(object),
            _ => false,
        };
        if is(AMS_AGENT) {
            return AmsAgentDescription::try_from(term).map(Self::Ams);
        }
        if is(super::directory::DF_AGENT) {
            return DfAgentDescription::try_from(term).map(Self::Df);
        }
        let expected = "`(df-agent-description …)` or `(ams-agent-description …)`";
        Err(ManagementError::unexpected(term, expected))
    }
}
