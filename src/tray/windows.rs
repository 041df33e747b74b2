//! The icon on Windows, in the notification area: an event loop on a thread of
//! its own, which draws what it is sent and sends what is clicked.

use super::icon::pixels;
use super::menu::{Click, Entry, Face};
use std::thread;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tray_icon::menu::{CheckMenuItem, IsMenuItem, Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tray_icon::menu::{MenuId, Submenu};
use tray_icon::{Icon, MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use winit::application::ApplicationHandler;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, EventLoop, EventLoopProxy};
use winit::platform::windows::EventLoopBuilderExtWindows;
use winit::window::WindowId;

/// As large as the notification area wants it on most screens; Windows scales it.
const SIDE: usize = 32;

/// The icon, where the session has a notification area.
pub(super) struct Panel {
    loop_: Option<EventLoopProxy<Order>>,
    thread: Option<thread::JoinHandle<()>>,
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
        let thread = thread::spawn(move || run(first, clicked, ready));
        let loop_ = told.await.ok();
        if loop_.is_none() {
            tracing::warn!("no desktop to show the icon on; the relay runs on without it");
        }
        Panel { loop_, thread: Some(thread), face }
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
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(face: Face, clicked: UnboundedSender<Click>, ready: oneshot::Sender<EventLoopProxy<Order>>) {
    let event_loop = EventLoop::<Order>::with_user_event().with_any_thread(true).build();
    let Ok(event_loop) = event_loop else { return };
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
                let place = id.0.parse::<usize>().ok();
                if let Some(click) = place.and_then(|place| self.clicks.get(place)) {
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
        self.clicks.clear();
        let menu = Menu::new();
        for entry in &self.face.menu {
            let item = item(entry, &mut self.clicks);
            let _ = menu.append(&*item);
        }
        let Some(icon) = &self.icon else { return };
        let drawn = picture(&self.face).map(|picture| icon.set_icon(Some(picture)));
        let tip = icon.set_tooltip(Some(format!("Caisse Relay\n{}", self.face.tip)));
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
