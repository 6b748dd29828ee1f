//! Giving older KMS keys up: a page of the grants under them is sealed anew in each run.

use tandem_domain::{Failure, RequestId};
use tandem_runtime::App;

use crate::{PAGE, UpkeepReport};

/// How many pages one run looks at, should those before hold nothing but failures.
const PAGES: usize = 10;

/// How many grants under older keys are counted at most.
const MOST_COUNTED: u32 = 1_000;

/// Seals up to a page of grants anew under the present keys. What is done leaves the list, so each
/// run goes on where the one before ended; those that fail are counted and passed over.
pub(crate) async fn rewrap(
    app: &App,
    request: &RequestId,
    report: &mut UpkeepReport,
) -> Result<(), Failure> {
    let mut from = None;
    for _ in 0..PAGES {
        let page = app.vault.rewrap(PAGE, from, request).await?;
        report.grants_rewrapped += page.done;
        for failure in page.failures {
            report.count::<()>(Err(failure), "rewrap");
        }
        from = page.next;
        let enough = report.grants_rewrapped >= PAGE.unsigned_abs();
        if enough || from.is_none() {
            break;
        }
    }
    report.grants_under_older_keys = app.vault.count_under_older_keys(MOST_COUNTED).await?;
    Ok(())
}
