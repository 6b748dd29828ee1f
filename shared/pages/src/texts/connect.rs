//! Connecting the two accounts.

texts! {
    /// Picking a site, the connected accounts, their end.
    Connect {
        pick_title: "Pick a Jira site",
        pick_heading: "Which Jira site do you want to connect?",
        pick_legend: "Tandem is set up for these sites of yours:",
        pick_go_on: "Go on to Microsoft",

        connected_title: "Connected",
        connected_heading: "Your accounts are connected",
        connected_lead: "What you do in one of them, Tandem can now do in your name in the other.",
        site: "Jira site",
        atlassian_account: "Atlassian account",
        microsoft_account: "Microsoft account",
        microsoft_tenant: "Microsoft organisation",
        kept: "Tandem keeps ids, settings and sealed tokens; nothing of what is written on either side.",
        sign_in_again: "Sign in again",
        disconnect: "Disconnect",

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
    }
}
