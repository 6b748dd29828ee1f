//! A refresh that stops, with the simulated Entra behind the token endpoint: it gives a new refresh
//! token at each use and leaves the old one valid.

use std::{sync::Arc, time::Duration};

use axum::middleware;
use tandem_domain::{
    AccessToken, Clock, ObjectId, RefreshToken, Secret, Subject, TenantId, TokenSet,
};
use tandem_local::sandbox::{
    gate::{self, Gate},
    microsoft::{MicrosoftOptions, MicrosoftSandbox, NewUser},
    weather::Sky,
};
use tandem_microsoft::entra::{EntraConfig, EntraOAuth};
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

use super::bench::{Bench, STOPS, open, stop_after};
use crate::support::{TENANT, client};

const LASTS: Duration = Duration::from_hours(1);
const WITHIN_THE_LEASE: Duration = Duration::from_secs(31);
const CLIENT_SECRET: &str = "client-secret";
const SCOPES: [&str; 2] = ["offline_access", "Chat.ReadWrite"];

/// The simulated Entra, and the bench.
struct World {
    bench: Bench,
    sandbox: MicrosoftSandbox,
    gate: Gate,
    entra: Arc<EntraOAuth>,
    task: JoinHandle<()>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl World {
    async fn start() -> Self {
        let bench = Bench::start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let callback = format!("{base}/connect/microsoft/callback");
        let sandbox = MicrosoftSandbox::new(MicrosoftOptions {
            entra_base: format!("{base}/entra"),
            graph_base: format!("{base}/graph/v1.0"),
            connector_base: format!("{base}/connector"),
            client_id: "tandem".to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            bot_client_id: "bot".to_owned(),
            bot_client_secret: "bot-secret".to_owned(),
            bot_endpoint: format!("{base}/teams/messages"),
            redirect_uris: vec![callback.clone()],
            retry_delay: Duration::from_secs(1),
            data_file: None,
            clock: bench.clock.clone(),
            sky: Sky::default(),
        })
        .unwrap();
        let gate = Gate::default();
        let passing = middleware::from_fn_with_state(gate.clone(), gate::pass);
        let router = sandbox.router().layer(passing);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let config = EntraConfig {
            login_base: Url::parse(&format!("{base}/entra")).unwrap(),
            authority: "organizations".to_owned(),
            client_id: "tandem".to_owned(),
            client_secret: Arc::new(Secret::new(CLIENT_SECRET.to_owned())),
            redirect_uri: Url::parse(&callback).unwrap(),
            scopes: SCOPES.iter().map(|&scope| scope.to_owned()).collect(),
        };
        let entra = Arc::new(EntraOAuth::new(client(), config, bench.clock.clone()));
        Self { bench, sandbox, gate, entra, task }
    }

    /// A vault as a new process has it.
    fn vault(&self) -> Arc<tandem_vault::Vault> {
        self.bench.vault_at(self.bench.config(), self.entra.clone())
    }

    /// Somebody new who has just signed in.
    async fn signed_in(&self) -> Subject {
        let object = self.sandbox.add_user(NewUser {
            tenant_id: TENANT.to_owned(),
            object_id: None,
            display_name: "Somebody".to_owned(),
        });
        let (access, refresh) = self.sandbox.issue_tokens(TENANT, &object, &SCOPES);
        let tokens = TokenSet {
            access: AccessToken::new(access),
            refresh: RefreshToken::new(refresh),
            expires_at: self.bench.clock.now().plus(LASTS),
        };
        let (tenant, object) = (TenantId::parse(TENANT), ObjectId::parse(&object));
        let subject = Subject::Microsoft(tenant.unwrap(), object.unwrap());
        self.vault().save(&subject, &tokens).await.unwrap();
        subject
    }
}

#[tokio::test]
async fn with_the_simulated_entra_a_refresh_that_stops_anywhere_loses_no_grant() {
    let world = World::start().await;
    let mut points = 0;
    for stop in STOPS {
        for steps in 1.. {
            let one = world.signed_in().await;
            let before = open(&world.vault(), &one).await.unwrap();
            world.bench.clock.advance(LASTS);
            let done = stop_after(steps, stop, open(&world.vault(), &one)).await;
            world.bench.clock.advance(WITHIN_THE_LEASE);
            let token = open(&world.vault(), &one).await.unwrap();
            assert_ne!(token, before, "{stop:?}, {steps} steps");
            // And the one after that.
            world.bench.clock.advance(LASTS);
            assert_ne!(open(&world.vault(), &one).await.unwrap(), token, "{stop:?}, {steps} steps");
            if done.is_some() {
                break;
            }
            points += 1;
        }
    }
    eprintln!("refresh, Entra: stopped at {points} points, 0 needed a sign-in");
    assert!(points >= 12, "{points}");
    let calls = world.gate.recorded();
    assert!(calls.iter().all(|call| call.status == 200), "nothing was refused");
}
