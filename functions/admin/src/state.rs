//! How a site fares: each number from one question by key, each bounded.

use std::{collections::HashMap, time::Duration};

use http::StatusCode;
use lambda_http::Request;
use serde::Serialize;
use tandem_domain::{
    AccountId, CloudId, Failure, GrantState, Provider, SignInReason, Subject, Timestamp,
};
use tandem_runtime::{
    ApiError, App,
    access::require_site_admin,
    http::{Answer, json, request_id},
    session::signed_in,
};
use tandem_store::{Counted, Counts, DueKind, Grant, Installation, LinkState, StoreError};

/// Over which time deliveries are counted: the slots that the last hour touches.
const LAST: Duration = Duration::from_hours(1);

/// After which time a renewal that is due has failed: upkeep looks every five minutes, and this is
/// two of its runs.
const OVERDUE: Duration = Duration::from_mins(10);

/// How many grants that need a sign-in are looked at.
const MOST_GRANTS: i32 = 500;

/// How a site fares.
pub(crate) struct State {
    pub(crate) installation: Installation,
    pub(crate) webhook_seen_at: Option<Timestamp>,
    /// When the slots begin that are counted.
    pub(crate) deliveries_since: Timestamp,
    pub(crate) deliveries: Counts,
    pub(crate) sign_ins: Vec<SignInNeeded>,
    /// Whether there are more grants than were looked at.
    pub(crate) sign_ins_more: bool,
    pub(crate) channels: Counted,
    pub(crate) channels_resting: u64,
    pub(crate) erasures: Counted,
    pub(crate) deployment: Deployment,
}

/// What is of the whole deployment: all its sites together.
pub(crate) struct Deployment {
    pub(crate) dead_letters: u64,
    pub(crate) subscriptions: Counted,
    pub(crate) subscriptions_overdue: Counted,
    pub(crate) next_renewal_at: Option<Timestamp>,
}

/// A person of the site who must sign in again at one of the two sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignInNeeded {
    pub(crate) account: AccountId,
    pub(crate) provider: Provider,
    pub(crate) reason: SignInReason,
    pub(crate) since: Option<Timestamp>,
}

/// How the site fares now; 401 when it is not served any more.
pub(crate) async fn read(app: &App, cloud: &CloudId) -> Result<State, ApiError> {
    let store = &app.store;
    let now = app.clock.now();
    let since = now.minus(LAST);
    let (installation, seen, tallies, grants, channels, erasures, deployment) = tokio::join!(
        store.find_installation(cloud),
        store.find_webhook_seen(cloud),
        store.list_tallies(cloud, since),
        sign_ins(app, cloud),
        store.list_channels_by_site(cloud),
        store.count_erasures_of_site(cloud),
        deployment(app, now),
    );
    let refused = || ApiError::unauthorized("not_signed_in", "this site is not served any more");
    let (tallies, (sign_ins, sign_ins_more), (channels, more)) = (tallies?, grants?, channels?);
    let resting = channels.iter().filter(|channel| channel.state != LinkState::Active).count();
    Ok(State {
        installation: installation?.ok_or_else(refused)?,
        webhook_seen_at: seen?.map(|seen| seen.seen_at),
        deliveries_since: tandem_store::Tally::at(cloud, since).slot_at,
        deliveries: tallies.into_iter().fold(Counts::default(), |sum, it| sum.plus(it.counts)),
        sign_ins,
        sign_ins_more,
        channels: Counted { count: channels.len() as u64, more },
        channels_resting: resting as u64,
        erasures: erasures?,
        deployment: deployment?,
    })
}

async fn deployment(app: &App, now: Timestamp) -> Result<Deployment, Failure> {
    let of = DueKind::Subscription;
    let (dead_letters, subscriptions, overdue, next) = tokio::join!(
        app.queue.count_dead_letters(),
        app.store.count_due(of, None),
        app.store.count_due(of, Some(now.minus(OVERDUE))),
        app.store.find_next_due(of),
    );
    Ok(Deployment {
        dead_letters: dead_letters?,
        subscriptions: subscriptions?,
        subscriptions_overdue: overdue?,
        next_renewal_at: next?,
    })
}

