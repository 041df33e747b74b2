//! The record of payments on its own.

use caisse_relay::journal::{Filter, Journal, JournalError, Listed, Reader, file};
use caisse_relay::payment::{
    Amount, Approval, Currency, Decline, Doubt, Means, Moment, NotSent, Operation, Order, Outcome,
    Payment, PaymentId, Receipt, Reference, Register, Remark, Report, Resolution, State, Why,
};
use std::time::Duration;

const NOON: Moment = Moment(1_800_000_000_000);

fn payment(id: &str) -> Payment {
    let order = Order {
        means: Means::Cheque,
        reference: Reference::new("ticket 42"),
        receipt: Some(true),
        partial: Some(false),
        register: Register::new("07"),
        timeout: Some(Duration::from_secs(60)),
        ..Order::new(Operation::Debit, Amount::new(1250).unwrap(), Currency::EUR)
    };
    Payment {
        seq: 0,
        id: PaymentId::new(id).unwrap(),
        till: "Caisse 1".into(),
        terminal: "comptoir".into(),
        order,
        state: State::Connecting,
        opened_at: NOON,
        sent_at: None,
        cancel_requested: false,
        resolved: None,
        evidence: None,
        late: false,
        acknowledged: false,
        durable: true,
    }
}

fn receipt() -> Receipt {
    Receipt {
        card: Some("497010******4242".into()),
        authorization: Some("184117".into()),
        application: Some("001".into()),
        read_mode: Some("1".into()),
        contract: Some("1234567".into()),
        aid: Some("A0000000421010".into()),
        ticket: Some("CARTE BANCAIRE\nÉ\n".into()),
    }
}

fn outcomes() -> Vec<Outcome> {
    let report = Some(Report {
        code: "04".into(),
        issuer_code: Some("14".into()),
        message: Some("NO".into()),
    });
    let paid = Amount::new(1000).unwrap();
    let remarks = Remark::ALL.to_vec();
    let mut all = vec![
        Outcome::Approved(Approval { paid, receipt: receipt(), remarks }),
        Outcome::Approved(Approval { paid, receipt: Receipt::default(), remarks: vec![] }),
        Outcome::Declined(Decline { report: report.clone(), receipt: receipt() }),
        Outcome::Declined(Decline { report: None, receipt: Receipt::default() }),
    ];
    all.extend(NotSent::ALL.iter().map(|reason| Outcome::NotSent(*reason)));
    all.extend(Why::ALL.iter().map(|reason| {
        Outcome::Unknown(Doubt { reason: *reason, report: report.clone(), receipt: receipt() })
    }));
    all
}

fn all() -> Filter {
    Filter { limit: 1000, ..Filter::default() }
}

#[tokio::test]
async fn what_is_written_is_what_is_read_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path(), NOON).unwrap();
    let mut written = Vec::new();
    for (index, outcome) in outcomes().into_iter().enumerate() {
        let mut payment = payment(&format!("p{index}"));
        payment.seq = journal.opened(&payment, true).await.unwrap();
        payment.state = State::Closed { outcome, at: Moment(NOON.0 + 5000) };
        payment.sent_at = Some(Moment(NOON.0 + 1000));
        payment.late = index % 2 == 0;
        journal.closed(&payment).await.unwrap();
        written.push(payment);
    }
    drop(journal);
    let journal = Journal::open(folder.path(), NOON).unwrap();
    assert_eq!(journal.recovered(), Default::default());
    assert_eq!(journal.payments(all()).await.unwrap(), written);
    for payment in &written {
        assert_eq!(journal.payment(&payment.id).unwrap().as_ref(), Some(payment));
    }
}

#[tokio::test]
async fn a_restart_closes_what_was_open_as_the_record_proves() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path(), NOON).unwrap();
    journal.opened(&payment("recorded"), false).await.unwrap();
    journal.opened(&payment("sending-at-once"), true).await.unwrap();
    journal.opened(&payment("sending-later"), false).await.unwrap();
    journal.sending(&PaymentId::new("sending-later").unwrap(), NOON).await.unwrap();
    journal.opened(&payment("held-back"), true).await.unwrap();
    journal.held_back(&PaymentId::new("held-back").unwrap()).await.unwrap();
    drop(journal);
    let later = Moment(NOON.0 + 60_000);
    let journal = Journal::open(folder.path(), later).unwrap();
    assert_eq!((journal.recovered().not_sent, journal.recovered().unknown), (2, 2));
    let outcome =
        |id: &str| match journal.payment(&PaymentId::new(id).unwrap()).unwrap().unwrap().state {
            State::Closed { outcome, at } => (outcome, at),
            state => panic!("{state:?}"),
        };
    assert_eq!(outcome("recorded"), (Outcome::NotSent(NotSent::RelayRestarted), later));
    assert_eq!(outcome("held-back").0, Outcome::NotSent(NotSent::RelayRestarted));
    assert_eq!(outcome("sending-at-once").0, Outcome::unknown(Why::RelayRestarted));
    assert_eq!(outcome("sending-later").0, Outcome::unknown(Why::RelayRestarted));
}

