//! What people do, by seed: they write, edit and delete on both sides, each in what is theirs.

use std::sync::Arc;

use reqwest::Client;
use serde_json::{Value, json};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::world::{Issue, World};

/// The most people who do something in the same moment.
const AT_ONCE: usize = 16;

/// Something that somebody wrote and can change.
#[derive(Clone, Debug)]
struct Written {
    id: String,
    /// The author's place among the site's people.
    by: usize,
    /// The place of the chat among the issue's; none for a comment.
    chat: Option<usize>,
    number: usize,
    version: usize,
}

/// What is known of one issue, beside the world.
#[derive(Debug, Default)]
struct Known {
    written: Vec<Written>,
    status: usize,
}

/// The people of a world.
pub(crate) struct Crowd {
    world: Arc<World>,
    random: fastrand::Rng,
    known: Vec<Known>,
    number: usize,
    http: Client,
}

/// A deed of somebody's.
struct Deed {
    /// `jira` or `teams`.
    at: &'static str,
    body: Value,
    then: Then,
}

/// What is known once a deed is done.
enum Then {
    Wrote(Written),
    Nothing,
}

/// The statuses that issues go through.
const STATUSES: [&str; 3] = ["In Progress", "Done", "To Do"];
/// What texts are made of.
const WORDS: [&str; 12] = [
    "lamp",
    "flickers",
    "again",
    "<b>bold</b>",
    "a & b",
    "größer",
    "東京",
    "🙂",
    "\"quoted\"",
    "https://example.com/x?a=1&b=2",
    "@here",
    "line\n\nnext",
];

/// The text of what is written, by which it is known on either side.
fn text(random: &mut fastrand::Rng, number: usize, version: usize) -> String {
    let words: Vec<&str> =
        (0..random.usize(1..12)).map(|_| WORDS[random.usize(..WORDS.len())]).collect();
    format!("{} {}", token(number, version), words.join(" "))
}

/// What a text begins with.
pub(crate) fn token(number: usize, version: usize) -> String {
    format!("tok{number}v{version}z")
}

/// The number and version in a text that begins with a token somewhere.
pub(crate) fn token_in(text: &str) -> Option<(usize, usize)> {
    let (_, rest) = text.split_once("tok")?;
    let (number, rest) = rest.split_once('v')?;
    let (version, _) = rest.split_once('z')?;
    Some((number.parse().ok()?, version.parse().ok()?))
}

impl Crowd {
    /// The crowd of a seed.
    pub(crate) fn new(world: Arc<World>, http: Client, seed: u64) -> Self {
        let known = world.issues.iter().map(|_| Known::default()).collect();
        let random = fastrand::Rng::with_seed(seed ^ 0xc50d);
        Self { world, random, known, number: 0, http }
    }

    /// Has `count` deeds done, in their order for each issue. Deeds whose answer is lost count as
    /// done: what came of them is looked at in the end. Answers how many were refused.
    pub(crate) async fn act(&mut self, url: &str, count: usize) -> usize {
        let mut by_issue: Vec<Vec<Deed>> = self.known.iter().map(|_| Vec::new()).collect();
        for _ in 0..count {
            let place = self.issue();
            let deed = self.deed(place);
            by_issue[place].push(deed);
        }
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        let mut doing = JoinSet::new();
        for (place, deeds) in
            by_issue.into_iter().enumerate().filter(|(_, deeds)| !deeds.is_empty())
        {
            let (http, turns, url) = (self.http.clone(), Arc::clone(&turns), url.to_owned());
            doing.spawn(async move {
                let mut wrote = Vec::new();
                let mut refused = 0;
                for deed in deeds {
                    let _turn = turns.acquire().await.unwrap();
                    match deed.done(&http, &url).await {
                        Ok(written) => wrote.extend(written),
                        Err(()) => refused += 1,
                    }
                }
                (place, wrote, refused)
            });
        }
        let mut refused = 0;
        for (place, wrote, some_refused) in doing.join_all().await {
            self.known[place].written.extend(wrote);
            refused += some_refused;
        }
        refused
    }

    /// Most of what happens, happens in a fifth of the issues.
    fn issue(&mut self) -> usize {
        let all = self.known.len();
        let busy = (all / 5).max(1);
        if self.random.u8(0..10) < 6 { self.random.usize(..busy) } else { self.random.usize(..all) }
    }

    fn deed(&mut self, place: usize) -> Deed {
        let world = Arc::clone(&self.world);
        let issue = &world.issues[place];
        let has_chat = !issue.chats.is_empty();
        match self.random.u8(0..100) {
            0..4 => self.comment(issue, true),
            4..30 if has_chat => self.message(issue),
            30..44 => self.edit(place, issue),
            44..52 => self.delete(place, issue),
            52..56 => self.transition(place, issue),
            _ => self.comment(issue, false),
        }
    }

