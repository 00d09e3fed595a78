//! What the tests of Paxos share: rule sets that leave one out, seeds, quorum systems.

pub(crate) mod watch;

use concur_cores::NodeId;
use concur_cores::paxos::Quorums;

pub(crate) use concur_harness::Without;

/// The nodes n1 to n`n`.
pub(crate) fn nodes(n: u64) -> Vec<NodeId> {
    (1..=n).map(NodeId).collect()
}

/// A quorum system of a kind that depends on the seed.
pub(crate) fn quorums(seed: u64) -> Quorums {
    let system = match seed % 5 {
        0 => Quorums::majority(nodes(3)),
        1 => Quorums::majority(nodes(5)),
        2 => Quorums::flexible(nodes(4), 3, 2),
        3 => Quorums::flexible(nodes(5), 2, 4),
        _ => Quorums::grid(&[nodes(2), vec![NodeId(3), NodeId(4)]]),
    };
    system.expect("these quorums meet")
}
