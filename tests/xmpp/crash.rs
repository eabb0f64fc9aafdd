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
                while let Err(error) = sender.send(message.clone()).await {
                    println!("{error}");
                }
            }
        });
        let arrived = || times.lock().unwrap().iter().filter(|times| **times > 0).count();
        until("a third has arrived", || arrived() > MESSAGES / 3).await;
        tokio::task::block_in_place(|| server.kill());
        tokio::time::sleep(Duration::from_millis(300)).await;
        tokio::task::block_in_place(|| server.restart());
        sending.await.unwrap();
        until("all have arrived", || arrived() == MESSAGES).await;
        // What is sent twice would come within moments.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let twice: Vec<usize> = times
            .lock()
            .unwrap()
            .iter()
            .enumerate()
            .filter_map(|(number, times)| (*times != 1).then_some(number))
            .collect();
        assert!(twice.is_empty(), "not handled once: {twice:?}");
        platform.stop().await;
    }
}
