//! What of a bench is run: names on the command line choose workloads, and systems of them.

/// What the names choose; without any it is everything.
#[derive(Debug)]
pub(crate) struct Selection {
    /// Words that are found in the names of workloads. None: all of them are wanted.
    workloads: Vec<String>,
    /// A word that is found in the names of systems. None: all of them are wanted.
    system: Option<String>,
}

impl Selection {
    /// Reads the arguments of a bench: `tell` chooses a workload, `tell/peak` also a system.
    pub(crate) fn of(args: &[String]) -> Self {
        // `cargo test` and `cargo bench` pass flags of their own; names are what is left.
        let names = || args.iter().filter(|arg| !arg.starts_with('-'));
        let workload = |name: &String| name.split('/').next().unwrap_or_default().to_owned();
        let system = |name: &String| name.split_once('/').map(|(_, system)| system.to_owned());
        Self {
            workloads: names().map(workload).collect(),
            system: names().find_map(system),
        }
    }

    /// Whether the workload of this name is to be run.
    pub(crate) fn has_workload(&self, name: &str) -> bool {
        self.workloads.is_empty() || self.workloads.iter().any(|word| name.contains(word))
    }

    /// Whether the system of this name is to be measured, whatever the workload.
    pub(crate) fn has_system(&self, name: &str) -> bool {
        let word = self.system.as_deref();
        word.is_none_or(|word| name.contains(word))
    }
}
