//! Windows gives about five seconds after a closed console and somewhat more at the end of a
//! session. A payment that is not over by then is found at the next start, as after a power cut.

use super::not_heard;
use tokio::signal::windows;

/// The console is closed, the person logs off, the computer shuts down; or Ctrl-Break, the one
/// event that a program can be sent without those that started it.
pub(super) async fn told_to_stop() {
    tokio::select! {
        () = closed() => {}
        () = logged_off() => {}
        () = shut_down() => {}
        () = broken_off() => {}
    }
}

async fn closed() {
    match windows::ctrl_close() {
        Ok(mut event) => drop(event.recv().await),
        Err(error) => not_heard("the closing of the console", &error).await,
    }
}

async fn logged_off() {
    match windows::ctrl_logoff() {
        Ok(mut event) => drop(event.recv().await),
        Err(error) => not_heard("the end of the session", &error).await,
    }
}

async fn shut_down() {
    match windows::ctrl_shutdown() {
        Ok(mut event) => drop(event.recv().await),
        Err(error) => not_heard("the end of Windows", &error).await,
    }
}

async fn broken_off() {
    match windows::ctrl_break() {
        Ok(mut event) => drop(event.recv().await),
        Err(error) => not_heard("Ctrl-Break", &error).await,
    }
}
