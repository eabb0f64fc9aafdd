//! The grammar of the command line as this program has it: with its name, its agents, and examples.

use std::ffi::OsString;
use std::path::Path;

use clap::{Command, CommandFactory as _};

use super::args::ProgramArgs;
use super::{catalog, mas, xmpp};

/// What is written before `run` and the like, where the command line does not say.
const NAME: &str = "peak";

/// The grammar of the command line, with the agents of this program in its help.
pub(super) fn command(argv: &[OsString]) -> Command {
    let name = argv
        .first()
        .and_then(|program| Path::new(program).file_stem())
        .map_or_else(|| NAME.into(), |stem| stem.to_string_lossy().into_owned());
    let below = |parts: &[&str]| {
        let parts = parts.iter().map(|part| part.replace("{prog}", &name));
        parts.collect::<Vec<_>>().join("\n\n")
    };
    let agents = catalog::short();
    let commands = [
        ("run", below(&[RUN, &agents])),
        ("start", below(&[START, &mas::help()])),
        ("agents", below(&[AGENTS])),
        ("schema", below(&[SCHEMA])),
        ("diagram", below(&[DIAGRAM])),
        ("doctor", below(&[DOCTOR])),
        ("send", below(&[SEND])),
        ("completions", below(&[COMPLETIONS])),
        ("man", below(&[MAN])),
    ];
    let mut command = ProgramArgs::command()
        .display_name(&name)
        .after_help(below(&[PROGRAM, &agents]));
    for (of, text) in commands {
        command = command.mut_subcommand(of, |command| command.after_help(text));
    }
    command
        .bin_name(name)
        .mut_subcommand("run", xmpp_in_help)
        .mut_subcommand("start", xmpp_in_help)
        .mut_subcommand("doctor", |doctor| {
            let place = "Where the server is, if not where the DNS has it";
            let password = "The password of --jid, in a file that nobody else can read";
            let registers = "Register an account to look with; the default on this machine only";
            doctor
                .hide(!xmpp::IS_BUILT_IN)
                .mut_arg("xmpp", |arg| arg.help(place))
                .mut_arg("password_file", |arg| arg.help(password))
                .mut_arg("register", |arg| arg.help(registers))
        })
        .mut_subcommand("send", |send| {
            let place =
                "Where the server is, if not where the DNS has it; at localhost it must be said";
            let password = "The password of the sender, in a file that nobody else can read";
            let registers = "Register the sender if there is no such account; the default on this \
                             machine only";
            send.hide(!xmpp::IS_BUILT_IN)
                .mut_arg("xmpp", |arg| arg.help(place))
                .mut_arg("password_file", |arg| arg.help(password))
                .mut_arg("register", |arg| arg.help(registers))
        })
}

/// A program without XMPP takes its flags, to say that, but does not speak of them.
fn xmpp_in_help(command: Command) -> Command {
    let is_xmpp = |arg: &clap::Arg| {
        arg.get_long()
            .is_some_and(|flag| xmpp::FLAGS.contains(&flag))
    };
    command.mut_args(|arg| {
        let hidden = is_xmpp(&arg) && !xmpp::IS_BUILT_IN;
        arg.hide(hidden)
    })
}

const PROGRAM: &str = "\
Examples:
  {prog} start                            the agents of mas.yaml, as `{prog}` alone
  {prog} run AGENT                        one agent; `{prog} agents` lists them
  {prog} run --help                       the flags of a command";

const SCHEMA: &str = "\
Examples:
  {prog} schema > mas.schema.json
  # yaml-language-server: $schema=mas.schema.json     the first line of mas.yaml";

const RUN: &str = "\
Examples:
  {prog} run AGENT
  {prog} run AGENT -j bob@localhost --clones 3
  {prog} run AGENT --param name=Ada --param every=5s -v";

const START: &str = "\
Examples:
  {prog} start                            the agents of mas.yaml
  {prog} start --check other.yaml         only look whether all is right
  {prog} start --log-level debug";

const AGENTS: &str = "\
Examples:
  {prog} agents";

const DIAGRAM: &str = "\
Examples:
  {prog} diagram AGENT                    for Mermaid, as pages of documentation draw it
  {prog} diagram AGENT --format dot | dot -Tsvg > agent.svg";

const DOCTOR: &str = "\
Examples:
  {prog} doctor example.org               the server that the DNS names
  {prog} doctor localhost --xmpp localhost:5222 --ca ca.crt
  {prog} doctor example.org -j ada@example.org --password-file ada.password -v";

const SEND: &str = "\
Examples:
  {prog} send --to bob@localhost --xmpp localhost --ca ca.crt --body hello
  {prog} send --to bob@example.org -j ada@example.org --performative request --body 'warm up' --wait
  {prog} send --to bob@example.org --body - --metadata kind=report < report.txt
  {prog} send --to bob@example.org --performative query-ref --body price --wait 30s --json";

const COMPLETIONS: &str = "\
Examples:
  {prog} completions bash > ~/.local/share/bash-completion/completions/{prog}
  {prog} completions zsh > ~/.zfunc/_{prog}
  {prog} completions fish > ~/.config/fish/completions/{prog}.fish";

const MAN: &str = "\
Examples:
  {prog} man | man -l -                   read it
  {prog} man --out ~/.local/share/man/man1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_examples_with_the_name_of_the_program() {
        let command = command(&["bin/meters".into()]);
        let commands = command.get_subcommands();
        for part in commands.chain([&command]) {
            let text = part.get_after_help().expect("it has examples").to_string();
            let name = part.get_name();
            assert!(text.starts_with("Examples:\n  meters "), "{name}: {text}");
            assert!(!text.contains("{prog}"), "{name}: {text}");
        }
    }

    /// What an example writes is understood.
    #[test]
    fn examples_can_be_typed() {
        let grammar = command(&["prog".into()]);
        let texts = grammar.get_subcommands().chain([&grammar]);
        let texts = texts.filter_map(|part| Some(part.get_after_help()?.to_string()));
        let mut typed = 0;
        for line in texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()) {
            let Some(line) = line.strip_prefix("  prog ") else {
                continue;
            };
            let line = line.split("   ").next().unwrap_or_default();
            let line = line.split(['<', '>', '|']).next().unwrap_or_default();
            let words = line.replace("'warm up'", "'warm-up'");
            let argv = std::iter::once("prog").chain(words.split_whitespace());
            let read = grammar.clone().try_get_matches_from(argv);
            let is_sound = match &read {
                Ok(_) => true,
                Err(error) => error.exit_code() == 0,
            };
            assert!(is_sound, "{line}: {}", read.unwrap_err());
            typed += 1;
        }
        assert!(typed >= 15, "{typed}");
    }
}
