//! The rules of consensus, voting and Paxos (Lamport, *Paxos Made Simple*, 2001; Consensus.tla, Voting.tla, Paxos.tla).

crate::rules! {
    /// One conjunct each of the actions of Consensus.tla, Voting.tla and Paxos.tla.
    pub enum PaxosRule of "paxos";

    /// In the promise, a value is chosen only if none was chosen before.
    guard ConsensusOnce = "Consensus.tla, Next";

    /// An acceptor moves on only to a ballot higher than any it has taken part in.
    guard IncreaseHigher = "Voting.tla, IncreaseMaxBal";
    /// An acceptor that moves on to a ballot remembers that it did.
    effect IncreaseRaises = "Voting.tla, IncreaseMaxBal";
    /// An acceptor does not vote in a ballot lower than one that it has moved on to.
    guard VoteNotBelowMaxBal = "Voting.tla, VoteFor, conjunct 1";
    /// An acceptor votes once in a ballot.
    guard VoteOnceInBallot = "Voting.tla, VoteFor, conjunct 2";
    /// An acceptor votes for no other value than the others did in the same ballot.
    guard VoteSameValueInBallot = "Voting.tla, VoteFor, conjunct 3";
    /// An acceptor votes in a ballot only when a whole quorum has moved on to it, so that lower ballots are over there.
    guard VoteQuorumMovedOn = "Voting.tla, ShowsSafeAt, conjunct 1";
    /// An acceptor votes only for the value of the last vote that this quorum cast in a lower ballot, if there was one.
    guard VoteLastValueOfQuorum = "Voting.tla, ShowsSafeAt, conjunct 2";
    /// A vote that is cast is never taken back.
    effect VoteCasts = "Voting.tla, VoteFor";
    /// An acceptor that votes in a ballot has moved on to it.
    effect VoteRaises = "Voting.tla, VoteFor";

    /// A leader begins a ballot by asking all acceptors for a promise.
    effect P1aSends = "Paxos.tla, Phase1a; Lamport 2001, §2.2, phase 1 (a)";
    /// An acceptor answers phase 1a only if the ballot is higher than any that it has taken part in.
    guard P1bHigherBallot = "Paxos.tla, Phase1b; Lamport 2001, §2.2, phase 1 (b)";
    /// An acceptor that answers phase 1a promises to take no part in lower ballots.
    effect P1bPromises = "Paxos.tla, Phase1b; Lamport 2001, §2.2, phase 1 (b)";
    /// A promise reports the acceptor's last vote, if it has voted.
    effect P1bReportsVote = "Paxos.tla, Phase1b; Lamport 2001, §2.2, phase 1 (b)";
    /// An acceptor that promises tells the leader.
    effect P1bSends = "Paxos.tla, Phase1b; Lamport 2001, §2.2, phase 1 (b)";
    /// One value at most is proposed in a ballot.
    guard P2aOncePerBallot = "Paxos.tla, Phase2a, conjunct 1";
    /// A value is proposed only when a whole phase-1 quorum has promised the ballot.
    guard P2aQuorumPromised = "Paxos.tla, Phase2a; Lamport 2001, §2.2, phase 2 (a); Howard, Malkhi & Spiegelman 2016, §3";
    /// If the quorum's promises report votes, the value proposed is one of those reported.
    guard P2aReportedValue = "Paxos.tla, Phase2a; Lamport 2001, §2.2, phase 2 (a)";
    /// Of the values reported, the one proposed is that of the highest ballot.
    guard P2aHighestBallot = "Paxos.tla, Phase2a; Lamport 2001, §2.2, phase 2 (a)";
    /// A leader that proposes a value tells all acceptors.
    effect P2aSends = "Paxos.tla, Phase2a; Lamport 2001, §2.2, phase 2 (a)";
    /// An acceptor votes for a proposal unless it has promised a higher ballot.
    guard P2bNotBelowPromise = "Paxos.tla, Phase2b; Lamport 2001, §2.2, phase 2 (b)";
    /// An acceptor that votes in a ballot will take no part in lower ones.
    effect P2bRaises = "Paxos.tla, Phase2b (maxBal)";
    /// An acceptor remembers its last vote: ballot and value.
    effect P2bRemembersVote = "Paxos.tla, Phase2b (maxVBal, maxVal)";
    /// An acceptor that votes tells everyone.
    effect P2bSends = "Paxos.tla, Phase2b; Lamport 2001, §2.3";
}
