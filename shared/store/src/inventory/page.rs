//! The inventory as the page `docs/DATA-INVENTORY.md`.

use std::fmt::{Error, Write};

use super::{COMMON, Declaration, ELSEWHERE, INVENTORY};
use crate::entity::Attribute;

const HEAD: &str = "\
# Data inventory

Everything that Tandem stores, made from the declarations beside each entity in `shared/store/src`;
`GET /inventory` says the same as JSON. Nothing here is text that a person wrote, a name or an address.

A test fails when this page is not what the declarations say, when a test writes an attribute that
is not declared, and when something is declared that no test writes.

## In the table
";

const COMMON_HEAD: &str = "
### Every item

What the table itself needs, in items of each entity.
";

const ELSEWHERE_HEAD: &str = "
## Elsewhere

| Where | What it is or identifies | What for | Kept | Erased with |
|---|---|---|---|---|
";

/// The page. What it says of attributes and entities is theirs.
///
/// # Errors
/// Never: writing to a text does not fail.
pub fn markdown() -> Result<String, Error> {
    let mut page = HEAD.to_owned();
    for declared in INVENTORY {
        entity(&mut page, declared)?;
    }
    page.push_str(COMMON_HEAD);
    attributes(&mut page, COMMON)?;
    page.push_str(ELSEWHERE_HEAD);
    for it in ELSEWHERE {
        let (place, what, why) = (it.place, it.what, it.why);
        writeln!(page, "| {place} | {what} | {why} | {} | {} |", it.kept, it.erased_with)?;
    }
    Ok(page)
}

fn entity(page: &mut String, declared: &Declaration) -> Result<(), Error> {
    let with: Vec<&str> = declared.erased_with.iter().map(|with| with.words()).collect();
    writeln!(page, "\n### {}\n\n{}.\n", declared.entity, declared.what)?;
    writeln!(page, "- Kept: {}.", declared.kept)?;
    writeln!(page, "- Erased with: {}.", with.join("; "))?;
    attributes(page, declared.attributes)
}

fn attributes(page: &mut String, of: &[Attribute]) -> Result<(), Error> {
    page.push_str(
        "\n| Attribute | What it is or identifies | What for | Whose |\n|---|---|---|---|\n",
    );
    for it in of {
        writeln!(page, "| `{}` | {} | {} | {} |", it.name, it.what, it.why, it.whose.words())?;
    }
    Ok(())
}
