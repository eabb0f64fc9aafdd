//! PEAK's spellings of the flags: `-jid`, `-clones`, `-log_level`, `--log_level`.

use std::ffi::OsString;

use super::{doctor, logs, send, xmpp};

/// Our long flags, beside those for logs, for servers and of `doctor`. PEAK writes them with one dash or two, and with
/// underscores.
const FLAGS: [&str; 7] = [
    "jid",
    "clones",
    "param",
    "log-level",
    "seed",
    "check",
    "verbose",
];

/// Whether it is one of them, in our spelling.
pub(super) fn is_flag(name: &str) -> bool {
    let flags = [&FLAGS[..], &logs::FLAGS, &xmpp::FLAGS, &doctor::FLAGS];
    flags.concat().contains(&name)
}

/// The arguments with every flag spelt as we do. The first is the program.
pub(super) fn normalized(argv: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut rest_is_text = false;
    let mut next_is_text = false;
    argv.into_iter()
        .enumerate()
        .map(|(place, arg)| {
            if std::mem::take(&mut next_is_text) {
                return arg;
            }
            rest_is_text |= arg == "--";
            if place == 0 || rest_is_text {
                return arg;
            }
            let arg = arg.to_str().and_then(respelt).map_or(arg, OsString::from);
            next_is_text = send::TEXT_FLAGS.iter().any(|flag| arg == *flag);
            arg
        })
        .collect()
}

/// Our spelling, if it is another one.
fn respelt(arg: &str) -> Option<String> {
    let (flag, value) = match arg.split_once('=') {
        Some((flag, value)) => (flag, Some(value)),
        None => (arg, None),
    };
    let name = flag
        .strip_prefix("--")
        .or_else(|| flag.strip_prefix('-'))?
        .replace('_', "-");
    if !is_flag(&name) && !send::FLAGS.contains(&name.as_str()) {
        return None;
    }
    Some(match value {
        Some(value) => format!("--{name}={value}"),
        None => format!("--{name}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn respell(line: &str) -> String {
        let argv = line.split(' ').map(OsString::from);
        let words = normalized(argv);
        let words: Vec<_> = words.iter().map(|word| word.to_str().unwrap()).collect();
        words.join(" ")
    }

    #[test]
    fn peaks_spellings_become_ours() {
        assert_eq!(
            respell("peak run Hello -jid a@b -clones 3 -log_level debug --log_level=info"),
            "peak run Hello --jid a@b --clones 3 --log-level debug --log-level=info"
        );
        assert_eq!(
            respell("peak run Hello -port 5222 --verify_security -password_file=x"),
            "peak run Hello --port 5222 --verify-security --password-file=x"
        );
        assert_eq!(
            respell("peak run Hello -log_folder ./logs --log_file_mode=w -a w --debug_mode"),
            "peak run Hello --log-folder ./logs --log-file-mode=w -a w --debug-mode"
        );
        assert_eq!(
            respell("peak send -to a@b -sender c@d -body -jid -metadata k=v -conversation_id=x"),
            "peak send --to a@b --sender c@d --body -jid --metadata k=v --conversation-id=x"
        );
    }

    #[test]
    fn everything_else_stays() {
        for line in [
            "peak run -j a@b -vv -n3",
            "-jid run -x -jidd --colour",
            "peak run -- -jid",
            "peak send --body -to --thread -clones=3",
        ] {
            assert_eq!(respell(line), line);
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost(words in proptest::collection::vec("-{0,2}[a-z_=]{0,9}", 0..6)) {
            let argv: Vec<OsString> = words.iter().map(OsString::from).collect();
            prop_assert_eq!(normalized(argv).len(), words.len());
        }
    }
}
