//! The rules of the key map, of ownership, of the hash ring with its hand-over, and of placement on the ring.
//!
//! Consistent hashing is Karger et al., *Consistent Hashing and Random Trees* (1997); virtual nodes, preference lists and the
//! explicit transfer of key ranges are DeCandia et al., *Dynamo* (2007); "successor" is Stoica et al., *Chord* (2001).

crate::rules! {
    /// One conjunct or effect each of the actions of KeyMap, Ownership, Ring and Placement.
    pub enum RingRule of "ring";

    /// In the promise, only a write that a client asked for takes effect, and on the key that the client named.
    guard KeyMapApplyAsked = "Herlihy & Wing 1990 (an operation takes effect after its invocation)";
    /// In the promise, a write takes effect at most once, however often it is asked for.
    guard KeyMapApplyOnce = "Herlihy & Wing 1990 (one instant for each operation)";
    /// In the promise, a write is acknowledged only after it has taken effect.
    guard KeyMapAckApplied = "Herlihy & Wing 1990 (an operation takes effect before its response)";
    /// In the promise, a read returns a value that the key has had, never one that no order of its writes explains.
    guard KeyMapReturnVersion = "Herlihy & Wing 1990";
    /// In the promise, a read returns nothing older than what was current when it was asked for.
    guard KeyMapReturnCurrent = "Herlihy & Wing 1990";

    /// Only the owner of a key accepts a write to it; nobody does while the key is in flight.
    guard OwnerAcceptAtHome = "DeCandia et al. 2007 (Dynamo), §4.3 (each key has a coordinator); textbook";
    /// The owner accepts a write that its copy already holds no second time.
    guard OwnerAcceptOnce = "textbook (idempotent requests)";
    /// The owner stores the write that it accepts.
    effect OwnerAcceptStores = "textbook";
    /// The owner acknowledges the write that it accepts.
    effect OwnerAcceptReplies = "textbook";
    /// Only the owner of a key answers a read of it.
    guard OwnerAnswerAtHome = "DeCandia et al. 2007 (Dynamo), §4.5";
    /// The owner answers a read with its copy.
    effect OwnerAnswerReplies = "DeCandia et al. 2007 (Dynamo), §4.5";
    /// Only the owner of a key gives it up.
    guard OwnerReleaseAtHome = "textbook";
    /// A key is given up only for a newer epoch than that in which its owner was appointed.
    guard OwnerReleaseNewer = "textbook (fencing by epoch)";
    /// The owner that gives a key up stops serving it: from then on the key is in flight.
    effect OwnerReleaseStops = "DeCandia et al. 2007 (Dynamo), §4.9";
    /// The hand-over begins a new epoch of the key.
    effect OwnerReleaseEpoch = "textbook (fencing by epoch)";
    /// Only the node to which a key in flight is addressed takes it.
    guard OwnerTakeAddressed = "textbook";
    /// The node that takes a key takes its data with it.
    effect OwnerTakeCopies = "Stoica et al. 2001 (Chord), §4.4 (moving responsibility with the values)";
    /// The node that takes a key is its owner from then on.
    effect OwnerTakePlace = "Stoica et al. 2001 (Chord), §4.4";
    /// A node drops its copy of a key only if it neither owns the key nor is the one whom it is in flight from.
    guard OwnerDropUnneeded = "textbook";
    /// A node that drops its copy no longer has it.
    effect OwnerDropForgets = "textbook";

    /// A key that lies exactly on a node's token belongs to that node: the successor is the first token at or after the key.
    effect RingLookupAtOrAfter = "Stoica et al. 2001 (Chord), §4.2 (equal to or follows)";
    /// A key behind the last token belongs to the first one: the ring is a circle.
    effect RingLookupWraps = "Karger et al. 1997, §4; Stoica et al. 2001 (Chord), §4.2";
    /// Only a node that is not a member joins.
    guard RingJoinStranger = "DeCandia et al. 2007 (Dynamo), §4.8.1";
    /// The next view has the joining node as a member.
    effect RingJoinAdds = "DeCandia et al. 2007 (Dynamo), §4.8.1";
    /// Only a member leaves.
    guard RingLeaveMember = "DeCandia et al. 2007 (Dynamo), §4.8.1";
    /// The last member does not leave: somebody must keep the data.
    guard RingLeaveNotLast = "textbook";
    /// The next view is without the leaving node.
    effect RingLeaveRemoves = "DeCandia et al. 2007 (Dynamo), §4.8.1";
    /// A node installs the views in their order and none twice.
    guard RingInstallNext = "Birman & Joseph 1987 (views are delivered in the same order)";
    /// A node installs the next view only when every key that the present one gave it has arrived.
    guard RingInstallSettled = "textbook (a transfer belongs to one epoch)";
    /// A node that installs a view is in its epoch.
    effect RingInstallEpoch = "Birman & Joseph 1987";
    /// A node that loses a key to a new view hands it over.
    effect RingInstallStops = "DeCandia et al. 2007 (Dynamo), §4.9";
    /// Data is sent only for a hand-over that has begun: the old owner has stopped accepting writes.
    guard RingHandOverStopped = "textbook; ZOO CH19";
    /// The old owner sends the data to the new one.
    effect RingHandOverSends = "Stoica et al. 2001 (Chord), §4.4; DeCandia et al. 2007 (Dynamo), §4.9";
    /// The new owner takes data only in the epoch that the transfer belongs to: neither early nor after it has moved on.
    guard RingReceiveEpoch = "textbook; ZOO CH12";
    /// The new owner takes the data of a key once: what it holds is newer than a duplicate.
    guard RingReceiveOnce = "textbook (duplicated messages)";
    /// The new owner stores the data and serves the key from then on.
    effect RingReceiveStores = "Stoica et al. 2001 (Chord), §4.4";
    /// The new owner acknowledges the data.
    effect RingReceiveReplies = "DeCandia et al. 2007 (Dynamo), §4.9 (a confirmation round between source and destination)";
    /// The old owner deletes its copy only after the new owner has acknowledged the data.
    guard RingDeleteAcked = "textbook; ZOO CH19";
    /// The old owner deletes its copy only on the acknowledgement of this hand-over, not on one of an earlier epoch.
    guard RingDeleteThisHandOver = "textbook (delayed messages)";
    /// The old owner frees the room.
    effect RingDeleteForgets = "DeCandia et al. 2007 (Dynamo), §4.9";
    /// A client sends its write to the owner in the view that it knows.
    effect RingAskSends = "DeCandia et al. 2007 (Dynamo), §4.5 (a partition-aware client)";
    /// A node refuses a write whose client routed by another epoch than the node's own.
    guard RingAcceptEpoch = "textbook; ZOO CH12";
    /// A node refuses a write to a key that is not its own.
    guard RingAcceptOwner = "DeCandia et al. 2007 (Dynamo), §4.3 (each key has a coordinator)";
    /// A node accepts writes to a key that it has gained only after the data has arrived.
    guard RingAcceptArrived = "textbook; ZOO CH19";
    /// A node applies a write that its data already holds no second time, though the request was sent again.
    guard RingAcceptOnce = "textbook (idempotent requests)";
    /// A node stores the write that it accepts.
    effect RingAcceptStores = "DeCandia et al. 2007 (Dynamo), §4.5";
    /// A node acknowledges the write that it has stored.
    effect RingAcceptReplies = "DeCandia et al. 2007 (Dynamo), §4.5";
    /// A client sends its read to the owner in the view that it knows.
    effect RingAskReadSends = "DeCandia et al. 2007 (Dynamo), §4.5 (a partition-aware client)";
    /// A node refuses a read whose client routed by another epoch than the node's own.
    guard RingAnswerEpoch = "textbook; ZOO CH12";
    /// A node refuses a read of a key that is not its own.
    guard RingAnswerOwner = "DeCandia et al. 2007 (Dynamo), §4.5 (a request to another node is forwarded)";
    /// A node answers reads of a key that it has gained only after the data has arrived.
    guard RingAnswerArrived = "textbook; ZOO CH19";
    /// A node answers a read with the data that it holds.
    effect RingAnswerReplies = "DeCandia et al. 2007 (Dynamo), §4.5";
    /// A node that restarts finds its data on its disk.
    effect RingRestartData = "textbook (durable storage)";
    /// A node that restarts is in the epoch that it was in, or it would serve what it has handed over.
    effect RingRestartEpoch = "textbook (durable storage)";

    /// Points at one position are ordered by the identity of their nodes, never by who came first.
    effect PlaceTieByIdentity = "textbook; uber-node/ringpop-node #317";
    /// A point that falls on another node's point does not displace it.
    effect PlaceInsertKeepsOther = "apache/pekko #3279; dotnet/orleans #7193";
    /// A point that two virtual nodes of one node share is in the table once.
    guard PlaceInsertOnce = "textbook (the table is a set)";
    /// A point goes on the ring also where another node's point lies: nobody is turned away by a collision.
    effect PlaceInsertShares = "bitwalker/libring #9";
    /// A node that joins or grows puts all its points on the ring.
    effect PlaceInsertAll = "Karger et al. 1997, §4; DeCandia et al. 2007 (Dynamo), §4.2";
    /// Removing a point removes it only if it is the leaving node's own, whatever else lies at its position.
    guard PlaceRemoveOwn = "apache/pekko #3279; zeromicro/go-zero #5595";
    /// A point that is not in the table is not removed from it: of two virtual nodes that share a point, the first to go takes it.
    guard PlaceRemoveOnce = "ultrabug/uhashring #6";
    /// A node that shrinks keeps a point on which one of its remaining virtual nodes lies, too.
    guard PlaceRemoveUnshared = "textbook (the table is a set)";
    /// A node that leaves or shrinks takes all the points of its lost virtual nodes off the ring.
    effect PlaceRemoveAll = "Karger et al. 1997, §4; hash-rings 1.1 (stale points)";
    /// A lookup begins at the first point at or after the position, not behind it.
    effect PlaceLookupAtOrAfter = "Stoica et al. 2001 (Chord), §4.2 (equal to or follows)";
    /// A lookup that passes the last point goes on at the first one.
    effect PlaceLookupWraps = "Karger et al. 1997, §4";
    /// The preference list skips points of nodes that are in it already.
    guard PlaceReplicaDistinct = "DeCandia et al. 2007 (Dynamo), §4.3 (skipping positions)";
    /// The preference list begins with the owner itself.
    effect PlaceReplicaFromOwner = "DeCandia et al. 2007 (Dynamo), §4.3 (the coordinator is the first of the N)";
}
