//! The whole stack in one process, for development and tests: the functions' own handlers, AWS
//! emulated, both vendors simulated, and a page to act and watch. None of this is in a Lambda
//! binary.

pub mod aws;
pub mod caller;
mod clock;
pub mod demo;
mod elsewhere;
pub mod endpoints;
pub mod gateway;
mod page;
pub mod provision;
pub mod routes;
pub mod sandbox;
pub mod stack;
pub mod users;
pub mod vendors;
pub mod worker;

pub use clock::ForwardClock;
pub use stack::{Stack, StackOptions};
pub use vendors::Vendors;
