//! The command line: what a program of agents does with its arguments.
//!
//! [`argv`] and [`args`] read them, [`plan`] and [`mas`] turn them into a list of agents that is
//! checked to the end before anything starts, and [`start`] starts it and waits for it. Whatever
//! is wrong becomes a [`Problem`](problem::Problem).

mod args;
mod argv;
mod catalog;
mod logs;
mod mas;
mod panics;
mod plan;
mod problem;
mod signals;
mod start;
mod terminal;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _};

use args::{Command, Common, ProgramArgs};
use plan::Plan;
use problem::{Exit, Problems};

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
/// - `prog start mas.yaml` those of a deployment file,
/// - `prog agents` lists the types, and `prog --help` says the rest.
///
/// The exit code is 0 if all went well, 1 if an agent did not start or something failed in one,
/// 2 if the command line or the file is wrong and so nothing was started, and 130 if a second
/// Ctrl-C ended it at once, or the first came before all agents had started.
pub fn run() -> ExitCode {
    let argv = argv::normalized(std::env::args_os());
    let exit = match parse(argv.clone()) {
        Ok(args) => execute(args),
        Err(error) => {
            if error.kind() == ErrorKind::UnknownArgument
                && let Some(problem) = plan::flag_for_param(&argv)
            {
                return refuse(&problem.into()).into();
            }
            // Nobody to tell if the terminal is gone.
            let _ = error.print();
            match error.exit_code() {
                0 => Exit::Success,
                _ => Exit::Usage,
            }
        }
    };
    exit.into()
}

fn parse(argv: Vec<OsString>) -> Result<ProgramArgs, clap::Error> {
    let mut command = command(&argv);
    let matches = command.try_get_matches_from_mut(argv)?;
    ProgramArgs::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// The grammar of the command line, with the agents of this program in its help.
fn command(argv: &[OsString]) -> clap::Command {
    let name = argv
        .first()
        .and_then(|program| Path::new(program).file_stem())
        .map_or_else(|| "peak".into(), |stem| stem.to_string_lossy().into_owned());
    let agents = catalog::short();
    ProgramArgs::command()
        .display_name(name.clone())
        .bin_name(name)
        .after_help(agents.clone())
        .mut_subcommand("run", |run| run.after_help(agents))
        .mut_subcommand("start", |start| start.after_help(mas::help()))
}

fn execute(args: ProgramArgs) -> Exit {
    match args.command {
        None => {
            let help = command(&argv::normalized(std::env::args_os())).render_help();
            print(&help.ansi().to_string(), &help.to_string());
            Exit::Usage
        }
        Some(Command::Agents) => {
            let agents = catalog::full();
            print(&agents, &agents);
            Exit::Success
        }
        Some(Command::Run(run)) => match plan::of_run(&run) {
            Ok(plan) => go(plan, &run.common),
            Err(problems) => refuse(&problems),
        },
        Some(Command::Start(start)) => match mas::read(&start.file) {
            Ok(plan) if start.check => {
                let text = format!("{}: {}\n", start.file.display(), plan.summary());
                print(&text, &text);
                problem::print_warnings(&plan.warnings);
                Exit::Success
            }
            Ok(plan) => go(plan, &start.common),
            Err(problems) => refuse(&problems),
        },
    }
}

fn go(plan: Plan, common: &Common) -> Exit {
    logs::install(&plan, common.level());
    panics::install();
    for warning in &plan.warnings {
        tracing::warn!("{warning}");
    }
    start::run(plan, common.seed)
}

fn refuse(problems: &Problems) -> Exit {
    problems.print();
    Exit::Usage
}

/// Writes to the standard output. Whoever reads it may have had enough.
fn print(coloured: &str, plain: &str) {
    let out = io::stdout();
    let text = if terminal::has_colours(&out) {
        coloured
    } else {
        plain
    };
    let _ = out.lock().write_all(text.as_bytes());
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
    ];

    proptest! {
        #[test]
        fn any_words_are_a_command_or_refused(places in proptest::collection::vec(0..WORDS.len(), 0..8)) {
            let words = places.iter().map(|place| OsString::from(WORDS[*place]));
            let argv = argv::normalized(std::iter::once("prog".into()).chain(words));
            if let Ok(args) = parse(argv) {
                match args.command {
                    Some(Command::Run(run)) => drop(plan::of_run(&run)),
                    Some(Command::Start(start)) => drop(mas::read(&start.file)),
                    Some(Command::Agents) | None => {}
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
            if let Ok(args) = parse(argv) {
                // A path may be anything.
                assert!(matches!(args.command, Some(Command::Start(_))));
            }
        }
        assert!(parse(argv::normalized([bad])).is_ok());
    }
}
