//! Issues as cards show them.
//!
//! A card is seen by everybody in its conversation, whoever asked for it. It shows what the person
//! who shows it may see, and of an issue that a security level keeps from some no more than the
//! key, unless the site's `secured_issues` allows it.

use serde_json::{Map, Value, json};
use tandem_domain::{CloudId, ConversationKind, Failure, IssueKey};
use tandem_jira::client::{Issue, Transition};
use tandem_microsoft::cards::{
    self, Card, Choice, IssueActions, attachment_with_preview, issue as issue_card,
};
pub(crate) use tandem_runtime::shown_issue::view;
use tandem_runtime::{card_data::CardSubject, shown_issue};
use tandem_store::Installation;
use url::Url;

use crate::{stopped::Stopped, turn::Turn};

/// What the buttons of a card carry that is all there is to its message: such a message can be
/// replaced by a newer card.
const ALONE: &str = "alone";
/// What is told of an issue that not everybody who sees the card may see.
const HIDDEN: &str = "Who may see this issue can open it in Jira.";
/// On the button that opens it.
const OPEN: &str = cards::texts::OPEN_IN_JIRA;

/// Where an issue is, in the browser.
pub(crate) fn url_of(site: &Installation, issue: &Issue) -> Result<Url, Failure> {
    shown_issue::url_of(site, &issue.key)
}

/// The site's installation, for the addresses of its issues.
pub(crate) async fn installation(
    turn: &Turn<'_>,
    cloud: &CloudId,
) -> Result<Installation, Stopped> {
    let found = turn.app.store.find_installation(cloud).await?;
    found.ok_or(Stopped::Failed(Failure::Fault { what: "installation" }))
}

/// What the buttons of an issue's card carry, good in the conversation of the turn.
pub(crate) fn data(turn: &Turn<'_>, cloud: &CloudId, issue: &Issue) -> Map<String, Value> {
    let subject = CardSubject::Issue(cloud.clone(), issue.id.clone());
    subject.sign(&turn.app.signing, turn.shown_in(), turn.app.clock.now())
}

/// The card of an issue with the buttons that anybody may press: whoever does acts as themselves.
/// It is all there is to its message.
pub(crate) fn card(turn: &Turn<'_>, site: &Installation, issue: &Issue) -> Result<Card, Failure> {
    card_with(turn, site, issue, &[])
}

/// The same, with the transitions that the person who looks at it can take.
pub(crate) fn card_with(
    turn: &Turn<'_>,
    site: &Installation,
    issue: &Issue,
    transitions: &[Transition],
) -> Result<Card, Failure> {
    let mut data = data(turn, &site.cloud_id, issue);
    data.insert(ALONE.to_owned(), json!(true));
    let url = url_of(site, issue)?;
    let named: Vec<(&Transition, String)> = transitions
        .iter()
        .filter(|transition| !transition.has_required_fields)
        .map(|transition| (transition, title(transition)))
        .collect();
    let choices = named.iter();
    let choices = choices.map(|(one, title)| Choice { value: one.id.as_str(), title });
    let actions = IssueActions { transitions: choices.collect(), ..actions(turn, data) };
    Ok(issue_card(&view(issue, &url), &actions))
}

/// Whether the card whose button carries this is all there is to its message.
pub(crate) fn is_alone(data: &Value) -> bool {
    data[ALONE] == true
}

/// The buttons of every card of an issue. Teams asks once more by itself for the card of the person
/// who shows it, and gets their transitions.
fn actions<'a>(turn: &Turn<'_>, data: Map<String, Value>) -> IssueActions<'a> {
    IssueActions {
        data,
        assign_to_me: true,
        comment: true,
        watch: true,
        refresh: true,
        refresh_for: turn.activity.from_id.iter().map(|id| id.as_str().to_owned()).collect(),
        ..IssueActions::default()
    }
}

/// The status it leads to, and the transition's own name where that says something else: several
/// may lead to one status.
fn title(transition: &Transition) -> String {
    let (name, to) = (transition.name.as_str(), transition.to.as_str());
    if name == to { to.to_owned() } else { format!("{to} ({name})") }
}

/// Whether anybody but the person sees what is shown in the conversation. The one of a person and
/// the bot is `a:...`; two people's own chat is personal, too, and begins with `19:`.
pub(crate) fn is_shared(turn: &Turn<'_>) -> bool {
    let conversation = &turn.activity.conversation;
    conversation.kind != ConversationKind::Personal || !conversation.id.as_str().starts_with("a:")
}

/// Whether more than the key of an issue may be shown in the conversation.
pub(crate) async fn is_showable(
    turn: &Turn<'_>,
    cloud: &CloudId,
    issue: &Issue,
) -> Result<bool, Stopped> {
    if !issue.has_security_level || !is_shared(turn) {
        return Ok(true);
    }
    let settings = turn.app.store.get_effective_settings(cloud, None, None).await?;
    Ok(settings.secured_issues_allowed())
}

/// The card of an issue of which nothing is shown but the key.
pub(crate) fn hidden(site: &Installation, key: &IssueKey) -> Result<Card, Failure> {
    let url = shown_issue::url_of(site, key)?;
    Ok(cards::notice(key.as_str(), HIDDEN, &[(OPEN, url)]))
}

/// An issue as a result of the message extension: the card that goes into the message, and what the
/// list of results shows. The list is for the person alone.
pub(crate) fn result(
    turn: &Turn<'_>,
    site: &Installation,
    issue: &Issue,
    showable: bool,
) -> Result<Value, Failure> {
    let url = url_of(site, issue)?;
    let preview = cards::preview(&view(issue, &url));
    let card = if showable {
        let actions = actions(turn, data(turn, &site.cloud_id, issue));
        issue_card(&view(issue, &url), &actions)
    } else {
        hidden(site, &issue.key)?
    };
    Ok(attachment_with_preview(&card, &preview))
}

/// An issue of which a link shows nothing but the key, as a result of the message extension. The
/// preview goes where the card goes.
pub(crate) fn hidden_result(site: &Installation, key: &IssueKey) -> Result<Value, Failure> {
    let preview = json!({
        "contentType": "application/vnd.microsoft.card.thumbnail",
        "content": {"title": key, "text": HIDDEN},
    });
    Ok(attachment_with_preview(&hidden(site, key)?, &preview))
}
