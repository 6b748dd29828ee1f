//! The frame of every page: the look, the way to the other pages, where one is.

use tandem_domain::{
    Failure,
    settings::{EffectiveSettings, SettingName, SettingValue},
};
use tandem_runtime::{App, session::SignedIn};

use crate::texts::Common;

/// How pages look: the setting `appearance`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// As the device has it.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Look {
    /// As settings have it.
    pub fn of(settings: &EffectiveSettings) -> Self {
        match settings.get(SettingName::Appearance).0 {
            SettingValue::Choice("light") => Self::Light,
            SettingValue::Choice("dark") => Self::Dark,
            _ => Self::Auto,
        }
    }

    /// The word in the page's markup.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// Which of the pages in the navigation one is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Here {
    /// The connected accounts.
    Accounts,
    /// The person's settings.
    MySettings,
    /// What is stored of the person.
    MyData,
    /// The projects, and the settings of one.
    Projects,
    /// The site's settings.
    SiteSettings,
    /// The state of the site.
    SiteState,
    /// None of them.
    Elsewhere,
}

/// A way to another page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) href: &'static str,
    pub(crate) label: &'static str,
    pub(crate) here: bool,
}

/// The frame of a page.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    pub(crate) look: Look,
    pub(crate) here: Here,
    pub(crate) signed_in: bool,
    pub(crate) common: &'static Common,
}

impl Layout {
    /// The frame for somebody who is not signed in: no way to pages that need it.
    pub fn outside() -> Self {
        Self {
            look: Look::Auto,
            here: Here::Elsewhere,
            signed_in: false,
            common: &const { Common::EN },
        }
    }

    /// The frame for a signed-in person with these settings.
    pub fn inside(settings: &EffectiveSettings, here: Here) -> Self {
        Self { look: Look::of(settings), here, signed_in: true, ..Self::outside() }
    }

    /// The frame for a signed-in person in the look that they chose.
    ///
    /// # Errors
    /// [`Failure::Retry`] when the table is out of reach.
    pub async fn of(app: &App, person: &SignedIn, here: Here) -> Result<Self, Failure> {
        let (cloud, account) = (&person.session.cloud_id, &person.session.account_id);
        let settings = app.store.get_effective_settings(cloud, None, Some(account)).await?;
        Ok(Self::inside(&settings, here))
    }

    /// The ways to other pages.
    pub(crate) fn ways(&self) -> Vec<Way> {
        if !self.signed_in {
            return Vec::new();
        }
        let common = self.common;
        [
            (Here::Accounts, "/connected", common.accounts),
            (Here::MySettings, "/my/settings", common.my_settings),
            (Here::MyData, "/my/data", common.my_data),
            (Here::Projects, "/site/projects", common.projects),
            (Here::SiteSettings, "/site/settings", common.site_settings),
            (Here::SiteState, "/admin", common.site_state),
        ]
        .map(|(place, href, label)| Way { href, label, here: place == self.here })
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_are_for_who_is_signed_in_and_name_where_one_is() {
        assert!(Layout::outside().ways().is_empty());
        let ways = Layout::inside(&EffectiveSettings::default(), Here::MyData).ways();
        let here: Vec<_> = ways.iter().filter(|way| way.here).map(|way| way.href).collect();
        assert_eq!(here, ["/my/data"]);
        assert_eq!(ways.len(), 6);
    }
}
