//! Lists of payments, which are read beside everything else that happens.

use super::protocol::{PaymentView, RelayToTill};
use super::told::{label_of, view};
use crate::hub::Hub;
use crate::payment::{Payment, PaymentId};
use crate::words::Lang;

/// A list as a till sees it.
pub(super) fn views(payments: &[Payment], hub: &Hub, lang: Lang) -> Vec<PaymentView> {
    payments.iter().map(|payment| view(payment, &label_of(hub, &payment.terminal), lang)).collect()
}

/// Brings the lists of an answer up to date, just before it is told: while a
/// list was read, the till may have heard of a payment's end already, and must
/// not hear then that it is waiting. What is over and acknowledged stays.
pub(super) fn freshen(answer: &mut RelayToTill, hub: &Hub, lang: Lang) {
    let (views, only_unacknowledged) = match answer {
        RelayToTill::Welcome { unacknowledged, .. } => (unacknowledged, true),
        RelayToTill::Payments { payments, .. } => (payments, false),
        _ => return,
    };
    for payment in views.iter_mut() {
        let over = matches!(payment.outcome, Some("approved" | "declined" | "not_sent"));
        if over && payment.acknowledged {
            continue;
        }
        // One that cannot be read now is told as it was read a moment ago.
        let now = PaymentId::new(&payment.id).and_then(|id| hub.payment(&id).ok());
        if let Some(now) = now {
            *payment = view(&now, &label_of(hub, &now.terminal), lang);
        }
    }
    if only_unacknowledged {
        views.retain(|payment| !payment.acknowledged);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Deadlines, Line};
    use crate::hub::{Asked, Terminal};
    use crate::journal::Journal;
    use crate::payment::{Amount, Currency, Moment, Operation, Order, Profile, State};
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::sync::mpsc;

    fn now() -> Moment {
        Moment(1_000)
    }

    #[tokio::test]
    async fn no_list_takes_back_an_outcome_that_was_told() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Arc::new(Journal::open(folder.path(), now()).unwrap());
        let line = Line {
            host: "127.0.0.1".into(),
            port: 1,
            crlf: false,
            deadlines: Deadlines::default(),
        };
        let terminal = Terminal::new(
            "bar".into(),
            "Bar".into(),
            line,
            Profile::default(),
            Duration::ZERO,
            false,
        );
        let hub = Hub::new(vec![terminal], journal, now);
        let (watcher, mut told) = mpsc::unbounded_channel();
        let euros = Currency::from_letters("EUR").unwrap();
        let asked = Asked {
            id: PaymentId::new("a").unwrap(),
            till: "Caisse 1".into(),
            terminal: None,
            order: Order::new(Operation::Debit, Amount::new(12_50).unwrap(), euros),
            despite: None,
        };
        hub.pay(asked, &watcher).unwrap().await.unwrap();
        let mut first = (*told.recv().await.unwrap()).clone();
        while told.recv().await.unwrap().outcome().is_none() {}

        first.state = State::Connecting;
        let read_before = views(&[first], &hub, Lang::Fr);
        assert_eq!(read_before[0].phase, "waiting");
        let mut answer = RelayToTill::Payments { payments: read_before, n: None };
        freshen(&mut answer, &hub, Lang::Fr);
        let RelayToTill::Payments { payments, .. } = answer else { unreachable!() };
        assert_eq!(payments[0].outcome, Some("not_sent"));
    }
}
