//! Jira's REST API, version 3: the operations Tandem and its tests have a use for.

mod comments;
mod create_meta;
mod issues;
mod links;
mod people;
mod projects;
mod properties;
mod search;
mod transitions;
mod webhooks;

use axum::{Router, routing};
use serde_json::{Value, json};

use super::{JiraSandbox, answer::Refusal, call::Call};

/// Everything below `/rest/api/3` of a site.
pub(crate) fn router() -> Router<JiraSandbox> {
    Router::new()
        .route("/myself", routing::get(people::myself))
        .route("/mypermissions", routing::get(people::my_permissions))
        .route("/user", routing::get(people::user))
        .route("/user/assignable/search", routing::get(people::assignable))
        .route("/priority", routing::get(projects::priorities))
        .route("/issue/createmeta/{project}/issuetypes", routing::get(create_meta::issue_types))
        .route(
            "/issue/createmeta/{project}/issuetypes/{issueType}",
            routing::get(create_meta::fields),
        )
        .route("/issue", routing::post(issues::create))
        .route(
            "/issue/{issue}",
            routing::get(issues::read).put(issues::edit).delete(issues::delete),
        )
        .route("/issue/{issue}/assignee", routing::put(issues::assign))
        .route(
            "/issue/{issue}/transitions",
            routing::get(transitions::list).post(transitions::take),
        )
        .route("/issue/{issue}/comment", routing::get(comments::list).post(comments::add))
        .route(
            "/issue/{issue}/comment/{comment}",
            routing::get(comments::read).put(comments::edit).delete(comments::delete),
        )
        .route("/comment/{comment}/properties", routing::get(properties::comment_keys))
        .route(
            "/comment/{comment}/properties/{key}",
            routing::get(properties::of_comment)
                .put(properties::set_on_comment)
                .delete(properties::delete_from_comment),
        )
        .route(
            "/issue/{issue}/properties/{key}",
            routing::get(properties::of_issue)
                .put(properties::set_on_issue)
                .delete(properties::delete_from_issue),
        )
        .route(
            "/issue/{issue}/remotelink",
            routing::get(links::list).post(links::put).delete(links::delete),
        )
        .route(
            "/issue/{issue}/watchers",
            routing::get(people::watchers).post(people::watch).delete(people::unwatch),
        )
        .route("/search/jql", routing::get(search::by_query).post(search::by_body))
        .route("/project/search", routing::get(projects::search))
        .route("/project/{project}", routing::get(projects::read))
        .route(
            "/webhook",
            routing::get(webhooks::list).post(webhooks::register).delete(webhooks::delete),
        )
        .route("/webhook/refresh", routing::put(webhooks::refresh))
        .fallback(no_such_operation)
}

/// What Jira answers where there is no operation.
async fn no_such_operation() -> Refusal {
    Refusal::not_found("There is no such operation on this simulated site.")
}

/// One page of a list: which part was asked for.
#[derive(Clone, Copy)]
struct Page {
    start: usize,
    size: usize,
}

impl Page {
    /// `startAt` and `maxResults` of the call; never more than `most` at once.
    fn of(call: &Call, default: usize, most: usize) -> Result<Self, Refusal> {
        let size = call.query_number("maxResults", default)?.min(most);
        Ok(Self { start: call.query_number("startAt", 0)?, size })
    }

    /// The part of the list.
    fn cut<T>(self, list: &[T]) -> &[T] {
        let start = self.start.min(list.len());
        &list[start..(start + self.size).min(list.len())]
    }

    /// The list in Jira's page bean.
    fn bean(self, values: &[Value]) -> Value {
        let shown = self.cut(values);
        json!({
            "startAt": self.start,
            "maxResults": self.size,
            "total": values.len(),
            "isLast": self.start + shown.len() >= values.len(),
            "values": shown,
        })
    }
}
