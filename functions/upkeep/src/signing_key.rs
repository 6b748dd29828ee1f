//! While the signing key is being changed: chats' subscriptions are made anew, so that their
//! notifications still prove themselves when the previous key is dropped.

use tandem_domain::{Failure, RequestId};
use tandem_runtime::{App, subscriptions};

use crate::{PAGE, UpkeepReport, renew::missed};

/// Makes a page of subscriptions anew; the rest follows in the next runs.
pub(crate) async fn follow(
    app: &App,
    request: &RequestId,
    report: &mut UpkeepReport,
) -> Result<(), Failure> {
    for item in subscriptions::list_of_older_key(app, PAGE).await? {
        let renewed = subscriptions::renew(app, item, request).await;
        report.messages_reconciled += missed(&renewed);
        report.subscriptions_renewed += report.count(renewed, "signing_key");
    }
    Ok(())
}
