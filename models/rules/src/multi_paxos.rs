//! The rules of a log of slots, each chosen by Paxos (Lamport, *Paxos Made Simple*, 2001, §3; Chandra, Griesemer & Redstone,
//! *Paxos Made Live*, 2007).

crate::rules! {
    /// One conjunct each of what leaders and replicas do.
    pub enum MultiPaxosRule of "paxos";

    /// In the promise, an entry is chosen for a slot only if none was chosen there before.
    guard SlotChosenOnce = "Lamport 2001, §3";

    /// A replica promises only a ballot higher than any that it has taken part in.
    guard ReplicaPromiseHigher = "Lamport 2001, §2.2, phase 1 (b)";
    /// A replica that promises a ballot takes no part in lower ones, in any slot.
    effect ReplicaPromiseRaises = "Lamport 2001, §3";
    /// A promise says below which slot the replica knows everything to be chosen, since it reports no votes there.
    effect ReplicaPromiseWatermark = "Chandra, Griesemer & Redstone 2007 (catching up)";
    /// A promise reports the replica's last vote in a slot, with its ballot.
    effect ReplicaPromiseVotes = "Lamport 2001, §3";
    /// A promise reports the votes of all slots that are not known to be chosen, not of the last one alone: gaps included.
    effect ReplicaPromiseCoversGaps = "Lamport 2001, §3";
    /// A replica that promises tells the leader.
    effect ReplicaPromiseSends = "Lamport 2001, §2.2, phase 1 (b)";

    /// A leader leads only when a whole quorum has promised its ballot; it asks once, for all slots.
    guard LeadQuorumPromised = "Lamport 2001, §3";
    /// A leader takes all slots for chosen that one of the quorum knows to be chosen.
    effect LeadTakesWatermark = "Chandra, Griesemer & Redstone 2007 (catching up)";
    /// A leader takes note of the votes that the quorum reports, slot by slot.
    effect LeadTakesVotes = "Lamport 2001, §3";
    /// Of the votes reported for a slot, a leader keeps that of the highest ballot.
    guard LeadKeepsHighest = "Lamport 2001, §2.2, phase 2 (a)";
    /// A leader proposes one entry for a slot.
    guard LeaderProposesOnce = "Lamport 2001, §2.2, phase 2 (a)";
    /// A leader proposes nothing for a slot that was chosen before it led.
    guard LeaderAboveWatermark = "Lamport 2001, §3";
    /// Where a vote was reported for the slot, a leader proposes what was voted for.
    guard LeaderProposesReported = "Lamport 2001, §3";
    /// A leader proposes for the slots in their order, so that none is left behind.
    guard LeaderInOrder = "Lamport 2001, §3";
    /// A leader fills a gap, a slot without a report before one that has one, with a no-op: no client's command overtakes another.
    guard LeaderFillsGap = "Lamport 2001, §3";
    /// A leader proposes a no-op of its own only to fill a gap.
    guard LeaderNoOpOnlyInGap = "Lamport 2001, §3";
    /// A leader that proposes tells all replicas.
    effect LeaderSends = "Lamport 2001, §2.2, phase 2 (a)";

    /// A replica votes for a proposal unless it has promised a higher ballot.
    guard ReplicaAcceptNotBelow = "Lamport 2001, §2.2, phase 2 (b)";
    /// A replica that votes in a ballot takes no part in lower ones.
    effect ReplicaAcceptRaises = "Paxos.tla, Phase2b (maxBal)";
    /// A replica remembers its last vote in each slot.
    effect ReplicaAcceptRemembers = "Lamport 2001, §2.2, phase 2 (b)";
    /// A replica that votes tells all others.
    effect ReplicaAcceptSends = "Lamport 2001, §2.3";

    /// A replica takes an entry for chosen only when a quorum has voted for it in one ballot.
    guard ExecuteQuorum = "Lamport 2001, §2.3";
    /// A replica executes the slots in their order, without a gap.
    guard ExecuteInOrder = "Lamport 2001, §3";
    /// A replica that lags behind takes from another what that one has executed, and nothing that it has only voted for.
    guard CatchUpExecuted = "Lamport 2001, §2.3; Chandra, Griesemer & Redstone 2007 (catching up)";
    /// A replica forgets its votes only of slots that it has executed.
    guard TruncateExecuted = "Chandra, Griesemer & Redstone 2007 (snapshots)";
    /// A replica that forgets its votes of a slot keeps on its disk what executing it has led to.
    effect TruncateSaves = "Chandra, Griesemer & Redstone 2007 (snapshots)";
    /// A replica that restarts has executed what its snapshot holds.
    effect RestartFromSnapshot = "Chandra, Griesemer & Redstone 2007 (snapshots)";
}
