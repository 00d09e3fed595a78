//! How models are written: flat collections, named nodes, rules, bounds, refinement, symmetry, sizes.

mod bag;
mod config;
mod coverage;
mod endless;
mod event;
mod faults;
mod history;
mod id;
mod msg_set;
mod nibbles;
mod node_set;
mod packed;
mod per_node;
mod quorum;
mod short_vec;
mod spec;
pub mod symmetry;
mod temporal;

pub use bag::Bag;
pub use concur_rules::Card;
pub use config::{
    Config, Domain, Elsewhere, Expect, NoSuchModel, Outcome, Param, Redundant, Rung, Settings,
    Tier, Values,
};
pub use coverage::{Observed, Seen};
pub use endless::{Endless, Faulty};
pub use event::{Event, Happening, Mail};
pub use faults::{Disk, Durable, Faults, Process};
pub use history::{History, Recorded, Remembered};
pub use id::Id;
pub use msg_set::{MsgSet, Numbered};
pub use nibbles::Nibbles;
pub use node_set::NodeSet;
pub use packed::{OneOf, Packed};
pub use per_node::PerNode;
pub use quorum::{QuorumKind, Quorums};
pub use short_vec::ShortVec;
pub use spec::{Anything, Flat, Mapped, Named, Refines, Spec, StepProperty};
pub use temporal::{
    Broken, Claim, Class, Fairness, Live, LiveConfig, Predicate, Promise, Strength, Temporal,
};

/// A guard that is physics, not a rule: a message must have been sent before it can arrive.
#[inline(always)]
pub fn given(holds: bool) -> Option<()> {
    holds.then_some(())
}
