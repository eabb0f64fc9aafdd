//! From a deployment file to what its types have to say of it, noting what is wrong with its form.

use super::model::{Agent, Named, Param, System, Value};
use crate::args::time::{Zero, check_duration};
use jid::Jid;
use peak_shared::mas::addresses::Taken;
use peak_shared::mas::after::{self, Waiting};
use peak_shared::mas::file::{File, name};
use peak_shared::mas::node::{Key, Node, Yaml};
use peak_shared::mas::references;
use peak_shared::mas::section::{Given, Section};
use peak_shared::mas::values::At;
use peak_shared::problem::{Place, Problem, Problems};
use std::path::Path;
use syn::LitStr;

/// What the file asks of types; `None` if it cannot be read so far.
pub(super) fn system(bytes: &[u8], path: &LitStr, problems: &mut Problems) -> Option<System> {
    let mut root = peak_shared::mas::parse(bytes, problems)?;
    references::postpone(&mut root, problems);
    // Where the folders are that it speaks of is known when the program starts.
    let File { defaults, agents } = File::read(&root, Path::new(""), problems)?;
    let file = path.value();
    defaults.note_unknown(problems);
    let default_type = of_section(&defaults, &file, problems);
    let mut system = System {
        path: path.clone(),
        agents: Vec::new(),
        shared: params(&defaults, &file),
        some_type_unknown: false,
    };
    check_addresses(&root, &defaults, &agents, problems);
    for (key, section) in &agents {
        section.note_unknown(problems);
        let of_type = match (of_section(section, &file, problems), &default_type) {
            (Given::Yes(named), _) => Some(named),
            (Given::No, Given::Yes(named)) => Some(named.again()),
            (Given::No, Given::No) => problems.note(Named::by_agent(key, &file)),
            (Given::Wrongly, _) | (Given::No, Given::Wrongly) => None,
        };
        match of_type {
            Some(of_type) => system.agents.push(Agent {
                name: key.name.clone(),
                place: at(&file, key.place),
                of_type,
                params: params(section, &file),
            }),
            None => system.some_type_unknown = true,
        }
    }
    let waiting = agents.into_iter().map(|(key, section)| Waiting {
        name: &key.name,
        after: section.after,
    });
    after::order(&waiting.collect::<Vec<_>>(), problems);
    Some(system)
}

