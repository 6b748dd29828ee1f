//! Cards, reactions, and the forms of the message extension.

use super::*;

const CARD: &str = "application/vnd.microsoft.card.adaptive";

fn card(title: &str) -> Value {
    let action = json!({
        "type": "Action.Execute", "title": title, "verb": "transition", "data": { "issue": "10001" },
    });
    json!({
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": [{ "type": "Input.ChoiceSet", "id": "to", "value": "11" }],
        "actions": [{ "type": "Action.ShowCard", "card": {
            "type": "AdaptiveCard", "actions": [action],
        } }],
    })
}

impl World {
    async fn post_card(&self, conversation: &str) -> String {
        let path = format!("conversations/{conversation}/activities");
        let attachments = json!([{ "contentType": CARD, "content": card("Start") }]);
        let activity = json!({ "type": "message", "attachments": attachments });
        let posted = self.connector("POST", &path, Some(activity)).await;
        posted.body["id"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_button_sends_its_data_with_the_inputs_and_the_answer_replaces_the_card() {
    let (world, bot) = Bot::world().await;
    let team = world.team();
    let post = world.post_card(&team.id).await;
    let place = json!({ "kind": "channel", "teamId": team.id });
    let press =
        json!({ "act": { "postId": post, "verb": "transition", "data": { "why": "yes" } } });
    bot.answer(200, json!({ "statusCode": 200, "type": CARD, "value": card("Close") }));
    let answer = world.turn_to_bot(ROBIN, &place, press.clone()).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let activity = bot.heard().remove(0);
    assert_activity(&activity);
    assert_eq!(activity["name"], "adaptiveCard/action");
    assert_eq!(activity["replyToId"], post.as_str());
    let thread = format!("{};messageid={post}", team.id);
    assert_eq!(activity["conversation"]["id"], thread.as_str());
    let sent = json!({
        "type": "Action.Execute", "title": "Start", "verb": "transition",
        "data": { "issue": "10001", "to": "11", "why": "yes" },
    });
    assert_eq!(activity["value"], json!({ "action": sent, "trigger": "manual" }));
    let recorded = "teams.net/_extracted/test/Microsoft.Teams.Apps.UnitTests/TeamsActivityTests.cs/\
                    L0164-Serialize-DoesNotRepeat-ChannelAccount-Properties.json";
    assert_like(&activity, recorded, &["/value/action/data/feedback", "/channelData/legacy"]);

    let shown = &answer.body["posts"][0];
    assert_eq!(shown["updated"], true);
    assert_eq!(shown["activity"]["attachments"][0]["content"], card("Close"));
    let error =
        json!({ "statusCode": 400, "type": "application/vnd.microsoft.error", "value": {} });
    bot.answer(200, error);
    world.turn_to_bot(ALEX, &place, press).await;
    let kept = world.sandbox.bot_posts(&thread).remove(0);
    assert_eq!(kept.activity["attachments"][0]["content"], card("Close"));
    let other = json!({ "act": { "postId": post, "verb": "transition", "title": "Start" } });
    assert_eq!(world.turn_to_bot(ROBIN, &place, other).await.status, 404);
    let found = json!({ "act": { "card": card("Start"), "verb": "transition" } });
    assert_eq!(world.turn_to_bot(ROBIN, &place, found).await.status, 200);
}

#[tokio::test]
async fn reactions_name_the_message_they_are_to() {
    let (world, bot) = Bot::world().await;
    let team = world.team();
    let post = world.post_card(&team.id).await;
    let place = json!({ "kind": "channel", "teamId": team.id });
    world.turn_to_bot(ROBIN, &place, json!({ "reaction": { "postId": post } })).await;
    let activity = bot.heard().remove(0);
    assert_activity(&activity);
    let recorded = "msteams-docs/msteams-docs-messageReaction-added.json";
    assert_like(&activity, recorded, &["/legacy"]);
    assert_eq!(activity["reactionsAdded"], json!([{ "type": "like" }]));
    let removed = json!({ "reaction": { "postId": post, "type": "sad", "removed": true } });
    world.turn_to_bot(ROBIN, &place, removed).await;
    assert_eq!(bot.heard()[0]["reactionsRemoved"], json!([{ "type": "sad" }]));
}

#[tokio::test]
async fn a_message_action_opens_a_form_that_is_submitted_with_its_message() {
    let (world, bot) = Bot::world().await;
    let team = world.sandbox.add_team(TENANT, "Rockets");
    let place = json!({ "kind": "channel", "teamId": team.id });
    let form = json!({
        "type": "AdaptiveCard",
        "body": [{ "type": "Input.Text", "id": "summary", "value": "It leaks" }],
        "actions": [{ "type": "Action.Submit", "title": "Create", "data": { "seal": "s" } }],
    });
    let task = json!({ "task": { "type": "continue", "value": {
        "title": "Create an issue", "card": { "contentType": CARD, "content": form },
    } } });
    bot.answer(200, task);
    let deed = json!({ "messageAction": {
        "commandId": "createIssue", "messageText": "It leaks <here>", "fromObjectId": ALEX,
    } });
    let opened = world.turn_to_bot(ROBIN, &place, deed).await;
    assert_eq!(opened.status, 200, "{:?}", opened.body);
    let fetch = bot.heard().remove(0);
    assert_activity(&fetch);
    let recorded = "msteams-docs/msteams-docs-composeExtension-fetchTask-channel-message.json";
    assert_like(&fetch, recorded, &["/conversation/name"]);
    let payload = &fetch["value"]["messagePayload"];
    assert_eq!(payload["body"]["content"], "<p>It leaks &lt;here&gt;</p>");
    assert_eq!(payload["from"]["user"]["id"], ALEX);

    bot.answer(500, Value::Null);
    let submit = json!({ "submit": { "inputs": { "kind": "bug" } } });
    for _ in 0..2 {
        world.turn_to_bot(ROBIN, &place, submit.clone()).await;
        let sent = bot.heard().remove(0);
        assert_eq!(sent["name"], "composeExtension/submitAction");
        assert_eq!(&sent["value"]["messagePayload"], payload);
        let data = json!({ "seal": "s", "summary": "It leaks", "kind": "bug" });
        assert_eq!(sent["value"]["data"], data, "the form stays open after an error");
    }
    assert_eq!(world.turn_to_bot(ROBIN, &place, submit).await.status, 400, "it is closed");
}

#[tokio::test]
async fn commands_without_a_message_and_messages_of_the_chat() {
    let (world, bot) = Bot::world().await;
    let compose = json!({ "messageAction": { "commandId": "Test", "commandContext": "compose" } });
    world.in_person(ROBIN, compose).await;
    let fetch = bot.heard().remove(0);
    let recorded = "msteams-docs/msteams-docs-composeExtension-fetchTask-personal.json";
    assert_like(&fetch, recorded, &[]);
    assert!(fetch["value"].get("messagePayload").is_none());
    let submit =
        json!({ "submit": { "commandId": "giveKudos", "data": { "id": "submitButton" } } });
    world.in_person(ALEX, submit).await;
    let sent = bot.heard().remove(0);
    assert_eq!(sent["value"]["data"], json!({ "id": "submitButton" }));
    assert_eq!(sent["value"]["commandContext"], "compose");

    let chat = world.group(&[ROBIN, ALEX]).await;
    let said = world.say(ALEX, &chat, "<p>as agreed</p>").await;
    let place = json!({ "kind": "groupChat", "chatId": chat });
    let deed = json!({ "messageAction": { "commandId": "comment", "messageId": said } });
    world.turn_to_bot(ROBIN, &place, deed).await;
    let fetch = bot.heard().remove(0);
    let payload = &fetch["value"]["messagePayload"];
    assert_eq!((&payload["id"], &payload["from"]["user"]["id"]), (&json!(said), &json!(ALEX)));
    assert_eq!(payload["body"]["content"], "<p>as agreed</p>");
    assert_eq!(fetch["conversation"]["id"], chat.as_str());
}
