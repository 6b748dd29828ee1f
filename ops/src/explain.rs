//! Why a delivery probably failed, from what the table knows of it: each question one read by key.

mod words;

use tandem_domain::{
    Audience, CloudId, ConversationId, Delivery, DeliveryKind, GrantState, ObjectId, ProjectId,
    QueueMessage, Subject, TenantId, Timestamp,
};
use tandem_store::{CLAIM_KEPT_FOR, Claim, ClaimState, LinkState, Store, StoreError};

pub use words::{Advice, Finding, advice_of};

/// The claim of a piece of work.
pub(crate) async fn claim_of(
    store: &Store,
    message: Option<&QueueMessage>,
) -> Result<Option<Claim>, StoreError> {
    match message {
        Some(message) => store.find_claim(message.cloud_id(), message.claim()).await,
        None => Ok(None),
    }
}

/// What is found about a dead letter.
pub(crate) async fn findings(
    store: &Store,
    message: Option<&QueueMessage>,
    now: Timestamp,
) -> Result<Vec<Finding>, StoreError> {
    let Some(message) = message else { return Ok(vec![Finding::Unreadable]) };
    let mut found = vec![attempted(store, message, now).await?];
    if store.find_installation(message.cloud_id()).await?.is_none() {
        found.push(Finding::SiteNotServed);
        return Ok(found);
    }
    match message {
        QueueMessage::Delivery(delivery) => of_delivery(store, delivery, &mut found).await?,
        QueueMessage::Telling(of) => match &of.audience {
            Audience::Channel { tenant_id, channel_id } => {
                let place = (&of.cloud_id, &of.project_id, tenant_id, channel_id);
                of_channel(store, place, &mut found).await?;
            }
            Audience::Person { account_id } => {
                let person = Subject::Atlassian(account_id.clone());
                found.extend(of_grant(store, person).await?);
            }
            Audience::Others { .. } => {}
        },
        QueueMessage::Removal(_) => {}
    }
    Ok(found)
}

/// How far the attempts were.
async fn attempted(
    store: &Store,
    message: &QueueMessage,
    now: Timestamp,
) -> Result<Finding, StoreError> {
    let claim = claim_of(store, Some(message)).await?.filter(|claim| claim.forget_at > now);
    let is_old = message.accepted_at().plus(CLAIM_KEPT_FOR) <= now;
    Ok(match claim {
        None if is_old => Finding::Forgotten,
        None => Finding::NotClaimed,
        Some(Claim { state: ClaimState::Done, .. }) => Finding::Done,
        Some(claim) if claim.lease_until > now => Finding::BeingTried,
        Some(Claim { failed_with: Some(code), .. }) => Finding::Failed(code),
        Some(_) => Finding::BrokeOff,
    })
}

async fn of_delivery(
    store: &Store,
    delivery: &Delivery,
    found: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    let Delivery { cloud_id, issue_id, tenant_id, chat_id, .. } = delivery;
    let link = store.find_chat_link(cloud_id, issue_id, tenant_id, chat_id).await?;
    let Some(link) = link else {
        found.push(Finding::NotLinked);
        return Ok(());
    };
    // That somebody must sign in is said of the grant itself, below.
    if matches!(link.state, LinkState::Refused | LinkState::IssueDeleted) {
        found.push(Finding::LinkEnded);
    }
    let microsoft = |object: ObjectId| Subject::Microsoft(tenant_id.clone(), object);
    let mut people = vec![Subject::Atlassian(link.created_by), microsoft(link.creator_object_id)];
    if let DeliveryKind::MessageCreated { subscriber, .. }
    | DeliveryKind::MessageUpdated { subscriber, .. }
    | DeliveryKind::MessageDeleted { subscriber, .. } = &delivery.kind
    {
        let subscriber = microsoft(subscriber.clone());
        if !people.contains(&subscriber) {
            people.push(subscriber);
        }
    }
    for person in people {
        found.extend(of_grant(store, person).await?);
    }
    Ok(())
}

async fn of_channel(
    store: &Store,
    (cloud, project, tenant, channel): (&CloudId, &ProjectId, &TenantId, &ConversationId),
    found: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    let follows = store.list_channels_by_project(cloud, project).await?;
    let here: Vec<_> = follows
        .into_iter()
        .filter(|follow| follow.tenant_id == *tenant && follow.channel_id == *channel)
        .collect();
    if here.is_empty() {
        found.push(Finding::NotSubscribed);
    }
    for follow in here {
        found.extend(of_grant(store, Subject::Atlassian(follow.subscribed_by)).await?);
    }
    Ok(())
}

/// What ails somebody's grant, if anything does.
async fn of_grant(store: &Store, person: Subject) -> Result<Option<Finding>, StoreError> {
    let grant = store.find_grant(&person).await?;
    Ok(match grant.map(|grant| grant.state) {
        Some(GrantState::Active) => None,
        Some(GrantState::NeedsSignIn(reason)) => Some(Finding::NeedsSignIn(person, reason)),
        Some(GrantState::Erased) | None => Some(Finding::NoGrant(person)),
    })
}
