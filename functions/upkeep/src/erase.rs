//! Erasing: an operator's command for a site or a Microsoft tenant, and going on with whatever
//! erasure is not done.

use tandem_domain::{Failure, RequestId};
use tandem_runtime::{App, erasure};
use tandem_store::Reach;

use crate::{PAGE, UpkeepReport};

/// Begins the erasure of a site or tenant, and takes it as far as it goes now. The schedule finishes
/// it; the receipt says when.
pub(crate) async fn command(
    app: &App,
    reach: &Reach,
    request: &RequestId,
    report: &mut UpkeepReport,
) -> Result<(), Failure> {
    let begun = erasure::begin(app, reach).await?;
    report.receipt_id = Some(begun.receipt_id.clone());
    let went_on = erasure::go_on(app, &begun, request).await;
    let done = matches!(went_on, Ok(true));
    report.count(went_on, "erase");
    report.erasures_finished += u32::from(done);
    Ok(())
}

/// Goes on with the erasures that are due.
pub(crate) async fn go_on(
    app: &App,
    request: &RequestId,
    report: &mut UpkeepReport,
) -> Result<(), Failure> {
    for due in app.store.list_due_erasures(app.clock.now(), PAGE).await? {
        let went_on = erasure::go_on(app, &due, request).await;
        let done = matches!(went_on, Ok(true));
        report.count(went_on, "erase");
        report.erasures_finished += u32::from(done);
    }
    Ok(())
}
