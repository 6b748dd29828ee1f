//! How the command line answers what it cannot do.

use super::{call, ops};
use crate::support::TestStack;

#[tokio::test(flavor = "multi_thread")]
async fn exit_codes_tell_a_mistake_from_a_failure() {
    let stack = TestStack::start().await;
    let nowhere = ["dead-letters", "list", "--local", "http://localhost:9"];
    let cases: [(&[&str], u8, &str); 6] = [
        (&["--help"], 0, ""),
        (&["--version"], 0, ""),
        (&["no-such-command"], 2, "no-such-command"),
        (&["dead-letters", "replay"], 2, "--all"),
        (&["dead-letters", "list"], 2, "TANDEM_TABLE is not set"),
        (&nowhere, 1, "no local stack answers at http://localhost:9"),
    ];
    for (words, code, said) in cases {
        let ran = call(&stack, words, "", &[]).await;
        assert_eq!(ran.code, code, "{words:?}: {}", ran.err);
        assert!(ran.err.contains(said), "{words:?}: {}", ran.err);
        assert_eq!(ran.out.is_empty(), code != 0, "{words:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_in_json_is_one_document_whatever_is_said_beside_it() {
    let stack = TestStack::start().await;
    let mut asked: Vec<Vec<&str>> = vec![
        vec!["dead-letters", "list"],
        vec!["dead-letters", "explain"],
        vec!["dead-letters", "replay", "--all"],
        vec!["dead-letters", "drop", "--all", "--yes"],
        vec!["grants", "needing-sign-in"],
        vec!["cost"],
    ];
    for words in &mut asked {
        words.push("--json");
        assert!(ops(&stack, words).await.json().is_object(), "{words:?}");
    }
}
