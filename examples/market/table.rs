//! The balance of the market: what it prints at the end, and whether it adds up.

use std::fmt;
use std::time::Duration;

use crate::messages::{Books, Report};
use crate::money::grouped;

/// The balance of the market.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) households: usize,
    pub(crate) sellers: usize,
    pub(crate) rounds: u32,
    /// What the households say.
    pub(crate) total: Report,
    /// What the sellers say.
    pub(crate) books: Books,
    /// What it took the machine.
    pub(crate) took: Duration,
}

impl Table {
    /// Whether what the households say and what the sellers say is the same.
    ///
    /// # Errors
    ///
    /// What does not add up.
    pub(crate) fn check(&self) -> peak::Result<()> {
        let (total, books) = (&self.total, &self.books);
        let differ = |left: &str, one: &dyn fmt::Debug, right: &str, other: &dyn fmt::Debug| {
            peak::Error::msg(format!("{left} is {one:?}, and {right} {other:?}"))
        };
        if total.paid != books.income {
            return Err(differ("paid", &total.paid, "booked", &books.income));
        }
        if total.bought != books.sold {
            return Err(differ("bought", &total.bought, "sold", &books.sold));
        }
        let had = books.sold + total.grid;
        if total.used != had {
            return Err(differ("used", &total.used, "sold or from the grid", &had));
        }
        Ok(())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (total, books) = (&self.total, &self.books);
        let percent = |part: u64| 100.0 * part as f64 / total.used.0.max(1) as f64;
        // Tenths of a cent a kilowatt-hour, which micro-euros a watt-hour are, to cents.
        let mean = books.income.0 as f64 / books.sold.0.max(1) as f64 / 10.0;
        let rate = total.messages as f64 / self.took.as_secs_f64().max(1e-9);
        let (sellers, rounds) = (self.sellers, self.rounds);
        writeln!(
            f,
            "{} households, {sellers} sellers, {rounds} quarters of an hour",
            self.households
        )?;
        let mut line = |name: &str, value: String, note: String| {
            let line = format!("{name:<16}{value:>20}  {note}");
            writeln!(f, "{}", line.trim_end())
        };
        line("used", total.used.to_string(), String::new())?;
        let (local, grid) = (percent(books.sold.0), percent(total.grid.0));
        line(
            "  from sellers",
            books.sold.to_string(),
            format!("{local:.1} %"),
        )?;
        line(
            "  from the grid",
            total.grid.to_string(),
            format!("{grid:.1} %"),
        )?;
        line(
            "turnover",
            books.income.to_string(),
            format!("{mean:.2} ct/kWh"),
        )?;
        line(
            "paid to the grid",
            total.grid_paid.to_string(),
            String::new(),
        )?;
        line("refusals", grouped(total.refusals), String::new())?;
        let rate = format!("{} a second", grouped(rate as u64));
        line("messages", grouped(total.messages), rate)?;
        match self.check() {
            Ok(()) => writeln!(f, "paid = booked, used = sold + grid"),
            Err(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Energy, Money};

    fn table() -> Table {
        Table {
            households: 2,
            sellers: 1,
            rounds: 1,
            total: Report {
                used: Energy(300),
                bought: Energy(200),
                paid: Money(50_000),
                grid: Energy(100),
                ..Report::default()
            },
            books: Books {
                sold: Energy(200),
                income: Money(50_000),
            },
            took: Duration::from_secs(1),
        }
    }

    #[test]
    fn a_balance_that_adds_up() {
        assert!(table().check().is_ok());
        assert!(table().to_string().contains("25.00 ct/kWh"));
        assert!(table().to_string().ends_with("used = sold + grid\n"));
    }

    #[test]
    fn a_balance_that_does_not_is_an_error() {
        for (spoil, words) in [
            (
                (|it| it.books.income += Money(1)) as fn(&mut Table),
                "booked Money(50001)",
            ),
            (|it| it.total.bought += Energy(1), "bought is Energy(201)"),
            (|it| it.total.used += Energy(1), "used is Energy(301)"),
        ] {
            let mut table = table();
            spoil(&mut table);
            let error = table.check().unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
            assert!(!table.to_string().contains("booked, used"));
        }
    }
}
