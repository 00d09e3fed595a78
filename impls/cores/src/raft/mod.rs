//! Raft: a replicated log (Ongaro & Ousterhout, *In Search of an Understandable Consensus Algorithm*, 2014, and its extended version; Ongaro's thesis, *Consensus: Bridging Theory
//! and Practice*, 2014).
//!
//! [`Raft`] is one server. It elects leaders (§5.2) with pre-vote (thesis, §9.6) and check-quorum (thesis, §4.2.3 and §6.2), hands leadership over (thesis, §3.10), replicates with a
//! window of messages and bytes for each follower, repairs a log that diverged by a hint of index and term (§5.3), commits in its own term only (§5.4.2), and keeps its log short by
//! snapshots, which it sends in pieces (extended version, §7).
//!
//! # How a host keeps its promises
//!
//! - **Durability.** A leader's entries go to the followers ([`Effects::send_ahead`]) while they go to its own disk (thesis, §10.2.1). It counts itself only once
//!   [`Input::Persisted`] brings the [`Receipt`] back. A host may be late with that, or repeat it: a receipt of another term, or of an earlier boot, does not count.
//! - **Order.** What is persisted becomes durable in that order. A term and a vote are one [`Record`].
//! - **Batching.** The commands of one [`Request::Propose`] are one write and one message to each follower. Effects of several steps may be gathered, too: acknowledgements that have
//!   not left yet are then one message.
//! - **Applying.** All notices are told ahead ([`Effects::notify_ahead`]): an entry is applied once it is on the disks of a majority, whether or not this server's own disk has it
//!   yet. After a start the host is told everything again, from the snapshot on. A state machine that is durable itself may have applied more than its server's disk has; it
//!   skips what it has applied.
//! - **Followers** learn what is committed with the next entries or the next heartbeat.
//! - **Losses** need no timer of their own: a heartbeat asks whether the follower has what it was sent.
//!
//! # Example
//!
//! Three servers, each with an event loop and a thread of its own. The network are channels, the disk is a vector; what a real host does instead is said in comments.
//!
//! ```
//! use std::collections::{BTreeMap, BTreeSet};
//! use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
//! use std::time::{Duration, Instant};
//!
//! use concur_cores::raft::{Config, Notice, Raft, Record, Request, Timer};
//! use concur_cores::{Effects, Input, NodeId, Protocol};
//!
//! type Server = Raft<String>;
//!
//! struct Host {
//!     server: Server,
//!     inbox: Receiver<Input<Server>>,
//!     network: BTreeMap<NodeId, Sender<Input<Server>>>,
//!     disk: Vec<Record<String>>,
//!     alarms: BTreeMap<Timer, Instant>,
//!     applied: Sender<(NodeId, String)>,
//! }
//!
//! impl Host {
//!     fn run(mut self, mut effects: Effects<Server>) {
//!         self.act(&mut effects);
//!         while let Some(input) = self.next() {
//!             self.server.step(input, &mut effects);
//!             self.act(&mut effects);
//!         }
//!     }
//!
//!     /// A message, a request or a completion; or the alarm that is due first.
//!     fn next(&mut self) -> Option<Input<Server>> {
//!         let (&timer, &due) = self.alarms.iter().min_by_key(|(_, due)| **due)?;
//!         let wait = due.saturating_duration_since(Instant::now());
//!         match self.inbox.recv_timeout(wait) {
//!             Ok(input) => Some(input),
//!             Err(RecvTimeoutError::Disconnected) => None,
//!             Err(RecvTimeoutError::Timeout) => {
//!                 self.alarms.remove(&timer);
//!                 Some(Input::Elapsed(timer))
//!             }
//!         }
//!     }
//!
//!     /// In the order of the fields.
//!     fn act(&mut self, effects: &mut Effects<Server>) {
//!         let from = self.server.id();
//!         for (to, message) in effects.send_ahead.drain(..) {
//!             self.network[&to].send(Input::Receive { from, message }).ok();
//!         }
//!         for notice in effects.notify_ahead.drain(..) {
//!             if let Notice::Apply { command, .. } = notice {
//!                 self.applied.send((from, command)).ok();
//!             }
//!         }
//!         // A real host appends the records to a file and waits for fdatasync, or has another thread do so and keeps what follows until then.
//!         self.disk.append(&mut effects.persist);
//!         if let Some(receipt) = effects.receipt {
//!             self.network[&from].send(Input::Persisted(receipt)).ok();
//!         }
//!         for (to, message) in effects.send.drain(..) {
//!             self.network[&to].send(Input::Receive { from, message }).ok();
//!         }
//!         for timer in effects.arm.drain(..) {
//!             // A real host draws the election timeout at random.
//!             let milliseconds = match timer {
//!                 Timer::Heartbeat => 20,
//!                 _ => 150 + 70 * from.0,
//!             };
//!             let due = Instant::now() + Duration::from_millis(milliseconds);
//!             self.alarms.insert(timer, due);
//!         }
//!         for timer in effects.disarm.drain(..) {
//!             self.alarms.remove(&timer);
//!         }
//!         effects.clear();
//!     }
//! }
//!
//! let ids = [1, 2, 3].map(NodeId);
//! let (inboxes, receivers): (Vec<_>, Vec<_>) = ids.iter().map(|_| channel()).unzip();
//! let network: BTreeMap<_, _> = ids.into_iter().zip(inboxes).collect();
//! let (applied, results) = channel();
//! for (id, inbox) in ids.into_iter().zip(receivers) {
//!     let (network, applied) = (network.clone(), applied.clone());
//!     let (disk, alarms, mut effects) = (Vec::new(), BTreeMap::new(), Effects::new());
//!     let server = Raft::recover(Config::new(id, ids), &disk, &mut effects);
//!     let host = Host { server, inbox, network, disk, alarms, applied };
//!     std::thread::spawn(|| host.run(effects));
//! }
//!
//! // Whoever does not lead refuses, and says whom to ask; this client asks everybody until all have applied its command.
//! let mut done = BTreeSet::new();
//! while done.len() < 3 {
//!     for inbox in network.values() {
//!         let request = Request::Propose(vec!["hello".to_owned()]);
//!         inbox.send(Input::Request(request)).unwrap();
//!     }
//!     while let Ok((id, command)) = results.recv_timeout(Duration::from_millis(100)) {
//!         assert_eq!(command, "hello");
//!         done.insert(id);
//!     }
//! }
//! ```
//!
//! # What it leaves out
//!
//! - Changes of the configuration (§6), and servers that do not vote.
//! - Reads that bypass the log (thesis, §6.4), and sessions that make a client's retries harmless (thesis, §6.3): a host proposes reads as commands, and tells retries apart itself.
//! - Snapshots that do not fit into memory: a snapshot is held whole.
//! - Clocks: that the election timeout is random and long enough is the host's affair. Who hears a leader refuses to vote until its own election alarm goes off, where the thesis
//!   has it wait for the least election timeout.

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
mod view;

#[cfg(doc)]
use crate::{Effects, Input};

pub use config::{Config, Limits};
pub use entry::{Entries, Entry, Position};
pub use message::{Answer, Body, Message};
pub use node::{Raft, Role, Rules};
pub use notice::{Notice, Reason, Request, Timer};
pub use progress::{Flow, Progress};
pub use record::{Ballot, Receipt, Record, Snapshot};
