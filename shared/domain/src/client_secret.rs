//! The secret with which Tandem proves to a vendor that it is Tandem: it may be changed while in
//! use.

use std::fmt;

use crate::{BoxFuture, Secret};

/// Where a vendor's client takes its secret from, at each call.
pub trait ClientSecrets: fmt::Debug + Send + Sync {
    /// What to try in turn: the one that counts, then the one before, while both are known.
    fn known(&self) -> BoxFuture<'_, Vec<Secret>>;
    /// The same, read afresh, after the vendor refused all of [`ClientSecrets::known`].
    fn reread(&self) -> BoxFuture<'_, Vec<Secret>>;
}

/// A secret that does not change.
impl ClientSecrets for Secret {
    fn known(&self) -> BoxFuture<'_, Vec<Secret>> {
        Box::pin(async { vec![self.clone()] })
    }
    fn reread(&self) -> BoxFuture<'_, Vec<Secret>> {
        self.known()
    }
}

/// Asks a token endpoint with each known secret in turn, until one is not refused as a secret; when
/// all are, with each one that a fresh look brings. The vendors check the secret before they look at
/// a code or a refresh token, so a refused attempt has used none up.
///
/// # Errors
/// What the last attempt answered.
pub async fn with_client_secret<T, F, Fut>(
    secrets: &dyn ClientSecrets,
    ask: F,
) -> Result<T, crate::IssuerError>
where
    F: Fn(Secret) -> Fut,
    Fut: Future<Output = Result<T, crate::IssuerError>>,
{
    let mut tried: Vec<Secret> = Vec::new();
    let mut refused = crate::IssuerError::Misconfigured { code: "no_client_secret".to_owned() };
    for fresh in [false, true] {
        let known = if fresh { secrets.reread().await } else { secrets.known().await };
        for secret in known {
            if tried.iter().any(|before| before.is_same(&secret)) {
                continue;
            }
            match ask(secret.clone()).await {
                Err(error) if refuses_secret(&error) => refused = error,
                done => return done,
            }
            tried.push(secret);
        }
    }
    Err(refused)
}

/// Whether the vendor refused the secret (RFC 6749, section 5.2). Atlassian says `access_denied`.
fn refuses_secret(error: &crate::IssuerError) -> bool {
    matches!(error, crate::IssuerError::Misconfigured { code }
        if matches!(code.as_str(), "invalid_client" | "unauthorized_client" | "access_denied"))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::IssuerError;

    #[derive(Debug)]
    struct Changing {
        known: Vec<&'static str>,
        fresh: Vec<&'static str>,
    }

    fn secrets(names: &[&'static str]) -> Vec<Secret> {
        names.iter().map(|&name| Secret::new(name.to_owned())).collect()
    }

    impl ClientSecrets for Changing {
        fn known(&self) -> BoxFuture<'_, Vec<Secret>> {
            Box::pin(async { secrets(&self.known) })
        }
        fn reread(&self) -> BoxFuture<'_, Vec<Secret>> {
            Box::pin(async { secrets(&self.fresh) })
        }
    }

    /// Runs a future that never waits.
    fn run<T>(future: impl Future<Output = T>) -> T {
        let mut future = std::pin::pin!(future);
        let waker = std::task::Waker::noop();
        match future.as_mut().poll(&mut std::task::Context::from_waker(waker)) {
            std::task::Poll::Ready(done) => done,
            std::task::Poll::Pending => panic!("it waited"),
        }
    }

    #[test]
    fn each_secret_is_tried_once_and_a_fresh_look_comes_last() {
        for (known, fresh, valid, asked) in [
            (vec!["new", "old"], vec![], "new", vec!["new"]),
            (vec!["new", "old"], vec![], "old", vec!["new", "old"]),
            (vec!["old"], vec!["new", "old"], "new", vec!["old", "new"]),
            (vec!["old"], vec!["old"], "new", vec!["old"]),
        ] {
            let tried = Mutex::new(Vec::new());
            let source = Changing { known, fresh };
            let outcome = run(with_client_secret(&source, |secret| {
                let secret = secret.expose("the test compares it").to_owned();
                tried.lock().unwrap().push(secret.clone());
                async move {
                    if secret == valid {
                        return Ok(());
                    }
                    Err(IssuerError::Misconfigured { code: "invalid_client".to_owned() })
                }
            }));
            assert_eq!(*tried.lock().unwrap(), asked);
            assert_eq!(outcome.is_ok(), asked.contains(&valid));
        }
    }

    #[test]
    fn any_other_refusal_is_the_answer() {
        let source = Changing { known: vec!["new", "old"], fresh: vec!["newest"] };
        for error in [
            IssuerError::Refused(crate::SignInReason::Revoked),
            IssuerError::Unavailable { retry_after: None },
            IssuerError::Misconfigured { code: "invalid_request".to_owned() },
        ] {
            let tried = Mutex::new(0);
            let outcome: Result<(), _> = run(with_client_secret(&source, |_| {
                *tried.lock().unwrap() += 1;
                let error = error.clone();
                async move { Err(error) }
            }));
            assert_eq!((outcome, *tried.lock().unwrap()), (Err(error), 1));
        }
    }
}
