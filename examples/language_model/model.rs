//! The agent that answers.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use peak::prelude::*;

use crate::client::{Client, Endpoint};
use crate::history::{History, Said, Topic};
use crate::key::Key;
use crate::trouble::Trouble;

/// Answers requests with a language model.
///
/// Requests with the same conversation-id from the same sender are one conversation.
#[agent]
pub(crate) struct LanguageModel {
    /// Where the endpoint is: what stands before `/chat/completions`.
    #[param(default = "http://localhost:11434/v1")]
    base: String,
    /// The name that the endpoint has for the model.
    #[param]
    model: String,
    /// The environment variable with the key, if the endpoint wants one.
    #[param(default)]
    key_env: Option<String>,
    /// What the model is told before each conversation.
    #[param(default = "Answer in one sentence.")]
    instructions: String,
    /// How long an answer may take, with all waiting.
    #[param(default = "60s")]
    timeout: Duration,
    /// How many calls there may be at once.
    #[param(default = "4")]
    calls: NonZeroU32,
    /// How many more requests may wait; what comes on top is refused.
    #[param(default = 32)]
    waiting: u32,
    /// How many characters a question may have.
    #[param(default = 8000)]
    longest: usize,
    /// How many characters of a conversation are remembered.
    #[param(default = 20_000)]
    remember: usize,
    /// How many conversations are.
    #[param(default = 100)]
    conversations: usize,
    /// There once it has started.
    client: Option<Arc<Client>>,
    history: History,
}

#[agent]
impl LanguageModel {
    #[on_start]
    async fn connect(&mut self) -> peak::Result<()> {
        let key = self.key_env.as_deref().map(Key::from_env).transpose()?;
        self.client = Some(Arc::new(Client::new(Endpoint {
            base: self.base.clone(),
            model: self.model.clone(),
            key,
            timeout: self.timeout,
            calls: self.calls.get() as usize,
            waiting: self.waiting as usize,
        })?));
        Ok(())
    }

    #[on_message(performative = "inform", ontology = "end")]
    async fn end(&mut self, ctx: &Context<Self>) {
        ctx.stop();
    }

    /// Without `self`, so that questions wait beside each other, and nothing else for them.
    #[on_message(performative = "request")]
    async fn answer(ctx: Context<Self>, message: Message, Text(question): Text) -> Message {
        match ask(&ctx, topic(&message), question).await {
            Ok(answer) => message.reply(Performative::Inform).text(answer),
            Err(trouble) => {
                tracing::warn!(agent = %ctx.jid(), "{trouble}");
                message
                    .reply(trouble.performative())
                    .text(trouble.to_string())
            }
        }
    }
}

/// Asks the model, with what was said before.
async fn ask(
    ctx: &Context<LanguageModel>,
    topic: Option<Topic>,
    question: String,
) -> Result<String, Trouble> {
    let question = Said::new("user", question);
    let (client, mut messages) = {
        let (topic, question) = (topic.clone(), question.clone());
        ctx.with(move |me| me.begin(topic.as_ref(), &question))
            .await?
    };
    messages.push(question.clone());
    let answer = client.ask(&messages).await?;
    if let Some(topic) = topic {
        let said = Said::new("assistant", answer.clone());
        ctx.with(move |me| {
            me.history
                .add(topic, question, said, me.remember, me.conversations);
        })
        .await;
    }
    Ok(answer)
}

impl LanguageModel {
    /// Whom to ask, and what comes before the question.
    fn begin(
        &self,
        topic: Option<&Topic>,
        question: &Said,
    ) -> Result<(Arc<Client>, Vec<Said>), Trouble> {
        let longest = self.longest;
        if question.content.chars().count() > longest {
            return Err(Trouble::Question { longest });
        }
        let unreachable = || Trouble::Unreachable("the agent has not started".to_owned());
        let client = self.client.clone().ok_or_else(unreachable)?;
        let mut messages = Vec::new();
        if !self.instructions.is_empty() {
            messages.push(Said::new("system", self.instructions.as_str()));
        }
        messages.extend(topic.map_or_else(Vec::new, |topic| self.history.of(topic)));
        Ok((client, messages))
    }
}

/// The conversation that a message belongs to.
fn topic(message: &Message) -> Option<Topic> {
    Some(Topic {
        sender: message.sender()?.bare_str().to_owned(),
        id: message.conversation_id()?.to_owned(),
    })
}
