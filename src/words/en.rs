use super::Sentence;
use crate::payment::{NotSent, Operation, Why};

pub(super) fn say(sentence: &Sentence) -> String {
    use Sentence as S;
    match sentence {
        S::Connecting { terminal } => format!("Connecting to the terminal “{terminal}”…"),
        S::WithTerminal { act: Operation::Debit, terminal } => {
            format!("The customer can pay on the terminal “{terminal}”.")
        }
        S::WithTerminal { act: Operation::Refund, terminal } => {
            format!(
                "Refund in progress: the customer presents the card on the terminal “{terminal}”."
            )
        }
        S::WithTerminal { act: Operation::Cancellation, terminal } => {
            format!("Cancellation in progress on the terminal “{terminal}”.")
        }
        S::PressRedKey { act, terminal } => format!(
            "Given up here, but the terminal “{terminal}” has the request already: press its red key. \
             Until the terminal has answered, {} all the same.",
            may_still(*act)
        ),
        S::Done { act, paid } => format!("{} of {paid} approved.", act_name(*act)),
        S::DoneUnconfirmed { act, asked } => format!(
            "{} approved; the terminal did not repeat the amount. Check on its ticket that it is {asked}.",
            act_name(*act)
        ),
        S::DonePartly { act: Operation::Debit, paid, asked, rest } => {
            format!("Partial payment: {paid} paid of {asked}. Take the rest, {rest}, another way.")
        }
        S::DonePartly { act: Operation::Refund, paid, asked, rest } => {
            format!("Partial refund: {paid} given back of {asked}. {rest} is still to give back.")
        }
        S::DonePartly { act: Operation::Cancellation, paid, asked, rest } => format!(
            "Partial cancellation: {paid} cancelled of {asked}. The customer is still charged {rest}: \
             refund it."
        ),
        S::DoneWithMore { act: Operation::Debit, paid, asked } => {
            format!("Payment of {paid} approved, for {asked} asked: the difference is a tip.")
        }
        S::DoneWithMore { act, paid, asked } => format!(
            "{} of {paid} approved, for {asked} asked. Check the amount on the terminal's ticket.",
            act_name(*act)
        ),
        S::Declined { act, why } => format!(
            "{} not made: {why}. {}. You may try again{}.",
            act_name(*act),
            nothing(*act),
            if *act == Operation::Debit { " or take another means of payment" } else { "" }
        ),
        S::NotSent { act, why, terminal } => not_sent(*act, *why, terminal),
        S::Unknown { act, why, terminal } => format!(
            "{} Nobody knows whether {}. Look at the last ticket of the terminal “{terminal}”, then \
             answer yes or no. Do not try again before.",
            unknown(*why),
            in_doubt(*act)
        ),
        S::SettledCharged { by } => {
            format!("Settled by {by} from the terminal's ticket: it was done.")
        }
        S::SettledNotCharged { by } => {
            format!(
                "Settled by {by} from the terminal's ticket: it was not done. You may try again."
            )
        }
        S::Contradicted { by, said, what } => format!(
            "Warning, two answers: {by} had answered {} from the ticket, and the terminal has answered \
             since. The terminal's answer: {what} Check the ticket and correct the till.",
            if *said { "yes" } else { "no" }
        ),
        S::NotOnDisk { what } => format!(
            "{what} Warning: the disk of the relay's computer refuses to record this outcome. Write it \
             down on paper and free some disk space; no new payment is possible until then."
        ),
        S::BadMessage { detail } => {
            format!(
                "Message of the till refused ({detail}): it sent nothing and changed nothing. Tell your integrator."
            )
        }
        S::BadAmount => {
            "Amount refused: a whole number of cents is needed, from 1 to 999 999 999 999. \
                         The terminal received nothing."
                .into()
        }
        S::BadCurrency { currency } => {
            format!(
                "Unknown currency “{currency}”: three letters of ISO 4217 are needed, such as EUR. The terminal received nothing."
            )
        }
        S::BadReference => {
            "Reference refused: 1 to 99 printable ASCII characters, without accents. \
                            The terminal received nothing."
                .into()
        }
        S::UnknownTerminal { asked: Some(asked), known } => {
            format!(
                "No terminal “{asked}” in the relay's configuration ({known}). Nothing was sent."
            )
        }
        S::UnknownTerminal { asked: None, known } => {
            format!("Say which terminal: {known}. Nothing was sent.")
        }
        S::TerminalBusy { till } => format!(
            "The terminal is in use by the till “{till}”. Nothing was sent; wait until it is done, then try again."
        ),
        S::PossibleDoubleCharge { first } => format!(
            "Another payment of this sale ({first}) is not settled: the customer may have been charged already. \
             Nothing was sent. Look at the terminal's ticket and settle that payment first."
        ),
        S::NotHeld { terminal } => format!(
            "The terminal “{terminal}” is not held by a payment without an answer: there is nothing to release."
        ),
        S::RelayStops => "The relay is stopping: it takes no more payments and waits for those under way.".into(),
        S::IdReused => {
            "This id was used for another payment. Nothing was sent; tell your integrator.".into()
        }
        S::IdDenied => "This payment comes too late: the till was told that nothing had been sent. Nothing was \
                        sent; start it again from the till.".into(),
        S::UnknownPayment => {
            "The relay has no record of this payment: nothing was sent to the terminal.".into()
        }
        S::OutcomeChanged => "The terminal has answered meanwhile: the outcome of this payment has changed. Record the new outcome in the till.".into(),
        S::NotClosed => "This payment is not over: wait for the terminal's answer.".into(),
        S::NotUnknown => {
            "The outcome of this payment is known already: nothing was changed.".into()
        }
        S::MeansOnlyForDebit => "Cheques and ANCV are for paying only. Nothing was sent.".into(),
        S::MovesMoney => {
            "This request would move money: it has to be a payment. Nothing was sent.".into()
        }
        S::JournalUnavailable => {
            "The relay cannot record the payment: its disk is full or broken. Nothing \
                                  was sent. Free some disk space, then try again."
                .into()
        }
        S::ShuttingDown => {
            "The relay is stopping and takes no more payments. Nothing was sent.".into()
        }
        S::NotRecordedNow => "The relay cannot record this request: its disk is full or broken. The payment \
                              has not changed: do not make it again. Free some disk space."
            .into(),
        S::JournalUnreadable => "The relay cannot read its payments: its disk is broken. This payment may have \
                                 been made: do not make it again before you have seen the terminal's ticket."
            .into(),
        S::RateLimited => "Too many requests at once: this one sent nothing and changed nothing. Wait a \
                           moment, then make it again."
            .into(),
        S::Tray(tray) => super::tray::say(tray, super::Lang::En),
        S::Program(program) => super::program::say(program, super::Lang::En),
        S::Misuse(misuse) => super::misuse::say(misuse, super::Lang::En),
        S::Start(start) => super::start::say(start, super::Lang::En),
        S::Update(update) => super::update::say(update, super::Lang::En),
        S::Console(console) => super::console::say(console, super::Lang::En),
        S::Entry(entry) => super::entry::say(entry, super::Lang::En),
        S::SilentTill => "No message from the till for 30 seconds.".into(),
        S::TooManyBadMessages => "Too many messages that cannot be understood.".into(),
        S::NoProtocol => "The till must offer the sub-protocol caisse-relay.v1.".into(),
        S::Stopping => "The relay is stopping.".into(),
        S::TerminalReady { terminal } => format!("The terminal “{terminal}” is ready."),
        S::TerminalSilent { terminal } => format!(
            "The terminal “{terminal}” takes the connection and does not answer. It may be busy: look at its screen."
        ),
        S::TerminalConcertV2 { terminal } => {
            format!("The terminal “{terminal}” is set to Concert V2; set it to Concert V3 / IP.")
        }
        S::TerminalNotUnderstood { terminal } => format!(
            "What answers at the address of the terminal “{terminal}” does not speak Caisse-AP. Check the address, the port and the terminal's protocol."
        ),
        S::TerminalNotReached { why, terminal } => {
            let (cause, remedy) = unreached(*why);
            format!("The terminal “{terminal}” could not be reached: {cause}. {remedy}")
        }
        S::ExchangeUnanswered { terminal } => {
            format!(
                "The terminal “{terminal}” got the request and did not answer. Look at its screen."
            )
        }
    }
}

