//! The rules of non-blocking atomic commitment (Babaoğlu & Toueg, *Non-Blocking Atomic Commitment*, in Mullender, *Distributed Systems*, 1993;
//! ACP_SB.tla and ACP_NB.tla).

crate::rules! {
    /// One conjunct or one update each of what the coordinator and the participants do.
    pub enum NonBlockingRule of "two-phase";

    /// The coordinator asks every participant for its vote.
    effect NbRequestSends = "ACP_SB.tla, request";
    /// A participant that is asked votes.
    effect NbVoteSends = "ACP_SB.tla, sendVote";
    /// The coordinator takes note of a vote.
    effect NbVoteNoted = "ACP_SB.tla, getVote";
    /// The coordinator aborts for want of a vote only if the participant is down.
    guard NbFaultDetected = "ACP_SB.tla, detectFault";
    /// The coordinator decides to commit only if every participant has voted YES.
    guard NbCommitAllYes = "ACP_SB.tla, makeDecision";
    /// The coordinator decides to abort, when it has all votes, only if one of them is NO.
    guard NbAbortSomeNo = "ACP_SB.tla, makeDecision";
    /// The coordinator that decides remembers what.
    effect NbDecides = "ACP_SB.tla, makeDecision";
    /// The coordinator sends its decision to every participant, to one after the other.
    effect NbBroadcastSends = "ACP_SB.tla, coordBroadcast";

    /// A participant that has voted aborts on its own only if its vote was NO.
    guard NbAbortVotedNo = "ACP_SB.tla, abortOnVote";
    /// A participant that the coordinator has not asked aborts once the coordinator is down; one that was asked does not, for it may have voted YES.
    guard NbAbortUnasked = "ACP_SB.tla, abortOnTimeoutRequest";
    /// A participant takes up the decision that the coordinator sends.
    effect NbTakeBroadcast = "ACP_NB.tla, preDecide";
    /// A participant takes up the decision that another one forwards.
    effect NbTakeForwarded = "ACP_NB.tla, preDecideOnForward";
    /// A participant forwards the decision that it has taken up to every other.
    effect NbForwardSends = "ACP_NB.tla, forward";
    /// A participant decides only when it has forwarded the decision to all others: nobody acts on what a crash can still keep from the rest.
    guard NbDecideForwarded = "ACP_NB.tla, decideNB";
    /// A participant decides what it has taken up.
    effect NbDecideState = "ACP_NB.tla, decideNB; ACP_SB.tla, decide";
    /// A participant aborts for want of a decision only if the coordinator has sent it to nobody who is up.
    guard NbTimeoutNobodyTold = "ACP_NB.tla, abortOnTimeout";
    /// A participant aborts for want of a decision only if nobody who is down has forwarded it to anybody who is up.
    guard NbTimeoutNothingForwarded = "ACP_NB.tla, abortOnTimeout";
}
