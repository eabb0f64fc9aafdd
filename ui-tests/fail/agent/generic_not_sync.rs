use peak::prelude::*;

#[agent]
struct Lamp<T: Send + 'static> {
    value: Option<T>,
}

async fn pause() {}

#[agent]
impl<T: Send + 'static> Lamp<T> {
    // Reading from the agent's task while it waits needs `Sync`; `&mut self` would not.
    #[behaviour(cyclic)]
    async fn tick(&self) {
        pause().await;
        drop(&self.value);
    }
}

fn main() {}
