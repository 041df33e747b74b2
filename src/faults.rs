//! Faults that tests plant: places to die at, and the bugs that the torture
//! campaign has to catch. Only in builds with the feature `faults`; in every
//! other build each call is nothing.

/// A bug that a test plants, by its name in `CAISSE_RELAY_PLANT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// `resend`: what was not answered in time is sent again.
    Resend,
    /// `tell_first`: an outcome is told before it is durable.
    TellFirst,
    /// `send_first`: the request leaves before the payment is on record.
    SendFirst,
}

/// Ends the process, as a power cut would, where `CAISSE_RELAY_DIE_AT` names
/// this place.
#[cfg(feature = "faults")]
pub fn point(place: &str) {
    if std::env::var("CAISSE_RELAY_DIE_AT").is_ok_and(|die_at| die_at == place) {
        std::process::abort();
    }
}

/// Whether a test planted this bug.
#[cfg(feature = "faults")]
pub fn planted(bug: Bug) -> bool {
    let name = match bug {
        Bug::Resend => "resend",
        Bug::TellFirst => "tell_first",
        Bug::SendFirst => "send_first",
    };
    std::env::var("CAISSE_RELAY_PLANT").is_ok_and(|planted| planted == name)
}

/// Nothing, in a build for people.
#[cfg(not(feature = "faults"))]
#[inline(always)]
pub fn point(_: &str) {}

/// Never, in a build for people.
#[cfg(not(feature = "faults"))]
#[inline(always)]
pub fn planted(_: Bug) -> bool {
    false
}
