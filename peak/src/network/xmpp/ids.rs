//! Names of stanzas: the run and a number that only grows, so that a receiver knows what it has.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use smol_str::{SmolStr, format_smolstr};

/// What the names of this framework's messages begin with.
const MARK: &str = "pk";

/// Gives out names.
#[derive(Debug)]
pub(super) struct Ids {
    /// Unlike any other run's.
    run: u32,
    next: AtomicU64,
    /// What nobody can guess.
    secret: u64,
}

impl Default for Ids {
    fn default() -> Self {
        // The hasher of std is seeded by the operating system.
        let random = RandomState::new();
        Self {
            run: (random.hash_one(MARK) >> 32) as u32,
            next: AtomicU64::new(0),
            secret: random.hash_one("secret"),
        }
    }
}

impl Ids {
    /// A word for names that others must not guess.
    pub(super) fn secret(&self) -> SmolStr {
        format_smolstr!("{:016x}", self.secret)
    }

    pub(super) fn next(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// The name with this number.
    pub(super) fn name(&self, number: u64) -> SmolStr {
        format_smolstr!("{MARK}{:08x}{number:x}", self.run)
    }

    /// The number in a name that was given out here.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        let (run, number) = parse(name)?;
        (run == self.run).then_some(number)
    }
}

/// The run and the number in a name, if it is one of this framework's.
pub(super) fn parse(name: &str) -> Option<(u32, u64)> {
    let digits = name.strip_prefix(MARK)?;
    let (run, number) = digits.split_at_checked(8)?;
    let run = u32::from_str_radix(run, 16).ok()?;
    Some((run, u64::from_str_radix(number, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_their_run_and_number() {
        let (ids, others) = (Ids::default(), Ids::default());
        let name = ids.name(0x1234);
        assert_eq!(ids.number(&name), Some(0x1234));
        assert_eq!(others.number(&name), None);
        assert_eq!(parse(&name).unwrap().1, 0x1234);
        for foreign in [
            "",
            "pk",
            "pk12",
            "e2fedc52c73b42998fcd2ba810bbd19a",
            "pk1234567é1",
        ] {
            assert_eq!(parse(foreign), None, "{foreign}");
        }
    }
}
