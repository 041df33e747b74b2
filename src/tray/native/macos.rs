//! macOS: only the program's first thread may have an icon, so it waits for one while the relay
//! runs on another.

use std::panic::resume_unwind;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use winit::event_loop::EventLoopBuilder;
use winit::platform::macos::{ActivationPolicy, EventLoopBuilderExtMacOS};

type Events = Box<dyn FnOnce() + Send>;

/// What the first thread is asked to do; nothing while it does not wait.
static FIRST: Mutex<Option<Sender<Events>>> = Mutex::new(None);

fn first() -> std::sync::MutexGuard<'static, Option<Sender<Events>>> {
    FIRST.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does the work on another thread. This one, the program's first, is there for the icon meanwhile.
pub(in crate::tray) fn beside<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let (asks, asked) = mpsc::channel::<Events>();
    *first() = Some(asks);
    thread::scope(|scope| {
        let working = scope.spawn(|| {
            let _over = Over;
            work()
        });
        while let Ok(events) = asked.recv() {
            events();
        }
        working.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// Lets the first thread go when the work ends, however it ends.
struct Over;

impl Drop for Over {
    fn drop(&mut self) {
        *first() = None;
    }
}

/// Where the icon's events are waited for.
pub(super) struct Stage(Option<Receiver<()>>);

impl Stage {
    /// Nothing begins where the first thread has something else to do.
    pub(super) fn begin(events: impl FnOnce() + Send + 'static) -> Stage {
        let (over, ended) = mpsc::channel();
        let events = Box::new(move || {
            events();
            drop(over);
        });
        let sent = first().as_ref().is_some_and(|first| first.send(events).is_ok());
        Stage(sent.then_some(ended))
    }

    /// Waits until the icon is gone.
    pub(super) fn end(&mut self) {
        if let Some(ended) = self.0.take() {
            let _ = ended.recv();
        }
    }
}

/// An accessory: no place in the Dock, no menu of its own, and it takes the keyboard from nobody.
pub(super) fn prepare<T: 'static>(builder: &mut EventLoopBuilder<T>) {
    builder
        .with_activation_policy(ActivationPolicy::Accessory)
        .with_default_menu(false)
        .with_activate_ignoring_other_apps(false);
}
