//! Who logs what, and into which file.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use tracing::level_filters::LevelFilter;

use super::destination::Destination;
use crate::launch::plan::{Plan, Planned};
use crate::message::Jid;
use peak_shared::logs::{FileSettings, Format, Mode, Wishes};

/// How what somebody says is logged.
#[derive(Debug, Clone)]
pub(super) struct Voice {
    pub(super) level: LevelFilter,
    /// Whether it is said where in the source it is from.
    pub(super) with_source: bool,
    pub(super) file: Option<Arc<Destination>>,
}

/// Everybody who may speak.
#[derive(Debug)]
pub(super) struct Voices {
    /// Of what no agent says, and of agents like all others.
    general: Voice,
    /// How all others write their files.
    files: Option<Arc<FileSettings>>,
    /// By address; only those that differ from the general one.
    planned: HashMap<Box<str>, Voice>,
    /// Agents that other agents started, if these have files.
    born: RwLock<HashMap<Box<str>, Voice>>,
    /// The format on the terminal.
    pub(super) format: Format,
}

impl Voices {
    pub(super) fn of(plan: &Plan, command_line: &Wishes) -> Self {
        let mut known = Vec::<Arc<FileSettings>>::new();
        let mut shared = |files: FileSettings| match known.iter().find(|known| ***known == files) {
            Some(known) => Arc::clone(known),
            None => {
                known.push(Arc::new(files));
                Arc::clone(&known[known.len() - 1])
            }
        };
        let wishes = plan.logs.under(command_line);
        let files = wishes.files(&plan.folder).map(&mut shared);
        let general = Voice {
            level: wishes.level(),
            with_source: wishes.shows_source(),
            file: files.as_ref().map(|files| Destination::new(None, files)),
        };
        let mut planned = HashMap::new();
        let same = |one: &Planned, other: &Planned| Arc::ptr_eq(&one.logs, &other.logs);
        for clones in plan.agents.chunk_by(same) {
            let Some(wishes) = clones.first().map(|agent| agent.logs.under(command_line)) else {
                continue;
            };
            let files = wishes.files(&plan.folder).map(&mut shared);
            let (level, with_source) = (wishes.level(), wishes.shows_source());
            let is_usual = level == general.level && with_source == general.with_source;
            if is_usual && files.is_none() && general.file.is_none() {
                continue;
            }
            for agent in clones {
                let file = files.as_ref();
                let voice = Voice {
                    level,
                    with_source,
                    file: file.map(|files| Destination::new(Some(agent.address.clone()), files)),
                };
                planned.insert(agent.address.as_str().into(), voice);
            }
        }
        Self {
            general,
            files,
            planned,
            born: RwLock::default(),
            format: wishes.format.unwrap_or_default(),
        }
    }

    /// The most that anybody logs.
    pub(super) fn max(&self) -> LevelFilter {
        let levels = self.planned.values().map(|voice| voice.level);
        levels.fold(self.general.level, LevelFilter::max)
    }

    /// Whether everything of the libraries is wanted.
    pub(super) fn hear_libraries(&self) -> bool {
        self.general.with_source
    }

    /// How this agent is logged, or nobody (``) in particular.
    pub(super) fn find(&self, agent: &str) -> Voice {
        if agent.is_empty() {
            return self.general.clone();
        }
        if let Some(voice) = self.planned.get(agent) {
            return voice.clone();
        }
        let born = self.born.read().unwrap_or_else(PoisonError::into_inner);
        born.get(agent).unwrap_or(&self.general).clone()
    }

    /// Knows an agent that has just started. Gives its file, if it has one that nobody knew.
    pub(super) fn know(&self, agent: &Jid) -> Option<Arc<Destination>> {
        let files = self.files.as_ref()?;
        if self.planned.contains_key(agent.as_str()) {
            return None;
        }
        let mut born = self.born.write().unwrap_or_else(PoisonError::into_inner);
        if born.contains_key(agent.as_str()) {
            return None;
        }
        let file = Destination::new(Some(agent.clone()), files);
        let voice = Voice {
            file: Some(Arc::clone(&file)),
            ..self.general.clone()
        };
        born.insert(agent.as_str().into(), voice);
        Some(file)
    }

    /// Where files will be written.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        let mut folders: Vec<_> = self
            .written()
            .map(|file| file.settings.folder.clone())
            .collect();
        folders.sort();
        folders.dedup();
        folders
    }

    /// The files of an earlier run that must go.
    pub(super) fn cleared(&self) -> impl Iterator<Item = &Arc<Destination>> {
        self.written()
            .filter(|file| file.settings.mode == Mode::Anew)
    }

    fn written(&self) -> impl Iterator<Item = &Arc<Destination>> {
        let all = std::iter::once(&self.general).chain(self.planned.values());
        all.filter_map(|voice| voice.file.as_ref())
    }
}
