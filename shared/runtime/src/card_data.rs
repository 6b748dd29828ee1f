//! What the buttons of a card carry: identifiers, bound to where the card was shown, and signed.
//! Whoever copies a card to another conversation, or changes what it carries, is refused.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use tandem_domain::{CloudId, ConversationId, FollowId, IssueId, TenantId, Timestamp};

use crate::signing::{Signing, same};

/// For how long the buttons of a card work.
pub const LASTS: Duration = Duration::from_hours(30 * 24);

/// What a card is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardSubject {
    /// An issue.
    Issue(CloudId, IssueId),
    /// A channel's subscription to a project.
    Follow(CloudId, FollowId),
    /// A site, where the issue is still to be made or picked.
    Site(CloudId),
}

/// Where a card is shown.
#[derive(Clone, Copy, Debug)]
pub struct ShownIn<'a> {
    /// The Microsoft tenant.
    pub tenant: &'a TenantId,
    /// The conversation; of a thread, its channel.
    pub conversation: &'a ConversationId,
}

/// Why the data of a card is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardRefused {
    /// Not what a card of ours carries.
    #[error("not a card of ours")]
    Malformed,
    /// Changed, or copied from another conversation.
    #[error("the card is of another place")]
    Foreign,
    /// Older than its buttons work.
    #[error("the card is too old")]
    Expired,
}

impl CardSubject {
    fn parts(&self) -> [&str; 3] {
        match self {
            Self::Issue(cloud, issue) => ["issue", cloud.as_str(), issue.as_str()],
            Self::Follow(cloud, follow) => ["follow", cloud.as_str(), follow.as_str()],
            Self::Site(cloud) => ["site", cloud.as_str(), ""],
        }
    }

    fn of(data: &Value) -> Option<Self> {
        let cloud = CloudId::parse(data["cloudId"].as_str()?).ok()?;
        let text = |name: &str| data[name].as_str();
        match (text("issueId"), text("followId")) {
            (Some(issue), None) => Some(Self::Issue(cloud, IssueId::parse(issue).ok()?)),
            (None, Some(follow)) => Some(Self::Follow(cloud, FollowId::parse(follow).ok()?)),
            (None, None) => Some(Self::Site(cloud)),
            (Some(_), Some(_)) => None,
        }
    }

    /// What the card's buttons carry: the identifiers, the end, and the signature over them and the
    /// place.
    pub fn sign(
        &self,
        signing: &Signing,
        shown: ShownIn<'_>,
        now: Timestamp,
    ) -> Map<String, Value> {
        let ends_at = now.plus(LASTS).as_millis();
        let mut data = Map::new();
        let (cloud, own) = match self {
            Self::Issue(cloud, issue) => (cloud, Some(("issueId", issue.as_str()))),
            Self::Follow(cloud, follow) => (cloud, Some(("followId", follow.as_str()))),
            Self::Site(cloud) => (cloud, None),
        };
        data.insert("cloudId".to_owned(), json!(cloud.as_str()));
        if let Some((name, value)) = own {
            data.insert(name.to_owned(), json!(value));
        }
        data.insert("endsAt".to_owned(), json!(ends_at.to_string()));
        let mac = signing.sign("card", &parts(self, shown, &ends_at.to_string()));
        data.insert("mac".to_owned(), json!(mac));
        data
    }

    /// What the data of a card is about, when the card is ours, of this place, and not too old.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn verify(
        data: &Value,
        signing: &Signing,
        shown: ShownIn<'_>,
        now: Timestamp,
    ) -> Result<Self, CardRefused> {
        let subject = Self::of(data).ok_or(CardRefused::Malformed)?;
        let ends_at = data["endsAt"].as_str().ok_or(CardRefused::Malformed)?;
        let until: i64 = ends_at.parse().map_err(|_| CardRefused::Malformed)?;
        let given = data["mac"].as_str().ok_or(CardRefused::Malformed)?;
        let ours = signing.signatures("card", &parts(&subject, shown, ends_at));
        if !ours.iter().fold(false, |found, mac| found | same(mac, given)) {
            return Err(CardRefused::Foreign);
        }
        if Timestamp::from_millis(until) <= now {
            return Err(CardRefused::Expired);
        }
        Ok(subject)
    }
}

