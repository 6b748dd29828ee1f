//! What the template says that costs something.

use serde_json::Value;

use crate::error::OpsError;

const TEMPLATE: &str = include_str!("../../../template.yaml");

/// What is counted in the template.
pub(super) struct Facts {
    pub(super) keys: f64,
    pub(super) alarms: f64,
    pub(super) dashboards: f64,
    /// The memory of the functions, in GB.
    pub(super) webhook_gb: f64,
    pub(super) delivery_gb: f64,
    pub(super) upkeep_gb: f64,
}

impl Facts {
    pub(super) fn read() -> Result<Self, OpsError> {
        let read: Result<Value, _> = serde_saphyr::from_str(TEMPLATE);
        let template =
            read.map_err(|_| OpsError::NotFound("template.yaml is unreadable".into()))?;
        Ok(Self {
            keys: count(&template, "AWS::KMS::Key"),
            alarms: count(&template, "AWS::CloudWatch::Alarm"),
            dashboards: count(&template, "AWS::CloudWatch::Dashboard"),
            webhook_gb: memory(&template, "JiraEventsFunction"),
            delivery_gb: memory(&template, "DeliveryFunction"),
            upkeep_gb: memory(&template, "UpkeepFunction"),
        })
    }
}

fn count(template: &Value, kind: &str) -> f64 {
    let resources = template["Resources"].as_object();
    let of_kind = resources.into_iter().flatten().filter(|(_, of)| of["Type"] == kind);
    of_kind.map(|_| 1.0).sum()
}

fn memory(template: &Value, function: &str) -> f64 {
    let own = template["Resources"][function]["Properties"]["MemorySize"].as_f64();
    let of_all = || template["Globals"]["Function"]["MemorySize"].as_f64();
    own.or_else(of_all).unwrap_or_default() / 1_024.0
}
