//! Who may see how a site fares, take its data away, and erase it: Jira decides.

use serde_json::json;

use super::all_but_the_ledger;
use crate::{
    sign_in::post_form,
    support::{HOST, world},
};

#[tokio::test(flavor = "multi_thread")]
async fn only_who_administers_the_site_sees_it() {
    let mut world = world().await;
    let mut ben = world.ben.browser(&world.stack).await;
    let mut nobody = world.stack.browser();
    for path in ["/instance", "/instance/data", "/admin"] {
        let statuses = [
            nobody.get(path).await.status,
            ben.get(path).await.status,
            world.browser.get(path).await.status,
        ];
        assert_eq!(statuses, [401, 403, 200], "{path}");
    }
    let refused = ben.get("/instance").await.json();
    assert_eq!(refused["code"], "insufficient_permission", "{refused}");
    let page = ben.get("/admin").await.body;
    assert!(page.contains("<h1>You may not do this</h1>") && !page.contains(HOST), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_administers_the_site_erases_it_and_from_our_own_page() {
    let mut world = world().await;
    let mut ben = world.ben.browser(&world.stack).await;
    let before = all_but_the_ledger(&world.stack).await;
    let body = json!({"siteHost": HOST});
    let mut nobody = world.stack.browser();
    let refused = nobody.send("DELETE", "/instance", |request| request.json(&body)).await;
    assert_eq!(refused.status, 401);
    let refused = world.browser.send("DELETE", "/instance", |request| request.json(&body)).await;
    assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("csrf")));
    let refused = ben.change("DELETE", "/instance", &body).await;
    let code = &refused.json()["code"];
    assert_eq!((refused.status, code), (403, &json!("insufficient_permission")));

    let csrf = ben.csrf().await;
    // Ben's token is of no use to Ada.
    for given in ["", csrf.as_str()] {
        let fields = [("csrf", given), ("site_host", HOST)];
        let statuses = [
            post_form(&mut nobody, "/admin/erasure", &fields).await.status,
            post_form(&mut ben, "/admin/erasure", &fields).await.status,
            post_form(&mut world.browser, "/admin/erasure", &fields).await.status,
        ];
        assert_eq!(statuses, [401, 403, 403], "{given}");
    }
    assert_eq!(all_but_the_ledger(&world.stack).await, before);
}
