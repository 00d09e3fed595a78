//! The tests of Raft, as one program: what they share is compiled once, and a name such as `raft_simulation` selects a module.

mod raft_ahead;
mod raft_codec;
mod raft_corners;
mod raft_limits;
mod raft_simulation;
mod raft_snapshots;
mod raft_stories;
mod support;
