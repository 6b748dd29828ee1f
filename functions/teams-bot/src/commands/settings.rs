//! `settings`: what holds for the person.

use tandem_domain::{
    Failure,
    settings::{CATALOGUE, SettingValue, Source},
};
use tandem_microsoft::cards::{self, Card, SettingView};
use url::Url;

use super::texts;
use crate::{stopped::Stopped, turn::Turn};

/// Where a person's settings are shown and changed.
const PAGE: &str = "/my/settings";

pub(super) async fn show(turn: &Turn<'_>) -> Result<Card, Stopped> {
    let link = turn.me().await?.link;
    let settings =
        turn.app.store.get_effective_settings(&link.cloud_id, None, Some(&link.account_id)).await?;
    let shown: Vec<(&str, String, &str)> = CATALOGUE
        .iter()
        .filter_map(|definition| {
            let (value, source) = settings.get(definition.name);
            Some((texts::setting(definition.name)?, words(&value), whose(source)))
        })
        .collect();
    let shown: Vec<SettingView<'_>> =
        shown.iter().map(|(name, value, source)| SettingView { name, value, source }).collect();
    let page = Url::parse(&turn.app.config.public(PAGE))
        .map_err(|_| Failure::Fault { what: "public_url" })?;
    Ok(cards::settings(&shown, &page))
}

/// A value as people read it.
fn words(value: &SettingValue) -> String {
    match value {
        SettingValue::Choice(word) => (*word).to_owned(),
        SettingValue::Choices(words) => words.join(", "),
        SettingValue::Hours(hours) => hours.to_string(),
        SettingValue::TenantIds(ids) => ids.len().to_string(),
        SettingValue::ProjectId(id) => id.as_ref().map(ToString::to_string).unwrap_or_default(),
        SettingValue::IssueTypeId(id) => id.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

fn whose(source: Source) -> &'static str {
    match source {
        Source::User => "you",
        Source::Project => "the project",
        Source::Instance => "your organisation",
        Source::Default => "Tandem",
    }
}
