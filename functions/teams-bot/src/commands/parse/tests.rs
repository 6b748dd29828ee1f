use tandem_domain::{IssueEvent::*, StatusCategory};

use super::*;

fn key(key: &str) -> IssueTarget {
    IssueTarget { key: IssueKey::parse(key).unwrap(), host: None }
}

fn at(host: &str, issue: &str) -> IssueTarget {
    IssueTarget { host: Some(SiteHost::parse(host).unwrap()), ..key(issue) }
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|&word| word.to_owned()).collect()
}

#[test]
fn commands_are_read_however_they_are_written() {
    for (written, command) in [
        ("connect", Command::Connect),
        ("  CoNNect  ", Command::Connect),
        ("connect please", Command::Connect),
        ("<p>connect</p>", Command::Connect),
        ("<p>con<b>nect</b></p>\n", Command::Connect),
        ("&nbsp;connect&nbsp;", Command::Connect),
        ("\u{a0}connect\u{200b}", Command::Connect),
        ("/connect", Command::Connect),
        ("\u{201c}Connect\u{201d}!", Command::Connect),
        ("<at>Ada Berg</at> connect", Command::Connect),
        ("disconnect", Command::Disconnect),
        ("DISCONNECT.", Command::Disconnect),
        ("link DEMO-1", Command::Link(key("DEMO-1"))),
        ("link\n\ndemo-1", Command::Link(key("DEMO-1"))),
        ("Link\tto  (demo-1).", Command::Link(key("DEMO-1"))),
        ("link <DEMO-1>", Command::Link(key("DEMO-1"))),
        ("link&nbsp;A1_B-42 please", Command::Link(key("A1_B-42"))),
        ("link DEMO-1 demo-1", Command::Link(key("DEMO-1"))),
        (
            "link https://tests.atlassian.net/browse/demo-7?focusedId=1#top",
            Command::Link(at("tests.atlassian.net", "DEMO-7")),
        ),
        (
            "link <a href=\"x\">https://tests.atlassian.net/jira/software/projects/DEMO/boards/1?selectedIssue=DEMO-7</a>",
            Command::Link(at("tests.atlassian.net", "DEMO-7")),
        ),
        ("unlink", Command::Unlink(None)),
        ("unlink!", Command::Unlink(None)),
        ("unlink demo-1", Command::Unlink(Some(key("DEMO-1")))),
        ("subscriptions", Command::Subscriptions),
        ("unsubscribe", Command::Unsubscribe(None)),
        ("unsubscribe demo", Command::Unsubscribe(Some(Which::Project("DEMO".to_owned())))),
        ("unsubscribe 2", Command::Unsubscribe(Some(Which::Number(2)))),
        ("unsubscribe #12.", Command::Unsubscribe(Some(Which::Number(12)))),
        ("settings", Command::Settings),
        ("Status?", Command::Status),
        ("help", Command::Help),
        ("HELP!!", Command::Help),
        ("", Command::Help),
        ("  \n ", Command::Help),
        ("<p>&nbsp;</p>", Command::Help),
        ("<at>Tandem</at>", Command::Help),
        ("?", Command::Help),
    ] {
        assert_eq!(parse(written), Parsed::Command(command), "{written:?}");
    }
}

#[test]
fn a_command_without_its_object_is_told_from_no_command() {
    for (written, name) in [
        ("link", Name::Link),
        ("link this", Name::Link),
        ("link DEMO", Name::Link),
        ("link DEMO-1 DEMO-2", Name::Link),
        ("link https://tests.atlassian.net/wiki/DEMO-1", Name::Link),
        ("link http://tests.atlassian.net/browse/DEMO-1", Name::Link),
        ("link https://localhost/browse/DEMO-1", Name::Link),
        ("unlink everything", Name::Unlink),
        ("subscribe", Name::Subscribe),
        ("subscribe 10000", Name::Subscribe),
        ("subscribe DEMO-1", Name::Subscribe),
        ("subscribe d\u{e9}mo", Name::Subscribe),
        ("unsubscribe DEMO now", Name::Unsubscribe),
    ] {
        assert_eq!(parse(written), Parsed::Misused(name), "{written:?}");
    }
}

