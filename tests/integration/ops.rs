//! The operators' command line, against the local stack as an operator would call it.

mod cost;
mod dead_letters;
mod erase;
mod explain;
mod grants;
mod usage;

use std::{
    collections::HashMap,
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use tandem_domain::{AccountId, SignInReason, Subject};
use tandem_local::sandbox::gate::Strike;
use tandem_ops::Surroundings;

use crate::support::{Person, TestStack, World};

/// What a call of the command line gave.
pub struct Ran {
    pub code: u8,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The one JSON document that was answered.
    pub fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{} {}", self.out, self.err);
        serde_json::from_str(&self.out).unwrap()
    }
}

/// What is written, for the test to read.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Calls `tandem-ops` for the local stack.
pub async fn ops(stack: &TestStack, words: &[&str]) -> Ran {
    ops_with(stack, words, "", &[]).await
}

/// The same with what is typed, and with variables that are set.
pub async fn ops_with(
    stack: &TestStack,
    words: &[&str],
    typed: &str,
    variables: &[(&str, &str)],
) -> Ran {
    let url = stack.url();
    let words = [words, &["--local", &url]].concat();
    call(stack, &words, typed, variables).await
}

/// Calls `tandem-ops` with these words alone.
pub async fn call(
    stack: &TestStack,
    words: &[&str],
    typed: &str,
    variables: &[(&str, &str)],
) -> Ran {
    let owned = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
    let variables: HashMap<String, String> = variables.iter().map(owned).collect();
    let (out, err) = (Written::default(), Written::default());
    let surroundings = Surroundings {
        variable: Arc::new(move |name| variables.get(name).cloned()),
        clock: stack.clock.clone(),
        out: Box::new(out.clone()),
        err: Box::new(err.clone()),
        input: Box::new(std::io::Cursor::new(typed.to_owned())),
        look_every: Duration::from_millis(5),
    };
    let words = std::iter::once(&"tandem-ops").chain(words).map(|word| word.into());
    let code = tandem_ops::run(words, surroundings).await;
    Ran { code, out: out.text(), err: err.text() }
}

/// Makes a comment's delivery fail sixteen times; the dead letter's id.
pub async fn die(world: &World, text: &str) -> String {
    fail_posts(world, 16);
    world.comment(&world.ben, text).await;
    world.stack.settled_in_time().await;
    world.stack.gate.mend();
    let dead = dead(&world.stack).await;
    dead.last().unwrap()["id"].as_str().unwrap().to_owned()
}

/// The dead letters as they lie on the queue.
pub async fn dead(stack: &TestStack) -> Vec<Value> {
    stack.get("/local/queue").await["dead"].as_array().unwrap().clone()
}

/// Puts something on the queue of dead letters.
pub async fn put_dead(stack: &TestStack, group: &str, id: &str, body: &Value) {
    let send = stack.clients.sqs.send_message().queue_url(&stack.app.config.dead_letter_url);
    let send = send.message_group_id(group).message_deduplication_id(id);
    send.message_body(body.to_string()).send().await.unwrap();
}

/// Atlassian says that a person took their consent back.
pub async fn end_grant(stack: &TestStack, person: &Person) {
    let subject = Subject::Atlassian(AccountId::parse(&person.account).unwrap());
    let (store, now) = (&stack.app.store, stack.app.clock.now());
    let grant = store.find_grant(&subject).await.unwrap().unwrap();
    store.mark_grant_needs_sign_in(&grant, SignInReason::Revoked, now).await.unwrap();
}

/// Makes posts to the chat fail so many times.
pub fn fail_posts(world: &World, times: u32) {
    world.fail("POST", "/graph/v1.0/chats/", "/messages", Strike::Before, 500, times);
}
