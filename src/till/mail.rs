use crate::payment::Payment;
use std::sync::Arc;
use tokio::sync::mpsc;

/// What the hub has to tell a till, in order. Changes of one payment that come
/// while the socket is busy are told as the one they led to.
#[derive(Debug)]
pub(super) struct Mail {
    told: mpsc::UnboundedReceiver<Arc<Payment>>,
    /// Taken from there and not given out yet.
    put_off: Option<Arc<Payment>>,
}

impl Mail {
    pub(super) fn new(told: mpsc::UnboundedReceiver<Arc<Payment>>) -> Mail {
        Mail { told, put_off: None }
    }

    /// The next payment to tell. Nothing is lost when this is given up half way.
    pub(super) async fn next(&mut self) -> Option<Arc<Payment>> {
        let mut payment = match self.put_off.take() {
            Some(payment) => payment,
            None => self.told.recv().await?,
        };
        while let Some(later) = self.take() {
            if later.id != payment.id {
                self.put_off = Some(later);
                break;
            }
            payment = later;
        }
        Some(payment)
    }

    /// What is there already.
    pub(super) fn take(&mut self) -> Option<Arc<Payment>> {
        self.put_off.take().or_else(|| self.told.try_recv().ok())
    }
}
