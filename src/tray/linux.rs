//! The icon on Linux: `StatusNotifierItem` and its menu, by D-Bus.

use super::icon::pixels;
use super::menu::{Click, Entry, Face, Light};
use ksni::menu::{CheckmarkItem, StandardItem, SubMenu};
use ksni::{Handle, Icon, MenuItem, OfflineReason, Status, ToolTip, TrayMethods};
use std::collections::HashMap;
use tokio::sync::mpsc::UnboundedSender;
use zbus::zvariant::Value;

/// The sizes of ordinary panels, and twice that.
const SIDES: [usize; 6] = [16, 22, 24, 32, 48, 64];

/// The icon, if the session has a bus; the panel may come and go.
pub(super) struct Panel {
    shown: Option<Handle<Item>>,
    face: Face,
    clicked: UnboundedSender<Click>,
}

impl Panel {
    pub(super) async fn appear(face: Face, clicked: UnboundedSender<Click>) -> Panel {
        let mut panel = Panel { shown: None, face, clicked };
        panel.connect(true).await;
        panel
    }

    pub(super) async fn show(&mut self, face: Face) {
        if face == self.face {
            return;
        }
        self.face = face.clone();
        if let Some(shown) = &self.shown {
            shown.update(|item| item.face = face).await;
        }
    }

    /// Looks for a bus where there was none, or where it died.
    pub(super) async fn look_again(&mut self) {
        if self.shown.as_ref().is_none_or(Handle::is_closed) {
            self.connect(false).await;
        }
    }

    async fn connect(&mut self, first: bool) {
        let item = Item { face: self.face.clone(), clicked: self.clicked.clone() };
        match item.assume_sni_available(true).spawn().await {
            Ok(handle) => {
                tracing::info!("the icon is on the desktop's bus");
                self.shown = Some(handle);
            }
            Err(error) if first => {
                tracing::warn!(%error, "no desktop to show the icon on; the relay runs on without it");
            }
            Err(_) => {}
        }
    }

    /// A notification, where the desktop shows them.
    pub(super) async fn tell(&self, sentence: &str) {
        if let Err(error) = notify(sentence).await {
            tracing::debug!(%error, "no notification");
        }
    }
}

async fn notify(sentence: &str) -> zbus::Result<()> {
    let bus = zbus::Connection::session().await?;
    let (replaces, icon, title) = (0_u32, "", "Caisse Relay");
    let (actions, hints) = (Vec::<String>::new(), HashMap::<String, Value<'_>>::new());
    let (as_long_as_the_desktop_likes, name) = (-1_i32, "org.freedesktop.Notifications");
    let body =
        (title, replaces, icon, title, sentence, actions, hints, as_long_as_the_desktop_likes);
    bus.call_method(Some(name), "/org/freedesktop/Notifications", Some(name), "Notify", &body)
        .await?;
    Ok(())
}

/// What is on the bus.
struct Item {
    face: Face,
    clicked: UnboundedSender<Click>,
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        "caisse-relay".into()
    }

    fn title(&self) -> String {
        "Caisse Relay".into()
    }

    fn status(&self) -> Status {
        match self.face.light {
            Light::Attention => Status::NeedsAttention,
            Light::Ready | Light::Paying | Light::Stopped => Status::Active,
        }
    }

    fn icon_pixmap(&self) -> Vec<Icon> {
        let icon = |side| {
            let width = i32::try_from(side).unwrap_or_default();
            Icon { width, height: width, data: pixels(self.face.light, side).argb }
        };
        SIDES.into_iter().map(icon).collect()
    }

    fn attention_icon_pixmap(&self) -> Vec<Icon> {
        self.icon_pixmap()
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip {
            title: "Caisse Relay".into(),
            description: self.face.tip.clone(),
            ..ToolTip::default()
        }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        let _ = self.clicked.send(Click::OpenPage);
    }

    fn menu(&self) -> Vec<MenuItem<Item>> {
        self.face.menu.iter().map(item).collect()
    }

    fn watcher_online(&self) {
        tracing::info!("the icon is in the panel");
    }

    fn watcher_offline(&self, _: OfflineReason) -> bool {
        tracing::warn!("no panel shows icons; the relay runs on, the icon comes when one does");
        true
    }
}

fn item(entry: &Entry) -> MenuItem<Item> {
    let does = |click: &Click| {
        let click = click.clone();
        Box::new(move |item: &mut Item| {
            let _ = item.clicked.send(click.clone());
        })
    };
    match entry {
        Entry::Line => MenuItem::Separator,
        Entry::Text(text) => {
            StandardItem { label: plain(text), enabled: false, ..StandardItem::default() }.into()
        }
        Entry::Button(text, click) => {
            StandardItem { label: plain(text), activate: does(click), ..StandardItem::default() }
                .into()
        }
        Entry::Switch(text, on, click) => CheckmarkItem {
            label: plain(text),
            checked: *on,
            activate: does(click),
            ..CheckmarkItem::default()
        }
        .into(),
        Entry::Group(text, entries) => SubMenu {
            label: plain(text),
            submenu: entries.iter().map(item).collect(),
            ..SubMenu::default()
        }
        .into(),
    }
}

/// A single underscore would underline the letter after it.
fn plain(text: &str) -> String {
    text.replace('_', "__")
}
