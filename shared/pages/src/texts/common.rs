//! What stands on every page, and what pages say when something does not work.

texts! {
    /// The frame of every page and the general problems.
    Common {
        language: "en",
        product: "Tandem",
        skip: "Skip to the content",
        navigation: "Pages",
        accounts: "Accounts",
        my_settings: "My settings",
        my_data: "My data",
        projects: "Projects",
        site_settings: "Site settings",
        site_state: "Site",

        begin_again: "Begin again",
        connect: "Connect",
        back: "Back",

        not_signed_in: "You are not signed in",
        not_signed_in_advice: "A session ends after eight hours, and when you disconnect your accounts. \
                               Connect your accounts to go on.",
        not_signed_in_framed: "Sign in opens in a window of its own. Reload this page afterwards.",
        csrf: "This form did not come from our page",
        csrf_advice: "Nothing was changed. Open the page again and send the form from there.",
        not_permitted: "You may not do this",
        not_permitted_advice: "Jira does not give you the permission that it needs. Ask an administrator.",
        not_found: "There is no such page",
        not_found_advice: "Nothing is here, or nothing that you can see.",
        sign_in_needed: "Sign in again",
        sign_in_needed_advice: "The sign-in with one of the two sides has ended. Connect your accounts again \
                                to go on.",
        changed_meanwhile: "Somebody changed this meanwhile",
        changed_meanwhile_advice: "Nothing of yours was saved. Open the page again, look at what is set now, \
                                   and change it from there.",
        invalid: "This cannot be saved",
        unavailable: "Not possible right now",
        unavailable_advice: "Nothing was lost. Wait a minute, then begin again.",
        fault: "Something went wrong on our side",
        fault_advice: "Begin again; if it happens repeatedly, tell whoever runs Tandem for you.",
    }
}
