#![allow(unreachable_pub, missing_docs, dead_code)]
#![allow(clippy::pedantic, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[path = "integration/support/mod.rs"]
mod support;
#[path = "integration/teams_bot"]
mod teams_bot {
    mod authentication;
    mod channels;
    mod lifecycle;
    mod notifications;
    pub mod scene;
    mod sign_in;
    mod told_once;
}
