//! The JSON Schema of deployment files: it takes the files of this repository, and refuses broken ones.

use std::path::{Path, PathBuf};

use peak_tests::{end, example, run, start_in, tool, workspace};
use serde_json::Value;

const AGENTS: &str = env!("CARGO_BIN_EXE_mas-agents");

/// What the schema of this program says of a file: what is wrong with it.
struct Schema(jsonschema::Validator);

impl Schema {
    fn of(program: impl AsRef<Path>) -> Self {
        let ran = run(program, &["schema"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(ran.err, "");
        Self::read(&ran.out)
    }

    fn read(json: &str) -> Self {
        let schema: Value = serde_json::from_str(json).unwrap();
        assert!(jsonschema::meta::is_valid(&schema));
        Self(jsonschema::validator_for(&schema).unwrap())
    }

    fn errors(&self, yaml: &str) -> Vec<String> {
        let value: Value = serde_saphyr::from_str(yaml).unwrap();
        let errors = self.0.iter_errors(&value);
        errors
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    }
}

#[test]
fn the_examples_are_as_their_programs_want_them() {
    let mut seen = 0;
    for entry in std::fs::read_dir(workspace().join("examples")).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(folder.join("mas.yaml")) else {
            continue;
        };
        let name = folder.file_name().unwrap().to_str().unwrap();
        let errors = Schema::of(example(name)).errors(&text);
        assert_eq!(errors, [""; 0], "{name}");
        seen += 1;
    }
    assert!(seen >= 3);
}

/// Before it is built: keys are known, agents and parameters are any.
#[test]
fn a_new_project_has_one_that_takes_whatever_becomes_of_it() {
    for template in ["hello", "market"] {
        let around = tempfile::tempdir().unwrap();
        let args = ["new", "demo", "--vcs", "none", "--template", template];
        let ran = end(start_in(around.path(), tool(), &args));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let read = |file| std::fs::read_to_string(around.path().join("demo").join(file)).unwrap();
        let settings: Value = serde_json::from_str(&read(".vscode/settings.json")).unwrap();
        let schemas = settings["yaml.schemas"].as_object().unwrap();
        let (file, of) = schemas.iter().next().unwrap();
        assert_eq!(of, "mas.yaml");

        let schema = Schema::read(&read(file.as_str()));
        let mas = read("mas.yaml");
        assert_eq!(schema.errors(&mas), [""; 0], "{template}");
        let more = format!("{mas}  meter:\n    agent: Meter\n    params: {{room: attic}}\n");
        assert_eq!(schema.errors(&more), [""; 0], "{template}");
        let mistyped = more.replace("params: {", "parms: {");
        assert_ne!(schema.errors(&mistyped), [""; 0], "{template}");
    }
}

/// The blocks of YAML in a page that are deployment files.
fn blocks(page: &str) -> Vec<String> {
    let text = std::fs::read_to_string(workspace().join(page)).unwrap();
    let blocks = text.split("```yaml\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().unwrap().to_owned());
    blocks.filter(|block| block.contains("agents:")).collect()
}

#[test]
fn the_pages_are_right() {
    let schema = Schema::of(AGENTS);
    for page in [
        "README.md",
        "docs/book/src/mas-yaml.md",
        "docs/book/src/xmpp.md",
    ] {
        let blocks = blocks(page);
        assert!(!blocks.is_empty(), "{page}");
        for block in blocks {
            assert_eq!(schema.errors(&block), [""; 0], "in {page}:\n{block}");
        }
    }
}

/// `name`: of the file; each test has its own.
fn is_taken_by_the_program(name: &str, yaml: &str) -> bool {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, yaml).unwrap();
    let ran = run(AGENTS, &["start", "--check", path.to_str().unwrap()]);
    ran.code == Some(0)
}

/// The program takes these, too.
#[test]
fn good_files_are_taken() {
    let schema = Schema::of(AGENTS);
    for yaml in [
        "agents: {shop: }",
        "{defaults: , agents: {shop: {}, log: {after: shop}, meter: {after: [shop, log]}}}",
        "defaults: {log_level: DEBUG, clones: 2, params: {stock: 3}}\nagents: {shop: {log_level: off}}",
        "agents: {a: {agent: shop}, b: {agent: SHOP}, c: {agent: _s-Ho_P, params: {stock: 3}}}",
        "agents: {a: {agent: '${NONE:-shop}'}}",
        "agents: {a: {file: market.rs, agent: Shop, params: {opens: 5s, prices: {a: 1.5}, days: [true]}}}",
        "agents: {shop: {clones: '${NONE:-3}', params: {stock: '${NONE:-3}', prices: }}}",
        "agents: {a: {agent: Log, port: 5222, ssl: false, verify_security: true, domain: a.example, xmpp: false}}",
        "agents: {a: {agent: Log, log_folder: logs, log_file_mode: w, debug_mode: true, resource: x}}",
        "agents: {a: {agent: Log, domain: a.example, xmpp: {server: 'localhost:5222', register: true, route: server, offline_queue: 3, insecure: true}}}",
    ] {
        assert_eq!(schema.errors(yaml), [""; 0], "{yaml}");
        assert!(is_taken_by_the_program("schema-good.yaml", yaml), "{yaml}");
    }
}

/// And these it refuses.
#[test]
fn broken_files_are_refused() {
    let schema = Schema::of(AGENTS);
    for (yaml, place) in [
        ("hello", ""),
        ("agents:", "/agents"),
        ("agents: {}", "/agents"),
        ("defaults: {clones: 2}", ""),
        ("{agents: {shop: }, agent: {}}", ""),
        ("agents: [shop]", "/agents"),
        ("agents: {shop: 3}", "/agents/shop"),
        ("agents: {'shop@localhost': }", ""),
        ("agents: {shop: {clone: 2}}", "/agents/shop"),
        ("agents: {shop: {clones: 0}}", "/agents/shop/clones"),
        ("agents: {shop: {clones: 1000001}}", "/agents/shop/clones"),
        ("agents: {shop: {clones: '2'}}", "/agents/shop/clones"),
        (
            "agents: {shop: {log_level: loud}}",
            "/agents/shop/log_level",
        ),
        ("agents: {a: {agent: Shopp}}", "/agents/a/agent"),
        ("agents: {a: {agent: sho}}", "/agents/a/agent"),
        ("agents: {a: {agent: a shop}}", "/agents/a/agent"),
        ("agents: {a: {agent: -_}}", "/agents/a/agent"),
        ("agents: {a: {file: 3, agent: Shop}}", "/agents/a/file"),
        ("agents: {shop: {after: 3}}", "/agents/shop/after"),
        ("{defaults: {after: shop}, agents: {shop: }}", "/defaults"),
        ("agents: {shop: {params: [1]}}", "/agents/shop/params"),
        ("agents: {shop: {params: {stok: 1}}}", "/agents/shop/params"),
        (
            "agents: {shop: {params: {stock: -1}}}",
            "/agents/shop/params/stock",
        ),
        (
            "agents: {shop: {params: {stock: many}}}",
            "/agents/shop/params/stock",
        ),
        (
            "agents: {shop: {params: {label: 101}}}",
            "/agents/shop/params/label",
        ),
        (
            "agents: {shop: {params: {opens: 5}}}",
            "/agents/shop/params/opens",
        ),
        (
            "agents: {shop: {params: {days: [3]}}}",
            "/agents/shop/params/days",
        ),
        // A parameter, but of another type.
        (
            "agents: {a: {agent: Shop, params: {patience: 5s}}}",
            "/agents/a/params",
        ),
        (
            "agents: {a: {agent: SHOP, params: {patience: 5s}}}",
            "/agents/a/params",
        ),
        ("agents: {shop: {domain: 'a b'}}", "/agents/shop/domain"),
        ("agents: {shop: {port: 99999}}", "/agents/shop/port"),
        ("agents: {shop: {ssl: maybe}}", "/agents/shop/ssl"),
        (
            "agents: {shop: {log_file_mode: x}}",
            "/agents/shop/log_file_mode",
        ),
        ("agents: {shop: {password: hunter2}}", "/agents/shop"),
        ("agents: {shop: {xmpp: 3}}", "/agents/shop/xmpp"),
        (
            "agents: {shop: {xmpp: {route: there}}}",
            "/agents/shop/xmpp",
        ),
        ("agents: {shop: {xmpp: {sever: a}}}", "/agents/shop/xmpp"),
    ] {
        let errors = schema.errors(yaml);
        assert!(!errors.is_empty(), "{yaml}");
        let here = |error: &String| {
            error.starts_with(&format!("{place}: ")) || error.starts_with(&format!("{place}/"))
        };
        assert!(errors.iter().any(here), "{yaml}: {errors:?}");
        assert!(!is_taken_by_the_program("schema-bad.yaml", yaml), "{yaml}");
    }
}

#[test]
fn words_of_the_help_and_of_the_types_are_in_it() {
    let ran = run(AGENTS, &["schema"]);
    let schema: Value = serde_json::from_str(&ran.out).unwrap();
    let agent = &schema["definitions"]["agent"]["properties"];
    assert_eq!(
        agent["clones"]["description"],
        "how many; several are numbered name0, name1, … (default: 1)"
    );
    let stock = &agent["params"]["properties"]["stock"];
    assert_eq!(stock["description"], "How many pieces it has.\n\nu32 = 1");
    assert_eq!(stock["default"], 1);
    let types = &agent["agent"]["anyOf"][0]["enum"];
    assert!(
        types.as_array().unwrap().contains(&"Visitor".into()),
        "{types}"
    );
}
