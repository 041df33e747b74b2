use super::words;
use serde::{Deserialize, Serialize};

words! {
    /// How a check ended.
    Wellness {
        /// As it should be.
        Ok,
        /// It works, or cannot be told, and is worth a look.
        Warning,
        /// It does not work.
        Failure,
    }
}

/// What one check of the doctor found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CheckView {
    /// Its stable name.
    pub code: String,
    /// How it ended.
    pub state: Wellness,
    /// The terminal, the store or the browser that it is about.
    pub about: Option<String>,
    /// A sentence.
    pub message: String,
    /// What to do.
    pub remedy: Option<String>,
}
