//! What the user sees of the agents of a deployment file: that they come up, and what they did.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::plan::{Plan, Planned, counted};
use super::progress::Bar;
use super::table::{self, Row};
use crate::agent::{AgentReport, Counts, Watch};
use crate::message::Jid;
use crate::platform::Platform;

/// More agents than this, of one entry or in all, are not named one by one.
const FEW_CLONES: usize = 5;
const FEW_AGENTS: usize = 30;

/// Who reads what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    Person,
    /// It takes one object of JSON after another: there is neither bar nor table.
    Machine,
}

/// What is shown of a run, and the counts for its table.
#[derive(Debug)]
pub(super) struct Show {
    plan: Arc<Plan>,
    reader: Reader,
    /// The entry of each agent.
    entries: HashMap<Jid, usize>,
    tallies: Mutex<Vec<Tally>>,
    /// While many agents start.
    bar: Mutex<Option<Bar>>,
}

/// What has become of the agents of an entry.
#[derive(Debug, Default, Clone)]
struct Tally {
    started: u64,
    ended: u64,
    counts: Counts,
    begin: Option<Instant>,
    /// When the latest of them ended.
    end: Option<Instant>,
}

impl Show {
    /// Of this plan.
    pub(super) fn new(plan: Arc<Plan>, reader: Reader) -> Arc<Self> {
        let mut entries = HashMap::with_capacity(plan.agents.len());
        for (number, entry) in plan.entries.iter().enumerate() {
            let agents = &plan.agents[entry.agents.clone()];
            entries.extend(agents.iter().map(|agent| (agent.address.clone(), number)));
        }
        let is_many = plan.agents.len() > FEW_AGENTS && reader == Reader::Person;
        let bar = is_many.then(|| Bar::of(plan.agents.len() as u64));
        Arc::new(Self {
            entries,
            tallies: Mutex::new(vec![Tally::default(); plan.entries.len()]),
            bar: Mutex::new(bar),
            plan,
            reader,
        })
    }

    fn tallies(&self) -> MutexGuard<'_, Vec<Tally>> {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bar(&self) -> MutexGuard<'_, Option<Bar>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the agents of an entry are named one by one.
    fn names_each(&self, number: usize) -> bool {
        let clones = self.plan.entries[number].agents.len();
        clones == 1 || (clones <= FEW_CLONES && self.plan.agents.len() <= FEW_AGENTS)
    }

    /// The agents of an entry begin to start.
    pub(super) fn begins(&self, number: usize) {
        self.tallies()[number].begin = Some(Instant::now());
    }

    /// An agent is ready.
    pub(super) fn is_ready(&self, number: usize, agent: &Planned) {
        self.tallies()[number].started += 1;
        if let Some(bar) = &*self.bar() {
            bar.grow();
        }
        if self.names_each(number) {
            tracing::info!(agent = %agent.address, "is ready");
        }
    }

    /// All agents of an entry are ready.
    pub(super) fn is_complete(&self, number: usize) {
        if !self.names_each(number) {
            let entry = &self.plan.entries[number];
            let agents = counted(entry.agents.len() as u64, "agent");
            tracing::info!("{agents} of `{}` are ready", entry.name);
        }
    }

    /// All have started, or no more will.
    pub(super) fn start_is_over(&self) {
        // Not while the lock is held: clearing the bar waits for lines that are being written.
        let bar = self.bar().take();
        drop(bar);
    }

    /// A table of what the agents did so far.
    pub(super) fn table(&self, platform: &Platform, colours: bool) -> String {
        if self.reader == Reader::Machine {
            return String::new();
        }
        let mut tallies = self.tallies().clone();
        for (address, counts) in platform.counts() {
            if let Some(number) = self.entries.get(&address) {
                tallies[*number].counts.add(counts);
            }
        }
        let rows = self.plan.entries.iter().zip(&tallies);
        let rows: Vec<Row<'_>> = rows
            .map(|(entry, tally)| {
                let agents = self.plan.agents.get(entry.agents.start);
                Row {
                    name: &entry.name,
                    agent_type: agents.map_or("", |agent| agent.agent_type.name()),
                    started: tally.started,
                    agents: entry.agents.len() as u64,
                    counts: tally.counts,
                    time: tally.time(),
                }
            })
            .collect();
        table::of(&rows, colours)
    }
}

impl Tally {
    /// From the start of the first to the end of the last.
    fn time(&self) -> Duration {
        let is_over = self.ended >= self.started;
        let end = self.end.filter(|_| is_over).unwrap_or_else(Instant::now);
        self.begin
            .map_or(Duration::ZERO, |begin| end.saturating_duration_since(begin))
    }
}

impl Watch for Show {
    fn has_ended(&self, report: &AgentReport) {
        let Some(number) = self.entries.get(&report.jid) else {
            return;
        };
        let mut tallies = self.tallies();
        let tally = &mut tallies[*number];
        tally.ended += 1;
        tally.end = Some(Instant::now());
        tally.counts.add(Counts {
            sent: report.sent,
            received: report.received,
            failures: report.failure_count,
        });
    }
}
