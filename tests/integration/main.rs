//! The product's behaviour, over HTTP against the local stack: one file for each flow.

mod support;

mod smoke;
