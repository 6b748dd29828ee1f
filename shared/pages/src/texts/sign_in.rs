//! What can go wrong on the way through a sign-in.

texts! {
    /// Problems of a sign-in; `{vendor}` stands for the vendor's name.
    SignIn {
        atlassian: "Atlassian",
        microsoft: "Microsoft",

        not_this: "This sign-in cannot go on",
        not_this_advice: "It was begun more than ten minutes ago or in another browser, or it has been used \
                          already. Nothing was changed.",
        declined: "You did not let Tandem in at {vendor}",
        declined_advice: "Your accounts are linked only when you agree on both sides. Nothing was linked.",
        refused: "{vendor} did not complete the sign-in",
        refused_advice: "Nothing was linked. Begin again; if it happens repeatedly, tell whoever runs Tandem \
                         for you.",
        consent_incomplete: "Some permissions at {vendor} are missing",
        consent_incomplete_advice: "Tandem works as you and needs each permission it asks for. Begin again and \
                                    leave all of them ticked.",
        unavailable: "{vendor} does not answer right now",
        unavailable_advice: "Nothing was linked. Wait a minute, then begin again.",
        unexpected: "{vendor} gave an unexpected answer",
        unexpected_advice: "Nothing was linked. Tell whoever runs Tandem for you.",
        no_site: "Tandem is not set up for your Jira site",
        no_site_advice: "Ask an administrator of your Jira site to have Tandem set up for it, then begin \
                         again. If you belong to several sites, choose the right one on Atlassian’s page.",
        unknown_site: "That site was not offered",
        unknown_site_advice: "Nothing was linked. Begin again and pick one of the sites on the page.",
        tenant_not_allowed: "Accounts of this Microsoft organisation cannot be linked here",
        tenant_not_allowed_advice: "The administrators of the Jira site choose which Microsoft organisations may \
                                    be linked. Begin again with an account of one of those, or ask an \
                                    administrator to allow yours.",
    }
}
