//! Settings: one version after the other, and all that hold in one round trip.

use serde_json::{Value, json};
use tandem_domain::settings::{SettingName, SettingValue, SettingValues};
use tandem_store::{ChangeCursor, ScopeSettings, SettingChange, SettingsScope, StoreError};

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

impl Bench {
    /// A change of a scope's `comment_sync` to this way, and its record.
    pub(super) fn change(
        &self,
        scope: &SettingsScope,
        version: u64,
        way: &str,
    ) -> (ScopeSettings, SettingChange) {
        let settings = self.settings(scope, version, &[("comment_sync", json!(way))]);
        let change = SettingChange::of(&SettingValues::default(), &settings).unwrap();
        (settings, change)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_and_the_record_of_their_change_are_written_together_or_not_at_all() {
    on_every_engine(async |bench| {
        let store = &bench.store;
        let changes = async |scope: &SettingsScope| {
            let page = store.list_setting_changes(scope, bench.now, 100, None).await.unwrap();
            page.0.into_iter().map(|change| change.version).collect::<Vec<_>>()
        };
        for scope in
            [SettingsScope::Instance(cloud(1)), SettingsScope::Project(cloud(1), project(1))]
        {
            let (first, record) = bench.change(&scope, 1, "off");
            assert_eq!(store.change_settings(&first, 7, &record).await, Err(StoreError::Conflict));
            assert_eq!(
                (store.find_settings(&scope).await, changes(&scope).await),
                (Ok(None), vec![])
            );
            store.change_settings(&first, 0, &record).await.unwrap();
            let (second, _) = bench.change(&scope, 2, "both");
            // A record that is there already: the settings stay as they are, too.
            let taken = store.change_settings(&second, 1, &record).await;
            assert_eq!(taken, Err(StoreError::Conflict));
            assert_eq!(store.find_settings(&scope).await, Ok(Some(first)));
            assert_eq!(changes(&scope).await, [1]);
        }
        assert_eq!(changes(&SettingsScope::Instance(cloud(2))).await, [0; 0]);
        let mine = SettingsScope::User(cloud(1), account(1));
        assert_eq!(changes(&mine).await, [0; 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_read_in_pages_and_lose_the_name_of_who_is_erased() {
    on_every_engine(async |bench| {
        let store = &bench.store;
        let scope = SettingsScope::Project(cloud(1), project(1));
        let mut records = Vec::new();
        for version in 1..=5 {
            let (settings, record) = bench.change(&scope, version, "off");
            store.change_settings(&settings, version - 1, &record).await.unwrap();
            records.insert(0, record);
        }
        let (page, next) = store.list_setting_changes(&scope, bench.now, 3, None).await.unwrap();
        assert_eq!(page, records[..3]);
        let cursor = ChangeCursor::parse(next.unwrap().as_str()).unwrap();
        let rest = store.list_setting_changes(&scope, bench.now, 3, Some(&cursor)).await.unwrap();
        assert_eq!(rest, (records[3..].to_vec(), None));

        assert_eq!(store.forget_changer(&records[0]).await, Ok(true));
        assert_eq!(store.forget_changer(&records[0]).await, Ok(false), "once");
        let (page, _) = store.list_setting_changes(&scope, bench.now, 1, None).await.unwrap();
        assert_eq!(page, [SettingChange { changed_by: None, ..records[0].clone() }]);
        let later = bench.at(400 * 24 * 3600);
        let (page, _) = store.list_setting_changes(&scope, later, 9, None).await.unwrap();
        assert_eq!(page, [], "what has ended is not shown");
    })
    .await;
}
