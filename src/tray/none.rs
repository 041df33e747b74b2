//! No icon: built without the feature `tray`, or for a system that has none.

use super::menu::{Click, Face};
use tokio::sync::mpsc::UnboundedSender;

pub(super) struct Panel {
    /// Kept, so that who waits for clicks waits.
    _clicked: UnboundedSender<Click>,
}

impl Panel {
    pub(super) async fn appear(_: Face, clicked: UnboundedSender<Click>) -> Panel {
        tracing::warn!("this program was built without an icon; the relay runs on without it");
        Panel { _clicked: clicked }
    }

    pub(super) async fn show(&mut self, _: Face) {}

    pub(super) async fn look_again(&mut self) {}

    pub(super) async fn tell(&self, _: &str) {}
}
