//! What a household uses, by the day of the year and the time of day.
//!
//! Over the year the load follows the dynamisation of the standard load profile H0, which network
//! operators bill households by: a polynomial in the day of the year, published by the VDEW
//! (*Repräsentative VDEW-Lastprofile*, 1999; *Anwendung der Repräsentativen VDEW-Lastprofile
//! step-by-step*, 2000) and kept by the BDEW for its profile H25 of 2025.
//!
//! Over the day the standard profiles are tables. [`shape`] is a formula instead: four bell curves,
//! fitted to the H25 of a workday in January, from which it is off by no more than 4 %.

use crate::money::Energy;

/// Quarters of an hour in a day.
pub(crate) const QUARTERS: u32 = 96;

const HOURS_OF_A_YEAR: f64 = 8760.0;

/// What a household that uses so much in a year uses in this quarter of an hour, on average.
///
/// `day` is the day of the year, from 1; `quarter` counts from midnight.
pub(crate) fn load(annual: Energy, day: u32, quarter: u32) -> Energy {
    let hour = (f64::from(quarter) + 0.5) / 4.0;
    let mean = annual.0 as f64 / HOURS_OF_A_YEAR / 4.0;
    Energy((mean * dynamisation(day) * shape(hour)).round() as u64)
}

/// How the load of this day compares to the year's mean: the VDEW's polynomial, rounded to four
/// decimals as it asks.
fn dynamisation(day: u32) -> f64 {
    let d = f64::from(day);
    let factor =
        -3.92e-10 * d.powi(4) + 3.2e-7 * d.powi(3) - 7.02e-5 * d.powi(2) + 2.1e-3 * d + 1.24;
    (factor * 1e4).round() / 1e4
}

/// What is used at all hours, as a part of the mean.
const BASE: f64 = 0.574;

/// Height, hour and width of what comes on top: morning, midday, evening, night.
const PEAKS: [(f64, f64, f64); 4] = [
    (0.32, 7.27, 1.61),
    (0.44, 12.89, 4.33),
    (0.92, 18.65, 2.26),
    (0.57, 21.88, 2.22),
];

/// How the load at this hour compares to the day's mean.
fn shape(hour: f64) -> f64 {
    let peaks = PEAKS.iter().map(|(height, middle, width)| {
        // The shorter way round the clock.
        let away = (hour - middle + 12.0).rem_euclid(24.0) - 12.0;
        height * (-(away / width).powi(2)).exp()
    });
    BASE + peaks.sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_polynomial_gives_the_published_seasons() {
        assert_eq!(dynamisation(1), 1.242);
        // The coldest weeks need a quarter more than the mean, the warmest a quarter less.
        assert!((1.20..1.27).contains(&dynamisation(20)));
        assert!((0.75..0.80).contains(&dynamisation(200)));
        let mean = (1..=365).map(dynamisation).sum::<f64>() / 365.0;
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
    }

    #[test]
    fn the_shape_follows_the_published_profile() {
        // H25, a workday in January: kWh of the quarter that begins then, for 1000 MWh a year.
        let published = [
            (3.0, 15.018),
            (7.0, 25.042),
            (12.0, 26.174),
            (15.0, 25.858),
            (18.0, 40.960),
            (19.0, 41.957),
            (23.0, 26.006),
        ];
        let mean = 25.84;
        for (hour, value) in published {
            let off = shape(hour + 0.125) / (value / mean) - 1.0;
            assert!(off.abs() < 0.04, "{off} at {hour}");
        }
    }

    #[test]
    fn a_day_is_a_day_of_the_year() {
        let annual = Energy(3_650_000);
        let used: Energy = (0..QUARTERS)
            .map(|quarter| load(annual, 100, quarter))
            .sum();
        let expected = 10_000.0 * dynamisation(100);
        assert!((used.0 as f64 / expected - 1.0).abs() < 0.01, "{used}");
    }
}
