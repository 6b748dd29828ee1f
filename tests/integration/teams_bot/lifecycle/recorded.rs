//! Activities as Teams sent them, and as its makers document them.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Value, json};

use super::super::scene::Scene;
use crate::support::shared;

/// Every JSON file below.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|it| it == "json"))
        .collect();
    found.sort();
    found
}

/// The activity, sent from the simulated Connector to this bot.
fn readdressed(scene: &Scene, mut activity: Value) -> Value {
    activity["serviceUrl"] = json!(scene.service_url().as_url().as_str());
    activity["channelId"] = json!("msteams");
    activity
}

#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_activity_is_handled_or_refused_cleanly() {
    let Some(folder) = shared("fixtures/teams") else { return };
    let scene = Scene::open().await;
    let mut answered: BTreeMap<(String, u16), usize> = BTreeMap::new();
    for file in files(&folder) {
        let read = std::fs::read(&file).unwrap();
        let Ok(activity) = serde_json::from_slice::<Value>(&read) else { continue };
        let Some(kind) = activity["type"].as_str().map(str::to_owned) else { continue };
        let (status, body) = scene.send(&readdressed(&scene, activity)).await;
        assert!(status < 500, "{} is answered {status} {body}", file.display());
        let clean = [200, 400, 412].contains(&status);
        assert!(clean, "{} is answered {status} {body}", file.display());
        *answered.entry((kind, status)).or_default() += 1;
    }
    scene.stack.settled().await;
    for ((kind, status), count) in &answered {
        eprintln!("recorded activities: {kind} answered {status}: {count}");
    }
    let handled: usize =
        answered.iter().filter(|((_, status), _)| *status == 200).map(|(_, count)| count).sum();
    let refused: usize = answered.values().sum::<usize>() - handled;
    eprintln!("recorded activities: {handled} handled, {refused} refused, 0 failed");
    assert!(handled >= 10, "{answered:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_installations_and_events_do_what_they_say() {
    let scene = Scene::open().await;
    let read = |name: &str| -> Option<Value> {
        let path = shared(&format!("fixtures/teams/msteams-docs/{name}.json"))?;
        Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
    };
    for name in
        ["sentry-installationUpdate-add-team", "msteams-docs-installationUpdate-add-channel"]
    {
        let Some(activity) = read(name) else { return };
        let before = scene.stack.items_of("bot_conversation").await.len();
        let mut activity = readdressed(&scene, activity);
        assert_eq!(scene.send(&activity).await.0, 200, "{name}");
        let known = scene.stack.items_of("bot_conversation").await;
        assert_eq!(known.len(), before + 1, "{name}");
        assert!(known.iter().all(|it| it["kind"]["S"] == "channel"), "{name}: {known:?}");
        activity["action"] = json!("remove");
        assert_eq!(scene.send(&activity).await.0, 200, "{name}");
        assert_eq!(scene.stack.items_of("bot_conversation").await.len(), before, "{name}");
    }
}
