//! What a core of Multi-Paxos must ask beyond its model, because it meets stale messages one by one and its memory is bounded.

crate::rules! {
    /// Guards that the model has no room for.
    pub enum MultiPaxosCoreRule of "paxos";

    /// A candidate counts only promises of the ballot that it is in.
    guard LeadCountsOwnBallot = "Lamport 2001, §2.2, phase 2 (a)";
    /// A leader counts only votes that were cast in the ballot that it leads.
    guard LeaderCountsOwnBallot = "Lamport 2001, §2.3";
    /// By a leader's watermark a replica takes for chosen only what it has itself voted for in that leader's ballot: what it voted for in a lower one may have lost.
    guard FollowVotedInBallot = "Lamport 2001, §2.3";
    /// A replica promises only to a candidate that asks for no slot whose votes it has forgotten; to others it gives its snapshot first.
    guard PromiseReachesBack = "Chandra, Griesemer & Redstone 2007 (snapshots)";
    /// A leader proposes for a bounded number of slots ahead of what is chosen.
    guard ProposeWithinWindow = "Lamport 2001, §3";
    /// A replica votes only in slots that a leader can have come to, given what the replica knows to be chosen; it catches up first.
    guard AcceptWithinWindow = "Lamport 2001, §3";
}
