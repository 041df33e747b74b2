use super::not_heard;
use tokio::signal::unix::{SignalKind, signal};

/// SIGTERM, from whatever supervises the relay.
pub(super) async fn told_to_stop() {
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            terminated.recv().await;
        }
        Err(error) => not_heard("SIGTERM", &error).await,
    }
}
