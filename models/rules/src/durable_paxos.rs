//! The rules of Paxos on disks that lose what was not synced (Lamport, *Paxos Made Simple*, 2001; Chandra, Griesemer & Redstone,
//! *Paxos Made Live*, 2007).

crate::rules! {
    /// One conjunct each of what proposers, acceptors and learners do that crash and restart.
    pub enum DurablePaxosRule of "paxos";

    /// A proposer begins only ballots that no other proposer begins.
    guard BeginOwnBallot = "Lamport 2001, §2.5";
    /// A proposer begins only ballots higher than any that it has begun, as its disk tells.
    guard BeginHigherBallot = "Lamport 2001, §2.5";
    /// A proposer that begins a ballot writes it to its disk.
    effect BeginWritesBallot = "Lamport 2001, §2.5";
    /// A proposer asks for promises only after the ballot is synced: otherwise it would begin the ballot again after a crash.
    guard AskBallotSynced = "Lamport 2001, §2.5";
    /// A proposer that has begun a ballot asks all acceptors for a promise.
    effect AskSends = "Lamport 2001, §2.2, phase 1 (a)";

    /// An acceptor promises no ballot lower than one that it has promised, and none in which it has voted or that is lower than its last vote's.
    guard PromiseHigher = "Lamport 2001, §2.2, phase 1 (b)";
    /// An acceptor that promises writes the ballot to its disk.
    effect PromiseWrites = "Lamport 2001, §2.2, phase 1 (b)";
    /// An acceptor sends a promise only after it is synced.
    guard PromiseSynced = "Lamport 2001, §2.5";
    /// A promise reports the value of the acceptor's last vote.
    effect PromiseReportsVote = "Lamport 2001, §2.2, phase 1 (b)";
    /// A promise that reports a vote says in which ballot it was cast.
    effect PromiseReportsBallot = "Lamport 2001, §2.2, phase 1 (b)";
    /// An acceptor that promises tells the proposer.
    effect PromiseSends = "Lamport 2001, §2.2, phase 1 (b)";

    /// A proposer counts only promises of the ballot that it is in.
    guard CollectCurrentBallot = "Lamport 2001, §2.2, phase 2 (a)";
    /// Of the votes reported, a proposer keeps the one of the highest ballot.
    guard CollectKeepsHighest = "Lamport 2001, §2.2, phase 2 (a)";
    /// A proposer takes note of the votes that are reported to it.
    effect CollectKeepsReport = "Lamport 2001, §2.2, phase 2 (a)";
    /// A proposer proposes once in a ballot.
    guard ProposeOnce = "Lamport 2001, §2.2, phase 2 (a)";
    /// A proposer proposes only when a whole phase-1 quorum has promised.
    guard ProposeQuorumPromised = "Lamport 2001, §2.2, phase 2 (a)";
    /// If a vote was reported, the value that is proposed is that of the vote kept.
    guard ProposeReported = "Lamport 2001, §2.2, phase 2 (a)";
    /// A proposer that proposes tells all acceptors.
    effect ProposeSends = "Lamport 2001, §2.2, phase 2 (a)";

    /// An acceptor votes for a proposal unless it has promised a higher ballot.
    guard AcceptNotBelowPromise = "Lamport 2001, §2.2, phase 2 (b)";
    /// An acceptor that votes in a ballot promises to take no part in lower ones.
    effect AcceptRaises = "Paxos.tla, Phase2b (maxBal)";
    /// An acceptor that votes writes ballot and value to its disk.
    effect AcceptWritesVote = "Lamport 2001, §2.2, phase 2 (b)";
    /// An acceptor tells of its vote only after it is synced.
    guard AcceptSynced = "Lamport 2001, §2.5";
    /// An acceptor that votes tells the learners.
    effect AcceptSends = "Lamport 2001, §2.3";

    /// A learner counts an acceptor once in a ballot, however often its vote arrives.
    guard TallyOnce = "Lamport 2001, §2.3";
    /// A learner counts the votes of each ballot apart, even if they are for the same value.
    effect TallyPerBallot = "Lamport 2001, §2.3";
    /// A learner learns a value only when a phase-2 quorum has voted for it.
    guard LearnQuorum = "Lamport 2001, §2.3";
    /// A learner that has heard a quorum knows the value.
    effect LearnRemembers = "Lamport 2001, §2.3";
}
