//! What tills and people say of a payment that is there already.

use super::{Hub, Refusal, Watcher, unavailable};
use crate::payment::{Outcome, PaymentId, Resolution};

impl Hub {
    /// Asks for a payment to be given up. Before anything was sent it closes as
    /// not sent; after that nothing but the terminal can end it. `watcher` is
    /// told what became of it.
    ///
    /// # Errors
    /// When there is no record of it, or the disk refuses.
    pub async fn cancel(&self, id: &PaymentId, watcher: &Watcher) -> Result<(), Refusal> {
        let payment = self.payment(id)?;
        if payment.outcome().is_some() || payment.cancel_requested {
            return self.watch(id, watcher);
        }
        // Before its record is written there is nothing to add to: it closes with the wish.
        if payment.seq > 0 {
            self.journal.cancel_requested(id, self.now()).await.map_err(unavailable)?;
        }
        let Some(cancel) = self.cancel_of(id) else {
            // It ended while the wish was written.
            return self.watch(id, watcher);
        };
        self.follow(id, watcher);
        self.update(id, |payment| payment.cancel_requested = true);
        cancel.notify_one();
        Ok(())
    }

    /// Records that a till has the outcome, and tells `watcher`. Twice is once.
    /// `outcome` is the one it has, where it says so.
    ///
    /// # Errors
    /// When the payment is not over, has another outcome by now, or the disk refuses.
    pub async fn acknowledge(
        &self,
        id: &PaymentId,
        outcome: Option<&str>,
        watcher: &Watcher,
    ) -> Result<(), Refusal> {
        let payment = self.payment(id)?;
        let Some(current) = payment.outcome().map(Outcome::code) else {
            return Err(Refusal::NotClosed);
        };
        if !payment.durable {
            return Err(Refusal::JournalUnavailable);
        }
        if outcome.is_some_and(|outcome| outcome != current) {
            self.watch(id, watcher)?;
            return Err(Refusal::OutcomeChanged);
        }
        if payment.acknowledged {
            return self.watch(id, watcher);
        }
        // Of this outcome only: a late answer may be on its way to the disk.
        if !self.journal.acknowledged(id, current, self.now()).await.map_err(unavailable)? {
            self.watch(id, watcher)?;
            return Err(Refusal::OutcomeChanged);
        }
        self.follow(id, watcher);
        self.tell_record(id)
    }

    /// Records what a person read on the terminal's ticket, and tells `watcher`.
    ///
    /// # Errors
    /// When the outcome is not unknown, was settled the other way, or the disk refuses.
    pub async fn resolve(
        &self,
        id: &PaymentId,
        said: Resolution,
        watcher: &Watcher,
    ) -> Result<(), Refusal> {
        let payment = self.payment(id)?;
        match &payment.resolved {
            _ if payment.outcome().is_none() => return Err(Refusal::NotClosed),
            _ if !payment.durable => return Err(Refusal::JournalUnavailable),
            Some(before) if before.charged == said.charged => return self.watch(id, watcher),
            None if payment.is_in_doubt() => {}
            _ => return Err(Refusal::NotUnknown),
        }
        let charged = said.charged;
        if !self.journal.resolved(id, &said).await.map_err(unavailable)? {
            // Another person was quicker, or the terminal.
            let now = self.payment(id)?;
            let same = now.resolved.is_some_and(|before| before.charged == charged);
            return if same { self.watch(id, watcher) } else { Err(Refusal::NotUnknown) };
        }
        self.figures.settled();
        self.free_terminal(id);
        self.follow(id, watcher);
        self.tell_record(id)
    }
}
