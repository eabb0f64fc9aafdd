//! `man`: the manual pages of this program.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;

use super::problem::Problem;

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Write a page for each command into this folder, instead of printing the first
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}

/// The page of the program.
pub(super) fn page(command: &Command) -> Result<String, Problem> {
    let mut page = Vec::new();
    let man = Man::new(command.clone()).source(concat!("PEAK ", env!("CARGO_PKG_VERSION")));
    render(&man, command, &mut page)
        .map_err(|error| Problem::new(format!("the page cannot be written: {error}")))?;
    let mut page = String::from_utf8_lossy(&page).into_owned();
    if let Some(below) = command.get_after_help() {
        literally(&below.to_string(), &mut page);
    }
    Ok(page)
}

fn render(man: &Man, command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(page)?;
    }
    Ok(())
}

/// What stands below the help, as it stands there: a line that begins at the margin is the head of a
/// section.
fn literally(text: &str, page: &mut String) {
    for line in text.lines() {
        match line.strip_suffix(':') {
            Some(head) if !line.starts_with(' ') => {
                page.push_str(&format!(
                    ".fi\n.SH {}\n.nf\n",
                    escaped(&head.to_uppercase())
                ));
            }
            _ if line.is_empty() => {}
            _ => {
                page.push_str(&escaped(line));
                page.push('\n');
            }
        }
    }
    page.push_str(".fi\n");
}

/// A line that roff prints as it is.
fn escaped(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-");
    match line.starts_with(['.', '\'']) {
        true => format!("\\&{line}"),
        false => line,
    }
}

/// Writes a page for the program and one for each command: `prog.1`, `prog-run.1`, …
pub(super) fn write(mut command: Command, folder: &Path) -> Result<(), Problem> {
    command.build();
    fs::create_dir_all(folder).map_err(|error| cannot(folder, &error))?;
    write_pages(&command, folder)
}

/// The page of a command, and those of the commands below it.
fn write_pages(command: &Command, folder: &Path) -> Result<(), Problem> {
    let name = command.get_display_name();
    let name = name.unwrap_or_else(|| command.get_name());
    let path = folder.join(format!("{name}.1"));
    fs::write(&path, page(command)?).map_err(|error| cannot(&path, &error))?;
    let mut below = command.get_subcommands().filter(|part| !part.is_hide_set());
    below.try_for_each(|part| write_pages(part, folder))
}

fn cannot(path: &Path, error: &io::Error) -> Problem {
    Problem::new(format!("`{}` cannot be written: {error}", path.display()))
        .hint("name a folder that is yours: `man --out DIR`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::help;

    #[test]
    fn what_roff_would_read_is_escaped() {
        let mut page = String::new();
        literally(
            "Examples:\n.so /etc/passwd\n'x\n  a\\b --c\n\nMore:\n  d",
            &mut page,
        );
        assert_eq!(
            page,
            ".fi\n.SH EXAMPLES\n.nf\n\\&.so /etc/passwd\n\\&'x\n  a\\eb \\-\\-c\n\
             .fi\n.SH MORE\n.nf\n  d\n.fi\n"
        );
    }

    #[test]
    fn the_page_of_the_program_names_its_commands() {
        let page = page(&help::command(&["meters".into()])).ok().unwrap();
        for part in [
            ".TH meters 1",
            "PEAK ",
            "meters\\-run(1)",
            "meters\\-completions(1)",
            ".SH EXAMPLES",
            ".SH AGENTS",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }
}
