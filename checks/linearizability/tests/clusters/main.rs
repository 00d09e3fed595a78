//! Clients of the production cores, on simulated clusters whose messages are lost, whose disks are slow, and whose nodes crash: what clients were told must be linearizable.
//! And each run can fail: clients that do what is not promised, and cores without a guard, are found out.

mod multi_paxos;
mod raft;
mod replica;
mod ring;
mod two_phase;
mod world;