    fn next(&mut self) -> usize {
        self.number += 1;
        self.number
    }

    fn comment(&mut self, issue: &Issue, restricted: bool) -> Deed {
        let site = &self.world.sites[issue.site];
        // Restricted to a role that only the site's first person has.
        let by = if restricted { 0 } else { self.random.usize(..site.people.len()) };
        let mut body = json!({
            "as": site.people[by].account, "cloudId": site.cloud, "issue": issue.id,
            "action": "comment",
        });
        let number = self.next();
        body["text"] = text(&mut self.random, number, 0).into();
        if restricted {
            body["visibility"] = json!({"type": "role", "value": "Administrators"});
        }
        let id = String::new();
        let written = Written { id, by, chat: None, number, version: 0 };
        // What is restricted stays as it is: an edit of this kind would open it.
        let then = if restricted { Then::Nothing } else { Then::Wrote(written) };
        Deed { at: "jira", body, then }
    }

    fn message(&mut self, issue: &Issue) -> Deed {
        let place = self.random.usize(..issue.chats.len());
        let chat = &issue.chats[place];
        let by = chat.members[self.random.usize(..chat.members.len())];
        let number = self.next();
        let text = text(&mut self.random, number, 0);
        let body = json!({
            "as": self.world.sites[issue.site].people[by].object,
            "tenantId": self.world.sites[issue.site].tenant,
            "action": "send", "chatId": chat.id, "text": text,
        });
        let written = Written { id: String::new(), by, chat: Some(place), number, version: 0 };
        Deed { at: "teams", body, then: Then::Wrote(written) }
    }

    fn edit(&mut self, place: usize, issue: &Issue) -> Deed {
        let count = self.known[place].written.len();
        if count == 0 {
            return self.comment(issue, false);
        }
        let chosen = self.random.usize(..count);
        let written = &mut self.known[place].written[chosen];
        written.version += 1;
        let written = written.clone();
        let text = text(&mut self.random, written.number, written.version);
        let mut deed = self.on(issue, &written, "edit", "edit_comment");
        deed.body["text"] = text.into();
        deed
    }

    fn delete(&mut self, place: usize, issue: &Issue) -> Deed {
        let count = self.known[place].written.len();
        if count == 0 {
            return self.comment(issue, false);
        }
        let chosen = self.random.usize(..count);
        let written = self.known[place].written.swap_remove(chosen);
        self.on(issue, &written, "delete", "delete_comment")
    }

    /// A deed with something that is written.
    fn on(&self, issue: &Issue, written: &Written, in_teams: &str, in_jira: &str) -> Deed {
        let site = &self.world.sites[issue.site];
        let who = &site.people[written.by];
        let (at, body) = match written.chat {
            Some(chat) => (
                "teams",
                json!({
                    "as": who.object, "tenantId": site.tenant, "action": in_teams,
                    "chatId": issue.chats[chat].id, "messageId": written.id,
                }),
            ),
            None => (
                "jira",
                json!({
                    "as": who.account, "cloudId": site.cloud, "issue": issue.id,
                    "action": in_jira, "comment": written.id,
                }),
            ),
        };
        Deed { at, body, then: Then::Nothing }
    }

    fn transition(&mut self, place: usize, issue: &Issue) -> Deed {
        let site = &self.world.sites[issue.site];
        let known = &mut self.known[place];
        let to = STATUSES[known.status % STATUSES.len()];
        known.status += 1;
        let by = self.random.usize(..site.people.len());
        let body = json!({
            "as": site.people[by].account, "cloudId": site.cloud, "issue": issue.id,
            "action": "transition", "to": to,
        });
        Deed { at: "jira", body, then: Then::Nothing }
    }
}

impl Deed {
    /// Does it. `Err` where it was refused.
    async fn done(self, http: &Client, url: &str) -> Result<Option<Written>, ()> {
        let url = format!("{url}/sandbox/people/{}/act", self.at);
        let Ok(answer) = http.post(url).json(&self.body).send().await else { return Ok(None) };
        let status = answer.status();
        let Ok(answer) = answer.json::<Value>().await else { return Ok(None) };
        if !status.is_success() {
            tracing::debug!(target: "load", %status, %answer, deed = %self.body, "refused");
            return Err(());
        }
        let Then::Wrote(mut written) = self.then else { return Ok(None) };
        let id = if written.chat.is_some() { &answer["messageId"] } else { &answer["id"] };
        id.as_str().unwrap().clone_into(&mut written.id);
        Ok(Some(written))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_by_its_token() {
        let mut random = fastrand::Rng::with_seed(1);
        assert_eq!(token_in(&text(&mut random, 17, 3)), Some((17, 3)));
        assert_eq!(token_in("<p>Ada wrote:</p><p>tok5v0z lamp</p>"), Some((5, 0)));
        assert_eq!(token_in("a token without one"), None);
    }
}
