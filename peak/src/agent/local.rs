//! A behaviour that runs on the agent's own task, with its state.

use std::sync::Arc;

use tokio::time::Instant;

use super::wiring::{Scheduled, StateRun};
use crate::behaviour::{Cell, Schedule};
use crate::time::{Clock, after, later};

/// A behaviour with `self`, and when it is due.
pub(crate) struct Local<A> {
    pub(crate) cell: Arc<Cell>,
    pub(crate) run: StateRun<A>,
    pub(crate) timetable: Timetable,
}

impl<A> Local<A> {
    pub(crate) fn new(
        cell: Arc<Cell>,
        scheduled: &Scheduled<A>,
        run: StateRun<A>,
        clock: &Clock,
    ) -> Self {
        Self {
            cell,
            run,
            timetable: Timetable::new(scheduled, clock),
        }
    }
}

/// When a behaviour runs next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timetable {
    pub(crate) due: Instant,
    schedule: Schedule,
}

impl Timetable {
    pub(crate) fn new<A>(scheduled: &Scheduled<A>, clock: &Clock) -> Self {
        let begin = match scheduled.start_at {
            Some(time) => clock.instant_of(time),
            None => after(scheduled.delay),
        };
        let due = match scheduled.schedule {
            Schedule::Timeout(time) => later(begin, time),
            Schedule::OneShot | Schedule::Cyclic | Schedule::Periodic(_) => begin,
        };
        Self {
            due,
            schedule: scheduled.schedule,
        }
    }

    /// After a run: when the next one is due; `None` if that was the last.
    ///
    /// The cell has the period, which may have changed.
    pub(crate) fn next(self, cell: &Cell) -> Option<Self> {
        let due = match self.schedule {
            Schedule::OneShot | Schedule::Timeout(_) => return None,
            Schedule::Cyclic => Instant::now(),
            Schedule::Periodic(period) => {
                let period = cell.period().unwrap_or(period);
                next_tick(self.due, period, Instant::now())
            }
        };
        Some(Self { due, ..self })
    }
}

/// The next tick after `now` in the grid of the period: those that were missed are skipped.
fn next_tick(last: Instant, period: std::time::Duration, now: Instant) -> Instant {
    let next = later(last, period);
    if next > now {
        return next;
    }
    let late = (now - last).as_nanos();
    let missed = late / period.as_nanos().max(1);
    let ahead = period.as_nanos() * (missed + 1);
    // Both are below the age of the process, which fits.
    last + std::time::Duration::from_nanos(u64::try_from(ahead).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn missed_ticks_are_skipped_and_the_grid_is_kept() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let at = |ms| start + Duration::from_millis(ms);
        assert_eq!(next_tick(start, second, at(10)), at(1000));
        assert_eq!(next_tick(start, second, at(1000)), at(2000));
        assert_eq!(next_tick(start, second, at(3700)), at(4000));
    }
}
