//! Why there is no certificate, and what to do.

use std::io;
use std::path::PathBuf;

/// Why there is no certificate to serve. The disk, the clock or a file of the authority is at
/// fault; each sentence says which, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// The folder could not be made or locked.
    #[error("could not open the folder {path}: {cause}; give this user the right to write in it")]
    Folder {
        /// The folder, or the lock file in it.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file of the authority is there and could not be read.
    #[error("could not read {path}: {cause}; give this user the right to read it, or restore it")]
    Unreadable {
        /// `ca.pem` or `ca.key`.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file could not be written; what was there before is untouched.
    #[error("could not write {path}: {cause}; free some disk, or let this user write there")]
    Unwritable {
        /// The file that was to be written.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file of the authority holds something else.
    #[error("cannot use {path}: {reason}; restore ca.pem and ca.key from a backup, or {AFRESH}")]
    Corrupt {
        /// `ca.pem` or `ca.key`.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// One of the two files of the authority is missing.
    #[error("{present} is there but {missing} is not; restore it from a backup, or {AFRESH}")]
    Halved {
        /// The file that is there.
        present: PathBuf,
        /// The file that is not.
        missing: PathBuf,
    },
    /// The two files of the authority are not a pair.
    #[error("{key} is not the key of {certificate}; restore both from one backup, or {AFRESH}")]
    Mismatched {
        /// `ca.pem`.
        certificate: PathBuf,
        /// `ca.key`.
        key: PathBuf,
    },
    /// A certificate is to be signed and the key was thrown away.
    #[error("the key of the authority in {path} was thrown away, so it signs nothing; {ANEW}")]
    Forgotten {
        /// `ca.pem`.
        path: PathBuf,
    },
    /// The authority has ended.
    #[error("the authority in {path} ended on {ended}; {AFRESH}")]
    Ended {
        /// `ca.pem`.
        path: PathBuf,
        /// Its last day, UTC.
        ended: time::Date,
    },
    /// The clock is before the authority's first day, and there is no earlier leaf to show.
    #[error(
        "the authority in {path} begins on {begins} but the clock says {now}; \
         set the clock or, if it is right, {AFRESH}"
    )]
    NotBegun {
        /// `ca.pem`.
        path: PathBuf,
        /// Its first day, UTC.
        begins: time::Date,
        /// The day the caller gave, UTC.
        now: time::Date,
    },
    /// The clock is too wrong to make an authority by.
    #[error("no authority can be made while the clock says {now}; set the clock and start again")]
    Clock {
        /// The day the caller gave, UTC.
        now: time::Date,
    },
    /// The operating system gave no random bytes.
    #[error("could not make a certificate: the system gave no random bytes; restart the machine")]
    Random,
    /// A certificate could not be put together.
    #[error("could not sign a certificate: {0}; please report this as a bug")]
    Signing(#[from] rcgen::Error),
}

/// The way out when the key was thrown away.
pub const ANEW: &str = "run `caisse-relay certs renew --new-authority`, \
     then `caisse-relay certs install` on every till";

/// The way out when there is no backup, said in full since browsers will refuse the relay.
const AFRESH: &str = "delete ca.pem and ca.key together and start the relay: \
     it makes a new authority, which every browser must then be told to trust";
