//! What is said about the buttons of cards.

pub(super) const NOT_OURS: &str = "This is not a card of Tandem's.";
pub(super) const FOREIGN: &str =
    "This card was made for another conversation, or was changed. Ask for the issue here.";
pub(super) const EXPIRED: &str = "This card is too old. Ask for the issue again.";
pub(super) const UNKNOWN: &str = "Tandem does not know this button.";

pub(super) const ASSIGNED: &str = "Assigned to you.";
pub(super) const MOVED: &str = "Status changed.";
pub(super) const COMMENTED: &str = "Comment added.";
pub(super) const WATCHED: &str = "You watch this issue.";

pub(super) const COMMENT_TOO_LONG: &str = "The comment is too long for Jira.";
pub(super) const NO_SUCH_TRANSITION: &str =
    "The status cannot be changed like that any more. Press Refresh to see what is possible.";
pub(super) const TRANSITION_ASKS: &str =
    "Jira asks for more before it changes the status like that. Open the issue in Jira.";
pub(super) const AT_IT: &str = "That is being done already.";

pub(super) const UNSUBSCRIBED: &str = "Unsubscribed";
pub(super) const UNSUBSCRIBED_TEXT: &str = "This conversation is no longer told of the project.";
