//! The one table: what lies in it, under which keys, and the questions it answers.

mod account_link;
mod bot_conversation;
mod channel_subscription;
mod chat_link;
mod claim;
mod counted;
mod entity;
mod erasure;
mod error;
mod export;
mod grant;
mod installation;
pub mod inventory;
mod issue_message;
mod kept_of_issue;
pub mod keys;
mod ledger;
mod message_link;
mod named;
mod receipt;
mod reported_account;
mod reporting;
pub mod schema;
mod session;
mod setting;
mod setting_change;
mod sign_in;
mod site_webhook;
mod stored;
mod table;
mod tally;
mod watcher;
mod webhook_seen;

pub use account_link::AccountLink;
pub use bot_conversation::{BotConversation, PersonalConversation};
pub use channel_subscription::{ChannelSubscription, IssueThread};
pub use chat_link::{ChatKind, ChatLink, ChatSubscription, LinkState};
pub use claim::{Claim, ClaimState, Claimed, KEPT_FOR as CLAIM_KEPT_FOR};
pub use counted::{Counted, DueKind, MOST_COUNTED};
pub use entity::{Attribute, COMMON, Entity, ErasedWith, Whose};
pub use erasure::{
    Cursor, Erasure, Found, JiraUser, MicrosoftUser, Part, Progress, QUIET as ERASURE_QUIET, Reach,
    Step, What,
};
pub use error::StoreError;
pub use export::{ExportCursor, Exported};
pub use grant::{Grant, GrantCursor, Seal};
pub use installation::{Installation, Site};
pub use issue_message::IssueMessage;
pub use kept_of_issue::KeptOfIssue;
pub use ledger::{LedgerCursor, LedgerEntry};
pub use message_link::{MessageLink, Origin};
pub use receipt::{ErasedScope, Receipt};
pub use reported_account::{REPORT_CYCLE, ReportedAccount};
pub use reporting::Reporting;
pub use session::Session;
pub use setting::{ScopeSettings, SettingsScope};
pub use setting_change::{ChangeCursor, SettingChange};
pub use sign_in::{SignIn, SignInStage};
pub use site_webhook::SiteWebhook;
pub use stored::{StoredItem, StoredPlace};
pub use table::Store;
pub use tally::{Counts, SLOT as TALLY_SLOT, Tally};
pub use watcher::Watcher;
pub use webhook_seen::WebhookSeen;
