//! `peak run agent.rs`, as a person meets it.
//!
//! Each test compiles programs, with the framework in them, so they wait to be asked for.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use peak_tests::{Ran, tool};
use tempfile::TempDir;

/// A folder with files of agents in it.
struct Folder(TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().expect("there is a place for temporary files"));
        files
            .iter()
            .for_each(|(name, text)| folder.write(name, text));
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        let folder = path.parent().expect("a file is in a folder");
        std::fs::create_dir_all(folder).expect("the folder is ours");
        std::fs::write(path, text).expect("the folder is ours");
    }

    /// The tool in this folder, with nothing in its environment that could change what it does.
    fn peak(&self, line: &str) -> Command {
        let mut command = Command::new(tool());
        command
            .args(line.split_whitespace())
            .current_dir(self.path())
            // All share what is compiled of the framework.
            .env("PEAK_CACHE", cache())
            .env("CARGO", env!("CARGO"))
            .env("CARGO_NET_OFFLINE", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, line: &str) -> Ran {
        ran(&mut self.peak(line))
    }
}

fn ran(command: &mut Command) -> Ran {
    command.output().expect("the tool starts").into()
}

fn cache() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cache")
}

/// An agent that says something and stops.
fn agent(name: &str, says: &str) -> String {
    format!(
        "use peak::prelude::*;

/// Says something.
#[agent]
struct {name};

#[agent]
impl {name} {{
    #[behaviour(one_shot)]
    async fn say(ctx: Context<Self>) {{
        println!(\"{{}} says {says}\", ctx.jid());
        ctx.stop();
    }}
}}
"
    )
}

#[test]
#[ignore = "compiles programs"]
fn a_file_is_compiled_once_and_again_when_it_changes() {
    let folder = Folder::with(&[("hello.rs", &agent("Hello", "one"))]);
    let first = folder.run("run hello.rs -jid dummy@localhost -clones 2");
    assert_eq!(first.code, Some(0), "{first:?}");
    let mut lines: Vec<&str> = first.out.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "dummy0@localhost/main says one",
            "dummy1@localhost/main says one"
        ]
    );

    // There is nothing to compile with.
    let mut again = folder.peak("run hello.rs");
    let again = ran(again.env("CARGO", "/nowhere").env("PATH", "/nowhere"));
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_eq!(again.out, "hello@localhost/main says one\n");

    folder.write("hello.rs", &agent("Hello", "two"));
    let mut stale = folder.peak("run hello.rs");
    let stale = ran(stale.env("CARGO", "/nowhere"));
    assert_eq!(stale.code, Some(1), "{stale:?}");
    assert!(stale.err.contains("cannot be started"), "{stale:?}");
    assert!(
        stale.err.contains("hint: Rust compiles agents"),
        "{stale:?}"
    );
    let changed = folder.run("run hello.rs");
    assert_eq!(
        changed.out, "hello@localhost/main says two\n",
        "{changed:?}"
    );
}

#[test]
#[ignore = "compiles programs"]
fn a_file_names_what_it_needs_and_may_have_several_types() {
    let ada = agent("Ada", "x").replace(
        "println!(\"{} says x\", ctx.jid());",
        "let time = std::time::Duration::from_secs(61);
        println!(\"{}\", humantime::format_duration(time));",
    );
    let bob = agent("Bob", "hello").replace("use peak::prelude::*;\n", "");
    let front = "#!/usr/bin/env -S peak run\n---\n[dependencies]\nhumantime = \"2\"\n---\n";
    let folder = Folder::with(&[("pair.rs", &[front, &ada, &bob].concat())]);
    let which = folder.run("run pair.rs");
    assert_eq!(which.code, Some(2), "{which:?}");
    assert!(
        which.err.contains("`pair.rs` has `Ada` and `Bob`"),
        "{which:?}"
    );
    let ada = folder.run("run pair.rs:Ada");
    assert_eq!(ada.code, Some(0), "{ada:?}");
    assert_eq!(ada.out, "1m 1s\n");
    assert_eq!(
        folder.run("run ./pair.rs:Bob").out,
        "bob@localhost/main says hello\n"
    );
}

#[test]
#[ignore = "compiles programs"]
fn mistakes_stand_where_they_were_made() {
    let front = "---\n[dependencies]\nhumantime = \"2\"\n---\n";
    let wrong = agent("Hello", "x").replace("one_shot", "oneshot");
    let folder = Folder::with(&[
        ("plain.rs", &wrong),
        ("front.rs", &format!("{front}{wrong}")),
    ]);
    let place = |name: &str, line: usize| {
        let path = folder
            .path()
            .canonicalize()
            .expect("it is there")
            .join(name);
        format!("--> {}:{line}:17", path.display())
    };
    for (name, line) in [("plain.rs", 9), ("front.rs", 13)] {
        let ran = folder.run(&format!("run {name}"));
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.err.contains("did you mean `one_shot`?"), "{ran:?}");
        assert!(ran.err.contains(&place(name, line)), "{ran:?}");
        assert!(
            ran.err.contains(&format!("error: {name} does not compile")),
            "{ran:?}"
        );
    }
}

