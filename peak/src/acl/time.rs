//! FIPA's moments and spans of time.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use crate::message::moment;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// A month and a year that begin at any day: what JADE takes them for.
const MONTH: u64 = 30 * DAY;
const YEAR: u64 = 365 * DAY;

/// A moment, or a time from now, as FIPA writes it: `20261122T123000000Z` is half past twelve UTC,
/// `+00000000T000010000` ten seconds after the message came.
///
/// A moment without a zone is of the sender's local time, and letters other than `Z` are not defined:
/// such moments are kept, but nobody can say [when](DateTime::at) they are.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use peak::acl::DateTime;
///
/// let noon: DateTime = "20261122T120000000Z".parse()?;
/// let moment = noon.at(SystemTime::now()).unwrap();
/// assert_eq!(DateTime::utc(moment), Some(noon));
///
/// let soon: DateTime = "+00000000T000010000".parse()?;
/// assert_eq!(soon.at(moment), Some(moment + Duration::from_secs(10)));
/// assert_eq!(DateTime::after(Duration::from_secs(10)), Some(soon));
///
/// assert_eq!("20261122T120000000".parse::<DateTime>()?.at(moment), None);
/// # Ok::<(), peak::acl::DateTimeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime {
    sign: Option<Sign>,
    digits: [u8; DIGITS],
    /// A letter in upper case.
    zone: Option<u8>,
}

/// `yyyymmdd` and `hhmmssttt`, without the `T` in between.
const DIGITS: usize = 17;
const OF_DATE: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Sign {
    After,
    Before,
}

/// A text that is no date and time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a date and time of FIPA; write it as `20261122T123000000Z`, \
     or as `+00000000T000010000` for ten seconds from now"
)]
pub struct DateTimeError {
    text: String,
}

impl DateTime {
    /// This moment, in UTC, to the millisecond before it. `None` if it is before 1970 or after the
    /// year 9999.
    pub fn utc(moment: SystemTime) -> Option<Self> {
        moment::fipa_text(moment)?.parse().ok()
    }

    /// So long after the message comes, to the millisecond. `None` if it is 10000 years or more.
    pub fn after(time: Duration) -> Option<Self> {
        let millis = u64::try_from(time.as_millis()).ok()?;
        let years = millis / YEAR;
        let rest = millis % YEAR;
        let of = |unit: u64, of: u64| rest % of / unit;
        let text = format!(
            "+{years:04}{:02}{:02}T{:02}{:02}{:02}{:03}",
            of(MONTH, YEAR),
            of(DAY, MONTH),
            of(HOUR, DAY),
            of(MINUTE, HOUR),
            of(SECOND, MINUTE),
            rest % SECOND,
        );
        text.parse().ok()
    }

    /// Whether it counts from when the message comes.
    pub fn is_relative(self) -> bool {
        self.sign.is_some()
    }

    /// When that is, if it counts from `now`. `None` if it is in a zone that is not known, or before
    /// 1970.
    ///
    /// A year is 365 days and a month 30, if it counts from now.
    pub fn at(self, now: SystemTime) -> Option<SystemTime> {
        match self.sign {
            Some(Sign::After) => now.checked_add(self.span()),
            Some(Sign::Before) => now.checked_sub(self.span()),
            None => moment::fipa(&self.to_string()),
        }
    }

    fn span(self) -> Duration {
        let number = |from: usize, to: usize| {
            let digits = self.digits[from..to].iter();
            digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
        };
        let parts = [
            (YEAR, number(0, 4)),
            (MONTH, number(4, 6)),
            (DAY, number(6, 8)),
            (HOUR, number(8, 10)),
            (MINUTE, number(10, 12)),
            (SECOND, number(12, 14)),
            (1, number(14, 17)),
        ];
        Duration::from_millis(parts.iter().map(|(unit, count)| unit * count).sum())
    }

