//! Levels of logs, in the words of both worlds.

use tracing_core::LevelFilter;

/// Reads a level, as Rust's libraries or as Python's call it.
///
/// # Errors
///
/// What levels there are.
pub fn level(text: &str) -> Result<LevelFilter, String> {
    Ok(match text.to_ascii_lowercase().as_str() {
        "off" | "none" => LevelFilter::OFF,
        "error" | "critical" | "fatal" => LevelFilter::ERROR,
        "warn" | "warning" => LevelFilter::WARN,
        "info" => LevelFilter::INFO,
        "debug" => LevelFilter::DEBUG,
        "trace" | "notset" => LevelFilter::TRACE,
        _ => {
            return Err("a level is off, error, warn, info, debug or trace".to_owned());
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_of_both_worlds() {
        assert_eq!(level("WARNING"), Ok(LevelFilter::WARN));
        assert_eq!(level("info"), Ok(LevelFilter::INFO));
        assert!(level("loud").is_err());
    }
}
