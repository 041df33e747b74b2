//! A desktop of the test's own: a message bus, a panel that shows icons, and
//! what it does with notifications.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, Proxy, connection, interface};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks until there is an answer.
pub async fn until<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    let ends = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < ends, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A session with a bus.
pub struct Desktop {
    daemon: Child,
    pub address: String,
    _folder: TempDir,
    notices: Arc<Mutex<Vec<String>>>,
}

/// The panel: the watcher that icons register with.
pub struct Panel {
    connection: Connection,
    icons: Arc<Mutex<Vec<String>>>,
}

/// An icon, as a panel sees it.
pub struct Item {
    item: Proxy<'static>,
    menu: Proxy<'static>,
}

/// An entry of its menu.
#[derive(Debug, Clone)]
pub struct Entry {
    id: i32,
    label: String,
    enabled: bool,
    on: bool,
}

impl Desktop {
    pub fn start() -> Desktop {
        let folder = tempfile::tempdir().unwrap();
        // A bus that starts no services of this machine.
        let config = format!(
            "<busconfig><type>session</type><listen>unix:path={}/bus</listen>\
             <auth>EXTERNAL</auth><policy context=\"default\"><allow send_destination=\"*\"/>\
             <allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>",
            folder.path().display()
        );
        let file = folder.path().join("bus.conf");
        std::fs::write(&file, config).unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", file.display()))
            .args(["--nofork", "--nopidfile", "--print-address"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is installed");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let address = address.trim().to_owned();
        Desktop { daemon, address, _folder: folder, notices: Arc::default() }
    }

    async fn connect(&self) -> Connection {
        connection::Builder::address(self.address.as_str()).unwrap().build().await.unwrap()
    }

    /// A panel starts; it shows notifications too.
    pub async fn panel_appears(&self) -> Panel {
        let icons = Arc::<Mutex<Vec<String>>>::default();
        let watcher = Watcher { icons: Arc::clone(&icons) };
        let notifications = Notifications { notices: Arc::clone(&self.notices) };
        let connection = connection::Builder::address(self.address.as_str())
            .unwrap()
            .serve_at("/StatusNotifierWatcher", watcher)
            .unwrap()
            .serve_at("/org/freedesktop/Notifications", notifications)
            .unwrap()
            .name("org.kde.StatusNotifierWatcher")
            .unwrap()
            .name("org.freedesktop.Notifications")
            .unwrap()
            .build()
            .await
            .unwrap();
        Panel { connection, icons }
    }

    /// The icon of a process.
    pub async fn item(&self, process: u32) -> Item {
        let connection = self.connect().await;
        let bus = zbus::fdo::DBusProxy::new(&connection).await.unwrap();
        let prefix = format!("org.kde.StatusNotifierItem-{process}-");
        let name = until("the icon", async || {
            let names = bus.list_names().await.unwrap();
            names.into_iter().find(|name| name.starts_with(&prefix)).map(|name| name.to_string())
        })
        .await;
        let proxy = async |path, interface| {
            Proxy::new(&connection, name.clone(), path, interface).await.unwrap()
        };
        // Asked anew each time: a panel that keeps what it saw is not tested here.
        let item = zbus::proxy::Builder::<Proxy<'_>>::new(&connection)
            .destination(name.clone())
            .unwrap()
            .path("/StatusNotifierItem")
            .unwrap()
            .interface("org.kde.StatusNotifierItem")
            .unwrap()
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()
            .await
            .unwrap();
        Item { item, menu: proxy("/MenuBar", "com.canonical.dbusmenu").await }
    }

    /// Waits for a notification that has this in it.
    pub async fn told(&self, wanted: &str) {
        until(&format!("a notification of {wanted}"), async || {
            let notices = self.notices.lock().unwrap();
            notices.iter().any(|notice| plain(notice).contains(wanted)).then_some(())
        })
        .await;
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

impl Panel {
    pub async fn has_icons(&self, count: usize) {
        until("an icon to register", async || {
            (self.icons.lock().unwrap().len() == count).then_some(())
        })
        .await;
    }

    pub async fn leaves(self) {
        self.connection.close().await.unwrap();
    }
}

impl Item {
    pub async fn text(&self, property: &str) -> String {
        self.item.get_property(property).await.unwrap()
    }

    pub async fn sides(&self, property: &str) -> Vec<i32> {
        self.pixmaps(property).await.iter().map(|(width, ..)| *width).collect()
    }

    /// Its smallest picture.
    pub async fn picture(&self) -> Vec<u8> {
        self.pixmaps("IconPixmap").await.remove(0).2
    }

    async fn pixmaps(&self, property: &str) -> Vec<(i32, i32, Vec<u8>)> {
        let value: OwnedValue = self.item.get_property(property).await.unwrap();
        value.try_into().unwrap()
    }

    /// Waits for its tool tip.
    pub async fn tip_becomes(&self, wanted: &str) {
        until(&format!("the tip {wanted}"), async || {
            let value: OwnedValue = self.item.get_property("ToolTip").await.unwrap();
            let Value::Structure(tip) = &*value else { panic!("{value:?}") };
            let Value::Str(text) = &tip.fields()[3] else { panic!("{tip:?}") };
            (plain(text) == wanted).then_some(())
        })
        .await;
    }

    /// Its whole menu, groups and all, from top to bottom.
    pub async fn entries(&self) -> Vec<Entry> {
        let nothing: [&str; 0] = [];
        let answer = self.menu.call_method("GetLayout", &(0, -1, &nothing[..])).await.unwrap();
        let body = answer.body();
        let (_, (_, _, children)): Layout = body.deserialize().unwrap();
        children.iter().flat_map(|child| entries(child)).collect()
    }

    pub async fn labels(&self) -> Vec<String> {
        self.entries().await.into_iter().map(|entry| entry.label).collect()
    }

    /// Waits for an entry that begins like this.
    pub async fn entry(&self, begins: &str) -> Entry {
        until(&format!("the entry {begins}"), async || {
            self.entries().await.into_iter().find(|entry| entry.label.starts_with(begins))
        })
        .await
    }

    /// Waits for something to read, and gives the whole line.
    pub async fn line(&self, begins: &str) -> String {
        self.entry(begins).await.label
    }

    /// Waits for a switch to stand like this.
    pub async fn is_on(&self, label: &str, on: bool) {
        until(&format!("{label} to be {on}"), async || {
            let entries = self.entries().await;
            entries.iter().find(|entry| entry.label == label && entry.on == on).map(|_| ())
        })
        .await;
    }

    /// Waits for an entry that can be clicked, and clicks it.
    pub async fn click(&self, label: &str) {
        let entry = until(&format!("the button {label}"), async || {
            let entries = self.entries().await;
            entries.into_iter().find(|entry| entry.label == label && entry.enabled)
        })
        .await;
        self.click_stale(entry).await;
    }

    /// Clicks what may not be in the menu any more.
    pub async fn click_stale(&self, entry: Entry) {
        let event = (entry.id, "clicked", Value::from(0), 0_u32);
        let _ = self.menu.call_method("Event", &event).await;
    }
}

type Layout = (u32, (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>));

fn entries(value: &Value<'_>) -> Vec<Entry> {
    let Value::Structure(entry) = value else { panic!("{value:?}") };
    let [Value::I32(id), Value::Dict(properties), Value::Array(children)] = entry.fields() else {
        panic!("{entry:?}")
    };
    let text: Option<String> = properties.get(&"label").unwrap();
    let enabled: Option<bool> = properties.get(&"enabled").unwrap();
    let on: Option<i32> = properties.get(&"toggle-state").unwrap();
    let own = text.map(|label| Entry {
        id: *id,
        label: plain(&label),
        enabled: enabled.unwrap_or(true),
        on: on == Some(1),
    });
    let inner = children.iter().flat_map(|child| match child {
        Value::Value(child) => entries(child),
        child => entries(child),
    });
    own.into_iter().chain(inner).collect()
}

fn plain(text: &str) -> String {
    text.replace('\u{a0}', " ").replace("__", "_")
}

struct Watcher {
    icons: Arc<Mutex<Vec<String>>>,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: String) {
        self.icons.lock().unwrap().push(service);
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.icons.lock().unwrap().clone()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

struct Notifications {
    notices: Arc<Mutex<Vec<String>>>,
}

#[interface(name = "org.freedesktop.Notifications")]
#[expect(clippy::too_many_arguments, reason = "the specification has eight")]
impl Notifications {
    fn notify(
        &self,
        _app: String,
        _replaces: u32,
        _icon: String,
        _summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        self.notices.lock().unwrap().push(body);
        1
    }
}
