//! What is stored about a person, the uses of their tokens, its erasure; the inventory.

texts! {
    /// My data, the ledger, the receipt of an erasure, the inventory.
    MyData {
        title: "My data",
        heading: "What is stored about you",
        lead: "Everything that Tandem stores about you, from both sides. Nothing that you wrote is among it.",
        counts: "What there is",
        nothing: "Nothing is stored about you here.",
        download: "Take it away as a file (JSON)",
        inventory: "What each kind of item is",
        of: "of",
        shown: "shown; all of them are in the file.",
        what: "What",
        how_many: "How many",
        kept: "Kept",
        erased_with: "Erased with",
        attribute: "Attribute",
        value: "Value",
        is: "What it is",
        why: "What for",
        whose: "Whose",
        item: "Item",
        left_out: "Not shown: ids of other people, or hashes of what only your browser holds",
        more: "There is more.",
        next: "Next page",
        first: "First page",

        uses_heading: "Uses of your tokens",
        uses_lead: "Each time Tandem used a token of yours, for the last 90 days.",
        uses_all: "All uses",
        no_uses: "No use yet.",
        at: "When",
        purpose: "What for",
        request: "Request",
        atlassian: "At Atlassian",
        microsoft: "At Microsoft",
        older: "Older uses",

        erase_heading: "Have everything erased",
        erase_lead: "Ends the link of your accounts, signs you out, and erases what is stored about you on both \
                     sides: tokens first, then the rest, within minutes. Chats that you started from an issue \
                     are no longer shown there, for nobody. What you wrote stays in Jira and in Teams. It cannot \
                     be undone.",
        erase_confirm: "Yes, erase everything that is stored about me",
        erase: "Erase",
        not_confirmed: "Nothing was erased",
        not_confirmed_advice: "Tick the box that says that you want everything erased, then send the form again.",

        receipt_title: "Receipt",
        receipt_heading: "Receipt of an erasure",
        under_way: "The erasure is under way: what was found so far is below. It is done when nothing more turns \
                    up for two minutes. Reload this page to see how far it is.",
        done: "The erasure is done: nothing is left.",
        keep: "Keep the address of this page: it is the only way to the receipt, and needs no sign-in. The \
               receipt says how much was erased and when, and not of whom.",
        receipt_id: "Receipt",
        scope: "Erased",
        scope_user: "One person, on both sides",
        scope_instance: "One Jira site",
        scope_tenant: "One Microsoft organisation",
        scope_project: "One project",
        scope_issue: "One issue",
        started: "Asked for",
        finished: "Done",
        not_yet: "Not yet",
        erased: "Erased items",
        nothing_yet: "Nothing yet.",
        reload: "Reload",

        inventory_title: "Data inventory",
        inventory_heading: "Everything that Tandem stores",
        inventory_lead: "Each kind of item and each of its attributes. Nothing here is text that a person wrote, a \
                         name or an address.",
        every_item: "Every item",
        elsewhere: "Elsewhere",
        place: "Where",
        as_json: "The same as JSON",
    }
}
