//! Somebody whose sign-in a vendor ended is told so once, where they are.

use std::time::Duration;

use serde_json::json;
use tandem_domain::{GrantState, Subject};
use tandem_local::sandbox::microsoft::Installation;
use tandem_microsoft::cards;

use super::scene::{account, cloud, object, tenant, words};
use crate::support::{Person, TENANT, World, people::ISSUE, talk::html, world};

impl World {
    /// Somebody adds the bot for themselves.
    async fn install(&self, who: &Person) {
        self.alone(who, "add").await;
    }

    async fn alone(&self, who: &Person, action: &str) {
        let act = json!({
            "as": who.object, "tenantId": TENANT, "where": {"kind": "personal"},
            "do": {"install": action},
        });
        assert_eq!(self.stack.microsoft.act_on_bot(act).await.unwrap().status, 200);
    }

    /// What the bot told somebody of a sign-in that is needed again.
    fn asked_to_sign_in(&self, who: &Person) -> Vec<String> {
        let teams = &self.stack.microsoft;
        let personal = teams.personal_conversation(TENANT, &who.object).unwrap();
        let told = teams.bot_posts(&personal).iter().map(words).collect::<Vec<_>>();
        told.into_iter().filter(|text| text.contains("Sign in again")).collect()
    }

    /// Atlassian ends somebody's grant, and the access token at hand is past its end.
    fn revoke(&self, who: &Person) {
        self.stack.jira.revoke_grants(&who.account);
        self.stack.clock.advance(Duration::from_hours(2));
    }

    /// Deliveries that need that somebody's token.
    async fn three_comments(&self, who: &Person) {
        for text in ["one", "two", "three"] {
            self.comment(who, text).await;
            self.stack.settled().await;
        }
    }

