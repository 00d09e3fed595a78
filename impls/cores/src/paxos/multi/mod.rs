//! A log of slots, each chosen by Paxos, with a leader that stays.
//!
//! Lamport, *Paxos Made Simple* (2001), §3, with the snapshots and the catching up of Chandra, Griesemer & Redstone, *Paxos Made Live* (2007). Lay it beside the model
//! `paxos::multi`: the functions that are named as its actions do what those do.
//!
//! A candidate asks once for all slots from its watermark on. A promise tells everything from there: what the acceptor knows to be chosen, by its own watermark, and what it
//! has voted for above. So whoever leads knows all that was chosen below the highest watermark of its quorum, proposes again what may have been chosen above, fills gaps
//! with no-ops, and then needs one round trip for each batch of commands. The watermark reaches the others with the next Phase2a, or the next heartbeat.
//!
//! # How to embed it
//!
//! - [`Request::Propose`] takes a batch. Where this node does not lead, or too much is under way, [`Notice::Rejected`] gives it back. A command whose leader was deposed is *in doubt*: it may yet be
//!   chosen. Who cannot bear to see one twice puts an identity into it.
//! - [`Notice::Chosen`] gives slot after slot, without a gap and in order, no-ops included; [`Notice::Restored`] replaces all that was executed before. A node that
//!   starts again begins anew, from its last checkpoint.
//! - All notices are told ahead ([`notify_ahead`](crate::Effects::notify_ahead)): what is chosen is on the disks of a quorum, whether or not this node's own has it yet. A state
//!   machine that is durable itself may, after a crash, have executed more than its node remembers; it skips what it is told again.
//! - [`Request::Compact`] hands over the state that executing all slots below some slot has led to. What it covers is forgotten.
//! - [`Timer::Election`] should take a random time, several times as long as [`Timer::Heartbeat`].
//! - Phase2a may leave before the leader's own disk is ready ([`send_ahead`](crate::Effects::send_ahead)); the leader's own vote counts when it is.
//! - Many requests can be gathered into the effects of one turn, and persisted together.
//!
//! # What it leaves out
//!
//! Members do not change. Reads go through the log. Candidates do not sound out the others first, so a node that returns from a partition may depose the leader; and a leader
//! whom nobody answers keeps thinking that it leads, which costs its clients time, and nothing else. A disk that was lost must not come back under the name of its node.

mod codec;
mod config;
mod entry;
mod log;
mod message;
mod node;
mod record;
mod reports;

use concur_rules::multi_paxos::MultiPaxosRule;
use concur_rules::multi_paxos_core::MultiPaxosCoreRule;

pub use config::Config;
pub use entry::{Entries, Entry, Slot, Snapshot};
pub use log::{Log, Suffix};
pub use message::Message;
pub use node::{Node, Notice, Request, Rules, Timer};
pub use record::{Receipt, Record};

concur_rules::joined_rules! {
    /// The rules by whose name a node can refuse.
    pub enum Rule {
        /// A rule of the model.
        Model(MultiPaxosRule),
        /// A rule of the core.
        Core(MultiPaxosCoreRule),
    }
}
