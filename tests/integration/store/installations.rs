//! Installations: found by the site and by its host, also when the host changes hands.

use tandem_store::Installation;

use super::{
    bench::{Bench, on_every_engine},
    ids::{cloud, host},
};

impl Bench {
    async fn install(&self, site: usize, at: usize) {
        let installation =
            Installation { cloud_id: cloud(site), site_host: host(at), created_at: self.at(0) };
        self.store.put_installation(&installation).await.unwrap();
        let found = self.store.find_installation(&cloud(site)).await.unwrap();
        assert_eq!(found, Some(installation));
    }

    /// The site that answers on a host.
    async fn led_to(&self, at: usize) -> Option<String> {
        let site = self.store.find_site_by_host(&host(at)).await.unwrap();
        site.map(|site| site.cloud_id.to_string())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_found_by_the_host_it_answers_on_now() {
    on_every_engine(async |bench| {
        assert_eq!(bench.store.find_installation(&cloud(1)).await, Ok(None));
        let (one, two) = (Some(cloud(1).to_string()), Some(cloud(2).to_string()));
        bench.install(1, 1).await;
        bench.install(1, 1).await;
        assert_eq!(bench.led_to(1).await, one);
        bench.install(1, 2).await;
        assert_eq!((bench.led_to(1).await, bench.led_to(2).await), (None, one.clone()));
        // Another site takes the first one's host over, before the first is followed to its new one.
        bench.install(2, 2).await;
        assert_eq!(bench.led_to(2).await, two);
        bench.install(1, 3).await;
        assert_eq!((bench.led_to(2).await, bench.led_to(3).await), (two, one));
    })
    .await;
}
