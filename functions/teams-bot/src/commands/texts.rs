//! What the commands say, in English.

use tandem_domain::settings::SettingName;

use super::parse::Name;

/// How a command is written, and what it does.
pub(super) fn usage(name: Name) -> (&'static str, &'static str) {
    match name {
        Name::Connect => ("connect", "Connects your Jira account and your Microsoft account."),
        Name::Disconnect => ("disconnect", "Ends that connection and erases your sign-ins."),
        Name::Link => ("link ABC-1", "Links this chat, or this thread, with an issue."),
        Name::Unlink => ("unlink ABC-1", "Ends such a link. Without a key: the only one."),
        Name::Subscribe => (
            "subscribe ABC bug created status:done",
            "Tells this conversation what happens in a project. The words behind it are optional: \
             issue types, events (created, updated, commented, deleted), status:, priority:, \
             assignee:, label:, secured, restricted.",
        ),
        Name::Subscriptions => ("subscriptions", "Lists what this conversation is told of."),
        Name::Unsubscribe => {
            ("unsubscribe ABC", "Ends the subscriptions to a project, or one by its number.")
        }
        Name::Settings => ("settings", "Shows your settings."),
        Name::Status => ("status", "Shows how your connection and this conversation stand."),
        Name::Help => ("help", "Shows this list."),
    }
}

pub(super) const MISUSED: &str = "I need to know more";
pub(super) const MISUSED_TEXT: &str = "Write it like this: ";

pub(super) const CONNECTED: &str = "Your accounts are connected";
pub(super) const CONNECTED_TEXT: &str =
    "To connect another Jira site, or other accounts, open the page.";
pub(super) const CONNECT_PAGE: &str = "Open the page";
pub(super) const CONNECTED_WITH: &str = "You work in Jira as yourself on: ";

pub(super) const DISCONNECTED: &str = "Disconnected";
pub(super) const DISCONNECTED_FROM: &str = "Your accounts are no longer connected on ";
pub(super) const DISCONNECTED_TEXT: &str = "What Tandem kept to act as you there is erased. You \
    can also take the permission back in the settings of your Atlassian account.";
pub(super) const DISCONNECTED_REMAINING: &str = "You are still connected on: ";
pub(super) const NOT_CONNECTED: &str = "Not connected";
pub(super) const NOT_CONNECTED_TEXT: &str =
    "Your accounts are not connected, so there is nothing to end.";

pub(super) const OTHER_SITE: &str =
    "I do not work with that Jira site for you. Write \"connect\" to connect your account there.";
pub(super) const SECURED: &str =
    "This issue has a security level, and the Jira site keeps such issues inside Jira.";
pub(super) const LINK_PERSONAL: &str =
    "A chat with me cannot be linked with an issue. Write this in a group chat or in a channel.";
pub(super) const NOT_A_CHAT: &str = "This kind of conversation cannot be linked.";
pub(super) const NOT_A_MEMBER: &str = "I could not see that you are a member of this chat.";
pub(super) const ALREADY_LINKED: &str = "Already linked";
pub(super) const ALREADY_LINKED_TEXT: &str = "This chat is linked with this issue already: ";
pub(super) const THREAD_LINKED: &str = "This thread is for ";
pub(super) const THREAD_ALREADY: &str = "This thread already is for ";
pub(super) const THREAD_LINKED_TEXT: &str = "What this channel is told of the issue goes here. \
    Messages of a channel do not become comments of the issue.";
pub(super) const THREAD_NOT_TOLD: &str =
    "This channel is told nothing of the project yet. To change that, write: subscribe ";
pub(super) const OPEN_IN_JIRA: &str = "Open in Jira";

pub(super) const UNLINKED: &str = "Unlinked";
pub(super) const UNLINKED_CHAT: &str =
    "Comments and messages no longer cross between this chat and the issue.";
