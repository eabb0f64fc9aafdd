//! The tests that stand on the pages, with the agents that they are about.

include!(concat!(env!("OUT_DIR"), "/tests.rs"));
