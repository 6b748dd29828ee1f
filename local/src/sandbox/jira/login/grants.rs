//! Consents given, and the codes and tokens they gave rise to.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::sandbox::jira::{JiraSandbox, model::Cloud, random};

/// How long a code can be exchanged.
const CODE: Duration = Duration::from_mins(10);
/// How long an access token lasts.
pub(super) const ACCESS: Duration = Duration::from_hours(1);
/// How long a refresh token lasts unused.
const IDLE: Duration = Duration::from_hours(90 * 24);
/// How long a grant can be renewed at all.
const ABSOLUTE: Duration = Duration::from_hours(365 * 24);
/// The scope without which there is no refresh token.
const OFFLINE: &str = "offline_access";

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// Every consent, code and token.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Login {
    grants: BTreeMap<String, Grant>,
    codes: BTreeMap<String, Code>,
    access: BTreeMap<String, Access>,
    refresh: BTreeMap<String, Refresh>,
}

/// A user's consent.
#[derive(Clone, Serialize, Deserialize)]
struct Grant {
    account: String,
    scopes: Vec<String>,
    /// The sites chosen; `None`: every site the user is on.
    sites: Option<Vec<String>>,
    created: i64,
    /// Whether the user took it back.
    ended: bool,
}

#[derive(Serialize, Deserialize)]
struct Code {
    grant: String,
    redirect_uri: String,
    expires: i64,
}

#[derive(Serialize, Deserialize)]
struct Access {
    grant: String,
    expires: i64,
}

#[derive(Serialize, Deserialize)]
struct Refresh {
    grant: String,
    issued: i64,
    /// When it was used.
    used: Option<i64>,
}

/// What the token endpoint hands out.
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
    pub(super) scope: String,
}

/// Why a refresh token is of no use.
pub(super) enum Unusable {
    /// Never given out, used already, or too old.
    Unknown,
    /// The user took the consent back.
    Ended,
}

/// Who a call is made for.
pub(crate) struct Session {
    pub(crate) account: String,
    pub(crate) scopes: Vec<String>,
    sites: Option<Vec<String>>,
}

impl Session {
    /// Whether the token reaches a site.
    pub(crate) fn reaches(&self, cloud: &Cloud, cloud_id: &str) -> bool {
        self.sites.as_ref().is_none_or(|sites| sites.iter().any(|site| site == cloud_id))
            && cloud
                .sites
                .get(cloud_id)
                .is_some_and(|site| site.members.contains_key(&self.account))
    }
}

impl Login {
    /// Notes a consent and gives the code for it.
    pub(super) fn consent(
        &mut self,
        account: &str,
        scopes: Vec<String>,
        sites: Option<Vec<String>>,
        redirect_uri: &str,
        now: i64,
    ) -> String {
        let grant = self.grant(account, scopes, sites, now);
        let (code, expires) = (random::token(), now + millis(CODE));
        self.codes.retain(|_, code| code.expires > now);
        self.codes
            .insert(code.clone(), Code { grant, redirect_uri: redirect_uri.to_owned(), expires });
        code
    }

    fn grant(
        &mut self,
        account: &str,
        scopes: Vec<String>,
        sites: Option<Vec<String>>,
        now: i64,
    ) -> String {
        let id = random::uuid();
        let account = account.to_owned();
        self.grants
            .insert(id.clone(), Grant { account, scopes, sites, created: now, ended: false });
        id
    }

    /// Exchanges a code; whatever comes of it, the code is spent.
    pub(super) fn exchange(&mut self, code: &str, redirect_uri: &str, now: i64) -> Option<Tokens> {
        let code = self.codes.remove(code)?;
        let fits = code.expires > now && code.redirect_uri == redirect_uri;
        fits.then(|| self.issue(&code.grant, now)).flatten()
    }

    /// Uses a refresh token; it is at its end with that, save for the leeway.
    pub(super) fn renew(
        &mut self,
        token: &str,
        now: i64,
        leeway: Option<Duration>,
    ) -> Result<Tokens, Unusable> {
        let refresh = self.refresh.get_mut(token).ok_or(Unusable::Unknown)?;
        let grant = self.grants.get(&refresh.grant).ok_or(Unusable::Unknown)?;
        if grant.ended {
            return Err(Unusable::Ended);
        }
        let spent = refresh.used.is_some_and(|used| {
            leeway.is_none_or(|leeway| now >= used.saturating_add(millis(leeway)))
        });
        let old = now >= refresh.issued + millis(IDLE) || now >= grant.created + millis(ABSOLUTE);
        if spent || old {
            return Err(Unusable::Unknown);
        }
        refresh.used.get_or_insert(now);
        let grant = refresh.grant.clone();
        self.issue(&grant, now).ok_or(Unusable::Unknown)
    }

    fn issue(&mut self, grant: &str, now: i64) -> Option<Tokens> {
        let found = self.grants.get(grant)?;
        let offline = found.scopes.iter().any(|scope| scope == OFFLINE);
        let scope = found.scopes.join(" ");
        let access = random::token();
        self.access.retain(|_, access| access.expires > now);
        self.access.insert(
            access.clone(),
            Access { grant: grant.to_owned(), expires: now + millis(ACCESS) },
        );
        let refresh = offline.then(|| {
            let token = random::token();
            self.refresh.insert(
                token.clone(),
                Refresh { grant: grant.to_owned(), issued: now, used: None },
            );
            token
        });
        Some(Tokens { access, refresh, scope })
    }
}

impl JiraSandbox {
    /// Who an access token speaks for, if it is good.
    pub(crate) fn session(&self, access: &str) -> Option<Session> {
        let now = self.now();
        self.read(|cloud| {
            let access = cloud.login.access.get(access).filter(|access| access.expires > now)?;
            let grant = cloud.login.grants.get(&access.grant).filter(|grant| !grant.ended)?;
            cloud.users.get(&grant.account).filter(|user| !user.closed)?;
            let Grant { account, scopes, sites, .. } = grant.clone();
            Some(Session { account, scopes, sites })
        })
    }

    /// An access token and a refresh token for a user who never saw the consent page; the second
    /// is empty without the scope `offline_access`. For scripts and tests.
    pub fn issue_tokens(&self, account_id: &str, scopes: &[&str]) -> (String, String) {
        let now = self.now();
        self.change(|cloud| {
            let scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
            let grant = cloud.login.grant(account_id, scopes, None, now);
            cloud.login.issue(&grant, now).map_or_else(Default::default, |tokens| {
                (tokens.access, tokens.refresh.unwrap_or_default())
            })
        })
    }

    /// Ends a user's access tokens before their time.
    pub fn expire_access_tokens(&self, account_id: &str) {
        let now = self.now();
        self.change(|cloud| {
            let Login { access, grants, .. } = &mut cloud.login;
            let of_user =
                |grant: &String| grants.get(grant).is_some_and(|grant| grant.account == account_id);
            for access in access.values_mut().filter(|access| of_user(&access.grant)) {
                access.expires = access.expires.min(now);
            }
        });
    }

    /// Takes back every consent of a user, as on the account's page of connected apps.
    pub fn revoke_grants(&self, account_id: &str) {
        self.change(|cloud| {
            let grants = cloud.login.grants.values_mut();
            for grant in grants.filter(|grant| grant.account == account_id) {
                grant.ended = true;
            }
        });
    }
}
