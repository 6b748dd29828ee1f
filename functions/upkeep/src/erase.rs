//! Erasing: an operator's command for a site or a Microsoft tenant, and going on with whatever
//! erasure is not done.

use tandem_domain::{Failure, RequestId, Timestamp};
use tandem_runtime::{App, erasure};
use tandem_store::Reach;

use crate::{PAGE, UpkeepReport};

/// When erasing stops for this run: half of it is left for what else is due.
pub(crate) fn until(app: &App, ends_at: Option<Timestamp>) -> Option<Timestamp> {
    let now = app.clock.now();
    ends_at.map(|end| now.plus(now.until(end) / 2))
}

/// Begins the erasure of a site or tenant, and takes it as far as it goes now. The schedule finishes
/// it; the receipt says when.
pub(crate) async fn command(
    app: &App,
    reach: &Reach,
    request: &RequestId,
    until: Option<Timestamp>,
    report: &mut UpkeepReport,
) -> Result<(), Failure> {
    let begun = erasure::begin(app, reach).await?;
    report.receipt_id = Some(begun.receipt_id.clone());
    let went_on = erasure::go_on_until(app, &begun, request, until).await;
    report.count_erasure(went_on);
    Ok(())
}

/// Goes on with the erasures that are due, until it is time to stop. One that stops there is due
/// again at once, behind those that wait.
pub(crate) async fn go_on(
    app: &App,
    request: &RequestId,
    until: Option<Timestamp>,
    report: &mut UpkeepReport,
) -> Result<(), Failure> {
    for due in app.store.list_due_erasures(app.clock.now(), PAGE).await? {
        if until.is_some_and(|until| app.clock.now() >= until) {
            break;
        }
        let went_on = erasure::go_on_until(app, &due, request, until).await;
        report.count_erasure(went_on);
    }
    Ok(())
}

impl UpkeepReport {
    fn count_erasure(&mut self, went_on: Result<bool, Failure>) {
        let done = matches!(went_on, Ok(true));
        self.count(went_on, "erase");
        self.erasures_finished += u32::from(done);
    }
}
