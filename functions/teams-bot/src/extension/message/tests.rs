use std::{fs, path::PathBuf};

use serde_json::json;
use tandem_jira::adf;

use super::*;

const LINK: &str = "https://teams.microsoft.com/l/message/19:abc1@thread.v2/1611060744833";

fn message(html: &str) -> Message {
    of(&json!({
        "id": "1611060744833",
        "linkToMessage": LINK,
        "body": {"contentType": "html", "content": html},
        "from": {"user": {"displayName": "Olo  Brockhouse"}},
    }))
}

fn of(payload: &Value) -> Message {
    Message::of(&Payload::from(json!({"messagePayload": payload}))).unwrap()
}

/// The types of the blocks, and all text, of a document as Jira gets it.
fn written(document: &Document) -> (Vec<String>, String) {
    fn texts(node: &Value, found: &mut String) {
        found.push_str(node["text"].as_str().unwrap_or_default());
        for child in node["content"].as_array().into_iter().flatten() {
            texts(child, found);
        }
        if node["type"] == "paragraph" {
            found.push('\n');
        }
    }
    let adf = adf::write(document);
    let mut found = String::new();
    texts(&adf, &mut found);
    let kinds = adf["content"].as_array().unwrap().iter();
    (kinds.map(|node| node["type"].as_str().unwrap().to_owned()).collect(), found)
}

#[test]
fn the_message_of_the_documentation_is_read() {
    let root = std::env::var_os("TANDEM_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let path = "fixtures/teams/msteams-docs/\
        msteams-docs-composeExtension-fetchTask-channel-message.json";
    let Ok(bytes) = fs::read(root.join(path)) else {
        eprintln!("skipped: {path} is not under TANDEM_SHARED");
        return;
    };
    let activity: Value = serde_json::from_slice(&bytes).unwrap();
    let message = Message::of(&Payload::from(activity["value"].clone())).unwrap();
    assert_eq!(message.id.as_ref().unwrap().as_str(), "1611060744833");
    assert_eq!(message.reply_to, None);
    assert_eq!(message.author.as_str(), "Olo Brockhouse");
    assert_eq!(message.summary(), "@Testing outgoing Webhook-Nikitha - Hi");
    let shown = message.shown(Room::Wide);
    let (kinds, text) = written(&message.within(&shown));
    assert_eq!(kinds, ["paragraph", "blockquote", "paragraph"]);
    assert_eq!(
        text,
        "Olo Brockhouse wrote in Teams:\n@Testing outgoing Webhook-Nikitha - Hi\n\
         Open the message in Teams\n"
    );
}

#[test]
fn the_first_line_that_says_something_is_the_summary() {
    for (html, summary) in [
        ("<p>The lamp  flickers</p><p>Since Monday</p>", "The lamp flickers"),
        ("<p>&nbsp;</p><p>Second</p>", "Second"),
        ("<p>One<br>Two</p>", "One"),
        ("<img src=\"https://example.com/a.png\">", "[image]"),
        ("", "[attachment]"),
    ] {
        assert_eq!(message(html).summary(), summary, "{html}");
    }
    let long = message(&format!("<p>{}</p>", "wörd 😀 ".repeat(100))).summary();
    assert!(long.encode_utf16().count() <= 255 && long.ends_with('…'), "{long}");
}

#[test]
fn what_stands_unchanged_is_quoted_and_what_was_changed_is_the_person_s() {
    let message = message("<p>The lamp <b>flickers</b></p><p>Since Monday</p>");
    let shown = message.shown(Room::Wide);
    assert_eq!(shown, "The lamp flickers\nSince Monday");
    let quoted = "Olo Brockhouse wrote in Teams:\nThe lamp flickers\nSince Monday\n\
                  Open the message in Teams\n";
    for (typed, kinds, text) in [
        (shown.clone(), &["paragraph", "blockquote", "paragraph"][..], quoted.to_owned()),
        (
            format!("Please look:\r\n\r\n{}\n\nThanks", shown.replace('\n', "\r\n")),
            &["paragraph", "paragraph", "blockquote", "paragraph", "paragraph"],
            format!("Please look:\n{quoted}Thanks\n"),
        ),
        (
            "The lamp flickers".to_owned(),
            &["paragraph", "paragraph"],
            "The lamp flickers\nOpen the message in Teams\n".to_owned(),
        ),
        (
            format!("{shown}, they say"),
            &["paragraph", "paragraph", "paragraph"],
            format!("{shown}, they say\nOpen the message in Teams\n"),
        ),
        (String::new(), &["paragraph"], "Open the message in Teams\n".to_owned()),
    ] {
        let (found, words) = written(&message.within(&typed));
        assert_eq!(found, kinds, "{typed}");
        assert_eq!(words, text, "{typed}");
    }
}

#[test]
fn a_long_message_is_shown_in_part_and_quoted_in_whole() {
    let end = "the very end";
    let message = message(&format!("<p>{} {end}</p>", "word ".repeat(2000)));
    for (room, units) in [(Room::Wide, 4500), (Room::Narrow, 280)] {
        let shown = message.shown(room);
        assert!(shown.encode_utf16().count() <= units && !shown.contains(end));
        assert!(message.is_shown(&shown) && !message.is_shown(&format!("{shown}!")));
        let (kinds, text) = written(&message.within(&shown));
        assert_eq!(kinds, ["paragraph", "blockquote", "paragraph"]);
        assert!(text.contains(end));
    }
}

#[test]
fn a_link_leads_to_teams_or_nowhere() {
    for (url, kept) in [
        (LINK, true),
        ("http://teams.microsoft.com/l/message/1", false),
        ("https://teams.microsoft.com.example.com/l/message/1", false),
        ("https://user@teams.microsoft.com/l/message/1", false),
        ("https://teams.microsoft.com:8443/l/message/1", false),
        ("javascript:alert(1)", false),
        ("", false),
    ] {
        let message = of(&json!({
            "linkToMessage": url, "body": {"contentType": "text", "content": "a <b> c"},
        }));
        let (_, text) = written(&message.within("a <b> c"));
        assert_eq!(text.contains(texts::OPEN_MESSAGE), kept, "{url}");
        assert!(text.starts_with("Somebody wrote in Teams:\na <b> c\n"), "{text}");
    }
    assert!(Message::of(&Payload::from(json!({"messagePayload": "x"}))).is_none());
}
