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
mod grant;
mod installation;
pub mod inventory;
mod issue_message;
pub mod keys;
mod ledger;
mod message_link;
mod receipt;
pub mod schema;
mod session;
mod setting;
mod sign_in;
mod stored;
mod table;
mod tally;
mod watcher;
mod webhook_seen;

pub use account_link::AccountLink;
pub use bot_conversation::{BotConversation, PersonalConversation};
pub use channel_subscription::{ChannelSubscription, IssueThread};
pub use chat_link::{ChatKind, ChatLink, ChatSubscription, LinkState};
pub use claim::{Claim, ClaimState, Claimed};
pub use counted::{Counted, DueKind, MOST_COUNTED};
pub use entity::{Attribute, COMMON, Entity, Whose};
pub use erasure::{
    Cursor, Erasure, Found, JiraUser, MicrosoftUser, QUIET as ERASURE_QUIET, Reach, What,
};
pub use error::StoreError;
pub use grant::{Grant, GrantCursor, Seal};
pub use installation::{Installation, Site};
pub use issue_message::IssueMessage;
pub use ledger::{LedgerCursor, LedgerEntry};
pub use message_link::{MessageLink, Origin};
pub use receipt::{ErasedScope, Receipt};
pub use session::Session;
pub use setting::{ScopeSettings, SettingsScope};
pub use sign_in::{SignIn, SignInStage};
pub use stored::{StoredItem, StoredPlace};
pub use table::Store;
pub use tally::{Counts, SLOT as TALLY_SLOT, Tally};
pub use watcher::Watcher;
pub use webhook_seen::WebhookSeen;