    fn parse(text: &str) -> Option<Self> {
        let sign = match text.as_bytes().first()? {
            b'+' => Some(Sign::After),
            b'-' => Some(Sign::Before),
            _ => None,
        };
        let rest = &text[usize::from(sign.is_some())..];
        let (date, rest) = rest.split_at_checked(OF_DATE)?;
        let rest = rest.strip_prefix(['T', 't'])?;
        let (time, zone) = rest.split_at_checked(DIGITS - OF_DATE)?;
        let mut digits = [0; DIGITS];
        for (place, byte) in digits.iter_mut().zip(date.bytes().chain(time.bytes())) {
            *place = byte.is_ascii_digit().then_some(byte)?;
        }
        let zone = match zone.as_bytes() {
            [] => None,
            [letter] if letter.is_ascii_alphabetic() => Some(letter.to_ascii_uppercase()),
            _ => return None,
        };
        let this = Self { sign, digits, zone };
        (this.is_relative() || this.is_in_calendar()).then_some(this)
    }

    /// Whether there is such a day and such a time.
    fn is_in_calendar(self) -> bool {
        let [month, day, hour, minute, second] =
            [4, 6, 8, 10, 12].map(|at| (self.digits[at] - b'0') * 10 + self.digits[at + 1] - b'0');
        let year = (self.digits[..4].iter()).fold(0_u32, |year, d| year * 10 + u32::from(d - b'0'));
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 => 28 + u8::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        (1..=days).contains(&day) && hour < 24 && minute < 60 && second < 60
    }
}

impl FromStr for DateTime {
    type Err = DateTimeError;

    fn from_str(text: &str) -> Result<Self, DateTimeError> {
        Self::parse(text).ok_or_else(|| DateTimeError {
            text: text.to_owned(),
        })
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(1 + DIGITS + 2);
        match self.sign {
            Some(Sign::After) => text.push('+'),
            Some(Sign::Before) => text.push('-'),
            None => {}
        }
        let (date, time) = self.digits.split_at(OF_DATE);
        text.extend(date.iter().map(|digit| char::from(*digit)));
        text.push('T');
        text.extend(time.iter().map(|digit| char::from(*digit)));
        text.extend(self.zone.map(char::from));
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_is_in_the_calendar_is_a_moment() {
        for good in [
            "20240229T235959999Z",
            "19700101T000000000",
            "20261122t123000000z",
        ] {
            assert!(good.parse::<DateTime>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "20230229T000000000Z",
            "20261301T000000000Z",
            "20260001T000000000Z",
            "20260132T000000000Z",
            "20260101T240000000Z",
            "20260101T000060000Z",
            "20260101T000000000ZZ",
            "20260101T0000000Z",
            "2026010éT00000000Z",
            "++0000000T000010000",
        ] {
            assert!(bad.parse::<DateTime>().is_err(), "{bad}");
        }
    }

    #[test]
    fn spans_may_be_of_any_digits() {
        let span: DateTime = "+00010199T250000001".parse().unwrap();
        let now = SystemTime::UNIX_EPOCH;
        let days = 365 + 30 + 99;
        let expected = Duration::from_millis(days * DAY + 25 * HOUR + 1);
        assert_eq!(span.at(now), Some(now + expected));
        let before: DateTime = "-00000000T000001000".parse().unwrap();
        let later = now + Duration::from_secs(3);
        assert_eq!(before.at(later), Some(now + Duration::from_secs(2)));
    }

    #[test]
    fn moments_that_nobody_can_place() {
        let now = SystemTime::now();
        for text in [
            "20261122T123000000",
            "20261122T123000000A",
            "16000101T000000000Z",
        ] {
            assert_eq!(text.parse::<DateTime>().unwrap().at(now), None, "{text}");
        }
        assert_eq!(
            DateTime::utc(SystemTime::UNIX_EPOCH - Duration::from_secs(1)),
            None
        );
    }

    proptest! {
        #[test]
        fn spans_come_back(millis in 0..10_000 * YEAR) {
            let time = Duration::from_millis(millis);
            let written = DateTime::after(time).unwrap();
            let now = SystemTime::UNIX_EPOCH;
            prop_assert_eq!(written.at(now), Some(now + time));
        }

        #[test]
        fn any_text_is_a_moment_or_not(text in "[-+]?[0-9]{8}T[0-9]{9}[a-zA-Z]?|\\PC{0,24}") {
            if let Ok(read) = text.parse::<DateTime>() {
                prop_assert_eq!(read.to_string().parse::<DateTime>().unwrap(), read);
            }
        }
    }
}
