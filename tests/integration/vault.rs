//! The vault over the real wire: its own clients, the table, KMS and Secrets Manager emulated.

mod bench;
mod envelope;
mod erase;
mod issuer;
mod refresh;
mod stops;
