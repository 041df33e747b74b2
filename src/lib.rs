//! Caisse Relay.
#![cfg_attr(test, allow(missing_docs))]
pub mod ca;
pub mod cli;
pub mod config;
pub mod exchange;
pub mod hub;
pub mod journal;
pub mod payment;
pub mod relay;
pub mod server;
pub mod simulator;
pub mod till;
pub mod wire;
pub mod words;
