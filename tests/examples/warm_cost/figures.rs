//! What an event cost, and how it is told.

use std::{collections::BTreeMap, fmt::Write, time::Duration};

use tandem_ops::cost::Calls;

use crate::seen::{Call, round_trips};

/// What one event of a kind costs.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Time on the processor.
    pub cpu: Duration,
    /// Calls by service and operation.
    pub calls: BTreeMap<(String, String), f64>,
    pub read_units: f64,
    pub write_units: f64,
    /// Calls to AWS, and all calls, that lie one behind the other: the most of any event.
    pub aws_trips: usize,
    pub all_trips: usize,
}

impl Figures {
    /// The mean of events of which each made these calls.
    pub fn of(events: &[Vec<Call>]) -> Self {
        let mut figures = Self::default();
        let many = events.len() as f64;
        for calls in events {
            for call in calls {
                let key = (call.service.clone(), call.operation.clone());
                *figures.calls.entry(key).or_default() += 1.0;
                let reads = ["GetItem", "BatchGetItem", "Query"].contains(&call.operation.as_str());
                let units = if reads { &mut figures.read_units } else { &mut figures.write_units };
                *units += call.units;
            }
            let aws = round_trips(calls.iter().filter(|call| !call.is_of_vendor()));
            figures.aws_trips = figures.aws_trips.max(aws);
            figures.all_trips = figures.all_trips.max(round_trips(calls.iter()));
        }
        figures.calls.values_mut().for_each(|count| *count /= many);
        figures.read_units /= many;
        figures.write_units /= many;
        figures
    }

    pub fn count(&self, service: &str) -> f64 {
        self.calls
            .iter()
            .filter(|((of, _), _)| of == service)
            .fold(0.0, |sum, (_, count)| sum + count)
    }

    pub fn micros(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6
    }

    /// One behind the other.
    pub fn and(&self, other: &Self) -> Self {
        let mut calls = self.calls.clone();
        for (key, count) in &other.calls {
            *calls.entry(key.clone()).or_default() += count;
        }
        Self {
            cpu: self.cpu + other.cpu,
            calls,
            read_units: self.read_units + other.read_units,
            write_units: self.write_units + other.write_units,
            aws_trips: self.aws_trips + other.aws_trips,
            all_trips: self.all_trips + other.all_trips,
        }
    }

    /// As the estimate of a month takes them; `queued` messages are received and deleted by Lambda.
    fn priced(&self, requests: f64, invocations: f64, queued: f64) -> Calls {
        Calls {
            requests,
            invocations,
            read_units: self.read_units,
            write_units: self.write_units,
            queue: self.count("AmazonSQS") + 2.0 * queued,
            secrets: self.count("secretsmanager"),
            kms: self.count("TrentService"),
        }
    }
}

/// One kind of event, done by Tandem and in the simplest way.
pub struct Row {
    pub name: &'static str,
    pub ours: Figures,
    pub simplest: Figures,
    /// Requests of the HTTP API, invocations, and messages taken off the queue.
    pub around: [f64; 3],
}

impl Row {
    pub fn and(&self, other: &Self, name: &'static str) -> Self {
        let around = std::array::from_fn(|at| self.around[at] + other.around[at]);
        let (ours, simplest) = (self.ours.and(&other.ours), self.simplest.and(&other.simplest));
        Self { name, ours, simplest, around }
    }

    fn dollars(&self, of: &Figures) -> f64 {
        let [requests, invocations, queued] = self.around;
        of.priced(requests, invocations, queued).dollars_per_million()
    }
}

fn ratio(ours: f64, other: f64) -> String {
    if other == 0.0 {
        return if ours == 0.0 { "same".to_owned() } else { "-".to_owned() };
    }
    format!("{:.1}x", ours / other)
}

/// A number without needless digits.
fn plain(number: f64) -> String {
    let rounded = (number * 10.0).round() / 10.0;
    if rounded.fract() == 0.0 { format!("{rounded:.0}") } else { format!("{rounded:.1}") }
}

/// The tables, in Markdown.
pub fn markdown(rows: &[Row]) -> String {
    let mut text = String::from(
        "| Event | CPU, µs | Units read | Units written | KMS, Secrets Manager, SQS | Round trips at AWS | with the vendors' | USD per million |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for row in rows {
        let it = &row.ours;
        let others = ["TrentService", "secretsmanager", "AmazonSQS"]
            .map(|service| plain(it.count(service)))
            .join(", ");
        writeln!(
            text,
            "| {} | {:.0} | {} | {} | {others} | {} | {} | {:.2} |",
            row.name,
            it.micros(),
            plain(it.read_units),
            plain(it.write_units),
            it.aws_trips,
            it.all_trips,
            row.dollars(it),
        )
        .unwrap();
    }
    text.push_str(
        "\n| Against the simplest way | CPU, µs | Ratio | Units read | Units written | Round trips at AWS | USD per million | Ratio |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for row in rows {
        let it = &row.simplest;
        writeln!(
            text,
            "| {} | {:.0} | {} | {} | {} | {} | {:.2} | {} |",
            row.name,
            it.micros(),
            ratio(row.ours.micros(), it.micros()),
            plain(it.read_units),
            plain(it.write_units),
            it.aws_trips,
            row.dollars(it),
            ratio(row.dollars(&row.ours), row.dollars(it)),
        )
        .unwrap();
    }
    text.push_str("\n| Event | Calls |\n|---|---|\n");
    for row in rows {
        let calls = row.ours.calls.iter();
        let calls: Vec<String> = calls
            .map(|((service, operation), count)| format!("{service} {operation} {}", plain(*count)))
            .collect();
        writeln!(text, "| {} | {} |", row.name, calls.join(", ")).unwrap();
    }
    text
}
