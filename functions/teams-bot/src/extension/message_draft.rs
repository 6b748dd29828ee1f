//! A form as a person sent it off: what it carries of ours, and what they typed.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tandem_domain::{ClaimId, CloudId, Failure, LeaseHolder};
use tandem_jira::client::FieldId;
use tandem_microsoft::cards::ActionData;
use tandem_runtime::{
    card_data::CardSubject,
    signing::{claim_of, lease_holder},
};

use super::texts;
use crate::{stopped::Stopped, turn::Turn};

/// The form's own id, which is the same each time it is shown again.
const FORM: &str = "form";
/// What the button asks for.
const STEP: &str = "step";
/// The button that shows the fields of another project or type.
const RELOAD: &str = "reload";
/// What the signature is over, and the signature.
const SIGNED: [&str; 3] = ["cloudId", "endsAt", "mac"];
/// The most fields that are looked at.
const MAX_FIELDS: usize = 100;

/// A form that was sent off. No `Debug`: it holds what somebody wrote.
pub(super) struct Draft {
    /// What its buttons carry.
    data: ActionData,
    /// Whether only other fields are asked for.
    pub(super) reload: bool,
    typed: BTreeMap<String, String>,
}

impl Draft {
    /// A form for a site, not filled in yet.
    pub(super) fn begun(turn: &Turn<'_>, cloud: &CloudId) -> Result<Self, Stopped> {
        let app = turn.app;
        let id = lease_holder(app.entropy.as_ref());
        let id = id.ok_or(Stopped::Failed(Failure::Fault { what: "form_id" }))?;
        let subject = CardSubject::Site(cloud.clone());
        let mut data = subject.sign(&app.signing, turn.shown_in(), app.clock.now());
        data.insert(FORM.to_owned(), Value::from(id.as_str()));
        Ok(Self { data, reload: false, typed: BTreeMap::new() })
    }

    /// The form that an activity carries.
    pub(super) fn sent(turn: &Turn<'_>) -> Self {
        let nothing = Map::new();
        let value = turn.activity.value.json();
        let sent = value.get("data").and_then(Value::as_object).unwrap_or(&nothing);
        let ours = |name: &str| SIGNED.contains(&name) || [FORM, STEP, "msteams"].contains(&name);
        let kept = |name: &&str| SIGNED.contains(name) || *name == FORM;
        let data = sent.iter().filter(|(name, value)| kept(&name.as_str()) && value.is_string());
        let typed = sent.iter().filter(|(name, _)| !ours(name) && FieldId::parse(name).is_ok());
        let typed = typed.filter_map(|(name, value)| Some((name.clone(), text(value)?)));
        Self {
            data: data.map(|(name, value)| (name.clone(), value.clone())).collect(),
            reload: sent.get(STEP).and_then(Value::as_str) == Some(RELOAD),
            typed: typed.take(MAX_FIELDS).collect(),
        }
    }

    /// The site it is for, when the form is one of ours and was opened here.
    pub(super) fn site(&self, turn: &Turn<'_>) -> Result<CloudId, Stopped> {
        let data = Value::Object(self.data.clone());
        let app = turn.app;
        match CardSubject::verify(&data, &app.signing, turn.shown_in(), app.clock.now()) {
            Ok(CardSubject::Site(cloud)) => Ok(cloud),
            _ => Err(Stopped::Cannot(texts::FORM_REFUSED)),
        }
    }

    /// What sending it off is claimed under: by this person, here, for `what`.
    pub(super) fn claim(&self, turn: &Turn<'_>, what: &[&str]) -> Result<ClaimId, Stopped> {
        let form = self.data.get(FORM).and_then(Value::as_str);
        let form = form.and_then(|id| LeaseHolder::parse(id).ok());
        let form = form.ok_or(Stopped::Cannot(texts::FORM_REFUSED))?;
        let conversation = turn.activity.conversation.id.channel();
        let mut parts = vec!["bot", turn.tenant.as_str(), conversation.as_str()];
        parts.extend([turn.object()?.as_str(), form.as_str()]);
        parts.extend(what);
        claim_of(&parts).ok_or(Stopped::Failed(Failure::Fault { what: "claim" }))
    }

    /// What the button carries that does it.
    pub(super) fn data(&self) -> ActionData {
        self.data.clone()
    }

    /// What the button carries that asks for other fields.
    pub(super) fn reload_data(&self) -> ActionData {
        let mut data = self.data.clone();
        data.insert(STEP.to_owned(), Value::from(RELOAD));
        data
    }

    /// What was typed or chosen; nothing where the form did not have the field.
    pub(super) fn typed(&self, id: &str) -> &str {
        self.typed.get(id).map_or("", String::as_str)
    }

    /// Whether the form had the field.
    pub(super) fn has(&self, id: &str) -> bool {
        self.typed.contains_key(id)
    }

    /// Fills a field in.
    pub(super) fn fill(&mut self, id: &str, value: &str) {
        self.typed.insert(id.to_owned(), value.to_owned());
    }

    /// All that was typed, by the id of its field.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.typed.iter().map(|(id, value)| (id.as_str(), value.as_str()))
    }
}

/// Numbers come back as numbers or as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
impl Draft {
    /// A draft in which this was typed.
    pub(super) fn of(typed: &[(&str, &str)]) -> Self {
        let typed = typed.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned()));
        Self { data: ActionData::new(), reload: false, typed: typed.collect() }
    }
}
