//! Webhooks that the app registers for itself.

use axum::http::StatusCode;
use serde_json::{Value, json};
use url::Url;

use super::Page;
use crate::sandbox::jira::{
    actor::Actor,
    answer::{Answer, Outcome, Refusal},
    body::Fields,
    call::Call,
    jql,
    model::RegisteredWebhook,
    webhooks::EVENTS,
};

const SCOPES: &[&str] = &["read:jira-work", "manage:jira-webhook"];
/// How many an app can have for one user of one site.
const MOST: usize = 5;
/// How long one lasts, in milliseconds.
const LASTS: i64 = 30 * 24 * 3600 * 1000;

/// `POST /webhook`: what is wrong with a single one is said inside a 200.
pub(super) async fn register(call: Call) -> Outcome {
    call.needs(SCOPES, &[])?;
    let body = call.json()?;
    let fields = Fields::of(&body, &["url", "webhooks"])?;
    let url = fields.required_text("url")?;
    if Url::parse(url).is_err() {
        return Err(Refusal::field("url", "'url' is not a valid URL."));
    }
    let details = fields.list("webhooks")?;
    if details.is_empty() {
        return Err(Refusal::field("webhooks", "'webhooks' is required."));
    }
    let drafts = details.iter().map(draft).collect::<Result<Vec<_>, _>>()?;
    let results: Vec<Value> = call.act(|actor| {
        drafts.into_iter().map(|draft| Ok(add(actor, url, draft)?.shown())).collect()
    })?;
    Ok(Answer::ok(json!({"webhookRegistrationResult": results})))
}

/// What became of one registration.
enum Registered {
    Created(u64),
    Wrong(String),
}

impl Registered {
    fn shown(&self) -> Value {
        match self {
            Self::Created(id) => json!({"createdWebhookId": id}),
            Self::Wrong(reason) => json!({"errors": [reason]}),
        }
    }
}

/// Reads one registration; its id, owner, address and end are set later.
fn draft(value: &Value) -> Result<RegisteredWebhook, Refusal> {
    let known = ["events", "jqlFilter", "fieldIdsFilter", "issuePropertyKeysFilter"];
    let fields = Fields::of(value, &known)?;
    let events = fields.texts("events")?;
    if events.is_empty() || events.iter().any(|event| !EVENTS.contains(&event.as_str())) {
        return Err(Refusal::field("events", "'events' must hold known events."));
    }
    let jql_filter = fields
        .text("jqlFilter")?
        .ok_or_else(|| Refusal::field("jqlFilter", "'jqlFilter' is required."))?
        .to_owned();
    Ok(RegisteredWebhook {
        id: 0,
        owner: String::new(),
        url: String::new(),
        events,
        jql_filter,
        field_ids: fields.texts("fieldIdsFilter")?,
        property_keys: fields.texts("issuePropertyKeysFilter")?,
        expires: 0,
    })
}

fn add(actor: &mut Actor<'_>, url: &str, draft: RegisteredWebhook) -> Result<Registered, Refusal> {
    if jql::parse(&draft.jql_filter).and_then(|filter| filter.query.check_filter()).is_err() {
        let text = "The jqlFilter is not valid, or uses what webhooks do not support.";
        return Ok(Registered::Wrong(text.to_owned()));
    }
    let (owner, expires) = (actor.account.to_owned(), actor.now + LASTS);
    let id: u64 = actor.cloud.next_id().parse().unwrap_or_default();
    let hooks = actor.registered_mut()?;
    if hooks.iter().any(|hook| hook.owner == owner && hook.url != url) {
        let text = "Only a single URL per app is allowed to be registered via REST API.";
        return Ok(Registered::Wrong(text.to_owned()));
    }
    if hooks.iter().filter(|hook| hook.owner == owner).count() >= MOST {
        let text = "The app has as many webhooks for this user as it can have.";
        return Ok(Registered::Wrong(text.to_owned()));
    }
    hooks.push(RegisteredWebhook { id, owner, url: url.to_owned(), expires, ..draft });
    Ok(Registered::Created(id))
}

/// `GET /webhook`: the caller's own.
pub(super) async fn list(call: Call) -> Outcome {
    call.needs(SCOPES, &["startAt", "maxResults"])?;
    let page = Page::of(&call, 100, 100)?;
    call.look(|actor| {
        let values: Vec<Value> = actor
            .site()?
            .webhooks
            .iter()
            .filter(|hook| hook.owner == actor.account && hook.expires > actor.now)
            .map(shown)
            .collect();
        Ok(Answer::ok(page.bean(&values)))
    })
}

fn shown(hook: &RegisteredWebhook) -> Value {
    let mut shown = json!({
        "id": hook.id,
        "url": hook.url,
        "jqlFilter": hook.jql_filter,
        "events": hook.events,
        "expirationDate": hook.expires,
    });
    if !hook.field_ids.is_empty() {
        shown["fieldIdsFilter"] = json!(hook.field_ids);
    }
    if !hook.property_keys.is_empty() {
        shown["issuePropertyKeysFilter"] = json!(hook.property_keys);
    }
    shown
}

fn ids(body: &Value) -> Result<Vec<u64>, Refusal> {
    let ids = Fields::of(body, &["webhookIds"])?.numbers("webhookIds")?;
    if ids.is_empty() {
        return Err(Refusal::field("webhookIds", "'webhookIds' is required."));
    }
    Ok(ids)
}

/// `DELETE /webhook`; ids that are not the caller's are passed over.
pub(super) async fn delete(call: Call) -> Outcome {
    call.needs(SCOPES, &[])?;
    let ids = ids(&call.json()?)?;
    call.act(|actor| {
        let owner = actor.account.to_owned();
        actor.registered_mut()?.retain(|hook| hook.owner != owner || !ids.contains(&hook.id));
        Ok(Answer::empty(StatusCode::ACCEPTED))
    })
}

/// `PUT /webhook/refresh`.
pub(super) async fn refresh(call: Call) -> Outcome {
    call.needs(SCOPES, &[])?;
    let ids = ids(&call.json()?)?;
    call.act(|actor| {
        let (owner, expires) = (actor.account.to_owned(), actor.now + LASTS);
        for hook in actor.registered_mut()?.iter_mut() {
            if hook.owner == owner && ids.contains(&hook.id) {
                hook.expires = expires;
            }
        }
        Ok(Answer::ok(json!({"expirationDate": expires})))
    })
}
