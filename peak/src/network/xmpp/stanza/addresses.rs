//! Addresses of stanzas. Most come again and again, and to check and normalise one takes longer than
//! to find it.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::message::Jid;

/// How many addresses a thread knows.
const KNOWN: usize = 512;

thread_local! {
    static ADDRESSES: RefCell<HashMap<Box<str>, Jid, foldhash::fast::RandomState>> =
        RefCell::default();
}

/// The address that this text is; none if it is no address.
pub(super) fn parse(text: &str) -> Option<Jid> {
    ADDRESSES.with_borrow_mut(|known| {
        if let Some(jid) = known.get(text) {
            return Some(jid.clone());
        }
        let jid: Jid = text.parse().ok()?;
        if known.len() >= KNOWN {
            known.clear();
        }
        known.insert(text.into(), jid.clone());
        Some(jid)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_the_same_the_second_time() {
        for _ in 0..2 {
            assert_eq!(parse("Bob@X/a").unwrap().as_str(), "bob@x/a");
            assert_eq!(parse("@"), None);
        }
        for number in 0..2 * KNOWN {
            assert!(parse(&format!("a{number}@x")).is_some());
        }
        assert!(ADDRESSES.with_borrow(HashMap::len) <= KNOWN);
    }
}
