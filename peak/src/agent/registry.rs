//! Which agent types this binary holds, by name.

use std::sync::Arc;

use peak_shared::diagram::Diagram;

use super::wiring::Wiring;
use super::{Agent, ParamErrors, ParamSpec, ParamValues, Params, Services, SpawnError};
use crate::message::Jid;
use crate::network::BoxFuture;
use crate::text;

/// An agent type of this binary. Every `#[agent]` without type parameters enters itself.
#[derive(Clone, Copy)]
pub struct AgentType {
    name: &'static str,
    doc: &'static str,
    file: &'static str,
    params: &'static [ParamSpec],
    check: fn(&ParamValues) -> Result<(), ParamErrors>,
    diagrams: fn() -> Vec<Diagram>,
    spawn: for<'a> fn(&'a Arc<Services>, Jid, &'a ParamValues) -> Spawning<'a>,
}

type Spawning<'a> = BoxFuture<'a, Result<Jid, SpawnError>>;

inventory::collect!(AgentType);

impl AgentType {
    #[doc(hidden)]
    pub const fn of<A: Agent>() -> Self {
        Self {
            name: A::NAME,
            doc: A::DOC,
            file: A::FILE,
            params: A::PARAMS,
            check: |values| build::<A>(values).map(drop),
            diagrams: || Wiring::<A>::of().diagrams.clone(),
            spawn: |services, jid, values| {
                Box::pin(async move {
                    let agent = build::<A>(values)?;
                    let handle = super::spawn(services, jid, agent).await?;
                    Ok(handle.jid().clone())
                })
            },
        }
    }

    /// All of them, by name.
    pub fn all() -> Vec<&'static AgentType> {
        let mut all: Vec<_> = inventory::iter::<AgentType>.into_iter().collect();
        all.sort_by_key(|agent| agent.name);
        all
    }

    /// The one of this name; case and underscores do not matter.
    ///
    /// # Errors
    ///
    /// If this binary holds no such agent, or two agents of that name.
    pub fn find(name: &str) -> Result<&'static AgentType, UnknownAgentType> {
        Self::find_among(name, &Self::all())
    }

    /// The same, among these only.
    pub(crate) fn find_among(
        name: &str,
        all: &[&'static AgentType],
    ) -> Result<&'static AgentType, UnknownAgentType> {
        let exact: Vec<_> = all.iter().filter(|agent| agent.name == name).collect();
        let found = if exact.is_empty() {
            let same = |agent: &&&'static AgentType| plain(agent.name) == plain(name);
            all.iter().filter(same).collect()
        } else {
            exact
        };
        match found.as_slice() {
            [one] => Ok(one),
            [] => Err(UnknownAgentType::Unknown {
                name: name.to_owned(),
                near: text::nearest(name, all.iter().map(|agent| agent.name)),
                known: text::list(all.iter().map(|agent| agent.name)),
            }),
            [..] => Err(UnknownAgentType::Ambiguous(name.to_owned())),
        }
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The documentation of the struct.
    pub fn doc(&self) -> &'static str {
        self.doc
    }

    /// The source file that the struct stands in, as the compiler was given it: mostly relative to
    /// the folder of the workspace. For a struct that a macro makes, where that macro is called.
    ///
    /// ```
    /// use peak::prelude::*;
    ///
    /// #[agent]
    /// struct Doorbell;
    ///
    /// #[agent]
    /// impl Doorbell {}
    ///
    /// assert_eq!(peak::AgentType::find("Doorbell")?.file(), file!());
    /// # Ok::<(), peak::UnknownAgentType>(())
    /// ```
    pub fn file(&self) -> &'static str {
        self.file
    }

    /// Its parameters.
    pub fn params(&self) -> &'static [ParamSpec] {
        self.params
    }

    /// Its state machines, to be drawn.
    pub fn diagrams(&self) -> Vec<Diagram> {
        (self.diagrams)()
    }

    /// Whether an agent can be made with these parameters.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with them.
    pub fn check(&self, values: &ParamValues) -> Result<(), ParamErrors> {
        (self.check)(values)
    }

    pub(crate) fn spawn<'a>(
        &self,
        services: &'a Arc<Services>,
        jid: Jid,
        values: &'a ParamValues,
    ) -> Spawning<'a> {
        (self.spawn)(services, jid, values)
    }
}

/// A name as [`AgentType::find`] compares it: without what does not matter.
pub(crate) fn plain(name: &str) -> String {
    name.replace(['_', '-'], "").to_lowercase()
}

fn build<A: Agent>(values: &ParamValues) -> Result<A, ParamErrors> {
    A::from_params(Params::new(A::NAME, A::PARAMS, values))
}

impl std::fmt::Debug for AgentType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AgentType")
            .field("name", &self.name)
            .field("file", &self.file)
            .field("params", &self.params)
            .finish_non_exhaustive()
    }
}

/// A name that stands for no agent type of this binary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnknownAgentType {
    /// Nobody has it.
    #[error("this program has no agent `{name}`{}; it has {known}", near.map(|near| format!(": did you mean `{near}`?")).unwrap_or_default())]
    Unknown {
        /// The name.
        name: String,
        /// One like it.
        near: Option<&'static str>,
        /// All there are.
        known: String,
    },
    /// Several have it.
    #[error(
        "this program has several agents named `{0}`; tell them apart with `#[agent(name = \"…\")]`"
    )]
    Ambiguous(String),
}
