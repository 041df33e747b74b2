//! The doctor, which stands above a session and is called by the person who
//! holds the relay's key.

use super::protocol::{CheckView, RelayToTill, Wellness as Wire};
use crate::words::{Checked, Lang, Wellness};
use futures_util::future::BoxFuture;
use std::sync::Arc;

type Examine = dyn Fn(Lang) -> BoxFuture<'static, Vec<Checked>> + Send + Sync;

/// Looks at everything and says how it is; a relay in a test may have none.
#[derive(Clone, Default)]
pub struct Doctor(Option<Arc<Examine>>);

impl Doctor {
    /// With what examines.
    pub fn new(
        examine: impl Fn(Lang) -> BoxFuture<'static, Vec<Checked>> + Send + Sync + 'static,
    ) -> Doctor {
        Doctor(Some(Arc::new(examine)))
    }

    /// The answer to `doctor`.
    pub(super) async fn answer(self, lang: Lang, n: Option<u64>) -> RelayToTill {
        let checked = match &self.0 {
            Some(examine) => examine(lang).await,
            None => Vec::new(),
        };
        RelayToTill::Doctor { checks: checked.into_iter().map(check_view).collect(), n }
    }
}

impl std::fmt::Debug for Doctor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Doctor").field(&self.0.is_some()).finish()
    }
}

/// A finding as it is written.
pub fn check_view(checked: Checked) -> CheckView {
    let Checked { code, state, about, message, remedy } = checked;
    let state = match state {
        Wellness::Ok => Wire::Ok,
        Wellness::Warning => Wire::Warning,
        Wellness::Failure => Wire::Failure,
    };
    CheckView { code: code.into(), state, about, message, remedy }
}
