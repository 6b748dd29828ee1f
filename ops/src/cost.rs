//! What a month costs: quantities times prices, line by line.

mod measured;
mod prices;
mod template;

use clap::Args;
use serde::Serialize;

pub use self::measured::{Calls, IDLE_WEBHOOK, JIRA_COMMENT, REFRESH, UPKEEP_RUN};
use self::{prices::Price, template::Facts};
use crate::{
    error::OpsError,
    output::{Output, columns},
};

/// Upkeep runs every five minutes; 30 days.
const RUNS: f64 = 8_640.0;
/// What Lambda's pollers ask an idle queue: five of them, each waiting 20 s for an answer, as
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html> has it.
const IDLE_POLLS: f64 = 5.0 * 3.0 * 60.0 * 24.0 * 30.0;
/// Lambda receives and deletes each message of the queue: two requests of SQS for each delivery.
const POLLER_REQUESTS: f64 = 2.0;
/// Each person has a grant at either side, each with a secret of its own.
const GRANTS: f64 = 2.0;

/// How much happens in a month. What is not measured here is assumed, and said to be.
#[derive(Clone, Debug, Args)]
pub struct CostArguments {
    /// People who linked their accounts
    #[arg(long, default_value_t = 1_000)]
    pub users: u32,
    /// Comments and messages that are carried over in a month
    #[arg(long, default_value_t = 1_000_000)]
    pub events: u64,
    /// Comments on issues without a chat, for each event that is carried over
    #[arg(long, default_value_t = 4.0)]
    pub idle_webhooks: f64,
    /// In how many hours of a month something is done in a person's name: each renews their tokens
    #[arg(long, default_value_t = 40.0)]
    pub active_hours: f64,
    /// Milliseconds that a webhook is worked on
    #[arg(long, default_value_t = 20.0)]
    pub webhook_ms: f64,
    /// Milliseconds that a delivery is worked on: mostly the vendors' answers
    #[arg(long, default_value_t = 1_000.0)]
    pub delivery_ms: f64,
    /// Milliseconds that upkeep runs
    #[arg(long, default_value_t = 2_000.0)]
    pub upkeep_ms: f64,
    /// Kilobytes of log for each invocation, its metrics and the access log included
    #[arg(long, default_value_t = 1.5)]
    pub log_kb: f64,
    /// Metrics that CloudWatch keeps: each name of each function that emits it
    #[arg(long, default_value_t = 60)]
    pub metrics: u32,
    /// Gigabytes in the table
    #[arg(long, default_value_t = 5.0)]
    pub table_gb: f64,
}

/// What makes a part of the cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// It costs so much whatever happens.
    Standing,
    /// It grows with the people.
    Users,
    /// It grows with what is carried over.
    Events,
}

impl Part {
    const ALL: [Self; 3] = [Self::Standing, Self::Users, Self::Events];
}

/// One line: a quantity at a price.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    part: Part,
    what: &'static str,
    quantity: f64,
    /// US dollars for `per` of them.
    price: f64,
    per: f64,
    unit: &'static str,
    /// US dollars in a month.
    amount: f64,
}

/// A month.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    currency: &'static str,
    region: &'static str,
    lines: Vec<Line>,
    total: f64,
}

/// Prints the estimate.
pub(crate) fn print(asked: &CostArguments, output: &Output) -> Result<(), OpsError> {
    let estimate = Estimate::of(asked)?;
    output.answer(&estimate, &estimate.text(asked))
}

/// The lines while they are added up.
struct Lines(Vec<Line>);

impl Lines {
    fn add(&mut self, part: Part, what: &'static str, quantity: f64, price: Price) {
        let Price { dollars, per, unit } = price;
        let amount = quantity / per * dollars;
        self.0.push(Line { part, what, quantity, price: dollars, per, unit, amount });
    }

    /// The calls of something that happens so many times.
    fn add_calls(&mut self, part: Part, calls: &Calls, times: f64) {
        for (what, count, price) in calls.priced() {
            if count > 0.0 {
                self.add(part, what, count * times, price);
            }
        }
    }

    /// Those of the same name in one line.
    fn merged(self) -> Vec<Line> {
        let mut merged: Vec<Line> = Vec::new();
        for line in self.0 {
            let same = |known: &&mut Line| known.part == line.part && known.what == line.what;
            match merged.iter_mut().find(same) {
                Some(known) => {
                    known.quantity += line.quantity;
                    known.amount += line.amount;
                }
                None => merged.push(line),
            }
        }
        merged
    }
}

impl Estimate {
    /// The month in which that happens.
    pub(crate) fn of(asked: &CostArguments) -> Result<Self, OpsError> {
        let facts = Facts::read()?;
        let mut lines = Lines(Vec::new());
        standing(&mut lines, asked, &facts);
        users(&mut lines, asked);
        events(&mut lines, asked, &facts);
        let lines = lines.merged();
        let total = lines.iter().map(|line| line.amount).sum();
        Ok(Self { currency: "USD", region: prices::REGION, lines, total })
    }

    fn text(&self, asked: &CostArguments) -> String {
        let mut rows = vec![["what", "quantity", "price", "a month"].map(str::to_owned)];
        for part in Part::ALL {
            let of_part = self.lines.iter().filter(|line| line.part == part);
            rows.push(std::array::from_fn(|_| String::new()));
            rows.push([part.title(asked), String::new(), String::new(), dollars(self.sum(part))]);
            rows.extend(of_part.map(Line::cells));
        }
        let total = dollars(self.total);
        format!("{}\n\nTogether {total} a month, {}.", columns(&rows), prices::CAVEAT)
    }

    fn sum(&self, part: Part) -> f64 {
        self.lines.iter().filter(|line| line.part == part).map(|line| line.amount).sum()
    }

