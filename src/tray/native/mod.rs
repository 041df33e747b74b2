//! The icon on Windows, in the notification area, and on macOS, in the menu bar: an
//! event loop which draws what it is sent and sends what is clicked.

#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

use super::icon::pixels;
use super::menu::{Click, Entry, Face};
#[cfg(target_os = "macos")]
pub(super) use macos::beside;
#[cfg(target_os = "macos")]
use macos::{Stage, prepare};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tray_icon::menu::{CheckMenuItem, IsMenuItem, Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tray_icon::menu::{MenuId, Submenu};
use tray_icon::{Icon, MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use winit::application::ApplicationHandler;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, EventLoop, EventLoopProxy};
use winit::window::WindowId;

#[cfg(windows)]
use windows::{Stage, prepare};

/// As large as most screens want it; the system scales it.
const SIDE: usize = 32;

/// The icon, where the session has a place for it.
pub(super) struct Panel {
    loop_: Option<EventLoopProxy<Order>>,
    stage: Stage,
    face: Face,
}

enum Order {
    Show(Face),
    Clicked(MenuId),
    Pressed,
    Leave,
}

impl Panel {
    pub(super) async fn appear(face: Face, clicked: UnboundedSender<Click>) -> Panel {
        let (ready, told) = oneshot::channel();
        let first = face.clone();
        let stage = Stage::begin(move || run(first, clicked, ready));
        let loop_ = told.await.ok();
        if loop_.is_none() {
            tracing::warn!("no desktop to show the icon on; the relay runs on without it");
        }
        Panel { loop_, stage, face }
    }

    pub(super) async fn show(&mut self, face: Face) {
        if face != self.face {
            self.face = face.clone();
            self.order(Order::Show(face));
        }
    }

    /// The shell asks for the icon again by itself when it starts anew.
    pub(super) async fn look_again(&mut self) {}

    /// There is no notification here: what is to be told is in the menu and on
    /// the relay's page.
    pub(super) async fn tell(&self, _: &str) {}

    fn order(&self, order: Order) {
        if let Some(loop_) = &self.loop_ {
            let _ = loop_.send_event(order);
        }
    }
}

impl Drop for Panel {
    /// An icon that is not taken away stays until the mouse passes over it.
    fn drop(&mut self) {
        self.order(Order::Leave);
        self.stage.end();
    }
}

fn run(face: Face, clicked: UnboundedSender<Click>, ready: oneshot::Sender<EventLoopProxy<Order>>) {
    let mut builder = EventLoop::<Order>::with_user_event();
    prepare(&mut builder);
    let Ok(event_loop) = builder.build() else { return };
    let proxy = event_loop.create_proxy();
    let on_menu = proxy.clone();
    MenuEvent::set_event_handler(Some(move |event: MenuEvent| {
        let _ = on_menu.send_event(Order::Clicked(event.id));
    }));
    let on_icon = proxy.clone();
    TrayIconEvent::set_event_handler(Some(move |event| {
        if let TrayIconEvent::Click {
            button: MouseButton::Left,
            button_state: MouseButtonState::Up,
            ..
        } = event
        {
            let _ = on_icon.send_event(Order::Pressed);
        }
    }));
    if ready.send(proxy).is_err() {
        return;
    }
    let mut shown = Shown { face, icon: None, clicks: Vec::new(), clicked };
    if let Err(error) = event_loop.run_app(&mut shown) {
        tracing::warn!(%error, "the icon is gone; the relay runs on");
    }
}

struct Shown {
    face: Face,
    icon: Option<TrayIcon>,
    /// What each entry that can be clicked does; its place is its name.
    clicks: Vec<Click>,
    clicked: UnboundedSender<Click>,
}

impl ApplicationHandler<Order> for Shown {
    fn resumed(&mut self, _: &ActiveEventLoop) {
        let built = TrayIconBuilder::new().with_menu_on_left_click(false).build();
        match built {
            Ok(icon) => self.icon = Some(icon),
            Err(error) => {
                tracing::warn!(%error, "no icon; the relay runs on without it");
            }
        }
        self.draw();
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, order: Order) {
        match order {
            Order::Show(face) => {
                self.face = face;
                self.draw();
            }
            Order::Clicked(id) => {
                if let Some(click) = named(&self.clicks, &id) {
                    let _ = self.clicked.send(click.clone());
                }
            }
            Order::Pressed => {
                let _ = self.clicked.send(Click::OpenPage);
            }
            Order::Leave => {
                self.icon = None;
                event_loop.exit();
            }
        }
    }

    fn window_event(&mut self, _: &ActiveEventLoop, _: WindowId, _: WindowEvent) {}
}

impl Shown {
    fn draw(&mut self) {
        let Some(icon) = &self.icon else { return };
        let drawn = picture(&self.face).map(|picture| icon.set_icon(Some(picture)));
        let tip = icon.set_tooltip(Some(format!("Caisse Relay\n{}", self.face.tip)));
        let (menu, clicks) = menu(&self.face.menu);
        self.clicks = clicks;
        icon.set_menu(Some(Box::new(menu)));
        if !matches!((drawn, tip), (Some(Ok(())), Ok(()))) {
            tracing::debug!("the icon could not be drawn");
        }
    }
}

fn picture(face: &Face) -> Option<Icon> {
    let side = u32::try_from(SIDE).ok()?;
    let argb = pixels(face.light, SIDE).argb;
    let rgba = argb.chunks_exact(4).flat_map(|pixel| [pixel[1], pixel[2], pixel[3], pixel[0]]);
    Icon::from_rgba(rgba.collect(), side, side).ok()
}

/// The menu, and what each of its entries does that can be clicked.
fn menu(entries: &[Entry]) -> (Menu, Vec<Click>) {
    let (menu, mut clicks) = (Menu::new(), Vec::new());
    for entry in entries {
        let item = item(entry, &mut clicks);
        let _ = menu.append(&*item);
    }
    (menu, clicks)
}

/// What an entry does, by its name.
fn named<'a>(clicks: &'a [Click], id: &MenuId) -> Option<&'a Click> {
    clicks.get(id.0.parse::<usize>().ok()?)
}

