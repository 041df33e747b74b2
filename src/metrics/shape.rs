use crate::durations::Counted;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use std::fmt;

/// Writes numbers in their shapes.
pub(super) struct Shape<'a>(pub(super) DescriptorEncoder<'a>);

/// What tells one number of a family from the others.
type Label<'a> = [(&'a str, &'a str); 1];

impl Shape<'_> {
    pub(super) fn info(&mut self, name: &str, help: &str, labels: &Label) -> fmt::Result {
        let info = Info::new(labels.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let encoder = self.0.encode_descriptor(name, help, None, info.metric_type())?;
        info.encode(encoder)
    }

    pub(super) fn gauge(&mut self, name: &str, help: &str, value: i64) -> fmt::Result {
        let gauge = ConstGauge::new(value);
        gauge.encode(self.0.encode_descriptor(name, help, None, MetricType::Gauge)?)
    }

    pub(super) fn gauges<'l>(
        &mut self,
        name: &str,
        help: &str,
        each: impl Iterator<Item = (Label<'l>, i64)>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (labels, value) in each {
            ConstGauge::new(value).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }

    /// The library writes `_total` behind the name.
    pub(super) fn counters(
        &mut self,
        name: &str,
        help: &str,
        each: &[(Label, u64)],
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, value) in each {
            ConstCounter::new(*value).encode(family.encode_family(labels)?)?;
        }
        Ok(())
    }

    pub(super) fn durations(&mut self, name: &str, help: &str, counted: &Counted) -> fmt::Result {
        let mut histogram = self.0.encode_descriptor(name, help, None, MetricType::Histogram)?;
        let seconds =
            |end: &Option<std::time::Duration>| end.map_or(f64::INFINITY, |end| end.as_secs_f64());
        let bands: Vec<_> = counted.bands.iter().map(|(end, n)| (seconds(end), *n)).collect();
        let count = bands.iter().map(|(_, count)| count).sum();
        let sum = counted.sum.as_secs_f64();
        histogram.encode_histogram::<NoLabelSet>(sum, count, &bands, None)
    }
}
