//! Sign-ins are used once, by the browser that began them; sessions end.

use tandem_domain::settings::SettingValues;
use tandem_store::{
    AccountLink, ScopeSettings, Session, SettingsScope, SignIn, SignInStage, StoreError,
};

use super::{
    bench::{Bench, came_through, on_every_engine},
    ids::{account, cloud, hash, object, tenant},
};

fn sign_in(bench: &Bench, number: usize) -> SignIn {
    SignIn {
        state_hash: hash(number),
        browser_hash: hash(1000 + number),
        stage: SignInStage::Microsoft,
        account_id: Some(account(1)),
        cloud_ids: vec![cloud(1), cloud(2)],
        ends_at: bench.at(600),
    }
}

fn session(bench: &Bench, number: usize, site: usize, of: usize) -> Session {
    Session {
        token_hash: hash(number),
        cloud_id: cloud(site),
        account_id: account(of),
        tenant_id: tenant(1),
        object_id: object(of),
        ends_at: bench.at(8 * 3600),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_used_by_its_browser_at_its_stage_in_its_time() {
    on_every_engine(async |bench| {
        let store = &bench.store;
        let ours = sign_in(bench, 1);
        store.create_sign_in(&ours).await.unwrap();
        assert_eq!(store.create_sign_in(&ours).await, Err(StoreError::Conflict));
        for (why, state, browser, stage, at) in [
            ("another state", 2, 1001, SignInStage::Microsoft, 0),
            ("another browser", 1, 1002, SignInStage::Microsoft, 0),
            ("an earlier stage", 1, 1001, SignInStage::Atlassian, 0),
            ("another stage", 1, 1001, SignInStage::PickSite, 0),
            ("its end", 1, 1001, SignInStage::Microsoft, 600),
            ("after its end", 1, 1001, SignInStage::Microsoft, 3600),
        ] {
            let used = store.use_sign_in(&hash(state), &hash(browser), stage, bench.at(at)).await;
            assert_eq!(used, Ok(None), "{why}");
            assert_eq!(
                store.find_sign_in(&hash(1)).await,
                Ok(Some(ours.clone())),
                "{why}: it stays"
            );
        }
        let late = bench.at(599);
        let used = store.use_sign_in(&hash(1), &hash(1001), SignInStage::Microsoft, late).await;
        assert_eq!(used, Ok(Some(ours)));
        let again = store.use_sign_in(&hash(1), &hash(1001), SignInStage::Microsoft, late).await;
        assert_eq!(again, Ok(None));
        assert_eq!(store.find_sign_in(&hash(1)).await, Ok(None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_use_a_sign_in_at_once_one_gets_it() {
    on_every_engine(async |bench| {
        for round in 1..=3 {
            bench.store.create_sign_in(&sign_in(bench, round)).await.unwrap();
            let now = bench.at(0);
            let used = bench
                .twenty(|store, _| async move {
                    let (state, browser) = (hash(round), hash(1000 + round));
                    store.use_sign_in(&state, &browser, SignInStage::Microsoft, now).await
                })
                .await;
            assert_eq!(came_through(&used), 20, "those who lose are told nothing is there");
            assert_eq!(used.iter().filter(|it| matches!(it, Ok(Some(_)))).count(), 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_at_its_time_or_when_it_is_ended() {
    on_every_engine(async |bench| {
        let store = &bench.store;
        let ours = session(bench, 1, 1, 1);
        store.create_session(&ours).await.unwrap();
        assert_eq!(store.create_session(&ours).await, Err(StoreError::Conflict));
        for (at, found) in [(0, true), (8 * 3600 - 1, true), (8 * 3600, false), (9 * 3600, false)] {
            let known = store.find_session(&hash(1), bench.at(at)).await.unwrap();
            assert_eq!(known, found.then(|| ours.clone()), "at {at}");
        }
        assert_eq!(store.find_session(&hash(2), bench.at(0)).await, Ok(None));
        store.delete_session(&hash(1)).await.unwrap();
        store.delete_session(&hash(1)).await.expect("ended already");
        assert_eq!(store.find_session(&hash(1), bench.at(0)).await, Ok(None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_sessions_of_a_person_end_and_nothing_else_of_theirs() {
    on_every_engine(async |bench| {
        let store = &bench.store;
        let mine = [session(bench, 1, 1, 1), session(bench, 2, 1, 1)];
        let others = [session(bench, 3, 1, 2), session(bench, 4, 2, 1)];
        for session in mine.iter().chain(&others) {
            store.create_session(session).await.unwrap();
        }
        let link = AccountLink {
            cloud_id: cloud(1),
            account_id: account(1),
            tenant_id: tenant(1),
            object_id: object(1),
            created_at: bench.at(0),
            signed_in_at: bench.at(0),
        };
        store.put_link(&link).await.unwrap();
        let scope = SettingsScope::User(cloud(1), account(1));
        let settings =
            ScopeSettings::of(&scope, 1, SettingValues::default(), account(1), bench.at(0));
        store.put_settings(&settings, 0).await.unwrap();

        assert_eq!(store.delete_sessions_of(&cloud(1), &account(1)).await, Ok(2));
        assert_eq!(store.delete_sessions_of(&cloud(1), &account(1)).await, Ok(0));
        for session in &mine {
            assert_eq!(store.find_session(&session.token_hash, bench.at(0)).await, Ok(None));
        }
        for session in others {
            let found = store.find_session(&session.token_hash, bench.at(0)).await;
            assert_eq!(found, Ok(Some(session)));
        }
        assert_eq!(store.find_link_by_account(&cloud(1), &account(1)).await, Ok(Some(link)));
        assert_eq!(store.find_settings(&scope).await, Ok(Some(settings)));
    })
    .await;
}
