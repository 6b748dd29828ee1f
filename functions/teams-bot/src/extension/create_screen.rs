//! What Jira offers for a new issue: projects, types, fields and people.

use tandem_domain::{AccountId, Failure, IssueTypeId, ProjectId, document::Prose};
use tandem_jira::client::{CreateField, FieldKind, IssueType, Project, Site, User};
use tandem_microsoft::cards::input;

use super::{
    fields::{self, Named},
    message_draft::Draft,
    texts,
};
use crate::stopped::Stopped;

/// The most projects and people in a list; typing finds the others.
const MOST: u16 = 50;

/// What Jira offers a person for a new issue.
pub(super) struct Screen {
    pub(super) projects: Vec<Named>,
    pub(super) project: ProjectId,
    pub(super) issue_types: Vec<Named>,
    pub(super) issue_type: IssueTypeId,
    pub(super) fields: Vec<CreateField>,
    pub(super) people: Vec<Named>,
}

impl Screen {
    /// The screen of the project and the type that the draft names, where the person may create
    /// such issues; else of the first of either.
    pub(super) async fn load(site: &Site<'_>, draft: &Draft) -> Result<Self, Stopped> {
        let wanted = ProjectId::parse(draft.typed(input::PROJECT)).ok();
        let (mut projects, types) =
            tokio::try_join!(site.list_projects("", MOST), types_of(site, wanted.as_ref()))?;
        let (project, types) = match (wanted, types) {
            (Some(project), Some(types)) => (project, types),
            _ => first(site, &projects).await?,
        };
        if !projects.iter().any(|known| known.id == project) {
            projects.insert(0, site.get_project(project.as_str()).await?.project);
        }
        let chosen = types.iter().find(|it| it.id.as_str() == draft.typed(input::ISSUE_TYPE));
        let issue_type = chosen.or(types.first()).map(|it| it.id.clone());
        let issue_type = issue_type.ok_or(Stopped::Cannot(texts::NO_PROJECT))?;
        let (fields, people) = tokio::try_join!(
            site.list_create_fields(&project, &issue_type),
            assignable(site, &project)
        )?;
        let mut screen = Self {
            projects: projects.iter().map(project_name).collect(),
            issue_types: types
                .iter()
                .map(|it| Named::new(it.id.as_str(), it.name.as_str()))
                .collect(),
            people: people.iter().map(person).collect(),
            project,
            issue_type,
            fields,
        };
        screen.find_chosen(site, draft).await?;
        Ok(screen)
    }

    /// Adds the people who were chosen by typing, so that the form knows their names.
    async fn find_chosen(&mut self, site: &Site<'_>, draft: &Draft) -> Result<(), Stopped> {
        let of_people = fields::further(&self.fields).filter(|it| it.kind == FieldKind::User);
        let ids = of_people.map(|it| it.field_id.as_str()).chain([input::ASSIGNEE]);
        let chosen: Vec<AccountId> =
            ids.filter_map(|id| AccountId::parse(draft.typed(id)).ok()).collect();
        for account in chosen {
            if self.people.iter().any(|known| known.id == account.as_str()) {
                continue;
            }
            match site.get_user(&account).await {
                Ok(user) => self.people.insert(0, person(&user)),
                Err(Failure::Absent { .. } | Failure::Forbidden { .. }) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        Ok(())
    }
}

/// The types of issues that the person can make in the project; `None` where there is none, or no
/// such project for them. What is a part of another issue is not made from a message.
pub(super) async fn types_of(
    site: &Site<'_>,
    project: Option<&ProjectId>,
) -> Result<Option<Vec<IssueType>>, Failure> {
    let Some(project) = project else { return Ok(None) };
    match site.list_issue_types(project).await {
        Ok(mut types) => {
            types.retain(|it| !it.subtask);
            Ok(Some(types).filter(|types| !types.is_empty()))
        }
        Err(Failure::Absent { .. } | Failure::Forbidden { .. }) => Ok(None),
        Err(failure) => Err(failure),
    }
}

async fn first(
    site: &Site<'_>,
    projects: &[Project],
) -> Result<(ProjectId, Vec<IssueType>), Stopped> {
    let project = projects.first().ok_or(Stopped::Cannot(texts::NO_PROJECT))?;
    let types = types_of(site, Some(&project.id)).await?;
    Ok((project.id.clone(), types.ok_or(Stopped::Cannot(texts::NO_PROJECT))?))
}

/// Some whom an issue can be assigned to; none where the person may not look for people.
async fn assignable(site: &Site<'_>, project: &ProjectId) -> Result<Vec<User>, Failure> {
    match site.list_assignable(project, "", MOST).await {
        Err(Failure::Absent { .. } | Failure::Forbidden { .. }) => Ok(Vec::new()),
        found => found,
    }
}

fn project_name(project: &Project) -> Named {
    let name = format!("{} ({})", project.name.as_str(), project.key.as_str());
    Named { id: project.id.to_string(), name: Prose::new(&name) }
}

fn person(user: &User) -> Named {
    Named::new(user.account_id.as_str(), user.display_name.as_str())
}
