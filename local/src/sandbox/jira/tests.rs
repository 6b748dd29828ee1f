//! The simulation tried over HTTP, as its users see it.

#![allow(
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    reason = "tables of cases are long, and hand their values over"
)]

mod adf;
mod client;
mod contract;
mod creating;
mod harness;
mod oauth;
mod permissions;
mod persistence;
mod rest;
mod screens;
mod searching;
mod webhooks;
mod working;
