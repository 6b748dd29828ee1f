//! The metrics of AWS's own that the template reads, as their services' pages name them: a misspelt
//! one would show nothing, and an alarm on it would never ring.

/// Namespace, dimensions, names, and the page.
type Published = (&'static str, &'static [&'static str], &'static [&'static str]);

/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html>
const LAMBDA: Published =
    ("AWS/Lambda", &["FunctionName"], &["Invocations", "Errors", "Throttles", "Duration"]);
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html>
const SQS: Published = (
    "AWS/SQS",
    &["QueueName"],
    &[
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesVisible",
        "NumberOfMessagesReceived",
        "NumberOfMessagesSent",
    ],
);
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html>
const TABLE: Published =
    ("AWS/DynamoDB", &["TableName"], &["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"]);
const INDEXES: Published = ("AWS/DynamoDB", &["TableName", "GlobalSecondaryIndexName"], TABLE.2);
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html>
const API: Published = ("AWS/ApiGateway", &["ApiId"], &["Count", "5xx"]);
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html>
const EVENTS: Published = ("AWS/Events", &["RuleName"], &["MatchedEvents"]);
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html>
const LOGS: Published = ("AWS/Logs", &["LogGroupName"], &["IncomingBytes"]);

/// Whether a service publishes this metric with exactly these dimensions.
pub fn is_published(namespace: &str, name: &str, dimensions: &[String]) -> bool {
    [LAMBDA, SQS, TABLE, INDEXES, API, EVENTS, LOGS]
        .iter()
        .any(|(of, with, names)| *of == namespace && dimensions == *with && names.contains(&name))
}
