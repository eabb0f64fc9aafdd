//! Says its name, again and again.

use peak::prelude::*;

/// Says its name once a second, and goes home after a while.
#[agent]
pub(crate) struct Visitor {
    /// What it is called.
    #[param(default = "Ada")]
    name: String,
    /// Whom it visits.
    #[param(default = "greeter@localhost")]
    greeter: Jid,
    /// How often it says its name before it goes.
    #[param(default = 5)]
    visits: u32,
}

#[agent]
impl Visitor {
    #[behaviour(periodic = "1s")]
    async fn visit(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        if self.visits == 0 {
            println!("{}: Goodbye!", ctx.jid());
            ctx.send(Message::inform(&self.greeter).text("goodbye"))
                .await?;
            ctx.stop();
            return Ok(());
        }
        self.visits -= 1;
        println!("{}: I am {}", ctx.jid(), self.name);
        let request = Message::request(&self.greeter).text(&self.name);
        let answer = ctx.request(request, "5s").await?;
        if answer.performative() == Some(Performative::Inform) {
            println!("{}: {}", self.greeter, answer.body().unwrap_or_default());
        } else {
            println!("{} does not greet: {answer:?}", self.greeter);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Notes what it hears.
    #[agent]
    struct Host {
        heard: Vec<String>,
    }

    #[agent]
    impl Host {
        #[on_message(performative = "request")]
        async fn hear(&mut self, Text(name): Text) -> Inform<String> {
            self.heard.push(name);
            Inform("welcome".to_owned())
        }

        #[on_message(performative = "inform")]
        async fn goodbye(&mut self, Text(text): Text) {
            self.heard.push(text);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_says_its_name_and_then_goodbye() {
        let platform = Platform::new();
        let host = Host { heard: Vec::new() };
        let host = platform.spawn("host@localhost", host).await.unwrap();
        let visitor = Visitor {
            name: "Ada".to_owned(),
            greeter: "host@localhost".parse().unwrap(),
            visits: 2,
        };
        let visitor = platform.spawn("visitor@localhost", visitor).await.unwrap();
        tokio::time::sleep(Duration::from_secs(3)).await;
        let heard = host.with(|host| host.heard.clone()).await.unwrap();
        assert_eq!(heard, ["Ada", "Ada", "goodbye"]);
        assert!(!visitor.is_alive());
    }
}
