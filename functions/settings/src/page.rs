//! The pages of settings, and what their forms change.

use http::StatusCode;
use lambda_http::{Body, Request, Response};
use tandem_domain::{
    Failure, Purpose,
    settings::{EffectiveSettings, Scope, SettingName, SettingValues},
};
use tandem_jira::client::ProjectDetails;
use tandem_pages::{
    Framing, Here, Layout, Page, Problem, person,
    settings::{Form, History, Mistake, Outcome, ProjectView, SettingsPage, fields, settings_of},
    show_as,
};
use tandem_runtime::{
    ApiError, App,
    http::{form_fields, form_parameter, query_parameter, redirect, request_id},
    session::{SignedIn, require_csrf},
};
use tandem_store::SettingsScope;

use crate::{access, change, changes, precondition::Precondition, scope, values};

/// Where the pages may be embedded.
pub(crate) const FRAMING: Framing = Framing::JiraAndTeams;

/// How many changes a page lists; each may be of several settings.
const CHANGES: i32 = 20;

/// Somebody at the page of a scope.
struct Visit<'a> {
    app: &'a App,
    request: &'a Request,
    person: SignedIn,
    scope: Scope,
    place: SettingsScope,
    path: String,
    /// Whether they may change what is set there.
    may_change: bool,
}

/// What the page's form begins with, and what came of the last one.
struct Shown<'a> {
    outcome: Outcome,
    status: StatusCode,
    /// What was sent, where it is to be kept, with the version it was made for.
    sent: Option<(&'a Form, u64)>,
    mistakes: &'a [(SettingName, Mistake)],
}

/// `GET`: the settings, and for who may change them a form and what was changed before.
pub(crate) async fn show(
    app: &App,
    request: &Request,
    scope: Scope,
) -> Result<Response<Body>, Problem> {
    let person = person(app, request, FRAMING).await?;
    let shown = async {
        let visit = Visit::of(app, request, person, scope).await?;
        let saved = query_parameter(request, "saved").is_some();
        let outcome = if saved { Outcome::Saved } else { Outcome::None };
        visit.page(Shown { outcome, status: StatusCode::OK, sent: None, mistakes: &[] }).await
    };
    shown.await.map_err(|error: ApiError| Problem::from(error).framed(FRAMING))
}

/// `POST`: the fields are those of the page's form. What was saved is seen after the redirect.
pub(crate) async fn save(
    app: &App,
    request: &Request,
    scope: Scope,
) -> Result<Response<Body>, Problem> {
    let person = person(app, request, FRAMING).await?;
    let csrf = form_parameter(request, "csrf");
    require_csrf(&person.csrf, csrf.as_deref()).map_err(|_| Problem::csrf().framed(FRAMING))?;
    let saved = async {
        let version = form_parameter(request, "version").and_then(|text| text.parse().ok());
        let version: u64 = version.ok_or_else(|| ApiError::invalid_field("version", "version"))?;
        let form = Form::sent(form_fields(request));
        let values = values::of_form(scope, &form);
        let place = place(&person, request, scope)?;
        let values = match values {
            Ok(values) => values,
            Err(mistakes) => {
                let visit = Visit::of(app, request, person, scope).await?;
                return visit.invalid(&form, version, &mistakes).await;
            }
        };
        let only = Precondition::OneOf(vec![version]);
        let id = request_id(request)?;
        match change::replace(app, &person, &id, &place, &only, &values).await {
            Ok(_) => redirect(&format!("{}?saved=yes", path(&place))),
            Err(error) if error.status == StatusCode::PRECONDITION_FAILED => {
                let visit = Visit::of(app, request, person, scope).await?;
                let outcome = Outcome::ChangedMeanwhile;
                visit.page(Shown { outcome, status: error.status, sent: None, mistakes: &[] }).await
            }
            Err(error) => Err(error),
        }
    };
    saved.await.map_err(|error: ApiError| Problem::from(error).framed(FRAMING))
}

/// Whose settings the page is about. What is no project's number is no page.
fn place(person: &SignedIn, request: &Request, scope: Scope) -> Result<SettingsScope, ApiError> {
    scope::place(person, request, scope).map_err(|_| access::no_project())
}

/// The page's address.
fn path(place: &SettingsScope) -> String {
    match place {
        SettingsScope::User(..) => "/my/settings".to_owned(),
        SettingsScope::Instance(_) => "/site/settings".to_owned(),
        SettingsScope::Project(_, project) => format!("/site/projects/{project}/settings"),
    }
}

