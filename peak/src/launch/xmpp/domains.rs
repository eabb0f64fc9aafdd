//! Which network each domain of a plan is on.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::args::XmppArgs;
use super::server;
use super::wishes::{Password, Wishes};
use crate::launch::problem::{Place, Problem, Problems};
use crate::message::Jid;
#[cfg(feature = "xmpp")]
use crate::network::xmpp::Xmpp;

/// How agents of a domain reach others.
#[derive(Debug, Clone)]
pub(in crate::launch) enum Way {
    /// Over the network inside the process.
    Inside,
    /// Over an XMPP server.
    #[cfg(feature = "xmpp")]
    Xmpp(Box<Xmpp>),
}

/// An agent, with its clones, as messages call it.
#[derive(Debug, Clone)]
pub(in crate::launch) struct Who {
    name: String,
    /// Where it stands in a file.
    place: Option<Place>,
}

impl Who {
    /// The agent that the command line asks for.
    pub(in crate::launch) fn on_command_line(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            place: None,
        }
    }

    /// An agent of a file.
    pub(in crate::launch) fn at(place: Place, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            place: Some(place),
        }
    }

    #[cfg(not(feature = "xmpp"))]
    pub(super) fn place(&self) -> Option<Place> {
        self.place
    }

    pub(super) fn problem(&self, what: String) -> Problem {
        match self.place {
            Some(place) => Problem::at(place, what),
            None => Problem::new(what),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "agent `{}`", self.name)
    }
}

/// The domains of the agents so far.
#[derive(Debug, Default)]
pub(in crate::launch) struct Domains {
    command_line: Wishes,
    /// The flags that were given.
    flags: Vec<&'static str>,
    list: BTreeMap<String, Domain>,
    /// Agents of one domain that wish for several servers.
    differences: Vec<Problem>,
}

/// The agents of one domain.
#[derive(Debug)]
pub(super) struct Domain {
    /// The first one, with whom the others must agree.
    pub(super) first: Arc<Who>,
    /// `None` for the network inside the process.
    wishes: Option<Wishes>,
    pub(super) agents: Vec<Account>,
}

/// What an agent has on a server.
#[derive(Debug)]
#[cfg_attr(not(feature = "xmpp"), allow(dead_code, reason = "nobody asks for it"))]
pub(super) struct Account {
    who: Arc<Who>,
    pub(super) address: Jid,
    pub(super) password: Option<Password>,
}

#[cfg(feature = "xmpp")]
impl Domain {
    /// The agent that has this address.
    pub(super) fn who_is(&self, address: &Jid) -> &Who {
        let mut agents = self.agents.iter();
        let agent = agents.find(|agent| agent.address == *address);
        agent.map_or(&self.first, |agent| &agent.who)
    }
}

impl Domains {
    /// None yet; `args` are what the command line says of all.
    pub(in crate::launch) fn new(args: &XmppArgs) -> Self {
        Self {
            command_line: args.wishes(),
            flags: args.given(),
            ..Self::default()
        }
    }

    /// What an agent of this domain wishes in all, if it is on a server.
    pub(in crate::launch) fn wishes(&self, domain: &str, file: &Wishes) -> Option<Wishes> {
        let wishes = file.under(&self.command_line);
        let on = wishes.on.map_or(domain != "localhost", |on| on.value);
        on.then_some(wishes)
    }

    /// Enters an agent with its clones, whose addresses have one domain.
    pub(in crate::launch) fn add(
        &mut self,
        who: Who,
        addresses: &[Jid],
        wishes: Option<Wishes>,
        problems: &mut Problems,
    ) {
        let Some(domain) = addresses.first().map(|address| address.domain().to_owned()) else {
            return;
        };
        // One agent of a domain is enough to say that it cannot be reached.
        if let Some(wishes) = wishes.as_ref().filter(|_| !self.list.contains_key(&domain)) {
            server::admit(&who, &domain, wishes, problems);
        }
        let password = wishes.as_ref().and_then(|wishes| wishes.password.as_ref());
        let password = password.map(|said| said.value.clone());
        let who = Arc::new(who);
        let agents = addresses.iter().map(|address| Account {
            who: Arc::clone(&who),
            address: address.clone(),
            password: password.clone(),
        });
        let Some(known) = self.list.get_mut(&domain) else {
            let entry = Domain {
                agents: agents.collect(),
                first: who,
                wishes,
            };
            self.list.insert(domain, entry);
            return;
        };
        known.agents.extend(agents);
        let difference = match (&known.wishes, &wishes) {
            (Some(one), Some(other)) => one.difference(other),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => Some("xmpp"),
        };
        if let Some(key) = difference {
            let first = &known.first;
            let at = first
                .place
                .map_or_else(String::new, |place| format!(" at {place}"));
            self.differences.push(
                who.problem(format!(
                    "{who} has another `{key}` than {first}{at}, which has the same domain \
                     `{domain}`"
                ))
                .hint("agents of one domain share one network; only their passwords may differ"),
            );
        }
    }

    /// The way of each domain, if there is no problem with it; `warnings` gets what has no effect.
    pub(in crate::launch) fn ways(
        &self,
        problems: &mut Problems,
        warnings: &mut Vec<String>,
    ) -> BTreeMap<String, Way> {
        let mut ways = BTreeMap::new();
        // What is wrong with a value is said where it stands, and not again by who has it.
        let is_sound = problems.is_empty();
        if is_sound {
            self.differences
                .iter()
                .for_each(|problem| problems.add(problem.clone()));
        }
        for (name, domain) in &self.list {
            let way = match &domain.wishes {
                None => Some(Way::Inside),
                Some(_) if !is_sound => None,
                Some(wishes) => server::way(name, domain, wishes, problems),
            };
            ways.extend(way.map(|way| (name.clone(), way)));
        }
        if self.list.values().all(|domain| domain.wishes.is_none()) {
            warnings.extend(self.flags.iter().map(|flag| {
                format!(
                    "`--{flag}` has no effect: the agents are on the network inside the process"
                )
            }));
        }
        ways
    }
}
