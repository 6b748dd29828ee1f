//! Connecting the two accounts: picking a site, the connected accounts, their end.

use askama::Template;

use crate::{layout::Layout, texts::Connect};

const TEXTS: Connect = Connect::EN;

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
    use tandem_domain::settings::EffectiveSettings;

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

    fn connected() -> Connected<'static> {
        Connected {
            layout: Layout::inside(&EffectiveSettings::default(), Here::Accounts),
            site_host: Some("a.atlassian.net"),
            account_id: "712020:1",
            tenant_id: "the-tenant",
            object_id: "the-object",
            csrf: "a-token",
        }
    }

    #[test]
    fn every_page_stands_alone() {
        for page in [
            choices().render().unwrap(),
            connected().render().unwrap(),
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
        assert!(page.contains("action=\"/disconnect\"") && page.contains("value=\"a-token\""));
    }
}
