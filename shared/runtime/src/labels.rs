//! Labels of issues in a channel's subscription: by hash, since their text is people's.

use tandem_domain::{Entropy, FollowId, LabelHash};

use crate::signing::{claim_of, lease_holder};

/// How many hexadecimal digits of the SHA-256 are kept.
const KEPT: usize = 32;

/// A label as the subscription's item holds it: the hash of the label in lower case, salted with
/// the subscription's id, so that the same label looks different in another subscription.
pub fn label_hash(follow: &FollowId, label: &str) -> Option<LabelHash> {
    let hash = claim_of(&["label", follow.as_str(), &label.to_lowercase()])?;
    LabelHash::parse(hash.as_str().get(..KEPT)?).ok()
}

/// A new subscription's id, random.
pub fn new_follow_id(entropy: &dyn Entropy) -> Option<FollowId> {
    FollowId::parse(lease_holder(entropy)?.as_str()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::SystemEntropy;

    #[test]
    fn a_label_is_known_again_in_its_subscription_only() {
        let [one, other] = [new_follow_id(&SystemEntropy), new_follow_id(&SystemEntropy)];
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_ne!(one, other);
        let hash = label_hash(&one, "Urgent").unwrap();
        assert_eq!(label_hash(&one, "urgent"), Some(hash.clone()));
        assert_ne!(label_hash(&other, "urgent"), Some(hash.clone()));
        assert_ne!(label_hash(&one, "urgen"), Some(hash));
        assert!(label_hash(&one, "").is_some());
    }
}
