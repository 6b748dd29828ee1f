//! Action commands of the message extension: opening a form on a message, and submitting it.
//! <https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/action-commands/define-action-command>

use serde_json::{Value, json};

use super::{
    act::BotObjection,
    activity::{Stage, escape},
    card,
    conversation::Kind,
    deed::{MessageAction, Submit},
    model::OpenTask,
};
use crate::sandbox::microsoft::{User, datetime, model::Message, random};

/// The form a command opens, before the bot has answered with it.
pub(super) fn opened(
    stage: &Stage<'_>,
    action: &MessageAction,
    message_id: &str,
) -> Result<OpenTask, BotObjection> {
    let command_context = action.command_context.as_deref().unwrap_or("message");
    let message_payload = match command_context {
        "message" => Some(payload(stage, action, message_id)?),
        _ => None,
    };
    Ok(OpenTask {
        command_id: action.command_id.clone(),
        command_context: command_context.to_owned(),
        message_payload,
        card: None,
    })
}

/// `value` of `composeExtension/fetchTask`, or with `data` of `composeExtension/submitAction`.
pub(super) fn value(task: &OpenTask, data: Option<Value>) -> Value {
    let mut value = json!({
        "commandId": task.command_id,
        "commandContext": task.command_context,
        "requestId": random::hex(&random::bytes::<16>()),
        "context": { "theme": "default" },
    });
    if let Some(payload) = &task.message_payload {
        value["messagePayload"] = payload.clone();
    }
    if let Some(data) = data {
        value["data"] = data;
    }
    value
}

/// What submitting sends: the task as submitted, and the data.
pub(super) fn submitted(
    open: Option<&OpenTask>,
    submit: &Submit,
) -> Result<(OpenTask, Value), BotObjection> {
    let command_id = submit.command_id.clone().or_else(|| Some(open?.command_id.clone()));
    let command_id = command_id.ok_or_else(|| {
        BotObjection::bad_request("No form is open here; name the 'commandId' to submit anyway.")
    })?;
    let context = || Some(open?.command_context.clone());
    let payload = || open?.message_payload.clone();
    let card = open.and_then(|open| open.card.clone());
    let task = OpenTask {
        command_id,
        command_context: submit
            .command_context
            .clone()
            .or_else(context)
            .unwrap_or_else(|| "compose".to_owned()),
        message_payload: submit.message_payload.clone().or_else(payload),
        card: card.clone(),
    };
    let data = match (&submit.data, card) {
        (Some(data), _) => data.clone(),
        (None, None) => Value::Object(submit.inputs.clone()),
        (None, Some(form)) => {
            let titled = |action: &Value| {
                submit.title.as_ref().is_none_or(|title| action["title"] == title.as_str())
            };
            let wanted = |it: &Value| it["type"] == "Action.Submit" && titled(it);
            let action = card::find_action(&form, &wanted)
                .ok_or_else(|| BotObjection::bad_request("The form has no such Action.Submit."))?;
            card::data_of(action, &form, &submit.inputs)
        }
    };
    Ok((task, data))
}

/// The card of an answer that goes on with a form.
pub(super) fn form_of(answer: &Value) -> Option<&Value> {
    let task = &answer["task"];
    (task["type"] == "continue").then(|| &task["value"]["card"]["content"])
}

/// `messagePayload`, close to a `chatMessage` of Graph.
fn payload(
    stage: &Stage<'_>,
    action: &MessageAction,
    message_id: &str,
) -> Result<Value, BotObjection> {
    let stored = stored_message(stage, message_id);
    let author = author(stage, action, stored)?;
    let content = match (&action.html, &action.message_text, stored) {
        (Some(html), _, _) => json!({ "contentType": "html", "content": html }),
        (None, Some(text), _) => {
            json!({ "contentType": "html", "content": format!("<p>{}</p>", escape(text)) })
        }
        (None, None, Some(message)) => json!({
            "contentType": message.content.content_type,
            "content": message.content.content,
        }),
        (None, None, None) => {
            return Err(BotObjection::bad_request("'messageText' or 'html' is needed."));
        }
    };
    let at = stored.map_or(stage.now, |message| message.created_at);
    let conversation = &stage.conversation.id;
    Ok(json!({
        "linkToMessage":
            format!("https://teams.microsoft.com/l/message/{conversation}/{message_id}"),
        "id": message_id,
        "replyToId": action.reply_to_id,
        "createdDateTime": datetime::rfc3339(at),
        "lastModifiedDateTime": null,
        "deleted": false,
        "summary": null,
        "importance": "normal",
        "locale": "en-us",
        "body": content,
        "from": {
            "device": null,
            "conversation": null,
            "user": {
                "userIdentityType": "aadUser",
                "id": author.object_id,
                "displayName": author.display_name,
            },
            "application": null,
        },
        "reactions": [],
        "mentions": stored.map(|message| message.content.mentions.clone()).unwrap_or_default(),
        "attachments": [],
    }))
}

fn stored_message<'a>(stage: &Stage<'a>, message_id: &str) -> Option<&'a Message> {
    if stage.conversation.kind != Kind::GroupChat {
        return None;
    }
    let messages = stage.state.messages.get(&stage.conversation.id)?;
    messages.iter().find(|message| message.id == message_id)
}

fn author<'a>(
    stage: &Stage<'a>,
    action: &MessageAction,
    stored: Option<&Message>,
) -> Result<&'a User, BotObjection> {
    let written_by = stored.and_then(|message| message.from.as_ref());
    let id = action
        .from_object_id
        .as_deref()
        .or_else(|| written_by.map(|from| from.object_id.as_str()))
        .unwrap_or(&stage.user.object_id);
    stage
        .state
        .user(&stage.conversation.tenant_id, id)
        .ok_or_else(|| BotObjection::not_found("The author is no user of the tenant."))
}
