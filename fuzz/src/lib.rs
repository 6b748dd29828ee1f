//! What the fuzz targets share: how an input is divided, and keys to sign with.

mod input;
mod microsoft;

pub use input::{edited, jwt, parts, short, text};
pub use microsoft::{Signer, signer};
