//! The tenants and their users, and what an administrator can do to them.

use serde_json::Value;

use super::{
    MicrosoftSandbox, NewUser, SignInBlock, User,
    entra::tokens,
    random,
    state::{Audience, State},
};

/// The tenant and the people of the demonstration, the same ones as on its Jira site; the ids are
/// always the same.
#[derive(Clone, Copy, Debug)]
pub struct DemoTenant {
    /// The tenant.
    pub tenant_id: &'static str,
    /// Object id and name of each user.
    pub users: [(&'static str, &'static str); 3],
}

/// What [`MicrosoftSandbox::seed_demo`] makes.
const DEMO: DemoTenant = DemoTenant {
    tenant_id: "7d1c5e0a-52b4-4b8e-9d0e-3f6a1c2b4d50",
    users: [
        ("ada00000-0000-4000-8000-000000000001", "Ada Berg"),
        ("be000000-0000-4000-8000-000000000002", "Ben Okoye"),
        ("c1e00000-0000-4000-8000-000000000003", "Cleo Marsh"),
    ],
};

impl MicrosoftSandbox {
    /// Adds a tenant by its id (GUID). A tenant that is there already stays as it is.
    pub fn add_tenant(&self, tenant_id: &str) {
        self.change(|state, _| state.tenants.insert(tenant_id.to_owned()));
    }

    /// Adds a user, or renames the one with that object id, and returns the object id.
    pub fn add_user(&self, user: NewUser) -> String {
        self.change(|state, _| state.put_user(user))
    }

    /// Adds the tenant of the demonstration with its three people.
    pub fn seed_demo(&self) -> DemoTenant {
        self.change(|state, _| {
            for (object_id, display_name) in DEMO.users {
                state.put_user(NewUser {
                    tenant_id: DEMO.tenant_id.to_owned(),
                    object_id: Some(object_id.to_owned()),
                    display_name: display_name.to_owned(),
                });
            }
        });
        DEMO
    }

    /// The users of all tenants.
    pub fn users(&self) -> Vec<User> {
        self.read(|state| state.users.clone())
    }

    /// Refuses the user's refresh tokens issued so far (AADSTS50173), as a changed password or
    /// an administrator does.
    pub fn revoke_sign_ins(&self, tenant_id: &str, object_id: &str) {
        self.change(|state, now| {
            if let Some(user) = state.user_mut(tenant_id, object_id) {
                user.sign_ins_revoked_at = Some(now);
            }
        });
    }

    /// Demands consent, demands multifactor authentication, disables, or (`None`) sets free.
    pub fn set_sign_in_block(&self, tenant_id: &str, object_id: &str, block: Option<SignInBlock>) {
        self.change(|state, _| {
            if let Some(user) = state.user_mut(tenant_id, object_id) {
                user.block = block;
            }
        });
    }

    /// Ends the access tokens of a user now, long before their time.
    pub fn expire_access_tokens(&self, tenant_id: &str, object_id: &str) {
        self.change(|state, now| {
            for token in state.access_tokens.values_mut() {
                if token.tenant_id == tenant_id && token.object_id.as_deref() == Some(object_id) {
                    token.expires_at = token.expires_at.min(now);
                }
            }
        });
    }

    /// An access token and a refresh token for Graph, as if the user had just signed in and
    /// consented to `scopes`.
    pub fn issue_tokens(
        &self,
        tenant_id: &str,
        object_id: &str,
        scopes: &[&str],
    ) -> (String, String) {
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.change(|state, now| {
            let access = tokens::access_token(
                state,
                now,
                tenant_id,
                Some(object_id),
                Audience::Graph,
                &scopes,
            );
            (access, tokens::refresh_token(state, now, tenant_id, object_id, &scopes))
        })
    }

    /// Signs any claims with the key that signs id tokens: a wrong audience, an old date.
    /// Empty where signing fails.
    pub fn sign_id_token(&self, claims: &Value) -> String {
        self.0.key.sign(claims).unwrap_or_default()
    }
}

impl State {
    fn put_user(&mut self, new: NewUser) -> String {
        let object_id = new.object_id.unwrap_or_else(random::guid).to_ascii_lowercase();
        self.tenants.insert(new.tenant_id.clone());
        if let Some(user) = self.user_mut(&new.tenant_id, &object_id) {
            user.display_name = new.display_name;
        } else {
            self.users.push(User {
                user_principal_name: self.sign_in_name(&new.tenant_id, &new.display_name),
                tenant_id: new.tenant_id,
                object_id: object_id.clone(),
                display_name: new.display_name,
                block: None,
                sign_ins_revoked_at: None,
            });
        }
        object_id
    }

    /// `ada.lovelace@7d1c5e0a.onmicrosoft.example`, with a number where the name is taken.
    fn sign_in_name(&self, tenant_id: &str, display_name: &str) -> String {
        let words: Vec<String> = display_name
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        let local = if words.is_empty() { "user".to_owned() } else { words.join(".") };
        let domain = tenant_id.split('-').next().unwrap_or_default();
        let name = |number: usize| match number {
            0 => format!("{local}@{domain}.onmicrosoft.example"),
            _ => format!("{local}{number}@{domain}.onmicrosoft.example"),
        };
        let most = self.users.len();
        (0..=most).map(name).find(|name| self.user(tenant_id, name).is_none()).unwrap_or_default()
    }
}
