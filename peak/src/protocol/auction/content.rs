//! What the messages of an auction say besides what is sold.

use serde::{Deserialize, Serialize};

use crate::message::{ContentError, Jid, Message};

/// A price, as it stands in calls, bids and the request to the winner: `{"price": 12.5}`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Price {
    pub(super) price: f64,
}

/// Who has bought it, and for how much.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Sale {
    /// The account of the winner.
    pub winner: Jid,
    /// The price.
    pub price: f64,
}

/// How an auction has ended: `{"winner": "bob@localhost", "price": 12.5}`, or `{"winner": null}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Closing {
    #[serde(deserialize_with = "Option::deserialize")]
    winner: Option<Jid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    price: Option<f64>,
}

impl Closing {
    pub(super) fn of(sale: Option<&Sale>) -> Self {
        Self {
            winner: sale.map(|sale| sale.winner.clone()),
            price: sale.map(|sale| sale.price),
        }
    }
}

/// The price in a message, if it has content; agents of Python write a blank for none.
///
/// # Errors
///
/// What is wrong with the content.
pub(super) fn price(message: &Message) -> Result<Option<f64>, String> {
    match message.content::<Price>() {
        Ok(Price { price }) if price.is_finite() => Ok(Some(price)),
        Ok(Price { price }) => Err(format!("a price is a finite number, not {price}")),
        Err(ContentError::Empty { .. }) => Ok(None),
        Err(_) if message.body().is_some_and(|body| body.trim().is_empty()) => Ok(None),
        Err(error) => Err(format!("{error}; a price is {{\"price\": 12.5}}")),
    }
}

/// How an auction has ended, as the auctioneer says.
///
/// # Errors
///
/// What is wrong with the content.
pub(super) fn sale(message: &Message) -> Result<Option<Sale>, String> {
    let form = "{\"winner\": \"bob@localhost\", \"price\": 12.5}, or {\"winner\": null}";
    let closing = message.content::<Closing>();
    match closing.map_err(|error| format!("{error}; how an auction ends is {form}"))? {
        Closing { winner: None, .. } => Ok(None),
        Closing {
            winner: Some(winner),
            price: Some(price),
        } if price.is_finite() => Ok(Some(Sale { winner, price })),
        Closing { .. } => Err(format!("there is a winner, and no price; it is {form}")),
    }
}

/// Whether two prices are one, which may have been written and read in between.
pub(super) fn are_one(one: f64, other: f64) -> bool {
    (one - other).abs() <= 4.0 * f64::EPSILON * one.abs().max(other.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saying(body: &str) -> Message {
        Message::inform("a@x").text(body)
    }

    #[test]
    fn prices_are_finite_numbers() {
        assert_eq!(price(&saying(r#"{"price": 12}"#)), Ok(Some(12.0)));
        assert_eq!(price(&Message::inform("a@x")), Ok(None));
        assert_eq!(price(&saying(" ")), Ok(None));
        for wrong in [r#"{"price": null}"#, r#"{"price": 1e999}"#, "12", "{}"] {
            let reason = price(&saying(wrong)).unwrap_err();
            assert!(reason.ends_with("a price is {\"price\": 12.5}"), "{reason}");
        }
        // A value that is handed over within the process is looked at, too.
        let nan = Message::inform("a@x").json(Price { price: f64::NAN });
        assert_eq!(
            price(&nan).unwrap_err(),
            "a price is a finite number, not NaN"
        );
    }

    #[test]
    fn an_end_has_a_winner_with_a_price_or_none() {
        let sold = sale(&saying(r#"{"winner": "b@x", "price": 3}"#));
        let winner = "b@x".parse().unwrap();
        assert_eq!(sold.unwrap(), Some(Sale { winner, price: 3.0 }));
        assert_eq!(sale(&saying(r#"{"winner": null}"#)), Ok(None));
        for wrong in ["{}", "sold", r#"{"winner": "b@x"}"#, r#"{"winner": "@"}"#] {
            assert!(sale(&saying(wrong)).is_err(), "{wrong}");
        }
        let none = Message::inform("a@x").json(Closing::of(None));
        assert_eq!(none.body(), Some(r#"{"winner":null}"#));
    }
}
