//! The numbers of an auction: which prices are called, and below which it is not sold.

use super::Kind;
use super::content::are_one;

/// What the caller has said so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Draft {
    pub(super) start: Option<f64>,
    pub(super) step: Option<f64>,
    pub(super) reserve: Option<f64>,
}

/// Numbers that make an auction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub(super) kind: Kind,
    start: f64,
    step: f64,
    /// Below this it is not sold.
    reserve: f64,
}

/// Numbers of which no auction can be made.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TermsError {
    /// No first price is given.
    #[error("an auction needs a first price: `.starting_at(10.0)`")]
    NoStart,
    /// No step is given.
    #[error("an auction needs the step by which its price changes: `.step(1.0)`")]
    NoStep,
    /// No reserve is given where the price falls.
    #[error("a Dutch auction needs a price at which it stops to fall: `.reserve(20.0)`")]
    NoReserve,
    /// One of the numbers is infinite or none.
    #[error("`.{method}({number})`: a price is a finite number")]
    NotFinite {
        /// The method that was called with it.
        method: &'static str,
        /// What it is.
        number: f64,
    },
    /// The step leads nowhere.
    #[error("`.step({0})`: a step is more than 0, whichever way the price goes")]
    Step(f64),
    /// The step does not change so large a price.
    #[error("`.step({step})` does not change a price of {price}: make it larger")]
    SmallStep {
        /// The step.
        step: f64,
        /// The price.
        price: f64,
    },
    /// Every price of an English auction is above the reserve.
    #[error(
        "`.reserve({reserve})`: this English auction starts at {start}, and is never sold for less; \
         reserve more, or leave it out"
    )]
    LowReserve {
        /// The reserve.
        reserve: f64,
        /// The first price.
        start: f64,
    },
    /// Every price of a Dutch auction is below the reserve.
    #[error(
        "`.reserve({reserve})`: this Dutch auction starts at {start} and falls, and would never be sold; \
         reserve less, or start higher"
    )]
    HighReserve {
        /// The reserve.
        reserve: f64,
        /// The first price.
        start: f64,
    },
}

impl Draft {
    /// The numbers, if they make an auction of this kind.
    pub(super) fn finish(self, kind: Kind) -> Result<Terms, TermsError> {
        let start = finite("starting_at", self.start.ok_or(TermsError::NoStart)?)?;
        let step = finite("step", self.step.ok_or(TermsError::NoStep)?)?;
        if step <= 0.0 {
            return Err(TermsError::Step(step));
        }
        let reserve = match (self.reserve, kind) {
            (Some(reserve), _) => finite("reserve", reserve)?,
            (None, Kind::English) => start,
            (None, Kind::Dutch) => return Err(TermsError::NoReserve),
        };
        match kind {
            Kind::English if reserve < start => {
                return Err(TermsError::LowReserve { reserve, start });
            }
            Kind::Dutch if reserve > start => {
                return Err(TermsError::HighReserve { reserve, start });
            }
            Kind::English | Kind::Dutch => {}
        }
        let terms = Terms {
            kind,
            start,
            step,
            reserve,
        };
        // Where prices are largest, one step changes them least.
        if are_one(start, terms.at(1)) {
            let price = start;
            return Err(TermsError::SmallStep { step, price });
        }
        Ok(terms)
    }
}

impl Terms {
    /// The price that is called after so many steps; `None` if there is none any more.
    pub(super) fn price(&self, steps: u64) -> Option<f64> {
        let Some(before) = steps.checked_sub(1) else {
            return Some(self.start);
        };
        let (before, price) = (self.at(before), self.at(steps));
        match self.kind {
            Kind::English => (price.is_finite() && price > before).then_some(price),
            // The last one is the reserve itself.
            Kind::Dutch => (before > self.reserve).then(|| price.max(self.reserve)),
        }
    }

    /// Whether it is sold at this price.
    pub(super) fn suffices(&self, price: f64) -> bool {
        price >= self.reserve
    }

    /// Whether this price has been called before that one.
    pub(super) fn is_earlier(&self, price: f64, than: f64) -> bool {
        match self.kind {
            Kind::English => price < than,
            Kind::Dutch => price > than,
        }
    }

