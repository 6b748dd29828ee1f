//! What each question and each change costs: key-based calls, counted.

use std::time::Duration;

use tandem_domain::{SignInReason, Subject, settings::SettingValues};
use tandem_store::{
    AccountLink, ChatKind, ChatLink, Claim, ClaimState, Installation, LinkState, MessageLink,
    Origin, Reporting, ScopeSettings, Session, SettingsScope, SignIn, SignInStage, SiteWebhook,
};

use super::{
    bench::on_every_engine,
    chats::heard,
    grants::fresh,
    ids::{
        account, chat, claim, cloud, comment, grant, hash, holder, host, issue, message, object,
        project, tenant,
    },
};

/// Asserts which calls a method makes, in their order.
macro_rules! costs {
    ($bench:expr, $method:ident($($argument:expr),*) => [$($call:literal),*]) => {
        $bench.calls();
        $bench.store.$method($($argument),*).await.unwrap();
        let calls: Vec<&str> = vec![$($call),*];
        assert_eq!($bench.calls(), calls, stringify!($method));
    };
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_sites_are_read_and_written_by_key() {
    on_every_engine(async |bench| {
        let (site, who, them, user) = (cloud(1), account(1), tenant(1), object(1));
        let mut installation =
            Installation { cloud_id: site.clone(), site_host: host(1), created_at: bench.at(0) };
        costs!(bench, put_installation(&installation) => ["GetItem", "TransactWriteItems"]);
        costs!(bench, put_installation(&installation) => ["GetItem", "TransactWriteItems"]);
        installation.site_host = host(2);
        costs!(bench, put_installation(&installation) => ["GetItem", "GetItem", "TransactWriteItems"]);
        costs!(bench, find_installation(&site) => ["GetItem"]);
        costs!(bench, find_site_by_host(&host(1)) => ["GetItem"]);

        let link = AccountLink {
            cloud_id: site.clone(),
            account_id: who.clone(),
            tenant_id: them.clone(),
            object_id: user.clone(),
            created_at: bench.at(0),
            signed_in_at: bench.at(0),
        };
        costs!(bench, put_link(&link) => ["GetItem", "GetItem", "TransactWriteItems"]);
        costs!(bench, find_link_by_account(&site, &who) => ["GetItem"]);
        costs!(bench, list_links_by_accounts(&site, &[who.clone(), account(2)]) => ["BatchGetItem"]);
        costs!(bench, find_link_by_object(&them, &user, &site) => ["GetItem"]);
        costs!(bench, list_links_by_object(&them, &user) => ["Query"]);
        costs!(bench, delete_link(&link) => ["TransactWriteItems"]);

        let scope = SettingsScope::Instance(site.clone());
        let settings =
            ScopeSettings::of(&scope, 1, SettingValues::default(), who.clone(), bench.at(0));
        costs!(bench, put_settings(&settings, 0) => ["PutItem"]);
        costs!(bench, find_settings(&scope) => ["GetItem"]);
        let of_site = SettingsScope::Instance(site.clone());
        let (settings, change) = bench.change(&of_site, 2, "off");
        costs!(bench, change_settings(&settings, 1, &change) => ["TransactWriteItems"]);
        costs!(bench, list_setting_changes(&of_site, bench.now, 10, None) => ["Query"]);
        costs!(bench, forget_changer(&change) => ["UpdateItem"]);
        costs!(bench, get_effective_settings(&site, Some(&project(1)), Some(&who)) => ["BatchGetItem"]);

        let sign_in = SignIn {
            state_hash: hash(1),
            browser_hash: hash(2),
            stage: SignInStage::Atlassian,
            account_id: None,
            cloud_ids: Vec::new(),
            ends_at: bench.at(600),
        };
        costs!(bench, create_sign_in(&sign_in) => ["PutItem"]);
        costs!(bench, find_sign_in(&hash(1)) => ["GetItem"]);
        let stage = SignInStage::Atlassian;
        costs!(bench, use_sign_in(&hash(1), &hash(2), stage, bench.now) => ["GetItem", "DeleteItem"]);
        costs!(bench, use_sign_in(&hash(1), &hash(2), stage, bench.now) => ["GetItem"]);

        let session = Session {
            token_hash: hash(3),
            cloud_id: site.clone(),
            account_id: who.clone(),
            tenant_id: them,
            object_id: user,
            ends_at: bench.at(600),
        };
        costs!(bench, create_session(&session) => ["PutItem"]);
        costs!(bench, find_session(&hash(3), bench.now) => ["GetItem"]);
        costs!(bench, delete_sessions_of(&site, &who) => ["Query", "DeleteItem"]);
        costs!(bench, delete_session(&hash(3)) => ["DeleteItem"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_and_claims_are_read_and_written_by_key() {
    on_every_engine(async |bench| {
        let subject = Subject::Atlassian(account(1));
        let mut known = fresh(bench, 1, &subject, bench.at(-1));
        costs!(bench, create_grant(&known) => ["PutItem"]);
        costs!(bench, find_grant(&subject) => ["GetItem"]);
        costs!(bench, take_lease(&subject, 1, &holder(1), bench.now, bench.at(30)) => ["UpdateItem"]);
        costs!(bench, release_lease(&subject, &holder(1)) => ["UpdateItem"]);
        costs!(bench, list_due_grants(&[], bench.now, 100) => ["Query", "BatchGetItem"]);
        costs!(bench, list_due_grants(&[], bench.at(-9), 100) => ["Query"]);
        known.version = 2;
        costs!(bench, move_grant(&known, 1) => ["PutItem"]);
        costs!(bench, mark_grant_needs_sign_in(&known, SignInReason::Revoked, bench.now) => ["PutItem"]);
        costs!(bench, delete_grant(&subject, &grant(1)) => ["DeleteItem"]);

        let (site, work, lease) = (cloud(1), claim(1), Duration::from_secs(30));
        costs!(bench, claim(&site, &work, &holder(1), bench.now, lease) => ["PutItem"]);
        costs!(bench, claim(&site, &work, &holder(2), bench.now, lease) => ["PutItem", "GetItem"]);
        costs!(
            bench,
            claim(&site, &work, &holder(2), bench.at(31), lease) => ["PutItem", "GetItem", "PutItem"]
        );
        costs!(bench, find_claim(&site, &work) => ["GetItem"]);
        let ours = bench.store.find_claim(&site, &work).await.unwrap().unwrap();
        costs!(bench, put_claim(&Claim { state: ClaimState::Done, ..ours.clone() }) => ["PutItem"]);
        costs!(bench, release_claim(&ours) => ["DeleteItem"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_and_messages_are_read_and_written_by_key() {
    on_every_engine(async |bench| {
        let (site, of, within, linked) = (cloud(1), issue(1), tenant(1), chat(1));
        let link = ChatLink {
            cloud_id: site.clone(),
            issue_id: of.clone(),
            project_id: project(1),
            tenant_id: within.clone(),
            chat_id: linked.clone(),
            chat_kind: ChatKind::Group,
            created_by: account(1),
            creator_object_id: object(1),
            state: LinkState::Active,
            created_at: bench.at(0),
        };
        costs!(bench, put_chat_link(&link) => ["TransactWriteItems"]);
        costs!(bench, list_chats_by_issue(&site, &of) => ["Query"]);
        costs!(bench, list_issues_by_chat(&within, &linked) => ["Query"]);
        costs!(bench, find_chat_link(&site, &of, &within, &linked) => ["GetItem"]);
        costs!(bench, delete_chat_link(&link) => ["TransactWriteItems"]);

        let heard = heard(bench, 1, -1);
        costs!(bench, put_chat_subscription(&heard) => ["PutItem"]);
        costs!(bench, find_chat_subscription(&within, &linked) => ["GetItem"]);
        costs!(bench, list_due_subscriptions(bench.now, 100) => ["Query", "BatchGetItem"]);
        costs!(bench, list_due_subscriptions(bench.at(-9), 100) => ["Query"]);
        costs!(bench, delete_chat_subscription(&within, &linked) => ["DeleteItem"]);

        let said = MessageLink {
            cloud_id: site.clone(),
            issue_id: of.clone(),
            comment_id: comment(1),
            tenant_id: within.clone(),
            chat_id: linked.clone(),
            message_id: message(1),
            origin: Origin::Teams,
            comment_by: account(1),
            message_by: object(1),
            comment_version: bench.at(0),
            message_version: bench.at(0),
            deleted_at: None,
        };
        costs!(bench, put_message_link(&said) => ["TransactWriteItems"]);
        costs!(bench, find_message_by_comment(&site, &comment(1), &within, &linked) => ["GetItem"]);
        costs!(bench, list_messages_by_comment(&site, &comment(1)) => ["Query"]);
        costs!(bench, find_comment_by_message(&within, &linked, &message(1), &site, &of) => ["GetItem"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_to_report_and_webhooks_are_read_and_written_by_key() {
    on_every_engine(async |bench| {
        let (site, who) = (cloud(1), account(1));
        let far = bench.at(1);
        costs!(bench, put_reported_account(&site, &who, bench.at(0)) => ["TransactWriteItems"]);
        costs!(bench, list_due_reports(far, 90) => ["Query", "BatchGetItem"]);
        let due = bench.store.list_due_reports(far, 90).await.unwrap();
        costs!(bench, keeps_anything_of(&due[0]) => ["Query", "Query", "Query"]);
        costs!(bench, list_grants_by_accounts(std::slice::from_ref(&who)) => ["BatchGetItem"]);
        costs!(bench, list_grants_by_accounts(&[]) => []);
        costs!(bench, put_reports(&due) => ["TransactWriteItems"]);
        // Something of the account is kept meanwhile: it is not forgotten.
        bench.store.put_reported_account(&site, &who, bench.at(0)).await.unwrap();
        assert!(!bench.store.delete_reported_account(&due[0]).await.unwrap());
        let due = bench.store.list_due_reports(far, 90).await.unwrap();
        costs!(bench, delete_reported_account(&due[0]) => ["DeleteItem"]);
        // And what is gone is not brought back by a report.
        costs!(bench, put_reports(&due) => ["TransactWriteItems", "TransactWriteItems"]);
        assert_eq!(bench.store.list_due_reports(far, 90).await.unwrap(), []);
        costs!(bench, put_reporting(&Reporting::default()) => ["PutItem"]);
        costs!(bench, find_reporting() => ["GetItem"]);

        let webhook = SiteWebhook {
            cloud_id: site.clone(),
            webhook_id: Some(1),
            registered_by: who,
            ends_at: bench.at(600),
            renew_at: bench.at(-1),
            failures: 0,
        };
        costs!(bench, put_site_webhook(&webhook, bench.now) => ["TransactWriteItems"]);
        costs!(bench, find_site_webhook(&site) => ["GetItem"]);
        costs!(bench, list_due_site_webhooks(bench.now, 50) => ["Query", "BatchGetItem"]);
        costs!(bench, change_site_webhook(&webhook) => ["PutItem"]);
        let theirs = SiteWebhook { registered_by: account(2), ..webhook.clone() };
        assert!(!bench.store.change_site_webhook(&theirs).await.unwrap(), "somebody else's");
        costs!(bench, delete_site_webhook(&site) => ["DeleteItem"]);
        assert!(!bench.store.change_site_webhook(&webhook).await.unwrap(), "not brought back");
    })
    .await;
}