fn act_name(act: Operation) -> &'static str {
    match act {
        Operation::Debit => "Payment",
        Operation::Refund => "Refund",
        Operation::Cancellation => "Cancellation",
    }
}

/// What did not happen, for the money.
fn nothing(act: Operation) -> &'static str {
    match act {
        Operation::Debit => "Nothing was charged",
        Operation::Refund => "Nothing was refunded",
        Operation::Cancellation => "Nothing was cancelled: the original payment stays charged",
    }
}

fn may_still(act: Operation) -> &'static str {
    match act {
        Operation::Debit => "the customer may be charged",
        Operation::Refund => "the customer may be refunded",
        Operation::Cancellation => "the payment may be cancelled",
    }
}

fn in_doubt(act: Operation) -> &'static str {
    match act {
        Operation::Debit => "the customer was charged",
        Operation::Refund => "the customer was refunded",
        Operation::Cancellation => "the payment was cancelled",
    }
}

fn not_sent(act: Operation, why: NotSent, terminal: &str) -> String {
    let nothing = nothing(act);
    match why {
        NotSent::Cancelled => {
            format!("{} given up before it was sent to the terminal. {nothing}.", act_name(act))
        }
        NotSent::RelayRestarted => format!(
            "The relay stopped before anything was sent to the terminal “{terminal}”. {nothing}; you may try again."
        ),
        NotSent::NotRecorded => format!(
            "The disk refuses to record the payment; it was not sent. {nothing}. Free some disk space, then try again."
        ),
        why => {
            let (cause, remedy) = unreached(why);
            format!("The terminal “{terminal}” could not be reached: {cause}. {nothing}. {remedy}")
        }
    }
}

