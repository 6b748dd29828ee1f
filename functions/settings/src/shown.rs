//! What only reads: the values that hold, and the catalogue.

use std::collections::BTreeMap;

use http::StatusCode;
use lambda_http::Request;
use serde::Serialize;
use serde_json::json;
use tandem_domain::{
    ProjectId,
    settings::{CATALOGUE, EffectiveSettings, Scope, SettingValue, Source, Values},
};
use tandem_runtime::{
    App, field,
    http::{Answer, json as json_answer, query_parameter, request_id},
    session::signed_in,
};

use crate::access;

#[derive(Serialize)]
struct EffectiveResponse {
    value: SettingValue,
    source: Source,
}

#[derive(Serialize)]
struct DefinitionResponse {
    name: &'static str,
    scopes: &'static [Scope],
    values: Values,
    default: SettingValue,
    meaning: &'static str,
}

/// `GET /settings/effective?project=`: the values that hold for the person, and where each is from.
pub(crate) async fn effective(app: &App, request: &Request) -> Answer {
    let person = signed_in(app, request).await?;
    let project = query_parameter(request, "project")
        .map(|id| field::<ProjectId>("project", &id))
        .transpose()?;
    if let Some(project) = &project {
        access::may_browse(app, &person, &request_id(request)?, project).await?;
    }
    let session = &person.session;
    let settings = app
        .store
        .get_effective_settings(&session.cloud_id, project.as_ref(), Some(&session.account_id))
        .await?;
    json_answer(StatusCode::OK, &json!({"settings": by_name(&settings)}))
}

fn by_name(settings: &EffectiveSettings) -> BTreeMap<&'static str, EffectiveResponse> {
    CATALOGUE
        .iter()
        .map(|definition| {
            let (value, source) = settings.get(definition.name);
            (definition.name.as_str(), EffectiveResponse { value, source })
        })
        .collect()
}

/// `GET /settings/catalogue`: every setting there is.
pub(crate) async fn catalogue(app: &App, request: &Request) -> Answer {
    signed_in(app, request).await?;
    json_answer(StatusCode::OK, &json!({"settings": definitions()}))
}

fn definitions() -> Vec<DefinitionResponse> {
    let unset = EffectiveSettings::default();
    CATALOGUE
        .iter()
        .map(|definition| DefinitionResponse {
            name: definition.name.as_str(),
            scopes: definition.scopes,
            values: definition.values,
            default: unset.get(definition.name).0,
            meaning: definition.meaning,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_says_all_there_is_to_know() {
        let shown = serde_json::to_value(definitions()).unwrap();
        assert_eq!(shown.as_array().unwrap().len(), CATALOGUE.len());
        assert_eq!(
            shown[1],
            json!({
                "name": "comment_sync",
                "scopes": ["instance", "project"],
                "values": {"type": "choice", "of": ["off", "jira_to_teams", "both"]},
                "default": "both",
                "meaning": CATALOGUE[1].meaning,
            })
        );
        assert_eq!(shown[4]["values"], json!({"type": "tenant_ids"}));
        assert_eq!(shown[4]["default"], json!([]));
    }

    #[test]
    fn effective_values_name_their_source() {
        let shown = serde_json::to_value(by_name(&EffectiveSettings::default())).unwrap();
        assert_eq!(shown["comment_sync"], json!({"value": "both", "source": "default"}));
        assert_eq!(shown.as_object().unwrap().len(), CATALOGUE.len());
    }
}