impl<'a> Visit<'a> {
    async fn of(
        app: &'a App,
        request: &'a Request,
        person: SignedIn,
        scope: Scope,
    ) -> Result<Self, ApiError> {
        let place = place(&person, request, scope)?;
        let missing = access::missing(app, &person, &request_id(request)?, &place).await?;
        let (path, may_change) = (path(&place), missing.is_none());
        Ok(Self { app, request, person, scope, place, path, may_change })
    }

    async fn invalid(
        &self,
        form: &Form,
        version: u64,
        mistakes: &[(SettingName, Mistake)],
    ) -> Result<Response<Body>, ApiError> {
        if !self.may_change {
            let id = request_id(self.request)?;
            access::may_change(self.app, &self.person, &id, &self.place).await?;
        }
        let (outcome, status) = (Outcome::Invalid, StatusCode::BAD_REQUEST);
        self.page(Shown { outcome, status, sent: Some((form, version)), mistakes }).await
    }

    async fn page(&self, shown: Shown<'_>) -> Result<Response<Body>, ApiError> {
        let (version, here) = change::present(self.app, &self.place).await?;
        let (settings, look) = self.settings(&here).await?;
        let begun = Form::of(settings_of(self.scope), &here);
        let (form, version) = shown.sent.unwrap_or((&begun, version));
        let project = self.project().await?;
        let page = SettingsPage {
            layout: look,
            scope: self.scope,
            project: project.as_ref().map(project_view),
            path: &self.path,
            csrf: self.may_change.then(|| self.person.csrf.expose("a hidden field of the form")),
            version,
            fields: fields(self.scope, &settings, form, shown.mistakes),
            outcome: shown.outcome,
            history: self.history().await?,
        };
        show_as(&page, &Page { status: shown.status, framing: FRAMING, ..Page::default() })
    }

    /// The settings that hold where the page is about, with `here` in its scope; and the page's
    /// frame in the look of the person.
    async fn settings(
        &self,
        here: &SettingValues,
    ) -> Result<(EffectiveSettings, Layout), ApiError> {
        let session = &self.person.session;
        let project = match &self.place {
            SettingsScope::Project(_, project) => Some(project),
            SettingsScope::Instance(_) | SettingsScope::User(..) => None,
        };
        let (cloud, account) = (&session.cloud_id, Some(&session.account_id));
        let mut all = self.app.store.get_effective_settings(cloud, project, account).await?;
        let (tab, place) = match self.scope {
            Scope::User => (Here::MySettings, &mut all.user),
            Scope::Project => (Here::Projects, &mut all.project),
            Scope::Instance => (Here::SiteSettings, &mut all.instance),
        };
        here.clone_into(place);
        let layout = Layout::inside(&all, tab);
        if self.scope != Scope::User {
            all.user = SettingValues::default();
        }
        Ok((all, layout))
    }

    /// The project's key and name, read as the person: shown and not kept.
    async fn project(&self) -> Result<Option<ProjectDetails>, ApiError> {
        let SettingsScope::Project(cloud, project) = &self.place else { return Ok(None) };
        let subject = self.person.atlassian();
        let id = request_id(self.request)?;
        let token = self.app.vault.access_token(&subject, Purpose::CheckPermission, &id).await?;
        let found = self.app.jira.site(cloud, &token).get_project(project.as_str()).await;
        match found {
            Ok(details) => Ok(Some(details)),
            Err(Failure::Absent { .. } | Failure::Forbidden { .. }) => Err(access::no_project()),
            Err(failure) => Err(failure.into()),
        }
    }

    /// What was changed: for who may change it, and of settings that are not theirs alone.
    async fn history(&self) -> Result<Option<History>, ApiError> {
        if !self.may_change || self.scope == Scope::User {
            return Ok(None);
        }
        // A cursor that is none leads to the newest ones.
        let from = changes::cursor(self.request).ok().flatten();
        let now = self.app.clock.now();
        let listed = self.app.store.list_setting_changes(&self.place, now, CHANGES, from.as_ref());
        let (changes, next) = listed.await?;
        Ok(Some(History::of(&changes, next.as_ref(), &self.path, from.is_none())))
    }
}

fn project_view(details: &ProjectDetails) -> ProjectView<'_> {
    let project = &details.project;
    let (key, name) = (project.key.as_str(), project.name.as_str());
    ProjectView { id: project.id.as_str(), key, name }
}
