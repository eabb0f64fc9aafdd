//! Ports that nobody else uses.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Mutex, PoisonError};

/// Below what systems give to outgoing connections: such a connection could take the port of a server that
/// is being restarted.
const RANGE: std::ops::Range<u16> = 10_000..32_000;

/// What this process has given out. Never given back: a client may still look for its server there.
static GIVEN: Mutex<Option<HashSet<u16>>> = Mutex::new(None);

/// A port of 127.0.0.1 that is free, and that this function will not give again.
///
/// Another process may still take it before the server does; whoever starts the server has to notice.
pub(super) fn free() -> u16 {
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    let given = given.get_or_insert_default();
    let count = u64::from(RANGE.end - RANGE.start);
    // Other processes begin elsewhere.
    let begin = RandomState::new().hash_one(std::process::id()) % count;
    (0..count)
        .map(|step| RANGE.start + u16::try_from((begin + step) % count).expect("less than a port"))
        .find(|&port| !given.contains(&port) && is_free(port) && given.insert(port))
        .expect("one of 22 000 ports is free")
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
