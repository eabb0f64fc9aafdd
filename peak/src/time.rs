//! Time as agents know it: durations as people write them, and the clock of a platform.
//!
//! All waiting and all reading of the time goes through tokio's clock, so that a paused or a
//! simulated clock moves everything alike.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// A text that is not a duration, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a duration: {reason}; write it as \"5s\", \"1m30s\" or \"250ms\"")]
pub struct DurationError {
    text: String,
    reason: String,
}

/// Reads a duration such as `1m30s`.
///
/// # Errors
///
/// If the text is not a duration.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    humantime::parse_duration(text).map_err(|error| DurationError {
        text: text.to_owned(),
        reason: error.to_string(),
    })
}

/// A duration wherever one is asked for: a [`Duration`], or text such as `"1m30s"`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a duration",
    label = "expected text such as \"1m30s\", or a `Duration`"
)]
pub trait IntoDuration {
    /// The duration.
    ///
    /// # Errors
    ///
    /// If the text is malformed.
    fn into_duration(self) -> Result<Duration, DurationError>;
}

impl IntoDuration for Duration {
    fn into_duration(self) -> Result<Duration, DurationError> {
        Ok(self)
    }
}

impl IntoDuration for &str {
    fn into_duration(self) -> Result<Duration, DurationError> {
        parse_duration(self)
    }
}

/// How long to wait: a [`Duration`], text such as `"10s"`, or `None` for as long as it takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a timeout",
    label = "expected text such as \"10s\", a `Duration`, or `None` to wait for ever"
)]
pub trait IntoTimeout {
    /// The timeout, `None` if there is none.
    ///
    /// # Errors
    ///
    /// If the text is malformed.
    fn into_timeout(self) -> Result<Option<Duration>, DurationError>;
}

impl IntoTimeout for Duration {
    fn into_timeout(self) -> Result<Option<Duration>, DurationError> {
        Ok(Some(self))
    }
}

impl IntoTimeout for Option<Duration> {
    fn into_timeout(self) -> Result<Option<Duration>, DurationError> {
        Ok(self)
    }
}

impl IntoTimeout for &str {
    fn into_timeout(self) -> Result<Option<Duration>, DurationError> {
        parse_duration(self).map(Some)
    }
}

/// The instant after this time from now; one in the far future if there is none that late.
pub(crate) fn after(duration: Duration) -> Instant {
    later(Instant::now(), duration)
}

/// The instant this much later; one in the far future if there is none that late.
pub(crate) fn later(instant: Instant, duration: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(30 * 365 * 86_400);
    instant
        .checked_add(duration)
        .unwrap_or_else(|| instant + FAR)
}

/// The wall clock of a platform: it starts at some time of day and goes as tokio's clock goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    wall: SystemTime,
    instant: Instant,
}

impl Clock {
    pub(crate) fn starting_at(wall: SystemTime) -> Self {
        Self {
            wall,
            instant: Instant::now(),
        }
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.wall + self.instant.elapsed()
    }

    /// When the clock will show this time; now, if it is past.
    pub(crate) fn instant_of(&self, time: SystemTime) -> Instant {
        match time.duration_since(self.wall) {
            Ok(ahead) => later(self.instant, ahead).max(Instant::now()),
            Err(_) => Instant::now(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        assert_eq!("1m30s".into_duration(), Ok(Duration::from_secs(90)));
        assert_eq!("250ms".into_timeout(), Ok(Some(Duration::from_millis(250))));
        assert_eq!(None.into_timeout(), Ok(None));
        assert_eq!(
            "5x".into_duration().unwrap_err().to_string(),
            "`5x` is not a duration: unknown time unit \"x\", supported units: ns, us/µs, ms, sec, \
             min, hours, days, weeks, months, years (and few variations); \
             write it as \"5s\", \"1m30s\" or \"250ms\""
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_wall_clock_follows_tokios() {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let clock = Clock::starting_at(start);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(clock.now(), start + Duration::from_secs(60));
        let then = clock.instant_of(start + Duration::from_secs(90));
        assert_eq!(then - Instant::now(), Duration::from_secs(30));
        assert_eq!(clock.instant_of(start), Instant::now());
    }
}
