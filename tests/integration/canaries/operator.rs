//! What an operator sees.

use super::scene::Scene;
use crate::ops::ops;

/// Every answer of `tandem-ops` about dead letters and grants, and what it says beside it.
pub async fn answers(scene: &Scene) -> Vec<String> {
    let mut answers = Vec::new();
    for words in [
        &["dead-letters", "list"][..],
        &["dead-letters", "explain"],
        &["grants", "needing-sign-in"],
    ] {
        for form in [&[][..], &["--json"]] {
            let ran = ops(&scene.stack, &[words, form].concat()).await;
            assert_eq!(ran.code, 0, "{}", ran.err);
            answers.extend([ran.out, ran.err]);
        }
    }
    assert!(answers[0].contains("comment_created"), "a dead letter is listed: {}", answers[0]);
    answers
}
