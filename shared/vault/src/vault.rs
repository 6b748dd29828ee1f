//! The vault: what it is made of, and how an access token is had from it.

use std::{sync::Arc, time::Duration};

use tandem_domain::{
    AccessToken, Clock, Entropy, Failure, GrantId, GrantState, LeaseHolder, Provider, Purpose,
    RequestId, SecretVersion, Sighting, Sightings, Subject, Timestamp, TokenIssuer, share_of,
};
use tandem_store::{Grant, Seal, Store};
use tokio::time::Instant;

use crate::{
    EncryptionContext,
    backoff::jittered,
    cache::Cache,
    context::hex,
    envelope::Envelope,
    flight::Flights,
    ledger::{Noted, Opening},
    payload::Payload,
    refresh::Refresh,
    seals::Seals,
    secrets::{Secrets, Version},
};

/// An access token with less left than this is refreshed before it is given out.
pub(crate) const REFRESH_MARGIN: Duration = Duration::from_mins(5);
/// An access token with more left than this is given out while it cannot be refreshed.
pub(crate) const USABLE_MARGIN: Duration = Duration::from_secs(30);
/// After how long without a refresh upkeep makes one. Atlassian and Microsoft both end a refresh
/// token after 90 idle days.
/// <https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/>
const KEEP_ALIVE: Duration = Duration::from_hours(30 * 24);
/// By how much earlier than that, so that the grants of one day do not fall due in one run.
const KEEP_ALIVE_SPREAD: Duration = Duration::from_hours(5 * 24);
/// How long a caller waits while another one refreshes.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest pause between two looks at a grant that another one refreshes.
const POLL: Duration = Duration::from_millis(250);

/// What the vault works with.
pub struct VaultConfig {
    /// KMS, for the envelopes' data keys.
    pub kms: aws_sdk_kms::Client,
    /// Secrets Manager, where the envelopes lie.
    pub secrets: aws_sdk_secretsmanager::Client,
    /// The table, where the grants' items lie.
    pub store: Store,
    /// The KMS key that wraps data keys: its id or ARN. An alias will not do, since it may point
    /// elsewhere when the envelope is opened.
    pub envelope_key: String,
    /// Keys that wrapped data keys before, and still open them.
    pub older_envelope_keys: Vec<String>,
    /// The KMS key that Secrets Manager itself encrypts with; another one.
    pub secrets_key: String,
    /// Keys that Secrets Manager encrypted with before.
    pub older_secrets_keys: Vec<String>,
    /// What the secrets' names begin with: the deployment's name, also part of every encryption
    /// context (`stage`).
    pub secret_prefix: String,
    /// Which roles the policy of each grant's secret lets through: a pattern of their ARNs.
    pub secret_readers: String,
}

/// The vendors' token endpoints. Their calls must end well within the lease of 30 seconds.
#[derive(Clone)]
pub struct Issuers {
    /// Atlassian's.
    pub atlassian: Arc<dyn TokenIssuer>,
    /// Microsoft Entra's.
    pub microsoft: Arc<dyn TokenIssuer>,
}

/// Custody of people's tokens.
pub struct Vault {
    pub(crate) store: Store,
    pub(crate) envelope: Envelope,
    pub(crate) secrets: Secrets,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) cache: Cache,
    pub(crate) flights: Flights,
    pub(crate) noted: Noted,
    pub(crate) seals: Seals,
    pub(crate) sightings: Sightings,
    issuers: Issuers,
    stage: String,
}

impl Vault {
    /// A vault with an empty memory.
    pub fn new(
        config: VaultConfig,
        issuers: Issuers,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let seals = Seals::of(&config);
        let VaultConfig { kms, secrets, store, envelope_key, older_envelope_keys, .. } = config;
        let envelope = Envelope::new(kms, envelope_key, older_envelope_keys, Arc::clone(&entropy));
        let stage = config.secret_prefix.clone();
        Self {
            store,
            envelope,
            secrets: Secrets::new(
                secrets,
                config.secret_prefix,
                config.secrets_key,
                &config.secret_readers,
            ),
            clock,
            entropy,
            cache: Cache::default(),
            flights: Flights::default(),
            noted: Noted::default(),
            seals,
            sightings: Sightings::default(),
            issuers,
            stage,
        }
    }

    /// The same, noting in `sightings` what is worth counting.
    #[must_use]
    pub fn noting(self, sightings: Sightings) -> Self {
        Self { sightings, ..self }
    }

