//! Several things at once: what plain `async` code has no words for.
//!
//! One after the other is `.await` after `.await`, a `loop` and an `if`; these are for side by side.

use std::future::{Future, IntoFuture};

pub use super::backoff::Backoff;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

/// Does all of them side by side, and gives what came out in their order.
///
/// ```
/// use peak::compose::all;
/// use peak::prelude::*;
///
/// # #[agent] struct Buyer;
/// #[agent]
/// impl Buyer {
///     #[behaviour(one_shot)]
///     async fn compare(ctx: Context<Self>) {
///         let shops = ["north@localhost", "south@localhost"];
///         let ask = |shop| ctx.request(Message::query_ref(shop).text("price"), "2s");
///         let prices = all(shops.map(ask)).await;
///         println!("{} of {} have answered", prices.iter().flatten().count(), shops.len());
///     }
/// }
/// ```
pub async fn all<F: IntoFuture>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut done = Vec::new();
    let mut running = numbered(futures);
    done.resize_with(running.len(), || None);
    while let Some((place, output)) = running.next().await {
        done[place] = Some(output);
    }
    done.into_iter().flatten().collect()
}

/// Does all of them side by side until the first is done, and gives what that came to. The others end
/// as they are, at an `.await`. `None` if there are none.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// use peak::compose::any;
/// use std::time::Duration;
///
/// let after = |seconds| async move {
///     tokio::time::sleep(Duration::from_secs(seconds)).await;
///     seconds
/// };
/// assert_eq!(any([after(3), after(1), after(2)]).await, Some(1));
/// # }
/// ```
pub async fn any<F: IntoFuture>(futures: impl IntoIterator<Item = F>) -> Option<F::Output> {
    numbered(futures).next().await.map(|(_, output)| output)
}

/// Does all of them side by side until `count` are done, and gives what those came to, with their
/// places, in the order in which they were done. The others end as they are, at an `.await`. If there
/// are fewer, it gives all.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// use peak::compose::first;
/// use std::time::Duration;
///
/// let after = |seconds| tokio::time::sleep(Duration::from_secs(seconds));
/// let two = first(2, [after(3), after(1), after(2)]).await;
/// assert_eq!(two, [(1, ()), (2, ())]);
/// # }
/// ```
pub async fn first<F: IntoFuture>(
    count: usize,
    futures: impl IntoIterator<Item = F>,
) -> Vec<(usize, F::Output)> {
    numbered(futures).take(count).collect().await
}

fn numbered<F: IntoFuture>(
    futures: impl IntoIterator<Item = F>,
) -> FuturesUnordered<impl Future<Output = (usize, F::Output)>> {
    let numbered = futures.into_iter().enumerate();
    numbered
        .map(|(place, future)| async move { (place, future.await) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::{Instant, sleep};

    async fn after(ms: u64) -> u64 {
        sleep(Duration::from_millis(ms)).await;
        ms
    }

    #[tokio::test(start_paused = true)]
    async fn side_by_side_takes_as_long_as_the_longest() {
        let begin = Instant::now();
        assert_eq!(all([30, 10, 20].map(after)).await, [30, 10, 20]);
        assert_eq!(begin.elapsed().as_millis(), 30);
        assert_eq!(first(2, [30, 10, 20].map(after)).await, [(1, 10), (2, 20)]);
        assert_eq!(begin.elapsed().as_millis(), 50);
    }

    #[tokio::test(start_paused = true)]
    async fn none_and_too_few_end_at_once() {
        let none: [std::future::Ready<u8>; 0] = [];
        assert!(all(none).await.is_empty());
        let none: [std::future::Ready<u8>; 0] = [];
        assert_eq!(any(none).await, None);
        assert_eq!(first(3, [after(1)]).await, [(0, 1)]);
        assert_eq!(first(0, [after(1)]).await, []);
    }
}
