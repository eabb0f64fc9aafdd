//! Says hello to whoever asks.

use peak::prelude::*;

/// Says hello to whoever asks, and goes home when all visitors have gone.
#[agent]
pub(crate) struct Greeter {
    /// How many visitors there will be.
    #[param(default = 1)]
    visitors: u32,
    greeted: u32,
}

#[agent]
impl Greeter {
    /// What it returns is the answer.
    #[on_message(performative = "request")]
    async fn greet(&mut self, Text(name): Text) -> Inform<String> {
        self.greeted += 1;
        Inform(format!("Hello {name}, you are number {}", self.greeted))
    }

    #[on_message(performative = "inform", body = "goodbye")]
    async fn goodbye(&mut self, ctx: &Context<Self>) {
        self.visitors = self.visitors.saturating_sub(1);
        if self.visitors == 0 {
            ctx.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Asks once, notes the answer, and leaves.
    #[agent]
    struct Guest {
        answer: Option<String>,
    }

    #[agent]
    impl Guest {
        #[behaviour(one_shot)]
        async fn visit(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
            let request = Message::request("greeter@localhost").text("Ada");
            let answer = ctx.request(request, "5s").await?;
            self.answer = answer.body().map(str::to_owned);
            let goodbye = Message::inform("greeter@localhost").text("goodbye");
            ctx.send(goodbye).await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn guests_are_greeted_and_the_last_one_ends_it() {
        let platform = Platform::new();
        let greeter = Greeter {
            visitors: 2,
            greeted: 0,
        };
        let greeter = platform.spawn("greeter@localhost", greeter).await.unwrap();
        for (name, answer) in [
            ("ada@localhost", "Hello Ada, you are number 1"),
            ("bob@localhost", "Hello Ada, you are number 2"),
        ] {
            assert!(greeter.is_alive());
            let guest = platform.spawn(name, Guest { answer: None }).await.unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
            let heard = guest.with(|guest| guest.answer.clone()).await.unwrap();
            assert_eq!(heard.as_deref(), Some(answer));
        }
        assert!(greeter.join().await.failures.is_empty());
    }
}
