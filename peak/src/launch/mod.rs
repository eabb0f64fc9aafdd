//! The command line: what a program of agents does with its arguments.
//!
//! [`argv`] and [`args`] read them, [`plan`] and [`mas`] turn them into a list of agents that is
//! checked to the end before anything starts, [`xmpp`] says which of them are on a server, and
//! [`start`] starts it and waits for it; [`doctor`] looks at a server. Whatever is wrong becomes a
//! [`Problem`](problem::Problem). [`tool`] is for the `peak` command, which has words of its own.

mod args;
mod argv;
mod catalog;
mod doctor;
mod logs;
mod mas;
mod panics;
mod plan;
mod problem;
mod signals;
mod start;
mod terminal;
pub mod tool;
mod xmpp;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _};

use args::{Command, Common, ProgramArgs};
use plan::Plan;
use problem::{Exit, Problems};
use tool::Tool;
use xmpp::Domains;

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
/// - `prog agents` lists the types, `prog doctor HOST` looks at an XMPP server, and `prog --help`
///   says the rest.
///
/// The exit code is 0 if all went well, 1 if an agent did not start or something failed in one,
/// 2 if the command line or the file is wrong and so nothing was started, and 130 if a second
/// Ctrl-C ended it at once, or the first came before all agents had started.
pub fn run() -> ExitCode {
    run_with(&tool::NoTool)
}

/// The same, with the commands of a tool.
pub fn run_with(tool: &dyn Tool) -> ExitCode {
    let argv = argv::normalized(std::env::args_os());
    let mut command = tool.grammar(command(&argv));
    let done = command.try_get_matches_from_mut(&argv).and_then(|matches| {
        if let Some(done) = tool.run(&argv, &matches) {
            return Ok(done);
        }
        let args = ProgramArgs::from_arg_matches(&matches);
        let args = args.map_err(|error| error.format(&mut command))?;
        Ok(execute(args, &mut command).into())
    });
    done.unwrap_or_else(|error| wrong_words(&error, &argv).into())
}

/// Words that are not in the grammar, or for which there is help only.
fn wrong_words(error: &clap::Error, argv: &[OsString]) -> Exit {
    let instead = match error.kind() {
        _ if error.exit_code() == 0 => None,
        ErrorKind::UnknownArgument => {
            plan::flag_for_param(argv).or_else(|| xmpp::password_flag(argv))
        }
        // Clap would say what it cannot read, and that may be the password.
        _ => xmpp::password_flag(argv),
    };
    if let Some(problem) = instead {
        return refuse(&[problem.into()]);
    }
    // Nobody to tell if the terminal is gone.
    let _ = error.print();
    match error.exit_code() {
        0 => Exit::Success,
        _ => Exit::Usage,
    }
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
        .mut_subcommand("run", |run| xmpp_in_help(run.after_help(agents)))
        .mut_subcommand("start", |start| xmpp_in_help(start.after_help(mas::help())))
        .mut_subcommand("doctor", |doctor| {
            let place = "Where the server is, if not where the DNS has it";
            let registers = "Register an account to look with; the default on this machine only";
            doctor
                .hide(!xmpp::IS_BUILT_IN)
                .mut_arg("xmpp", |arg| arg.help(place))
                .mut_arg("register", |arg| arg.help(registers))
        })
}

/// A program without XMPP takes its flags, to say that, but does not speak of them.
fn xmpp_in_help(command: clap::Command) -> clap::Command {
    let is_xmpp = |arg: &clap::Arg| {
        arg.get_long()
            .is_some_and(|flag| xmpp::FLAGS.contains(&flag))
    };
    command.mut_args(|arg| {
        let hidden = is_xmpp(&arg) && !xmpp::IS_BUILT_IN;
        arg.hide(hidden)
    })
}

fn execute(args: ProgramArgs, command: &mut clap::Command) -> Exit {
    match args.command {
        None => {
            let help = command.render_help();
            print(&help.ansi().to_string(), &help.to_string());
            Exit::Usage
        }
        Some(Command::Agents) => {
            let agents = catalog::full();
            print(&agents, &agents);
            Exit::Success
        }
        Some(Command::Doctor(doctor)) => doctor::run(&doctor),
        Some(Command::Run(run)) => {
            let plan = with_servers(&run.common, |domains| plan::of_run(&run, domains));
            match plan {
                Ok(plan) => go(plan, &run.common),
                Err(problems) => refuse(&problems),
            }
        }
        Some(Command::Start(start)) => {
            let plan = with_servers(&start.common, |domains| mas::read(&start.file, domains));
            match plan {
                Ok(plan) if start.check => {
                    let text = format!("{}: {}\n", start.file.display(), plan.summary());
                    print(&text, &text);
                    problem::print_warnings(&plan.warnings);
                    Exit::Success
                }
                Ok(plan) => go(plan, &start.common),
                Err(problems) => refuse(&problems),
            }
        }
    }
}

/// A plan with what the command line says of servers. What is wrong with that, and what is wrong
/// with the plan, is said together.
fn with_servers(
    common: &Common,
    plan: impl FnOnce(Domains) -> Result<Plan, Problems>,
) -> Result<Plan, Vec<Problems>> {
    let mut problems = Problems::default();
    common.xmpp.wishes().check(&mut problems);
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

fn go(plan: Plan, common: &Common) -> Exit {
    if let Err(problems) = logs::install(&plan, &common.log_wishes()) {
        return refuse(&[problems]);
    }
    panics::install();
    for warning in &plan.warnings {
        tracing::warn!("{warning}");
    }
    let exit = start::run(plan, common.seed);
    logs::finish();
    exit
}

fn refuse(problems: &[Problems]) -> Exit {
    problems.iter().for_each(Problems::print);
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
                        plan::of_run(&run, domains)
                    })),
                    Some(Command::Start(start)) => drop(with_servers(&start.common, |domains| {
                        mas::read(&start.file, domains)
                    })),
                    // It connects to whatever it is told.
                    Some(Command::Agents | Command::Doctor(_)) | None => {}
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
