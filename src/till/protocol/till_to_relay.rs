use super::{Decided, Permitted, Secret, words};
use serde::{Deserialize, Serialize};

/// What a till says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum TillToRelay {
    /// The first message; answered by `welcome`.
    Hello {
        /// The program and its version.
        #[cfg_attr(test, schemars(length(min = 1, max = 128)))]
        client: String,
        /// The language of the sentences in the answers.
        lang: Language,
        /// The till's name for people; without one, the page's origin.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, schemars(length(min = 1, max = 64)))]
        till: Option<String>,
        /// From `paired`: a till of the network is let in with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<Secret>,
        /// The relay's own key, for its page, its tray and its command line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Secret>,
    },
    /// Before `hello`: trades a code that the relay shows for a token.
    Pair {
        /// Six digits.
        #[cfg_attr(test, schemars(regex(pattern = r"^[0-9]{6}$")))]
        code: Secret,
        /// The till's name for people.
        #[cfg_attr(test, schemars(length(min = 1, max = 64)))]
        till: String,
        /// The language of the answer; French without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lang: Option<Language>,
    },
    /// Before `hello`, by the relay's own page: trades the ticket of its link for the relay's key.
    Redeem {
        /// From `ticket`.
        ticket: Secret,
        /// The language of the answer; French without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lang: Option<Language>,
    },
    /// Starts a payment, or answers with the one that has this id.
    Pay(Box<Charge>),
    /// Asks for a payment; it is also told at every change from now on.
    Payment {
        /// Its id.
        id: String,
    },
    /// Lists payments, oldest first.
    Payments {
        /// Only those with a greater `seq`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<u64>,
        /// Only those in this state.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        state: Option<ListedState>,
        /// Only those asked for at this moment or later; RFC 3339.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// Only those asked for before this moment; RFC 3339.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// At most this many; 100 without it, 1000 at most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, schemars(range(min = 1, max = 1000)))]
        limit: Option<usize>,
        /// With the relay's key: every change of every payment is told from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        watch: Option<bool>,
        /// Repeated in the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
    },
    /// Asks for a payment to be given up; after it was sent only the terminal can end it.
    Cancel {
        /// Its id.
        id: String,
    },
    /// The till has the outcome on record.
    Acknowledge {
        /// Its id.
        id: String,
        /// The outcome that it has on record; a late answer may have changed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outcome: Option<String>,
    },
    /// A person read the terminal's ticket of an unknown payment.
    Resolve {
        /// Its id.
        id: String,
        /// What the ticket says.
        charged: Said,
        /// Who says so.
        #[cfg_attr(test, schemars(length(min = 1, max = 64)))]
        by: String,
        /// What else they write.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, schemars(length(max = 500)))]
        note: Option<String>,
    },
    /// A person has looked at a terminal that is held by a payment without an
    /// answer, and frees it for the next one.
    Release {
        /// Its name; may be left out where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        terminal: Option<String>,
        /// Who did.
        #[cfg_attr(test, schemars(length(min = 1, max = 64)))]
        by: String,
        /// Repeated in the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
    },
    /// Asks a terminal who it is; no money moves.
    Identify {
        /// Its name; may be left out where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        terminal: Option<String>,
        /// Repeated in the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
    },
    /// A non-financial exchange of raw fields.
    Exchange {
        /// The terminal's name; may be left out where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        terminal: Option<String>,
        /// The fields; `CZ`, `CJ` and `CA` are added when left out.
        fields: Vec<Field>,
        /// Repeated in the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
    },
    /// With the relay's key: how the relay is, now and at every change.
    Overview {
        /// Repeated in the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
    },
    /// With the relay's key: what the payments of a day came to.
    Totals {
        /// Those asked for at this moment or later; RFC 3339.
        from: String,
        /// Those asked for before this moment; RFC 3339.
        to: String,
        /// Repeated in the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
    },
    /// With the relay's key: what people and the relay did beside the payments.
    Events {
        /// At most this many, the newest; 100 without it, 1000 at most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, schemars(range(min = 1, max = 1000)))]
        limit: Option<usize>,
        /// Repeated in the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
    },
    /// With the relay's key: the relay looks at everything that it needs.
    Doctor {
        /// Repeated in the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
    },
    /// With the relay's key: a person decides about an origin.
    Origin {
        /// As the browser sends it: `https://shop.example`.
        origin: String,
        /// What.
        decision: Decided,
        /// Repeated in the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
    },
    /// With the relay's key: what opens the relay's page once, within a minute.
    Ticket {
        /// Repeated in the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
    },
    /// With the relay's key: opens a code for one till, for five minutes.
    OpenPairing {
        /// The name that the till will have; without one, the till says it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, schemars(length(min = 1, max = 64)))]
        till: Option<String>,
        /// The terminals that it may use; without a list, all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        terminals: Option<Vec<String>>,
        /// What it may do; without a list, everything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        operations: Option<Vec<Permitted>>,
        /// Repeated in the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
    },
    /// With the relay's key: closes the code that is open.
    ClosePairing {
        /// Repeated in the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
    },
    /// With the relay's key: takes back the token of a till.
    Revoke {
        /// Its name.
        till: String,
        /// Repeated in the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
    },
    /// Answered by `pong`.
    Ping {
        /// Repeated in the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
    },
    /// The answer to the relay's `ping`.
    Pong {
        /// The number of the `ping`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
    },
}

