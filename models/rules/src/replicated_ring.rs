//! The rules of the replicated ring: N copies of each key in memory, epochs, and what a crash takes away.
//!
//! Preference lists and transfers are DeCandia et al., *Dynamo* (2007); an owner that acknowledges when every replica has stored is the
//! primary of Alsberg & Day (1976); views that fence the past are Oki & Liskov, *Viewstamped Replication* (1988).

crate::rules! {
    /// One conjunct or effect each of the actions of ReplicatedRing.
    pub enum RepRule of "ring";

    /// In the replicated ring, only a node that is not a member joins.
    guard RepJoinStranger = "DeCandia et al. 2007 (Dynamo), §4.8.1";
    /// In the replicated ring, the next view has the joining node as a member.
    effect RepJoinAdds = "DeCandia et al. 2007 (Dynamo), §4.8.1";
    /// In the replicated ring, only a member leaves, or is removed because it has failed.
    guard RepLeaveMember = "DeCandia et al. 2007 (Dynamo), §4.8.1";
    /// In the replicated ring, the last member stays: somebody must keep the data.
    guard RepLeaveNotLast = "textbook";
    /// In the replicated ring, the next view is without the node that leaves.
    effect RepLeaveRemoves = "DeCandia et al. 2007 (Dynamo), §4.8.1";
    /// A node installs only views that are newer than its own: it never goes back to an epoch that it has left.
    guard RepInstallNewer = "Oki & Liskov 1988 (viewids only grow)";
    /// A node that installs a view is in its epoch.
    effect RepInstallEpoch = "Oki & Liskov 1988";
    /// A node that has lost its memory comes back only after a view without it: to the old views it is dead.
    guard RepRestartEvicted = "Schlichting & Schneider 1983 (fail-stop processors); textbook";
    /// A node that has lost its memory learns the epoch from the log of views, and does not begin again with old ones.
    effect RepRestartEpoch = "textbook (incarnations)";

    /// Only the owner of a key in its view begins the key's epoch.
    guard RepAdoptOwner = "DeCandia et al. 2007 (Dynamo), §4.3 (each key has a coordinator)";
    /// The owner begins an epoch once: what it would take later lacks what it has accepted since.
    guard RepAdoptOnce = "textbook";
    /// The owner begins an epoch only when every live node has stopped the epochs before.
    guard RepAdoptStopped = "Oki & Liskov 1988 (a cohort in a new view refuses the old one); ZOO PB02";
    /// The owner begins an epoch with the copy of the latest one, not with an older survivor's.
    guard RepAdoptLatest = "Oki & Liskov 1988 (the largest viewstamp); ZOO PB04";
    /// The owner that begins an epoch takes over the copy.
    effect RepAdoptCopies = "Oki & Liskov 1988";
    /// The copy with which the owner begins an epoch is that epoch's.
    effect RepAdoptSince = "Oki & Liskov 1988";
    /// The owner sends the copy with which the epoch begins to the other replicas: so their number is restored.
    effect RepAdoptSends = "DeCandia et al. 2007 (Dynamo), §4.3 (replication), §4.9";

    /// An owner refuses a write whose client routed by another epoch than the owner's own.
    guard RepAcceptEpoch = "textbook; ZOO CH12";
    /// In the replicated ring, only the owner of a key accepts writes to it: the other replicas store what it sends them.
    guard RepAcceptOwner = "Alsberg & Day 1976 (the primary); DeCandia et al. 2007 (Dynamo), §4.3 (each key has a coordinator)";
    /// An owner accepts writes only once it has the data of its epoch.
    guard RepAcceptInSync = "textbook; ZOO CH19";
    /// An owner applies a write that its copy already holds no second time.
    guard RepAcceptOnce = "textbook (idempotent requests)";
    /// An owner stores the write that it accepts.
    effect RepAcceptStores = "Alsberg & Day 1976";
    /// An owner sends the write that it accepts to the other replicas.
    effect RepAcceptSends = "Alsberg & Day 1976; DeCandia et al. 2007 (Dynamo), §4.3";
    /// A replica takes a copy only in the epoch that it was sent in.
    guard RepStoreEpoch = "Oki & Liskov 1988; ZOO PB03";
    /// A replica takes a copy only if it is longer than the one that it holds from that epoch: messages may overtake each other.
    guard RepStoreNewer = "textbook (reordered messages)";
    /// A replica stores the copy that it takes.
    effect RepStoreCopies = "Alsberg & Day 1976";
    /// A replica tells the owner what it has stored.
    effect RepStoreReplies = "Alsberg & Day 1976";
    /// A write is acknowledged only when every replica has stored it.
    guard RepCommitStored = "Alsberg & Day 1976 (resiliency); ZOO PB01";
    /// What a replica has stored in an earlier epoch does not count.
    guard RepCommitThisEpoch = "Oki & Liskov 1988 (viewstamps); ZOO PB06";
    /// A reply to an earlier write of the epoch does not count.
    guard RepCommitThisWrite = "textbook (delayed messages)";
    /// While there are fewer members than replicas to be, nothing is acknowledged.
    guard RepCommitEnough = "textbook (a minimum of replicas in sync)";
    /// The owner tells the client that its write is stored.
    effect RepCommitReplies = "Alsberg & Day 1976";
    /// A node deletes only copies of keys of which it is no replica.
    guard RepDeleteStranger = "DeCandia et al. 2007 (Dynamo), §4.9";
    /// A node deletes its copy only when every replica of its epoch has one.
    guard RepDeleteSettled = "DeCandia et al. 2007 (Dynamo), §4.9 (a confirmation round); ZOO CH19";
    /// A node that deletes its copy frees the room.
    effect RepDeleteForgets = "DeCandia et al. 2007 (Dynamo), §4.9";
    /// A replica answers reads only with a copy of its own epoch: an older one may have been overtaken.
    guard RepAnswerInSync = "textbook; ZOO CH19";
    /// A replica shows no write that could still vanish: it answers once every replica has it.
    guard RepAnswerCommitted = "Oki & Liskov 1988; ZOO PB05";
    /// A replica answers a read with its copy.
    effect RepAnswerReplies = "DeCandia et al. 2007 (Dynamo), §4.5";
}
