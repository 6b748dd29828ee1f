//! AWS's list prices, of the first tier, without free tiers.

/// Where they hold.
pub(super) const REGION: &str = "us-east-1";

/// What the estimate leaves out.
pub(super) const CAVEAT: &str =
    "at the list prices of us-east-1 without free tiers, taxes and support";

/// A price in US dollars.
#[derive(Clone, Copy)]
pub(super) struct Price {
    pub(super) dollars: f64,
    /// For how many.
    pub(super) per: f64,
    pub(super) unit: &'static str,
}

const fn price(dollars: f64, per: f64, unit: &'static str) -> Price {
    Price { dollars, per, unit }
}

const MILLION: f64 = 1e6;

/// <https://aws.amazon.com/api-gateway/pricing/>, HTTP APIs.
pub(super) const HTTP_API: Price = price(1.00, MILLION, "requests");
/// <https://aws.amazon.com/lambda/pricing/>.
pub(super) const INVOCATION: Price = price(0.20, MILLION, "invocations");
/// The same, arm64.
pub(super) const GB_SECOND: Price = price(13.3334, MILLION, "GB-seconds");
/// <https://aws.amazon.com/dynamodb/pricing/on-demand/>.
pub(super) const READ_UNIT: Price = price(0.125, MILLION, "units");
/// The same.
pub(super) const WRITE_UNIT: Price = price(0.625, MILLION, "units");
/// The same: a GB of the table ($0.25) and its point-in-time recovery ($0.20).
pub(super) const TABLE_GB: Price = price(0.45, 1.0, "a GB");
/// <https://aws.amazon.com/sqs/pricing/>, FIFO.
pub(super) const QUEUE: Price = price(0.50, MILLION, "requests");
/// <https://aws.amazon.com/secrets-manager/pricing/>.
pub(super) const SECRET: Price = price(0.40, 1.0, "a secret");
/// The same.
pub(super) const SECRET_CALL: Price = price(0.05, 10_000.0, "calls");
/// <https://aws.amazon.com/kms/pricing/>.
pub(super) const KEY: Price = price(1.00, 1.0, "a key");
/// The same.
pub(super) const KEY_CALL: Price = price(0.03, 10_000.0, "calls");
/// <https://aws.amazon.com/cloudwatch/pricing/>.
pub(super) const ALARM: Price = price(0.10, 1.0, "an alarm");
/// The same.
pub(super) const DASHBOARD: Price = price(3.00, 1.0, "a dashboard");
/// The same.
pub(super) const METRIC: Price = price(0.30, 1.0, "a metric");
/// The same.
pub(super) const LOG_GB: Price = price(0.50, 1.0, "a GB");
