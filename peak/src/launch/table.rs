//! The table at the end of a run: a line for each agent of the file, its clones together.

use std::time::Duration;

use super::plan::counted;
use super::terminal::escape;
use crate::agent::Counts;

/// An agent of the file with its clones.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) name: &'a str,
    pub(super) agent_type: &'a str,
    /// How many have started, of how many.
    pub(super) started: u64,
    pub(super) agents: u64,
    pub(super) counts: Counts,
    pub(super) time: Duration,
}

/// More lines than this are not read.
const LINES: usize = 40;

/// Longer names are cut: they would push the numbers out of the window.
const WIDTH: usize = 32;

const HEAD: [&str; 7] = ["name", "type", "agents", "in", "out", "errors", "time"];

/// How many columns have text in them, which begins at the left.
const TEXTS: usize = 2;

/// The rows in aligned columns. If there are too many, those with errors are among the ones shown,
/// and the others are counted.
pub(super) fn of(rows: &[Row<'_>], colours: bool) -> String {
    let shown = shown(rows);
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(shown.iter().map(|number| cells(&rows[*number])));
    let widths: [usize; HEAD.len()] = std::array::from_fn(|column| {
        let widths = lines.iter().map(|line| line[column].chars().count());
        widths.max().unwrap_or_default()
    });
    let (bold, red, plain) = match colours {
        true => ("\x1b[1m", "\x1b[31m", "\x1b[0m"),
        false => ("", "", ""),
    };
    let mut text = String::new();
    for (place, line) in lines.iter().enumerate() {
        let has_errors = place > 0 && rows[shown[place - 1]].counts.failures > 0;
        let colour = match (place, has_errors) {
            (0, _) => bold,
            (_, true) => red,
            (_, false) => "",
        };
        text.push_str(colour);
        text.push_str(&aligned(line, &widths));
        if !colour.is_empty() {
            text.push_str(plain);
        }
        text.push('\n');
    }
    let more = rows.len() - shown.len();
    if more > 0 {
        text.push_str(&format!("and {}\n", counted(more as u64, "more line")));
    }
    text
}

/// The numbers of the rows that are shown, in order.
fn shown(rows: &[Row<'_>]) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..rows.len()).collect();
    if rows.len() > LINES {
        let is_well = |number: &usize| {
            let row = &rows[*number];
            row.counts.failures == 0 && row.started == row.agents
        };
        numbers.sort_by_key(is_well);
        numbers.truncate(LINES);
        numbers.sort_unstable();
    }
    numbers
}

fn cells(row: &Row<'_>) -> [String; HEAD.len()] {
    [
        word(row.name),
        word(row.agent_type),
        match row.started == row.agents {
            true => row.agents.to_string(),
            false => format!("{} of {}", row.started, row.agents),
        },
        row.counts.received.to_string(),
        row.counts.sent.to_string(),
        row.counts.failures.to_string(),
        format!("{:.1} s", row.time.as_secs_f64()),
    ]
}

/// A name as it may stand in a line.
fn word(name: &str) -> String {
    let mut word = String::new();
    escape(name, &mut word);
    let mut word = word.replace(['\n', '\t'], " ");
    if word.chars().count() > WIDTH {
        word = word.chars().take(WIDTH - 1).collect();
        word.push('…');
    }
    word
}

fn aligned(line: &[String], widths: &[usize]) -> String {
    let cells = line.iter().zip(widths).enumerate();
    let cells: Vec<String> = cells
        .map(|(column, (cell, width))| match column < TEXTS {
            true => format!("{cell:<width$}"),
            false => format!("{cell:>width$}"),
        })
        .collect();
    cells.join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, agents: u64, failures: u64) -> Row<'_> {
        Row {
            name,
            agent_type: "Buyer",
            started: agents,
            agents,
            counts: Counts {
                sent: 12,
                received: 7,
                failures,
            },
            time: Duration::from_millis(1234),
        }
    }

    #[test]
    fn columns_are_aligned() {
        let mut late = row("Übermut", 300, 0);
        late.started = 17;
        assert_eq!(
            of(&[row("buyer", 1, 0), late], false),
            "name     type      agents  in  out  errors   time\n\
             buyer    Buyer          1   7   12       0  1.2 s\n\
             Übermut  Buyer  17 of 300   7   12       0  1.2 s\n"
        );
    }

    #[test]
    fn names_cannot_break_the_table() {
        let long = "x".repeat(100);
        let table = of(&[row("a\x1b[31m\nb\tc", 1, 0), row(&long, 1, 0)], false);
        assert_eq!(table.lines().count(), 3, "{table}");
        assert!(table.contains("a\\u{1b}[31m     b c "), "{table}");
        assert!(table.contains(&format!("{}… ", "x".repeat(31))), "{table}");
    }

    #[test]
    fn what_failed_is_among_the_lines_that_are_shown() {
        let names: Vec<String> = (0..300).map(|number| format!("agent-{number}")).collect();
        let mut rows: Vec<_> = names.iter().map(|name| row(name, 1, 0)).collect();
        rows[250].counts.failures = 2;
        let table = of(&rows, true);
        assert_eq!(table.lines().count(), 1 + LINES + 1);
        assert!(
            table.contains("agent-38 ") && !table.contains("agent-39 "),
            "{table}"
        );
        assert!(table.contains("\x1b[31magent-250"), "{table}");
        assert!(table.ends_with("\nand 260 more lines\n"), "{table}");
    }
}
