//! Every request that Tandem makes of a vendor is one that the vendor's published contract allows,
//! and so is every answer of the bot's, with every card in either.

mod answers;
mod bot;
mod calls;
mod cards;
mod oauth;
mod refusals;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tandem_local::sandbox::gate::Recorded;

use self::bot::Answered;
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
    "DELETE /rest/api/3/issue/{issueIdOrKey}/remotelink",
    "DELETE /rest/api/3/webhook",
    "DELETE /subscriptions/{subscription-id}",
    "GET /chats",
    "GET /chats/{chat-id}",
    "GET /chats/{chat-id}/messages",
    "GET /chats/{chat-id}/messages/{chatMessage-id}",
    "GET /rest/api/3/comment/{commentId}/properties/{propertyKey}",
    "GET /rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes",
    "GET /rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}",
    "GET /rest/api/3/issue/{issueIdOrKey}",
    "GET /rest/api/3/issue/{issueIdOrKey}/comment",
    "GET /rest/api/3/issue/{issueIdOrKey}/comment/{id}",
    "GET /rest/api/3/issue/{issueIdOrKey}/transitions",
    "GET /rest/api/3/issue/{issueIdOrKey}/watchers",
    "GET /rest/api/3/mypermissions",
    "GET /rest/api/3/myself",
    "GET /rest/api/3/priority",
    "GET /rest/api/3/project/search",
    "GET /rest/api/3/project/{projectIdOrKey}",
    "GET /rest/api/3/user",
    "GET /rest/api/3/user/assignable/search",
    "GET /rest/api/3/webhook",
    "PATCH /chats/{chat-id}/messages/{chatMessage-id}",
    "PATCH /subscriptions/{subscription-id}",
    "POST /chats",
    "POST /chats/{chat-id}/messages",
    "POST /chats/{chat-id}/messages/{chatMessage-id}/microsoft.graph.softDelete",
    "POST /rest/api/3/issue",
    "POST /rest/api/3/issue/{issueIdOrKey}/comment",
    "POST /rest/api/3/issue/{issueIdOrKey}/remotelink",
    "POST /rest/api/3/issue/{issueIdOrKey}/transitions",
    "POST /rest/api/3/issue/{issueIdOrKey}/watchers",
    "POST /rest/api/3/search/jql",
    "POST /rest/api/3/webhook",
    "POST /subscriptions",
    "POST /v3/conversations",
    "POST /v3/conversations/{conversationId}/activities",
    "POST /v3/conversations/{conversationId}/activities/{activityId}",
    "PUT /rest/api/3/issue/{issueIdOrKey}/assignee",
    "PUT /rest/api/3/issue/{issueIdOrKey}/comment/{id}",
    "PUT /rest/api/3/webhook/refresh",
    "PUT /v3/conversations/{conversationId}/activities/{activityId}",
];

/// Sign-in, the sites of a grant and the signing keys: PROTOCOLS rather than a contract.
const SIGN_IN: &[&str] = &[
    "atlassian authorize",
    "atlassian report of accounts",
    "atlassian sites",
    "atlassian token authorization_code",
    "atlassian token refresh_token",
    "bot keys",
    "entra authorize",
    "entra keys",
    "entra token authorization_code",
    "entra token client_credentials",
    "entra token refresh_token",
    "entra token urn:ietf:params:oauth:grant-type:jwt-bearer",
];

