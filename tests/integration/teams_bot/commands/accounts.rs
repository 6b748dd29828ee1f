//! Connecting, disconnecting, and what the bot tells a person about themselves.

use serde_json::json;
use tandem_domain::{CloudId, SiteHost};
use tandem_local::sandbox::microsoft::Installation;

use super::{KEY, Room};
use crate::support::{HOST, TENANT};

#[tokio::test(flavor = "multi_thread")]
async fn the_way_to_sign_in_is_shown_and_where_one_is_signed_in() {
    let room = Room::open().await;
    let (ada, cleo) = (&room.world.ada, &room.world.cleo);
    let asked = room.told(cleo, &room.personal(), "connect").await;
    assert!(asked.contains("Connect your accounts") && asked.contains("/connect"), "{asked}");
    let known = room.told(ada, &room.personal(), "Connect!").await;
    assert!(known.contains(HOST) && known.contains("/connect"), "{known}");
    room.world.stack.microsoft.revoke_sign_ins(TENANT, &ada.object);
    room.world.stack.microsoft.expire_access_tokens(TENANT, &ada.object);
    // That a sign-in has ended shows when it is used next.
    room.world.stack.clock.advance(std::time::Duration::from_hours(2));
    room.say(ada, &room.group(), &format!("link {KEY}")).await;
    let again = room.told(ada, &room.personal(), "connect").await;
    assert!(again.contains("Sign in again"), "{again}");
    let status = room.told(ada, &room.personal(), "status").await;
    assert!(status.contains("sign in again"), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_concerns_a_person_is_told_to_them_alone() {
    let room = Room::open().await;
    let (ada, cleo) = (&room.world.ada, &room.world.cleo);
    for (who, place, command, answer) in [
        (ada, room.group(), "status", "signed in"),
        (ada, room.channel(), "status", "signed in"),
        (ada, room.group(), "settings", "Quiet hours"),
        (ada, room.channel(), "settings", "Quiet hours"),
        (ada, room.channel(), "connect", HOST),
        (cleo, room.channel(), "connect", "Connect your accounts"),
        (cleo, room.channel(), "status", "not connected"),
        (cleo, room.channel(), "settings", "Connect your accounts"),
        (cleo, room.channel(), "disconnect", "nothing to end"),
    ] {
        let reply = room.say(who, &place, command).await;
        assert_eq!(reply.one(), "I answered you in our private chat.", "{command}");
        assert_eq!(reply.alone.len(), 1, "{command}");
        assert!(reply.alone[0].contains(answer), "{command}: {}", reply.alone[0]);
    }
    // The conversation that was opened for the answer is known from then on.
    assert_eq!(room.count("personal_conversation").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_cannot_be_reached_alone_is_asked_to_write_in_private() {
    let room = Room::open().await;
    let (ada, teams) = (&room.world.ada, &room.world.stack.microsoft);
    let personal = teams.personal_conversation(TENANT, &ada.object).unwrap();
    for installation in [Installation::Removed, Installation::Blocked] {
        for known in [false, true] {
            if known {
                teams.set_installation(&personal, Installation::Installed);
                room.say(ada, &room.personal(), "help").await;
            }
            teams.set_installation(&personal, installation);
            for command in ["connect", "status", "settings"] {
                let reply = room.say(ada, &room.channel(), command).await;
                assert!(reply.alone.is_empty());
                reply.says("private chat, please");
                assert!(!reply.one().contains(HOST), "{:?}", reply.here);
            }
        }
    }
    let reply = room.say(ada, &room.group(), "disconnect").await;
    reply.says("I did what you asked");
    assert!(!reply.one().contains(HOST));
    assert_eq!(room.count("account_link").await, 1, "Ben's");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_tells_how_account_and_conversation_stand() {
    let room = Room::open().await;
    let (ada, world) = (&room.world.ada, &room.world);
    room.told(ada, &room.group(), &format!("link {KEY}")).await;
    room.told(ada, &room.group(), "subscribe TEST deleted").await;
    let reply = room.say(ada, &room.group(), "status").await;
    let [status] = reply.alone.as_slice() else { panic!("{:?}", reply.alone) };
    for line in [
        &format!("Jira ({HOST})\nsigned in"),
        "Microsoft\nsigned in",
        "Issues linked with this chat\n1",
        "Subscriptions of this conversation\n1",
    ] {
        assert!(status.contains(line), "{line:?} is not in {status:?}");
    }
    let alone = room.told(&world.ben, &room.personal(), "STATUS").await;
    assert!(alone.contains(HOST) && !alone.contains("Subscriptions"), "{alone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_shown_with_where_they_come_from() {
    let mut room = Room::open().await;
    room.world.set(json!({"notify_mentioned": "off"})).await;
    let mine = json!({"quiet_hours": "22-07"});
    let answer = room.world.browser.change("PUT", "/settings/users/me", &mine).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let shown = room.told(&room.world.ada, &room.personal(), "settings").await;
    for line in [
        "Quiet hours\n22-07 (you)",
        "Tell me when I am mentioned\noff (your organisation)",
        "Tell me what happens in issues I watch\noff (Tandem)",
        "/my/settings",
    ] {
        assert!(shown.contains(line), "{line:?} is not in {shown:?}");
    }
    assert!(!shown.contains("secured"), "not a person's: {shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_erases_what_was_kept_and_can_be_said_again() {
    let room = Room::open().await;
    let (ada, stack) = (&room.world.ada, &room.world.stack);
    let ended = room.told(ada, &room.personal(), "disconnect").await;
    assert!(ended.contains("no longer connected") && ended.contains(HOST), "{ended}");
    for (entity, left) in
        [("account_link", 1), ("account_link_by_microsoft_user", 1), ("grant", 2), ("session", 1)]
    {
        let items = stack.items_of(entity).await;
        let theirs = |it: &&serde_json::Value| it.to_string().contains(&ada.account);
        assert_eq!(items.iter().filter(theirs).count(), 0, "{entity}");
        assert!(items.len() <= left, "{entity}: {items:?}");
    }
    let mut browser = stack.browser();
    browser.cookies.clone_from(&room.world.browser.cookies);
    assert_eq!(browser.get("/session").await.status, 401);
    let again = room.told(ada, &room.personal(), "disconnect").await;
    assert!(again.contains("nothing to end"), "{again}");
    let refused = room.told(ada, &room.group(), &format!("link {KEY}")).await;
    assert!(refused.contains("Connect your accounts"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_sites_the_last_one_ends_and_only_once() {
    const OTHER: &str = "22334455-b2c3-4c44-9555-ef1234567890";
    let room = Room::open().await;
    let (ben, stack) = (&room.world.ben, &room.world.stack);
    let (cloud, host) = (CloudId::parse(OTHER), SiteHost::parse("others.atlassian.net"));
    stack.install(cloud.unwrap(), host.unwrap(), "secret").await.unwrap();
    stack.clock.advance(std::time::Duration::from_mins(1));
    let wanted = json!({
        "cloudId": OTHER, "tenantId": TENANT, "accountId": ben.account, "objectId": ben.object,
        "displayName": "Ben Okoye",
    });
    assert_eq!(stack.send("POST", "/local/users", &wanted).await.0, 201);
    let twice = json!({"message": "disconnect", "raw": {"id": "1700000000001"}});
    let first = room.does(ben, &room.personal(), twice.clone()).await;
    first.says("no longer connected on others.atlassian.net");
    first.says(&format!("still connected on: {HOST}"));
    let links = room.count("account_link").await;
    let second = room.does(ben, &room.personal(), twice).await;
    assert_eq!((second.status, second.posts.len()), (200, 0));
    assert_eq!(room.count("account_link").await, links);
    // The account's grant is still needed on the other site.
    let told = room.told(ben, &room.group(), &format!("link {KEY}")).await;
    assert!(told.contains("Linked"), "{told}");
}
