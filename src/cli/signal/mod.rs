//! How each system tells a program to stop.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// Ctrl-C, or whatever the system says when it wants the program to end. A kind of it that cannot
/// be heard is logged, and the others are waited for.
pub(super) async fn told_to_stop() {
    tokio::select! {
        () = interrupted() => {}
        () = system::told_to_stop() => {}
    }
}

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        not_heard("Ctrl-C", &error).await;
    }
}

async fn not_heard(what: &str, error: &std::io::Error) {
    tracing::warn!(%error, "{what} is not heard");
    std::future::pending().await
}
