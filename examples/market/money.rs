//! Energy, prices and money, in whole numbers: sums add up to the last micro-euro.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Sub, SubAssign};

use serde::{Deserialize, Serialize};

/// An amount of energy, in watt-hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub(crate) struct Energy(pub(crate) u64);

/// A price, in micro-euros a watt-hour: 250 are 25 cents a kilowatt-hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub(crate) struct Price(pub(crate) u64);

/// A sum of money, in micro-euros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub(crate) struct Money(pub(crate) u64);

impl Mul<Price> for Energy {
    type Output = Money;

    fn mul(self, price: Price) -> Money {
        Money(self.0 * price.0)
    }
}

macro_rules! limits {
    ($($amount:ident $limit:literal)*) => {$(
        impl $amount {
            /// Checks a parameter: with more, sums would not fit into a number.
            pub(crate) fn check(self, name: &str) -> peak::Result<()> {
                if self.0 > $limit {
                    let (limit, value) = (grouped($limit), grouped(self.0));
                    let wrong = format!("`{name}` is at most {limit}, and is {value}");
                    return Err(peak::Error::msg(wrong));
                }
                Ok(())
            }
        }
    )*};
}

limits! { Energy 1_000_000_000 Price 100_000 }

macro_rules! sums {
    ($($amount:ident)*) => {$(
        impl Add for $amount {
            type Output = Self;

            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }

        impl Sub for $amount {
            type Output = Self;

            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }

        impl AddAssign for $amount {
            fn add_assign(&mut self, other: Self) {
                *self = *self + other;
            }
        }

        impl SubAssign for $amount {
            fn sub_assign(&mut self, other: Self) {
                *self = *self - other;
            }
        }

        impl Sum for $amount {
            fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
                amounts.fold(Self::default(), Self::add)
            }
        }
    )*};
}

sums! { Energy Money }

impl fmt::Display for Energy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kilowatt_hours, watt_hours) = (self.0 / 1000, self.0 % 1000);
        f.pad(&format!("{}.{watt_hours:03} kWh", grouped(kilowatt_hours)))
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{} ct/kWh", self.0 / 10, self.0 % 10))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = (self.0 + 5_000) / 10_000;
        f.pad(&format!("{}.{:02} €", grouped(cents / 100), cents % 100))
    }
}

/// A number with a comma after each thousand.
pub(crate) fn grouped(number: u64) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", grouped(number / 1000), number % 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn energy_at_a_price_is_money() {
        assert_eq!(Energy(1500) * Price(300), Money(450_000));
        let bills = [1, 2, 3].map(|energy| Energy(energy) * Price(333));
        assert_eq!(bills.into_iter().sum::<Money>(), Energy(6) * Price(333));
    }

    #[test]
    fn more_than_fits_is_refused() {
        assert!(Energy(1_000_000_000).check("output").is_ok());
        let error = Price(100_001).check("lowest").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`lowest` is at most 100,000, and is 100,001"
        );
    }

    #[test]
    fn amounts_as_people_read_them() {
        assert_eq!(Energy(1_234_567_008).to_string(), "1,234,567.008 kWh");
        assert_eq!(Price(245).to_string(), "24.5 ct/kWh");
        assert_eq!(Money(1_234_565_000).to_string(), "1,234.57 €");
        assert_eq!(format!("{:>12}|", Energy(7)), "   0.007 kWh|");
    }

    #[test]
    fn thousands_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (12_034_005, "12,034,005"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
