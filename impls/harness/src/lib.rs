//! A cluster of cores in one thread: the network, the disks and the alarms do what a script, or a seed, says.
//!
//! The same schedule gives the same run, to the letter. Each step is told in the notation of the stories ([`Cluster::story`]):
//! `n1 → n2 AppendEntries prev=1@1 [2@2]` for a message that is sent, `n1 → n2 ✗ …` for one that is lost, `n1 ⚡` for a crash.

mod cluster;
mod disk;
mod network;
pub mod reading;
mod seeds;
mod simulate;
mod without;

pub use cluster::Cluster;
pub use disk::Disk;
pub use network::{Network, Packet};
pub use seeds::{Seeds, seeds};
pub use simulate::{Chances, Fault, Simulation};
pub use without::Without;
