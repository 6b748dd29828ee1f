//! The state of a site, taking its data away, erasing it.

texts! {
    /// For who administers a Jira site.
    Admin {
        title: "Site",
        heading: "Site",
        site: "Jira site",
        cloud_id: "Cloud id",
        installed: "Served since",

        not_yet: "not yet",
        none: "none",
        at_least: "at least",

        webhook: "Webhook last seen",
        webhook_note: "To five minutes. Requests whose signature does not hold are not written down, so that no \
                       stranger decides what is kept: the alarm unverified counts them.",

        deliveries_heading: "Deliveries of the last hour",
        deliveries_since: "Counted in slots of ten minutes, since",
        done: "Carried over",
        dropped: "Nothing to carry",
        retried: "To be tried again",
        given_up: "Given up",
        failed: "Faults",

        sign_ins_heading: "People who must sign in again",
        sign_ins_none: "Nobody of this site must sign in again.",
        sign_ins_lead: "Until then nothing is carried over in their name. They were told in Teams where the bot \
                        reaches them; they sign in again under Accounts.",
        sign_ins_more: "There are more than were looked at.",
        sign_ins_table: "People who must sign in again",
        account: "Atlassian account",
        side: "Side",
        reason: "Why",
        since: "Since",
        atlassian: "Atlassian",
        microsoft: "Microsoft",
        revoked: "the consent was taken back",
        expired: "not used for too long",
        consent_missing: "a permission is missing",
        interaction_required: "the organisation wants them to sign in themselves",
        account_disabled: "the account is disabled or gone",

        more_heading: "What else there is",
        channels: "Channels that are told of projects",
        channels_resting: "Of these, resting",
        erasures: "Erasures under way",

        deployment_heading: "The whole deployment",
        deployment_lead: "All sites that are served here, together.",
        dead_letters: "Dead letters",
        dead_letters_note: "Dead letters are deliveries that failed sixteen times. Whoever operates Tandem mends the cause and sends \
                            them back; CloudWatch knows how old they are.",
        subscriptions: "Chats listened to",
        overdue: "Of these, not renewed in time",
        next_renewal: "Next renewal",

        export_heading: "Take the data away",
        export_lead: "Everything that lies under this site, as it is stored: identifiers, settings, links, times. \
                      No tokens; what people wrote is not kept in the first place.",
        export_link: "Download the data (JSON)",
        export_parts: "A file has 2,000 items or a few more at most. Where its last line, next, is not null, there \
                       is another part: give that word here.",
        export_next: "The word after next",
        export_part: "Download the next part",

        erase_heading: "Erase the site",
        erase_lead: "Erases everything that Tandem keeps of this site: links of accounts, chats and comments, \
                     settings, sessions, and the tokens of people who have no other site here. It begins at once, \
                     signs everybody of the site out, and cannot be taken back. Comments and messages stay where \
                     they are, in Jira and Teams.",
        erase_label: "To confirm, type the host of the site:",
        erase_button: "Erase the site",
        other_host: "Nothing was erased",
        other_host_advice: "What was typed is not the host of the site. Look again and type it as it stands on \
                            the page.",
        back_to_site: "Back to the site",

        erased_title: "Erasing",
        erased_heading: "The site is being erased",
        erased_lead: "Everybody of the site is signed out, you too. The rest is erased within minutes. The receipt \
                      says when it is done; whoever knows its number may read it, and it names nobody.",
        erased_receipt: "Receipt",
        erased_open: "Open the receipt",
        erased_webhook: "Remove the webhook in Jira yourself (System, WebHooks), and the app where you installed it.",
    }
}
