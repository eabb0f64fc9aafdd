//! The end of a stream on which nothing more is asked.

use std::time::Duration;

use futures::StreamExt as _;

use crate::network::xmpp::stream::Stream;

/// How long the server may take to end it too.
const PATIENCE: Duration = Duration::from_millis(500);

/// Ends a stream politely.
pub(super) async fn close(mut stream: Stream) {
    if stream.shutdown().await.is_ok() {
        // Whatever still comes is not for anybody.
        let end = async { while let Some(Ok(_)) = stream.next().await {} };
        let _ = tokio::time::timeout(PATIENCE, end).await;
    }
}
