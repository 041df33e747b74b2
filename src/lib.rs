//! Caisse Relay lets a point of sale in the browser talk to Caisse-AP card
//! terminals, and never guesses whether a card was charged.
//!
//! ```text
//!    browser (till)                                                    terminal
//!         │ wss, JSON text                                    TCP, ASCII TLV │
//!         ▼                                                                  ▲
//!   ┌───────────┐   ┌────────────┐   ┌──────────────────────────┐   ┌────────┴───┐
//!   │  server   │──▶│    till    │──▶│           hub            │──▶│  exchange  │
//!   │ tls, http │   │ protocol,  │   │ one payment per terminal │   │ one TCP    │
//!   │ ws, pages │   │ session    │   │ at a time; carry_out     │   │ dialogue   │
//!   └─────┬─────┘   └────────────┘   └───┬──────────────┬───────┘   └──────┬─────┘
//!      ┌──┴──┐                     ┌─────┴────┐   ┌─────┴─────┐      ┌─────┴─────┐
//!      │ ca  │                     │ journal  │   │  payment  │─────▶│   wire    │
//!      └─────┘                     └──────────┘   │   pure    │      │   pure    │
//!                                                 └───────────┘      └───────────┘
//! ```
//!
//! `place`, `policy` and `trust` put the authority of `ca` into the browsers of
//! this machine and let the allowed pages in; only the command line uses them.
//! Beside the server, `onboarding` gives tablets the certificate and `mdns`
//! gives the relay a name on the network; neither knows of payments. `discover`
//! finds terminals on the network; `outbox` tells a chain's database of closed
//! payments, after the fact; `doctor` looks at everything and changes nothing.
//! `durations` counts where things happen, `metrics` puts the counts into Prometheus'
//! words; `update` reads what a signed manifest says of newer relays.
//!
//! The modules below stand in reading order, lowest first; each may use those
//! before it and none after it, and a test says so. Start with
//! `hub::carry_out`: one payment, read aloud.
//!
//! # Invariants
//!
//! 1. `wire`, `payment` and `words` do no I/O, read no clock and know no JSON.
//! 2. Nothing below `till` knows JSON. Nothing above `exchange` touches a
//!    socket to a terminal.
//! 3. No byte of a payment goes to a terminal before its record is durable. No
//!    outcome goes to a till before it is durable; if the disk fails, the
//!    message says so and no new payment is taken.
//! 4. A payment belongs to the hub, not to a socket: the till may vanish, the
//!    payment finishes.
//! 5. A terminal carries at most one payment. A second one is refused at once,
//!    naming the payment and the till that hold it; it is never queued.
//! 6. An id is paid once. The same id with the same order is the same payment,
//!    answered again; with another order it is refused.
//! 7. After the first byte of a request is written, silence is `Unknown`.
//!    Nothing turns that into yes or no except the terminal or a person.
//!    Nothing is ever sent a second time.
//! 8. An outcome stays undelivered until a till acknowledges it. Reading is not
//!    acknowledging.
//! 9. Card data cannot reach a log, a metric, a bug report or the journal
//!    unmasked: it is masked where the bytes enter.
//!
//! # Platforms
//!
//! What differs between systems is in these places and in no other; a test
//! keeps the list complete.
//!
//! | where | what differs |
//! |---|---|
//! | `rights` | who may read a file; what makes a name durable |
//! | `place::root` | where is remembered what was changed on the machine |
//! | `policy` | where each browser reads its policies |
//! | `trust` | the certificate stores |
//! | `service` | what starts the relay by itself |
//! | `tray` | the icon |
//! | `discover` | where the address of a network card is read |
//! | `doctor` | how a system tells of its port, firewall and sleep |
//! | `outbox::postgres` | whether a database can be on a socket that is a file |
//! | `mdns` | whether a socket of IPv6 hears IPv4 |
//! | `config::platform` | the folders of configurations and data |
//! | `cli::signal` | how a program is told to stop |
//! | `cli::places` | how an administrator's command begins |
//! | `cli::service` | what Windows starts as its service |

pub mod faults;
pub mod near;
pub mod rights;
pub mod durations;
pub mod wire;
pub mod exchange;
pub mod payment;
pub mod discover;
pub mod words;
pub mod journal;
pub mod access;
pub mod health;
pub mod hub;
pub mod till;
pub mod ca;
pub mod metrics;
pub mod place;
pub mod policy;
pub mod trust;
pub mod service;
pub mod server;
pub mod onboarding;
pub mod mdns;
pub mod outbox;
pub mod simulator;
pub mod update;
pub mod config;
pub mod doctor;
pub mod relay;
pub mod tray;
pub mod cli;
