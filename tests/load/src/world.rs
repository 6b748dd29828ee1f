//! Sites, tenants, people, issues and chats, made by seed on a running stack.

use std::sync::Arc;

use reqwest::Client;
use serde_json::{Value, json};
use tandem_domain::{CloudId, SiteHost};
use tandem_local::{
    Stack,
    sandbox::jira::{NewIssue, NewProject},
};
use tokio::{sync::Semaphore, task::JoinSet};

/// How large a world is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Jira sites, each with a Microsoft tenant of its own.
    pub(crate) sites: usize,
    /// People of each site.
    pub(crate) people: usize,
    /// Issues of each site.
    pub(crate) issues: usize,
}

/// A site and its tenant.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) cloud: String,
    pub(crate) host: String,
    pub(crate) tenant: String,
    pub(crate) people: Vec<Person>,
}

/// Somebody with an account on both sides.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) account: String,
    pub(crate) object: String,
    /// The cookie and CSRF token of a session; none of those who never linked their accounts.
    session: Option<(String, String)>,
}

impl Person {
    /// Whether they linked their accounts.
    pub(crate) fn is_linked(&self) -> bool {
        self.session.is_some()
    }
}

/// An issue and its chats.
#[derive(Clone, Debug)]
pub(crate) struct Issue {
    /// The site's place.
    pub(crate) site: usize,
    pub(crate) id: String,
    pub(crate) chats: Vec<Chat>,
}

/// A chat of an issue.
#[derive(Clone, Debug)]
pub(crate) struct Chat {
    pub(crate) id: String,
    /// Its members' places among the site's people; the first began it.
    pub(crate) members: Vec<usize>,
}

/// Everything there is before anybody writes.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) sites: Vec<Site>,
    pub(crate) issues: Vec<Issue>,
}

/// The secret of every site's webhooks.
const WEBHOOK_SECRET: &str = "the load's webhook secret";
/// How many chats are begun at once.
const AT_ONCE: usize = 8;

impl World {
    /// Makes the world of a seed on a stack that is empty.
    pub(crate) async fn make(stack: &Stack, http: &Client, shape: Shape, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed ^ 0x3041d);
        let mut world = Self::default();
        for number in 0..shape.sites {
            let site = site(stack, http, &mut random, number, shape.people).await;
            world.sites.push(site);
        }
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        let mut begun = JoinSet::new();
        for (number, site) in world.sites.iter().enumerate() {
            for issue in 0..shape.issues {
                let id = (10_000 * (number + 1) + issue).to_string();
                let reporter = site.people[issue % site.people.len()].account.clone();
                let summary = format!("Issue {issue}");
                let new = NewIssue {
                    id: Some(id.clone()),
                    project: "LOAD".to_owned(),
                    summary,
                    reporter,
                    ..NewIssue::default()
                };
                stack.jira.add_issue(&site.cloud, new);
                let wanted: Vec<Vec<usize>> =
                    (0..chats_of(&mut random)).map(|_| members(&mut random, site)).collect();
                let (site, url) = (site.clone(), stack.url());
                let (http, turns) = (http.clone(), Arc::clone(&turns));
                begun.spawn(async move {
                    let _turn = turns.acquire().await.unwrap();
                    let mut chats = Vec::new();
                    for members in wanted {
                        let chat = begin(&http, &url, &site, &id, &members).await;
                        chats.push(Chat { id: chat, members });
                    }
                    Issue { site: number, id, chats }
                });
            }
        }
        world.issues = begun.join_all().await;
        world.issues.sort_by_key(|issue| issue.id.parse::<usize>().unwrap());
        world
    }
}

/// One issue in five has no chat, one in ten has two.
fn chats_of(random: &mut fastrand::Rng) -> usize {
    match random.u8(0..10) {
        0 | 1 => 0,
        2 => 2,
        _ => 1,
    }
}

