//! The rules of placement beyond the plain ring: bounded loads, weights and zones.
//!
//! Bounded loads are Mirrokni, Thorup & Zadimoghaddam, *Consistent Hashing with Bounded Loads* (2016, arXiv 1608.01350), as request routers use them: the
//! capacity of the moment is asked when a request arrives. Weights and zones are DeCandia et al., *Dynamo* (2007), and common practice.

crate::rules! {
    /// One conjunct or effect each of the actions of BoundedLoads.
    pub enum BoundRule of "ring";

    /// A server takes a request only while its load is below the capacity.
    guard BoundArriveBelow = "Mirrokni et al. 2016";
    /// The search for a server begins at the request's own position, and goes clockwise.
    effect BoundArriveClockwise = "Mirrokni et al. 2016";
    /// A search that passes the last server goes on at the first one.
    effect BoundArriveWraps = "Karger et al. 1997, §4";
    /// The capacity counts the request that arrives.
    effect BoundCapacityArriving = "apache/brpc #3502; ZOO CH13";
    /// The capacity is rounded up: the capacities of all servers together hold every request.
    effect BoundCapacityCeiling = "Mirrokni et al. 2016; ZOO CH13";
    /// The capacity is a share among the servers that there are, not among those that there were.
    effect BoundCapacityMembers = "Mirrokni et al. 2016";
    /// A server that takes a request has one more.
    effect BoundArriveCounts = "textbook";
    /// A server whose request departs has one less.
    effect BoundDepartCounts = "textbook";
    /// A server that is removed takes its load out of the total.
    effect BoundRemoveReleases = "apache/brpc #3502; ZOO CH14";
    /// The departure of a request whose server was removed meanwhile is not counted again.
    guard BoundDepartOnce = "apache/brpc #3502; ZOO CH14";
}

crate::rules! {
    /// One conjunct or effect each of the actions of WeightedPlacement.
    pub enum WeightRule of "ring";

    /// A node of weight w has w times the virtual nodes of a node of weight 1.
    effect WeightMultiplies = "DeCandia et al. 2007 (Dynamo), §4.2 (heterogeneity)";
    /// A node whose weight shrinks takes the points that it has lost off the ring.
    effect WeightRemovesLost = "hash-rings 1.1 (stale points); ZOO CH17";
    /// A lookup goes on to the next point where its position has none.
    effect WeightLookupFollows = "Karger et al. 1997, §4; ZOO CH16";
    /// A lookup goes by the ring, not by the number of members.
    effect WeightLookupByRing = "Karger et al. 1997 (monotonicity); ZOO CH09";
    /// No node is a replica twice.
    guard WeightReplicaDistinct = "DeCandia et al. 2007 (Dynamo), §4.3; ZOO CH08";
    /// While there are zones without a replica, the next replica is in one of them.
    guard WeightReplicaZone = "DeCandia et al. 2007 (Dynamo), §4.6 (across data centres); textbook";
    /// When every zone has a replica, the rest are the next nodes of any zone.
    effect WeightReplicaFills = "textbook";
    /// The first replica is the owner, whatever its zone.
    effect WeightReplicaOwner = "DeCandia et al. 2007 (Dynamo), §4.3; ZOO CH18";
}
