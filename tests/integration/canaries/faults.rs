//! Every call to a vendor is refused in every way, with markers in the reasons.

use std::time::Duration;

use serde_json::json;
use tandem_local::sandbox::gate::{Fault, Strike};

use super::{
    bot::troubles,
    flows::upkeep,
    scene::{OTHER_ISSUE, Scene},
};
use crate::support::{CLOUD, people::ISSUE};

/// How a call is refused; 200 is a success that says something else than it should.
const STATUSES: [u16; 8] = [200, 400, 401, 403, 404, 429, 500, 503];
/// How many of these one call meets; the next call meets others.
const MET: usize = 3;
/// The same of the bot's calls, of which there are more.
const MET_BY_THE_BOT: usize = 2;

/// What makes Tandem call.
#[derive(Clone, Copy, Debug)]
enum Drive {
    Comment,
    EditedComment,
    DeletedComment,
    Message,
    EditedMessage,
    DeletedMessage,
    NewChat,
    Panel,
    Settings,
    SignIn,
    Upkeep,
    Bot(troubles::Drive),
}

/// A call: method, what the path begins and ends with, and what makes Tandem call.
type Call = (&'static str, String, String, Drive);

fn calls() -> Vec<Call> {
    let rest = format!("/atlassian/api/ex/jira/{CLOUD}/rest/api/3");
    let issue = format!("{rest}/issue/{ISSUE}");
    let chats = || "/graph/v1.0/chats".to_owned();
    let any = String::new;
    vec![
        ("GET", issue.clone(), format!("/{ISSUE}"), Drive::Comment),
        ("GET", format!("{issue}/comment/"), any(), Drive::Comment),
        ("GET", format!("{rest}/comment/"), "/tandem.message".to_owned(), Drive::Comment),
        ("POST", chats(), "/messages".to_owned(), Drive::Comment),
        ("PATCH", chats(), any(), Drive::EditedComment),
        ("POST", chats(), "softDelete".to_owned(), Drive::DeletedComment),
        ("GET", chats(), any(), Drive::Message),
        ("GET", issue.clone(), format!("/{ISSUE}"), Drive::Message),
        ("POST", issue.clone(), "/comment".to_owned(), Drive::Message),
        ("PUT", format!("{issue}/comment/"), any(), Drive::EditedMessage),
        ("DELETE", format!("{issue}/comment/"), any(), Drive::DeletedMessage),
        ("POST", chats(), "/chats".to_owned(), Drive::NewChat),
        ("POST", "/graph/v1.0/subscriptions".to_owned(), any(), Drive::NewChat),
        ("POST", rest.clone(), "/remotelink".to_owned(), Drive::NewChat),
        ("GET", chats(), "/messages".to_owned(), Drive::Panel),
        ("GET", rest.clone(), "/mypermissions".to_owned(), Drive::Settings),
        ("GET", "/atlassian/api/oauth".to_owned(), any(), Drive::SignIn),
        ("GET", rest, "/myself".to_owned(), Drive::SignIn),
        ("PATCH", "/graph/v1.0/subscriptions".to_owned(), any(), Drive::Upkeep),
    ]
}

/// Each call meets some of the refusals, all calls together all of them many times; the token
/// endpoints come last, since they end grants.
pub async fn of_every_call(scene: &mut Scene) {
    let mut statuses = STATUSES.into_iter().cycle();
    for call in calls() {
        met(scene, statuses.by_ref().take(MET), call).await;
    }
    troubles::begin(scene).await;
    for (method, path, end, drive) in troubles::calls() {
        let call = (method, path, end, Drive::Bot(drive));
        met(scene, statuses.by_ref().take(MET_BY_THE_BOT), call).await;
    }
    of_tokens(scene).await;
}

async fn met(
    scene: &mut Scene,
    statuses: impl Iterator<Item = u16>,
    (method, path, end, drive): Call,
) {
    for status in statuses {
        if let Drive::Bot(drive) = drive {
            troubles::prepare(scene, drive).await;
        }
        let before = scene.stack.gate.recorded().len();
        scene.fail(method, &path, &end, status, 1);
        run(scene, drive).await;
        scene.stack.settled_in_time().await;
        let recorded = scene.stack.gate.recorded();
        let struck = recorded[before..].iter().any(|request| {
            request.method == method
                && request.path.starts_with(&path)
                && request.path.ends_with(&end)
        });
        assert!(struck, "{drive:?} did not call {method} {path}*{end}");
        scene.stack.gate.mend();
    }
}

async fn of_tokens(scene: &mut Scene) {
    for (path, end) in [("/atlassian/login/", "/token"), ("/entra/", "/token")] {
        for status in [200, 400, 401, 403, 429, 500] {
            refuse_token(scene, path, end, status);
            run(scene, Drive::SignIn).await;
            scene.stack.gate.mend();
        }
        for status in [503, 429, 400] {
            scene.stack.clock.advance(Duration::from_mins(56));
            refuse_token(scene, path, end, status);
            run(scene, Drive::Comment).await;
            scene.stack.settled_in_time().await;
            scene.stack.gate.mend();
        }
        let (ben, mut browser) = (scene.ben.clone(), scene.stack.browser());
        let again = browser.sign_in(&ben.account, &ben.object).await;
        assert_eq!(again.status, 200, "{}", again.body);
    }
    scene.sign_in().await;
}

/// The next token request is refused, in the form of OAuth 2.0.
fn refuse_token(scene: &Scene, path: &str, end: &str, status: u16) {
    let marker = || scene.markers.at(format!("the reason of a {status} of {path}*{end}"));
    // A refusal of the grant itself where the status is 400, anything else otherwise.
    let error = if status == 400 { "invalid_grant".to_owned() } else { marker() };
    let body = json!({
        "error": error, "error_description": marker(), "error_codes": [70000],
        "suberror": marker(), "claims": marker(), "trace_id": marker(), "error_uri": marker(),
    });
    let fault = Fault {
        method: http::Method::POST,
        path: path.to_owned(),
        path_end: end.to_owned(),
        strike: Strike::Before,
        status: status.try_into().unwrap(),
        retry_after: (status == 429).then_some(3),
        times: 1,
    };
    scene.stack.gate.fail_with(fault, body.to_string());
}

async fn run(scene: &mut Scene, drive: Drive) {
    let (ben, settle) = (scene.ben.clone(), &scene.stack);
    match drive {
        Drive::Comment => drop(scene.comment(&ben).await),
        Drive::EditedComment | Drive::DeletedComment => {
            // The faults are for what follows, not for the comment itself.
            let comment = scene.comment(&ben).await;
            settle.settled_in_time().await;
            let deed = match drive {
                Drive::EditedComment => json!({"action": "edit_comment", "comment": comment,
                    "text": scene.markers.at("the text of a comment")}),
                _ => json!({"action": "delete_comment", "comment": comment}),
            };
            scene.in_jira(&ben, deed).await;
        }
        Drive::Message => drop(scene.write(&ben).await),
        Drive::EditedMessage | Drive::DeletedMessage => {
            let message = scene.write(&ben).await;
            settle.settled_in_time().await;
            let deed = match drive {
                Drive::EditedMessage => json!({"action": "edit", "messageId": message,
                    "text": scene.markers.at("the text of a message")}),
                _ => json!({"action": "delete", "messageId": message}),
            };
            scene.in_teams(&ben, deed).await;
        }
        Drive::NewChat => drop(scene.start_chat(OTHER_ISSUE).await),
        Drive::Panel => {
            scene.sign_in().await;
            drop(scene.browser.get(&format!("/issues/{ISSUE}/chats")).await);
        }
        Drive::Settings => {
            scene.sign_in().await;
            let body = json!({"appearance": "light"});
            drop(scene.browser.change("PUT", "/settings/instance", &body).await);
        }
        Drive::SignIn => {
            let (ada, mut browser) = (scene.ada.clone(), scene.stack.browser());
            let page = browser.sign_in(&ada.account, &ada.object).await;
            let told = scene.markers.in_text(&page.body);
            assert!(
                page.status == 200 || told.is_empty(),
                "a vendor's words are shown: {}",
                page.body
            );
        }
        Drive::Bot(drive) => troubles::run(scene, drive).await,
        Drive::Upkeep => {
            scene.stack.clock.advance(Duration::from_hours(49));
            upkeep(scene).await;
        }
    }
}
