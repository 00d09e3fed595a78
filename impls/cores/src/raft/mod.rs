//! Raft.

#[cfg(feature = "serde")]
mod bytes;
mod codec;
mod config;
mod elections;
mod entry;
mod following;
mod log;
mod message;
mod node;
mod notice;
mod progress;
mod record;
mod replication;
mod sending;
mod snapshots;
mod transfer;

pub use config::{Config, Limits};
pub use entry::{Command, Entries, Entry, Position};
pub use message::{Answer, Body, Message};
pub use node::{Raft, Role, Rules};
pub use notice::{Notice, Reason, Request, Timer};
pub use progress::{Flow, Progress};
pub use record::{Ballot, Receipt, Record, Snapshot};
