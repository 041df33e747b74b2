//! The relay in numbers, as Prometheus reads them: how many, how long, how it is. No card, no
//! amount, no reference, no payment, no till by its name; only terminals, as the configuration
//! calls them.
//!
//! Nothing is counted here: each layer counts where things happen, and this reads when somebody
//! asks.

mod shape;

use crate::access::Access;
use crate::health::Health;
use crate::hub::Hub;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use shape::Shape;
use std::fmt;
use std::sync::Arc;

/// What Prometheus is told that the text is.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Reads the numbers of one relay.
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Registry>);

impl Metrics {
    /// The numbers of the relay that these make up.
    pub fn new(hub: Arc<Hub>, access: Arc<Access>, health: Arc<Health>) -> Metrics {
        let mut registry = Registry::with_prefix("caisse_relay");
        registry.register_collector(Box::new(Relay { hub, access, health }));
        Metrics(Arc::new(registry))
    }

    /// The numbers now, as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.0);
        text
    }
}

#[derive(Debug)]
struct Relay {
    hub: Arc<Hub>,
    access: Arc<Access>,
    health: Arc<Health>,
}

impl Collector for Relay {
    fn encode(&self, encoder: DescriptorEncoder) -> fmt::Result {
        let mut shape = Shape(encoder);
        shape.info("build", "The program", &[("version", env!("CARGO_PKG_VERSION"))])?;
        let started = self.health.started_at().0 / 1000;
        shape.gauge("start_time_seconds", "When the relay started, Unix time", started)?;
        self.payments(&mut shape)?;
        self.terminals(&mut shape)?;
        self.doors(&mut shape)?;
        self.journal(&mut shape)
    }
}

impl Relay {
    fn payments(&self, shape: &mut Shape) -> fmt::Result {
        let tally = self.hub.tally();
        let outcomes = tally.outcomes.map(|(outcome, count)| ([("outcome", outcome)], count));
        shape.counters("payments", "Payments that were closed, by their outcome", &outcomes)?;
        let help = "How long payments took, from the order to the outcome";
        shape.durations("payment_seconds", help, &tally.durations)?;
        let help = "Unknown payments that were cleared up, and by what";
        let by = [([("by", "late_answer")], tally.late), ([("by", "person")], tally.settled)];
        shape.counters("unknown_cleared", help, &by)?;
        // Left out when the journal cannot be read: a zero would be a lie.
        if let Some(unknown) = self.hub.unknown() {
            let unknown = i64::try_from(unknown).unwrap_or(i64::MAX);
            shape.gauge("payments_in_doubt", "Unknown payments that wait for a person", unknown)?;
        }
        let unsaved = i64::try_from(self.hub.unsaved()).unwrap_or(i64::MAX);
        shape.gauge("outcomes_unsaved", "Outcomes that the disk has not taken yet", unsaved)
    }

    fn terminals(&self, shape: &mut Shape) -> fmt::Result {
        let terminals = self.hub.terminals();
        let held = terminals.iter().map(|terminal| {
            ([("terminal", terminal.name.as_str())], i64::from(terminal.holder().is_some()))
        });
        let help = "Whether something holds the terminal: a payment, or a question";
        shape.gauges("terminal_held", help, held)?;
        let up = terminals.iter().filter_map(|terminal| {
            Some(([("terminal", terminal.name.as_str())], i64::from(terminal.reached()?)))
        });
        let help = "Whether the terminal took the last connection; absent before the first";
        shape.gauges("terminal_up", help, up)
    }

    fn doors(&self, shape: &mut Shape) -> fmt::Result {
        let connected = i64::try_from(self.access.connected()).unwrap_or(i64::MAX);
        let help = "Connections that have said hello: tills, the relay's page and its icon";
        shape.gauge("tills_connected", help, connected)?;
        let distrusted = self.health.facts().distrust.map_or(0, |distrust| distrust.count);
        let failures = [
            ([("reason", "distrusted")], distrusted),
            ([("reason", "handshake")], self.health.handshakes_failed()),
        ];
        let help = "TLS connections that failed: the certificate is not trusted, or the handshake";
        shape.counters("tls_failures", help, &failures)
    }

    fn journal(&self, shape: &mut Shape) -> fmt::Result {
        let help = "How long a commit to the journal's disk took";
        shape.durations("journal_commit_seconds", help, &self.hub.commit_times())?;
        let Some(room) = self.hub.room() else { return Ok(()) };
        let room = i64::try_from(room).unwrap_or(i64::MAX);
        shape.gauge("journal_free_bytes", "What is free on the journal's disk", room)
    }
}
