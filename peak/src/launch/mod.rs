//! The command line: what a program of agents does with its arguments.
//!
//! [`argv`] and [`args`] read them, [`run`](mod@run) and [`mas`] make a [`plan`] of them, which is
//! checked to the end before anything starts, [`xmpp`] says which agents are on a server, and
//! [`start`] starts it ([`starting`]: who when) and waits for it, which [`show`] shows; [`doctor`]
//! looks at a server, [`send`] sends one message over it. [`help`], [`completions`] and [`man`] are
//! about the command line itself. Whatever is wrong becomes a [`Problem`]. [`tool`] and
//! [`writing`] are for the `peak` command, which has words of its own.

mod args;
mod argv;
mod catalog;
mod completions;
mod deployment;
mod diagram;
mod doctor;
mod help;
mod logs;
mod man;
pub(crate) mod mas;
#[cfg(feature = "otel")]
mod otel;
mod panics;
mod plan;
mod problem;
mod progress;
mod run;
mod send;
mod show;
mod signals;
mod sources;
mod start;
mod starting;
mod table;
mod terminal;
pub mod tool;
pub mod writing;
mod xmpp;

pub use deployment::Deployment;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use clap::FromArgMatches as _;
use clap::error::ErrorKind;
use tracing::level_filters::LevelFilter;

use args::{Command, Common, DEPLOYMENT_FILE, ProgramArgs, StartArgs};
use help::command;
use logs::Format;
use plan::Plan;
use problem::{Exit, Problem, Problems};
use show::Reader;
use tool::Tool;
use xmpp::Domains;

use crate::agent::AgentType;

/// Runs the agents of this program as its command line says: the whole `main` of a program.
///
/// ```no_run
/// use peak::prelude::*;
///
/// #[agent]
/// struct Hello;
///
/// #[agent]
/// impl Hello {
///     #[behaviour(one_shot)]
///     async fn greet(ctx: Context<Self>) {
///         println!("hello from {}", ctx.jid());
///         ctx.stop();
///     }
/// }
///
/// fn main() -> peak::ExitCode {
///     peak::run()
/// }
/// ```
///
/// - `prog run Hello -j bob@localhost` runs agents of one type,
/// - `prog start mas.yaml` those of a deployment file; `prog` alone does so if the current folder has a
///   `mas.yaml`, and prints its help if not,
/// - `prog send --to JID --body TEXT` sends one message to an agent on an XMPP server,
/// - `prog agents` lists the types, `prog schema` prints a JSON Schema of deployment files,
///   `prog doctor HOST` looks at an XMPP server, `prog completions SHELL` and `prog man` are for your
///   shell and for `man`, and `prog --help` says the rest.
///
/// The exit code is 0 if all went well, 1 if an agent did not start or something failed in one,
/// 2 if the command line or the file is wrong and so nothing was started, and 130 if a second
/// Ctrl-C ended it at once, or the first came before all agents had started.
pub fn run() -> ExitCode {
    run_program(&tool::NoTool, None)
}

/// The same, with a deployment file that is part of the program.
fn run_built_in(file: Deployment) -> ExitCode {
    run_program(&tool::NoTool, Some(file))
}

/// The same, with the commands of a tool.
pub fn run_with(tool: &dyn Tool) -> ExitCode {
    run_program(tool, None)
}

/// The same, with a deployment file that is started if none is named.
fn run_program(tool: &dyn Tool, built_in: Option<Deployment>) -> ExitCode {
    let argv = argv::normalized(std::env::args_os());
    let grammar = tool.grammar(command(&argv));
    let mut command = grammar.clone();
    let done = command.try_get_matches_from_mut(&argv).and_then(|matches| {
        if let Some(done) = tool.run(&argv, &matches) {
            return Ok(done);
        }
        let args = ProgramArgs::from_arg_matches(&matches);
        let args = args.map_err(|error| error.format(&mut command))?;
        Ok(execute(args, grammar, built_in).into())
    });
    done.unwrap_or_else(|error| wrong_words(&error, &argv).into())
}

