//! `peak new` and `peak add`, as a newcomer meets them: what they make, and what they refuse.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use peak_tests::{Ran, end, start_in, tool, workspace};
use tempfile::TempDir;

/// Runs the tool in a folder.
fn peak(folder: &Path, args: &[&str]) -> Ran {
    end(start_in(folder, tool(), args))
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// A new project in a folder of its own.
struct Project {
    /// Where it was made; gone when this is.
    around: TempDir,
    name: &'static str,
}

impl Project {
    fn new(name: &'static str, more: &str) -> Self {
        let around = tempfile::tempdir().unwrap();
        let args = [&["new", name], &*words(more)].concat();
        let ran = peak(around.path(), &args);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.out.starts_with(&format!("Made `{name}`: ")), "{ran:?}");
        assert!(
            ran.out.contains(&format!("\n  cd {name}\n  cargo run ")),
            "{ran:?}"
        );
        Self { around, name }
    }

    fn folder(&self) -> PathBuf {
        self.around.path().join(self.name)
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.folder().join(path)).unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::write(self.folder().join(path), text).unwrap();
    }

    /// Every file that is made by hand, and its text.
    fn files(&self) -> Vec<(PathBuf, String)> {
        let mut files = Vec::new();
        for folder in [self.folder(), self.folder().join("src")] {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    files.push((path.clone(), std::fs::read_to_string(path).unwrap()));
                }
            }
        }
        files.sort();
        files
    }

    fn add(&self, line: &str) -> Ran {
        peak(&self.folder(), &[&["add", "agent"], &*words(line)].concat())
    }

    /// Adds an agent, and then sees that a second time changes nothing.
    fn add_twice(&self, line: &str) -> String {
        let ran = self.add(line);
        assert_eq!(ran.code, Some(0), "{line}: {ran:?}");
        let files = self.files();
        let again = self.add(line);
        assert_eq!(again.code, Some(0), "{line}: {again:?}");
        assert!(
            again
                .out
                .ends_with(" is there already, and nothing was changed.\n"),
            "{again:?}"
        );
        assert_eq!(self.files(), files, "{line}");
        ran.out
    }

    /// Sees that an agent is refused with these words, and that nothing has changed.
    fn refuses(&self, line: &str, code: i32, words: &str) {
        let files = self.files();
        let ran = self.add(line);
        assert_eq!(ran.code, Some(code), "{line}: {ran:?}");
        assert!(ran.err.contains(words), "{line}: {ran:?}");
        assert_eq!(ran.out, "", "{line}");
        assert_eq!(self.files(), files, "{line}");
    }

    /// Runs cargo in it, without a network, and with what other projects have built.
    fn cargo(&self, args: &[&str]) {
        let output = Command::new(env!("CARGO"))
            .args(args)
            .current_dir(self.folder())
            .env("CARGO_TARGET_DIR", target())
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .stdin(Stdio::null())
            .output()
            .expect("cargo runs");
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(output.status.success(), "cargo {args:?}: {out}\n{err}");
    }

    /// All that its own checks on a server would do.
    fn passes_its_own_checks(&self) {
        self.cargo(&["fmt", "--check"]);
        self.cargo(&["clippy", "--all-targets", "--", "-D", "warnings"]);
        self.cargo(&["test"]);
    }

    /// Builds its program, and its tests: what those are built of, it can be built of too.
    fn builds(&self) {
        self.cargo(&["build", "--all-targets"]);
    }

    /// Runs its program, built before, in its folder.
    fn run(&self, args: &[&str]) -> Ran {
        let program = format!("{}{}", self.name, std::env::consts::EXE_SUFFIX);
        end(start_in(
            self.folder(),
            target().join("debug").join(program),
            args,
        ))
    }
}

/// Where the projects are built.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("projects")
}

