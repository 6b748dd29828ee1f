//! Connecting the two accounts: picking a site, the connected accounts, their end.

use askama::Template;
use tandem_domain::GrantState;
use tandem_store::Grant;

use crate::{
    layout::Layout,
    texts::Connect,
    time::{Moment, moment},
};

const TEXTS: Connect = Connect::EN;

/// For somebody whose accounts are not connected: what Tandem does, asks for and keeps.
#[derive(Template)]
#[template(path = "start.html")]
pub struct Start {
    /// The frame.
    pub layout: Layout,
    /// What is asked for at Atlassian.
    pub atlassian: Vec<Permission>,
    /// What is asked for at Microsoft.
    pub microsoft: Vec<Permission>,
}

impl Start {
    fn sides(&self) -> [(&'static str, &[Permission]); 2] {
        [
            (TEXTS.start_at_atlassian, self.atlassian.as_slice()),
            (TEXTS.start_at_microsoft, self.microsoft.as_slice()),
        ]
    }
}

/// A permission that Tandem asks a person for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// Its name at the vendor.
    pub name: &'static str,
    /// What it is for.
    pub why: &'static str,
}

impl Permission {
    /// The permission of that name, explained.
    pub fn named(name: &'static str) -> Self {
        Self { name, why: TEXTS.permission(name).unwrap_or_default() }
    }
}

/// How a person's sign-in at one side stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Tandem can act as them.
    Works {
        /// When the tokens were last renewed.
        renewed: Moment,
    },
    /// It cannot until they sign in again.
    Ended {
        /// Why.
        why: &'static str,
        /// Since when, where that is known.
        since: Option<Moment>,
    },
}

impl Standing {
    /// Of a grant, or of none.
    pub fn of(grant: Option<&Grant>) -> Self {
        let ended = |why, since| Self::Ended { why, since };
        match grant.map(|grant| (grant, grant.state)) {
            Some((grant, GrantState::Active)) => Self::Works { renewed: moment(grant.renewed_at) },
            Some((grant, GrantState::NeedsSignIn(reason))) => {
                ended(TEXTS.reason(reason), grant.ended_at.map(moment))
            }
            None | Some((_, GrantState::Erased)) => ended(TEXTS.never, None),
        }
    }
}

/// Picking one of several Jira sites.
#[derive(Template)]
#[template(path = "pick_site.html")]
pub struct PickSite<'a> {
    /// The frame.
    pub layout: Layout,
    /// The state of the sign-in.
    pub state: &'a str,
    /// The CSRF token of the sign-in's cookie.
    pub csrf: &'a str,
    /// What there is to pick from.
    pub sites: Vec<SiteChoice<'a>>,
}

/// One site to pick.
pub struct SiteChoice<'a> {
    /// Its cloud id.
    pub id: &'a str,
    /// Its name, or its host where it has none.
    pub name: &'a str,
    /// Its host.
    pub host: &'a str,
}

/// The two accounts are linked.
#[derive(Template)]
#[template(path = "connected.html")]
pub struct Connected<'a> {
    /// The frame.
    pub layout: Layout,
    /// The Jira site's host, while it is served.
    pub site_host: Option<&'a str>,
    /// The Jira user.
    pub account_id: &'a str,
    /// The Microsoft tenant.
    pub tenant_id: &'a str,
    /// The Microsoft user.
    pub object_id: &'a str,
    /// How the sign-in at Atlassian stands.
    pub atlassian: Standing,
    /// How the sign-in at Microsoft stands.
    pub microsoft: Standing,
    /// Whether the bot reaches the person.
    pub bot_reaches: bool,
    /// The session's CSRF token.
    pub csrf: &'a str,
}

/// The link has ended.
#[derive(Template)]
#[template(path = "disconnected.html")]
pub struct Disconnected {
    /// The frame.
    pub layout: Layout,
}

#[cfg(test)]
mod tests {
    use tandem_domain::{SignInReason, Timestamp, settings::EffectiveSettings};

    use super::*;
    use crate::layout::Here;

    fn choices() -> PickSite<'static> {
        PickSite {
            layout: Layout::outside(),
            state: "a-state",
            csrf: "a-token",
            sites: vec![
                SiteChoice {
                    id: "id-1",
                    name: "<script>alert(1)</script>",
                    host: "a.atlassian.net",
                },
                SiteChoice { id: "id-2", name: "Tom & \"Ada\"", host: "b.atlassian.net" },
            ],
        }
    }

    fn start() -> Start {
        Start {
            layout: Layout::outside(),
            atlassian: vec![Permission::named("read:jira-work")],
            microsoft: vec![Permission::named("Chat.Create")],
        }
    }

    fn connected() -> Connected<'static> {
        Connected {
            layout: Layout::inside(&EffectiveSettings::default(), Here::Accounts),
            site_host: Some("a.atlassian.net"),
            account_id: "712020:1",
            tenant_id: "the-tenant",
            object_id: "the-object",
            atlassian: Standing::Works { renewed: moment(Timestamp::from_secs(1_800_000_000)) },
            microsoft: Standing::Ended {
                why: TEXTS.reason(SignInReason::Revoked),
                since: Some(moment(Timestamp::from_secs(1_800_000_060))),
            },
            bot_reaches: false,
            csrf: "a-token",
        }
    }

    #[test]
    fn every_page_stands_alone() {
        for page in [
            choices().render().unwrap(),
            connected().render().unwrap(),
            start().render().unwrap(),
            Disconnected { layout: Layout::outside() }.render().unwrap(),
        ] {
            crate::testing::assert_stands_alone(&page);
        }
    }

    #[test]
    fn a_name_is_shown_and_not_run() {
        let page = choices().render().unwrap();
        assert!(page.contains("&#60;script&#62;alert(1)"), "{page}");
        assert!(page.contains("Tom &#38; "), "{page}");
        assert!(page.contains("value=\"id-2\"") && page.contains("value=\"a-state\""), "{page}");
    }

    #[test]
    fn the_connected_page_names_both_sides() {
        let page = connected().render().unwrap();
        for shown in ["712020:1", "the-tenant", "the-object", "a.atlassian.net"] {
            assert!(page.contains(shown), "{shown} in {page}");
        }
        for shown in [TEXTS.works, TEXTS.revoked, "2027-01-15 08:01 UTC", TEXTS.bot_does_not] {
            assert!(page.contains(shown), "{shown} in {page}");
        }
        assert!(page.contains("action=\"/disconnect\"") && page.contains("value=\"a-token\""));
    }
}
