//! Everything of a site, page by page.

use std::collections::BTreeSet;

use tandem_domain::TokenHash;
use tandem_store::{Session, StoredPlace, Watcher};

use super::{
    bench::{Bench, on_every_engine},
    ids::{account, cloud, object, tenant},
};

/// The hash of a session's token. Their beginnings differ, as those of real ones do.
fn hash(number: usize) -> TokenHash {
    let spread = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    TokenHash::parse(&format!("{spread:016x}{number:048x}")).unwrap()
}

impl Bench {
    async fn session(&self, site: usize, number: usize) {
        let session = Session {
            token_hash: hash(number),
            cloud_id: cloud(site),
            account_id: account(number),
            tenant_id: tenant(1),
            object_id: object(number),
            ends_at: self.at(60),
        };
        self.store.create_session(&session).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_item_of_a_site_is_on_one_page_also_where_a_page_ends_among_sessions() {
    on_every_engine(async |bench| {
        for number in 0..150 {
            let watcher = Watcher { cloud_id: cloud(1), account_id: account(number) };
            bench.store.put_watcher(&watcher).await.unwrap();
            bench.session(1, number).await;
            bench.session(2, number + 500).await;
        }
        bench.calls();
        let (mut found, mut pages, mut place) = (Vec::new(), 0, None);
        loop {
            let (items, next) =
                bench.store.list_stored_by_site(&cloud(1), place.as_ref()).await.unwrap();
            assert!(items.len() <= 100);
            found.extend(items.iter().map(|item| serde_json::to_string(item).unwrap()));
            pages += 1;
            let Some(next) = next else { break };
            let text = next.to_text();
            for number in 0..150 {
                assert!(!text.contains(hash(number).as_str()), "{text}");
            }
            place = StoredPlace::parse(&text);
            assert_eq!(place, Some(next));
        }
        let each: BTreeSet<&String> = found.iter().collect();
        // An engine may say that there is more where a page just fits.
        assert!((found.len(), each.len()) == (300, 300) && (3..=4).contains(&pages), "{pages}");
        let calls = bench.calls();
        assert_eq!(calls[..6], ["Query", "BatchGetItem"].repeat(3));
        for number in 0..150 {
            let person = format!("\"{}\"", account(number));
            let of = found.iter().filter(|item| item.contains(&person));
            assert_eq!(of.count(), 2, "{person}");
        }
    })
    .await;
}
