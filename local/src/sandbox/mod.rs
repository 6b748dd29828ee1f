//! Both vendors, simulated to their published contracts.

pub mod gate;
pub mod jira;
pub mod microsoft;