    async fn state(&self, who: &Person) -> GrantState {
        let subject = Subject::Atlassian(account(who));
        self.stack.app.store.find_grant(&subject).await.unwrap().unwrap().state
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn once_for_each_time_that_a_vendor_ended_it() {
    let world = world().await;
    world.install(&world.ben).await;
    world.revoke(&world.ben);
    world.three_comments(&world.ben).await;
    assert!(matches!(world.state(&world.ben).await, GrantState::NeedsSignIn(_)));
    let [asked] = <[String; 1]>::try_from(world.asked_to_sign_in(&world.ben)).unwrap();
    assert!(asked.contains("Sign in again") && asked.contains("/connect"), "{asked}");
    assert!(world.asked_to_sign_in(&world.ada).is_empty());
    assert_eq!(world.messages().len(), 3, "through the creator of the chat");

    world.ben.browser(&world.stack).await;
    world.comment(&world.ben, "Signed in").await;
    world.stack.settled().await;
    assert_eq!(world.asked_to_sign_in(&world.ben).len(), 1);
    assert!(html(world.messages().last().unwrap()).contains("Signed in"));

    world.revoke(&world.ben);
    world.three_comments(&world.ben).await;
    assert_eq!(world.asked_to_sign_in(&world.ben).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn once_by_everything_that_finds_out_at_the_same_time() {
    let world = world().await;
    world.install(&world.ben).await;
    world.revoke(&world.ben);
    let subject = Subject::Atlassian(account(&world.ben));
    let told =
        || tandem_runtime::conversations::tell_sign_in_needed(&world.stack.app, &subject, None);
    // Not before it came to that.
    assert_eq!(told().await, Ok(false));
    world.comment(&world.ben, "one").await;
    world.stack.settled().await;
    assert_eq!(world.asked_to_sign_in(&world.ben).len(), 1);
    world.ben.browser(&world.stack).await;
    world.revoke(&world.ben);
    world.stack.microsoft.set_installation(
        &world.stack.microsoft.personal_conversation(TENANT, &world.ben.object).unwrap(),
        Installation::Installed,
    );
    let request = tandem_domain::RequestId::parse("told-once").unwrap();
    let purpose = tandem_domain::Purpose::ShowIssue;
    let opened = world.stack.app.vault.access_token(&subject, purpose, &request).await;
    assert!(opened.is_err());
    let site = cloud();
    let told = || {
        let app = &world.stack.app;
        tandem_runtime::conversations::tell_sign_in_needed(app, &subject, Some(&site))
    };
    let all = tokio::join!(told(), told(), told(), told(), told(), told());
    let all = [all.0, all.1, all.2, all.3, all.4, all.5].map(Result::unwrap);
    assert_eq!(all.iter().filter(|told| **told).count(), 1, "{all:?}");
    assert_eq!(world.asked_to_sign_in(&world.ben).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_without_the_bot_is_told_when_they_have_it() {
    let world = world().await;
    world.revoke(&world.ben);
    world.three_comments(&world.ben).await;
    assert!(world.asked_to_sign_in(&world.ben).is_empty());
    world.install(&world.ben).await;
    assert!(world.asked_to_sign_in(&world.ben).is_empty(), "a greeting is all");
    world.three_comments(&world.ben).await;
    assert_eq!(world.asked_to_sign_in(&world.ben).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_whom_the_bot_could_not_reach_is_told_by_the_next_occasion() {
    let world = world().await;
    let personal = world.stack.microsoft.personal_conversation(TENANT, &world.ben.object).unwrap();
    world.install(&world.ben).await;
    world.revoke(&world.ben);
    // Out of reach for a moment.
    world.stack.gate.fail(tandem_local::sandbox::gate::Fault {
        method: "POST".parse().unwrap(),
        path: "/connector/".to_owned(),
        path_end: "/activities".to_owned(),
        strike: tandem_local::sandbox::gate::Strike::Before,
        status: 503_u16.try_into().unwrap(),
        retry_after: None,
        times: 1,
    });
    world.comment(&world.ben, "one").await;
    world.stack.settled().await;
    assert!(world.asked_to_sign_in(&world.ben).is_empty());
    // Blocked: the conversation is forgotten, the person is not.
    world.stack.microsoft.set_installation(&personal, Installation::Blocked);
    world.comment(&world.ben, "two").await;
    world.stack.settled().await;
    let (tenant, ben) = (tenant(), object(&world.ben));
    let store = &world.stack.app.store;
    assert_eq!(store.find_personal_conversation(&tenant, &ben).await.unwrap(), None);
    world.install(&world.ben).await;
    world.three_comments(&world.ben).await;
    assert_eq!(world.asked_to_sign_in(&world.ben).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_asked_about_and_not_put_up_with_until_it_ends() {
    let world = world().await;
    world.install(&world.ada).await;
    world.stack.clock.advance(Duration::from_mins(2));
    world.stack.jira.revoke_grants(&world.ada.account);
    world.comment(&world.cleo, "Through Ada, whose token looks good").await;
    world.stack.settled_in_time().await;
    assert!(matches!(world.state(&world.ada).await, GrantState::NeedsSignIn(_)));
    assert_eq!(world.asked_to_sign_in(&world.ada).len(), 1);
    assert!(world.messages().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ended_before_its_time_is_renewed_and_nobody_is_asked() {
    let world = world().await;
    world.install(&world.ada).await;
    world.stack.clock.advance(Duration::from_mins(2));
    world.stack.microsoft.expire_access_tokens(TENANT, &world.ada.object);
    world.comment(&world.cleo, "Through Ada, whose token ended").await;
    world.stack.settled_in_time().await;
    assert!(html(&world.message()).contains("whose token ended"));
    assert!(world.asked_to_sign_in(&world.ada).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_panel_says_so_each_time() {
    let mut world = world().await;
    world.install(&world.ada).await;
    // Within the session.
    world.stack.clock.advance(Duration::from_mins(2));
    world.stack.jira.revoke_grants(&world.ada.account);
    let panel = format!("/issues/{ISSUE}/chats");
    for _ in 0..3 {
        let answer = world.browser.get(&panel).await;
        assert_eq!(answer.status, 401, "{}", answer.body);
        assert_eq!(answer.json()["code"], "sign_in_needed");
        assert!(answer.body.contains("/connect"), "{}", answer.body);
    }
    assert!(world.asked_to_sign_in(&world.ada).is_empty(), "they are in the panel");
    world.three_comments(&world.ada).await;
    assert_eq!(world.asked_to_sign_in(&world.ada).len(), 1);
    let answer = world.browser.get(&panel).await;
    assert_eq!(answer.json()["code"], "sign_in_needed", "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_at_microsoft_is_asked_for_by_the_card_that_teams_answers_itself() {
    let world = world().await;
    world.install(&world.ben).await;
    world.stack.microsoft.revoke_sign_ins(TENANT, &world.ben.object);
    world.stack.clock.advance(Duration::from_hours(2));
    world.three_comments(&world.ben).await;
    let personal = world.stack.microsoft.personal_conversation(TENANT, &world.ben.object).unwrap();
    let posts = world.stack.microsoft.bot_posts(&personal).into_iter();
    let cards: Vec<_> = posts.map(|post| post.activity["attachments"][0].clone()).collect();
    let asked: Vec<_> =
        cards.iter().filter(|card| card["contentType"] == cards::OAUTH_CARD).collect();
    assert_eq!(asked.len(), 1, "{cards:?}");
    let content = &asked[0]["content"];
    let app = &world.stack.app.config.microsoft_client_id;
    assert_eq!(content["tokenExchangeResource"]["uri"], format!("api://localhost/{app}"));
    assert!(!content["tokenExchangeResource"]["id"].as_str().unwrap().is_empty());
    assert!(content["buttons"][0]["value"].as_str().unwrap().ends_with("/connect"), "{content}");
}
