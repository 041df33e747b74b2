use super::request::{Ask, Operation};
use super::step::{Outcome, Receipt, Split, Step};

/// An amount that makes the terminal misbehave, whatever the currency.
pub struct Magic {
    /// Minor units.
    pub amount: u64,
    /// What happens, in French, for the demo page.
    pub label_fr: &'static str,
    /// What happens, in English, for the demo page.
    pub label_en: &'static str,
    /// Makes the step of the script do it; told whether the till accepts a partial payment.
    pub(super) apply: fn(&mut Step, partial: bool),
}

/// The step that the amount makes of a `by_amount` step; `None` for an amount
/// that has no magic.
pub(super) fn conjure(step: &Step, ask: &Ask) -> Option<Step> {
    if ask.operation == Operation::Cancellation {
        return None;
    }
    let magic = MAGIC.iter().find(|magic| magic.amount == ask.amount)?;
    let mut conjured = Step { outcome: Outcome::Approve, ..step.clone() };
    (magic.apply)(&mut conjured, ask.partial);
    if ask.operation != Operation::Debit {
        conjured.paid = step.paid;
    }
    Some(conjured)
}

/// The magic amounts as a JSON array of `amount`, `label_fr` and `label_en`.
pub fn magic_amounts_json() -> String {
    let rows = MAGIC.iter().map(|magic| {
        serde_json::json!({
            "amount": magic.amount,
            "label_fr": magic.label_fr,
            "label_en": magic.label_en,
        })
    });
    serde_json::Value::Array(rows.collect()).to_string()
}

