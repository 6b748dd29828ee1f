//! Sees each call that a process makes: when it began and ended, and what DynamoDB says it cost.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Instant,
};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{
            BeforeTransmitInterceptorContextMut, BeforeTransmitInterceptorContextRef,
            FinalizerInterceptorContextRef,
        },
    },
    error::BoxError,
};
use serde_json::Value;

/// One call.
#[derive(Clone, Debug)]
pub struct Call {
    /// `DynamoDB`, `AmazonSQS`, `secretsmanager`, `TrentService`, or a vendor's name.
    pub service: String,
    pub operation: String,
    pub began: Instant,
    pub ended: Instant,
    /// Units of DynamoDB, the indexes' included.
    pub units: f64,
}

impl Call {
    pub fn is_of_vendor(&self) -> bool {
        matches!(self.service.as_str(), "Jira" | "Microsoft")
    }
}

/// What was seen. The interceptor of every AWS client of a process.
#[derive(Clone, Debug, Default)]
pub struct Seen(Arc<Mutex<Inside>>);

#[derive(Debug, Default)]
struct Inside {
    /// What was asked and when, by the place of the call's own state, which stays where it is.
    asked: BTreeMap<usize, (String, Instant)>,
    calls: Vec<Call>,
}

fn place_of(bag: &ConfigBag) -> usize {
    std::ptr::from_ref(bag) as usize
}

impl Seen {
    /// The calls since this was last asked.
    pub fn take(&self) -> Vec<Call> {
        std::mem::take(&mut self.0.lock().unwrap().calls)
    }

    /// A call that was seen otherwise.
    pub fn add(&self, call: Call) {
        self.0.lock().unwrap().calls.push(call);
    }
}

impl Intercept for Seen {
    fn name(&self) -> &'static str {
        "Seen"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        if request.headers().get("x-amz-target").is_some_and(|it| it.starts_with("DynamoDB")) {
            let mut asked: Value = serde_json::from_slice(request.body().bytes().unwrap())?;
            asked["ReturnConsumedCapacity"] = "TOTAL".into();
            let asked = asked.to_string();
            request.headers_mut().insert("content-length", asked.len().to_string());
            *request.body_mut() = asked.into();
        }
        Ok(())
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context.request().headers().get("x-amz-target").unwrap_or_default();
        let asked = (target.to_owned(), Instant::now());
        self.0.lock().unwrap().asked.insert(place_of(bag), asked);
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().and_then(|answer| answer.body().bytes());
        let units = body.map(consumed).unwrap_or_default();
        let mut inside = self.0.lock().unwrap();
        let (target, began) = inside.asked.remove(&place_of(bag)).unwrap();
        let (service, operation) = target.split_once('.').unwrap_or(("unknown", &target));
        let service = service.strip_suffix("_20120810").unwrap_or(service).to_owned();
        let (operation, ended) = (operation.to_owned(), Instant::now());
        inside.calls.push(Call { service, operation, began, ended, units });
        Ok(())
    }
}

/// What a call cost: DynamoDB tells it for one table, or for each of several.
fn consumed(body: &[u8]) -> f64 {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let units = |of: &Value| of["CapacityUnits"].as_f64().unwrap_or_default();
    match &answer["ConsumedCapacity"] {
        Value::Array(tables) => tables.iter().map(units).sum(),
        table => units(table),
    }
}

/// How many of the calls lie one behind the other: the longest chain in which none begins before the
/// one before it has ended.
pub fn round_trips<'a>(calls: impl Iterator<Item = &'a Call>) -> usize {
    let mut by_end: Vec<&Call> = calls.collect();
    by_end.sort_by_key(|call| call.ended);
    let (mut trips, mut until) = (0, None);
    for call in by_end {
        if until.is_none_or(|until| call.began >= until) {
            (trips, until) = (trips + 1, Some(call.ended));
        }
    }
    trips
}
