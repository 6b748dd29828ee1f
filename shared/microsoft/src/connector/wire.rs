//! What the Connector answers.

use serde::Deserialize;
use tandem_domain::{ActivityId, BotUserId, ConversationId, ObjectId};

use super::Member;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireConversation {
    pub(super) id: ConversationId,
    #[serde(default)]
    pub(super) activity_id: Option<ActivityId>,
}

#[derive(Deserialize)]
pub(super) struct WireCreated {
    pub(super) id: ActivityId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireMember {
    id: BotUserId,
    #[serde(default, alias = "objectId")]
    aad_object_id: Option<String>,
}

impl WireMember {
    pub(super) fn into_member(self) -> Option<Member> {
        let object_id = match self.aad_object_id.filter(|id| !id.is_empty()) {
            Some(id) => Some(ObjectId::parse(&id.to_ascii_lowercase()).ok()?),
            None => None,
        };
        Some(Member { id: self.id, object_id })
    }
}

/// Why the Connector refuses: its codes, never its texts.
#[derive(Default)]
pub(super) struct Reason {
    code: String,
    sub_code: String,
}

#[derive(Default, Deserialize)]
struct WireError {
    #[serde(default)]
    error: WireReason,
    #[serde(flatten)]
    bare: WireReason,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireReason {
    code: String,
    sub_code: String,
}

impl Reason {
    /// Reads `{error: {code, subCode}}`, or the two without the object around them; nothing where
    /// the body is neither.
    pub(super) fn of(body: &[u8]) -> Self {
        let wire: WireError = serde_json::from_slice(body).unwrap_or_default();
        let known = if wire.error.code.is_empty() { wire.bare } else { wire.error };
        Self { code: known.code, sub_code: known.sub_code }
    }

    /// Whether the bot was removed, blocked or muted there.
    pub(super) fn tells_of_a_block(&self) -> bool {
        [&self.code, &self.sub_code].into_iter().any(|code| {
            matches!(
                code.as_str(),
                "MessageWritesBlocked"
                    | "ConversationBlockedByUser"
                    | "BotNotInConversationRoster"
                    | "BotDisabledByAdmin"
                    | "ForbiddenOperationException"
                    | "NotEnoughPermissions"
            )
        })
    }
}