#[test]
fn an_unknown_word_leads_to_the_command_that_comes_near() {
    for (written, near) in [
        ("conect", Some(Name::Connect)),
        ("connnect", Some(Name::Connect)),
        ("disconect", Some(Name::Disconnect)),
        ("lnik DEMO-1", Some(Name::Link)),
        ("hlep", Some(Name::Help)),
        ("stauts", Some(Name::Status)),
        ("setings", Some(Name::Settings)),
        ("subcribe DEMO", Some(Name::Subscribe)),
        ("unsuscribe", Some(Name::Unsubscribe)),
        ("subscription", Some(Name::Subscriptions)),
        ("stat", Some(Name::Status)),
        ("disc", Some(Name::Disconnect)),
        ("hello", Some(Name::Help)),
        ("hi", None),
        ("s", None),
        ("create", None),
        ("what can you do", None),
        ("\u{1f44b}\u{1f44b} there", None),
        ("\u{fc}\u{fc}\u{fc}", None),
    ] {
        assert_eq!(parse(written), Parsed::Unknown(near), "{written:?}");
    }
}

#[test]
fn any_text_at_all_is_read() {
    let long = "link ".repeat(10_000);
    for text in
        ["<", "<<<p", "</at>", "<at>", "&", "&nbsp", "\"", "subscribe \"", "<\u{e9}>", &long]
    {
        parse(text);
        parse(&format!("subscribe DEMO {text}"));
    }
}

fn filter(written: &str) -> FilterWords {
    match parse(&format!("subscribe demo {written}")) {
        Parsed::Command(Command::Subscribe(project, words)) if project == "DEMO" => words,
        other => panic!("{written}: {other:?}"),
    }
}

#[test]
fn a_filter_is_read_word_by_word() {
    let whole = "bug,task created,commented status:done priority:high assignee:me label:urgent \
                 secured restricted";
    let expected = FilterWords {
        types: words(&["bug", "task"]),
        events: vec![Created, Commented],
        statuses: vec![StatusCategory::Done],
        priorities: words(&["high"]),
        assignees: words(&["me"]),
        labels: words(&["urgent"]),
        secured: true,
        restricted: true,
        unknown: vec![],
    };
    assert_eq!(filter(whole), expected);
    assert_eq!(filter(&whole.replace(',', " , ").replace(':', " : ")), expected);
    assert_eq!(filter(&whole.to_uppercase()).events, expected.events);
    assert_eq!(filter(""), FilterWords::default());
}

#[test]
fn parts_of_a_filter() {
    type Of = fn(&FilterWords) -> &Vec<String>;
    let (types, priorities, assignees, labels, unknown): (Of, Of, Of, Of, Of) = (
        |words| &words.types,
        |words| &words.priorities,
        |words| &words.assignees,
        |words| &words.labels,
        |words| &words.unknown,
    );
    for (written, of, expected) in [
        ("Bug, Task, created", types, words(&["Bug", "Task"])),
        ("\u{201c}New Feature\u{201d}, bug", types, words(&["New Feature", "bug"])),
        ("type:created", types, words(&["created"])),
        ("type:\"sub-task\",story created", types, words(&["sub-task", "story"])),
        ("(bug).", types, words(&["bug"])),
        ("priority:high,low bug", priorities, words(&["high", "low"])),
        ("priority: high, low", priorities, words(&["high", "low"])),
        ("priority:high, status:done", priorities, words(&["high"])),
        ("assignee:\"Ada Berg\",me", assignees, words(&["Ada Berg", "me"])),
        ("label:team:red", labels, words(&["team:red"])),
        ("label:urgent labels:Later", labels, words(&["urgent", "Later"])),
        ("status:blocked", unknown, words(&["blocked"])),
        ("event:moved", unknown, words(&["moved"])),
        ("reporter:me", unknown, words(&["reporter:me"])),
        (", , :", unknown, vec![]),
    ] {
        assert_eq!(of(&filter(written)), &expected, "{written}");
    }
    for (word, category) in [
        ("new", StatusCategory::New),
        ("to-do", StatusCategory::New),
        ("\"To Do\"", StatusCategory::New),
        ("in-progress", StatusCategory::Indeterminate),
        ("Done", StatusCategory::Done),
    ] {
        assert_eq!(filter(&format!("status:{word}")).statuses, [category], "{word}");
    }
}
