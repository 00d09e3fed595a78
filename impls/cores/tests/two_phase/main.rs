//! The tests of two-phase commit and Paxos Commit, as one program: what they share is compiled once, and a name such as `two_phase_simulation` selects a module.

mod paxos_commit_stories;
mod support;
mod two_phase_afterwards;
mod two_phase_again;
mod two_phase_codec;
mod two_phase_costs;
mod two_phase_limits;
mod two_phase_simulation;
mod two_phase_stories;