#[test]
#[ignore = "builds projects: a minute or two"]
fn two_agents_that_talk() {
    let project = Project::new("two-that-talk", "");
    project.builds();
    // As `cargo run` does.
    let ran = project.run(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 11, "{ran:?}");
    assert_eq!(
        lines[..2],
        [
            "visitor@localhost/main: I am Grace",
            "greeter@localhost: Hello Grace, you are number 1",
        ]
    );
    assert_eq!(lines[10], "visitor@localhost/main: Goodbye!");
    assert!(ran.err.contains("2 agents ended, 11 messages"), "{ran:?}");
    project.passes_its_own_checks();

    let said = project.add_twice("Echo --on request");
    assert!(!said.contains("editor"), "{said}");
    let schema = project.run(&["schema"]);
    assert!(schema.out.contains("Greeter"), "{schema:?}");
    project.write("mas.schema.json", &schema.out);
    let said = project.add_twice("Other");
    let renew = "Let your editor know it: `cargo run -- schema > mas.schema.json`.\n";
    assert!(said.ends_with(renew), "{said}");
    project.add_twice(
        "smart-meter --periodic 1m30s --param room --param limit:f64=21 --param every=5s",
    );
    project.add_twice(
        "AnAgentWithAVeryLongNameOf40Characters12 --periodic 1ms --on inform --on query_ref \
         --param a_parameter_with_a_long_name_32c=21 --param from:Jid --param open=true \
         --param text=\"\\é --param n:i8=-5 --param twelve_chars --param fourteen_chars --param fifteen_charact",
    );
    project.add_twice("Quiet");
    project.builds();
    let ran = project.run(&["start", "--check"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.starts_with("mas.yaml: 7 agents: "), "{ran:?}");
    project.passes_its_own_checks();
}

#[test]
#[ignore = "builds projects: a minute or two"]
fn a_market() {
    let project = Project::new("a-market", "--template market --vcs none");
    project.builds();
    let ran = project.run(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for words in [
        "cheap@localhost/main sells to buyer",
        "dear@localhost/main sells to buyer",
        "goes home, 0 wanted",
        "cheap@localhost/main closes with 369 earned",
    ] {
        assert!(ran.out.contains(words), "{words}: {ran:?}");
    }
    assert!(ran.err.contains("5 agents ended, "), "{ran:?}");

    let acts = peak::Performative::all().map(|act| format!(" --on {act}"));
    project.add_twice(&format!("Polyglot{}", acts.collect::<String>()));
    project.passes_its_own_checks();
}

#[test]
fn a_project_is_what_its_readme_says() {
    let project = Project::new("demo", "");
    for path in [
        ".gitignore",
        ".editorconfig",
        ".github/workflows/ci.yml",
        ".vscode/settings.json",
        ".vscode/extensions.json",
        "mas.schema.json",
        "README.md",
        "src/main.rs",
        "src/greeter.rs",
        "src/visitor.rs",
    ] {
        assert!(!project.read(path).is_empty(), "{path}");
    }
    assert!(project.folder().join(".git").is_dir());
    assert_eq!(
        project.read("Cargo.lock"),
        std::fs::read_to_string(workspace().join("Cargo.lock")).unwrap()
    );
    let manifest = project.read("Cargo.toml");
    assert!(
        manifest.contains("peak = { package = \"peak-mas\", path = "),
        "{manifest}"
    );
    assert!(!manifest.contains("[workspace]"), "{manifest}");
    project.cargo(&["fmt", "--check"]);
    project.cargo(&["metadata", "--format-version", "1"]);
}

#[test]
fn where_the_framework_comes_from() {
    let project = Project::new("demo", "--source 0.7");
    let rest = "default-features = false, features = [\"cli\"] }\n";
    let line = format!("peak = {{ package = \"peak-mas\", version = \"0.7\", {rest}");
    assert!(project.read("Cargo.toml").contains(&line));
    assert!(!project.folder().join("Cargo.lock").exists());

    let package = workspace().join("peak");
    let project = Project::new("demo", &format!("--source {}", workspace().display()));
    let line = format!("path = \"{}\", {rest}", package.display());
    assert!(project.read("Cargo.toml").contains(&line));
}

/// In a workspace, in a repository, in a folder that is there and empty.
#[test]
fn a_project_inside_other_things() {
    let around = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let around = tempfile::tempdir_in(around).unwrap();
    std::fs::write(
        around.path().join("Cargo.toml"),
        "[workspace]\nmembers = []\n",
    )
    .unwrap();
    let git = Command::new("git")
        .args(["init", "-q"])
        .current_dir(around.path())
        .status();
    assert!(git.expect("git runs").success());
    let folder = around.path().join("deep/in it");
    std::fs::create_dir_all(&folder).unwrap();
    let ran = peak(around.path(), &["new", "demo", "--path", "deep/in it"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for words in [
        "and is one of its own)\n",
        "belongs to that)\n",
        "\n  cd 'deep/in it'\n",
    ] {
        assert!(ran.out.contains(words), "{words}: {ran:?}");
    }
    assert!(!folder.join(".git").exists());
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(&folder)
        .output()
        .expect("cargo runs");
    assert!(metadata.status.success(), "{metadata:?}");
}

#[test]
fn what_is_no_project_is_not_made() {
    let around = tempfile::tempdir().unwrap();
    std::fs::create_dir(around.path().join("full")).unwrap();
    std::fs::write(around.path().join("full/mine"), "mine").unwrap();
    for (args, words) in [
        ("new", "required arguments were not provided"),
        (
            "new peak",
            "`peak` cannot be the name of a project: it is that of a crate",
        ),
        (
            "new async",
            "it is a keyword of Rust\nhint: call it `async-agents`",
        ),
        (
            "new ../Demo",
            "hint: `demo` is one; `--path DIR` says where it shall be",
        ),
        (
            "new full",
            "full` is there, and not empty\nhint: name another one with `--path DIR`",
        ),
        ("new demo --path full/mine", "mine` is there, and no folder"),
        (
            "new demo --template helo",
            "a similar value exists: 'hello'",
        ),
        (
            "new demo --source nowhere",
            "`nowhere` is neither a version nor a checkout of PEAK",
        ),
        ("new demo --vcs svn", "possible values: git, none"),
        ("new demo --colour", "unexpected argument '--colour'"),
    ] {
        let ran = peak(around.path(), &self::words(args));
        assert_eq!(ran.code, Some(2), "{args}: {ran:?}");
        assert!(
            ran.err.starts_with("error: ") && ran.err.contains(words),
            "{args}: {ran:?}"
        );
        assert_eq!(ran.out, "", "{args}");
        assert_eq!(
            std::fs::read_dir(around.path()).unwrap().count(),
            1,
            "{args}"
        );
    }
    for args in ["new --help", "add --help", "add agent --help"] {
        let ran = peak(around.path(), &self::words(args));
        assert_eq!(ran.code, Some(0), "{args}: {ran:?}");
        assert!(
            ran.out
                .contains(&format!("Usage: peak {}", args.replace(" --help", ""))),
            "{ran:?}"
        );
    }
}

/// What fails when half of it is there.
#[cfg(unix)]
#[test]
fn a_half_made_project_is_removed() {
    use std::os::unix::fs::PermissionsExt as _;
    let around = tempfile::tempdir().unwrap();
    let git = around.path().join("bin/git");
    std::fs::create_dir(around.path().join("bin")).unwrap();
    std::fs::write(&git, "#!/bin/sh\necho 'no space left' >&2\nexit 1\n").unwrap();
    std::fs::set_permissions(&git, std::fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(tool())
        .args(["new", "demo", "--path", "a/b/demo"])
        .current_dir(around.path())
        .env("PATH", around.path().join("bin"))
        .output();
    let ran = Ran::from(output.unwrap());
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(
        ran.err,
        "error: `git`: no space left\nhint: `--vcs none` makes the project without it\n"
    );
    assert!(!around.path().join("a").exists());

    // Without any git it is no repository, unless one was asked for.
    std::fs::remove_file(&git).unwrap();
    for (more, code, made) in [(&["--vcs", "git"][..], 1, false), (&[], 0, true)] {
        let output = Command::new(tool())
            .args(["new", "demo"])
            .args(more)
            .current_dir(around.path())
            .env("PATH", around.path().join("bin"))
            .output();
        let ran = Ran::from(output.unwrap());
        assert_eq!(ran.code, Some(code), "{ran:?}");
        assert_eq!(around.path().join("demo").exists(), made);
    }
}

#[test]
fn an_agent_is_added_in_three_places() {
    let project = Project::new("demo", "--vcs none");
    let said = project.add_twice("smart-meter --on request --param room --param limit=3");
    assert_eq!(
        said,
        "Added `SmartMeter`:\n  src/smart_meter.rs: the agent, with a test\n  src/main.rs: `mod \
         smart_meter;`\n  mas.yaml: `smart_meter`\nGive it its `room`, in mas.yaml.\n"
    );
    assert!(
        project
            .read("src/main.rs")
            .contains("mod greeter;\nmod smart_meter;\nmod visitor;\n")
    );
    let mas = project.read("mas.yaml");
    assert!(mas.starts_with("# The agents of this system."), "{mas}");
    let entry = "      visits: 5\n  smart_meter:\n    agent: SmartMeter\n    params:\n      room: some room\n";
    assert!(mas.ends_with(entry), "{mas}");

    // The same agent, however it is spelt; and what it has become since is no matter.
    let ran = project.add("SmartMeter");
    assert!(ran.out.ends_with("nothing was changed.\n"), "{ran:?}");
    let mine = project
        .read("src/smart_meter.rs")
        .replace("you said", "I say");
    project.write("src/smart_meter.rs", &mine);
    assert!(
        project
            .add("smart_meter")
            .out
            .ends_with("nothing was changed.\n")
    );
    project.refuses(
        "smart_meter --on cfp",
        2,
        "is there already, with other content\nhint: ",
    );

    // What is there in part is completed.
    project.write(
        "src/main.rs",
        &project
            .read("src/main.rs")
            .replace("mod smart_meter;\n", ""),
    );
    let ran = project.add("SmartMeter");
    assert_eq!(
        ran.out,
        "Added `SmartMeter`:\n  src/main.rs: `mod smart_meter;`\n"
    );
    std::fs::remove_file(project.folder().join("mas.yaml")).unwrap();
    assert_eq!(
        project.add("SmartMeter").out,
        "Added `SmartMeter`:\n  mas.yaml: `smart_meter`\n"
    );
    assert_eq!(
        project.read("mas.yaml"),
        "agents:\n  smart_meter:\n    agent: SmartMeter\n"
    );
    project.cargo(&["fmt", "--check"]);

    // From below it, and from beside it.
    let ran = peak(&project.folder().join("src"), &["add", "agent", "Below"]);
    assert!(ran.out.contains("src/below.rs"), "{ran:?}");
    let ran = peak(
        project.around.path(),
        &["add", "agent", "Beside", "--path", "demo"],
    );
    assert!(ran.out.contains("src/beside.rs"), "{ran:?}");
}

/// rustfmt sorts modules.
#[test]
fn modules_are_where_rustfmt_has_them() {
    let project = Project::new("demo", "--vcs none");
    for name in [
        "x10",
        "x9",
        "x_y",
        "xa",
        "x",
        "a_b",
        "ab",
        "a1",
        "a_1",
        "zone2_b",
        "zone10_a",
        "HTTPServer",
    ] {
        project.add_twice(name);
        project.cargo(&["fmt", "--check"]);
    }
    project.write(
        "src/main.rs",
        "//! Mine.\nuse peak::run;\nfn main() -> peak::ExitCode {\n    run()\n}\n",
    );
    project.add("x9");
    project.cargo(&["fmt"]);
    let main = project.read("src/main.rs");
    assert!(
        main.contains("use peak::run;\n\nmod x9;\n\nfn main()"),
        "{main}"
    );
}

#[test]
fn an_agent_that_does_not_fit_changes_nothing() {
    let project = Project::new("demo", "--vcs none");
    for (line, words) in [
        ("", "required arguments were not provided"),
        (
            "Context",
            "agents use another `Context`\nhint: call it `ContextAgent`",
        ),
        ("loop", "it is a keyword of Rust"),
        (
            "Meter --on requset",
            "there is no performative `requset`\nhint: did you mean `request`?",
        ),
        ("Meter --periodic 5", "hint: did you mean `5s`?"),
        ("Meter --periodic 5parsecs", "`5parsecs` is not a duration"),
        ("Meter --param limit:int=3", "hint: did you mean `i64`?"),
        (
            "Meter --param limit:u8=-1",
            "`-1` is not a whole number from 0 to 255 (u8)",
        ),
        ("Meter --param a --param a:u8", "`a` is given twice"),
        (
            "Greeter --on cfp",
            "greeter.rs` is there already, with other content",
        ),
    ] {
        project.refuses(line, 2, words);
    }

    let whole = project.read("src/main.rs");
    for (main, words) in [
        (
            whole.replace("run()\n}", "run()"),
            "main.rs` cannot be edited: a bracket is not closed or not opened, in line 6\nhint: ",
        ),
        (
            format!("{whole}/* "),
            "a comment is not closed or not opened, in line 9",
        ),
    ] {
        project.write("src/main.rs", &main);
        project.refuses("Meter", 2, words);
    }
    project.write("src/main.rs", &whole);

    for (mas, words) in [
        ("agents:\n\tbob:\n", "mas.yaml`: line 2:"),
        (
            "agents:\n  meter:\n    agent: Greeter\n",
            "its agent `meter` is of another type, `Greeter`",
        ),
        (
            "defaults:\n  agent: Greeter\nagents:\n  meter:\n",
            "its agent `meter` is of another type, `Greeter`",
        ),
        (
            "agents: {bob: {agent: Greeter}}\n",
            "write these lines below `agents:`\n      meter:\n        agent: Meter\n",
        ),
    ] {
        project.write("mas.yaml", mas);
        project.refuses("Meter", 2, words);
    }
}

#[test]
fn where_no_agent_can_be_added() {
    let nowhere = tempfile::tempdir().unwrap();
    let add = |folder: &Path| peak(folder, &["add", "agent", "Meter"]);
    let ran = add(nowhere.path());
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("there is no project in `"), "{ran:?}");
    assert!(
        ran.err
            .ends_with("hint: `peak new NAME` makes one; or name its folder: `--path DIR`\n"),
        "{ran:?}"
    );

    let project = Project::new("demo", "--vcs none");
    let manifest = project.read("Cargo.toml");
    let peak = manifest
        .lines()
        .find(|line| line.starts_with("peak = "))
        .unwrap();
    let tokio = manifest
        .lines()
        .find(|line| line.starts_with("tokio = "))
        .unwrap();
    for (broken, words) in [
        (
            manifest.replace(peak, ""),
            "Cargo.toml` does not depend on `peak-mas`",
        ),
        (
            manifest.replace(tokio, ""),
            "hint: `cargo add --dev tokio --features macros,rt,test-util`",
        ),
        (
            manifest.replace("peak = ", "mas = "),
            "calls `peak-mas` `mas`",
        ),
        (
            manifest.replace("[package]", "[package"),
            "cargo cannot read the project: ",
        ),
    ] {
        project.write("Cargo.toml", &broken);
        project.refuses("Meter", 2, words);
    }
}

/// The tool has no agents, so a file of agents is nothing to it.
#[test]
fn the_tool_alone_says_what_it_can_do() {
    let project = Project::new("demo", "--vcs none");
    let ran = peak(&project.folder(), &[]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.out.contains("Usage: peak"), "{ran:?}");
}

/// The help of a command of the tool.
fn help(command: &str) -> String {
    let ran = peak(&workspace(), &[&*words(command), &["--help"]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.out
}

/// What the help of a command gives to type.
fn examples(command: &str) -> Vec<String> {
    let help = help(command);
    let (_, below) = help.split_once("\nExamples:\n").expect("it has examples");
    let lines = below.lines().map_while(|line| line.strip_prefix("  "));
    // What it does stands behind.
    let lines = lines.map(|line| line.split("   ").next().unwrap().to_owned());
    lines.collect()
}

#[test]
fn the_help_has_examples_that_work() {
    for line in examples("new") {
        let around = tempfile::tempdir().unwrap();
        let args = words(line.strip_prefix("peak ").unwrap());
        let ran = peak(around.path(), &args);
        assert_eq!(ran.code, Some(0), "{line}: {ran:?}");
    }
    for line in examples("add agent") {
        let project = Project::new("demo", "--vcs none");
        project.add_twice(line.strip_prefix("peak add agent ").unwrap());
    }
    assert_eq!(examples("add"), examples("add agent"));
}

#[test]
fn the_help_begins_with_what_makes_projects() {
    let help = help("");
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .map_while(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(commands[..4], ["new", "add", "run", "start"]);
    for command in commands {
        assert!(!examples(command).is_empty(), "{command}");
    }
}

/// It has nothing to do with servers.
#[test]
fn compiling_stands_among_the_first_flags() {
    for command in ["run", "start"] {
        let help = help(command);
        let release = help.find("--release").unwrap();
        assert!(release < help.find("\nLog:\n").unwrap(), "{help}");
    }
}

#[test]
fn every_command_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let ran = peak(folder.path(), &["man", "--out", "pages"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let page = |name: &str| std::fs::read_to_string(folder.path().join("pages").join(name));
    for name in ["peak.1", "peak-new.1", "peak-add.1", "peak-run.1"] {
        assert!(page(name).is_ok(), "{name}");
    }
    let agent = page("peak-add-agent.1").unwrap();
    assert!(agent.contains("\\-\\-periodic 1m"), "{agent}");
    assert!(agent.contains(".SH TYPES OF PARAMETERS\n"), "{agent}");
}
