//! Grants: what a person allowed at one vendor, and the port through which they are renewed.

use std::{future::Future, pin::Pin, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{AccountId, ObjectId, RefreshToken, TenantId, TokenSet};

/// A boxed future, for traits used as objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The vendor that issued a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Atlassian OAuth 2.0 (3LO).
    Atlassian,
    /// Microsoft Entra v2.
    Microsoft,
}

impl Provider {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Atlassian, Self::Microsoft];

    /// The name used in keys, contexts and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Atlassian => "atlassian",
            Self::Microsoft => "microsoft",
        }
    }
}

/// Whose grant it is. One grant per subject: an Atlassian grant serves every site of the account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An Atlassian account.
    Atlassian(AccountId),
    /// A Microsoft user; the key is (tid, oid), never a name.
    Microsoft(TenantId, ObjectId),
}

impl Subject {
    /// The vendor of the grant.
    pub fn provider(&self) -> Provider {
        match self {
            Self::Atlassian(_) => Provider::Atlassian,
            Self::Microsoft(..) => Provider::Microsoft,
        }
    }
}

/// Why a grant needs its owner to sign in again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInReason {
    /// The owner or an administrator took the grant back.
    Revoked,
    /// Unused for too long, or at the end of its absolute life.
    Expired,
    /// A permission is missing that the app asks for now.
    ConsentMissing,
    /// The vendor wants the person present (multi-factor, changed policy).
    InteractionRequired,
    /// The account is disabled or gone.
    AccountDisabled,
}

/// What a grant is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "why")]
pub enum GrantState {
    /// Tokens can be opened and refreshed.
    Active,
    /// The vendor ended it; only its owner can mend it.
    NeedsSignIn(SignInReason),
    /// Erased: nothing of it is left but this word.
    Erased,
}

/// What a token is opened for: a closed list, shown to its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Signing in and linking accounts.
    SignIn,
    /// Checking what the person may see or change.
    CheckPermission,
    /// Starting a chat from an issue.
    StartChat,
    /// Showing the last messages of a chat in an issue.
    ShowChat,
    /// Posting what the person wrote in the issue's panel.
    ReplyInChat,
    /// Carrying a Jira comment or change into a chat.
    CarryToTeams,
    /// Carrying a chat message into a Jira comment.
    CarryToJira,
    /// Finding and showing issues in Teams.
    ShowIssue,
    /// Creating an issue from Teams.
    CreateIssue,
    /// Commenting on, assigning, moving or watching an issue from Teams.
    ChangeIssue,
    /// Linking a chat that there is with an issue.
    LinkChat,
    /// Telling a channel what happened in a project.
    TellChannel,
    /// Telling a person what concerns them.
    TellPerson,
    /// Looking whether an issue, a project or a user that Jira says is gone is gone.
    CheckDeletion,
    /// Renewing a chat's change notifications.
    RenewSubscription,
    /// Telling Atlassian which accounts are kept, to learn which were closed.
    ReportAccounts,
    /// Refreshing a grant that would end for being left idle.
    KeepGrant,
    /// Sealing the tokens anew under the deployment's present keys.
    ChangeKeys,
}

impl Purpose {
    /// Each of them.
    pub const ALL: [Self; 18] = [
        Self::SignIn,
        Self::CheckPermission,
        Self::StartChat,
        Self::ShowChat,
        Self::ReplyInChat,
        Self::CarryToTeams,
        Self::CarryToJira,
        Self::ShowIssue,
        Self::CreateIssue,
        Self::ChangeIssue,
        Self::LinkChat,
        Self::TellChannel,
        Self::TellPerson,
        Self::CheckDeletion,
        Self::RenewSubscription,
        Self::ReportAccounts,
        Self::KeepGrant,
        Self::ChangeKeys,
    ];

    /// The name under which it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::CheckPermission => "check_permission",
            Self::StartChat => "start_chat",
            Self::ShowChat => "show_chat",
            Self::ReplyInChat => "reply_in_chat",
            Self::CarryToTeams => "carry_to_teams",
            Self::CarryToJira => "carry_to_jira",
            Self::ShowIssue => "show_issue",
            Self::CreateIssue => "create_issue",
            Self::ChangeIssue => "change_issue",
            Self::LinkChat => "link_chat",
            Self::TellChannel => "tell_channel",
            Self::TellPerson => "tell_person",
            Self::CheckDeletion => "check_deletion",
            Self::RenewSubscription => "renew_subscription",
            Self::ReportAccounts => "report_accounts",
            Self::KeepGrant => "keep_grant",
            Self::ChangeKeys => "change_keys",
        }
    }
}

/// Why a token endpoint gave no tokens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// The refresh token was refused (`invalid_grant` and its kin). The caller re-reads the grant
    /// before it believes this: somebody else may have refreshed meanwhile.
    #[error("the vendor refused the grant: {0:?}")]
    Refused(SignInReason),
    /// The vendor could not answer: throttled, down, unreachable.
    #[error("the vendor's token endpoint is unavailable")]
    Unavailable {
        /// The vendor's `Retry-After`, where it sent one.
        retry_after: Option<Duration>,
    },
    /// An answer that does not fit, or our client's credentials were refused: an operator's matter.
    #[error("the vendor's token endpoint answered {code}")]
    Misconfigured {
        /// The vendor's error code, such as `unauthorized_client`; never a description.
        code: String,
    },
}

/// The port to a vendor's token endpoint.
pub trait TokenIssuer: Send + Sync {
    /// Exchanges a refresh token for new tokens.
    fn refresh<'a>(
        &'a self,
        subject: &'a Subject,
        refresh: &'a RefreshToken,
    ) -> BoxFuture<'a, Result<TokenSet, IssuerError>>;
}