fn item(entry: &Entry, clicks: &mut Vec<Click>) -> Box<dyn IsMenuItem> {
    let mut named = |click: &Click| {
        clicks.push(click.clone());
        MenuId::new((clicks.len() - 1).to_string())
    };
    match entry {
        Entry::Line => Box::new(PredefinedMenuItem::separator()),
        Entry::Text(text) => Box::new(MenuItem::new(plain(text), false, None)),
        Entry::Button(text, click) => {
            Box::new(MenuItem::with_id(named(click), plain(text), true, None))
        }
        Entry::Switch(text, on, click) => {
            Box::new(CheckMenuItem::with_id(named(click), plain(text), true, *on, None))
        }
        Entry::Group(text, entries) => {
            let group = Submenu::new(plain(text), true);
            for entry in entries {
                let item = item(entry, clicks);
                let _ = group.append(&*item);
            }
            Box::new(group)
        }
    }
}

/// A single ampersand would underline the letter after it.
fn plain(text: &str) -> String {
    text.replace('&', "&&")
}

// On macOS a menu may be made on the first thread only, and tests have none.
#[cfg(all(test, windows))]
mod tests {
    use super::*;
    use crate::tray::{State, face};
    use crate::words::Lang;
    use serde_json::json;
    use tray_icon::menu::MenuItemKind;

    /// Every entry that can be clicked, by what it says.
    fn entries(items: Vec<MenuItemKind>) -> Vec<(String, MenuId)> {
        let all = items.into_iter().flat_map(|item| match item {
            MenuItemKind::MenuItem(item) if item.is_enabled() => {
                vec![(item.text(), item.id().clone())]
            }
            MenuItemKind::Check(item) => vec![(item.text(), item.id().clone())],
            MenuItemKind::Submenu(group) => entries(group.items()),
            _ => Vec::new(),
        });
        all.collect()
    }

    /// What the system's menu says and names is what is done when it names that again.
    #[test]
    fn an_entry_of_the_menu_does_what_it_says() {
        let mut state = State::new(Lang::En);
        (state.up, state.own, state.at_login) = (true, true, Some(false));
        state.hear(&json!({
            "type": "overview", "unknown": 0, "journal": { "unsaved": 0 }, "terminals": [],
            "origins": [{ "origin": "https://a&b.example", "state": "waiting" }],
            "pairing": null, "distrust": null,
        }));
        let (menu, clicks) = menu(&face(&state, Lang::En).menu);
        let told: Vec<_> = entries(menu.items())
            .into_iter()
            .map(|(text, id)| (text, named(&clicks, &id).cloned().unwrap()))
            .collect();
        let does = |click: Click| {
            let found = told.iter().find(|(_, does)| *does == click);
            found.unwrap_or_else(|| panic!("{click:?}: {told:?}")).0.clone()
        };
        assert_eq!(does(Click::Allow("https://a&b.example".into())), "Allow");
        assert_eq!(does(Click::Refuse("https://a&b.example".into())), "Refuse");
        assert_eq!(does(Click::StartAtLogin(true)), "Start when the session opens");
        assert!(does(Click::OpenPage).starts_with("Open the relay's page"));
        assert_eq!(does(Click::Quit), "Stop the relay");
        assert_eq!(told.len(), clicks.len());
        assert_eq!(named(&clicks, &MenuId::new("99")), None);
        assert_eq!(plain("a&b"), "a&&b");
    }
}
