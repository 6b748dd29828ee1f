//! The Jira Cloud REST API v3, called as the person whose token is handed in.
//! <https://developer.atlassian.com/cloud/jira/platform/rest/v3/>
//!
//! Every failure is a [`Failure`] in words of ours; the vendor's texts are not repeated. Nothing
//! is retried here but a read whose connection broke: what failed comes back from the queue.

mod comments;
mod create_fields;
mod create_issue;
mod field_value;
mod issues;
mod permissions;
mod priorities;
mod projects;
mod refusal;
mod remote_links;
mod report_accounts;
mod search;
mod transitions;
mod users;
mod watchers;
mod webhooks;

#[cfg(test)]
mod tests;

pub use comments::Comment;
pub use create_fields::{ChoiceOption, CreateField, FieldId, FieldKind, NotAnId, OptionId};
pub use create_issue::{CreateError, Created, FieldErrors};
pub use issues::Issue;
pub use permissions::{Permission, PermissionContext, Permissions};
pub use projects::{IssueType, Project, ProjectDetails};
pub use remote_links::{PutRemoteLink, RemoteLink};
pub use report_accounts::{AccountReport, AccountStatus, MAX_REPORTED};
pub use search::{IssuePage, PageToken};
pub use tandem_domain::StatusCategory;
pub use transitions::Transition;
pub use users::{AssignableIn, User};
pub use watchers::Watchers;
pub use webhooks::RegisteredWebhook;

use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tandem_domain::{
    AccessToken, CloudId, Failure, IssueId, IssueKey, Sighting, Sightings, SiteHost, Vendor,
    document::Prose,
};
use url::Url;

use crate::{
    transport::{self, Answer, Unanswered},
    wire::WireSite,
};

/// The way to Jira's REST API.
#[derive(Clone, Debug)]
pub struct JiraClient {
    http: reqwest::Client,
    api_base: Url,
    sightings: Sightings,
}

/// A Jira site as one person: every call is made with that person's token.
pub struct Site<'a> {
    client: &'a JiraClient,
    cloud_id: CloudId,
    token: &'a AccessToken,
}

/// A Jira site that a grant opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessibleSite {
    /// Its immutable id.
    pub id: CloudId,
    /// The host it answers on now.
    pub host: SiteHost,
    /// What the grant allows there.
    pub scopes: Vec<String>,
    /// Its name, to be shown.
    pub name: Prose,
}

/// An issue by its number or by its key.
#[derive(Clone, Copy, Debug)]
pub enum IssueRef<'a> {
    /// By number.
    Id(&'a IssueId),
    /// By key, as a person writes it.
    Key(&'a IssueKey),
}

impl<'a> From<&'a IssueId> for IssueRef<'a> {
    fn from(id: &'a IssueId) -> Self {
        Self::Id(id)
    }
}

impl<'a> From<&'a IssueKey> for IssueRef<'a> {
    fn from(key: &'a IssueKey) -> Self {
        Self::Key(key)
    }
}

impl IssueRef<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Id(id) => id.as_str(),
            Self::Key(key) => key.as_str(),
        }
    }
}

impl JiraClient {
    /// A client of the API under `api_base`: `https://api.atlassian.com`, or what stands in for it.
    pub fn new(http: reqwest::Client, api_base: Url) -> Self {
        Self { http, api_base, sightings: Sightings::default() }
    }

    /// The same, noting in `sightings` what is worth counting.
    #[must_use]
    pub fn noting(self, sightings: Sightings) -> Self {
        Self { sightings, ..self }
    }

    /// The site, as the owner of the token.
    pub fn site<'a>(&'a self, cloud_id: &CloudId, token: &'a AccessToken) -> Site<'a> {
        Site { client: self, cloud_id: cloud_id.clone(), token }
    }

    /// The Jira sites that the token opens. Entries for other products, and such as have no usable
    /// id or address, are left out.
    /// <https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/>
    pub async fn accessible_resources(
        &self,
        token: &AccessToken,
    ) -> Result<Vec<AccessibleSite>, Failure> {
        let url = transport::under(&self.api_base, &["oauth", "token", "accessible-resources"]);
        let call = Call::get(url, "jira_sites");
        let sites: Vec<WireSite> = parsed(&self.send(call, token).await?)?;
        Ok(sites.into_iter().filter_map(WireSite::into_site).collect())
    }

    /// Makes a call and turns every answer but success into a failure.
    async fn send(&self, call: Call<'_>, token: &AccessToken) -> Result<Answer, Failure> {
        let answer = self.ask(&call, token).await?;
        if answer.status.is_success() {
            return Ok(answer);
        }
        Err(call.refused(&answer))
    }

    /// Makes a call and gives its answer, whatever it says.
    async fn ask(&self, call: &Call<'_>, token: &AccessToken) -> Result<Answer, Failure> {
        let mut outcome = self.exchange(call, token).await;
        if call.method == Method::GET && matches!(outcome, Err(Unanswered::Connection)) {
            outcome = self.exchange(call, token).await;
        }
        outcome.map_err(refusal::of_silence)
    }

    async fn exchange(&self, call: &Call<'_>, token: &AccessToken) -> Result<Answer, Unanswered> {
        let bearer = token.expose("the Authorization header of a call to Jira");
        let mut request =
            self.http.request(call.method.clone(), call.url.clone()).bearer_auth(bearer);
        if let Some(body) = call.body {
            request = request.json(body);
        }
        let answer = transport::send(request).await?;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            self.sightings.note(Sighting::Throttled(Vendor::Jira));
        }
        Ok(answer)
    }
}

impl Site<'_> {
    /// The address of a resource of this site's REST API.
    fn url(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let site = ["ex", "jira", self.cloud_id.as_str(), "rest", "api", "3"];
        let mut url = transport::under(&self.client.api_base, &[&site[..], segments].concat());
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    async fn send(&self, call: Call<'_>) -> Result<Answer, Failure> {
        self.client.send(call, self.token).await
    }

    async fn ask(&self, call: &Call<'_>) -> Result<Answer, Failure> {
        self.client.ask(call, self.token).await
    }
}

/// A call to make.
struct Call<'a> {
    method: Method,
    url: Url,
    body: Option<&'a Value>,
    /// What it is about, such as `jira_comment`: named when that is refused or absent.
    target: &'static str,
}

impl<'a> Call<'a> {
    fn get(url: Url, target: &'static str) -> Self {
        Self { method: Method::GET, url, body: None, target }
    }

    fn delete(url: Url, target: &'static str) -> Self {
        Self { method: Method::DELETE, url, body: None, target }
    }

    fn post(url: Url, target: &'static str, body: &'a Value) -> Self {
        Self { method: Method::POST, url, body: Some(body), target }
    }

    fn put(url: Url, target: &'static str, body: &'a Value) -> Self {
        Self { method: Method::PUT, url, body: Some(body), target }
    }

    /// What an answer means that is not a success.
    fn refused(&self, answer: &Answer) -> Failure {
        refusal::of_answer(answer, &self.method, self.target)
    }
}

/// The answer's body as what it should be.
fn parsed<T: DeserializeOwned>(answer: &Answer) -> Result<T, Failure> {
    serde_json::from_slice(&answer.body).map_err(|_| refusal::UNEXPECTED)
}
