//! Telling one person what concerns them, in their chat with the bot: why it concerns them is found
//! out by reading as them, which is also the check that they may see it.

use std::time::Duration;

use serde_json::{Value, json};
use tandem_domain::{
    AccountId, ChangedField, Failure, Subject, Telling, Timestamp, Told,
    document::{Inline, MentionedUser},
    settings::{EffectiveSettings, SettingName},
};
use tandem_jira::{
    adf,
    client::{Comment, Issue},
};
use tandem_microsoft::connector::Place;
use tandem_runtime::{App, conversations};
use tandem_store::AccountLink;
use url::Url;

use super::{PURPOSE_PERSON, Seen, Unseen, issue_url, read_as, text};
use crate::{issues, marks::strong, work::Outcome};

/// Why an event concerns somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    /// They are mentioned.
    Mentioned,
    /// The issue was assigned to them.
    Assigned,
    /// Somebody commented on their issue.
    Commented,
    /// They watch it.
    Watched,
}

/// Tells a person of an event, if it concerns them and they want to be told.
pub(super) async fn tell(
    app: &App,
    telling: &Telling,
    account: &AccountId,
) -> Result<Outcome, Failure> {
    let cloud = &telling.cloud_id;
    let Some(link) = app.store.find_link_by_account(cloud, account).await? else {
        return Ok(Outcome::Dropped("not_linked"));
    };
    let (tenant, object) = (&link.tenant_id, &link.object_id);
    let Some(known) = app.store.find_personal_conversation(tenant, object).await? else {
        return Ok(Outcome::Dropped("bot_not_installed"));
    };
    let project = Some(&telling.project_id);
    let settings = app.store.get_effective_settings(cloud, project, Some(account)).await?;
    if !settings.tenant_allowed(tenant) {
        return Ok(Outcome::Dropped("tenant_not_allowed"));
    }
    let seen = match read_as(app, telling, account, PURPOSE_PERSON).await? {
        Ok(seen) => seen,
        Err(Unseen::Gone) => return Ok(Outcome::Dropped("not_visible_to_them")),
        Err(Unseen::NoGrant) => return Ok(Outcome::GivenUp("they_must_sign_in")),
    };
    if did_it(telling, &seen, account) {
        return Ok(Outcome::Dropped("their_own"));
    }
    let Some(reason) = reason(app, telling, &link, &settings, &seen).await? else {
        return Ok(Outcome::Dropped("not_wanted"));
    };
    if let Some(left) = quiet_for(app, telling, account, &settings).await? {
        return Err(Failure::Retry { what: "quiet_hours", after: Some(left) });
    }
    let activity = activity(app, telling, &settings, &seen, reason).await?;
    let place = Place { service_url: &known.service_url, conversation: &known.conversation_id };
    match app.connector.send(place, &activity).await {
        Ok(_) => Ok(Outcome::carried()),
        Err(failure) if conversations::is_over(&failure) => {
            app.store.delete_personal_conversation(tenant, object).await?;
            Ok(Outcome::GivenUp("bot_removed"))
        }
        Err(failure) => Err(failure),
    }
}

/// Nobody is told of what they did themselves.
fn did_it(telling: &Telling, seen: &Seen, account: &AccountId) -> bool {
    let author = seen.comment.as_ref().and_then(|comment| comment.author.as_ref());
    match &telling.what {
        Told::Created { actor } | Told::Updated { actor, .. } => actor.as_ref() == Some(account),
        Told::Commented { author: told, .. } => {
            author.map_or(told, |author| &author.account_id) == account
        }
        Told::Deleted => false,
    }
}

/// Why it concerns them, of what they want to be told.
async fn reason(
    app: &App,
    telling: &Telling,
    link: &AccountLink,
    settings: &EffectiveSettings,
    seen: &Seen,
) -> Result<Option<Reason>, Failure> {
    let account = &link.account_id;
    let is = |user: Option<&tandem_jira::client::User>| {
        user.is_some_and(|user| user.account_id == *account)
    };
    let assigned = is(seen.issue.assignee.as_ref());
    let own = assigned || is(seen.issue.reporter.as_ref());
    let mentioned = match (&telling.what, &seen.comment) {
        (_, Some(comment)) => mentions(comment, account),
        // A new issue is told to its assignee and to whom its description mentions.
        (Told::Created { .. }, None) => !assigned,
        _ => false,
    };
    let newly_assigned = assigned
        && match &telling.what {
            Told::Created { .. } => true,
            Told::Updated { changes, .. } => changes.contains(&ChangedField::Assignee),
            Told::Commented { .. } | Told::Deleted => false,
        };
    let commented = own && seen.comment.is_some();
    let found = [
        (mentioned, SettingName::NotifyMentioned, Reason::Mentioned),
        (newly_assigned, SettingName::NotifyAssigned, Reason::Assigned),
        (commented, SettingName::NotifyCommented, Reason::Commented),
    ]
    .into_iter()
    .find(|(holds, setting, _)| *holds && settings.notifies(*setting));
    if let Some((.., reason)) = found {
        return Ok(Some(reason));
    }
    let asks = settings.notifies(SettingName::NotifyWatched)
        && matches!(telling.what, Told::Updated { .. } | Told::Commented { .. });
    Ok((asks && watches(app, telling, account).await?).then_some(Reason::Watched))
}

