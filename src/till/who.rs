//! Who has come in, and what they may do.

use super::asked::{No, name};
use super::desk::Desk;
use super::protocol::{OperationAsked, RelayToTill, Secret, TillToRelay};
use super::socket::Visitor;
use crate::access::{Act, Pass, Presence};
use crate::hub::Hub;
use crate::payment::PaymentId;
use crate::words::{Entry, Sentence};

/// A till that has said hello, or a person with the relay's key.
pub(super) struct Who {
    pub(super) name: String,
    pass: Option<Pass>,
    master: bool,
    _presence: Presence,
}

/// What a till shows at the door.
pub(super) struct Shown {
    pub(super) till: Option<String>,
    pub(super) token: Option<Secret>,
    pub(super) key: Option<Secret>,
}

impl Who {
    /// Lets a till in, or says why not. One of the network has to show a token.
    pub(super) fn enter(desk: &Desk, visitor: &Visitor, shown: Shown) -> Result<Who, No> {
        let master = match &shown.key {
            None => false,
            Some(Secret(key)) if visitor.may_hold_key() && desk.access.is_key(key) => true,
            Some(_) => return Err(not_permitted(Entry::BadKey)),
        };
        let pass = shown.token.map(|Secret(token)| desk.access.pass(&token));
        let pass = match pass {
            Some(None) => return Err(No::Close(4401, Sentence::Entry(Entry::NotPaired))),
            None if !visitor.is_local() => {
                return Err(No::Close(4401, Sentence::Entry(Entry::NotPaired)));
            }
            Some(Some(pass)) => Some(pass),
            None => None,
        };
        let name = match (&pass, &shown.till) {
            // Under this name it is listed and revoked.
            (Some(pass), _) => pass.till.clone(),
            (None, Some(till)) => name(till, 64, "till")?,
            (None, None) => visitor.name.clone(),
        };
        let presence = desk.access.enter(&name, pass.as_ref());
        Ok(Who { name, pass, master, _presence: presence })
    }

    /// Whether it may stay: its page is still allowed, its token still good.
    pub(super) fn may_stay(&self, desk: &Desk, visitor: &Visitor) -> Result<(), No> {
        let revoked = self.pass.as_ref().is_some_and(|pass| !desk.access.is_good(pass));
        if revoked {
            return Err(No::Close(4401, Sentence::Entry(Entry::Revoked)));
        }
        visitor.may_stay(desk)
    }

    /// Whether it holds the relay's key.
    pub(super) fn is_master(&self) -> bool {
        self.master
    }

    /// Leaves out of a list what is not for this till.
    pub(super) fn keep_reached(&self, answer: &mut RelayToTill) {
        let Some(pass) = &self.pass else { return };
        match answer {
            RelayToTill::Welcome { terminals, unacknowledged, .. } => {
                terminals.retain(|terminal| pass.reaches(&terminal.name));
                unacknowledged.retain(|payment| pass.reaches(&payment.terminal));
            }
            RelayToTill::Payments { payments, .. } => {
                payments.retain(|payment| pass.reaches(&payment.terminal));
            }
            _ => {}
        }
    }