/// Every magic amount. Debits and refunds obey them, cancellations do not.
pub const MAGIC: &[Magic] = &[
    Magic {
        amount: 5100,
        label_fr: "refusée (AF=04)",
        label_en: "refused (AF=04)",
        apply: |step, _| decline(step, "04"),
    },
    Magic {
        amount: 5200,
        label_fr: "refusée, provision insuffisante (AF étendu, code 51)",
        label_en: "refused, insufficient funds (extended AF, code 51)",
        apply: |step, _| {
            decline(step, "04");
            step.issuer_code = Some("51".to_owned());
            step.issuer_message = "8PROVISION INSUFF.".to_owned();
        },
    },
    Magic {
        amount: 5300,
        label_fr: "abandon du porteur, touche rouge (AF=06)",
        label_en: "abandoned by the cardholder, red key (AF=06)",
        apply: |step, _| decline(step, "06"),
    },
    Magic {
        amount: 5400,
        label_fr: "abandon de l'opérateur (AF=11)",
        label_en: "abandoned by the operator (AF=11)",
        apply: |step, _| decline(step, "11"),
    },
    Magic {
        amount: 5500,
        label_fr: "personne ne présente de carte (AF=08)",
        label_en: "nobody presents a card (AF=08)",
        apply: |step, _| decline(step, "08"),
    },
    Magic {
        amount: 5600,
        label_fr: "débitée, puis silence : le terminal ne répond jamais",
        label_en: "charged, then silence: the terminal never answers",
        apply: |step, _| step.outcome = Outcome::Silence,
    },
    Magic {
        amount: 5700,
        label_fr: "débitée, connexion fermée sans réponse",
        label_en: "charged, connection closed without an answer",
        apply: |step, _| step.outcome = Outcome::Close,
    },
    Magic {
        amount: 5800,
        label_fr: "débitée, connexion coupée net",
        label_en: "charged, connection reset",
        apply: |step, _| step.outcome = Outcome::Reset,
    },
    Magic {
        amount: 5900,
        label_fr: "débitée, réponse illisible",
        label_en: "charged, garbled answer",
        apply: |step, _| step.outcome = Outcome::Garbage,
    },
    Magic {
        amount: 6000,
        label_fr: "acceptée, sans contact",
        label_en: "approved, contactless",
        apply: |step, _| step.contactless = true,
    },
    Magic {
        amount: 6100,
        label_fr: "la moitié seulement est payée (si le paiement partiel est permis)",
        label_en: "only half is paid (where partial payment is allowed)",
        apply: |step, partial| step.paid = partial.then_some(3050),
    },
    Magic {
        amount: 6200,
        label_fr: "acceptée avec un pourboire de 10 %",
        label_en: "approved with a tip of 10%",
        apply: |step, _| step.paid = Some(6820),
    },
    Magic {
        amount: 6300,
        label_fr: "acceptée, réponse octet par octet",
        label_en: "approved, answer byte by byte",
        apply: |step, _| {
            step.split = Split::EveryByte;
            step.pause_ms = 2;
        },
    },
    Magic {
        amount: 6400,
        label_fr: "acceptée, réponse coupée juste avant AE pendant 200 ms",
        label_en: "approved, answer cut just before AE for 200 ms",
        apply: |step, _| {
            step.split = Split::BeforeStatus;
            step.pause_ms = 200;
        },
    },
    Magic {
        amount: 6500,
        label_fr: "« prise en compte » (AE=11), acceptée deux secondes plus tard",
        label_en: "\"accepted\" (AE=11), approved two seconds later",
        apply: |step, _| step.accepted_first_ms = Some(2000),
    },
    Magic {
        amount: 6600,
        label_fr: "débitée, réponse contradictoire (AE=10 avec AF=09)",
        label_en: "charged, contradictory answer (AE=10 beside AF=09)",
        apply: |step, _| step.report = Some("09".to_owned()),
    },
    Magic {
        amount: 6700,
        label_fr: "acceptée, numéro de carte entier dans la réponse et le ticket",
        label_en: "approved, whole card number in the answer and the ticket",
        apply: |step, _| {
            step.card = Some(WHOLE_CARD.to_owned());
            step.receipt = Receipt::WholeCard;
        },
    },
    Magic {
        amount: 6800,
        label_fr: "acceptée après 20 secondes",
        label_en: "approved after 20 seconds",
        apply: |step, _| step.delay_ms = 20_000,
    },
    Magic {
        amount: 6900,
        label_fr: "acceptée, ticket abîmé",
        label_en: "approved, broken ticket",
        apply: |step, _| step.receipt = Receipt::Broken,
    },
    Magic {
        amount: 7000,
        label_fr: "devise non supportée (AF=13)",
        label_en: "currency not supported (AF=13)",
        apply: |step, _| decline(step, "13"),
    },
    Magic {
        amount: 7100,
        label_fr: "terminal réglé en Concert V2 (répond NAK, rien n'est débité)",
        label_en: "terminal set to Concert V2 (answers NAK, nothing is charged)",
        apply: |step, _| step.outcome = Outcome::ConcertV2,
    },
    Magic {
        amount: 7200,
        label_fr: "débitée, réponse coupée dans un champ, après AE",
        label_en: "charged, answer cut inside a field, after AE",
        apply: |step, _| step.cut_at = Some(140),
    },
];

/// A card number that no bank gave out.
pub(super) const WHOLE_CARD: &str = "4970101234567890";

fn decline(step: &mut Step, report: &str) {
    step.outcome = Outcome::Decline;
    step.report = Some(report.to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_amount_is_there_once_and_the_page_knows_it() {
        let amounts: HashSet<_> = MAGIC.iter().map(|magic| magic.amount).collect();
        assert_eq!(amounts.len(), MAGIC.len());
        let page: serde_json::Value = serde_json::from_str(&magic_amounts_json()).unwrap();
        assert_eq!(page.as_array().unwrap().len(), MAGIC.len());
        assert_eq!(page[0]["amount"], 5100);
        assert_eq!(page[0]["label_en"], "refused (AF=04)");
    }

    #[test]
    fn every_amount_conjures_a_step_that_a_script_could_hold() {
        for magic in MAGIC {
            let ask = Ask {
                operation: Operation::Debit,
                amount: magic.amount,
                currency: "978".to_owned(),
                register: "01".to_owned(),
                reference: None,
                partial: true,
                paper: false,
                immediate: false,
            };
            let step = conjure(&Step::default(), &ask).unwrap();
            assert!(step.check().is_ok() && step.outcome != Outcome::ByAmount);
            assert_ne!(step, Step::approve(), "{} does nothing", magic.amount);
            let cancels = Ask { operation: Operation::Cancellation, ..ask };
            assert_eq!(conjure(&Step::default(), &cancels), None);
        }
    }
}
