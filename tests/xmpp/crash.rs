//! A server that is killed and started again, in the middle of it all.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use peak::prelude::*;
use peak_tests::servers::Server;

use super::{hands, on_both_servers, platform, until};

/// Counts what it gets.
#[agent]
struct Counter {
    times: Arc<Mutex<Vec<u32>>>,
}

#[agent]
impl Counter {
    #[on_message(performative = "inform")]
    async fn count(&mut self, Text(number): Text) {
        let number: usize = number.parse().expect("a number");
        let mut times = self.times.lock().expect("nobody panics with it");
        if times.len() <= number {
            times.resize(number + 1, 0);
        }
        times[number] += 1;
    }
}

const MESSAGES: usize = 10_000;

on_both_servers! {
    /// Ten thousand messages, and the server is killed among them: each is handled once.
    async fn no_message_is_lost_or_handled_twice(server: Server) {
        let platform = platform(&server);
        let times = Arc::new(Mutex::new(Vec::new()));
        let counter = Counter { times: Arc::clone(&times) };
        platform.spawn("counter@localhost", counter).await.unwrap();
        let sender = hands(&platform, "sender@localhost").await;

        let sending = tokio::spawn(async move {
            for number in 0..MESSAGES {
                let message = Message::inform("counter@localhost").text(number.to_string());
                // The queue may well be full while the server is away.
                while sender.send(message.clone()).await.is_err() {}
            }
        });
        let arrived = || times.lock().unwrap().iter().filter(|times| **times > 0).count();
        until("a third has arrived", || arrived() > MESSAGES / 3).await;
        tokio::task::block_in_place(|| server.kill());
        tokio::time::sleep(Duration::from_millis(300)).await;
        tokio::task::block_in_place(|| server.restart());
        sending.await.unwrap();
        let all = || arrived() == MESSAGES;
        let in_time = tokio::time::timeout(Duration::from_secs(60), async {
            while !all() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            // What is sent twice would come within moments.
            tokio::time::sleep(Duration::from_millis(500)).await;
        });
        let _ = in_time.await;
        let not_once: Vec<(usize, u32)> = {
            let times = times.lock().unwrap();
            (0..MESSAGES)
                .map(|number| (number, times.get(number).copied().unwrap_or(0)))
                .filter(|(_, times)| *times != 1)
                .collect()
        };
        assert!(
            not_once.is_empty(),
            "{} were not handled once: {:?}",
            not_once.len(),
            [not_once.first(), not_once.last()]
        );
        platform.stop().await;
    }
}
