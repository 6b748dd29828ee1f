//! What both vendors hold in the end, and what Tandem says of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tandem_local::{Stack, provision::TABLE};

use crate::{
    crowd::token_in,
    world::{Person, Site, World},
};

/// A text's number and version; none for what nobody of the crowd wrote.
pub(crate) type Token = Option<(usize, usize)>;

/// A comment on an issue.
#[derive(Clone, Debug)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    pub(crate) token: Token,
    pub(crate) restricted: bool,
    /// Who wrote it, by their place among the site's people.
    pub(crate) by: Option<usize>,
    /// The chat and the message that it was written for.
    pub(crate) names: Option<(String, String)>,
}

/// A message in a chat.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) token: Token,
    pub(crate) deleted: bool,
    /// Whether its last line says that Tandem wrote it.
    pub(crate) marked: bool,
    /// The comment that its last line leads to.
    pub(crate) comment: Option<u64>,
    /// Whether somebody wrote it, not Teams itself.
    pub(crate) by_somebody: bool,
    /// Who, by their place among the site's people.
    pub(crate) by: Option<usize>,
}

/// An issue and one of its chats.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) cloud: String,
    pub(crate) issue: String,
    pub(crate) chat: String,
    /// In the order in which they were written.
    pub(crate) comments: Vec<Comment>,
    /// In the order in which they stand.
    pub(crate) messages: Vec<Message>,
    /// What Tandem says of the link.
    pub(crate) state: String,
    /// Of whom Tandem says that they must sign in again, by their places among the site's people.
    pub(crate) signed_out: BTreeSet<usize>,
}

impl Pair {
    /// The message of this chat for which a comment was written.
    pub(crate) fn source<'a>(&self, comment: &'a Comment) -> Option<&'a str> {
        let (chat, message) = comment.names.as_ref()?;
        (*chat == self.chat).then_some(message)
    }
}

/// Everything that is to be looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Truth {
    pub(crate) pairs: Vec<Pair>,
    /// The issues of which a delivery lies among the dead letters: site and issue.
    pub(crate) dead: BTreeSet<(String, String)>,
    /// How many dead letters there are.
    pub(crate) dead_letters: usize,
    /// How many deliveries came to what, over all sites.
    pub(crate) tallies: BTreeMap<String, u64>,
}

impl Truth {
    /// Reads it.
    pub(crate) fn of(stack: &Stack, world: &World) -> Self {
        let items: Vec<Value> = stack.aws.items(TABLE).unwrap();
        let mut states = BTreeMap::new();
        let mut tallies: BTreeMap<String, u64> = BTreeMap::new();
        let mut signed_out = BTreeSet::new();
        for item in &items {
            let text = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
            match item["entity"]["S"].as_str() {
                Some("chat_link") => {
                    let key = (text("cloud_id"), text("issue_id"), text("chat_id"));
                    states.insert(key, text("state"));
                }
                Some("grant") if item["state"]["S"] == "needs_sign_in" => {
                    signed_out.extend([text("account_id"), text("object_id")]);
                }
                Some("tally") => {
                    for name in ["done", "dropped", "retried", "given_up", "failed"] {
                        let count = item[name]["N"].as_str().and_then(|it| it.parse::<u64>().ok());
                        *tallies.entry(name.to_owned()).or_default() += count.unwrap_or(0);
                    }
                }
                _ => {}
            }
        }
        let mut truth = Self { tallies, ..Self::default() };
        for issue in &world.issues {
            let site = &world.sites[issue.site];
            let people = site.people.iter().enumerate();
            let out = |person: &Person| {
                signed_out.contains(&person.account) || signed_out.contains(&person.object)
            };
            let signed_out: BTreeSet<usize> =
                people.filter(|(_, person)| out(person)).map(|(place, _)| place).collect();
            let comments = comments(stack, site, &issue.id);
            for chat in &issue.chats {
                let key = (site.cloud.clone(), issue.id.clone(), chat.id.clone());
                truth.pairs.push(Pair {
                    state: states.get(&key).cloned().unwrap_or_default(),
                    cloud: key.0,
                    issue: key.1,
                    chat: key.2,
                    comments: comments.clone(),
                    messages: messages(stack, &chat.id, site),
                    signed_out: signed_out.clone(),
                });
            }
        }
        for queue in stack.aws.queues().iter().filter(|queue| !queue.dead_letters_of.is_empty()) {
            for message in &queue.messages {
                let body: Value = serde_json::from_str(&message.body).unwrap();
                let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
                truth.dead.insert((text("cloud_id"), text("issue_id")));
                truth.dead_letters += 1;
            }
        }
        truth
    }
}

fn comments(stack: &Stack, site: &Site, issue: &str) -> Vec<Comment> {
    let mut comments: Vec<Comment> = stack
        .jira
        .comments(&site.cloud, issue)
        .into_iter()
        .map(|comment| {
            let names = comment.properties.values().find_map(|value| {
                let text = |name: &str| value[name].as_str().map(str::to_owned);
                text("chatId").zip(text("messageId"))
            });
            Comment {
                id: comment.id.parse().unwrap(),
                token: token_in(&comment.body.to_string()),
                by: site.people.iter().position(|person| person.account == comment.author),
                restricted: comment.visibility.is_some() || comment.internal,
                names,
            }
        })
        .collect();
    comments.sort_by_key(|comment| comment.id);
    comments
}

fn messages(stack: &Stack, chat: &str, site: &Site) -> Vec<Message> {
    let browse = format!("https://{}/browse/", site.host);
    let messages = stack.microsoft.messages(chat).into_iter();
    messages
        .map(|message| {
            let content = &message.content.content;
            let link = content.rsplit_once(&browse).map(|(_, rest)| rest);
            let link = link.and_then(|rest| rest.split(['"', '<']).next());
            let marked = link.is_some_and(|link| link.contains('#'));
            let comment = link.and_then(|link| {
                let (_, id) = link.split_once("focusedCommentId=")?;
                id.split('#').next()?.parse().ok()
            });
            Message {
                id: message.id.clone(),
                token: token_in(content),
                deleted: message.deleted_at.is_some(),
                marked,
                comment,
                by_somebody: message.from.is_some(),
                by: message.from.as_ref().and_then(|from| {
                    site.people.iter().position(|person| person.object == from.object_id)
                }),
            }
        })
        .collect()
}
