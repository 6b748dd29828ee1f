//! A page as an answer, with the policy that keeps everything foreign out of it.

use std::sync::LazyLock;

use askama::Template;
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::StatusCode;
use tandem_runtime::{
    ApiError,
    http::{Answer, html},
};

use crate::STYLE;

/// In whose frames a page may be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// In nobody's.
    #[default]
    Nowhere,
    /// In those of Jira Cloud and of Teams with its sister apps: for pages that are meant to be
    /// embedded there. Microsoft's hosts as
    /// <https://learn.microsoft.com/microsoftteams/platform/tabs/how-to/tab-requirements> lists them.
    JiraAndTeams,
}

/// The hosts that may embed a page which is meant for it.
const HOSTS: &str = "https://*.atlassian.net https://*.cloud.microsoft https://teams.microsoft.com \
                     https://*.teams.microsoft.com https://*.microsoft365.com https://*.office.com";

/// The style sheet's hash, by which the policy admits it and no other style.
static STYLE_HASH: LazyLock<String> =
    LazyLock::new(|| STANDARD.encode(digest(&SHA256, STYLE.as_bytes())));

/// How a page is answered.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The status; 200 unless set.
    pub status: StatusCode,
    /// Who may embed it.
    pub framing: Framing,
    /// Where its forms lead beside this host: an origin that our answer to the form redirects to.
    pub form_leads_to: Option<String>,
}

impl Page {
    /// The content security policy (CSP level 3). No script, no image, no font: there are none.
    fn policy(&self) -> String {
        let forms = self.form_leads_to.as_deref().unwrap_or_default();
        let ancestors = match self.framing {
            Framing::Nowhere => "'none'",
            Framing::JiraAndTeams => HOSTS,
        };
        let style = STYLE_HASH.as_str();
        format!(
            "default-src 'none'; style-src 'sha256-{style}'; form-action 'self' {forms}; \
             base-uri 'none'; frame-ancestors {ancestors}"
        )
    }
}

/// Answers with a page that nobody may embed.
pub fn show(page: &impl Template) -> Answer {
    show_as(page, &Page::default())
}

/// Answers with a page.
pub fn show_as(page: &impl Template, how: &Page) -> Answer {
    let text = page.render().map_err(|_| ApiError::internal("page"))?;
    html(how.status, text, &how.policy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_admits_our_style_and_forms_and_nothing_else() {
        let policy = Page::default().policy();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        let embedded = Page { framing: Framing::JiraAndTeams, ..Page::default() }.policy();
        assert!(embedded.contains("https://*.atlassian.net https://*.cloud.microsoft"));
        let lead = Some("https://login.microsoftonline.com".to_owned());
        let onward = Page { form_leads_to: lead, ..Page::default() }.policy();
        assert!(onward.contains("form-action 'self' https://login.microsoftonline.com;"));
    }
}
