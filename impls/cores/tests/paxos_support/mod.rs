//! What the tests of Paxos share: rule sets that leave one out, seeds, quorum systems.
#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod watch;

use std::time::{Duration, Instant};

use concur_cores::NodeId;
use concur_cores::paxos::Quorums;
use concur_rules::RuleSet;

/// All rules but one, or all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Without<R>(pub(crate) Option<R>);

impl<R: Copy + Eq + Send + Sync + 'static> RuleSet<R> for Without<R> {
    fn requires(&self, rule: R, holds: bool) -> bool {
        holds || self.0 == Some(rule)
    }

    fn performs(&self, _: R) -> bool {
        true
    }
}

/// Calls `run` with `usual` seeds; with the seed `CONCUR_SEED` alone, if that is set; or with as many as fit into `CONCUR_SECONDS`. Says how many.
pub(crate) fn for_each_seed(usual: u64, mut run: impl FnMut(u64)) -> u64 {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    if let Some(seed) = number("CONCUR_SEED") {
        run(seed);
        return 1;
    }
    let Some(seconds) = number("CONCUR_SECONDS") else {
        (0..usual).for_each(run);
        return usual;
    };
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut seeds = (0..).take_while(|_| Instant::now() < end);
    let mut count = 0;
    for seed in seeds.by_ref() {
        run(seed);
        count += 1;
    }
    count
}

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
