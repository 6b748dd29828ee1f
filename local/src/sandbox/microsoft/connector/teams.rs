//! Teams and their channels, and where the bot is installed.

use super::{
    identity,
    model::{Channel, Installation, Team},
};
use crate::sandbox::microsoft::{MicrosoftSandbox, random, state::State};

impl MicrosoftSandbox {
    /// Makes a team with a General channel. Everybody of the tenant is in it.
    pub fn add_team(&self, tenant_id: &str, name: &str) -> Team {
        self.change(|state, _| {
            let id = channel_id();
            let team = Team {
                aad_group_id: random::guid(),
                tenant_id: tenant_id.to_owned(),
                name: name.to_owned(),
                archived: false,
                channels: vec![Channel { id: id.clone(), name: "General".to_owned() }],
                id,
            };
            state.tenants.insert(tenant_id.to_owned());
            state.bot.teams.push(team.clone());
            team
        })
    }

    /// Makes a channel in a team; `None` where there is no such team.
    pub fn add_channel(&self, team_id: &str, name: &str) -> Option<Channel> {
        self.change(|state, _| {
            let channel = Channel { id: channel_id(), name: name.to_owned() };
            state.team_mut(team_id)?.channels.push(channel.clone());
            Some(channel)
        })
    }

    /// All teams, oldest first.
    pub fn teams(&self) -> Vec<Team> {
        self.read(|state| state.bot.teams.clone())
    }

    /// The personal conversation of the bot and a user; the same id each time, installed or not.
    /// `None` where there is no such user.
    pub fn personal_conversation(&self, tenant_id: &str, object_id: &str) -> Option<String> {
        let bot_id = &self.0.options.bot_client_id;
        self.read(|state| {
            let user = state.user(tenant_id, object_id)?;
            Some(identity::personal_conversation(bot_id, user))
        })
    }

    /// The user's id as the bot knows it, `29:...`.
    pub fn bot_user_id(&self, tenant_id: &str, object_id: &str) -> Option<String> {
        let bot_id = &self.0.options.bot_client_id;
        self.read(|state| {
            let user = state.user(tenant_id, object_id)?;
            Some(identity::user_account(bot_id, user))
        })
    }

    /// Says how the bot stands with a personal conversation, a group chat or a team, by its id,
    /// and tells the bot nothing: a block, a removal whose event was lost.
    pub fn set_installation(&self, roster_id: &str, installation: Installation) {
        self.change(|state, _| {
            state.bot.installations.insert(roster_id.to_owned(), installation);
        });
    }
}

fn channel_id() -> String {
    format!("19:{}1@thread.tacv2", random::token(""))
}

impl State {
    /// The team of an id.
    pub(super) fn team(&self, team_id: &str) -> Option<&Team> {
        self.bot.teams.iter().find(|team| team.id == team_id)
    }

    /// The same, to change.
    pub(super) fn team_mut(&mut self, team_id: &str) -> Option<&mut Team> {
        self.bot.teams.iter_mut().find(|team| team.id == team_id)
    }

    /// Does to a team what an event tells of; other events change nothing.
    pub(super) fn apply_event(&mut self, event: &str, team_id: &str, channel: &Channel) {
        if event.eq_ignore_ascii_case("teamDeleted") {
            self.bot.teams.retain(|team| team.id != team_id);
            return;
        }
        let Some(team) = self.team_mut(team_id) else { return };
        match event.to_ascii_lowercase().as_str() {
            "teamarchived" => team.archived = true,
            "teamunarchived" => team.archived = false,
            "teamrenamed" => team.name.clone_from(&channel.name),
            "channeldeleted" => team.channels.retain(|known| known.id != channel.id),
            "channelcreated" | "channelrestored" | "channelrenamed" => {
                match team.channels.iter_mut().find(|known| known.id == channel.id) {
                    Some(known) => known.name.clone_from(&channel.name),
                    None => team.channels.push(channel.clone()),
                }
            }
            _ => {}
        }
    }
}