    /// Whether it may say this. Of a message that names no terminal the one that
    /// it may use is meant: it is filled in.
    pub(super) fn permit(&self, message: &mut TillToRelay, hub: &Hub) -> Result<(), No> {
        use TillToRelay as T;
        if let T::Overview { .. }
        | T::Payments { watch: Some(true), .. }
        | T::Totals { .. }
        | T::Events { .. }
        | T::Doctor { .. }
        | T::Origin { .. }
        | T::Ticket { .. }
        | T::OpenPairing { .. }
        | T::ClosePairing { .. }
        | T::Revoke { .. } = message
        {
            let yes = self.master;
            return if yes { Ok(()) } else { Err(not_permitted(Entry::OnlyWithKey)) };
        }
        let Some(pass) = &self.pass else { return Ok(()) };
        let (act, terminal, id) = match message {
            T::Pay(charge) => {
                let act = match charge.operation {
                    OperationAsked::Debit => Act::Debit,
                    OperationAsked::Refund => Act::Refund,
                    OperationAsked::Cancellation => Act::Cancellation,
                };
                (Some(act), Some(&mut charge.terminal), None)
            }
            T::Identify { terminal, .. } => (None, Some(terminal), None),
            T::Exchange { terminal, .. } => (Some(Act::Exchange), Some(terminal), None),
            T::Release { terminal, .. } => (Some(Act::Settle), Some(terminal), None),
            T::Resolve { id, .. } => (Some(Act::Settle), None, Some(id)),
            T::Payment { id } | T::Cancel { id } | T::Acknowledge { id, .. } => {
                (None, None, Some(id))
            }
            _ => return Ok(()),
        };
        if act.is_some_and(|act| !pass.permits(act)) {
            return Err(not_permitted(Entry::ActNotPermitted));
        }
        if let Some(terminal) = terminal {
            choose(terminal, pass);
            return match terminal {
                Some(terminal) if !pass.reaches(terminal) => Err(not_reached(terminal)),
                _ => Ok(()),
            };
        }
        if pass.terminals.is_some()
            && let Some(id) = id.and_then(|id| PaymentId::new(id))
            && let Ok(payment) = hub.payment(&id)
            && !pass.reaches(&payment.terminal)
        {
            return Err(not_reached(&payment.terminal));
        }
        Ok(())
    }
}

fn choose(terminal: &mut Option<String>, pass: &Pass) {
    if terminal.is_none()
        && let Some([only]) = pass.terminals.as_deref()
    {
        *terminal = Some(only.clone());
    }
}

fn not_permitted(entry: Entry) -> No {
    No::Invalid("not_permitted", Sentence::Entry(entry))
}

fn not_reached(terminal: &str) -> No {
    not_permitted(Entry::TerminalNotPermitted { terminal: terminal.to_owned() })
}

impl Visitor {
    /// On the relay's own computer. A page in its browser is too.
    pub(super) fn is_local(&self) -> bool {
        self.address.to_canonical().is_loopback()
    }

    /// A program of this computer, or the relay's own page in its browser: no
    /// other page may act with the key, even if it had it.
    fn may_hold_key(&self) -> bool {
        self.is_local() && self.page.is_none()
    }

    /// Whether its page is still allowed.
    pub(super) fn may_stay(&self, desk: &Desk) -> Result<(), No> {
        match &self.page {
            Some(origin) if !desk.access.is_allowed(origin) => {
                let origin = origin.as_str().to_owned();
                Err(No::Close(4403, Sentence::Entry(Entry::OriginRefused { origin })))
            }
            _ => Ok(()),
        }
    }
}

/// The relay's own page trades the ticket of its link for the relay's key.
pub(super) fn redeem(desk: &Desk, visitor: &Visitor, ticket: &Secret) -> Result<Secret, No> {
    use crate::access::NotRedeemed;
    if !visitor.may_hold_key() {
        return Err(not_permitted(Entry::OnlyWithKey));
    }
    desk.access.redeem(&ticket.0).map(Secret).map_err(|no| match no {
        NotRedeemed::Bad => No::Invalid("bad_ticket", Sentence::Entry(Entry::BadTicket)),
        NotRedeemed::TooOften => {
            No::Invalid("rate_limited", Sentence::Entry(Entry::TicketTooOften))
        }
    })
}

/// A till trades a code for a token.
pub(super) async fn pair(
    desk: Desk,
    visitor: Visitor,
    code: Secret,
    till: String,
) -> Result<(Secret, String), No> {
    use crate::access::NotPaired;
    let till = name(&till, 64, "till")?;
    let paired = desk.access.pair(visitor.address.to_canonical(), &code.0, &till).await;
    paired.map(|(token, pass)| (Secret(token), pass.till)).map_err(|no| {
        let entry = match no {
            NotPaired::WrongCode { left } => Entry::WrongCode { left },
            NotPaired::Closed => Entry::PairingClosed,
            NotPaired::TooOften => Entry::PairingTooOften,
            NotPaired::NameTaken => Entry::TillTaken { till },
            NotPaired::NotRecorded => Entry::PairingNotRecorded,
        };
        No::Invalid(no.code(), Sentence::Entry(entry))
    })
}
