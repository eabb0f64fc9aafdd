//! Which network each domain of a plan is on.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::args::XmppArgs;
use super::domain::{Account, Domain, Way, Who};
use super::server;
use crate::launch::problem::{Problem, Problems};
use crate::message::Jid;
use peak_shared::xmpp::Wishes;

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
                .place()
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