/// The addresses of the agents. As long as some are not known, nobody knows whether two are one.
fn check_addresses(
    root: &Node,
    defaults: &Section<'_>,
    agents: &[(&Key, Section<'_>)],
    problems: &mut Problems,
) {
    let is_open = has_open_addresses(root);
    let mut taken = Taken::<Jid>::default();
    for (key, section) in agents {
        if is_open {
            problems.note(name(key));
            continue;
        }
        let Some(domain) = problems.note(section.domain(&key.name, defaults)) else {
            continue;
        };
        let places = (domain, section.resource(defaults));
        let clones = section.clones.or(defaults.clones);
        taken.of(key, places, clones, problems);
    }
}

/// Whether a reference to the environment says what an address is, or how many there are.
fn has_open_addresses(node: &Node) -> bool {
    const KEYS: [&str; 4] = ["domain", "resource", "clones", "component"];
    node.entries().iter().any(|(key, value)| {
        let is_open = matches!(value.yaml, Yaml::Broken(_));
        // What stands below `params` may have any name.
        let is_theirs = key.name != "params";
        (is_open && KEYS.contains(&key.name.as_str())) || (is_theirs && has_open_addresses(value))
    })
}

/// The type that a section names.
fn of_section(section: &Section<'_>, file: &str, problems: &mut Problems) -> Given<Named> {
    match (section.agent, section.file) {
        (Given::No, Given::No) => Given::No,
        (Given::Yes(agent), Given::No | Given::Yes(_)) => match Named::new(agent, file) {
            Ok(named) => Given::Yes(named),
            Err(problem) => {
                problems.add(problem);
                Given::Wrongly
            }
        },
        (Given::No, Given::Yes(source)) => {
            let what = format!(
                "`file: {}`: the compiler looks for types, not for files",
                source.value
            );
            problems.add(
                Problem::at(source.place, what).hint("name the type beside it: `agent: TYPE`"),
            );
            Given::Wrongly
        }
        (Given::Wrongly, _) | (_, Given::Wrongly) => Given::Wrongly,
    }
}

impl Named {
    fn new(text: At<&str>, file: &str) -> Result<Self, Problem> {
        let ident = in_camel_case(text.value);
        if syn::parse_str::<syn::Ident>(&ident).is_err() {
            let what = format!("`{}` is not the name of a type", text.value);
            return Err(Problem::at(text.place, what)
                .hint("write the name of a struct with `#[agent]`, such as `agent: Sender`"));
        }
        Ok(Self {
            text: text.value.to_owned(),
            ident,
            place: at(file, text.place),
            word: word(file, text.place, ""),
        })
    }

    /// The type that has the name of the agent itself.
    fn by_agent(key: &Key, file: &str) -> Result<Self, Problem> {
        let ident = in_camel_case(&key.name);
        // Whatever else is wrong with the name is said where the address is made of it.
        if syn::parse_str::<syn::Ident>(&ident).is_err() {
            let what = format!(
                "agent `{}` has no `agent`, and no type has that name",
                key.name
            );
            return Err(Problem::at(key.place, what).hint("write `agent: TYPE` below it"));
        }
        Ok(Self {
            text: key.name.clone(),
            ident,
            place: at(file, key.place),
            word: word(file, key.place, "_says_no_agent"),
        })
    }

    fn again(&self) -> Self {
        Self {
            text: self.text.clone(),
            ident: self.ident.clone(),
            place: self.place.clone(),
            word: self.word.clone(),
        }
    }
}

/// `sender` and `smart-meter` as types are called.
fn in_camel_case(name: &str) -> String {
    if name.starts_with(char::is_uppercase) && !name.contains(['_', '-']) {
        return name.to_owned();
    }
    let mut ident = String::with_capacity(name.len());
    for word in name.split(['_', '-']) {
        let mut chars = word.chars();
        ident.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        ident.push_str(chars.as_str());
    }
    ident
}

fn params(section: &Section<'_>, file: &str) -> Vec<Param> {
    let params = section.params.iter();
    params
        .map(|(key, node)| Param {
            name: key.name.clone(),
            key_place: at(file, key.place),
            place: at(file, node.place),
            value: value(node),
            found: node.kind(),
        })
        .collect()
}

fn value(node: &Node) -> Value {
    if node.first(|yaml| matches!(yaml, Yaml::Broken(_))).is_some() {
        return Value::Open;
    }
    match &node.yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(_) => Value::Bool,
        Yaml::Number(number) => match number.as_i128() {
            Some(whole) => Value::Whole(whole),
            None => Value::Real,
        },
        Yaml::Text(text) => Value::Text {
            jid: peak_shared::jid::check(text).err().map(str::to_owned),
            duration: check_duration(text, Zero::Allowed).err(),
            char: (text.chars().count() != 1).then(|| "it is not one character".to_owned()),
        },
        // There are none before the program starts.
        Yaml::Resolved(_) | Yaml::Broken(_) => Value::Open,
        Yaml::List(_) => Value::List,
        Yaml::Map(_) => Value::Map,
    }
}

fn at(file: &str, place: Place) -> String {
    format!("{file}:{place}")
}

/// A place as a word that Rust accepts.
fn word(file: &str, place: Place, end: &str) -> String {
    let file = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let file: String = file
        .chars()
        .map(|char| {
            if char.is_ascii_alphanumeric() {
                char
            } else {
                '_'
            }
        })
        .collect();
    let Place { line, column } = place;
    format!("in_{file}_line_{line}_column_{column}{end}")
}
