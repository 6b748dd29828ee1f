//! Settings: of a person, of a project, of the site; and the list of projects to pick from. The
//! catalogue drives the forms.

mod field;
mod form;
mod history;

use askama::Template;
use tandem_domain::settings::{CATALOGUE, Definition, EffectiveSettings, Scope, SettingName};

use self::field::Control;
pub use self::{
    field::Field,
    form::{Form, Mistake},
    history::History,
};
use crate::{layout::Layout, texts::Settings};

const TEXTS: Settings = Settings::EN;

/// The settings that a scope has, in the catalogue's order.
pub fn settings_of(scope: Scope) -> impl Iterator<Item = &'static Definition> {
    CATALOGUE.iter().filter(move |definition| definition.scopes.contains(&scope))
}

/// The settings of a scope on a page.
pub fn fields(
    scope: Scope,
    settings: &EffectiveSettings,
    form: &Form,
    mistakes: &[(SettingName, Mistake)],
) -> Vec<Field> {
    let mistake = |name| mistakes.iter().find(|(of, _)| *of == name).map(|(_, mistake)| *mistake);
    settings_of(scope).map(|it| Field::of(it, scope, settings, form, mistake(it.name))).collect()
}

/// What came of the last form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There was none.
    None,
    /// It was saved.
    Saved,
    /// Something in it is wrong; nothing was saved.
    Invalid,
    /// Somebody else saved first; nothing of it was saved.
    ChangedMeanwhile,
}

/// A project as its page names it.
#[derive(Clone, Copy, Debug)]
pub struct ProjectView<'a> {
    /// Its number.
    pub id: &'a str,
    /// Its key.
    pub key: &'a str,
    /// Its name.
    pub name: &'a str,
}

/// The settings of a scope.
#[derive(Template)]
#[template(path = "settings.html")]
pub struct SettingsPage<'a> {
    /// The frame.
    pub layout: Layout,
    /// Whose settings.
    pub scope: Scope,
    /// The project, where they are one's.
    pub project: Option<ProjectView<'a>>,
    /// Where the form leads: the page's own address.
    pub path: &'a str,
    /// The session's CSRF token, for somebody who may change them.
    pub csrf: Option<&'a str>,
    /// The version that the form changes.
    pub version: u64,
    /// The settings.
    pub fields: Vec<Field>,
    /// What came of the last form.
    pub outcome: Outcome,
    /// What was changed before, for somebody who may see it.
    pub history: Option<History>,
}

impl SettingsPage<'_> {
    fn title(&self) -> &'static str {
        match self.scope {
            Scope::User => TEXTS.mine_title,
            Scope::Project => TEXTS.project_title,
            Scope::Instance => TEXTS.site_title,
        }
    }

    fn lead(&self) -> &'static str {
        match self.scope {
            Scope::User => TEXTS.mine_lead,
            Scope::Project => TEXTS.project_lead,
            Scope::Instance => TEXTS.site_lead,
        }
    }

    /// Why the settings cannot be changed here.
    fn reason(&self) -> &'static str {
        match self.scope {
            Scope::Project => TEXTS.only_project_admins,
            Scope::Instance | Scope::User => TEXTS.only_site_admins,
        }
    }
}

/// The projects to pick from.
#[derive(Template)]
#[template(path = "projects.html")]
pub struct ProjectsPage<'a> {
    /// The frame.
    pub layout: Layout,
    /// What was searched for.
    pub query: &'a str,
    /// What was found.
    pub projects: Vec<ProjectView<'a>>,
    /// Whether there may be more.
    pub more: bool,
}

#[cfg(test)]
mod tests;
