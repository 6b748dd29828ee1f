//! The bot comes and goes, and so do the channels it is in. What a conversation owned goes with it:
//! where it is served, its subscriptions, its threads, from which of its messages issues were created.
//! Links of issues and chats stay: they are people's, and messages cross without the bot. So does that
//! somebody wants to be told of what they watch: that is a setting of theirs.
//!
//! <https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events>

use tandem_domain::{BotUserId, ConversationId, ConversationKind, Failure, TeamId};
use tandem_microsoft::{activity::InstallationAction, cards};
use tandem_runtime::conversations;
use tandem_store::{ChannelSubscription, LinkState};

use crate::{stopped::connect_url, turn::Turn};

/// What a person is told when they have added the bot.
const GREETING: &str = "Connect your Jira and Microsoft accounts, and I search, show, create and \
                        change issues for you, in your name. Write help for what I understand.";

/// `installationUpdate`: the app was installed, upgraded or removed.
pub(crate) async fn installation(
    turn: &Turn<'_>,
    action: InstallationAction,
) -> Result<(), Failure> {
    match action {
        InstallationAction::Added => added(turn).await,
        InstallationAction::Removed => removed(turn).await,
        InstallationAction::RemovedToUpgrade | InstallationAction::Other => Ok(()),
    }
}

/// `conversationUpdate`: members came or went, or something happened to the team or channel.
pub(crate) async fn conversation(turn: &Turn<'_>) -> Result<(), Failure> {
    let activity = &turn.activity;
    let bot = activity.recipient.as_ref();
    let is_bot = |members: &[BotUserId]| members.iter().any(|member| Some(member) == bot);
    if is_bot(&activity.members_added) {
        return added(turn).await;
    }
    if is_bot(&activity.members_removed) {
        return removed(turn).await;
    }
    let Some(event) = &activity.event else { return Ok(()) };
    let channel = activity.conversation.named_channel.as_ref();
    match (event.as_str(), channel, &activity.conversation.team) {
        ("channeldeleted", Some(channel), _) => forget(turn, channel).await,
        ("teamdeleted" | "teamharddeleted", _, Some(team)) => forget_team(turn, team).await,
        ("teamarchived", _, Some(team)) => set_state(turn, team, LinkState::Refused).await,
        ("teamunarchived" | "teamrestored", _, Some(team)) => {
            set_state(turn, team, LinkState::Active).await
        }
        _ => Ok(()),
    }
}

/// Remembers where the bot is; greets a person the first time.
async fn added(turn: &Turn<'_>) -> Result<(), Failure> {
    if !turn.remember().await? {
        return Ok(());
    }
    let url = connect_url(turn.app)?;
    let card = cards::notice("Tandem", GREETING, &[("Connect", url)]);
    if let Err(failure) = turn.say(card).await {
        // Blocked, gone already, or out of reach: a greeting is not worth a repetition.
        tracing::warn!(target: "tandem", function = crate::NAME, code = failure.code(), %failure, "not greeted");
    }
    Ok(())
}

/// Forgets where the bot was, and what the conversation owned.
async fn removed(turn: &Turn<'_>) -> Result<(), Failure> {
    let conversation = &turn.activity.conversation;
    match (conversation.kind, &turn.activity.from, &conversation.team) {
        (ConversationKind::Personal, Some(object), _) => {
            let store = &turn.app.store;
            let known = store.find_personal_conversation(&turn.tenant, object).await?;
            // Two people's chat is personal to Teams as well.
            if known.is_some_and(|known| known.conversation_id == conversation.id) {
                store.delete_personal_conversation(&turn.tenant, object).await?;
            }
            forget(turn, &conversation.id).await
        }
        (ConversationKind::Personal, None, _) => Ok(()),
        (_, _, Some(team)) => {
            forget_team(turn, team).await?;
            forget(turn, &conversation.id).await
        }
        (_, _, None) => forget(turn, &conversation.id).await,
    }
}

async fn forget(turn: &Turn<'_>, conversation: &ConversationId) -> Result<(), Failure> {
    conversations::forget(turn.app, &turn.tenant, &conversation.channel()).await
}

/// Forgets every channel of a team.
async fn forget_team(turn: &Turn<'_>, team: &TeamId) -> Result<(), Failure> {
    let store = &turn.app.store;
    for channel in store.list_conversations_by_team(&turn.tenant, team).await? {
        forget(turn, &channel.conversation_id).await?;
    }
    // The General channel has the team's id.
    match ConversationId::parse(team.as_str()) {
        Ok(general) => forget(turn, &general).await,
        Err(_) => Ok(()),
    }
}

/// Rests what the channels of a team are told, or wakes what rests.
async fn set_state(turn: &Turn<'_>, team: &TeamId, state: LinkState) -> Result<(), Failure> {
    let store = &turn.app.store;
    let changes = |from: LinkState| match state {
        LinkState::Active => from == LinkState::Refused,
        state => from != state,
    };
    for channel in store.list_conversations_by_team(&turn.tenant, team).await? {
        let told = store.list_projects_by_channel(&turn.tenant, &channel.conversation_id).await?;
        for item in told.into_iter().filter(|item| changes(item.state)) {
            store.change_channel_subscription(&ChannelSubscription { state, ..item }).await?;
        }
    }
    Ok(())
}
