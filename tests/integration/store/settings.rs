//! Settings: one version after the other, and all that hold in one round trip.

use serde_json::{Value, json};
use tandem_domain::settings::{SettingName, SettingValue, SettingValues};
use tandem_store::{ScopeSettings, SettingsScope, StoreError};

use super::{
    bench::{Bench, came_through, on_every_engine},
    ids::{account, cloud, project, tenant},
};

fn values(settings: &[(&str, Value)]) -> SettingValues {
    let mut values = SettingValues::default();
    for (name, value) in settings {
        let name = SettingName::parse(name).unwrap();
        values.set(name, SettingValue::parse(name, value).unwrap());
    }
    values
}

impl Bench {
    fn settings(&self, scope: &SettingsScope, version: u64, of: &[(&str, Value)]) -> ScopeSettings {
        ScopeSettings::of(scope, version, values(of), account(9), self.at(0))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_changed_from_the_version_that_was_read() {
    on_every_engine(async |bench| {
        let store = &bench.store;
        for scope in [
            SettingsScope::Instance(cloud(1)),
            SettingsScope::Project(cloud(1), project(1)),
            SettingsScope::User(cloud(1), account(1)),
        ] {
            assert_eq!(store.find_settings(&scope).await, Ok(None), "{scope:?}");
            let first = bench.settings(&scope, 1, &[("appearance", json!("dark"))]);
            assert_eq!(store.put_settings(&first, 7).await, Err(StoreError::Conflict));
            store.put_settings(&first, 0).await.unwrap();
            assert_eq!(store.put_settings(&first, 0).await, Err(StoreError::Conflict));
            assert_eq!(store.find_settings(&scope).await, Ok(Some(first)), "{scope:?}");
            let second = bench.settings(&scope, 2, &[]);
            store.put_settings(&second, 1).await.unwrap();
            assert_eq!(store.put_settings(&second, 1).await, Err(StoreError::Conflict));
            assert_eq!(store.find_settings(&scope).await, Ok(Some(second)), "{scope:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_change_at_once_one_does() {
    on_every_engine(async |bench| {
        let scope = SettingsScope::Instance(cloud(1));
        for from in 0..3 {
            let changed = bench
                .twenty(|store, number| {
                    let appearance = ["auto", "light", "dark"][number % 3];
                    let mine =
                        bench.settings(&scope, from + 1, &[("appearance", json!(appearance))]);
                    async move { store.put_settings(&mine, from).await }
                })
                .await;
            assert_eq!(came_through(&changed), 1, "from {from}");
            let known = bench.store.find_settings(&scope).await.unwrap().unwrap();
            assert_eq!(known.version, from + 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_holds_is_read_in_one_round_trip() {
    on_every_engine(async |bench| {
        let (site, of_project, of_user) = (
            [
                ("comment_sync", json!("off")),
                ("allowed_tenants", json!([tenant(1).as_str(), tenant(2).as_str()])),
                ("issue_updates", json!(["status", "priority"])),
            ],
            [("comment_sync", json!("both"))],
            [("appearance", json!("dark"))],
        );
        for (scope, of) in [
            (SettingsScope::Instance(cloud(1)), &site[..]),
            (SettingsScope::Project(cloud(1), project(1)), &of_project),
            (SettingsScope::User(cloud(1), account(1)), &of_user),
            (
                SettingsScope::Project(cloud(1), project(2)),
                &[("comment_sync", json!("jira_to_teams"))],
            ),
            (SettingsScope::Instance(cloud(2)), &[("restricted_comments", json!("allowed"))]),
        ] {
            bench.store.put_settings(&bench.settings(&scope, 1, of), 0).await.unwrap();
        }
        let none = SettingValues::default();
        let (site, of_project, of_user) = (values(&site), values(&of_project), values(&of_user));
        for (site_number, project_number, user, expected) in [
            (1, Some(1), Some(1), [&site, &of_project, &of_user]),
            (1, Some(1), None, [&site, &of_project, &none]),
            (1, None, Some(1), [&site, &none, &of_user]),
            (1, None, None, [&site, &none, &none]),
            (1, Some(3), Some(2), [&site, &none, &none]),
            (3, Some(1), Some(1), [&none, &none, &none]),
        ] {
            bench.calls();
            let (project, user) = (project_number.map(project), user.map(account));
            let holds = bench
                .store
                .get_effective_settings(&cloud(site_number), project.as_ref(), user.as_ref())
                .await
                .unwrap();
            assert_eq!(bench.calls(), ["BatchGetItem"]);
            assert_eq!([&holds.instance, &holds.project, &holds.user], expected);
        }
    })
    .await;
}
