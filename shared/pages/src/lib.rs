//! The pages that people see in a browser: plain HTML that works without script, one style sheet,
//! and nothing from elsewhere. Each page is a type of its own with a template beside it; a function
//! fills the type and answers with it. What the pages say stands in `texts/`.

pub mod admin;
mod answer;
pub mod connect;
pub mod inventory;
mod layout;
pub mod ledger;
pub mod my_data;
mod problem;
pub mod receipt;
pub mod settings;
pub mod setup;
#[cfg(test)]
mod testing;
pub mod texts;
pub mod time;

pub use answer::{Framing, Page, show, show_as};
pub use layout::{Here, Layout, Look};
pub use problem::{Problem, person};

/// The one style sheet, which every page carries.
pub(crate) const STYLE: &str = include_str!("../templates/style.css");