#[test]
#[ignore = "compiles programs"]
fn the_files_of_a_system_are_one_program() {
    let folder = Folder::with(&[
        (
            "mas/mas.yaml",
            "agents:\n  ann:\n    file: ../one.rs\n  bob:\n    file: two.rs\n",
        ),
        ("one.rs", &agent("One", "one")),
        (
            "mas/two.rs",
            &format!(
                "{}\nfn main() -> peak::ExitCode {{\n    peak::run()\n}}\n",
                agent("Two", "two")
            ),
        ),
    ]);
    let both = folder.run("start mas/mas.yaml");
    assert_eq!(both.code, Some(0), "{both:?}");
    assert_eq!(
        both.out,
        "ann@localhost/main says one\nbob@localhost/main says two\n"
    );
    let checked = folder.run("start --check mas/mas.yaml");
    assert!(
        checked.out.contains("2 agents: 1 One, 1 Two"),
        "{checked:?}"
    );
    let alone = folder.run("run mas/two.rs");
    assert_eq!(alone.out, "two@localhost/main says two\n", "{alone:?}");
}

#[test]
#[ignore = "compiles programs"]
fn what_needs_no_agents_is_done_by_the_tool_itself() {
    let folder = Folder::with(&[]);
    for (line, words) in [
        ("agents", "This program has no agents"),
        ("schema", "\"$schema\""),
        ("man", "peak"),
        ("completions bash", "complete"),
        ("run --help", "agents.rs:Sender"),
        ("--help", "peak run agent.rs"),
    ] {
        let mut command = folder.peak(line);
        let ran = ran(command.env("CARGO", "/nowhere"));
        assert_eq!(ran.code, Some(0), "{line}: {ran:?}");
        assert!(ran.out.contains(words), "{line}: {ran:?}");
    }
}

/// A project's own agents, by the tool.
#[test]
#[ignore = "compiles programs"]
fn the_agents_of_a_project_are_those_of_its_program() {
    let folder = Folder::with(&[]);
    assert_eq!(folder.run("new demo --vcs none").code, Some(0));
    let demo = |line: &str| {
        let mut command = folder.peak(line);
        command
            .current_dir(folder.path().join("demo/src"))
            .env("CARGO_TARGET_DIR", cache().join("target"));
        ran(&mut command)
    };
    let agents = demo("agents");
    assert_eq!(agents.code, Some(0), "{agents:?}");
    assert!(agents.out.contains("Greeter"), "{agents:?}");
    let started = demo("start --check ../mas.yaml");
    assert_eq!(started.code, Some(0), "{started:?}");
    assert!(
        started.out.contains("2 agents: 1 Greeter, 1 Visitor"),
        "{started:?}"
    );
    // A source of the program is no file of its own.
    let run = demo("run visitor.rs --param visits=many");
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(
        run.err.contains("parameter of Visitor: `visits`"),
        "{run:?}"
    );
    let unknown = demo("run Greter");
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(
        unknown.err.contains("did you mean `Greeter`?"),
        "{unknown:?}"
    );
}

#[test]
#[ignore = "compiles programs"]
fn what_there_is_not_is_said_before_anything_is_compiled() {
    let folder = Folder::with(&[
        ("agent.rs", ""),
        ("torn.rs", "---\n[dependencies]\n"),
        ("latin.rs", ""),
        ("nobody.yaml", "agents: {ann: {agent: Ann}}\n"),
        ("missing.yaml", "agents: {ann: {file: ann.rs}}\n"),
        ("python.yaml", "agents: {ann: {file: ann.py}}\n"),
    ]);
    std::fs::write(folder.path().join("latin.rs"), b"// \n// \xE9\n").expect("the folder is ours");
    for (line, words) in [
        (
            "run agents.rs",
            "error: there is no file `agents.rs`\nhint: did you mean `agent.rs`?",
        ),
        ("run src/x.rs", "error: there is no file `src/x.rs`"),
        ("run latin.rs", "latin.rs:2: this is not UTF-8 text"),
        ("run torn.rs", "torn.rs:1: the front matter has no end"),
        ("run agent.py", "error: `agent.py` is Python"),
        ("run Agent", "error: there is no project in `"),
        (
            "run",
            "nor around it\nhint: `peak run agent.rs` runs a single file",
        ),
        ("run agent.rs --colour", "unexpected argument '--colour'"),
        (
            "start nobody.yaml",
            "nor around it\nhint: write `file: sender.rs` below each agent",
        ),
        ("start missing.yaml", "there is no file `ann.rs`"),
        ("start python.yaml", "is Python"),
        ("start nowhere.yaml", "nowhere.yaml: there is no such file"),
    ] {
        let mut command = folder.peak(line);
        let ran = ran(command.env("CARGO", "/nowhere"));
        assert_eq!(ran.code, Some(2), "{line}: {ran:?}");
        assert!(ran.err.contains(words), "{line}: {ran:?}");
    }
}