/// The people of the site who must sign in again. A grant names no site: those who are linked with
/// this one are found by their keys.
async fn sign_ins(app: &App, cloud: &CloudId) -> Result<(Vec<SignInNeeded>, bool), StoreError> {
    let (grants, more) = app.store.list_grants_needing_sign_in(MOST_GRANTS).await?;
    let mut people = Vec::new();
    for grants in grants.chunks(100) {
        let subjects: Vec<Subject> = grants.iter().filter_map(Grant::subject).collect();
        let of_site = app.store.list_accounts_by_subjects(cloud, &subjects).await?;
        let of_site: HashMap<Subject, AccountId> = of_site.into_iter().collect();
        people.extend(grants.iter().filter_map(|grant| {
            let GrantState::NeedsSignIn(reason) = grant.state else { return None };
            let account = of_site.get(&grant.subject()?)?.clone();
            let (provider, since) = (grant.provider, grant.ended_at);
            Some(SignInNeeded { account, provider, reason, since })
        }));
    }
    Ok((people, more))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StateResponse<'a> {
    cloud_id: &'a str,
    site_host: &'a str,
    /// RFC 3339, as all times here.
    installed_at: String,
    webhook: WebhookResponse,
    deliveries: DeliveriesResponse,
    sign_in_needed: SignInsResponse<'a>,
    channel_subscriptions: ChannelsResponse,
    erasures_under_way: CountResponse,
    /// Of all sites together.
    deployment: DeploymentResponse,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WebhookResponse {
    /// To five minutes; `null` when none was seen yet.
    last_seen_at: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeliveriesResponse {
    /// The last hour, from the beginning of the ten minutes in which it began.
    since: String,
    done: u64,
    dropped: u64,
    retried: u64,
    given_up: u64,
    failed: u64,
}

#[derive(Serialize)]
struct CountResponse {
    count: u64,
    /// Whether there may be more: not all were counted.
    more: bool,
}

#[derive(Serialize)]
struct SignInsResponse<'a> {
    #[serde(flatten)]
    counted: CountResponse,
    people: Vec<SignInResponse<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignInResponse<'a> {
    account_id: &'a str,
    provider: Provider,
    reason: SignInReason,
    since: Option<String>,
}

#[derive(Serialize)]
struct ChannelsResponse {
    #[serde(flatten)]
    counted: CountResponse,
    /// Of these, how many are not told of anything now.
    resting: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeploymentResponse {
    dead_letters: u64,
    chat_subscriptions: SubscriptionsResponse,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SubscriptionsResponse {
    #[serde(flatten)]
    counted: CountResponse,
    /// How many upkeep should have renewed by now.
    overdue: CountResponse,
    next_renewal_at: Option<String>,
}

impl From<Counted> for CountResponse {
    fn from(Counted { count, more }: Counted) -> Self {
        Self { count, more }
    }
}

/// `GET /instance`: how the site of the session fares, for its administrators.
pub(crate) async fn show(app: &App, request: &Request) -> Answer {
    let person = signed_in(app, request).await?;
    require_site_admin(app, &person, &request_id(request)?).await?;
    let state = Box::pin(read(app, &person.session.cloud_id)).await?;
    json(StatusCode::OK, &response(&state))
}

fn response(state: &State) -> StateResponse<'_> {
    let rfc3339 = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339);
    let Counts { done, dropped, retried, given_up, failed } = state.deliveries;
    let people = state.sign_ins.iter().map(|it| SignInResponse {
        account_id: it.account.as_str(),
        provider: it.provider,
        reason: it.reason,
        since: rfc3339(it.since),
    });
    let deployment = &state.deployment;
    StateResponse {
        cloud_id: state.installation.cloud_id.as_str(),
        site_host: state.installation.site_host.as_str(),
        installed_at: state.installation.created_at.to_rfc3339(),
        webhook: WebhookResponse { last_seen_at: rfc3339(state.webhook_seen_at) },
        deliveries: DeliveriesResponse {
            since: state.deliveries_since.to_rfc3339(),
            done,
            dropped,
            retried,
            given_up,
            failed,
        },
        sign_in_needed: SignInsResponse {
            counted: CountResponse {
                count: state.sign_ins.len() as u64,
                more: state.sign_ins_more,
            },
            people: people.collect(),
        },
        channel_subscriptions: ChannelsResponse {
            counted: state.channels.into(),
            resting: state.channels_resting,
        },
        erasures_under_way: state.erasures.into(),
        deployment: DeploymentResponse {
            dead_letters: deployment.dead_letters,
            chat_subscriptions: SubscriptionsResponse {
                counted: deployment.subscriptions.into(),
                overdue: deployment.subscriptions_overdue.into(),
                next_renewal_at: rfc3339(deployment.next_renewal_at),
            },
        },
    }
}
