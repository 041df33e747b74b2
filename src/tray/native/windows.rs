//! Windows: any thread may have an icon.

use winit::event_loop::EventLoopBuilder;
use winit::platform::windows::EventLoopBuilderExtWindows;

/// Where the icon's events are waited for.
pub(super) struct Stage(Option<std::thread::JoinHandle<()>>);

impl Stage {
    pub(super) fn begin(events: impl FnOnce() + Send + 'static) -> Stage {
        Stage(Some(std::thread::spawn(events)))
    }

    /// Waits until the icon is gone.
    pub(super) fn end(&mut self) {
        if let Some(thread) = self.0.take() {
            let _ = thread.join();
        }
    }
}

pub(super) fn prepare<T: 'static>(builder: &mut EventLoopBuilder<T>) {
    builder.with_any_thread(true);
}
