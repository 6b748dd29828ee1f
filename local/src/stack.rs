//! The whole stack in one process: AWS, both vendors, the functions, and what runs beside them.

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, Method, Uri},
    middleware,
};
use tandem_domain::{Clock, CloudId, Entropy, SiteHost, SystemClock};
use tandem_runtime::{
    ATLASSIAN_CALLBACK, App, Config, MICROSOFT_CALLBACK, Parts, connections::Roots,
    metrics::Metrics, signing::SystemEntropy,
};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    aws::{Aws, AwsOptions},
    caller::{CallObserver, as_function},
    clock::ForwardClock,
    elsewhere::Elsewhere,
    endpoints,
    gateway::{Gateway, LatestEvents, Observer},
    provision::{self, Clients, SECRET_PREFIX, SECRET_READERS, TABLE},
    routes::Routes,
    sandbox::{
        gate::{self, Gate},
        jira::{JiraOptions, JiraSandbox},
        microsoft::{MicrosoftOptions, MicrosoftSandbox},
        weather::Sky,
    },
    vendors::Vendors,
    worker,
};

/// How the stack runs.
pub struct StackOptions {
    /// The port of the page and the API; `0` takes a free one.
    pub port: u16,
    /// Where state is kept between runs; `None` keeps it in memory.
    pub data_dir: Option<PathBuf>,
    /// The simulated vendors, or real ones.
    pub vendors: Vendors,
    /// Another DynamoDB than the embedded one.
    pub dynamodb_endpoint: Option<String>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where metrics go.
    pub metrics: Option<tandem_runtime::metrics::Sink>,
    /// Whether the bot takes activities without a token: for Microsoft's test client.
    pub anonymous_bot: bool,
    /// How long the simulated vendors wait before they send again what was not taken.
    pub vendor_retry: Duration,
    /// Sees each request of the API with its answer.
    pub observer: Option<Observer>,
    /// Sees each call to AWS that a function makes.
    pub calls: Option<CallObserver>,
    /// Where the functions run in a process of their own; `None` runs them in this one.
    pub functions: Option<String>,
}

impl Default for StackOptions {
    fn default() -> Self {
        Self {
            port: 3000,
            data_dir: None,
            vendors: Vendors::Simulated,
            dynamodb_endpoint: None,
            clock: Arc::new(SystemClock),
            metrics: None,
            anonymous_bot: false,
            vendor_retry: Duration::from_secs(1),
            observer: None,
            calls: None,
            functions: None,
        }
    }
}

