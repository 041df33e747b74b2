//! The integration tests: one binary, a module a subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![cfg_attr(
    windows,
    allow(
        unused_imports,
        dead_code,
        reason = "some stories need Linux, and their words with them"
    )
)]

#[cfg(target_os = "linux")]
mod abuse;
mod architecture;
mod bad_input;
mod book;
mod certs;
mod cli;
mod crash;
#[cfg(all(target_os = "linux", feature = "tray"))]
mod desktop;
// Networks of their own are made by Linux.
#[cfg(target_os = "linux")]
mod discover;
mod doctor;
mod doors;
mod exchange;
mod field_reports;
mod guest;
mod journal;
mod late;
mod logs;
// Networks of their own are made by Linux.
#[cfg(target_os = "linux")]
mod mdns;
mod metrics;
mod model;
// Networks of their own are made by Linux.
#[cfg(target_os = "linux")]
mod network;
mod onboarding;
#[cfg(target_os = "linux")] // Where Debian puts PostgreSQL.
mod outbox;
mod page;
mod paying;
mod payment;
#[cfg(all(unix, not(target_os = "macos")))] // The browsers of Linux and their folders.
mod policy;
mod program;
mod readme;
mod secrets;
mod server;
mod service;
mod settling;
mod shop;
#[cfg(all(unix, not(target_os = "macos")))] // The stores and folders of Linux, with its programs.
mod trust;
#[cfg(all(target_os = "linux", feature = "tray"))]
mod tray;
mod update;
mod wire;
mod words;
