//! What the actions on a message say, in English.

/// On the button that leads to the sign-in.
pub(super) const CONNECT: &str = "Connect";
/// Where somebody who has not linked their accounts sent a form.
pub(super) const CONNECT_FIRST: &str = "Connect your accounts first, then send this again.";
/// Where somebody whose sign-in has ended sent a form.
pub(super) const SIGN_IN_AGAIN: &str =
    "Your sign-in has ended. Sign in again, then send this again.";
/// For a command that there is not.
pub(super) const UNKNOWN_COMMAND: &str = "Tandem does not know this command.";
/// For a form that is not one of ours, was opened elsewhere, or long ago.
pub(super) const FORM_REFUSED: &str =
    "This form was opened somewhere else or too long ago. Please open it again.";

/// Above the form of a new issue.
pub(super) const CREATE_TITLE: &str = "Create an issue";
/// Where the person may create issues nowhere.
pub(super) const NO_PROJECT: &str = "You may not create issues in any project of this Jira site.";
/// At a field that is empty.
pub(super) const MISSING: &str = "This field must be filled in.";
/// At a field whose value does not fit.
pub(super) const NOT_VALID: &str = "This value does not fit here.";
/// At a project in which the person may not create issues.
pub(super) const NOT_CREATABLE: &str = "You may not create issues in this project.";
/// At a type that the project does not have.
pub(super) const NO_SUCH_TYPE: &str = "This project has no such type. Choose another one.";
/// Before the names of fields that Tandem cannot ask for.
pub(super) const CANNOT_ASK: &str =
    "Issues of this kind are created in Jira itself, which asks for more: ";
/// On the button that opens Jira's own form.
pub(super) const CREATE_IN_JIRA: &str = "Create in Jira";
/// While the same form is being worked on.
pub(super) const UNDER_WAY: &str =
    "This is being done already. Wait a few seconds, then send it again to see what came of it.";
/// Where Jira gave no answer that tells whether the issue was made.
pub(super) const SEND_AGAIN: &str = "Jira is not answering just now. Wait a few seconds and send \
    this again: nothing will be there twice.";
/// The title of a choice that is kept while Jira cannot be asked for its name.
pub(super) const AS_CHOSEN: &str = "As you chose";
/// The name of a field that is kept while Jira cannot be asked for it.
pub(super) const FURTHER_FIELD: &str = "Further field";
/// After the key of an issue that was created.
pub(super) const CREATED: &str = " was created.";
/// After the key of an issue that was created by the same form before.
pub(super) const CREATED_BEFORE: &str = " was created from this form already.";
/// Where the key of that issue is not known any more.
pub(super) const DONE_BEFORE: &str = "This was done already.";
/// Under the key of an issue whose content stays in Jira.
pub(super) const SEE_JIRA: &str = "Its content is shown in Jira only.";
/// On the button that opens an issue.
pub(super) const OPEN_IN_JIRA: &str = "Open in Jira";

/// Above the form of a comment.
pub(super) const COMMENT_TITLE: &str = "Add to an issue";
/// Where no issue was named.
pub(super) const NO_ISSUE: &str = "Choose an issue or type its key.";
/// For what is neither a key nor an address.
pub(super) const NOT_A_KEY: &str = "This is neither a key such as ABC-123 nor an issue's address.";
/// For an address elsewhere.
pub(super) const OTHER_SITE: &str = "This address is not one of your Jira site.";
/// For an issue that is not there, or hidden.
pub(super) const NO_SUCH_ISSUE: &str = "There is no such issue, or you may not see it.";
/// For an issue on which the person may not comment.
pub(super) const MAY_NOT_COMMENT: &str = "You may not comment on this issue.";
/// Before the key of an issue that got the comment.
pub(super) const COMMENTED: &str = "Added to ";
/// Before the key of an issue that has the message already.
pub(super) const COMMENTED_BEFORE: &str = "Already in ";

/// In the place of an author without a name.
pub(super) const SOMEBODY: &str = "Somebody";
/// After an author's name, before what they wrote.
pub(super) const WROTE: &str = " wrote in Teams:";
/// The link back.
pub(super) const OPEN_MESSAGE: &str = "Open the message in Teams";
/// In the place of a message without words.
pub(super) const ATTACHMENT: &str = "[attachment]";
