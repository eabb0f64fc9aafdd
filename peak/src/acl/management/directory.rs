//! What a directory facilitator knows of agents and their services.

use super::ManagementError;
use super::fields::{Fields, Result, Write, none};
use crate::acl::sl0::{Function, Term};
use crate::acl::{AgentIdentifier, DateTime};

pub(super) const DF_AGENT: &str = "df-agent-description";
const SERVICE: &str = "service-description";
const PROPERTY: &str = "property";
const CONSTRAINTS: &str = "search-constraints";

/// An agent and its services, `(df-agent-description …)`. In a search, what is there is what shall
/// match.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DfAgentDescription {
    /// Who it is.
    pub name: Option<AgentIdentifier>,
    /// What it does for others.
    pub services: Vec<ServiceDescription>,
    /// Interaction protocols that it takes part in.
    pub protocols: Vec<String>,
    /// Vocabularies that it knows.
    pub ontologies: Vec<String>,
    /// Content languages that it knows.
    pub languages: Vec<String>,
    /// How long it shall be in the directory.
    pub lease_time: Option<DateTime>,
    /// Who may find it: `global` or `local`; all if it says nothing.
    pub scope: Vec<String>,
}

impl DfAgentDescription {
    /// The description of this agent.
    pub fn new(name: AgentIdentifier) -> Self {
        Self {
            name: Some(name),
            ..Self::default()
        }
    }

    /// The same with one service more.
    #[must_use]
    pub fn with_service(mut self, service: ServiceDescription) -> Self {
        self.services.push(service);
        self
    }

    /// Whether it has what must be there to be found.
    pub(super) fn check_services(&self) -> Result<()> {
        let missing = |parameter| {
            Err(ManagementError::MissingParameter {
                object: SERVICE,
                parameter,
            })
        };
        for service in &self.services {
            if service.name.is_none() {
                return missing("name");
            }
            if service.kind.is_none() {
                return missing("type");
            }
        }
        Ok(())
    }
}

impl From<&DfAgentDescription> for Term {
    fn from(agent: &DfAgentDescription) -> Self {
        Function::new(DF_AGENT)
            .with_optional("name", agent.name.as_ref())
            .with_set("services", agent.services.iter().map(Term::from))
            .with_texts("protocols", &agent.protocols)
            .with_texts("ontologies", &agent.ontologies)
            .with_texts("languages", &agent.languages)
            .with_optional("lease-time", agent.lease_time)
            .with_texts("scope", &agent.scope)
            .into()
    }
}

impl TryFrom<&Term> for DfAgentDescription {
    type Error = ManagementError;

    fn try_from(term: &Term) -> Result<Self> {
        let known = &[
            "name",
            "services",
            "protocols",
            "ontologies",
            "languages",
            "lease-time",
            "scope",
        ];
        let fields = Fields::of(term, DF_AGENT, known, none)?;
        Ok(Self {
            name: fields.object("name")?,
            services: fields.objects("services")?,
            protocols: fields.texts("protocols")?,
            ontologies: fields.texts("ontologies")?,
            languages: fields.texts("languages")?,
            lease_time: fields.date_time("lease-time")?,
            scope: fields.texts("scope")?,
        })
    }
}

/// Something that an agent does for others, `(service-description …)`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceDescription {
    /// What this service is called.
    pub name: Option<String>,
    /// Of what type it is (`:type`): what others search for.
    pub kind: Option<String>,
    /// Interaction protocols that it takes part in.
    pub protocols: Vec<String>,
    /// Vocabularies that it knows.
    pub ontologies: Vec<String>,
    /// Content languages that it knows.
    pub languages: Vec<String>,
    /// Whose it is.
    pub ownership: Option<String>,
    /// What else can be said of it.
    pub properties: Vec<Property>,
}

impl ServiceDescription {
    /// A service of this name and type.
    pub fn new(name: impl Into<String>, kind: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            kind: Some(kind.into()),
            ..Self::default()
        }
    }
}

impl From<&ServiceDescription> for Term {
    fn from(service: &ServiceDescription) -> Self {
        Function::new(SERVICE)
            .with_optional("name", service.name.as_deref())
            .with_optional("type", service.kind.as_deref())
            .with_texts("protocols", &service.protocols)
            .with_texts("ontologies", &service.ontologies)
            .with_texts("languages", &service.languages)
            .with_optional("ownership", service.ownership.as_deref())
            .with_set("properties", service.properties.iter().map(Term::from))
            .into()
    }
}

impl TryFrom<&Term> for ServiceDescription {
    type Error = ManagementError;

    fn try_from(term: &Term) -> Result<Self> {
        let known = &[
            "name",
            "type",
            "protocols",
            "ontologies",
            "languages",
            "ownership",
            "properties",
        ];
        let fields = Fields::of(term, SERVICE, known, none)?;
        Ok(Self {
            name: fields.text("name")?,
            kind: fields.text("type")?,
            protocols: fields.texts("protocols")?,
            ontologies: fields.texts("ontologies")?,
            languages: fields.texts("languages")?,
            ownership: fields.text("ownership")?,
            properties: fields.objects("properties")?,
        })
    }
}

/// A property of a service, `(property :name … :value …)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// Which property.
    pub name: String,
    /// What it is. In a search, JADE leaves it out where any value will do.
    pub value: Option<Term>,
}

impl From<&Property> for Term {
    fn from(property: &Property) -> Self {
        Function::new(PROPERTY)
            .with_named("name", property.name.as_str())
            .with_optional("value", property.value.clone())
            .into()
    }
}

impl TryFrom<&Term> for Property {
    type Error = ManagementError;

    fn try_from(term: &Term) -> Result<Self> {
        let fields = Fields::of(term, PROPERTY, &["name", "value"], none)?;
        Ok(Self {
            name: fields.text("name")?.ok_or_else(|| fields.missing("name"))?,
            value: fields.term("value").cloned(),
        })
    }
}

/// How far a search goes, `(search-constraints …)`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchConstraints {
    /// How many directories it goes on to, one from the other.
    pub max_depth: Option<i64>,
    /// How many results are wanted; for JADE -1 is all there are.
    pub max_results: Option<i64>,
    /// A name of the search, by which directories know that it has come before.
    pub search_id: Option<String>,
}

impl From<&SearchConstraints> for Term {
    fn from(constraints: &SearchConstraints) -> Self {
        Function::new(CONSTRAINTS)
            .with_optional("max-depth", constraints.max_depth)
            .with_optional("max-results", constraints.max_results)
            .with_optional("search-id", constraints.search_id.as_deref())
            .into()
    }
}

impl TryFrom<&Term> for SearchConstraints {
    type Error = ManagementError;

    fn try_from(term: &Term) -> Result<Self> {
        let known = &["max-depth", "max-results", "search-id"];
        let fields = Fields::of(term, CONSTRAINTS, known, none)?;
        Ok(Self {
            max_depth: fields.integer("max-depth")?,
            max_results: fields.integer("max-results")?,
            search_id: fields.text("search-id")?,
        })
    }
}