/// A running stack; dropping it stops everything.
pub struct Stack {
    /// What the functions work with.
    pub app: Arc<App>,
    /// The emulated AWS.
    pub aws: Arc<Aws>,
    /// Clients of the emulated AWS.
    pub clients: Clients,
    /// The simulated Atlassian.
    pub jira: JiraSandbox,
    /// The simulated Microsoft.
    pub microsoft: MicrosoftSandbox,
    /// What stands in front of both.
    pub gate: Gate,
    /// The key under which tokens are sealed, and the secret store's.
    pub deployment: provision::Deployment,
    /// The queue of deliveries.
    pub queue_url: String,
    clock: Arc<ForwardClock>,
    latest: LatestEvents,
    under_way: worker::UnderWay,
    address: SocketAddr,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Stack {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Stack {
    /// Starts the stack. The error says in a line what stood in the way.
    pub async fn start(mut options: StackOptions) -> io::Result<Self> {
        let routes = Routes::load().map_err(io::Error::other)?;
        let listener = TcpListener::bind(("127.0.0.1", options.port)).await.map_err(|error| {
            io::Error::new(error.kind(), format!("port {} cannot be used: {error}", options.port))
        })?;
        let address = listener.local_addr()?;
        if let Some(dir) = &options.data_dir {
            std::fs::create_dir_all(dir).map_err(|error| {
                io::Error::new(error.kind(), format!("{} cannot be used: {error}", dir.display()))
            })?;
        }
        let base = format!("http://localhost:{}", address.port());
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let clock = Arc::new(ForwardClock::of(options.clock));
        options.clock = Arc::clone(&clock) as Arc<dyn Clock>;
        let aws = Aws::start(AwsOptions {
            data_dir: options.data_dir.clone(),
            clock: Arc::clone(&options.clock),
        })
        .await?;
        let (endpoint, calls) = (options.dynamodb_endpoint.as_deref(), options.calls.as_ref());
        // A developer's machine may be behind a proxy that the machine trusts.
        let roots = match options.vendors {
            Vendors::Simulated => Roots::Mozilla,
            Vendors::Real(_) => Roots::Machine,
        };
        let clients = Clients::of(&aws, endpoint, calls, roots).map_err(io::Error::other)?;
        let credentials = options.vendors.credentials();
        let (deployment, queues) = provision::provision(
            &clients,
            options.data_dir.as_deref(),
            entropy.as_ref(),
            &provision::ClientSecrets {
                atlassian: &credentials.atlassian_secret,
                microsoft: &credentials.microsoft_secret,
                bot: &credentials.bot_secret,
            },
        )
        .await?;
        let gate = Gate::default();
        let jira = jira_sandbox(&options, &base, &gate.sky)?;
        let microsoft = microsoft_sandbox(&options, &base, &gate.sky)?;
        let config = config(&options.vendors, &base, &deployment, &queues)?;
        let metrics = match &options.metrics {
            Some(sink) => Metrics::new(Arc::clone(sink), Arc::clone(&options.clock)),
            None => Metrics::new(Arc::new(|_| {}), Arc::clone(&options.clock)),
        };
        let parts = Parts {
            config,
            http: clients.http.clone(),
            dynamodb: clients.dynamodb.clone(),
            kms: clients.kms.clone(),
            secrets: clients.secrets.clone(),
            sqs: clients.sqs.clone(),
            clock: Arc::clone(&options.clock),
            entropy,
            metrics,
            anonymous_bot: options.anonymous_bot,
        };
        let app = Arc::new(App::build(parts).await.map_err(io::Error::other)?);
        let mut stack = Self {
            app,
            aws: Arc::new(aws),
            clients,
            jira,
            microsoft,
            gate,
            deployment,
            queue_url: queues.url,
            clock,
            latest: LatestEvents::default(),
            under_way: worker::UnderWay::default(),
            address,
            tasks: Vec::new(),
        };
        let behind = match options.functions {
            Some(url) => Behind::Elsewhere(Elsewhere::at(url)?),
            None => Behind::Here(Gateway {
                app: Arc::clone(&stack.app),
                routes,
                observer: options.observer,
                latest: stack.latest.clone(),
            }),
        };
        stack.serve(listener, behind, matches!(options.vendors, Vendors::Simulated));
        Ok(stack)
    }

    /// Serves the page and the API; the simulated vendors only where they are wanted.
    fn serve(&mut self, listener: TcpListener, behind: Behind, simulated: bool) {
        let here = matches!(behind, Behind::Here(_));
        let sandbox = self
            .jira
            .router()
            .merge(self.microsoft.router())
            .layer(middleware::from_fn_with_state(self.gate.clone(), gate::pass));
        let vendors =
            if simulated { Router::new().nest("/sandbox", sandbox) } else { Router::new() };
        let everything = vendors.merge(endpoints::router(self.local(), simulated)).fallback(
            move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
                match behind {
                    Behind::Here(gateway) => gateway.serve(method, uri, headers, body).await,
                    Behind::Elsewhere(functions) => {
                        functions.serve(method, uri, headers, body).await
                    }
                }
            },
        );
        self.tasks.push(tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, everything).await {
                tracing::error!(target: "tandem", %error, "the server stopped");
            }
        }));
        if !here {
            return;
        }
        for _ in 0..2 {
            let worker = worker::deliver(
                Arc::clone(&self.app),
                self.clients.sqs.clone(),
                self.queue_url.clone(),
                self.under_way.clone(),
            );
            // Lambda polls the queue with the role of the function that it invokes.
            // <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
            self.tasks.push(tokio::spawn(as_function(tandem_delivery::NAME, worker)));
        }
        self.tasks.push(tokio::spawn(worker::upkeep(Arc::clone(&self.app))));
    }

    /// Where the page and the API are.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// How many batches of deliveries are being handled.
    pub fn under_way(&self) -> usize {
        self.under_way.count()
    }

    /// What the local endpoints work with.
    pub fn local(&self) -> endpoints::Local {
        endpoints::Local {
            app: Arc::clone(&self.app),
            aws: Arc::clone(&self.aws),
            clients: self.clients.clone(),
            jira: self.jira.clone(),
            microsoft: self.microsoft.clone(),
            secrets_key: self.deployment.secrets_key.clone(),
            clock: Arc::clone(&self.clock),
            latest: self.latest.clone(),
        }
    }

    /// Serves a Jira site whose webhooks are signed with `webhook_secret`.
    pub async fn install(
        &self,
        cloud_id: CloudId,
        site_host: SiteHost,
        webhook_secret: &str,
    ) -> io::Result<()> {
        self.jira.add_site(cloud_id.as_str(), site_host.as_str(), webhook_secret);
        endpoints::install(
            &self.app,
            &self.clients,
            &self.deployment.secrets_key,
            cloud_id,
            site_host,
            webhook_secret,
        )
        .await
        .map_err(|error| io::Error::other(error.to_string()))
    }

    /// Waits until nothing is under way: no webhook or notification unsent, no delivery waiting or
    /// in flight that could be handled now.
    pub async fn settled(&self) {
        let mut quiet = 0;
        while quiet < 3 {
            self.jira.settled().await;
            self.microsoft.settled().await;
            let busy = self.under_way() > 0 || self.aws.messages_left() > 0;
            quiet = if busy { 0 } else { quiet + 1 };
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// What answers the API.
#[derive(Clone)]
enum Behind {
    Here(Gateway),
    Elsewhere(Elsewhere),
}

fn jira_sandbox(options: &StackOptions, base: &str, sky: &Sky) -> io::Result<JiraSandbox> {
    let credentials = options.vendors.credentials();
    JiraSandbox::new(JiraOptions {
        api_base: format!("{base}/sandbox/atlassian/api"),
        webhook_base: base.to_owned(),
        client_id: credentials.atlassian_id,
        client_secret: credentials.atlassian_secret,
        redirect_uris: vec![format!("{base}{ATLASSIAN_CALLBACK}")],
        retry_delay: options.vendor_retry,
        reuse_leeway: None,
        data_file: options.data_dir.as_ref().map(|dir| dir.join("sandbox-jira.json")),
        clock: Arc::clone(&options.clock),
        sky: sky.clone(),
    })
}

fn microsoft_sandbox(
    options: &StackOptions,
    base: &str,
    sky: &Sky,
) -> io::Result<MicrosoftSandbox> {
    let credentials = options.vendors.credentials();
    MicrosoftSandbox::new(MicrosoftOptions {
        entra_base: format!("{base}/sandbox/entra"),
        graph_base: format!("{base}/sandbox/graph/v1.0"),
        connector_base: format!("{base}/sandbox/connector"),
        client_id: credentials.microsoft_id,
        client_secret: credentials.microsoft_secret,
        bot_client_id: credentials.bot_id,
        bot_client_secret: credentials.bot_secret,
        bot_endpoint: format!("{base}/teams/messages"),
        redirect_uris: vec![format!("{base}{MICROSOFT_CALLBACK}")],
        retry_delay: options.vendor_retry,
        data_file: options.data_dir.as_ref().map(|dir| dir.join("sandbox-microsoft.json")),
        clock: Arc::clone(&options.clock),
        sky: sky.clone(),
    })
}

fn config(
    vendors: &Vendors,
    base: &str,
    deployment: &provision::Deployment,
    queues: &provision::Queues,
) -> io::Result<Config> {
    let credentials = vendors.credentials();
    let variable = |name: &str| -> Option<String> {
        Some(match name {
            "TANDEM_PUBLIC_URL" => vendors.public_url().unwrap_or(base).to_owned(),
            "TANDEM_TABLE" => TABLE.to_owned(),
            "TANDEM_QUEUE_URL" => queues.url.clone(),
            "TANDEM_DEAD_LETTER_QUEUE_URL" => queues.dead_letter_url.clone(),
            "TANDEM_ENVELOPE_KEY_ID" => deployment.envelope_key.clone(),
            "TANDEM_SECRETS_KEY_ID" => deployment.secrets_key.clone(),
            "TANDEM_SECRET_PREFIX" => SECRET_PREFIX.to_owned(),
            "TANDEM_SECRET_READERS" => SECRET_READERS.to_owned(),
            "TANDEM_ATLASSIAN_CLIENT_ID" => credentials.atlassian_id.clone(),
            "TANDEM_MICROSOFT_CLIENT_ID" => credentials.microsoft_id.clone(),
            "TANDEM_BOT_CLIENT_ID" => credentials.bot_id.clone(),
            "TANDEM_BOT_TENANT_ID" => credentials.bot_tenant.clone(),
            other => return vendors.address(other, base),
        })
    };
    Config::read(&variable).map_err(io::Error::other)
}
