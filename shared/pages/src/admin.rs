//! For who administers a Jira site: its state, its data, its erasure.

use askama::Template;
use tandem_domain::{Provider, SignInReason};
use tandem_store::{Counted, Counts};

use crate::{layout::Layout, texts::Admin, time::Moment};

#[cfg(test)]
mod tests;

const TEXTS: Admin = Admin::EN;

/// The state of a site.
#[derive(Template)]
#[template(path = "site_state.html")]
pub struct SiteState<'a> {
    /// The frame.
    pub layout: Layout,
    /// The site's host.
    pub site_host: &'a str,
    /// The site's cloud id.
    pub cloud_id: &'a str,
    /// Since when it is served.
    pub installed: Moment,
    /// The session's CSRF token.
    pub csrf: &'a str,
    /// When a webhook was last seen.
    pub webhook_seen: Option<Moment>,
    /// Since when deliveries are counted.
    pub deliveries_since: Moment,
    /// What became of them.
    pub deliveries: Counts,
    /// Who must sign in again.
    pub sign_ins: Vec<SignInRow<'a>>,
    /// Whether there are more grants than were looked at.
    pub sign_ins_more: bool,
    /// The channels that are told of projects.
    pub channels: Counted,
    /// How many of these are not told of anything now.
    pub channels_resting: u64,
    /// Erasures of the site and of its people.
    pub erasures: Counted,
    /// Of all sites together: what failed too often.
    pub dead_letters: u64,
    /// Of all sites together: the chats' subscriptions.
    pub subscriptions: Counted,
    /// How many of these should have been renewed by now.
    pub overdue: Counted,
    /// When the next is.
    pub next_renewal: Option<Moment>,
}

/// Somebody who must sign in again.
pub struct SignInRow<'a> {
    /// Their account.
    pub account_id: &'a str,
    /// At which side.
    pub provider: Provider,
    /// Why.
    pub reason: SignInReason,
    /// Since when, where that is known.
    pub since: Option<Moment>,
}

impl SignInRow<'_> {
    fn side(&self) -> &'static str {
        match self.provider {
            Provider::Atlassian => TEXTS.atlassian,
            Provider::Microsoft => TEXTS.microsoft,
        }
    }

    fn why(&self) -> &'static str {
        match self.reason {
            SignInReason::Revoked => TEXTS.revoked,
            SignInReason::Expired => TEXTS.expired,
            SignInReason::ConsentMissing => TEXTS.consent_missing,
            SignInReason::InteractionRequired => TEXTS.interaction_required,
            SignInReason::AccountDisabled => TEXTS.account_disabled,
        }
    }
}

/// A number with its name.
struct Figure {
    label: &'static str,
    value: String,
}

fn figure(label: &'static str, value: u64) -> Figure {
    Figure { label, value: value.to_string() }
}

/// A number that may have been counted up to a bound only.
fn counted(label: &'static str, Counted { count, more }: Counted) -> Figure {
    let value = if more { format!("{} {count}", TEXTS.at_least) } else { count.to_string() };
    Figure { label, value }
}

impl SiteState<'_> {
    fn of_deliveries(&self) -> [Figure; 5] {
        let Counts { done, dropped, retried, given_up, failed } = self.deliveries;
        [
            figure(TEXTS.done, done),
            figure(TEXTS.dropped, dropped),
            figure(TEXTS.retried, retried),
            figure(TEXTS.given_up, given_up),
            figure(TEXTS.failed, failed),
        ]
    }

    fn of_site(&self) -> [Figure; 3] {
        [
            counted(TEXTS.channels, self.channels),
            figure(TEXTS.channels_resting, self.channels_resting),
            counted(TEXTS.erasures, self.erasures),
        ]
    }

    fn of_deployment(&self) -> [Figure; 3] {
        [
            figure(TEXTS.dead_letters, self.dead_letters),
            counted(TEXTS.subscriptions, self.subscriptions),
            counted(TEXTS.overdue, self.overdue),
        ]
    }
}

/// The erasure of a site has begun.
#[derive(Template)]
#[template(path = "site_erasure.html")]
pub struct SiteErasure<'a> {
    /// The frame.
    pub layout: Layout,
    /// The receipt.
    pub receipt_id: &'a str,
}
