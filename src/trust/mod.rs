//! The certificate stores that browsers read, and the relay's authority in them.
//!
//! | file | store | platform |
//! |---|---|---|
//! | `nss` | the database of Chromium, Chrome and Edge | Linux |
//! | `linux` | the system's, which WebKit and programs read | Linux |
//! | `firefox` | Firefox's policies; elsewhere it reads the system's store | Linux |
//! | `chromium` | Chromium's policies, where there is no database to write in | Linux |
//! | `windows` | the root store of the user or of the machine | Windows only: `cfg(windows)` |
//! | `macos` | the login or the system keychain | macOS only: `cfg(target_os = "macos")` |
//!
//! What a store holds is compared by bytes. An older authority of this machine's relay is known by
//! its name, counted, and removed with the next `install` or `uninstall`; the authorities of other
//! machines' relays are left alone.

#[cfg(all(unix, not(target_os = "macos")))]
mod chromium;
#[cfg(all(unix, not(target_os = "macos")))]
mod firefox;
#[cfg(all(unix, not(target_os = "macos")))]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(all(unix, not(target_os = "macos")))]
mod nss;
#[cfg(windows)]
mod windows;

use crate::ca::{Kin, Relation};
use crate::place::{Found, Place, Root};
use std::rc::Rc;

/// The stores of this platform. `root` is where the system's folders are.
pub fn stores(kin: &Rc<Kin>, root: &Root) -> Vec<Box<dyn Place>> {
    let mut stores: Vec<Box<dyn Place>> = Vec::new();
    #[cfg(all(unix, not(target_os = "macos")))]
    {
        stores.extend(nss::databases(kin));
        stores.push(Box::new(linux::System::new(Rc::clone(kin), root.clone())));
        stores.push(Box::new(firefox::Firefox::new(Rc::clone(kin), root.clone())));
        stores.extend(chromium::families(kin, root));
    }
    #[cfg(windows)]
    stores.extend(windows::stores(kin));
    #[cfg(target_os = "macos")]
    stores.extend(macos::keychains(kin));
    #[cfg(not(all(unix, not(target_os = "macos"))))]
    let _ = root;
    stores
}

/// What a store holds, from what its certificates are to us.
fn found(relations: impl IntoIterator<Item = Relation>) -> Found {
    let mut found = Found::lacks();
    for relation in relations {
        match relation {
            Relation::Current => found = Found { leftovers: found.leftovers, ..Found::holds() },
            Relation::Older => found.leftovers += 1,
            Relation::Stranger => {}
        }
    }
    found
}
