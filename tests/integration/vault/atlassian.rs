//! The same stops, with the simulated Atlassian behind the token endpoint: it rotates strictly, or
//! takes a refresh token again for ten minutes, as the real one does. Its gate counts the calls.

use std::{sync::Arc, time::Duration};

use axum::{Router, middleware};
use tandem_domain::{
    AccessToken, AccountId, AuthorizationCode, Clock, Failure, GrantState, IssuerError,
    RefreshToken, Secret, Subject, TokenSet,
};
use tandem_jira::{AtlassianOAuth, OAuthConfig};
use tandem_local::sandbox::{
    gate::{self, Gate},
    jira::{JiraOptions, JiraSandbox, NewUser},
    weather::Sky,
};
use tandem_vault::Vault;
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

use super::bench::{Bench, STOPS, open, stop_after, subject_of};
use crate::support::client;

const LASTS: Duration = Duration::from_hours(1);
const WITHIN_THE_LEASE: Duration = Duration::from_secs(31);
const LEEWAY: Duration = Duration::from_mins(10);
const CLIENT_SECRET: &str = "client-secret";
const SCOPES: [&str; 2] = ["read:jira-work", "offline_access"];

/// The simulated Atlassian, and the bench.
struct World {
    bench: Bench,
    sandbox: JiraSandbox,
    gate: Gate,
    base: String,
    oauth: Arc<AtlassianOAuth>,
    http: reqwest::Client,
    task: JoinHandle<()>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl World {
    async fn start(reuse_leeway: Option<Duration>) -> Self {
        let bench = Bench::start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let callback = format!("{base}/connect/atlassian/callback");
        let sandbox = JiraSandbox::new(JiraOptions {
            api_base: format!("{base}/atlassian/api"),
            webhook_base: base.clone(),
            client_id: "tandem".to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            redirect_uris: vec![callback.clone()],
            retry_delay: Duration::from_secs(1),
            reuse_leeway,
            data_file: None,
            clock: bench.clock.clone(),
            sky: Sky::default(),
        })
        .unwrap();
        let gate = Gate::default();
        let passing = middleware::from_fn_with_state(gate.clone(), gate::pass);
        let router: Router = sandbox.router().layer(passing);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let config = OAuthConfig {
            auth_base: Url::parse(&format!("{base}/atlassian/login")).unwrap(),
            client_id: "tandem".to_owned(),
            client_secret: Arc::new(Secret::new(CLIENT_SECRET.to_owned())),
            redirect_uri: Url::parse(&callback).unwrap(),
            scopes: SCOPES.iter().map(|&scope| scope.to_owned()).collect(),
        };
        let oauth = Arc::new(AtlassianOAuth::new(client(), config, bench.clock.clone()));
        Self { bench, sandbox, gate, base, oauth, http: client(), task }
    }

    /// A vault as a new process has it.
    fn vault(&self) -> Arc<Vault> {
        self.bench.vault_at(self.bench.config(), self.oauth.clone())
    }

    /// Somebody new who has just signed in.
    async fn signed_in(&self) -> Subject {
        let account = self.sandbox.add_user(NewUser::default());
        let (access, refresh) = self.sandbox.issue_tokens(&account, &SCOPES);
        let tokens = TokenSet {
            access: AccessToken::new(access),
            refresh: RefreshToken::new(refresh),
            expires_at: self.bench.clock.now().plus(LASTS),
        };
        let subject = subject_of(AccountId::parse(&account).unwrap());
        self.vault().save(&subject, &tokens).await.unwrap();
        subject
    }

    /// Consents at Atlassian: the code that the browser comes back with.
    async fn code(&self, account: &AccountId) -> AuthorizationCode {
        let mut url = self.oauth.authorize_url("state", &[]);
        url.query_pairs_mut().append_pair("login_as", account.as_str());
        let answer = self.http.get(url).send().await.unwrap();
        let back = answer.headers()["location"].to_str().unwrap().parse::<Url>().unwrap();
        let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        AuthorizationCode::new(code)
    }

    /// The rest of a sign-in: exchanges the code and saves the tokens.
    async fn sign_in(
        &self,
        subject: &Subject,
        code: &AuthorizationCode,
    ) -> Result<(), IssuerError> {
        let tokens = self.oauth.exchange(code).await?;
        self.vault().save(subject, &tokens).await.unwrap();
        Ok(())
    }

    /// The token calls so far, by the status of their answer.
    fn token_calls(&self) -> Vec<u16> {
        let calls = self.gate.recorded().into_iter();
        calls.filter(|call| call.path.ends_with("/oauth/token")).map(|call| call.status).collect()
    }

    /// Whether Atlassian takes the token.
    async fn takes(&self, access: &str) -> bool {
        let url = format!("{}/atlassian/api/oauth/token/accessible-resources", self.base);
        let answer = self.http.get(url).bearer_auth(access).send().await.unwrap();
        answer.status().is_success()
    }
}

#[tokio::test]
async fn with_the_simulated_atlassian_a_refresh_that_stops_anywhere_loses_no_grant() {
    for (leeway, vendor) in [(None, "strict rotation"), (Some(LEEWAY), "ten minutes of leeway")] {
        let world = World::start(leeway).await;
        let (mut points, mut ended) = (0, 0);
        for stop in STOPS {
            for steps in 1.. {
                let one = world.signed_in().await;
                world.bench.clock.advance(LASTS);
                let done = stop_after(steps, stop, open(&world.vault(), &one)).await;
                if let Some(done) = done {
                    assert!(world.takes(&done.unwrap()).await);
                    break;
                }
                points += 1;
                world.bench.clock.advance(WITHIN_THE_LEASE);
                match open(&world.vault(), &one).await {
                    Ok(access) => assert!(world.takes(&access).await, "{stop:?}, {steps} steps"),
                    Err(Failure::SignInNeeded { .. }) => ended += 1,
                    Err(failure) => panic!("{stop:?}, {steps} steps: {failure}"),
                }
            }
        }
        eprintln!(
            "refresh, Atlassian with {vendor}: stopped at {points} points, {ended} needed a sign-in"
        );
        assert!(points >= 12, "{points}");
        // Only an answer that was on its way when the process stopped is lost.
        assert!(if leeway.is_some() { ended == 0 } else { (1..=6).contains(&ended) }, "{ended}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_callers_in_eight_processes_and_the_strict_atlassian_sees_no_old_token() {
    let world = World::start(None).await;
    let one = world.signed_in().await;
    world.bench.clock.advance(LASTS);
    assert!(world.token_calls().is_empty());
    let vaults: Vec<_> = (0..8).map(|_| world.vault()).collect();
    let callers: Vec<_> = (0..200)
        .map(|n| {
            let (vault, one) = (vaults[n % 8].clone(), one.clone());
            tokio::spawn(async move { open(&vault, &one).await })
        })
        .collect();
    let mut tokens = Vec::new();
    for caller in callers {
        tokens.push(caller.await.unwrap().unwrap());
    }
    tokens.dedup();
    assert_eq!(tokens.len(), 1, "all have the same new token");
    assert_eq!(world.token_calls(), [200], "one call, with the token that counts");
    assert!(world.takes(&tokens[0]).await);
}

#[tokio::test]
async fn with_the_simulated_atlassian_a_sign_in_that_stops_anywhere_is_done_anew() {
    let world = World::start(None).await;
    let (mut points, mut nothing_kept, mut kept) = (0, 0, 0);
    for stop in STOPS {
        for steps in 1.. {
            let account = world.sandbox.add_user(NewUser::default());
            let account = AccountId::parse(&account).unwrap();
            let (one, code) = (subject_of(account.clone()), world.code(&account).await);
            let done = stop_after(steps, stop, world.sign_in(&one, &code)).await;
            // With what was kept, if anything, either all can be done or a sign-in is asked for.
            match open(&world.vault(), &one).await {
                Ok(access) => assert!(world.takes(&access).await, "{stop:?}, {steps} steps"),
                Err(Failure::Absent { .. } | Failure::SignInNeeded { .. }) => {
                    assert!(done.is_none(), "{stop:?}, {steps} steps");
                    nothing_kept += 1;
                }
                Err(failure) => panic!("{stop:?}, {steps} steps: {failure}"),
            }
            world.bench.assert_no_stray_secret();
            if let Some(done) = done {
                done.unwrap();
                let again = world.sign_in(&one, &code).await;
                assert!(matches!(again, Err(IssuerError::Refused(_))));
                break;
            }
            points += 1;
            world.sign_in(&one, &world.code(&account).await).await.unwrap();
            kept += 1;
            assert_eq!(world.bench.grant(&one).await.state, GrantState::Active);
            assert!(world.takes(&open(&world.vault(), &one).await.unwrap()).await);
        }
        kept += 1;
        assert_eq!(world.bench.grant_secrets().len(), kept, "{stop:?}");
    }
    eprintln!("sign-in, Atlassian: stopped at {points} points, {nothing_kept} kept nothing");
    assert!(points >= 12, "{points}");
    assert!((1..=points).contains(&nothing_kept), "{nothing_kept}");
}
