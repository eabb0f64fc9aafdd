//! The addresses of the agents of a file, of which no two may be one.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;
use std::str::FromStr;

use super::MAX_AGENTS;
use super::file::name;
use super::node::Key;
use super::values::At;
use crate::problem::{Place, Problem, Problems};

/// The addresses of an agent and its clones, as text. Several are numbered from 0, as PEAK does it.
pub fn addresses(
    local: &str,
    domain: &str,
    resource: &str,
    clones: u64,
) -> impl Iterator<Item = String> {
    (0..clones).map(move |number| match clones {
        1 => format!("{local}@{domain}/{resource}"),
        _ => format!("{local}{number}@{domain}/{resource}"),
    })
}

/// Where each address was given.
#[derive(Debug)]
pub struct Taken<J>(HashMap<J, Place>);

impl<J> Default for Taken<J> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<J: Clone + Display + Eq + Hash> Taken<J> {
    /// Gives them to the agent `key` and its clones; none if that cannot be, which is noted.
    pub fn of(
        &mut self,
        key: &Key,
        (domain, resource): (&str, &str),
        clones: Option<At<u64>>,
        problems: &mut Problems,
    ) -> Vec<J>
    where
        J: FromStr<Err: Display>,
    {
        if problems.note(name(key)).is_none() {
            return Vec::new();
        }
        let count = clones.map_or(1, |clones| clones.value);
        if self.0.len() as u64 + count > MAX_AGENTS {
            let place = clones.map_or(key.place, |clones| clones.place);
            let what = format!("more than {MAX_AGENTS} agents in all");
            problems.add(Problem::at(place, what));
            return Vec::new();
        }
        let addresses = addresses(&key.name, domain, resource, count);
        let addresses: Result<Vec<J>, J::Err> = addresses.map(|text| text.parse()).collect();
        let wrong = |error| Problem::at(key.place, format!("agent `{}`: {error}", key.name));
        let addresses = problems.note(addresses.map_err(wrong)).unwrap_or_default();
        problems.note(self.take(key, &addresses));
        addresses
    }

    fn take(&mut self, key: &Key, addresses: &[J]) -> Result<(), Problem> {
        for address in addresses {
            if let Some(before) = self.0.insert(address.clone(), key.place) {
                return Err(Problem::at(
                    key.place,
                    format!(
                        "agent `{}` would have the address {address}, which the one at {before} \
                         has",
                        key.name
                    ),
                )
                .hint("give it another name, domain or resource"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_are_numbered_from_zero() {
        let texts = |clones| {
            let texts: Vec<_> = addresses("a", "localhost", "main", clones).collect();
            texts.join(" ")
        };
        assert_eq!(texts(1), "a@localhost/main");
        assert_eq!(texts(2), "a0@localhost/main a1@localhost/main");
    }

    #[test]
    fn nobody_has_the_address_of_another() {
        let mut taken = Taken::default();
        let key = |line| Key {
            place: Place { line, column: 3 },
            name: "a".to_owned(),
        };
        assert_eq!(taken.take(&key(2), &["a", "b"]), Ok(()));
        let problem = taken.take(&key(4), &["c", "b"]).unwrap_err();
        assert_eq!(
            problem.what(),
            "agent `a` would have the address b, which the one at 2:3 has"
        );
    }
}
