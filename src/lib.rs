//! Caisse Relay.
#![cfg_attr(test, allow(missing_docs))]
pub mod exchange;
pub mod payment;
pub mod wire;
pub mod words;
