//! Trying again, each time a little later.

use std::time::Duration;

use rand::RngExt as _;

use crate::time::{DurationError, IntoDuration};

/// How often to try something, and how long to wait in between: at first for a moment, then longer and
/// longer. [`Context::retry`](crate::Context::retry) goes by it.
///
/// ```
/// use peak::compose::Backoff;
///
/// // Five times in all: after about 200 ms, 400 ms, 800 ms and 1 s.
/// let backoff = Backoff::times(5).first("200ms").longest("1s");
/// ```
#[derive(Debug, Clone)]
pub struct Backoff {
    times: u32,
    first: Result<Duration, DurationError>,
    longest: Result<Duration, DurationError>,
}

impl Backoff {
    /// So many times in all, at least once. The first wait is about 100 ms, each further one about twice
    /// as long, and none longer than 30 s.
    pub fn times(times: u32) -> Self {
        Self {
            times: times.max(1),
            first: Ok(Duration::from_millis(100)),
            longest: Ok(Duration::from_secs(30)),
        }
    }

    /// How long the first wait is.
    #[must_use]
    pub fn first(mut self, wait: impl IntoDuration) -> Self {
        self.first = wait.into_duration();
        self
    }

    /// How long a wait is at most.
    #[must_use]
    pub fn longest(mut self, wait: impl IntoDuration) -> Self {
        self.longest = wait.into_duration();
        self
    }

    /// The waits between the attempts. Each is drawn between half of its time and all of it, so that those who
    /// failed together do not come back together.
    pub(crate) fn waits(
        &self,
        rng: &mut impl rand::Rng,
    ) -> Result<impl Iterator<Item = Duration>, DurationError> {
        let (first, longest) = (self.first.clone()?, self.longest.clone()?);
        let mut next = first.min(longest);
        Ok((1..self.times).map(move |_| {
            let wait = next.mul_f64(rng.random_range(0.5..=1.0));
            next = next.saturating_mul(2).min(longest);
            wait
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;
    use rand_xoshiro::Xoshiro256PlusPlus;

    fn waits(backoff: &Backoff) -> Vec<u128> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
        let waits = backoff.waits(&mut rng).unwrap();
        waits.map(|wait| wait.as_millis()).collect()
    }

    #[test]
    fn waits_grow_to_the_longest() {
        let waits = waits(&Backoff::times(6).first("100ms").longest("1s"));
        let most = [100, 200, 400, 800, 1000];
        assert_eq!(waits.len(), most.len());
        for (wait, most) in waits.iter().zip(most) {
            assert!((most / 2..=most).contains(wait), "{waits:?}");
        }
    }

    #[test]
    fn once_needs_no_wait_and_never_is_once() {
        assert!(waits(&Backoff::times(1)).is_empty());
        assert!(waits(&Backoff::times(0)).is_empty());
        let wrong = Backoff::times(2).first("soon");
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
        assert!(wrong.waits(&mut rng).is_err());
    }
}
