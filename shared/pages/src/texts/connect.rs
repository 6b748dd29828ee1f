//! Connecting the two accounts.

use tandem_domain::SignInReason;

texts! {
    /// Before the accounts are connected, picking a site, the connected accounts, their end.
    Connect {
        start_title: "Connect your accounts",
        start_heading: "Connect Jira and Teams",
        start_lead: "Tandem carries what people write on a Jira issue into a Teams chat about it, and back, each \
                     under their own name. To act under your name, it needs you to sign in at both sides.",
        start_asks: "What Tandem asks for",
        start_asks_caption: "Permissions, and what each is for",
        start_permission: "Permission",
        start_why: "What for",
        start_at_atlassian: "At Atlassian",
        start_at_microsoft: "At Microsoft",
        start_keeps: "What Tandem keeps",
        start_keeps_lead: "Ids, links between them, settings and sealed tokens; nothing that you write, no name and \
                           no address. You can look at it, take it away and have it erased at any time.",
        start_inventory: "Everything that Tandem stores, with purpose and time",
        start_go: "Connect",
        start_hint: "You sign in at Atlassian first, then at Microsoft.",

        pick_title: "Pick a Jira site",
        pick_heading: "Which Jira site do you want to connect?",
        pick_legend: "Tandem is set up for these sites of yours:",
        pick_go_on: "Go on to Microsoft",

        connected_title: "Accounts",
        connected_heading: "Your accounts are connected",
        connected_lead: "What you do in one of them, Tandem can now do in your name in the other.",
        site: "Jira site",
        atlassian: "Atlassian",
        microsoft: "Microsoft",
        atlassian_account: "Atlassian account",
        microsoft_account: "Microsoft account",
        microsoft_tenant: "Microsoft organisation",
        sign_in: "Sign-in",
        works: "Active; last renewed",
        ended: "Sign in again:",
        ended_since: "Since",
        bot: "Bot in Teams",
        bot_reaches: "Reaches you in your chat with it",
        bot_does_not: "Does not reach you: add Tandem in Teams to be told what concerns you",
        kept: "Tandem keeps ids, settings and sealed tokens; nothing of what is written on either side.",
        sign_in_again: "Sign in again",
        disconnect: "Disconnect",
        disconnect_hint: "Disconnecting ends the link and signs you out. To have everything erased that is stored \
                          about you, go to ",
        my_data: "my data",

        disconnected_title: "Disconnected",
        disconnected_heading: "Your accounts are disconnected",
        disconnected_lead: "The link is gone, and you are signed out. Tokens that no other link of yours needs \
                            were erased.",
        consent_before: "The consent you gave is listed at the vendors until you take it back there: at Atlassian \
                         under ",
        consent_atlassian: "connected apps",
        consent_between: ", at Microsoft under ",
        consent_microsoft: "my apps",
        consent_after: ".",
        connect_again: "Connect again",

        revoked: "you or an administrator took the permission back.",
        expired: "it was unused for too long, or it has come to its end.",
        consent_missing: "a permission is missing that Tandem needs.",
        interaction_required: "Microsoft or Atlassian want to see you in person, for instance for a second factor.",
        account_disabled: "the account is disabled or gone.",
        never: "there is no sign-in, or it was erased.",
    }
}

impl Connect {
    /// Why a sign-in is needed.
    pub(crate) fn reason(&self, reason: SignInReason) -> &'static str {
        match reason {
            SignInReason::Revoked => self.revoked,
            SignInReason::Expired => self.expired,
            SignInReason::ConsentMissing => self.consent_missing,
            SignInReason::InteractionRequired => self.interaction_required,
            SignInReason::AccountDisabled => self.account_disabled,
        }
    }

    /// What a permission is for, by its name at the vendor. `None` for one that is not explained.
    pub fn permission(&self, name: &str) -> Option<&'static str> {
        let (_, why) = PERMISSIONS.iter().find(|(known, _)| *known == name)?;
        Some(why)
    }
}

/// What each permission is for, in English. The names are the vendors':
/// <https://developer.atlassian.com/cloud/jira/platform/scopes-for-oauth-2-3LO-and-forge-apps/>,
/// <https://learn.microsoft.com/graph/permissions-reference>.
const PERMISSIONS: &[(&str, &str)] = &[
    ("read:jira-work", "Reading issues and comments that you can see"),
    ("write:jira-work", "Writing comments and creating or changing issues as you"),
    ("read:jira-user", "Knowing your account’s id, and finding the people on an issue"),
    ("manage:jira-webhook", "Being told by Jira what changes"),
    (
        "report:personal-data",
        "Asking Atlassian which of the accounts that Tandem knows were closed",
    ),
    ("offline_access", "Staying signed in, so that messages are carried while you are away"),
    ("openid", "Knowing who signed in"),
    ("profile", "Knowing the id of your account and organisation"),
    ("Chat.Create", "Starting a chat from an issue as you"),
    ("Chat.ReadWrite", "Reading the messages of the chats that you linked with an issue"),
    ("ChatMessage.Send", "Sending what you wrote on the issue to its chat as you"),
];
