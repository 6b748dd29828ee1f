//! Searching with JQL.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::Page;
use crate::sandbox::jira::{
    answer::{Answer, Outcome, Refusal},
    body::Fields,
    call::Call,
    jql::{self, Jql},
};

/// A search, from either form of the operation.
struct Search {
    jql: String,
    fields: Vec<String>,
    size: usize,
    next: Option<String>,
}

/// `GET /search/jql`.
pub(super) async fn by_query(call: Call) -> Outcome {
    call.reads(&[
        "jql",
        "nextPageToken",
        "maxResults",
        "fields",
        "expand",
        "properties",
        "fieldsByKeys",
        "failFast",
        "reconcileIssues",
    ])?;
    let search = Search {
        jql: call.query("jql").unwrap_or_default().to_owned(),
        fields: call.query_list("fields").unwrap_or_default(),
        size: call.query_number("maxResults", 50)?,
        next: call.query("nextPageToken").map(str::to_owned),
    };
    run(&call, &search)
}

/// `POST /search/jql`.
pub(super) async fn by_body(call: Call) -> Outcome {
    call.reads(&[])?;
    let body = call.json()?;
    let fields = Fields::of(
        &body,
        &[
            "expand",
            "fields",
            "fieldsByKeys",
            "jql",
            "maxResults",
            "nextPageToken",
            "properties",
            "reconcileIssues",
        ],
    )?;
    let size = fields.number("maxResults")?.unwrap_or(50);
    let search = Search {
        jql: fields.text("jql")?.unwrap_or_default().to_owned(),
        fields: fields.texts("fields")?,
        size: usize::try_from(size).unwrap_or(usize::MAX),
        next: fields.text("nextPageToken")?.map(str::to_owned),
    };
    run(&call, &search)
}

fn run(call: &Call, search: &Search) -> Outcome {
    let Jql { query, order } = jql::parse(&search.jql)?;
    if !query.is_bounded() {
        return Err(Refusal::bad_request(
            "Unbounded JQL queries are not allowed here. Please add a search restriction to your \
             query.",
        ));
    }
    let page = Page { start: start(search.next.as_deref())?, size: search.size.clamp(1, 5000) };
    call.look(|actor| {
        let site = actor.site()?;
        query.check_values(site, actor.account)?;
        let mut found: Vec<_> = site
            .issues
            .values()
            .filter(|issue| site.may_see_issue(issue, actor.account))
            .filter(|issue| query.matches(site, issue, actor.account))
            .collect();
        order.sort(site, actor.account, &mut found);
        let shown: Vec<Value> = page
            .cut(&found)
            .iter()
            .map(|issue| match search.fields.as_slice() {
                [] => Ok(json!({"id": issue.id})),
                [only] if only == "id" => Ok(json!({"id": issue.id})),
                fields => actor.show_issue(issue, Some(fields)),
            })
            .collect::<Result<_, _>>()?;
        let end = page.start + shown.len();
        let mut answer = json!({"issues": shown, "isLast": end >= found.len()});
        if end < found.len() {
            answer["nextPageToken"] = json!(URL_SAFE_NO_PAD.encode(end.to_string()));
        }
        Ok(Answer::ok(answer))
    })
}

/// Where the page begins that the token stands for.
fn start(token: Option<&str>) -> Result<usize, Refusal> {
    let Some(token) = token else { return Ok(0) };
    URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Refusal::bad_request("The nextPageToken is not valid."))
}
