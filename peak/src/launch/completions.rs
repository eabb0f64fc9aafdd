//! `completions`: what a shell needs to complete the words of this program.

use clap::builder::PossibleValuesParser;
use clap::{Args, Command};
use clap_complete::Shell;

use crate::agent::AgentType;

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(super) shell: Shell,
}

/// The script for this shell, agent types included.
pub(super) fn script(shell: Shell, command: Command) -> String {
    let agents = AgentType::all();
    let names = PossibleValuesParser::new(agents.iter().map(|agent| agent.name()));
    let mut command = match agents.is_empty() {
        true => command,
        false => command.mut_subcommand("run", |run| {
            run.mut_arg("agent", |arg| arg.value_parser(names))
        }),
    };
    let name = command
        .get_display_name()
        .unwrap_or_else(|| command.get_name())
        .to_owned();
    let mut script = Vec::new();
    // For bash, the generator has two opinions of how a function is named after a program with a `-`.
    let word = match shell {
        Shell::Bash => name.replace('-', "_"),
        _ => name.clone(),
    };
    clap_complete::generate(shell, &mut command, &word, &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    match shell {
        Shell::Bash => script.replace(
            &format!(" -o default {word}\n"),
            &format!(" -o default {name}\n"),
        ),
        _ => script,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::help;

    #[test]
    fn functions_of_bash_are_named_in_one_way() {
        let grammar = help::command(&["smart-grid".into()]);
        let script = script(Shell::Bash, grammar);
        assert_eq!(script.matches("complete -F _smart_grid ").count(), 2);
        assert_eq!(script.matches(" -o default smart-grid\n").count(), 2);
        let label = "smart_grid__subcmd__run";
        assert!(script.contains(&format!("cmd=\"{label}\"")), "{script}");
        assert!(script.contains(&format!("{label})\n")), "{script}");
    }
}