/// Words that are not in the grammar, or for which there is help only.
fn wrong_words(error: &clap::Error, argv: &[OsString]) -> Exit {
    let instead = match error.kind() {
        _ if error.exit_code() == 0 => None,
        ErrorKind::UnknownArgument => {
            run::flag_for_param(argv).or_else(|| xmpp::password_flag(argv))
        }
        // Clap would say what it cannot read, and that may be the password.
        _ => xmpp::password_flag(argv),
    };
    if let Some(problem) = instead {
        return refuse(&[problem.into()]);
    }
    let text = error.render();
    let (coloured, plain) = (text.ansi().to_string(), text.to_string());
    match error.exit_code() {
        // What was asked for: help, or the version.
        0 => print(&coloured, &plain),
        _ => {
            problem::print_text(&coloured, &plain);
            Exit::Usage
        }
    }
}

fn execute(args: ProgramArgs, mut grammar: clap::Command, built_in: Option<Deployment>) -> Exit {
    match args.command {
        None if built_in.is_some() || has_something_to_start(Path::new("")) => {
            start_file(&StartArgs::default(), built_in)
        }
        None => {
            let help = grammar.render_help();
            print(&help.ansi().to_string(), &help.to_string());
            Exit::Usage
        }
        Some(Command::Agents) => {
            let agents = catalog::full();
            print(&agents, &agents)
        }
        Some(Command::Schema) => {
            let schema = mas::schema();
            print(&schema, &schema)
        }
        Some(Command::Diagram(args)) => match diagram::text(&args) {
            Ok(text) => print(&text, &text),
            Err(problem) => refuse(&[problem.into()]),
        },
        Some(Command::Doctor(doctor)) => doctor::run(&doctor),
        Some(Command::Send(send)) => send::run(&send),
        Some(Command::Completions(args)) => {
            let script = completions::script(args.shell, grammar);
            print(&script, &script)
        }
        Some(Command::Man(args)) => {
            let written = match &args.out {
                Some(folder) => man::write(grammar, folder).map(|()| Exit::Success),
                None => man::page(&grammar).map(|page| print(&page, &page)),
            };
            written.unwrap_or_else(fail)
        }
        Some(Command::Run(run)) => {
            let plan = with_servers(&run.common, |domains| run::plan(&run, domains));
            match plan {
                Ok(plan) => go(plan, &run.common, false),
                Err(problems) => refuse(&problems),
            }
        }
        Some(Command::Start(args)) => start_file(&args, built_in),
    }
}

/// Whether this is a folder with a deployment file, of a program with agents: whoever runs it
/// without a word wants these. (The tool `peak` has no agents, and says what it can do.)
fn has_something_to_start(folder: &Path) -> bool {
    !AgentType::all().is_empty() && folder.join(DEPLOYMENT_FILE).is_file()
}

fn start_file(args: &StartArgs, built_in: Option<Deployment>) -> Exit {
    let (name, plan) = match (&args.file, built_in) {
        (None, Some(file)) => {
            let plan = with_servers(&args.common, |domains| mas::read_built_in(file, domains));
            (file.name().to_owned(), plan)
        }
        (path, _) => {
            let path = path.as_deref().unwrap_or(Path::new(DEPLOYMENT_FILE));
            let plan = with_servers(&args.common, |domains| mas::read(path, domains));
            (path.display().to_string(), plan)
        }
    };
    match plan {
        Ok(plan) if args.check => {
            let text = format!("{name}: {}\n", plan.summary());
            problem::print_warnings(&plan.warnings);
            print(&text, &text)
        }
        Ok(plan) => go(plan, &args.common, true),
        Err(problems) => refuse(&problems),
    }
}

/// A plan with what the command line says of servers. What is wrong with that, and what is wrong
/// with the plan, is said together.
fn with_servers(
    common: &Common,
    plan: impl FnOnce(Domains) -> Result<Plan, Problems>,
) -> Result<Plan, Vec<Problems>> {
    let mut problems = Problems::default();
    xmpp::check(&common.xmpp.wishes(), &mut problems);
    let plan = plan(Domains::new(&common.xmpp));
    match plan {
        Ok(plan) if problems.is_empty() => Ok(plan),
        Ok(_) => Err(vec![problems]),
        // The plan may have come upon the same.
        Err(others) => {
            let others = others.without(&problems);
            Err(vec![problems, others])
        }
    }
}

