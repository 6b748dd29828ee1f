//! Who may see and change which settings: Jira is asked, as the person.

use tandem_domain::{Failure, ProjectId, Purpose, RequestId};
use tandem_jira::client::{Permission, PermissionContext, Permissions};
use tandem_runtime::{ApiError, App, session::SignedIn};
use tandem_store::SettingsScope;

/// 404 unless the person can see the project; the other scopes are open to each of the site's
/// people.
pub(crate) async fn may_read(
    app: &App,
    person: &SignedIn,
    request: &RequestId,
    scope: &SettingsScope,
) -> Result<(), ApiError> {
    match scope {
        SettingsScope::Project(_, project) => {
            may_browse(app, person, request, project).await.map(|_| ())
        }
        SettingsScope::Instance(_) | SettingsScope::User(..) => Ok(()),
    }
}

/// 403 unless the person may change the settings of the scope; 404 for a project they cannot see.
pub(crate) async fn may_change(
    app: &App,
    person: &SignedIn,
    request: &RequestId,
    scope: &SettingsScope,
) -> Result<(), ApiError> {
    match missing(app, person, request, scope).await? {
        None => Ok(()),
        Some(needed) => {
            let detail = format!("Jira does not give you the permission {}", needed.as_str());
            Err(ApiError::forbidden("insufficient_permission", detail))
        }
    }
}

/// The permission that the person lacks to change the settings of the scope; 404 for a project they
/// cannot see.
pub(crate) async fn missing(
    app: &App,
    person: &SignedIn,
    request: &RequestId,
    scope: &SettingsScope,
) -> Result<Option<Permission>, ApiError> {
    let (held, needed) = match scope {
        SettingsScope::User(..) => return Ok(None),
        SettingsScope::Instance(_) => {
            let needed = Permission::Administer;
            (ask(app, person, request, &[needed], PermissionContext::Site).await?, needed)
        }
        SettingsScope::Project(_, project) => {
            (may_browse(app, person, request, project).await?, Permission::AdministerProjects)
        }
    };
    Ok((!held.has(needed)).then_some(needed))
}

/// What the person may do in a project; 404 unless they can see it.
pub(crate) async fn may_browse(
    app: &App,
    person: &SignedIn,
    request: &RequestId,
    project: &ProjectId,
) -> Result<Permissions, ApiError> {
    let asked = [Permission::BrowseProjects, Permission::AdministerProjects];
    let held = ask(app, person, request, &asked, PermissionContext::Project(project)).await?;
    if held.has(Permission::BrowseProjects) { Ok(held) } else { Err(no_project()) }
}

async fn ask(
    app: &App,
    person: &SignedIn,
    request: &RequestId,
    asked: &[Permission],
    context: PermissionContext<'_>,
) -> Result<Permissions, ApiError> {
    let token =
        app.vault.access_token(&person.atlassian(), Purpose::CheckPermission, request).await?;
    let site = app.jira.site(&person.session.cloud_id, &token);
    site.permissions(asked, context).await.map_err(|failure| match (context, failure) {
        (PermissionContext::Project(_), Failure::Absent { .. } | Failure::Forbidden { .. }) => {
            no_project()
        }
        (_, other) => other.into(),
    })
}

pub(crate) fn no_project() -> ApiError {
    ApiError::not_found("there is no such project, or you cannot see it")
}