/// Two to four people: one who linked their accounts and begins the chat, another one of those, and
/// whoever else.
fn members(random: &mut fastrand::Rng, site: &Site) -> Vec<usize> {
    let mut linked: Vec<usize> = (0..site.people.len()).collect();
    linked.retain(|place| site.people[*place].is_linked());
    random.shuffle(&mut linked);
    let mut members: Vec<usize> = linked[..2].to_vec();
    for _ in 0..random.usize(0..3) {
        let other = random.usize(0..site.people.len());
        if !members.contains(&other) {
            members.push(other);
        }
    }
    members
}

fn uuid(random: &mut fastrand::Rng) -> String {
    let bits = format!("{:032x}", random.u128(..));
    format!(
        "{}-{}-4{}-8{}-{}",
        &bits[..8],
        &bits[8..12],
        &bits[13..16],
        &bits[17..20],
        &bits[20..32]
    )
}

async fn site(
    stack: &Stack,
    http: &Client,
    random: &mut fastrand::Rng,
    number: usize,
    people: usize,
) -> Site {
    let (cloud, tenant) = (uuid(random), uuid(random));
    let host = format!("load-{number}.atlassian.net");
    let ids = (CloudId::parse(&cloud).unwrap(), SiteHost::parse(&host).unwrap());
    stack.install(ids.0, ids.1, WEBHOOK_SECRET).await.unwrap();
    stack.microsoft.add_tenant(&tenant);
    let mut site = Site { cloud, host, tenant, people: Vec::new() };
    for place in 0..people {
        // Four in five link their accounts; the first three always.
        let linked = place < 3 || random.u8(0..5) > 0;
        let wanted = json!({
            "cloudId": site.cloud, "tenantId": site.tenant, "admin": place == 0, "linked": linked,
            "displayName": format!("Person {number}-{place}"),
        });
        let url = format!("{}/local/users", stack.url());
        let answer = http.post(url).json(&wanted).send().await.unwrap();
        let answer: Value = answer.error_for_status().unwrap().json().await.unwrap();
        let text = |of: &Value| of.as_str().map(str::to_owned);
        let session = &answer["session"];
        site.people.push(Person {
            account: text(&answer["accountId"]).unwrap(),
            object: text(&answer["objectId"]).unwrap(),
            session: text(&session["cookie"]).zip(text(&session["csrfToken"])),
        });
    }
    let project = NewProject {
        key: "LOAD".to_owned(),
        name: "Load".to_owned(),
        admins: vec![site.people[0].account.clone()],
        ..NewProject::default()
    };
    stack.jira.add_project(&site.cloud, project);
    site
}

/// Begins a chat as its first member, with the linked ones of the others; whoever has not linked
/// their accounts is added in Teams.
async fn begin(http: &Client, url: &str, site: &Site, issue: &str, members: &[usize]) -> String {
    let people: Vec<&Person> = members.iter().map(|place| &site.people[*place]).collect();
    let (linked, unlinked): (Vec<&Person>, Vec<&Person>) =
        people[1..].iter().partition(|person| person.is_linked());
    let accounts: Vec<&str> = linked.iter().map(|person| person.account.as_str()).collect();
    let (cookie, csrf) = people[0].session.clone().unwrap();
    let request = http
        .post(format!("{url}/issues/{issue}/chats"))
        .header("cookie", cookie)
        .header("x-csrf-token", csrf)
        .json(&json!({"members": accounts, "topic": "issue"}));
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(status, 201, "{answer}");
    let chat = answer["chatId"].as_str().unwrap().to_owned();
    for person in unlinked {
        let deed = json!({
            "as": people[0].object, "tenantId": site.tenant, "action": "add_member",
            "chatId": chat, "userId": person.object,
        });
        let url = format!("{url}/sandbox/people/teams/act");
        http.post(url).json(&deed).send().await.unwrap().error_for_status().unwrap();
    }
    chat
}
