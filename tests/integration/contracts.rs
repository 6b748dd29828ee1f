//! Every request that Tandem makes of a vendor is one that the vendor's published contract allows.

mod calls;
mod oauth;
mod refusals;

use std::collections::{BTreeMap, BTreeSet};

use tandem_local::sandbox::gate::Recorded;

use crate::support::{Contracts, contracts, openapi::Sent};

/// Requests that no contract at hand knows: method, path (with `*` for an id) and why it is made
/// all the same.
const EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "POST",
    "/users/*/chats/*/messages/*/softDelete",
    "the path of Graph's documentation (chatmessage-softdelete), tried where the contract's \
     /chats/*/messages/*/microsoft.graph.softDelete is not known",
)];

/// Every operation that Tandem knows how to call.
const OPERATIONS: &[&str] = &[
    "DELETE /rest/api/3/issue/{issueIdOrKey}/comment/{id}",
    "DELETE /subscriptions/{subscription-id}",
    "GET /chats",
    "GET /chats/{chat-id}/messages",
    "GET /chats/{chat-id}/messages/{chatMessage-id}",
    "GET /rest/api/3/comment/{commentId}/properties/{propertyKey}",
    "GET /rest/api/3/issue/{issueIdOrKey}",
    "GET /rest/api/3/issue/{issueIdOrKey}/comment",
    "GET /rest/api/3/issue/{issueIdOrKey}/comment/{id}",
    "GET /rest/api/3/mypermissions",
    "GET /rest/api/3/myself",
    "GET /rest/api/3/user",
    "PATCH /chats/{chat-id}/messages/{chatMessage-id}",
    "PATCH /subscriptions/{subscription-id}",
    "POST /chats",
    "POST /chats/{chat-id}/messages",
    "POST /chats/{chat-id}/messages/{chatMessage-id}/microsoft.graph.softDelete",
    "POST /rest/api/3/issue/{issueIdOrKey}/comment",
    "POST /rest/api/3/issue/{issueIdOrKey}/remotelink",
    "POST /subscriptions",
    "PUT /rest/api/3/issue/{issueIdOrKey}/comment/{id}",
];

/// Sign-in, the sites of a grant and the signing keys: PROTOCOLS rather than a contract.
const SIGN_IN: &[&str] = &[
    "atlassian authorize",
    "atlassian sites",
    "atlassian token authorization_code",
    "atlassian token refresh_token",
    "entra authorize",
    "entra keys",
    "entra token authorization_code",
    "entra token refresh_token",
];

/// The operation that a recorded request is a call of, or what is wrong with it.
fn check(contracts: &Contracts, request: &Recorded) -> Result<String, String> {
    let sent = |path| Sent {
        method: &request.method,
        path,
        query: &request.query,
        content_type: &request.content_type,
        body: &request.body,
    };
    if let Some(rest) = request.path.strip_prefix("/atlassian/api/ex/jira/") {
        let path = rest.find('/').map(|end| &rest[end..]).ok_or("no path below the site")?;
        let operation = contracts.jira.check(&sent(path))?;
        return check_adf(contracts, request).map(|()| operation);
    }
    if let Some(path) = request.path.strip_prefix("/graph/v1.0") {
        let of_subscriptions = path.starts_with("/subscriptions");
        let graph = if of_subscriptions { &contracts.notifications } else { &contracts.teams };
        return graph.check(&sent(path));
    }
    oauth::check(request)
}

/// A comment's body is an Atlassian document.
fn check_adf(contracts: &Contracts, request: &Recorded) -> Result<(), String> {
    let Some(body) = request.json().filter(|_| request.path.contains("/comment")) else {
        return Ok(());
    };
    let wrong = contracts.adf.iter_errors(&body["body"]).map(|error| error.to_string()).next();
    wrong.map_or(Ok(()), |wrong| Err(format!("the comment is no Atlassian document: {wrong}")))
}

/// Whether a request is an exception, and which.
fn exception(request: &Recorded) -> Option<&'static str> {
    let path = request.path.strip_prefix("/graph/v1.0")?;
    let found = EXCEPTIONS.iter().find(|(method, pattern, _)| {
        let (known, given) = (pattern.split('/'), path.split('/'));
        request.method == *method
            && known.clone().count() == given.clone().count()
            && known.zip(given).all(|(known, given)| known == "*" || known == given)
    });
    found.map(|(_, pattern, _)| *pattern)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_to_a_vendor_is_one_that_its_contract_allows() {
    let Some(contracts) = contracts() else { return };
    let world = calls::every_kind().await;
    let recorded = world.stack.gate.recorded();
    let mut checked = BTreeMap::<String, usize>::new();
    let mut excepted = BTreeSet::new();
    let mut wrong = Vec::new();
    for request in &recorded {
        if let Some(pattern) = exception(request) {
            excepted.insert(pattern);
            continue;
        }
        match check(contracts, request) {
            Ok(operation) => *checked.entry(operation).or_default() += 1,
            Err(why) => wrong.push(format!("{} {}: {why}", request.method, request.path)),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let expected: BTreeSet<&str> = OPERATIONS.iter().chain(SIGN_IN).copied().collect();
    let called: BTreeSet<&str> = checked.keys().map(String::as_str).collect();
    assert_eq!(called, expected, "the flows call what Tandem can call, and nothing else");
    let listed: BTreeSet<&str> = EXCEPTIONS.iter().map(|(_, pattern, _)| *pattern).collect();
    assert_eq!(excepted, listed, "exceptions are those listed, and each is needed");
    eprintln!(
        "{} requests of {} operations are as the contracts say; {} exceptions: {excepted:?}",
        checked.values().sum::<usize>(),
        checked.len(),
        excepted.len(),
    );
}
