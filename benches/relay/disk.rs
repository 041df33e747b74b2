//! What this disk takes to make 256 bytes durable, by itself and in the journal.

use anyhow::{Context, Result};
use caisse_relay::journal::Journal;
use caisse_relay::payment::{
    Amount, Currency, Moment, Operation, Order, Payment, PaymentId, State,
};
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use tokio::runtime::{Builder, Runtime};

const RECORD: [u8; 256] = [0x5a; 256];
/// Laid out before anything is measured; written from the start again when it is full.
const PREALLOCATED: u64 = 1024 * 1024;

pub struct Disk {
    log: File,
    laid: File,
    journal: Journal,
    runtime: Runtime,
    committed: u64,
}

impl Disk {
    pub fn open(folder: &Path) -> Result<Disk> {
        let log = File::create(folder.join("appended"))?;
        let mut laid = File::create(folder.join("preallocated"))?;
        laid.write_all(&vec![0; usize::try_from(PREALLOCATED)?])?;
        laid.sync_all()?;
        laid.rewind()?;
        let journal = Journal::open(&folder.join("journal"), Moment(0))?;
        let runtime = Builder::new_current_thread().build()?;
        Ok(Disk { log, laid, journal, runtime, committed: 0 })
    }

    /// 256 bytes more.
    pub fn append(&mut self) -> Result<()> {
        self.log.write_all(&RECORD)?;
        Ok(self.log.sync_data()?)
    }

    /// 256 bytes over zeroes.
    pub fn overwrite(&mut self) -> Result<()> {
        if self.laid.stream_position()? >= PREALLOCATED {
            self.laid.seek(SeekFrom::Start(0))?;
        }
        self.laid.write_all(&RECORD)?;
        Ok(self.laid.sync_data()?)
    }

    /// One record in a journal of its own, with the way to its thread and back.
    pub fn commit(&mut self) -> Result<()> {
        self.committed += 1;
        let order =
            Order::new(Operation::Debit, Amount::new(1590).context("an amount")?, Currency::EUR);
        let payment = Payment {
            seq: 0,
            id: PaymentId::new(&format!("bench-{:030}", self.committed)).context("an id")?,
            till: "bench".into(),
            terminal: "bench".into(),
            order,
            state: State::Connecting,
            opened_at: Moment(0),
            sent_at: None,
            cancel_requested: false,
            resolved: None,
            evidence: None,
            late: false,
            acknowledged: false,
            durable: false,
        };
        self.runtime.block_on(self.journal.opened(&payment, true))?;
        Ok(())
    }
}
