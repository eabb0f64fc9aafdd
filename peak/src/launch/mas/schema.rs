//! A JSON Schema of the deployment files that this program reads, for editors.
//!
//! Of draft 7: that is what the YAML support of editors knows best. It is made of the tables of
//! [`keys`], and of the agent types of the program. What only [`check`](super::check) can know, such
//! as whether two agents have one address, it leaves open.

use std::collections::BTreeMap;

use peak_shared::logs::MAX_KEPT;
use peak_shared::mas::xmpp::MAX_QUEUE;
use peak_shared::mas::{MAX_AGENTS, keys};
use serde_json::{Map, Value, json};

use super::param_schema;
use super::patterns::{any_case, any_spelling};
use crate::agent::{AgentType, plain};

/// The schema, as it is printed.
pub(in crate::launch) fn schema() -> String {
    printed(&AgentType::all())
}

/// The same for any program: agents may be of any type, and have any parameters.
pub(in crate::launch) fn general() -> String {
    printed(&[])
}

fn printed(types: &[&'static AgentType]) -> String {
    format!("{:#}\n", of(types))
}

fn of(types: &[&'static AgentType]) -> Value {
    let defaults = section(types, Section::Defaults);
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A deployment file of PEAK",
        "type": "object",
        "required": ["agents"],
        "additionalProperties": false,
        "properties": {
            "defaults": described(defaults, "the keys of agents, for every agent without its own"),
            "agents": {
                "description": "the agents; the name is the part of the address before the `@`",
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": "^[^@/\\s]+$"},
                "additionalProperties": {"$ref": "#/definitions/agent"},
            },
        },
        "definitions": {
            "agent": section(types, Section::Agent),
            "reference": {
                "description": "a variable of the environment: ${NAME} or ${NAME:-default}",
                "type": "string",
                "pattern": "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}",
            },
        },
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Defaults,
    Agent,
}

/// The keys of an agent, or of `defaults`.
fn section(types: &[&'static AgentType], which: Section) -> Value {
    let mut properties = Map::new();
    for (name, doc) in all_keys() {
        if name == "after" && which == Section::Defaults {
            continue;
        }
        properties.insert(name.to_owned(), described(of_key(name, types), doc));
    }
    let mut section = json!({
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": properties,
    });
    if which == Section::Agent && !types.is_empty() {
        let params = |(spelling, types): (String, Vec<&'static AgentType>)| {
            json!({
                "if": {
                    "type": "object",
                    "required": ["agent"],
                    "properties": {"agent": named([&spelling])},
                },
                "then": {"properties": {"params": params_of(&types)}},
            })
        };
        section["allOf"] = by_spelling(types).into_iter().map(params).collect();
    }
    section
}

/// Every key that an agent may have, with what it is for.
fn all_keys() -> Vec<(&'static str, &'static str)> {
    let mut all = keys::AGENT.to_vec();
    let peaks = keys::CONNECTION.map(|name| (name, "a key of PEAK's own files"));
    all.extend(peaks);
    all
}

/// What may stand behind a key of an agent.
fn of_key(name: &str, types: &[&'static AgentType]) -> Value {
    match name {
        "agent" if types.is_empty() => json!({"type": "string"}),
        "agent" => agent(types),
        "file" => text(),
        "params" if types.is_empty() => json!({"type": ["object", "null"]}),
        "params" => params_of(types),
        "clones" => number(1, MAX_AGENTS),
        "domain" => or_reference(json!({"type": "string", "pattern": "^[^@/\\s]+$"})),
        "resource" => text(),
        "log_level" => log_level(),
        "xmpp" => json!({"anyOf": [{"type": "boolean"}, text(), xmpp()]}),
        "after" => json!({"anyOf": [text(), {"type": "array", "items": text()}]}),
        "log_folder" | "log_rotate" => text(),
        "log_keep" => number(0, MAX_KEPT.into()),
        "log_format" => or_reference(json!({"enum": ["text", "json"]})),
        "log_file_mode" => or_reference(json!({"enum": ["a", "w"]})),
        "debug_mode" | "ssl" | "verify_security" => flag(),
        "port" => number(1, u64::from(u16::MAX)),
        _ => json!(true),
    }
}

fn xmpp() -> Value {
    let mut properties = Map::new();
    for (name, doc) in keys::XMPP {
        properties.insert(name.to_owned(), described(of_xmpp_key(name), doc));
    }
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

/// What may stand behind a key of `xmpp`.
fn of_xmpp_key(name: &str) -> Value {
    match name {
        "server" | "ca" | "credentials" | "component" => text(),
        "password_file" | "password_env" | "secret_file" | "secret_env" => text(),
        "port" => number(1, u64::from(u16::MAX)),
        "direct_tls" | "insecure" | "register" | "jid_password" => flag(),
        "route" => or_reference(json!({"enum": ["direct", "server"]})),
        "offline_queue" => number(1, MAX_QUEUE),
        _ => json!(true),
    }
}

fn text() -> Value {
    json!({"type": "string", "minLength": 1})
}

fn flag() -> Value {
    or_reference(json!({"type": "boolean"}))
}

fn number(from: u64, to: u64) -> Value {
    or_reference(json!({"type": "integer", "minimum": from, "maximum": to}))
}

/// The names of the types, which editors offer, and however else they may be spelt.
fn agent(types: &[&'static AgentType]) -> Value {
    let mut names: Vec<_> = types.iter().map(|agent| agent.name()).collect();
    names.dedup();
    let spellings = by_spelling(types);
    json!({"anyOf": [
        {"enum": names},
        named(spellings.keys()),
        {"$ref": "#/definitions/reference"},
    ]})
}

/// A type of one of these names, however it is spelt.
fn named<'a>(plain: impl IntoIterator<Item = &'a String>) -> Value {
    let names: Vec<_> = plain.into_iter().map(|name| any_spelling(name)).collect();
    json!({"type": "string", "pattern": format!("^({})$", names.join("|"))})
}

/// The types by their names as [`AgentType::find`] compares them. Several have one if `file` tells
/// them apart.
fn by_spelling(types: &[&'static AgentType]) -> BTreeMap<String, Vec<&'static AgentType>> {
    let mut by_spelling: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for agent in types {
        let same = by_spelling.entry(plain(agent.name())).or_default();
        same.push(*agent);
    }
    by_spelling
}

/// The levels, and in any case the names that Python has for them.
fn log_level() -> Value {
    const OURS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    const ALL: [&str; 11] = [
        "off", "error", "warn", "info", "debug", "trace", "none", "critical", "fatal", "warning",
        "notset",
    ];
    let pattern = format!("^({})$", ALL.map(any_case).join("|"));
    json!({"anyOf": [
        {"enum": OURS},
        {"type": "string", "pattern": pattern},
        // YAML 1.1 reads a bare `off` as a truth value.
        {"const": false},
        {"$ref": "#/definitions/reference"},
    ]})
}

fn or_reference(schema: Value) -> Value {
    let reference = json!({"$ref": "#/definitions/reference"});
    json!({"anyOf": Value::Array(vec![schema, reference])})
}

fn described(mut schema: Value, doc: &str) -> Value {
    if let Value::Object(schema) = &mut schema {
        schema.insert("description".to_owned(), doc.into());
    }
    schema
}

/// The parameters of one type, or of several where it is open which one is meant.
fn params_of(types: &[&'static AgentType]) -> Value {
    let mut by_name: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for param in types.iter().flat_map(|agent| agent.params()) {
        let schemas = by_name.entry(param.name).or_default();
        let schema = param_schema::of(param);
        if !schemas.contains(&schema) {
            schemas.push(schema);
        }
    }
    let properties = by_name.into_iter().map(|(name, mut schemas)| {
        let schema = match schemas.len() {
            1 => schemas.remove(0),
            _ => json!({"anyOf": schemas}),
        };
        (name.to_owned(), schema)
    });
    json!({
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": properties.collect::<Map<_, _>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_says_what_may_stand_behind_it() {
        let types = AgentType::all();
        for (name, _) in all_keys() {
            assert!(of_key(name, &types).is_object(), "`{name}` has no schema");
        }
        for (name, _) in keys::XMPP {
            assert!(of_xmpp_key(name).is_object(), "`{name}` has no schema");
        }
    }

    #[test]
    fn of_any_program_types_and_parameters_are_open() {
        let schema: Value = serde_json::from_str(&general()).unwrap();
        let agent = &schema["definitions"]["agent"];
        assert!(agent["allOf"].is_null());
        assert_eq!(agent["properties"]["agent"]["type"], "string");
        let params = &agent["properties"]["params"];
        assert!(params["additionalProperties"].is_null() && params["description"].is_string());
        assert_eq!(agent["additionalProperties"], false);
    }

    #[test]
    fn a_parameter_of_two_types_may_be_either() {
        let types = [
            AgentType::find("Valve").unwrap(),
            AgentType::find("Logger").unwrap(),
        ];
        let schema = of(&types);
        let agent = &schema["definitions"]["agent"];
        assert_eq!(
            agent["properties"]["agent"]["anyOf"][0],
            json!({"enum": ["Valve", "Logger"]})
        );
        let params = &agent["properties"]["params"]["properties"];
        assert!(params["room"].is_object() && params["target"].is_object());
        let of_logger = &agent["allOf"][0]["then"]["properties"]["params"];
        assert_eq!(of_logger["properties"], json!({}));
        assert!(schema["properties"]["defaults"]["properties"]["after"].is_null());
    }
}