#[tokio::test]
async fn an_id_is_recorded_once_and_spoils_no_other_in_its_group() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path(), NOON).unwrap();
    let (one, two) = (payment("one"), payment("two"));
    let (first, again, other) = tokio::join!(
        journal.opened(&one, true),
        journal.opened(&one, true),
        journal.opened(&two, true)
    );
    assert!(first.is_ok());
    assert!(matches!(again, Err(JournalError::AlreadyThere)));
    assert!(other.is_ok());
    assert_eq!(journal.payments(all()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn numbers_grow_whatever_the_clock_says_and_are_never_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path(), NOON).unwrap();
    let mut payment_in_1970 = payment("later");
    payment_in_1970.opened_at = Moment(0);
    let first = journal.opened(&payment("first"), true).await.unwrap();
    let later = journal.opened(&payment_in_1970, true).await.unwrap();
    assert!(later > first);
    payment_in_1970.state =
        State::Closed { outcome: Outcome::NotSent(NotSent::Cancelled), at: Moment(0) };
    journal.closed(&payment_in_1970).await.unwrap();
    journal.acknowledged(&payment_in_1970.id, "not_sent", Moment(0)).await.unwrap();
    assert_eq!(journal.prune(Moment(1)).await.unwrap(), 0, "the last number stays");
    assert!(journal.opened(&payment("last"), true).await.unwrap() > later);
}

#[tokio::test]
async fn old_payments_are_forgotten_unless_somebody_still_needs_them() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path(), NOON).unwrap();
    let declined = Outcome::Declined(Decline { report: None, receipt: Receipt::default() });
    let unknown = Outcome::unknown(Why::Silence);
    for (id, outcome, acknowledged, resolved) in [
        ("done", declined.clone(), true, false),
        ("unacknowledged", declined, false, false),
        ("in-doubt", unknown.clone(), true, false),
        ("settled", unknown, true, true),
    ] {
        let mut payment = payment(id);
        journal.opened(&payment, true).await.unwrap();
        payment.state = State::Closed { outcome, at: NOON };
        journal.closed(&payment).await.unwrap();
        if acknowledged {
            journal
                .acknowledged(&payment.id, payment.outcome().unwrap().code(), NOON)
                .await
                .unwrap();
        }
        if resolved {
            let said = Resolution { charged: false, by: "Zoé".into(), note: None, at: NOON };
            journal.resolved(&payment.id, &said).await.unwrap();
        }
    }
    journal.opened(&payment("open"), true).await.unwrap();
    assert_eq!(journal.prune(NOON).await.unwrap(), 0, "nothing is older than itself");
    assert_eq!(journal.prune(Moment(NOON.0 + 1)).await.unwrap(), 2);
    let kept: Vec<_> =
        journal.payments(all()).await.unwrap().iter().map(|p| p.id.to_string()).collect();
    assert_eq!(kept, ["unacknowledged", "in-doubt", "open"]);
}

#[tokio::test]
async fn a_second_relay_is_refused_and_told_who_holds_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path(), NOON).unwrap();
    let refused = Journal::open(folder.path(), NOON).unwrap_err().to_string();
    assert!(refused.contains(&format!("held by process {}", std::process::id())), "{refused}");
    journal.opened(&payment("one"), true).await.unwrap();
    let reader = Reader::open(folder.path()).unwrap();
    assert_eq!(reader.payments(&all()).unwrap().len(), 1, "readers come in all the same");
    drop(journal);
    Journal::open(folder.path(), NOON).unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_journal_is_kept_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path());
    std::fs::write(&path, "this is somebody's shopping list, not a journal".repeat(100)).unwrap();
    let refused = Journal::open(folder.path(), NOON).unwrap_err().to_string();
    assert!(refused.contains("journal.sqlite3") && refused.contains("keep the file"), "{refused}");
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("this is"));
}

#[cfg(unix)]
#[tokio::test]
async fn the_journal_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("journal");
    let journal = Journal::open(&inside, NOON).unwrap();
    journal.opened(&payment("one"), true).await.unwrap();
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inside), 0o700);
    for entry in std::fs::read_dir(&inside).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().contains("sqlite3") {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
    }
}

#[tokio::test]
async fn payments_in_flight_share_commits() {
    let folder = tempfile::tempdir().unwrap();
    let journal = std::sync::Arc::new(Journal::open(folder.path(), NOON).unwrap());
    let opened = (0..200).map(|index| {
        let (journal, payment) = (journal.clone(), payment(&format!("p{index}")));
        tokio::spawn(async move { journal.opened(&payment, true).await.unwrap() })
    });
    let opened: Vec<_> = opened.collect();
    for task in opened {
        task.await.unwrap();
    }
    assert_eq!(
        journal.payments(Filter { state: Some(Listed::Open), ..all() }).await.unwrap().len(),
        200
    );
    let commits = journal.commits();
    assert!(commits < 100, "{commits} commits for 200 payments");
}
