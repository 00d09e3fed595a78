//! The rules that Paxos Commit needs besides its own once sites crash and come back (Gray & Lamport, *Consensus on Transaction Commit*, 2006).

crate::rules! {
    /// One conjunct or one update each that durable Paxos Commit adds to PaxosCommit.tla.
    pub enum DurablePaxosCommitRule of "paxos-commit";

    /// A resource manager that prepares writes a record of it.
    effect DPPrepareWrites = "Gray & Lamport 2006, §4";
    /// A resource manager proposes prepared only when its record is on disk.
    guard DPProposeSynced = "Gray & Lamport 2006, §4";
    /// A resource manager that has prepared or aborted proposes so in ballot 0.
    effect DPProposeSends = "Gray & Lamport 2006, §4";
    /// A resource manager that is told a decision writes it.
    effect DPDecisionWrites = "Gray & Lamport 2006, §4";
    /// An acceptor writes what it promises, and what it votes for.
    effect DPAcceptorWrites = "Gray & Lamport 2006, §4";
    /// An acceptor answers only when what it has written is on disk.
    guard DPReplySynced = "Gray & Lamport 2006, §4";
    /// An acceptor sends its promise or its vote.
    effect DPReplySends = "Gray & Lamport 2006, §4";
    /// An acceptor that restarts remembers what is on its disk: one that has lost its disk is not the same acceptor.
    effect DPAcceptorRecovers = "Gray & Lamport 2006, §4";
    /// A resource manager that finds a prepared record when it restarts is prepared.
    effect DPRestartPrepared = "Gray & Lamport 2006, §4";
    /// A resource manager that finds no record when it restarts has lost its work, and has aborted.
    effect DPRestartAborts = "Gray & Lamport 2006, §4";
}