fn unreached(why: NotSent) -> (&'static str, &'static str) {
    match why {
        NotSent::NoSuchHost => (
            "its name is unknown to the network",
            "Check the terminal's address in the relay's configuration.",
        ),
        NotSent::PublicAddress => (
            "its name leads to an address on the Internet",
            "Write the terminal's own address (such as 192.168.1.50) in the relay's configuration.",
        ),
        NotSent::ConnectionRefused => (
            "it refuses the connection",
            "Wake it up, check its port and its protocol (Concert V3 / IP), then try again.",
        ),
        NotSent::Unreachable => {
            ("no network leads to it", "Check the terminal's cable or Wi-Fi, then try again.")
        }
        NotSent::ConnectTimeout => (
            "it does not answer",
            "Check that it is switched on and that its address has not changed, then try again.",
        ),
        NotSent::ConnectionLost => (
            "it closed the connection before the request",
            "It may be busy: finish what is on its screen, then try again.",
        ),
        NotSent::BadRequest => (
            "its profile makes a request that the protocol cannot carry",
            "Check this terminal in the relay's configuration.",
        ),
        NotSent::Cancelled | NotSent::RelayRestarted | NotSent::NotRecorded => {
            ("the request did not leave", "You may try again.")
        }
    }
}

fn unknown(why: Why) -> &'static str {
    match why {
        Why::Silence => "The terminal did not answer in time.",
        Why::ConnectionClosed => "The terminal hung up without an answer.",
        Why::ConnectionReset => "The connection to the terminal broke.",
        Why::GarbledAnswer | Why::AnswerTooLong | Why::NoStatus => {
            "The terminal's answer cannot be read."
        }
        Why::ConcertV2 => "This terminal is set to Concert V2; set it to Concert V3 / IP.",
        Why::OnlyAccepted => "The terminal took the request but did not tell the outcome.",
        Why::Contradicted | Why::OtherAction | Why::OtherCurrency | Why::NothingPaid => {
            "The terminal's answer contradicts itself."
        }
        Why::RelayStopped => "The relay was stopped while the terminal had the request.",
        Why::RelayFailed => "The relay had a fault while the terminal had the request.",
        Why::RelayRestarted => "The relay stopped while the terminal had the request.",
    }
}