    fn at(&self, steps: u64) -> f64 {
        let way = self.step * steps as f64;
        match (steps, self.kind) {
            (0, _) => self.start,
            (_, Kind::English) => rounded(self.start + way),
            (_, Kind::Dutch) => rounded(self.start - way),
        }
    }
}

fn finite(method: &'static str, number: f64) -> Result<f64, TermsError> {
    if number.is_finite() {
        Ok(number)
    } else {
        Err(TermsError::NotFinite { method, number })
    }
}

/// Three steps of 0.1 are 0.3, not 0.30000000000000004.
fn rounded(price: f64) -> f64 {
    const DIGITS: f64 = 1e9;
    /// Up to here a price in billionths is a whole number that is exact.
    const LIMIT: f64 = 9e6;
    if price.abs() < LIMIT {
        (price * DIGITS).round() / DIGITS
    } else {
        price
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(start: f64, step: f64, reserve: impl Into<Option<f64>>) -> Draft {
        Draft {
            start: Some(start),
            step: Some(step),
            reserve: reserve.into(),
        }
    }

    fn prices(kind: Kind, draft: Draft, count: usize) -> Vec<f64> {
        let terms = draft.finish(kind).unwrap();
        (0..).map_while(|n| terms.price(n)).take(count).collect()
    }

    #[test]
    fn prices_rise_or_fall_by_equal_steps() {
        let rising = prices(Kind::English, draft(0.1, 0.1, None), 5);
        assert_eq!(rising, [0.1, 0.2, 0.3, 0.4, 0.5]);
        let falling = prices(Kind::Dutch, draft(1.0, 0.3, 0.0), 9);
        assert_eq!(falling, [1.0, 0.7, 0.4, 0.1, 0.0]);
        let exactly = prices(Kind::Dutch, draft(1.0, 0.1, 0.1), 99);
        assert_eq!(exactly.len(), 10);
        assert_eq!(
            prices(Kind::Dutch, draft(-1.0, 1.0, -2.5), 9),
            [-1.0, -2.0, -2.5]
        );
        assert_eq!(prices(Kind::Dutch, draft(3.0, 1.0, 3.0), 9), [3.0]);
    }

    #[test]
    fn prices_come_to_an_end_where_numbers_do() {
        let rising = prices(
            Kind::English,
            draft(f64::MAX / 4.0, f64::MAX / 4.0, None),
            9,
        );
        assert_eq!(rising.len(), 4);
    }

    #[test]
    fn wrong_numbers_say_what_to_do() {
        let said = |kind, draft: Draft| draft.finish(kind).unwrap_err().to_string();
        let english =
            |start, step, reserve: Option<f64>| said(Kind::English, draft(start, step, reserve));
        let dutch =
            |start, step, reserve: Option<f64>| said(Kind::Dutch, draft(start, step, reserve));
        assert_eq!(
            said(Kind::Dutch, Draft::default()),
            "an auction needs a first price: `.starting_at(10.0)`"
        );
        assert_eq!(
            english(1.0, 0.0, None),
            "`.step(0)`: a step is more than 0, whichever way the price goes"
        );
        assert_eq!(
            english(f64::NAN, 1.0, None),
            "`.starting_at(NaN)`: a price is a finite number"
        );
        assert_eq!(
            english(1.0, f64::INFINITY, None),
            "`.step(inf)`: a price is a finite number"
        );
        assert_eq!(
            english(4e15, 0.1, None),
            "`.step(0.1)` does not change a price of 4000000000000000: make it larger"
        );
        assert_eq!(
            english(10.0, 1.0, Some(5.0)),
            "`.reserve(5)`: this English auction starts at 10, and is never sold for less; reserve more, or leave it out"
        );
        assert_eq!(
            dutch(10.0, 1.0, Some(50.0)),
            "`.reserve(50)`: this Dutch auction starts at 10 and falls, and would never be sold; reserve less, or start higher"
        );
        assert_eq!(
            dutch(10.0, 1.0, None),
            "a Dutch auction needs a price at which it stops to fall: `.reserve(20.0)`"
        );
    }
}