pub(super) const UNLINKED_THREAD: &str = "This thread is no longer for the issue.";
pub(super) const UNLINK_PERSONAL: &str = "A chat with me is not linked with any issue.";
pub(super) const NOTHING_LINKED: &str = "This chat is linked with no issue.";
pub(super) const NOT_LINKED_HERE: &str = "That issue is not linked here.";
pub(super) const UNLINK_WHICH: &str = "Which issue?";
pub(super) const UNLINK_WHICH_TEXT: &str =
    "This chat is linked with several issues. Name one of them behind \"unlink\".";
pub(super) const UNLINK_THREAD_WHICH: &str =
    "This thread is for no issue. Name the issue behind \"unlink\", or write this in its thread.";
pub(super) const UNLINK_NOT_YOURS: &str =
    "Only somebody who may see the issue in Jira, or who linked it, can end this link.";

pub(super) const SUBSCRIBE_PERSONAL: &str = "A chat with me is not told of projects. Write this in a channel or in a group chat. What \
     concerns yourself I tell you here: write \"settings\".";
pub(super) const MAY_NOT_BROWSE: &str =
    "That project does not exist in Jira, or you may not see it.";
pub(super) const SECURED_OFF: &str =
    "The Jira site keeps issues with a security level inside Jira: leave \"secured\" out.";
pub(super) const RESTRICTED_OFF: &str =
    "The Jira site keeps restricted comments inside Jira: leave \"restricted\" out.";
pub(super) const TOO_MANY: &str =
    "This conversation has as many subscriptions as there can be. End one of them first.";
pub(super) const SUBSCRIBED: &str = "Subscribed to ";
pub(super) const ALREADY_SUBSCRIBED: &str = "Already subscribed to ";
pub(super) const NOT_UNDERSTOOD: &str = "I did not understand all of that";
pub(super) const OWN_THREADS: &str = "Each issue gets a thread of its own.";

pub(super) const HIDDEN_PROJECT: &str = "a project you may not see";
pub(super) const PAUSED: &str = "paused: who subscribed has to sign in again";
pub(super) const REFUSED: &str = "paused: Jira or Teams refuses it";
pub(super) const EVERYTHING: &str = "everything";

pub(super) const UNSUBSCRIBED: &str = "Unsubscribed";
pub(super) const UNSUBSCRIBED_TEXT: &str = "This conversation is no longer told of it.";
pub(super) const NOT_SUBSCRIBED: &str = "This conversation is not subscribed to that project.";
pub(super) const NO_SUCH_NUMBER: &str =
    "There is no subscription with that number. Write \"subscriptions\" for the list.";
pub(super) const UNSUBSCRIBE_PERSONAL: &str = "A chat with me has no subscriptions.";

pub(super) const JIRA: &str = "Jira";
pub(super) const MICROSOFT: &str = "Microsoft";
pub(super) const ACCOUNTS: &str = "Accounts";
pub(super) const ACTIVE: &str = "signed in";
pub(super) const SIGN_IN_AGAIN: &str = "sign in again: write \"connect\"";
pub(super) const NOT_CONNECTED_STATUS: &str = "not connected: write \"connect\"";
pub(super) const LINKED_ISSUES: &str = "Issues linked with this chat";
pub(super) const THREADS: &str = "Issues with a thread in this channel";
pub(super) const SUBSCRIPTIONS_HERE: &str = "Subscriptions of this conversation";

pub(super) const SAID_PRIVATELY: &str = "I answered you in our private chat.";
pub(super) const CANNOT_SAY: &str =
    "That is between you and me: write it to me in a private chat, please.";
pub(super) const DONE_CANNOT_SAY: &str =
    "I did what you asked. To see how things stand, write \"status\" to me in a private chat.";

/// What a personal setting is called.
pub(super) fn setting(name: SettingName) -> Option<&'static str> {
    Some(match name {
        SettingName::Appearance => "Appearance of Tandem's pages",
        SettingName::NotifyMentioned => "Tell me when I am mentioned",
        SettingName::NotifyAssigned => "Tell me when an issue is assigned to me",
        SettingName::NotifyCommented => "Tell me of comments on my issues",
        SettingName::NotifyWatched => "Tell me what happens in issues I watch",
        SettingName::QuietHours => "Quiet hours",
        // Not a person's to see or set: the site's, or what the form for new issues remembers.
        _ => return None,
    })
}
