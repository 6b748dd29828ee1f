//! Account links: found from either side, whole at every moment.

use tandem_store::{AccountLink, StoreError};

use super::{
    bench::{Bench, on_every_engine},
    ids::{account, cloud, object, tenant},
};

/// The link of a Jira user and a Microsoft user on the first site.
fn link(bench: &Bench, jira: usize, microsoft: usize) -> AccountLink {
    AccountLink {
        cloud_id: cloud(1),
        account_id: account(jira),
        tenant_id: tenant(1),
        object_id: object(microsoft),
        created_at: bench.at(0),
        signed_in_at: bench.at(0),
    }
}

impl Bench {
    async fn by_account(&self, jira: usize) -> Option<AccountLink> {
        self.store.find_link_by_account(&cloud(1), &account(jira)).await.unwrap()
    }

    async fn by_object(&self, microsoft: usize) -> Option<AccountLink> {
        let found = self.store.find_link_by_object(&tenant(1), &object(microsoft), &cloud(1)).await;
        let listed = self.store.list_links_by_object(&tenant(1), &object(microsoft)).await.unwrap();
        let found = found.unwrap();
        assert_eq!(listed, found.clone().into_iter().collect::<Vec<_>>());
        found
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_found_from_either_side_and_under_no_other_name() {
    on_every_engine(async |bench| {
        let store = &bench.store;
        let first = link(bench, 1, 1);
        assert_eq!(store.put_link(&first).await, Ok(vec![]));
        let elsewhere = AccountLink { cloud_id: cloud(2), ..first.clone() };
        assert_eq!(store.put_link(&elsewhere).await, Ok(vec![]));
        assert_eq!(bench.by_account(1).await, Some(first.clone()));
        let found = store.find_link_by_object(&tenant(1), &object(1), &cloud(1)).await;
        assert_eq!(found, Ok(Some(first.clone())));
        let found = store.find_link_by_object(&tenant(1), &object(1), &cloud(3)).await;
        assert_eq!(found, Ok(None));
        let found = store.find_link_by_object(&tenant(2), &object(1), &cloud(1)).await;
        assert_eq!(found, Ok(None));
        assert_eq!(store.find_link_by_account(&cloud(3), &account(1)).await, Ok(None));
        let mut sites = store.list_links_by_object(&tenant(1), &object(1)).await.unwrap();
        sites.sort_by_key(|link| link.cloud_id.to_string());
        assert_eq!(sites, [first.clone(), elsewhere.clone()]);

        store.delete_link(&first).await.unwrap();
        store.delete_link(&first).await.expect("deleting it again changes nothing");
        assert_eq!(bench.by_account(1).await, None);
        let left = store.list_links_by_object(&tenant(1), &object(1)).await.unwrap();
        assert_eq!(left, [elsewhere], "the other site's stays");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_again_makes_no_second_link_and_keeps_the_first_date() {
    on_every_engine(async |bench| {
        let first = link(bench, 1, 1);
        bench.store.put_link(&first).await.unwrap();
        let again =
            AccountLink { created_at: bench.at(60), signed_in_at: bench.at(60), ..first.clone() };
        assert_eq!(bench.store.put_link(&again).await, Ok(vec![]));
        let kept = AccountLink { created_at: first.created_at, ..again };
        assert_eq!(bench.by_account(1).await, Some(kept.clone()));
        assert_eq!(bench.by_object(1).await, Some(kept));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_pair_ends_the_links_it_breaks_in_one_transaction() {
    on_every_engine(async |bench| {
        for (jira, microsoft) in [(1, 1), (2, 2)] {
            bench.store.put_link(&link(bench, jira, microsoft)).await.unwrap();
        }
        bench.calls();
        let ended = bench.store.put_link(&link(bench, 1, 2)).await.unwrap();
        assert_eq!(bench.calls(), ["GetItem", "GetItem", "TransactWriteItems"]);
        assert_eq!(ended, [link(bench, 1, 1), link(bench, 2, 2)]);
        let now = Some(link(bench, 1, 2));
        assert_eq!((bench.by_account(1).await, bench.by_object(2).await), (now.clone(), now));
        assert_eq!((bench.by_account(2).await, bench.by_object(1).await), (None, None));
        // Another account of another tenant takes the Jira user over.
        let moved = AccountLink { tenant_id: tenant(2), ..link(bench, 1, 2) };
        assert_eq!(bench.store.put_link(&moved).await, Ok(vec![link(bench, 1, 2)]));
        assert_eq!((bench.by_account(1).await, bench.by_object(2).await), (Some(moved), None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_was_made_anew_is_not_deleted_by_halves() {
    on_every_engine(async |bench| {
        let old = link(bench, 1, 1);
        bench.store.put_link(&old).await.unwrap();
        bench.store.put_link(&link(bench, 1, 2)).await.unwrap();
        bench.store.put_link(&link(bench, 2, 1)).await.unwrap();
        assert_eq!(bench.store.delete_link(&old).await, Err(StoreError::Conflict));
        for (jira, microsoft) in [(1, 2), (2, 1)] {
            let whole = Some(link(bench, jira, microsoft));
            let found = (bench.by_account(jira).await, bench.by_object(microsoft).await);
            assert_eq!(found, (whole.clone(), whole));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_pairs_at_once_leaves_whole_pairs() {
    on_every_engine(async |bench| {
        let links: Vec<AccountLink> =
            (0..20).map(|number| link(bench, number % 3, (number / 3) % 3)).collect();
        let results = bench
            .twenty(|store, number| {
                let link = links[number].clone();
                async move { store.put_link(&link).await }
            })
            .await;
        assert!(results.iter().any(Result::is_ok), "{results:?}");
        let refused = results.iter().filter_map(|it| it.as_ref().err());
        for error in refused {
            assert!(matches!(error, StoreError::Conflict | StoreError::Unavailable(_)), "{error}");
        }
        for number in 0..3 {
            if let Some(link) = bench.by_account(number).await {
                let AccountLink { tenant_id, object_id, .. } = &link;
                let other = bench.store.find_link_by_object(tenant_id, object_id, &cloud(1)).await;
                assert_eq!(other, Ok(Some(link)));
            }
            if let Some(link) = bench.by_object(number).await {
                let other = bench.store.find_link_by_account(&cloud(1), &link.account_id).await;
                assert_eq!(other, Ok(Some(link)));
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_links_of_many_come_in_one_round_trip() {
    on_every_engine(async |bench| {
        for number in 0..3 {
            bench.store.put_link(&link(bench, number, number)).await.unwrap();
        }
        bench.calls();
        let wanted: Vec<_> = (0..100).map(account).collect();
        let mut found = bench.store.list_links_by_accounts(&cloud(1), &wanted).await.unwrap();
        assert_eq!(bench.calls(), ["BatchGetItem"]);
        found.sort_by_key(|link| link.account_id.to_string());
        assert_eq!(found, [0, 1, 2].map(|number| link(bench, number, number)));
        assert_eq!(bench.store.list_links_by_accounts(&cloud(2), &wanted).await, Ok(vec![]));
        bench.calls();
        assert_eq!(bench.store.list_links_by_accounts(&cloud(1), &[]).await, Ok(vec![]));
        assert_eq!(bench.calls(), [] as [&str; 0]);
    })
    .await;
}
