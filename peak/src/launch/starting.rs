//! Starting the agents of a plan, each when those that it waits for are ready.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::plan::{Entry, Plan, Planned};
use super::show::Show;
use crate::agent::SpawnError;
use crate::platform::Platform;

/// Enough to keep a server busy, and not so many that each waits for long.
const LOGINS_AT_ONCE: usize = 32;

/// Starts them all: agents inside the process one after another, and side by side those that must
/// log in to a server, and those that do not wait for each other.
///
/// # Errors
///
/// The first that does not start; nobody is started any more then.
pub(super) async fn start(
    plan: &Arc<Plan>,
    platform: &Platform,
    show: Option<&Arc<Show>>,
) -> Result<(), SpawnError> {
    let logins = Arc::new(Semaphore::new(LOGINS_AT_ONCE));
    let mut waiting = Waiting::new(&plan.entries);
    let mut starting = JoinSet::new();
    loop {
        for number in waiting.take_free() {
            let starter = Starter {
                plan: Arc::clone(plan),
                platform: platform.clone(),
                show: show.cloned(),
                logins: Arc::clone(&logins),
            };
            starting.spawn(async move { starter.start(number).await.map(|()| number) });
        }
        match next(&mut starting).await {
            Some(started) => waiting.is_ready(started?),
            None => return Ok(()),
        }
    }
}

/// What the next task to end gives; `None` if there is none, or the runtime goes.
async fn next<T: 'static>(tasks: &mut JoinSet<T>) -> Option<T> {
    match tasks.join_next().await? {
        Ok(result) => Some(result),
        Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
        Err(_) => None,
    }
}

/// Starts one agent with its clones.
struct Starter {
    plan: Arc<Plan>,
    platform: Platform,
    show: Option<Arc<Show>>,
    logins: Arc<Semaphore>,
}

impl Starter {
    async fn start(self, number: usize) -> Result<(), SpawnError> {
        if let Some(show) = &self.show {
            show.begins(number);
        }
        let range = self.plan.entries[number].agents.clone();
        if self.plan.is_inside(&self.plan.agents[range.clone()]) {
            for agent in &self.plan.agents[range] {
                start_one(&self.platform, self.show.as_deref(), number, agent).await?;
            }
        } else {
            self.log_in(number, &self.plan.agents[range]).await?;
        }
        if let Some(show) = &self.show {
            show.is_complete(number);
        }
        Ok(())
    }

    /// Starts clones side by side.
    async fn log_in(&self, number: usize, clones: &[Planned]) -> Result<(), SpawnError> {
        let mut starting = JoinSet::new();
        for agent in clones {
            // Others may have taken all places; then this one's clones may still be done meanwhile.
            let login = loop {
                tokio::select! {
                    login = Arc::clone(&self.logins).acquire_owned() => break login,
                    Some(started) = next(&mut starting), if !starting.is_empty() => started?,
                }
            };
            let (platform, show, agent) = (self.platform.clone(), self.show.clone(), agent.clone());
            starting.spawn(async move {
                let started = start_one(&platform, show.as_deref(), number, &agent).await;
                drop(login);
                started
            });
        }
        while let Some(started) = next(&mut starting).await {
            started?;
        }
        Ok(())
    }
}

async fn start_one(
    platform: &Platform,
    show: Option<&Show>,
    number: usize,
    agent: &Planned,
) -> Result<(), SpawnError> {
    platform
        .spawn_type(agent.agent_type, &agent.address, &agent.params)
        .await?;
    if let Some(show) = show {
        show.is_ready(number, agent);
    }
    Ok(())
}

/// Which entries of a plan can start.
#[derive(Debug)]
struct Waiting<'a> {
    entries: &'a [Entry],
    /// How many each of them still waits for, of those that it names.
    open: Vec<usize>,
    /// Who waits for each of them by name.
    wanted_by: Vec<Vec<usize>>,
    is_ready: Vec<bool>,
    /// All before this place are ready.
    ready_to: usize,
    free: Vec<usize>,
}

impl<'a> Waiting<'a> {
    fn new(entries: &'a [Entry]) -> Self {
        let count = |entry: &Entry| entry.after.as_ref().map_or(0, Vec::len);
        let mut wanted_by = vec![Vec::new(); entries.len()];
        for (number, entry) in entries.iter().enumerate() {
            for other in entry.after.iter().flatten() {
                wanted_by[*other].push(number);
            }
        }
        let at_once = |entry: &Entry| entry.after.as_ref().is_some_and(Vec::is_empty);
        let numbered = entries.iter().enumerate();
        let mut waiting = Self {
            entries,
            open: entries.iter().map(count).collect(),
            wanted_by,
            is_ready: vec![false; entries.len()],
            ready_to: 0,
            free: numbered
                .filter(|(_, entry)| at_once(entry))
                .map(|(number, _)| number)
                .collect(),
        };
        waiting.free_next();
        waiting
    }

    /// Those that can start now, each once.
    fn take_free(&mut self) -> Vec<usize> {
        let mut free = std::mem::take(&mut self.free);
        free.sort_unstable();
        free
    }

    fn is_ready(&mut self, number: usize) {
        self.is_ready[number] = true;
        for other in &self.wanted_by[number] {
            self.open[*other] -= 1;
            if self.open[*other] == 0 {
                self.free.push(*other);
            }
        }
        if number == self.ready_to {
            while self.is_ready.get(self.ready_to) == Some(&true) {
                self.ready_to += 1;
            }
            self.free_next();
        }
    }

    /// Frees the first that is not ready, if it has waited for all above it.
    fn free_next(&mut self) {
        let next = self.entries.get(self.ready_to);
        if next.is_some_and(|entry| entry.after.is_none()) {
            self.free.push(self.ready_to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(after: &[Option<&[usize]>]) -> Vec<Entry> {
        let entry = |after: &Option<&[usize]>| Entry {
            name: String::new(),
            agents: 0..0,
            after: after.map(<[usize]>::to_vec),
        };
        after.iter().map(entry).collect()
    }

    #[test]
    fn one_after_another_unless_somebody_says_otherwise() {
        let entries = entries(&[None, None, Some(&[0]), Some(&[]), None, Some(&[2, 3])]);
        let mut waiting = Waiting::new(&entries);
        assert_eq!(waiting.take_free(), [0, 3]);
        waiting.is_ready(3);
        assert!(waiting.take_free().is_empty());
        waiting.is_ready(0);
        assert_eq!(waiting.take_free(), [1, 2]);
        waiting.is_ready(2);
        // The fifth waits for the second, which says nothing; the sixth for those it names.
        assert_eq!(waiting.take_free(), [5]);
        waiting.is_ready(1);
        assert_eq!(waiting.take_free(), [4]);
        waiting.is_ready(5);
        waiting.is_ready(4);
        assert!(waiting.take_free().is_empty());
        assert_eq!(waiting.ready_to, 6);
    }
}
