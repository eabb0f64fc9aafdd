//! What a deployment file says before anybody knows the types of its agents.

use std::path::{Path, PathBuf};

use peak_shared::mas::DOMAIN;
use peak_shared::mas::node::{self, Node, Resolved, Yaml};
use peak_shared::mas::references;
use peak_shared::mas::values::truth;

use crate::launch::problem::Problems;

/// Where the agents of a file come from, and where they are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::launch) struct Survey {
    /// What `file` says, each once.
    pub(in crate::launch) sources: Vec<PathBuf>,
    /// Whether some agent is on an XMPP server.
    pub(in crate::launch) server: bool,
}

/// Looks at a file. Whatever is wrong with it is said by whoever reads it to the end.
pub(in crate::launch) fn survey(path: &Path) -> Survey {
    let mut survey = Survey::default();
    let bytes = super::bytes(path).unwrap_or_default();
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    if let Ok(mut root) = node::read(text) {
        let variable = |name: &str| std::env::var(name);
        references::resolve(&mut root, &variable, &mut Problems::default());
        survey.file(&root);
    }
    survey
}

impl Survey {
    fn file(&mut self, root: &Node) {
        for (key, node) in root.entries() {
            match key.name.as_str() {
                "defaults" => self.section(node),
                "agents" => node
                    .entries()
                    .iter()
                    .for_each(|(_, agent)| self.section(agent)),
                _ => {}
            }
        }
    }

    fn section(&mut self, section: &Node) {
        for (key, node) in section.entries() {
            match (key.name.as_str(), &node.yaml) {
                ("file", Yaml::Text(path) | Yaml::Resolved(Resolved { text: path, .. })) => {
                    let path = PathBuf::from(path);
                    if !self.sources.contains(&path) {
                        self.sources.push(path);
                    }
                }
                ("xmpp", _) => self.server |= !matches!(truth(node), Ok(false)),
                ("domain", Yaml::Text(domain) | Yaml::Resolved(Resolved { text: domain, .. })) => {
                    self.server |= domain != DOMAIN;
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survey(text: &str) -> Survey {
        let mut survey = Survey::default();
        survey.file(&node::read(text).unwrap());
        survey
    }

    #[test]
    fn files_and_servers_are_found_wherever_they_stand() {
        let inside = survey(
            "defaults: {file: a.rs}\nagents: {x: {file: b.rs}, y: {file: a.rs, xmpp: false}, z: }",
        );
        assert_eq!(inside.sources, [Path::new("a.rs"), Path::new("b.rs")]);
        assert!(!inside.server);
        for server in [
            "defaults: {xmpp: true}",
            "agents: {x: {xmpp: localhost}}",
            "agents: {x: {domain: example.org}}",
        ] {
            assert!(survey(server).server, "{server}");
        }
        assert_eq!(survey("[agents]"), Survey::default());
    }
}
