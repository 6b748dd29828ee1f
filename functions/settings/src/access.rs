//! Who may see and change which settings: Jira is asked, as the person.

use tandem_domain::{Failure, ProjectId, RequestId};
use tandem_jira::client::{Permission, PermissionContext, Permissions};
use tandem_runtime::{ApiError, App, access, session::SignedIn};
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
        Some(needed) => Err(access::lacking(needed)),
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
            let (needed, within) = (Permission::Administer, PermissionContext::Site);
            (access::permissions_of(app, person, request, &[needed], within).await?, needed)
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
    let within = PermissionContext::Project(project);
    let held = access::permissions_of(app, person, request, &asked, within).await;
    let held = held.map_err(|failure| match failure {
        Failure::Absent { .. } | Failure::Forbidden { .. } => no_project(),
        other => other.into(),
    })?;
    if held.has(Permission::BrowseProjects) { Ok(held) } else { Err(no_project()) }
}

pub(crate) fn no_project() -> ApiError {
    ApiError::not_found("there is no such project, or you cannot see it")
}
