//! Agents whose data are in files: a meter that measures what a table says, and a board that never
//! runs out of texts.

use peak::prelude::*;
use serde::{Deserialize, Serialize};

/// A row of the table, and the content of a message.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Reading {
    time: String,
    kw: f64,
    /// A cell may be empty.
    note: Option<String>,
}

/// Measures what its file says, row by row, and reports it.
#[agent]
struct Meter {
    /// What it measures.
    #[param]
    load: Dataset<Reading>,
    /// Who is told.
    #[param]
    to: Jid,
    /// What it measured last.
    now: Option<Reading>,
    measured: u32,
}

#[agent]
impl Meter {
    #[behaviour(periodic = "100ms")]
    async fn measure(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        match self.load.next() {
            Some(Ok(reading)) => {
                self.now = Some(reading.clone());
                self.measured += 1;
                ctx.send(Message::inform(&self.to).json(reading)).await?;
            }
            // A row that cannot be read is one of many.
            Some(Err(error)) if !error.is_final() => {
                tracing::warn!(agent = %ctx.jid(), "{error}");
            }
            Some(Err(error)) => {
                ctx.stop();
                return Err(error.into());
            }
            None => ctx.stop(),
        }
        Ok(())
    }

    #[on_stop]
    async fn end(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        let end = Message::inform(&self.to).with_ontology("end");
        let text = format!("that was all: {} readings", self.measured);
        ctx.send(end.text(text)).await
    }

    /// Whoever wants to know it now, may ask.
    #[on_message(performative = "query-ref")]
    async fn tell(&self) -> Result<Inform<Json<Reading>>, Refuse> {
        match &self.now {
            Some(reading) => Ok(Inform(Json(reading.clone()))),
            None => Err(Refuse::new("nothing is measured yet")),
        }
    }
}

/// Shows each reading below a text of its own, over and over the same ones.
#[agent]
struct Board {
    /// What it says, one after another.
    #[param]
    texts: Dataset<String>,
}

#[agent]
impl Board {
    #[on_message(performative = "inform", ontology = "end")]
    async fn end(&mut self, ctx: &Context<Self>, Text(text): Text) {
        tracing::info!(agent = %ctx.jid(), "{text}");
        ctx.stop();
    }

    #[on_message(performative = "inform")]
    async fn show(
        &mut self,
        ctx: &Context<Self>,
        Json(reading): Json<Reading>,
    ) -> peak::Result<()> {
        let Reading { time, kw, note } = reading;
        let note = note.map_or(String::new(), |note| format!(" ({note})"));
        // A loop has no end; a file that does not loop may have too few.
        let text = self.texts.next().transpose()?.unwrap_or_default();
        tracing::info!(agent = %ctx.jid(), "{time} {kw} kW{note}: {text}");
        Ok(())
    }
}

fn main() -> peak::ExitCode {
    peak::run()
}
