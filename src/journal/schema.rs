use rusqlite::{Connection, Error, Result, ffi};
use std::time::Duration;

/// Raised with every change of the tables; `prepare` brings older files up.
const VERSION: i64 = 6;

const VERSION_1: &str = "
CREATE TABLE payment (
    seq             INTEGER PRIMARY KEY, -- the order of things, whatever the clock says
    id              TEXT NOT NULL UNIQUE,
    till            TEXT NOT NULL,
    terminal        TEXT NOT NULL,
    operation       TEXT NOT NULL,
    amount          INTEGER NOT NULL CHECK (amount > 0), -- minor units
    currency        TEXT NOT NULL,
    means           TEXT NOT NULL,
    reference       TEXT,
    receipt         INTEGER,
    partial         INTEGER,
    register        TEXT,
    timeout_s       INTEGER,
    opened_at       INTEGER NOT NULL, -- milliseconds since 1970 UTC, as all that end in _at
    may_have_left   INTEGER NOT NULL, -- 0 proves that no byte of the request left
    sent_at         INTEGER,
    cancel_requested_at INTEGER,
    closed_at       INTEGER,
    outcome         TEXT CHECK (outcome IN ('approved', 'declined', 'not_sent', 'unknown')),
    reason          TEXT,
    paid            INTEGER,
    report_code     TEXT,
    report_issuer   TEXT,
    report_message  TEXT,
    card            TEXT, -- at most the first 6 and last 4 digits
    authorization   TEXT,
    application     TEXT,
    read_mode       TEXT,
    contract        TEXT,
    aid             TEXT,
    ticket          TEXT,
    remarks         TEXT,
    late            INTEGER NOT NULL DEFAULT 0,
    resolved_at     INTEGER,
    resolved_charged INTEGER,
    resolved_by     TEXT,
    resolved_note   TEXT,
    acknowledged_at INTEGER
) STRICT;
CREATE INDEX payment_unknown ON payment (seq) WHERE outcome = 'unknown' AND resolved_at IS NULL;
CREATE INDEX payment_unacknowledged ON payment (seq) WHERE acknowledged_at IS NULL;
";

/// Version 2: what people and the relay did beside the payments, and what a
/// terminal's duplicate said of an unknown one.
const VERSION_2: &str = "
CREATE TABLE event (
    seq      INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    payment  TEXT,
    terminal TEXT,
    by       TEXT,
    note     TEXT
) STRICT;
ALTER TABLE payment ADD COLUMN evidence_at INTEGER;
ALTER TABLE payment ADD COLUMN evidence_status TEXT;
ALTER TABLE payment ADD COLUMN evidence_amount INTEGER;
ALTER TABLE payment ADD COLUMN evidence_authorization TEXT;
ALTER TABLE payment ADD COLUMN evidence_card TEXT;
";

/// Version 3: who may come in.
const VERSION_3: &str = "
CREATE TABLE origin (
    origin  TEXT PRIMARY KEY,
    allowed INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    by      TEXT NOT NULL
) STRICT;
CREATE TABLE till (
    name      TEXT PRIMARY KEY,
    token     BLOB NOT NULL, -- SHA-256; the token itself is kept nowhere
    terminals TEXT, -- one a line; null for all
    acts      TEXT, -- one a line; null for everything
    paired_at INTEGER NOT NULL
) STRICT;
";

/// Version 4: the payments of a day.
const VERSION_4: &str = "CREATE INDEX payment_opened ON payment (opened_at);";

/// Version 5: who the terminals were when they last said it.
const VERSION_5: &str = "
CREATE TABLE terminal (
    name    TEXT PRIMARY KEY,
    cj      TEXT,
    mac     TEXT,
    address TEXT NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT;
";

/// Version 6: what is still to be told to the chain.
const VERSION_6: &str = "
CREATE TABLE outbox (
    number  INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
    payment INTEGER NOT NULL
) STRICT;
";

/// Makes a connection durable and the tables present.
pub(super) fn prepare(connection: &Connection) -> Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    // A commit writes whole pages: small ones, since a payment is a small row.
    connection.pragma_update(None, "page_size", 1024)?;
    // FULL syncs the log at every commit; NORMAL would lose the last ones in a power cut.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // On macOS an ordinary fsync does not reach the platter.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    let steps = [VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6];
    for (before, step) in (0..).zip(steps) {
        if version(connection)? == before {
            let after = before + 1;
            connection
                .execute_batch(&format!("BEGIN; {step} PRAGMA user_version = {after}; COMMIT;"))?;
        }
    }
    check(connection)
}

/// Refuses a file that is no journal, or a later relay's.
pub(super) fn check(connection: &Connection) -> Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    let version = version(connection)?;
    if version == VERSION {
        return Ok(());
    }
    Err(Error::SqliteFailure(
        ffi::Error::new(ffi::SQLITE_MISMATCH),
        Some(format!("its version is {version} and this relay knows {VERSION}")),
    ))
}

fn version(connection: &Connection) -> Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}