fn parts<'a>(subject: &'a CardSubject, shown: ShownIn<'a>, ends_at: &'a str) -> [&'a str; 6] {
    let [kind, cloud, own] = subject.parts();
    let place = shown.conversation.as_str();
    let place = place.split_once(";messageid=").map_or(place, |(channel, _)| channel);
    [kind, cloud, own, shown.tenant.as_str(), place, ends_at]
}

/// A MAC as text.
pub(crate) fn encoded(mac: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOUD: &str = "11223344-a1b2-4b33-8444-def123456789";
    const TENANT: &str = "0e3419f7-4c4d-47e7-b98a-7b9b9de02b80";

    fn place(conversation: &str) -> (TenantId, ConversationId) {
        (TenantId::parse(TENANT).unwrap(), ConversationId::parse(conversation).unwrap())
    }

    #[test]
    fn a_card_works_where_it_was_shown_until_it_is_too_old() {
        let signing = Signing::new(&[7; 32]).unwrap();
        let now = Timestamp::from_secs(1_700_000_000);
        let (tenant, chat) = place("19:abc1@thread.v2");
        let (_, other) = place("19:abc2@thread.v2");
        let (_, thread) = place("19:abc1@thread.v2;messageid=17");
        let subject =
            CardSubject::Issue(CloudId::parse(CLOUD).unwrap(), IssueId::parse("10001").unwrap());
        let shown = |conversation| ShownIn { tenant: &tenant, conversation };
        let data = Value::Object(subject.sign(&signing, shown(&chat), now));
        let verify = |data: &Value, conversation, now| {
            CardSubject::verify(data, &signing, shown(conversation), now)
        };
        assert_eq!(verify(&data, &chat, now), Ok(subject.clone()));
        assert_eq!(verify(&data, &thread, now), Ok(subject));
        assert_eq!(verify(&data, &other, now), Err(CardRefused::Foreign));
        assert_eq!(verify(&data, &chat, now.plus(LASTS)), Err(CardRefused::Expired));
        for (field, value, refused) in [
            ("issueId", json!("10002"), CardRefused::Foreign),
            ("issueId", json!("the issue"), CardRefused::Malformed),
            ("issueId", Value::Null, CardRefused::Foreign),
            ("followId", json!("00112233445566778899aabbccddeeff"), CardRefused::Malformed),
            ("cloudId", json!(TENANT), CardRefused::Foreign),
            ("endsAt", json!("9999999999999"), CardRefused::Foreign),
            ("endsAt", json!(9_999_999_999_999_u64), CardRefused::Malformed),
            ("mac", json!(""), CardRefused::Foreign),
            ("mac", Value::Null, CardRefused::Malformed),
        ] {
            let mut changed = data.clone();
            changed[field] = value.clone();
            assert_eq!(verify(&changed, &chat, now), Err(refused), "{field} = {value}");
        }
    }

    #[test]
    fn a_card_of_the_previous_key_works_while_that_is_accepted() {
        let signing = Signing::new(&[7; 32]).unwrap();
        let now = Timestamp::from_secs(1_700_000_000);
        let (tenant, chat) = place("19:abc1@thread.v2");
        let shown = ShownIn { tenant: &tenant, conversation: &chat };
        let subject = CardSubject::Site(CloudId::parse(CLOUD).unwrap());
        let data = Value::Object(subject.sign(&signing, shown, now));
        signing.renew(&Signing::of(&[8; 32], Some(&[7; 32])).unwrap());
        assert_eq!(CardSubject::verify(&data, &signing, shown, now), Ok(subject));
        signing.renew(&Signing::new(&[8; 32]).unwrap());
        assert_eq!(CardSubject::verify(&data, &signing, shown, now), Err(CardRefused::Foreign));
    }
}
