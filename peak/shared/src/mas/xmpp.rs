//! What a section says of the XMPP server: the key `xmpp`, and PEAK's keys beside it.

use std::path::Path;

use super::keys;
use super::node::{Key, Node, Yaml};
use super::values::{At, as_truth, entries, number, text, truth, wrong};
use crate::problem::{Place, Problem, Problems};
use crate::xmpp::{Password, Said, Verify, Wishes};

/// What a section says of it.
#[derive(Debug, Default)]
pub struct Connection<'a> {
    pub wishes: Wishes,
    /// PEAK's keys, which have no effect on agents inside the process.
    peaks: Vec<&'a Key>,
    port: Option<Said<u16>>,
    /// Whether to verify certificates, and which key says so.
    verify: Vec<(Said<bool>, &'static str)>,
}

/// More messages than this are not meant to wait.
pub const MAX_QUEUE: u64 = 1_000_000;

impl<'a> Connection<'a> {
    /// Reads the key `xmpp` of the section `name`.
    pub fn read(
        &mut self,
        key: &Key,
        node: &Node,
        name: &str,
        folder: &Path,
        problems: &mut Problems,
    ) {
        let on = |on| Some(Said::at(key.place, on));
        match &node.yaml {
            Yaml::Bool(value) => self.wishes.on = on(*value),
            Yaml::Text(server) => {
                self.wishes.on = on(true);
                self.wishes.server = Some(Said::at(node.place, server.clone()));
            }
            Yaml::Resolved(resolved) => match as_truth(&resolved.text) {
                Some(value) => self.wishes.on = on(value),
                None => {
                    self.wishes.on = on(true);
                    self.wishes.server = Some(Said::at(node.place, resolved.text.clone()));
                }
            },
            Yaml::Map(_) => {
                self.wishes.on = on(true);
                let name = format!("`xmpp` of {name}");
                for (key, node) in entries(node, &name, problems) {
                    self.take(key, node, &name, folder, problems);
                }
            }
            Yaml::Broken(problem) => {
                self.wishes.on = on(true);
                problems.add((**problem).clone());
            }
            _ => {
                // Where they are is asked with this.
                self.wishes.on = on(true);
                problems.add(
                    wrong(node, "`false`, a server or a mapping")
                        .hint("write `xmpp: HOST`, or its keys below it, indented"),
                );
            }
        }
    }

    fn take(&mut self, key: &Key, node: &Node, name: &str, folder: &Path, problems: &mut Problems) {
        let flag = || truth(node).map(|value| Said::at(node.place, value));
        let words = |wanted| text(node, wanted).map(|at| said(at, str::to_owned));
        let file = || text(node, "a file").map(|at| said(at, |path| folder.join(path)));
        let wishes = &mut self.wishes;
        match key.name.as_str() {
            "server" => wishes.server = problems.note(words("a server")),
            "port" => wishes.port = problems.note(port(node)),
            "direct_tls" => wishes.direct_tls = problems.note(flag()),
            "ca" => wishes.ca = problems.note(file()),
            "insecure" => {
                let verify = |insecure| if insecure { Verify::No } else { Verify::Yes };
                let insecure = problems.note(flag());
                wishes.verify = insecure.map(|said| Said::at(node.place, verify(said.value)));
            }
            "register" => wishes.register = problems.note(flag()),
            "password_file" => {
                let file = file().map(|said| map(said, Password::File));
                once(&mut wishes.password, file, key, problems);
            }
            "password_env" => {
                let env = words("a variable").map(|said| map(said, Password::Env));
                once(&mut wishes.password, env, key, problems);
            }
            "jid_password" => match flag() {
                Ok(flag) if flag.value => {
                    let jid = Ok(map(flag, |_| Password::Jid));
                    once(&mut wishes.password, jid, key, problems);
                }
                flag => drop(problems.note(flag)),
            },
            "credentials" => wishes.credentials = problems.note(file()),
            "component" => wishes.component = problems.note(words("a domain")),
            "secret_file" => {
                let file = file().map(|said| map(said, Password::File));
                once(&mut wishes.secret, file, key, problems);
            }
            "secret_env" => {
                let env = words("a variable").map(|said| map(said, Password::Env));
                once(&mut wishes.secret, env, key, problems);
            }
            "route" => wishes.by_server = problems.note(route(node)),
            "offline_queue" => {
                let queue = number(node, "a number of messages", 1..=MAX_QUEUE);
                let queue = queue.map(|at| said(at, |value| value as usize));
                wishes.offline_queue = problems.note(queue);
            }
            "password" | "secret" => problems.add(keys::password(key, name)),
            "ssl" | "verify_security" => problems.add(
                keys::unknown(key, name, &[]).hint("write `insecure: true` or `insecure: false`"),
            ),
            _ => {
                let known: Vec<_> = keys::XMPP.iter().map(|(name, _)| *name).collect();
                problems.add(keys::unknown(key, name, &known));
            }
        }
    }