/// What a till asks for in `pay`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Charge {
    /// Made and stored by the till before it is sent.
    #[cfg_attr(test, schemars(regex(pattern = r"^[A-Za-z0-9._:-]{1,64}$")))]
    pub id: String,
    /// The terminal's name; may be left out where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal: Option<String>,
    /// What moves the money.
    pub operation: OperationAsked,
    /// Minor units.
    #[cfg_attr(test, schemars(range(min = 1, max = 999_999_999_999_u64)))]
    pub amount: u64,
    /// Three letters of ISO 4217.
    #[cfg_attr(test, schemars(regex(pattern = r"^[A-Z]{3}$")))]
    pub currency: String,
    /// With what; by card when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub means: Option<MeansAsked>,
    /// The merchant's reference, printable ASCII.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(regex(pattern = r"^[ -~]{1,99}$")))]
    pub reference: Option<String>,
    /// Ask for the ticket's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<bool>,
    /// Accept that less is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<bool>,
    /// `01` to `99`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(regex(pattern = r"^[0-9]{1,2}$")))]
    pub register: Option<String>,
    /// The id of the payment with the same reference that is in doubt, from the
    /// refusal `possible_double_charge`: a person knows of it and pays all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub despite: Option<String>,
    /// Seconds to wait for the terminal's answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 10, max = 600)))]
    pub timeout: Option<u64>,
}

/// A field of a raw exchange.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Field {
    /// Two upper-case letters.
    #[cfg_attr(test, schemars(regex(pattern = r"^[A-Z]{2}$")))]
    pub tag: String,
    /// 1 to 999 characters.
    pub value: String,
}

words! {
    /// A language that sentences come in.
    Language {
        /// French.
        Fr,
        /// English.
        En,
    }
}
words! {
    /// What moves the money.
    OperationAsked {
        /// The customer pays.
        Debit,
        /// The customer is paid back.
        Refund,
        /// The last debit is undone, where the terminal knows it.
        Cancellation,
    }
}
words! {
    /// With what the customer pays.
    MeansAsked {
        /// A card.
        Card,
        /// A cheque.
        Cheque,
        /// Holiday vouchers.
        Ancv,
    }
}
words! {
    /// A state to list payments by.
    ListedState {
        /// No outcome yet.
        Open,
        /// Unknown, and nobody has settled it.
        Unknown,
        /// No till has acknowledged it; the open ones are among them.
        Unacknowledged,
    }
}
words! {
    /// What the terminal's ticket says.
    Said {
        /// The operation was done.
        Yes,
        /// It was not done.
        No,
    }
}
/// A text that is no message of a till, and as much of it as could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad {
    /// The `type`, empty when there is none.
    pub to: String,
    /// The `id`, for the till to find its way.
    pub id: Option<String>,
    /// The `n`.
    pub n: Option<u64>,
    /// It is a `pay` whose amount is no amount.
    pub amount: bool,
    /// What is wrong, in English, as the parser says it.
    pub detail: String,
}

impl Bad {
    /// A message that could not be read at all.
    pub fn new(detail: &str) -> Bad {
        Bad { to: String::new(), id: None, n: None, amount: false, detail: detail.into() }
    }
}

/// What the parser says, without the value of a field: it may be a code or a token,
/// and what is said here ends up on a screen or in a bug report.
fn without_value(detail: &str) -> String {
    match detail.rsplit_once(", expected ") {
        Some((found, expected)) if found.starts_with("invalid ") => {
            let kind = found.split(['`', '"']).next().unwrap_or_default().trim_end();
            format!("{kind}, expected {expected}")
        }
        _ => detail.to_owned(),
    }
}

/// Reads what a till says.
///
/// # Errors
/// [`Bad`], for everything else than a message of the protocol.
pub fn parse(text: &str) -> Result<TillToRelay, Bad> {
    serde_json::from_str(text).map_err(|error| {
        let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        let short = |key: &str| {
            let text = value.get(key)?.as_str()?;
            Some(text.chars().filter(|char| !char.is_control()).take(64).collect::<String>())
        };
        let to = short("type").unwrap_or_default();
        let amount = value.get("amount");
        let amount = to == "pay" && amount.is_some_and(|amount| amount.as_u64().is_none());
        let n = value.get("n").and_then(serde_json::Value::as_u64);
        let detail = without_value(&error.to_string());
        let detail = detail.chars().filter(|char| !char.is_control()).take(300).collect();
        Bad { to, id: short("id"), n, amount, detail }
    })
}
