//! The rules of Paxos Commit (Gray & Lamport, *Consensus on Transaction Commit*, 2006, §4).

crate::rules! {
    /// One conjunct each of the actions of PaxosCommit.tla.
    pub enum PaxosCommitRule of "paxos-commit";

    /// A resource manager prepares only while it is working.
    guard PCPrepareWorking = "PaxosCommit.tla, RMPrepare";
    /// A resource manager that prepares becomes prepared.
    effect PCPrepareState = "PaxosCommit.tla, RMPrepare";
    /// A resource manager that prepares proposes so in ballot 0 of its own instance of Paxos.
    effect PCPrepareSends = "PaxosCommit.tla, RMPrepare; Gray & Lamport 2006, §4.2";
    /// A resource manager aborts on its own only while it is working.
    guard PCChooseToAbortWorking = "PaxosCommit.tla, RMChooseToAbort";
    /// A resource manager that chooses to abort is aborted.
    effect PCChooseToAbortState = "PaxosCommit.tla, RMChooseToAbort";
    /// A resource manager that aborts proposes so in ballot 0 of its own instance of Paxos, which spares a leader a ballot.
    effect PCChooseToAbortSends = "PaxosCommit.tla, RMChooseToAbort; Gray & Lamport 2006, §4.2";
    /// A resource manager that is told to commit commits.
    effect PCRcvCommitMsgState = "PaxosCommit.tla, RMRcvCommitMsg";
    /// A resource manager that is told to abort aborts.
    effect PCRcvAbortMsgState = "PaxosCommit.tla, RMRcvAbortMsg";

    /// A leader that misses a resource manager's vote begins a higher ballot of its instance.
    effect PC1aSends = "PaxosCommit.tla, Phase1a";
    /// An acceptor answers phase 1a only if the ballot is higher than any that it has taken part in.
    guard PC1bHigherBallot = "PaxosCommit.tla, Phase1b";
    /// An acceptor that answers phase 1a promises to take no part in lower ballots of the instance.
    effect PC1bPromises = "PaxosCommit.tla, Phase1b";
    /// A promise reports the acceptor's last vote in the instance, if it has voted.
    effect PC1bReportsVote = "PaxosCommit.tla, Phase1b";
    /// An acceptor that promises tells the leader.
    effect PC1bSends = "PaxosCommit.tla, Phase1b";
    /// One value at most is proposed in a ballot of an instance.
    guard PC2aOncePerBallot = "PaxosCommit.tla, Phase2a, conjunct 1";
    /// A leader proposes only when a majority has promised the ballot.
    guard PC2aMajorityPromised = "PaxosCommit.tla, Phase2a";
    /// A leader that is free to propose anything proposes to abort: only the resource manager itself may say that it is prepared.
    guard PC2aFreeAborts = "PaxosCommit.tla, Phase2a (maxbal = -1); Gray & Lamport 2006, §4.2";
    /// If the majority's promises report votes, the value proposed is that of the highest ballot reported.
    guard PC2aHighestBallot = "PaxosCommit.tla, Phase2a (maxbal)";
    /// A leader that proposes a value tells all acceptors.
    effect PC2aSends = "PaxosCommit.tla, Phase2a";
    /// An acceptor votes for a proposal unless it has promised a higher ballot of the instance.
    guard PC2bNotBelowPromise = "PaxosCommit.tla, Phase2b";
    /// An acceptor that votes in a ballot will take no part in lower ones of the instance.
    effect PC2bRaises = "PaxosCommit.tla, Phase2b (mbal)";
    /// An acceptor remembers its last vote in the instance.
    effect PC2bRemembersVote = "PaxosCommit.tla, Phase2b (bal, val)";
    /// An acceptor that votes tells the leader.
    effect PC2bSends = "PaxosCommit.tla, Phase2b";
    /// The transaction commits only if every instance has chosen prepared.
    guard PCDecideCommitAll = "PaxosCommit.tla, Decide (commit arm)";
    /// A leader that learns of the commit tells every resource manager.
    effect PCDecideCommitSends = "PaxosCommit.tla, Decide (commit arm)";
    /// The transaction aborts only if some instance has chosen aborted.
    guard PCDecideAbortOne = "PaxosCommit.tla, Decide (abort arm)";
    /// A leader that learns of the abort tells every resource manager.
    effect PCDecideAbortSends = "PaxosCommit.tla, Decide (abort arm)";
}
