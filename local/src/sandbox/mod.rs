//! Both vendors, simulated to their published contracts.

pub mod gate;
pub mod jira;
pub mod microsoft;
mod pieces;
pub mod weather;
