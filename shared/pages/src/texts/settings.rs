//! Settings, where they are changed and what was changed.

texts! {
    /// The pages of settings.
    Settings {
        mine_title: "My settings",
        mine_lead: "They hold for you alone, on this Jira site. Nobody else sees them.",
        project_title: "Project settings",
        project_lead: "They hold for this project. What is not set here comes from the site.",
        site_title: "Site settings",
        site_lead: "They hold for the whole Jira site, except where a project or a person has set something else.",
        project: "Project",
        other_project: "Another project",

        saved: "Saved.",
        invalid: "Nothing was saved: something is not right yet.",
        changed_meanwhile: "Somebody changed this meanwhile",
        changed_meanwhile_advice: "Nothing of yours was saved. This is what is set now: look at it, and change \
                                   it from here.",
        only_site_admins: "Only who administers the Jira site can change these settings. This is what holds.",
        only_project_admins: "Only who administers the project can change these settings. This is what holds.",

        unset: "Not set here",
        unset_then: "Not set here (then: ",
        unset_close: ")",
        holds: "Holds now: ",
        otherwise: "If not set here: ",
        from_user: "set by you",
        from_project: "set for the project",
        from_instance: "set for the site",
        from_default: "Tandem's default",
        nothing: "none",
        everything: "no restriction",
        tenants_how: "One tenant id a line. Empty: not set here.",
        id_how: "A number as Jira shows it in addresses, or none. Empty: not set here.",
        hours_from: "From",
        hours_until: "Until",
        hours_off: "off",
        save: "Save",

        wrong_both: "Either take away “Not set here”, or choose nothing else.",
        wrong_half: "Choose both hours, or neither.",
        wrong_choice: "Choose one of these.",
        wrong_choices: "Choose any of these.",
        wrong_tenants: "Write Microsoft tenant ids, one a line, at most 100. Each is a GUID such as \
                        0e3419f7-4c4d-47e7-b98a-7b9b9de02b80.",
        wrong_hours: "Choose two hours that differ.",
        wrong_id: "Write a number, or none.",

        changes: "Changes",
        changes_caption: "Who changed what, the newest first. Kept for 400 days.",
        no_changes: "Nothing was changed here in the last 400 days.",
        when: "When (UTC)",
        who: "Who",
        setting: "Setting",
        from: "From",
        to: "To",
        erased: "somebody whose data was erased",
        older: "Older changes",
        newest: "Newest changes",

        projects_title: "Projects",
        projects_lead: "Pick the project whose settings you want to see. These are the projects that you can see \
                        in Jira.",
        search: "Name or key",
        search_go: "Search",
        projects_found: "Projects",
        no_projects: "There is no such project, or you cannot see it.",
        more_projects: "There may be more: search for a part of the name or the key.",
    }
}
