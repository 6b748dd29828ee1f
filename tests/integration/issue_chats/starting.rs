//! Starting a chat: with whom, who may, and what comes of it.

use std::collections::BTreeSet;

use serde_json::json;
use tandem_domain::{ChatId, Clock, CloudId, IssueId, TenantId};
use tandem_local::sandbox::{gate::Strike, microsoft::ChatType};

use super::{
    CLOUD, HIDDEN_ISSUE, Hands, ISSUE, NO_ISSUE, OTHER_TENANT, PROJECT, SECOND_ISSUE,
    SECURED_ISSUE, TENANT, answer, error, refusal,
};
use crate::support::world;

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_made_as_the_person_with_those_who_are_linked() {
    let world = world().await;
    world.more_issues();
    let ada = world.hands_of(&world.ada).await;
    let (status, made) =
        answer(ada.start(SECOND_ISSUE, &[&world.ben.account, &world.cleo.account])).await;
    assert_eq!(status, 201, "{made}");
    let id = made["chatId"].as_str().unwrap().to_owned();
    let expected = json!({
        "chatId": id, "tenantId": TENANT, "unlinked": [world.cleo.account],
        "shownInIssue": true, "listening": true,
    });
    assert_eq!(made, expected);
    let chat = world.chat_named(&id);
    assert_eq!(
        (chat.chat_type, chat.topic.as_deref()),
        (ChatType::Group, Some("TEST-2 Issue  number 10002"))
    );
    let members: BTreeSet<&str> = chat.members.iter().map(|it| it.object_id.as_str()).collect();
    assert_eq!(members, BTreeSet::from([world.ada.object.as_str(), &world.ben.object]));

    let (cloud, issue) = (CloudId::parse(CLOUD).unwrap(), IssueId::parse(SECOND_ISSUE).unwrap());
    let (tenant, chat) = (TenantId::parse(TENANT).unwrap(), ChatId::parse(&id).unwrap());
    let store = &world.stack.app.store;
    let by_issue = store.list_chats_by_issue(&cloud, &issue).await.unwrap();
    assert_eq!(by_issue, store.list_issues_by_chat(&tenant, &chat).await.unwrap());
    assert_eq!(by_issue.len(), 1);
    let link = &by_issue[0];
    assert_eq!(link.chat_id, chat);
    assert_eq!(
        [link.project_id.as_str(), link.created_by.as_str(), link.creator_object_id.as_str()],
        [PROJECT, &world.ada.account, &world.ada.object]
    );

    let shown = world.remote_links(SECOND_ISSUE).await;
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["globalId"], format!("tandem-chat={TENANT}&{id}"));
    let address = shown[0]["object"]["url"].as_str().unwrap();
    let path = address.strip_prefix("https://teams.microsoft.com/l/chat/").unwrap();
    assert!(path.contains(&id[3..35]) && path.contains(TENANT), "{address}");

    let resource = format!("/chats/{id}/messages");
    let subscriptions = world.stack.microsoft.subscriptions();
    let ours =
        subscriptions.iter().find(|it| it.resource.trim_start_matches('/') == &resource[1..]);
    let ours = ours.unwrap();
    assert_eq!((&ours.creator_id, &ours.tenant_id), (&world.ada.object, &TENANT.to_owned()));
    let known = store.find_chat_subscription(&tenant, &chat).await.unwrap().unwrap();
    assert_eq!(known.subscription_id.unwrap().as_str(), ours.id);
    assert!(known.renew_at > world.stack.clock.now());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_member_counts_once_and_the_caller_is_one_already() {
    let world = world().await;
    let ada = world.hands_of(&world.ada).await;
    let (ben, me) = (world.ben.account.as_str(), world.ada.account.as_str());
    let (status, made) = answer(ada.start(ISSUE, &[ben, me, ben, ben])).await;
    assert_eq!((status, &made["unlinked"]), (201, &json!([])));
    assert_eq!(world.chat_named(made["chatId"].as_str().unwrap()).members.len(), 2);
    let body = json!({"members": [ben], "topic": "key"});
    let (status, made) = answer(ada.change(&format!("/issues/{ISSUE}/chats"), &body)).await;
    assert_eq!(status, 201);
    assert_eq!(world.chat_named(made["chatId"].as_str().unwrap()).topic.as_deref(), Some("TEST-1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nobody_else_linked_it_is_409_and_says_who_is_missing() {
    let world = world().await;
    let ada = world.hands_of(&world.ada).await;
    let elsewhere = world.person_of(CLOUD, OTHER_TENANT).await;
    let (cleo, me) = (world.cleo.account.as_str(), world.ada.account.as_str());
    let nobody = "712020:ffffffff-0000-4000-8000-ffffffffffff";
    let kept = async || {
        let claims = world.stack.items_of("claim").await.len();
        (world.chats().len(), world.stack.items_of("chat_link").await.len(), claims)
    };
    let before = kept().await;
    for members in [&[][..], &[me], &[cleo], &[cleo, nobody, me], &[elsewhere.account.as_str()]] {
        let (status, refused) = answer(ada.start(ISSUE, members)).await;
        assert_eq!((status, &refused["code"]), (409, &json!("nobody_linked")), "{members:?}");
        let detail = refused["detail"].as_str().unwrap();
        for member in members {
            assert_eq!(detail.contains(member), *member != me, "{member}: {detail}");
        }
    }
    assert_eq!(kept().await, before, "nothing was made");
    let (status, made) = answer(ada.start(ISSUE, &[&world.ben.account, &elsewhere.account])).await;
    assert_eq!((status, &made["unlinked"]), (201, &json!([elsewhere.account])));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_that_the_person_may_not_see_is_404_like_one_that_is_not_there() {
    let world = world().await;
    world.more_issues();
    let dan = world.linked("Dan Rowe").await;
    let hands = world.hands_of(&dan).await;
    let before = world.chats().len();
    world.stack.gate.forget();
    let missing = answer(hands.start(NO_ISSUE, &[&world.ben.account])).await;
    assert_eq!((missing.0, &missing.1["code"]), (404, &json!("not_found")));
    for hidden in [HIDDEN_ISSUE, SECURED_ISSUE] {
        assert_eq!(answer(hands.start(hidden, &[&world.ben.account])).await, missing, "{hidden}");
    }
    assert_eq!(world.calls("POST", "/graph"), 0);
    let ada = world.hands_of(&world.ada).await;
    assert_eq!(answer(ada.start(HIDDEN_ISSUE, &[&dan.account])).await.0, 201, "Ada may");
    assert_eq!(world.chats().len(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_with_a_security_level_stays_in_jira_unless_a_setting_lets_it() {
    let mut world = world().await;
    world.more_issues();
    let before = world.chats().len();
    {
        let ada = world.hands_of(&world.ada).await;
        let refused = refusal(ada.start(SECURED_ISSUE, &[&world.ben.account])).await;
        assert_eq!(refused, error(403, "secured_issue"));
        assert_eq!(world.chats().len(), before);
    }
    world.set(json!({"secured_issues": "allowed"})).await;
    let ada = world.hands_of(&world.ada).await;
    assert_eq!(answer(ada.start(SECURED_ISSUE, &[&world.ben.account])).await.0, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_the_site_does_not_allow_gets_no_chat() {
    let mut world = world().await;
    let mut browser = world.ada.browser(&world.stack).await;
    world.set(json!({"allowed_tenants": [OTHER_TENANT]})).await;
    let before = world.chats().len();
    let ada = Hands::of(&world.stack, &mut browser).await;
    let refused = refusal(ada.start(ISSUE, &[&world.ben.account])).await;
    assert_eq!((refused, world.chats().len()), (error(403, "tenant_not_allowed"), before));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_400_and_names_the_field() {
    let world = world().await;
    let ada = world.hands_of(&world.ada).await;
    let ben = world.ben.account.as_str();
    world.stack.gate.forget();
    let many: Vec<String> = (0..51).map(|n| format!("712020:{n}")).collect();
    for (body, code, names) in [
        (json!({"members": ["Grace Hopper"]}), "invalid_field", "members[0]"),
        (json!({"members": [ben, "grace@example.com"]}), "invalid_field", "members[1]"),
        (json!({"members": [""]}), "invalid_field", "members[0]"),
        (json!({"members": many}), "too_many_members", "50"),
        (json!({"members": ben}), "invalid_json", "column"),
        (json!({"members": [1]}), "invalid_json", "column"),
        (json!({}), "invalid_json", "column"),
        (json!({"members": [ben], "topic": "Lunch"}), "invalid_json", "column"),
        (json!({"members": [ben], "title": "Lunch"}), "invalid_json", "column"),
        (json!([ben]), "invalid_json", "column"),
    ] {
        let (status, refused) = answer(ada.change(&format!("/issues/{ISSUE}/chats"), &body)).await;
        assert_eq!((status, &refused["code"]), (400, &json!(code)), "{body}");
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains(names), "{body}: {detail}");
        for said in ["Grace", "grace", "Lunch"] {
            assert!(!detail.contains(said), "{detail}");
        }
    }
    for issue in ["TEST-1", "10001%20or%201", "123456789012345678901"] {
        let (status, refused) = answer(ada.start(issue, &[ben])).await;
        assert_eq!((status, &refused["detail"]), (400, &json!("issueId is not a valid issue id")));
    }
    assert_eq!(world.stack.gate.recorded().len(), 0, "no vendor was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_it_is_401_and_without_the_token_403() {
    let world = world().await;
    let ada = world.hands_of(&world.ada).await;
    let path = format!("/issues/{ISSUE}/chats");
    let body = json!({"members": [world.ben.account]});
    let before = world.chats().len();
    world.stack.gate.forget();
    let nobody = world.stack.request("POST", &path).json(&body);
    assert_eq!(refusal(nobody).await, error(401, "not_signed_in"));
    let guessed = world.stack.request("POST", &path).json(&body);
    let guessed = guessed.header("cookie", "__Host-tandem=guess").header("x-csrf-token", &ada.csrf);
    assert_eq!(refusal(guessed).await, error(401, "not_signed_in"));
    assert_eq!(refusal(ada.unguarded(&path, &body)).await, error(403, "csrf"));
    let ben = world.hands_of(&world.ben).await;
    for token in ["", "guess", &ben.csrf] {
        let wrong = ada.unguarded(&path, &body).header("x-csrf-token", token);
        assert_eq!(refusal(wrong).await, error(403, "csrf"), "{token}");
    }
    assert_eq!(world.calls("POST", "/graph/v1.0/chats"), 0);
    world.stack.clock.advance(std::time::Duration::from_hours(8));
    assert_eq!(refusal(ada.start(ISSUE, &[&world.ben.account])).await, error(401, "not_signed_in"));
    assert_eq!(world.chats().len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_vendor_puts_off_is_503_with_its_time() {
    let world = world().await;
    let ada = world.hands_of(&world.ada).await;
    let before = world.chats().len();
    for (method, path, end, status, after) in [
        ("GET", "/atlassian/api/ex/jira/", ISSUE, 429, "7"),
        ("GET", "/atlassian/api/ex/jira/", ISSUE, 500, "1"),
        ("POST", "/graph/v1.0/chats", "/chats", 429, "7"),
        ("POST", "/graph/v1.0/chats", "/chats", 503, "1"),
    ] {
        world.fail(method, path, end, Strike::Before, status, 5);
        let sent = ada.start(ISSUE, &[&world.ben.account]).send().await.unwrap();
        assert_eq!(sent.status(), 503, "{method} {path} {status}");
        assert_eq!(sent.headers()["retry-after"], after, "{method} {path} {status}");
        world.stack.gate.mend();
    }
    assert_eq!(world.chats().len(), before);
    assert_eq!(answer(ada.start(ISSUE, &[&world.ben.account])).await.0, 201);
}
