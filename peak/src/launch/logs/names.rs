//! The names of log files: one for each full address, on every file system.
//!
//! `bob@localhost/main` writes `bob@localhost_main.log`. Lower-case letters of ASCII, digits, `-`,
//! `.` and `_` stay; of everything else, each byte is `%` and two digits, also of upper-case letters,
//! which many systems do not tell from lower-case ones. In a domain `_` is one of these, so that the
//! first one ends it. Each address has an `@`, and so none has the name of the file for all others.

use std::fmt::Write as _;

use crate::message::Jid;

/// The file for what no agent says.
pub(super) const GENERAL: &str = "peak.log";

/// Names that would be longer end in a number made of the whole name: file systems take 255 bytes,
/// and a number of an old file may follow.
const MAX: usize = 200;

/// The name of an agent's file.
pub(super) fn of(agent: &Jid) -> String {
    let mut name = String::with_capacity(agent.as_str().len() + 8);
    let local = agent.local().unwrap_or_default();
    put(local, |byte| is_plain(byte) || byte == b'_', &mut name);
    name.push('@');
    put(agent.domain(), is_plain, &mut name);
    if let Some(resource) = agent.resource() {
        name.push('_');
        put(resource, |byte| is_plain(byte) || byte == b'_', &mut name);
    }
    // Neither hidden, nor a flag to the programs that it is given to.
    if let Some(first @ ('.' | '-')) = name.chars().next() {
        name.replace_range(..1, &format!("%{:02X}", u32::from(first)));
    }
    if name.len() > MAX {
        let number = fnv(name.as_bytes());
        name.truncate(MAX);
        // `~` stands in no other name.
        let _ = write!(name, "~{number:032x}");
    }
    name + ".log"
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.')
}

fn put(text: &str, stays: impl Fn(u8) -> bool, name: &mut String) {
    for byte in text.bytes() {
        if stays(byte) {
            name.push(char::from(byte));
        } else {
            let _ = write!(name, "%{byte:02X}");
        }
    }
}

/// FNV-1a with 128 bits: the same in every run, and no two names of a system will share it.
fn fnv(bytes: &[u8]) -> u128 {
    bytes.iter().fold(
        0x6c62_272e_07bb_0142_62b8_2175_6295_c58d,
        |hash: u128, byte| {
            (hash ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(jid: &str) -> String {
        of(&jid.parse().unwrap())
    }

    #[test]
    fn names_are_readable() {
        for (jid, expected) in [
            ("bob@localhost/main", "bob@localhost_main.log"),
            (
                "smart_meter12@a.example/main",
                "smart_meter12@a.example_main.log",
            ),
            (
                "bob@localhost/Main Hall",
                "bob@localhost_%4Dain%20%48all.log",
            ),
            ("josé@localhost/..", "jos%C3%A9@localhost_...log"),
            ("bob@localhost/a/../b", "bob@localhost_a%2F..%2Fb.log"),
            (".bob@localhost/x", "%2Ebob@localhost_x.log"),
            ("-rf@localhost/x", "%2Drf@localhost_x.log"),
            ("con@localhost", "con@localhost.log"),
            ("peak", "@peak.log"),
        ] {
            assert_eq!(name(jid), expected);
        }
    }

    #[test]
    fn long_names_are_cut_and_still_differ() {
        let long = |end: &str| name(&format!("{}@localhost/{end}", "x".repeat(1000)));
        assert_eq!(long("a").len(), MAX + 1 + 32 + 4);
        assert_ne!(long("a"), long("b"));
    }

    proptest! {
        #[test]
        fn two_addresses_have_two_names(
            one in "[abA._é-]{1,3}@[ab.-]{1,3}(/[abA@_/. é%]{1,3})?",
            other in "[abA._é-]{1,3}@[ab.-]{1,3}(/[abA@_/. é%]{1,3})?",
        ) {
            if let (Ok(one), Ok(other)) = (one.parse::<Jid>(), other.parse::<Jid>())
                && one != other
            {
                let (one, other) = (of(&one).to_lowercase(), of(&other).to_lowercase());
                prop_assert_ne!(one, other);
            }
        }

        #[test]
        fn every_name_is_safe(local in "\\PC{1,20}", resource in "\\PC{1,300}") {
            if let Ok(jid) = format!("{local}@localhost/{resource}").parse::<Jid>() {
                let name = of(&jid);
                prop_assert!(name.len() < 245);
                prop_assert!(name.bytes().all(|byte| is_plain(byte) || b"@_%~ABCDEF".contains(&byte)));
                prop_assert_ne!(name, GENERAL);
            }
        }
    }
}
