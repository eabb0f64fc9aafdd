//! The agent that asks.

use std::time::Duration;

use peak::prelude::*;
use tokio::task::JoinSet;

/// Asks a model its questions, says what it answers, and ends it.
#[agent]
pub(crate) struct Asker {
    /// The agent that answers.
    #[param]
    model: Jid,
    /// What it is asked.
    #[param]
    questions: Vec<String>,
    /// Ask all at once, each in a conversation of its own, rather than in turn in one.
    #[param(default = false)]
    at_once: bool,
    /// How long to wait for an answer.
    #[param(default = "90s")]
    patience: Duration,
}

#[agent]
impl Asker {
    #[behaviour(one_shot)]
    async fn run(ctx: Context<Self>) -> peak::Result<()> {
        let model = ctx.with(|me| me.model.clone()).await;
        let asked = ask_all(&ctx).await;
        ctx.send(Message::inform(&model).with_ontology("end"))
            .await?;
        ctx.stop();
        asked
    }
}

async fn ask_all(ctx: &Context<Asker>) -> peak::Result<()> {
    let (questions, at_once) = ctx.with(|me| (me.questions.clone(), me.at_once)).await;
    if !at_once {
        for question in questions {
            ask(ctx.clone(), question, "questions".to_owned()).await?;
        }
        return Ok(());
    }
    let mut asking = JoinSet::new();
    for (number, question) in questions.into_iter().enumerate() {
        asking.spawn(ask(ctx.clone(), question, format!("question {number}")));
    }
    while let Some(asked) = asking.join_next().await {
        asked??;
    }
    Ok(())
}

async fn ask(ctx: Context<Asker>, question: String, conversation: String) -> peak::Result<()> {
    let (model, patience) = ctx.with(|me| (me.model.clone(), me.patience)).await;
    let request = Message::request(&model)
        .with_conversation_id(conversation)
        .text(&question);
    let answer = ctx.request(request, patience).await?;
    let text = answer.body().unwrap_or_default();
    match answer.performative() {
        Some(Performative::Inform) => {
            tracing::info!(agent = %ctx.jid(), "{question} {text}");
        }
        act => {
            let act = act.map_or("no performative", Performative::as_str);
            tracing::warn!(agent = %ctx.jid(), "{question} {act}: {text}");
        }
    }
    Ok(())
}
