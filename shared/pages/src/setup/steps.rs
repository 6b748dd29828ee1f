//! The steps in their order.

use super::{Addresses, Mark, Marks, Shown, Step, TEXTS};

/// A step without anything but words.
fn step(title: &'static str, text: &'static str) -> Step {
    Step {
        title,
        mark: None,
        text,
        addresses: Vec::new(),
        scopes_title: "",
        scopes: Vec::new(),
        command: None,
    }
}

impl Step {
    fn marked(self, mark: Option<Mark>) -> Self {
        Self { mark: mark.map(Shown::from), ..self }
    }

    fn address(self, label: &'static str, address: String) -> Self {
        Self { addresses: vec![(label, address)], ..self }
    }

    fn scopes(self, scopes_title: &'static str, asked: &[&str]) -> Self {
        let scopes = asked.iter().map(|scope| ((*scope).to_owned(), why(scope))).collect();
        Self { scopes_title, scopes, ..self }
    }

    fn command(self, command: &str, prefix: &str) -> Self {
        Self { command: Some(command.replace("{prefix}", prefix)), ..self }
    }
}

/// What a permission is asked for.
pub(super) fn why(scope: &str) -> &'static str {
    match scope {
        "read:jira-work" => TEXTS.read_jira_work,
        "write:jira-work" => TEXTS.write_jira_work,
        "read:jira-user" => TEXTS.read_jira_user,
        "report:personal-data" => TEXTS.report_personal_data,
        "manage:jira-webhook" => TEXTS.manage_jira_webhook,
        "offline_access" => TEXTS.offline_access,
        "openid" => TEXTS.openid,
        "profile" => TEXTS.profile,
        "Chat.Create" => TEXTS.chat_create,
        "Chat.ReadWrite" => TEXTS.chat_read_write,
        "ChatMessage.Send" => TEXTS.chat_message_send,
        _ => TEXTS.other,
    }
}

/// Every step, marked where somebody is signed in.
pub(super) fn all(of: &Addresses<'_>, marks: Option<&Marks>) -> Vec<Step> {
    let public = of.public;
    let prefix = of.secret_prefix;
    let cloud = marks.map_or("{cloud id}", |marks| marks.cloud_id.as_str());
    let webhook = format!("{public}/jira/{cloud}/webhooks");
    // Whoever reads this page reads it from a deployment that has its secret.
    let here = marks.is_some().then_some(Mark::Done(None));
    let mark = |of: fn(&Marks) -> &Mark| marks.map(|marks| of(marks).clone());
    let unknown = Shown { class: "soft", word: TEXTS.unknown, at: None };
    vec![
        step(TEXTS.atlassian, TEXTS.atlassian_text)
            .address(TEXTS.atlassian_callback, of.atlassian_callback.to_owned())
            .scopes(TEXTS.atlassian_scopes, of.atlassian_scopes),
        step(TEXTS.microsoft, TEXTS.microsoft_text)
            .address(TEXTS.microsoft_redirect, of.microsoft_callback.to_owned())
            .scopes(TEXTS.microsoft_scopes, of.microsoft_scopes),
        step(TEXTS.bot, TEXTS.bot_text)
            .address(TEXTS.bot_endpoint, format!("{public}/teams/messages")),
        step(TEXTS.deploy, TEXTS.deploy_text)
            .command(TEXTS.deploy_command, prefix)
            .marked(here.clone()),
        step(TEXTS.secret, TEXTS.secret_text).command(TEXTS.secret_command, prefix).marked(here),
        step(TEXTS.install, TEXTS.install_text)
            .command(TEXTS.install_command, prefix)
            .marked(mark(|marks| &marks.installed)),
        step(TEXTS.webhook, TEXTS.webhook_text)
            .address(TEXTS.webhook_address, webhook)
            .marked(mark(|marks| &marks.webhook)),
        step(TEXTS.link, TEXTS.link_text)
            .address(TEXTS.link_address, format!("{public}/connect"))
            .marked(mark(|marks| &marks.linked)),
        step(TEXTS.admin, TEXTS.admin_text).marked(mark(|marks| &marks.admin)),
        step(TEXTS.app, TEXTS.app_text)
            .command(TEXTS.app_command, prefix)
            .marked(mark(|marks| &marks.bot)),
        step(TEXTS.chat, TEXTS.chat_text).marked(mark(|marks| &marks.chat)),
        Step { mark: marks.is_some().then_some(unknown), ..step(TEXTS.alarms, TEXTS.alarms_text) },
    ]
}
