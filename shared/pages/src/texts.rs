//! Everything that the pages say, a type for each group of pages: another language is another value
//! of the same types. Names of settings, entities and codes are no texts: they are the same in every
//! language.

/// Declares the texts of a group of pages, and the English ones.
macro_rules! texts {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $text:expr,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        #[allow(missing_docs)]
        pub struct $name {
            $(pub $field: &'static str,)*
        }

        impl $name {
            /// In English.
            pub const EN: Self = Self { $($field: $text,)* };
        }
    };
}

mod admin;
mod common;
mod connect;
mod my_data;
mod settings;
mod setup;
mod sign_in;

pub use admin::Admin;
pub use common::Common;
pub use connect::Connect;
pub use my_data::MyData;
pub use settings::Settings;
pub use setup::Setup;
pub use sign_in::SignIn;
