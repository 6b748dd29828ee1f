//! Each grant's secret has its policy before it has a value.

use serde_json::{Value, json};

use super::{
    bench::{Bench, READERS, STOPS, create_key, open, stop_after, subject},
    keys::{rewrap_all, with_next_key},
};

/// The policy of the secret of that name.
async fn policy_of(bench: &Bench, name: &str) -> Option<Value> {
    let asked = bench.secrets.get_resource_policy().secret_id(name).send().await.unwrap();
    asked.resource_policy.map(|policy| serde_json::from_str(&policy).unwrap())
}

#[tokio::test]
async fn whoever_is_not_let_through_is_denied_everything() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    let name = Bench::secret_name(&bench.grant(&one).await);
    let policy = policy_of(&bench, &name).await.unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 1, "{policy}");
    let said = |of: &str| statements[0][of].clone();
    assert_eq!(said("Effect"), "Deny");
    assert_eq!((said("Principal"), said("Action")), (json!("*"), json!("secretsmanager:*")));
    let condition = json!({"ArnNotLike": {"aws:PrincipalArn": READERS}});
    assert_eq!(said("Condition"), condition, "one condition: several would have to hold at once");
}

#[tokio::test]
async fn a_sign_in_that_stops_anywhere_leaves_no_value_without_a_policy() {
    let bench = Bench::start().await;
    let (mut empty, mut points) = (0, 0);
    for stop in STOPS {
        for steps in 1.. {
            let one = subject(steps * 2 + usize::from(stop == STOPS[0]));
            let tokens = bench.issuer.sign_in(&one);
            let done = stop_after(steps, stop, bench.vault().save(&one, &tokens)).await;
            for secret in bench.grant_secrets() {
                let policy = policy_of(&bench, &secret.name).await;
                // Asked after the versions were listed: what was under way may have gone on.
                let open = policy.is_none() && !secret.versions.is_empty();
                assert!(!open, "{stop:?}, {steps} steps: {}", secret.name);
                empty += usize::from(policy.is_none());
            }
            if done.is_some() {
                break;
            }
            points += 1;
        }
    }
    eprintln!("policies: a sign-in was stopped at {points} points");
    assert!(points >= 8, "{points}");
    assert!(empty > 0, "it was stopped between making the secret and giving it its policy, too");
}

#[tokio::test]
async fn a_secret_from_before_gets_its_policy_with_the_next_sign_in_or_seal() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    let name = Bench::secret_name(&bench.grant(&one).await);
    let given = policy_of(&bench, &name).await;
    let take_away = || bench.secrets.delete_resource_policy().secret_id(&name).send();

    take_away().await.unwrap();
    assert_eq!(policy_of(&bench, &name).await, None);
    bench.sign_in(&one).await;
    assert_eq!(policy_of(&bench, &name).await, given);

    take_away().await.unwrap();
    let vault = with_next_key(&bench, &create_key(&bench.kms).await);
    assert_eq!(rewrap_all(&vault, 10).await, (1, Vec::new()));
    assert_eq!(policy_of(&bench, &name).await, given);
    assert_eq!(open(&vault, &one).await.unwrap(), "access-2");
}