/// Runs a plan; `shows` as [`start::run`] has it, if the log is not quieter than it is by default.
fn go(plan: Plan, common: &Common, shows: bool) -> Exit {
    let wishes = common.log_wishes();
    let said = plan.logs.under(&wishes);
    let reader = match said.format {
        Some(Format::Json) => Reader::Machine,
        Some(Format::Text) | None => Reader::Person,
    };
    let shows = (shows && said.level() >= LevelFilter::INFO).then_some(reader);
    if let Err(problems) = logs::install(&plan, &wishes) {
        return refuse(&[problems]);
    }
    panics::install();
    for warning in &plan.warnings {
        tracing::warn!("{warning}");
    }
    let exit = start::run(plan, common.seed, shows);
    finish();
    exit
}

/// Waits, not for ever, until what the program has said is where it shall be.
fn finish() {
    // First, since what it has to say is logged.
    #[cfg(feature = "otel")]
    otel::finish();
    logs::finish();
}

fn refuse(problems: &[Problems]) -> Exit {
    problems.iter().for_each(problem::print);
    Exit::Usage
}

/// Says what went wrong with what was asked for rightly.
fn fail(problem: Problem) -> Exit {
    problem::print(&problem.into());
    Exit::Failure
}

/// Writes to the standard output. Whoever reads it may have had enough, and that is no failure.
fn print(coloured: &str, plain: &str) -> Exit {
    let out = io::stdout();
    let text = if terminal::has_colours(&out) {
        coloured
    } else {
        plain
    };
    let mut out = out.lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => fail(Problem::new(format!(
            "the standard output cannot be written: {error}"
        ))),
        _ => Exit::Success,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Words of which command lines are made, right and wrong.
    const WORDS: &[&str] = &[
        "run",
        "start",
        "agents",
        "doctor",
        "help",
        "--help",
        "-j",
        "-jid",
        "a@b",
        "a@b/c",
        "@",
        "--clones",
        "-c",
        "3",
        "-1",
        "--param",
        "x=1",
        "=",
        "x",
        "--log-level",
        "-log_level=info",
        "debug",
        "-v",
        "-vvvv",
        "--seed",
        "--check",
        "--",
        "-",
        "",
        "\u{0}",
        "é",
        "Meter",
        "nowhere.yaml",
        "--xmpp",
        "localhost:5222",
        "--port",
        "--ca",
        "--insecure",
        "--verify_security",
        "--password-file",
        "--jid-password",
        "--register",
        "--json",
        "--component",
        "--password",
        "send",
        "--to",
        "--body",
        "-metadata",
        "--wait",
        "completions",
        "man",
        "diagram",
    ];

    fn parse(argv: &[OsString]) -> Result<ProgramArgs, clap::Error> {
        let matches = command(argv).try_get_matches_from(argv)?;
        ProgramArgs::from_arg_matches(&matches)
    }

    proptest! {
        #[test]
        fn any_words_are_a_command_or_refused(places in proptest::collection::vec(0..WORDS.len(), 0..8)) {
            let words = places.iter().map(|place| OsString::from(WORDS[*place]));
            let argv = argv::normalized(std::iter::once("prog".into()).chain(words));
            if let Ok(args) = parse(&argv) {
                match args.command {
                    Some(Command::Run(run)) => drop(with_servers(&run.common, |domains| {
                        run::plan(&run, domains)
                    })),
                    Some(Command::Start(start)) => drop(with_servers(&start.common, |domains| {
                        mas::read(&start.file.unwrap_or_default(), domains)
                    })),
                    // These connect, read or write whatever they are told.
                    Some(
                        Command::Agents
                        | Command::Schema
                        | Command::Diagram(_)
                        | Command::Doctor(_)
                        | Command::Send(_)
                        | Command::Completions(_)
                        | Command::Man(_),
                    )
                    | None => {}
                }
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn words_that_are_not_text_are_refused() {
        use std::os::unix::ffi::OsStringExt as _;
        let bad = OsString::from_vec(vec![b'a', 0xFF]);
        for command in ["run", "start", "x"] {
            let argv = argv::normalized(["prog".into(), command.into(), bad.clone()]);
            if let Ok(args) = parse(&argv) {
                // A path may be anything.
                assert!(matches!(args.command, Some(Command::Start(_))));
            }
        }
        assert!(parse(&argv::normalized([bad])).is_ok());
    }
}
