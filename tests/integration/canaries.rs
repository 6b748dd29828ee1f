//! Canaries: a marker of its own in every text that people, strangers and vendors can send. After
//! all flows none of them is in anything that Tandem keeps or tells.

mod bot;
mod encryption;
mod faults;
mod flows;
mod kept;
mod markers;
mod measured;
mod operator;
mod payloads;
mod queue;
mod scene;
mod strangers;
mod vendors;

use serde_json::Value;

use self::{markers::Markers, queue::QueueWatch, scene::Scene};

#[tokio::test(flavor = "multi_thread")]
async fn no_marker_and_no_token_is_in_anything_that_is_kept_or_told() {
    let markers = Markers::default();
    let mut scene = Scene::set(&markers).await;
    let watch = QueueWatch::of(&scene.stack);
    flows::everyday(&mut scene).await;
    kept::all_accounts_are_reported(&scene).await;
    bot::everyday(&scene).await;
    kept::all_accounts_are_reported(&scene).await;
    payloads::inbound(&scene).await;
    strangers::knock(&mut scene).await;
    faults::of_every_call(&mut scene).await;
    kept::all_accounts_are_reported(&scene).await;
    bot::leave(&scene).await;
    let contexts = encryption::contexts(&scene).await;
    flows::erased(&mut scene, true).await;
    queue::leave_one_in_each_state(&scene).await;
    flows::unfinished_sign_in(&scene).await;
    flows::erased(&mut scene, false).await;
    kept::all_accounts_are_reported(&scene).await;
    flows::others_erased(&scene).await;
    flows::sealed_anew(&scene).await;

    control_markers_are_at_the_vendors(&scene);
    let traces = scene.stack.traces().await;
    for (what, text) in traces.all() {
        markers.assert_none(what, text);
    }
    for body in watch.seen() {
        markers.assert_none("a message that passed through the queue", &body);
    }
    for context in &contexts {
        markers.assert_none("an encryption context", context);
    }
    for answer in operator::answers(&scene).await {
        markers.assert_none("an answer to an operator", &answer);
    }
    let tokens = scene.secrets();
    assert!(tokens.len() > 30, "{}", tokens.len());
    let found = traces.find(tokens.iter().map(String::as_str));
    assert!(found.is_empty(), "tokens are kept or told: {found:#?}");

    let (entities, attributes) = kept::assert_all_declared_was_written(&scene);
    measured::assert_all_declared_was_written(&scene);
    control_what_is_planted_is_found(&scene, &markers, &tokens[0]).await;
    eprintln!(
        "{} markers, {} tokens, {} queue messages, {} encryption contexts, {entities} entities with \
         {attributes} attributes: none found where it must not be",
        markers.count(),
        tokens.len(),
        watch.seen().len(),
        contexts.len(),
    );
}

/// The markers went through Tandem: what one side wrote is at the other.
fn control_markers_are_at_the_vendors(scene: &Scene) {
    let comments = format!("{:?}", scene.comments());
    let messages = format!("{:?}", scene.messages());
    let sent = scene.sent_to_jira();
    let [channel, chat] = [&scene.team.id, &scene.chat].map(|place| scene.told(place));
    let alone = scene.told(&scene.personal(&scene.ben));
    for (what, at, text) in [
        ("summary in a form", "Jira", &sent),
        ("description in a form", "Jira", &sent),
        ("comment in a form", "Jira", &sent),
        ("the words of a message in a form", "Jira", &sent),
        ("the author's name of a message's payload", "Jira", &sent),
        ("a comment beside a button", "Jira", &sent),
        ("words of an invoke", "Jira", &sent),
        ("what somebody wrote to the bot", "the channel", &channel),
        ("summary of an answer of /atlassian", "the channel", &channel),
        ("displayName of an answer of /atlassian", "the channel", &channel),
        ("name of an answer of /atlassian", "the channel", &channel),
        ("the text of a comment", "the channel", &channel),
        ("the text of a comment", "the chat that follows a label", &chat),
        ("the text of a comment", "the person's own chat", &alone),
        ("summary of an answer of /atlassian", "the person's own chat", &alone),
        ("the text of a comment", "the chat", &messages),
        ("text of an answer of /atlassian", "the chat", &messages),
        ("displayName of an answer of /atlassian", "the chat", &messages),
        ("a panel in the issue: a reply", "the chat", &messages),
        ("the text of a message", "the issue", &comments),
        ("displayName of an answer of /graph", "the issue", &comments),
    ] {
        let there = scene.markers.placed(what).iter().any(|marker| text.contains(marker.as_str()));
        assert!(there, "no marker of {what} came to {at}");
    }
}

/// A marker is found in each of the places that are searched, and a token is.
async fn control_what_is_planted_is_found(scene: &Scene, markers: &Markers, token: &str) {
    let (stack, clients) = (&scene.stack, &scene.stack.clients);
    let planted: Vec<String> =
        ["item", "bytes", "secret", "queue", "log"].iter().map(|at| markers.at(*at)).collect();
    let table = tandem_local::provision::TABLE;
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let bytes = aws_sdk_dynamodb::primitives::Blob::new(planted[1].as_bytes());
    let put = clients.dynamodb.put_item().table_name(table);
    let put = put.item("pk", text("x")).item("sk", text("x")).item("entity", text("planted"));
    let put = put.item("a", text(&format!("x {} x", planted[0])));
    let put = put.item("c", text(&format!("x{token}x")));
    let put = put.item("b", aws_sdk_dynamodb::types::AttributeValue::B(bytes));
    put.send().await.unwrap();
    let create = clients.secrets.create_secret().name(&planted[2]).secret_string("x");
    create.send().await.unwrap();
    let send = clients.sqs.send_message().queue_url(&stack.queue_url);
    let send = send.message_group_id("x").message_deduplication_id("x").message_body(&planted[3]);
    send.send().await.unwrap();
    tracing::warn!(target: "tandem", text = planted[4], "planted");
    let traces = stack.traces().await;
    for marker in &planted {
        let found = traces.all().any(|(_, text)| markers.in_text(text).contains(marker));
        assert!(found, "{marker} was planted in {:?} and not found", markers.place(marker));
    }
    assert_eq!(traces.find([token]).len(), 1, "a token was planted and not found");
}

/// A JSON text; empty for anything else.
fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
