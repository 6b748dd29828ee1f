//! Grants that need a sign-in.

use serde_json::{Value, json};

use super::{end_grant, ops};
use crate::{
    admin::{OTHER_CLOUD, elsewhere},
    support::{CLOUD, world},
};

#[tokio::test(flavor = "multi_thread")]
async fn those_who_must_sign_in_are_listed_by_id() {
    let world = world().await;
    let (stranger, _) = elsewhere(&world.stack).await;
    let none = ops(&world.stack, &["grants", "needing-sign-in"]).await;
    assert_eq!((none.code, none.out.trim()), (0, "No grant needs a sign-in."));

    end_grant(&world.stack, &world.ben).await;
    end_grant(&world.stack, &stranger).await;
    let listed = async |words: &[&str]| {
        let words = [&["grants", "needing-sign-in", "--json"], words].concat();
        let answer = ops(&world.stack, &words).await.json();
        let grants = answer["grants"].as_array().unwrap();
        let accounts = grants.iter().map(|grant| grant["accountId"].as_str().unwrap().to_owned());
        (accounts.collect::<Vec<_>>(), answer)
    };
    let (all, answer) = listed(&[]).await;
    assert_eq!(all, [world.ben.account.clone(), stranger.account.clone()]);
    assert_eq!(
        (&answer["more"], &answer["signIn"]),
        (&json!(false), &json!(world.stack.at("/connect")))
    );
    let grant = &answer["grants"][0];
    assert_eq!((&grant["provider"], &grant["reason"]), (&json!("atlassian"), &json!("revoked")));
    assert!(grant["since"].is_string() && grant["objectId"] == Value::Null, "{grant}");

    assert_eq!(listed(&["--site", CLOUD]).await.0, [world.ben.account.as_str()]);
    assert_eq!(listed(&["--site", OTHER_CLOUD]).await.0, [stranger.account.as_str()]);
    let (first, answer) = listed(&["--most", "1"]).await;
    assert_eq!((first, &answer["more"]), (vec![world.ben.account.clone()], &json!(true)));

    let text = ops(&world.stack, &["grants", "needing-sign-in"]).await.out;
    for part in [&world.ben.account, "atlassian", "revoked", "ago", &world.stack.at("/connect")] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("Ben"), "{text}");
}