/// Every kind of answer that the bot gives to an invoke: its name, the status, and what is in it.
const ANSWERS: &[&str] = &[
    "adaptiveCard/action 200 application/vnd.microsoft.activity.message",
    "adaptiveCard/action 200 application/vnd.microsoft.card.adaptive",
    "adaptiveCard/action 400 application/vnd.microsoft.error",
    "application/search 200 application/vnd.microsoft.search.searchResponse",
    "composeExtension/anonymousQueryLink 200 composeExtension result",
    "composeExtension/fetchTask 200 composeExtension auth",
    "composeExtension/fetchTask 200 task continue",
    "composeExtension/fetchTask 200 task message",
    "composeExtension/query 200 composeExtension auth",
    "composeExtension/query 200 composeExtension message",
    "composeExtension/query 200 composeExtension result",
    "composeExtension/queryLink 200 composeExtension auth",
    "composeExtension/queryLink 200 composeExtension result",
    "composeExtension/selectItem 200 composeExtension auth",
    "composeExtension/selectItem 200 composeExtension message",
    "composeExtension/selectItem 200 composeExtension result",
    "composeExtension/setting 200 -",
    "composeExtension/submitAction 200 composeExtension result",
    "composeExtension/submitAction 200 task continue",
    "composeExtension/submitAction 200 task message",
    "fileConsent/invoke 200 -",
    "signin/failure 200 -",
    "signin/tokenExchange 200 -",
    "signin/tokenExchange 412 failureDetail",
    "signin/verifyState 200 -",
    "signin/verifyState 412 -",
    "task/fetch 200 -",
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
    if let Some(path) = request.path.strip_prefix("/connector") {
        let operation = contracts.bot.check(&sent(path))?;
        return check_channel_data(contracts, request).map(|()| operation);
    }
    if let Some(path) = request.path.strip_prefix("/graph/v1.0") {
        let of_subscriptions = path.starts_with("/subscriptions");
        let graph = if of_subscriptions { &contracts.notifications } else { &contracts.teams };
        return graph.check(&sent(path));
    }
    oauth::check(request)
}

/// A comment's body is an Atlassian document, and so is a new issue's description.
fn check_adf(contracts: &Contracts, request: &Recorded) -> Result<(), String> {
    let Some(body) = request.json() else { return Ok(()) };
    let document = match request.path.as_str() {
        path if path.contains("/comment") => &body["body"],
        path if path.ends_with("/issue") => &body["fields"]["description"],
        _ => return Ok(()),
    };
    if document.is_null() && request.path.ends_with("/issue") {
        return Ok(());
    }
    let wrong = contracts.adf.iter_errors(document).map(|error| error.to_string()).next();
    wrong.map_or(Ok(()), |wrong| Err(format!("there is no Atlassian document: {wrong}")))
}

/// The Connector's contract leaves open what a channel adds; of Teams there is one of its own.
fn check_channel_data(contracts: &Contracts, request: &Recorded) -> Result<(), String> {
    let Some(body) = request.json() else { return Ok(()) };
    for data in [&body["channelData"], &body["activity"]["channelData"]] {
        if !data.is_null() {
            contracts.bot_in_teams.check_value_of("TeamsChannelData", data)?;
        }
    }
    Ok(())
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
async fn every_request_answer_and_card_is_one_that_its_contract_allows() {
    let Some(contracts) = contracts() else { return };
    let (world, answers) = calls::every_kind().await;
    let recorded = world.stack.gate.recorded();
    check_requests(contracts, &recorded);
    check_answers(contracts, &answers);
    let bodies: Vec<Value> = recorded.iter().filter_map(Recorded::json).collect();
    check_cards(bodies.iter().chain(answers.iter().map(|answered| &answered.body)));
}

fn check_requests(contracts: &Contracts, recorded: &[Recorded]) {
    let mut checked = BTreeMap::<String, usize>::new();
    let mut excepted = BTreeSet::new();
    let mut wrong = Vec::new();
    for request in recorded {
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

fn check_answers(contracts: &Contracts, answers: &[Answered]) {
    let mut kinds = BTreeSet::new();
    let mut wrong = Vec::new();
    for answered in answers {
        match answers::check(contracts, answered) {
            Ok(kind) => drop(kinds.insert(kind)),
            Err(why) => wrong.push(format!("{}: {why}", answered.invoke)),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let expected: BTreeSet<String> = ANSWERS.iter().map(|kind| (*kind).to_owned()).collect();
    assert_eq!(kinds, expected, "every kind of answer is given, and no other");
    eprintln!("{} answers to invokes, of {} kinds, are as documented", answers.len(), kinds.len());
}

fn check_cards<'a>(bodies: impl Iterator<Item = &'a Value>) {
    let Some(schema) = cards::schema() else { return };
    let mut seen = BTreeSet::new();
    for card in bodies.flat_map(cards::cards_in) {
        let faults = cards::faults(&schema, card);
        assert!(faults.is_empty(), "{faults:#?} in {card}");
        seen.insert(card.to_string());
    }
    assert!(seen.len() > 50, "{}", seen.len());
    eprintln!("{} different cards fit the published schema", seen.len());
}
