//! The flags that are about logs, beside the level.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use peak_shared::logs::{Format, MAX_KEPT, Mode, Rotation, Wishes, rotation};

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Log")]
pub(in crate::launch) struct LogArgs {
    /// Write a file for each agent into this folder, too
    #[arg(short = 'f', long, value_name = "DIR")]
    log_folder: Option<PathBuf>,

    /// The files of an earlier run: a to append to them, w to write anew [default: a]
    #[arg(short = 'a', long, value_name = "a|w", hide_possible_values = true, value_parser = mode())]
    log_file_mode: Option<Mode>,

    /// Lines for people, or objects of JSON [default: text]
    #[arg(long, value_name = "text|json", hide_possible_values = true, value_parser = format())]
    log_format: Option<Format>,

    /// Begin another file before one is longer than this, such as 10MB [default: never]
    #[arg(long, value_name = "SIZE|never", value_parser = rotation)]
    log_rotate: Option<Rotation>,

    /// How many old files of each agent to keep [default: 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=i64::from(MAX_KEPT)))]
    log_keep: Option<u32>,

    /// Log everything, of libraries too, with file and line
    #[arg(long)]
    debug_mode: bool,
}

/// The flags in our spelling.
pub(in crate::launch) const FLAGS: [&str; 6] = [
    "log-folder",
    "log-file-mode",
    "log-format",
    "log-rotate",
    "log-keep",
    "debug-mode",
];

impl LogArgs {
    /// What they ask for.
    pub(in crate::launch) fn wishes(&self) -> Wishes {
        Wishes {
            level: None,
            debug: self.debug_mode.then_some(true),
            format: self.log_format,
            folder: self.log_folder.clone(),
            mode: self.log_file_mode,
            rotation: self.log_rotate,
            keep: self.log_keep,
        }
    }
}

fn mode() -> impl clap::builder::TypedValueParser<Value = Mode> {
    PossibleValuesParser::new(["a", "w"]).map(|word| match word.as_str() {
        "w" => Mode::Anew,
        _ => Mode::Append,
    })
}

fn format() -> impl clap::builder::TypedValueParser<Value = Format> {
    PossibleValuesParser::new(["text", "json"]).map(|word| match word.as_str() {
        "json" => Format::Json,
        _ => Format::Text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory as _, Parser as _};

    #[derive(Debug, clap::Parser)]
    struct Program {
        #[command(flatten)]
        args: LogArgs,
    }

    #[test]
    fn every_flag_is_listed() {
        let command = Program::command();
        let known: Vec<_> = command
            .get_arguments()
            .filter_map(clap::Arg::get_long)
            .collect();
        assert_eq!(known, FLAGS);
    }

    #[test]
    fn flags_become_wishes() {
        let wishes = |line: &str| Program::parse_from(line.split(' ')).args.wishes();
        assert_eq!(wishes("p"), Wishes::default());
        assert_eq!(
            wishes("p -f logs -a w --log-format json --log-rotate 1MB --log-keep 0 --debug-mode"),
            Wishes {
                level: None,
                debug: Some(true),
                format: Some(Format::Json),
                folder: Some("logs".into()),
                mode: Some(Mode::Anew),
                rotation: Some(Rotation::At(1_000_000)),
                keep: Some(0),
            }
        );
        for line in [
            "p -a x",
            "p --log-format xml",
            "p --log-rotate 10",
            "p --log-keep 1001",
        ] {
            assert!(Program::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }
}