    /// An access token of `subject` that lasts a while, refreshed where need be.
    ///
    /// # Errors
    /// [`Failure::Absent`] (`grant`) when there is none, [`Failure::SignInNeeded`] when the vendor
    /// ended it, [`Failure::Retry`] when another caller's refresh takes long or a service is out of
    /// reach, [`Failure::Fault`] when a key or an envelope cannot be used.
    pub async fn access_token(
        &self,
        subject: &Subject,
        purpose: Purpose,
        request: &RequestId,
    ) -> Result<AccessToken, Failure> {
        if let Some(ahead) = self.remembered_token(subject, purpose, request).await? {
            return Ok(self.hand_over(ahead));
        }
        // On the heap: this is long, and out of memory it is not gone through.
        Box::pin(async {
            let mut opening = Opening::new(purpose, request);
            let token = self.token(subject, &mut opening).await;
            self.settle(opening, token).await
        })
        .await
    }

    /// Refreshes a grant that upkeep found due, however long its access token still lasts. Nothing
    /// happens when it was renewed meanwhile, or is being renewed.
    ///
    /// # Errors
    /// As [`Vault::access_token`].
    pub async fn keep_alive(&self, grant: &Grant, request: &RequestId) -> Result<(), Failure> {
        let subject = grant.subject().ok_or(Failure::Fault { what: "grant_without_owner" })?;
        let _turn = self.flights.turn(&grant.grant_id).await;
        let now = self.usable_grant(&subject).await?;
        if now.secret_version != grant.secret_version {
            return Ok(());
        }
        let mut opening = Opening::new(Purpose::KeepGrant, request);
        let refreshed = self.refresh(&subject, &now, &mut opening).await;
        self.settle(opening, refreshed.map(|_| ())).await
    }

    /// The seals under which a grant may be: the present one first.
    ///
    /// # Errors
    /// [`Failure::Fault`] when a configured key's name is none.
    pub fn seals(&self) -> Result<Vec<Seal>, Failure> {
        let present = std::iter::once(self.seals.present()?.clone());
        Ok(present.chain(self.seals.older().iter().cloned()).collect())
    }

    async fn token(
        &self,
        subject: &Subject,
        opening: &mut Opening<'_>,
    ) -> Result<AccessToken, Failure> {
        let grant = self.usable_grant(subject).await?;
        if let Some(token) = self.remembered(&grant, opening) {
            return Ok(token);
        }
        let turn = self.flights.turn(&grant.grant_id).await;
        if !turn.waited {
            return self.open_or_refresh(subject, grant, opening).await;
        }
        let grant = self.usable_grant(subject).await?;
        match self.remembered(&grant, opening) {
            Some(token) => Ok(token),
            None => self.open_or_refresh(subject, grant, opening).await,
        }
    }

    /// The token out of memory, if it is there.
    fn remembered(&self, grant: &Grant, opening: &mut Opening<'_>) -> Option<AccessToken> {
        let now = self.clock.now();
        let token = self.cache.find(grant, now)?;
        opening.note(&grant.grant_id, None, now);
        Some(token)
    }

    async fn open_or_refresh(
        &self,
        subject: &Subject,
        mut grant: Grant,
        opening: &mut Opening<'_>,
    ) -> Result<AccessToken, Failure> {
        let first_seen = grant.secret_version.clone();
        let patient_until = Instant::now() + PATIENCE;
        let mut waited = false;
        loop {
            let left = self.clock.now().until(grant.access_expires_at);
            // What was renewed under our eyes will do, even where a vendor's tokens are short-lived.
            let renewed = grant.secret_version != first_seen;
            if left > REFRESH_MARGIN || (renewed && left > USABLE_MARGIN) {
                return self.open_access(subject, &grant, opening).await;
            }
            match self.refresh(subject, &grant, opening).await? {
                Refresh::Done(token) => return Ok(token),
                Refresh::Busy if left > USABLE_MARGIN => {
                    return self.open_access(subject, &grant, opening).await;
                }
                Refresh::Busy => {
                    if !std::mem::replace(&mut waited, true) {
                        self.sightings.note(Sighting::LeaseWaited);
                    }
                    tokio::time::sleep(jittered(&*self.entropy, POLL)).await;
                }
                Refresh::Moved => {}
            }
            if Instant::now() >= patient_until {
                let after = grant.lease_until.map(|until| self.clock.now().until(until));
                return Err(Failure::Retry { what: "grant_busy", after });
            }
            grant = self.usable_grant(subject).await?;
        }
    }

