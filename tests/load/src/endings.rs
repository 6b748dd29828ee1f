//! What the vendors take back by seed: access tokens before their time, and consent for good.

use std::sync::Arc;

use tandem_local::Stack;

use crate::world::{Person, World};

/// How much likelier than any other fault an access token ends in a wave.
const TOKENS: f64 = 10.0;
/// The same of a person's consent at one of the vendors.
const CONSENTS: f64 = 2.0;

/// What ended of what.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ended {
    pub(crate) tokens: usize,
    pub(crate) consents: usize,
}

/// The endings of one seed.
pub(crate) struct Endings {
    world: Arc<World>,
    random: fastrand::Rng,
    rate: f64,
    pub(crate) ended: Ended,
}

impl Endings {
    /// Endings in proportion to the rate (0 to 1) of all other faults.
    pub(crate) fn new(world: Arc<World>, seed: u64, rate: f64) -> Self {
        let random = fastrand::Rng::with_seed(seed ^ 0xe2d5);
        Self { world, random, rate, ended: Ended::default() }
    }

    /// Ends somebody's access tokens, somebody's consent, or nothing, on one side. Whoever lost a
    /// consent does not sign in again: what they alone could do must be visible in the end.
    pub(crate) fn strike(&mut self, stack: &Stack) {
        let world = Arc::clone(&self.world);
        if self.random.f64() < self.rate * TOKENS {
            let (tenant, person) = self.somebody(&world);
            if self.random.bool() {
                stack.jira.expire_access_tokens(&person.account);
            } else {
                stack.microsoft.expire_access_tokens(tenant, &person.object);
            }
            self.ended.tokens += 1;
        }
        if self.random.f64() < self.rate * CONSENTS {
            let (tenant, person) = self.somebody(&world);
            if self.random.bool() {
                stack.jira.revoke_grants(&person.account);
            } else {
                stack.microsoft.revoke_sign_ins(tenant, &person.object);
            }
            self.ended.consents += 1;
        }
    }

    /// Somebody who linked their accounts.
    fn somebody<'a>(&mut self, world: &'a World) -> (&'a str, &'a Person) {
        let site = &world.sites[self.random.usize(..world.sites.len())];
        let linked: Vec<_> = site.people.iter().filter(|person| person.is_linked()).collect();
        (&site.tenant, linked[self.random.usize(..linked.len())])
    }
}
