//! The tests of Paxos, one decision and a log, as one program: what they share is compiled once, and a name such as `paxos_multi_simulation` selects a module.

mod paxos_codec;
mod paxos_multi_limits;
mod paxos_multi_simulation;
mod paxos_multi_stories;
mod paxos_single_limits;
mod paxos_single_simulation;
mod paxos_single_stories;
mod support;