    /// The tables of the manual.
    pub(crate) fn markdown(&self, asked: &CostArguments) -> String {
        let mut text = String::new();
        for part in Part::ALL {
            let head = format!(
                "{}: **{} a month**\n\n| What | Quantity | Price | A month |\n|---|--:|---|--:|\n",
                part.title(asked),
                dollars(self.sum(part))
            );
            text.push_str(&head);
            for line in self.lines.iter().filter(|line| line.part == part) {
                let [what, quantity, price, amount] = line.cells();
                let row = format!("| {} | {quantity} | {price} | {amount} |\n", what.trim());
                text.push_str(&row);
            }
            text.push('\n');
        }
        text
    }
}

/// The section of the manual, made of what the command prints without options.
pub fn manual() -> Option<String> {
    use clap::Parser as _;
    #[derive(clap::Parser)]
    struct Alone {
        #[command(flatten)]
        cost: CostArguments,
    }
    let asked = Alone::try_parse_from(["cost"]).ok()?.cost;
    let tables = Estimate::of(&asked).ok()?.markdown(&asked);
    Some(format!("{}{tables}{}\n", measured::HEAD, measured::assumed(&asked)))
}

fn standing(lines: &mut Lines, asked: &CostArguments, facts: &Facts) {
    let part = Part::Standing;
    lines.add(part, "keys of KMS", facts.keys, prices::KEY);
    lines.add(part, "alarms", facts.alarms, prices::ALARM);
    lines.add(part, "dashboards", facts.dashboards, prices::DASHBOARD);
    lines.add(part, "metrics", f64::from(asked.metrics), prices::METRIC);
    lines.add(part, "secrets of the app and of a site", 2.0, prices::SECRET);
    lines.add(part, "requests of an idle queue", IDLE_POLLS, prices::QUEUE);
    lines.add(part, "GB in the table, with backups", asked.table_gb, prices::TABLE_GB);
    lines.add_calls(part, &UPKEEP_RUN, RUNS);
    lines.add(
        part,
        "GB-seconds",
        RUNS * asked.upkeep_ms * facts.upkeep_gb / 1_000.0,
        prices::GB_SECOND,
    );
    lines.add(part, "GB of log", RUNS * asked.log_kb / 1e6, prices::LOG_GB);
}

fn users(lines: &mut Lines, asked: &CostArguments) {
    let users = f64::from(asked.users);
    lines.add(Part::Users, "secrets", users * GRANTS, prices::SECRET);
    lines.add_calls(Part::Users, &REFRESH, users * asked.active_hours);
}

#[allow(clippy::cast_precision_loss, reason = "a number of events is no more exact than that")]
fn events(lines: &mut Lines, asked: &CostArguments, facts: &Facts) {
    let part = Part::Events;
    let events = asked.events as f64;
    let idle = events * asked.idle_webhooks;
    lines.add_calls(part, &JIRA_COMMENT, events);
    lines.add_calls(part, &IDLE_WEBHOOK, idle);
    let webhooks = events + idle;
    let invocations = events * JIRA_COMMENT.invocations + idle * IDLE_WEBHOOK.invocations;
    let deliveries = invocations - webhooks;
    lines.add(part, "requests of the queue", deliveries * POLLER_REQUESTS, prices::QUEUE);
    let webhooks = webhooks * asked.webhook_ms * facts.webhook_gb;
    let deliveries = deliveries * asked.delivery_ms * facts.delivery_gb;
    lines.add(part, "GB-seconds", (webhooks + deliveries) / 1_000.0, prices::GB_SECOND);
    lines.add(part, "GB of log", invocations * asked.log_kb / 1e6, prices::LOG_GB);
}

impl Part {
    fn title(self, asked: &CostArguments) -> String {
        match self {
            Self::Standing => "Whatever happens".to_owned(),
            Self::Users => format!("{} people", counted(f64::from(asked.users))),
            #[allow(clippy::cast_precision_loss, reason = "shown in thousands")]
            Self::Events => format!("{} events", counted(asked.events as f64)),
        }
    }
}

impl Line {
    fn cells(&self) -> [String; 4] {
        let per = if self.per > 1.0 { counted(self.per) } else { String::new() };
        let in_cents = (self.price * 100.0).fract() == 0.0;
        let price = if in_cents { format!("{:.2}", self.price) } else { self.price.to_string() };
        let price = format!("${price} for {per} {}", self.unit).replace("  ", " ");
        [format!("  {}", self.what), counted(self.quantity), price, dollars(self.amount)]
    }
}

/// A quantity to the unit, or to two places where it is small and not whole.
fn counted(quantity: f64) -> String {
    let small = quantity < 100.0 && quantity.fract() != 0.0;
    let text = if small { format!("{quantity:.2}") } else { format!("{quantity:.0}") };
    let (whole, rest) =
        text.split_once('.').map_or((text.as_str(), ""), |(whole, rest)| (whole, rest));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if rest.is_empty() { grouped } else { format!("{grouped}.{rest}") }
}

fn dollars(amount: f64) -> String {
    let cents = (amount * 100.0).round() / 100.0;
    let whole = counted(cents.trunc());
    format!("${whole}.{:02.0}", (cents.fract() * 100.0).round())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_grouped_and_amounts_are_to_the_cent() {
        for (quantity, shown) in
            [(0.0, "0"), (12.341, "12.34"), (999.0, "999"), (1_234_567.8, "1,234,568")]
        {
            assert_eq!(counted(quantity), shown);
        }
        for (amount, shown) in [(0.004, "$0.00"), (0.086, "$0.09"), (1_999.995, "$2,000.00")] {
            assert_eq!(dollars(amount), shown);
        }
    }
}
