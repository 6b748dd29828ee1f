//! What the cards say, in English.

/// Shown instead of a card by a client that is too old for it.
pub const FALLBACK: &str = "This card needs a newer version of Microsoft Teams.";

/// On the button that opens an issue in Jira.
pub const OPEN_IN_JIRA: &str = "Open in Jira";
/// On the button that assigns an issue to whoever presses it.
pub const ASSIGN_TO_ME: &str = "Assign to me";
/// On the button that unfolds the field for a comment.
pub const COMMENT: &str = "Comment";
/// Above the field for a comment.
pub const COMMENT_LABEL: &str = "Your comment";
/// On the button that sends a comment.
pub const COMMENT_SEND: &str = "Add comment";
/// Where a comment is missing.
pub const COMMENT_MISSING: &str = "Write a comment.";
/// On the button that unfolds the transitions.
pub const TRANSITION: &str = "Change status";
/// Above the list of transitions.
pub const TRANSITION_LABEL: &str = "Change the status to";
/// On the button that takes a transition.
pub const TRANSITION_SEND: &str = "Change";
/// Where no transition was chosen.
pub const TRANSITION_MISSING: &str = "Choose a status.";
/// On the button that watches an issue.
pub const WATCH: &str = "Watch";
/// On the button that shows a card anew.
pub const REFRESH: &str = "Refresh";

/// Before the priority of an issue.
pub const PRIORITY: &str = "Priority";
/// Before the assignee of an issue.
pub const ASSIGNEE: &str = "Assignee";
/// In the place of an assignee.
pub const UNASSIGNED: &str = "Unassigned";
/// Before the project of an issue.
pub const PROJECT: &str = "Project";
/// Before the type of an issue.
pub const ISSUE_TYPE: &str = "Type";

/// Above an issue that a chat was linked to.
pub const LINKED: &str = "Linked";
/// Under it, before the name of the chat.
pub const LINKED_CHAT: &str = "Comments of this issue and messages of this chat go both ways: ";
/// Under it, for a chat without a name.
pub const LINKED_THIS_CHAT: &str = "Comments of this issue and messages of this chat go both ways.";

/// Above the card for somebody without connected accounts.
pub const CONNECT: &str = "Connect your accounts";
/// What that means.
pub const CONNECT_TEXT: &str = "Tandem works in Jira as you: it sees what you may see, and what \
    it writes carries your name. Sign in to Jira and Microsoft once to allow that.";
/// On the button of that card.
pub const CONNECT_BUTTON: &str = "Connect";
/// Above the card for somebody whose sign-in has ended.
pub const SIGN_IN_AGAIN: &str = "Sign in again";
/// What that means.
pub const SIGN_IN_AGAIN_TEXT: &str =
    "Your sign-in to Jira or Microsoft has ended. Sign in again to go on.";
/// On the button of that card.
pub const SIGN_IN_AGAIN_BUTTON: &str = "Sign in";

/// Above the commands.
pub const HELP: &str = "What Tandem can do";
/// Before the command that comes nearest to what was written.
pub const DID_YOU_MEAN: &str = "There is no such command. Did you mean ";
/// After it.
pub const DID_YOU_MEAN_END: &str = "?";

/// Above the settings.
pub const SETTINGS: &str = "Settings";
/// On the button that opens the page of the settings.
pub const SETTINGS_PAGE: &str = "Change settings";
/// Above the status.
pub const STATUS: &str = "Status";

/// Above the subscriptions of a conversation.
pub const SUBSCRIPTIONS: &str = "Subscriptions";
/// Where there is none.
pub const NO_SUBSCRIPTIONS: &str = "This conversation follows no project.";
/// Where not all of them fit.
pub const MORE_SUBSCRIPTIONS: &str = "There are more subscriptions than fit here.";
/// On the button that ends one.
pub const UNSUBSCRIBE: &str = "Unsubscribe";

/// Above the summary of a new issue.
pub const SUMMARY: &str = "Summary";
/// Above the description of a new issue.
pub const DESCRIPTION: &str = "Description";
/// Behind the label of a field that must be filled in.
pub const REQUIRED: &str = " (required)";
/// Where a field that must be filled in is empty.
pub const MISSING: &str = "This field must be filled in.";
/// In an empty list to choose from.
pub const CHOOSE: &str = "Choose";
/// In an empty list that is searched by typing.
pub const SEARCH: &str = "Type to search";
/// On the button that creates an issue.
pub const CREATE: &str = "Create";
/// On the button that shows the fields of another project or type.
pub const RELOAD: &str = "Show the fields of this project and type";

/// Above the list of issues to comment.
pub const ISSUE: &str = "Issue";
/// Above the field for a key.
pub const ISSUE_KEY: &str = "Or its key";
/// In it.
pub const ISSUE_KEY_EXAMPLE: &str = "ABC-123";