    async fn open_access(
        &self,
        subject: &Subject,
        grant: &Grant,
        opening: &mut Opening<'_>,
    ) -> Result<AccessToken, Failure> {
        let (_, payload) = self.open_pointed(subject, grant, opening).await?;
        self.remember(grant, &payload);
        Ok(payload.tokens.access)
    }

    /// Opens the version that counts.
    pub(crate) async fn open_pointed(
        &self,
        subject: &Subject,
        grant: &Grant,
        opening: &mut Opening<'_>,
    ) -> Result<(Version, Payload), Failure> {
        let version = self.secrets.get(&grant.grant_id, &grant.secret_version).await;
        let version = match version {
            Ok(version) => version,
            // Erased meanwhile, perhaps: then that is the answer.
            Err(error) => {
                self.usable_grant(subject).await?;
                return Err(error.into());
            }
        };
        let payload = self.open_version(subject, grant, &version, opening).await?;
        Ok((version, payload))
    }

    /// Opens one version of a grant's secret.
    pub(crate) async fn open_version(
        &self,
        subject: &Subject,
        grant: &Grant,
        version: &Version,
        opening: &mut Opening<'_>,
    ) -> Result<Payload, Failure> {
        opening.note(&grant.grant_id, version.call.clone(), self.clock.now());
        let context = self.context(&grant.grant_id, subject, &version.id);
        let plaintext = self.envelope.open(&version.bytes, &context).await?;
        self.sightings.note(Sighting::SecretRead);
        Ok(Payload::read(&plaintext)?)
    }

    /// The grant of a subject, if tokens can be had from it.
    pub(crate) async fn usable_grant(&self, subject: &Subject) -> Result<Grant, Failure> {
        let absent = Failure::Absent { what: "grant" };
        let grant = self.store.find_grant(subject).await?.ok_or_else(|| absent.clone())?;
        match grant.state {
            GrantState::Active => Ok(grant),
            GrantState::NeedsSignIn(reason) => {
                Err(Failure::SignInNeeded { provider: subject.provider(), reason })
            }
            GrantState::Erased => Err(absent),
        }
    }

    /// Keeps the access token of the version that `grant` points at in memory.
    pub(crate) fn remember(&self, grant: &Grant, payload: &Payload) {
        self.cache.keep(grant, &payload.tokens, self.clock.now(), REFRESH_MARGIN);
    }

    /// `grant` as it stands after its tokens were renewed: one version on, without a lease.
    pub(crate) fn renewed(
        &self,
        grant: &Grant,
        version: &SecretVersion,
        access_expires_at: Timestamp,
    ) -> Result<Grant, Failure> {
        let now = self.clock.now();
        Ok(Grant {
            state: GrantState::Active,
            version: grant.version + 1,
            secret_version: version.clone(),
            access_expires_at,
            lease_holder: None,
            lease_until: None,
            renewed_at: now,
            refresh_at: now.plus(
                KEEP_ALIVE.saturating_sub(share_of(KEEP_ALIVE_SPREAD, &[grant.grant_id.as_str()])),
            ),
            copied_from: None,
            told_version: None,
            ended_at: None,
            seal: Some(self.seals.over(grant.seal.as_ref())?),
            ..grant.clone()
        })
    }

    pub(crate) fn context(
        &self,
        grant: &GrantId,
        subject: &Subject,
        version: &SecretVersion,
    ) -> EncryptionContext {
        EncryptionContext::new(grant, subject, &self.stage, version)
    }

    pub(crate) fn issuer(&self, subject: &Subject) -> &dyn TokenIssuer {
        match subject.provider() {
            Provider::Atlassian => &*self.issuers.atlassian,
            Provider::Microsoft => &*self.issuers.microsoft,
        }
    }

    pub(crate) fn new_grant_id(&self) -> Result<GrantId, Failure> {
        GrantId::parse(&self.random_hex()).map_err(|_| Failure::Fault { what: "grant_id" })
    }

    pub(crate) fn new_version(&self) -> Result<SecretVersion, Failure> {
        SecretVersion::parse(&self.random_hex()).map_err(|_| Failure::Fault { what: "version_id" })
    }

    pub(crate) fn new_holder(&self) -> Result<LeaseHolder, Failure> {
        LeaseHolder::parse(&self.random_hex()).map_err(|_| Failure::Fault { what: "lease_holder" })
    }

    fn random_hex(&self) -> String {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes);
        hex(&bytes)
    }
}
