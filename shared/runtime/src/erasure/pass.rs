//! One pass of an erasure through the table: step by step, part by part, page by page.

use tandem_domain::{Failure, RequestId, Timestamp};
use tandem_store::{Erasure, Found, Part, Progress, Reach, Step};

use crate::App;

/// After how many pages it is noted how far the pass is, for whoever goes on should it break off.
const NOTED_EVERY: usize = 10;

/// One pass of an erasure, in one or more runs.
pub(super) struct Pass<'a> {
    pub(super) app: &'a App,
    pub(super) erasure: &'a Erasure,
    pub(super) reach: &'a Reach,
    pub(super) request: &'a RequestId,
    /// When to stop.
    pub(super) until: Option<Timestamp>,
    /// How far it is.
    pub(super) progress: Progress,
}

impl Pass<'_> {
    /// Runs to the end, or until it is time to stop: answers whether it is at the end.
    pub(super) async fn run(&mut self) -> Result<bool, Failure> {
        loop {
            let parts = self.reach.parts(self.progress.step);
            while let Some(part) = parts.get(self.progress.part) {
                if !self.read(part).await? {
                    return Ok(false);
                }
                self.progress.part += 1;
                self.progress.after = None;
            }
            self.progress.erased += self.end_step().await?;
            self.progress.step = match self.progress.step {
                Step::Notifications => Step::Secrets,
                Step::Secrets => Step::Items,
                Step::Items => return Ok(true),
            };
            self.progress.part = 0;
        }
    }

    /// Reads a part to its end, one page ahead of what is being done. At least one page is done,
    /// however late it is.
    async fn read(&mut self, part: &Part) -> Result<bool, Failure> {
        let store = &self.app.store;
        let (mut found, mut next) = store.list_part(part, self.progress.after.as_ref()).await?;
        for page in 1.. {
            let ahead = async {
                match &next {
                    Some(after) => store.list_part(part, Some(after)).await.map(Some),
                    None => Ok(None),
                }
            };
            let (erased, ahead) = tokio::join!(Box::pin(self.handle(part, found)), ahead);
            self.progress.erased += erased?;
            let Some(ahead) = ahead? else { return Ok(true) };
            self.progress.after = next;
            if self.until.is_some_and(|until| self.app.clock.now() >= until) {
                return Ok(false);
            }
            if page % NOTED_EVERY == 0 {
                self.note().await?;
            }
            (found, next) = ahead;
        }
        Ok(true)
    }

    /// Notes how far it is. Whoever goes on from there after a crash does not know what was erased
    /// behind it: something, rather than nothing.
    async fn note(&self) -> Result<(), Failure> {
        let erased = self.progress.erased.max(1);
        let progress = Progress { erased, ..self.progress.clone() };
        let (store, erasure) = (&self.app.store, self.erasure);
        store.put_off_erasure(erasure, None, erasure.go_on_at, Some(&progress)).await?;
        Ok(())
    }

    /// Does what the step does with what was found. Answers how much was erased.
    async fn handle(&self, part: &Part, found: Vec<Found>) -> Result<usize, Failure> {
        match (self.progress.step, self.reach) {
            (Step::Notifications, _) => self.end_notifications(&found).await.map(|()| 0),
            (Step::Secrets, _) => self.erase_secrets_found(&found).await,
            (Step::Items, Reach::Issue(..) | Reach::Project(..)) => {
                self.erase_of_issues(part, found).await
            }
            (Step::Items, _) => self.erase_items(found).await,
        }
    }

    /// What belongs to a step and is found otherwise than in its parts.
    async fn end_step(&self) -> Result<usize, Failure> {
        match self.progress.step {
            Step::Notifications => self.end_webhooks().await.map(|()| 0),
            Step::Secrets => self.erase_known_secrets().await,
            Step::Items => self.erase_leftovers().await,
        }
    }
}