    /// Reads one of PEAK's keys.
    pub fn take_peaks(&mut self, key: &'a Key, node: &Node, problems: &mut Problems) {
        if key.name == "port" {
            self.port = problems.note(port(node));
            self.peaks.extend(self.port.map(|_| key));
            return;
        }
        let name = keys::CONNECTION.into_iter().find(|name| *name == key.name);
        if let (Some(name), Some(value)) = (name, problems.note(truth(node))) {
            self.verify.push((Said::at(node.place, value), name));
            self.peaks.push(key);
        }
    }

    /// Puts everything together, once the section is read, and checks it.
    pub fn conclude(&mut self, problems: &mut Problems) {
        let wishes = &mut self.wishes;
        match (&wishes.port, &self.port) {
            (Some(one), Some(other)) if one.value != other.value => problems.add(
                at(other, "`xmpp` has another `port`".to_owned()).hint("leave one of them out"),
            ),
            (_, other) => wishes.port = wishes.port.or(*other),
        }
        // In PEAK, `ssl` is the one that counts, and people write the other. Both must say no.
        let verifies = self.verify.iter().any(|(verify, _)| verify.value);
        if let Some((first, key)) = self.verify.first() {
            let verify = if verifies {
                Verify::Yes
            } else {
                Verify::NoSaysPeak(key)
            };
            match &wishes.verify {
                Some(own) if own.value != verify => problems.add(
                    at(
                        first,
                        format!("`{key}` says something else than `insecure`"),
                    )
                    .hint(format!("leave `{key}` out")),
                ),
                Some(_) => {}
                None => wishes.verify = Some(map(*first, |_| verify)),
            }
        }
    }

    /// Warns of what says nothing of agents inside the process.
    pub fn without_effect(&self, section: &str, problems: &mut Problems) {
        for key in &self.peaks {
            problems.warn(keys::without_effect(key, section));
        }
    }
}

/// Warns, once, of certificates that are not verified since PEAK's keys say so.
pub fn caution(wishes: &Wishes, problems: &mut Problems) {
    if let Some(Said {
        place: Some(place),
        value: Verify::NoSaysPeak(key),
    }) = wishes.verify
    {
        problems.warn(Problem::at(
            place,
            format!(
                "`{key}: false`: the certificate of the server is not verified, so whoever is in \
                 between can read everything, passwords too; leave the key out, or name a `ca`"
            ),
        ));
    }
}

fn said<'a, T, U>(at: At<T>, change: impl FnOnce(T) -> U + 'a) -> Said<U> {
    Said::at(at.place, change(at.value))
}

fn map<T, U>(said: Said<T>, change: impl FnOnce(T) -> U) -> Said<U> {
    Said {
        place: said.place,
        value: change(said.value),
    }
}

fn at<T>(said: &Said<T>, what: String) -> Problem {
    let start = Place { line: 1, column: 1 };
    Problem::at(said.place.unwrap_or(start), what)
}

/// A password comes from one place.
fn once(
    place: &mut Option<Said<Password>>,
    value: Result<Said<Password>, Problem>,
    key: &Key,
    problems: &mut Problems,
) {
    let Some(value) = problems.note(value) else {
        return;
    };
    if place.is_some() {
        problems.add(
            Problem::at(
                key.place,
                format!("`{}` is another place for what is given already", key.name),
            )
            .hint("leave one of them out"),
        );
    }
    *place = Some(value);
}

fn port(node: &Node) -> Result<Said<u16>, Problem> {
    let port = number(node, "a port", 1..=u64::from(u16::MAX))?;
    Ok(said(port, |port| port as u16))
}

fn route(node: &Node) -> Result<Said<bool>, Problem> {
    match node.as_text() {
        Some("server") => Ok(Said::at(node.place, true)),
        Some("direct") => Ok(Said::at(node.place, false)),
        _ => Err(wrong(node, "`server` or `direct`")),
    }
}
