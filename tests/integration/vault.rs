//! The vault over the real wire: its own clients, the table, KMS and Secrets Manager emulated.

mod atlassian;
mod bench;
mod envelope;
mod erase;
mod issuer;
mod keys;
mod ledger;
mod microsoft;
mod policy;
mod refresh;
mod stops;