fn mentions(comment: &Comment, account: &AccountId) -> bool {
    adf::parse(&comment.body).is_ok_and(|document| {
        document.mentions().into_iter().any(|mention| {
            matches!(&mention.who, MentionedUser::Jira(id) if id.as_str() == account.as_str())
        })
    })
}

async fn watches(app: &App, telling: &Telling, account: &AccountId) -> Result<bool, Failure> {
    let subject = Subject::Atlassian(account.clone());
    let token = app.vault.access_token(&subject, PURPOSE_PERSON, &super::request(telling)?).await?;
    let site = app.jira.site(&telling.cloud_id, &token);
    match site.list_watchers(&telling.issue_id).await {
        Ok(watchers) => Ok(watchers.is_watching),
        Err(failure) if failure.is_transient() => Err(failure),
        Err(_) => Ok(false),
    }
}

/// For how long the person is not to be told anything, by the clock of their Jira profile.
async fn quiet_for(
    app: &App,
    telling: &Telling,
    account: &AccountId,
    settings: &EffectiveSettings,
) -> Result<Option<Duration>, Failure> {
    let hours = settings.quiet_hours();
    if hours.is_off() {
        return Ok(None);
    }
    let subject = Subject::Atlassian(account.clone());
    let token = app.vault.access_token(&subject, PURPOSE_PERSON, &super::request(telling)?).await?;
    let zone = app.jira.site(&telling.cloud_id, &token).my_time_zone().await?;
    let minute = minute_of_day(app.clock.now(), zone.as_deref());
    Ok(hours.left_at(minute).map(|minutes| Duration::from_mins(u64::from(minutes))))
}

/// The minute of the day (0 to 1439) in a time zone by its IANA name; in UTC where that is unknown.
fn minute_of_day(now: Timestamp, zone: Option<&str>) -> u16 {
    let zone = zone.and_then(|name| jiff::tz::TimeZone::get(name).ok());
    let at = jiff::Timestamp::from_millisecond(now.as_millis()).unwrap_or_default();
    let local = at.to_zoned_datetime(zone.unwrap_or(jiff::tz::TimeZone::UTC));
    let (hour, minute) = (local.hour(), local.minute());
    u16::try_from(i32::from(hour) * 60 + i32::from(minute)).unwrap_or(0)
}

/// What they are told. Of what a setting keeps in Jira, only that it is there.
async fn activity(
    app: &App,
    telling: &Telling,
    settings: &EffectiveSettings,
    seen: &Seen,
    reason: Reason,
) -> Result<Value, Failure> {
    let url = issue_url(app, telling, &seen.issue).await?;
    let secured = seen.issue.has_security_level && !settings.secured_issues_allowed();
    let restricted = seen.comment.as_ref().is_some_and(|it| it.restricted || it.internal)
        && !settings.restricted_comments_allowed();
    let mut line = vec![Inline::text(sentence(reason, &telling.what)), Inline::text(" ")];
    if secured {
        line.push(Inline::link(seen.issue.key.as_str(), url.as_str()));
    } else {
        line.extend(text::named(&seen.issue, &url));
    }
    let mut html = text::sentence(line);
    if !secured && !restricted {
        html.push_str(&details(telling, &seen.issue, seen.comment.as_ref(), &url));
    }
    let mut activity = text::activity(&html);
    // What a telephone shows of it while it is locked.
    activity["summary"] = json!(format!("{} {}", sentence(reason, &telling.what), seen.issue.key));
    activity["channelData"] = json!({"notification": {"alert": true}});
    Ok(activity)
}

fn sentence(reason: Reason, what: &Told) -> &'static str {
    match (reason, what) {
        (Reason::Mentioned, _) => "You are mentioned in",
        (Reason::Assigned, _) => "Assigned to you:",
        (Reason::Commented, _) => "There is a comment on",
        (Reason::Watched, Told::Commented { .. }) => "There is a comment on an issue you watch:",
        (Reason::Watched, _) => "An issue you watch has changed:",
    }
}

fn details(telling: &Telling, issue: &Issue, comment: Option<&Comment>, url: &Url) -> String {
    match (comment, &telling.what) {
        (Some(comment), _) => text::comment(comment, url),
        (None, Told::Updated { changes, .. }) => text::sentence(issues::values(issue, changes)),
        (None, _) => match &issue.reporter {
            Some(reporter) => text::sentence(vec![
                Inline::text("Reported by "),
                strong(reporter.display_name.as_str()),
            ]),
            None => String::new(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_day_is_the_persons() {
        // 2024-01-15 and 2024-07-15, 12:30 UTC.
        for (secs, zone, minute) in [
            (1_705_321_800, None, 12 * 60 + 30),
            (1_705_321_800, Some("Europe/Berlin"), 13 * 60 + 30),
            (1_721_046_600, Some("Europe/Berlin"), 14 * 60 + 30),
            (1_705_321_800, Some("Asia/Kolkata"), 18 * 60),
            (1_705_321_800, Some("America/Los_Angeles"), 4 * 60 + 30),
            (1_705_321_800, Some("No/Where"), 12 * 60 + 30),
        ] {
            assert_eq!(minute_of_day(Timestamp::from_secs(secs), zone), minute, "{zone:?}");
        }
    }
}
