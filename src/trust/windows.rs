//! The root stores of Windows, which Chrome, Edge and Firefox read.

use super::found;
use crate::ca::{Kin, Relation};
use crate::place::{Found, Place, Prompt, Trouble, Verb};
use schannel::cert_context::CertContext;
use schannel::cert_store::{CertAdd, CertStore, CertStoreBuilder};
use std::io;
use std::path::Path;
use std::rc::Rc;

/// The user's, and the machine's, which every user of it has and an administrator changes.
pub(super) fn stores(kin: &Rc<Kin>) -> Vec<Box<dyn Place>> {
    let of = |name, machine| -> Box<dyn Place> {
        Box::new(Windows { name, machine, kin: Rc::clone(kin) })
    };
    vec![of("windows-user", false), of("windows-machine", true)]
}

struct Windows {
    name: &'static str,
    machine: bool,
    kin: Rc<Kin>,
}

impl Windows {
    fn open(&self, to_write: bool) -> io::Result<CertStore> {
        let mut store = CertStoreBuilder::new();
        if !to_write {
            store.read_only();
        }
        if self.machine {
            store.open_local_machine("ROOT")
        } else {
            store.open_current_user("ROOT")
        }
    }

    /// Those of ours. A user's store shows the machine's certificates too, and believes them; to
    /// remove one of those takes an administrator, and Windows says so.
    fn ours(&self, store: &CertStore) -> Vec<(Relation, CertContext)> {
        store
            .certs()
            .map(|certificate| (self.kin.of(certificate.to_der()), certificate))
            .filter(|(relation, _)| *relation != Relation::Stranger)
            .collect()
    }

    fn trouble(&self, error: &io::Error) -> Trouble {
        Trouble::with(Path::new(self.name), error)
    }

    fn remove_all(&self) -> io::Result<()> {
        let store = self.open(true)?;
        let ours = self.ours(&store);
        ours.into_iter().try_for_each(|(_, certificate)| certificate.delete())
    }

    fn add(&self) -> io::Result<()> {
        let Some(anchor) = self.kin.current() else { return Ok(()) };
        let store = self.open(true)?;
        for (_, old) in self.ours(&store).into_iter().filter(|(r, _)| *r == Relation::Older) {
            old.delete()?;
        }
        let certificate = CertContext::new(anchor.certificate())?;
        self.open(true)?.add_cert(&certificate, CertAdd::ReplaceExisting).map(drop)
    }
}

impl Place for Windows {
    fn name(&self) -> &'static str {
        self.name
    }

    fn serves(&self) -> &'static str {
        "Google Chrome, Microsoft Edge, Firefox"
    }

    fn wanted(&self) -> bool {
        !self.machine
    }

    fn read(&self) -> Found {
        match self.open(false) {
            Ok(store) => found(self.ours(&store).iter().map(|(relation, _)| *relation)),
            Err(error) => Found::unclear(self.trouble(&error)),
        }
    }

    fn install(&self) -> Result<(), Trouble> {
        self.add().map_err(|error| self.trouble(&error))
    }

    fn uninstall(&self) -> Result<(), Trouble> {
        self.remove_all().map_err(|error| self.trouble(&error))
    }

    fn prompt(&self, verb: Verb) -> Option<Prompt> {
        (!self.machine && verb != Verb::Status).then_some(Prompt::WindowsWarning)
    }
}
