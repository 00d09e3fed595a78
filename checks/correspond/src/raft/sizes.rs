//! Sizes of clusters of Raft cores, and what each must show; and sizes for random walks.

use concur_models::kit::{Config, Expect};

use crate::Walk;

/// Where nobody is asked to hand over.
const STAYS: &[&str] = &["TransfersAreQuiet"];
/// Where no client is answered either.
const TOLD: &[&str] = &["HostsToldTrue", "TransfersAreQuiet"];

/// The sizes that are explored, small ones first.
pub(super) const CONFIGS: &[Config] = &[
    Config::small(
        "servers=1,max_log=3,requests=2,crashes=1,slow",
        &[
            ("servers", 1),
            ("max_log", 3),
            ("requests", 2),
            ("crashes", 1),
            ("slow", 1),
        ],
        Expect::ours(68, 11).without(STAYS),
    ),
    Config::small(
        "servers=2,max_log=2,crashes=1,slow",
        &[("max_log", 2), ("crashes", 1), ("slow", 1)],
        Expect::ours(2_992, 23).without(STAYS),
    ),
    Config::small(
        "servers=2,max_term=2,max_log=2,max_msgs=9",
        &[("max_term", 2), ("max_log", 2), ("max_msgs", 9)],
        Expect::ours(881, 13).without(STAYS),
    ),
    Config::small(
        "servers=2,max_term=2,max_log=1,max_msgs=6,requests=0,slow",
        &[
            ("max_term", 2),
            ("max_msgs", 6),
            ("requests", 0),
            ("slow", 1),
        ],
        Expect::ours(1_011, 18).without(TOLD),
    ),
    Config::small(
        "servers=2,max_term=2,max_log=2,max_msgs=10,requests=0,heartbeats",
        &[
            ("max_term", 2),
            ("max_log", 2),
            ("max_msgs", 10),
            ("requests", 0),
            ("heartbeats", 1),
        ],
        Expect::ours(2_737, 15).without(TOLD),
    ),
    Config::small(
        "servers=2,max_log=2,max_msgs=10,requests=2,compacts,transfers",
        &[
            ("max_log", 2),
            ("max_msgs", 10),
            ("requests", 2),
            ("compacts", 1),
            ("transfers", 1),
        ],
        Expect::ours(533, 14),
    ),
    Config::small(
        "servers=2,max_log=2,max_msgs=9,requests=0,pre_vote,check_quorum,heartbeats",
        &[
            ("max_log", 2),
            ("max_msgs", 9),
            ("requests", 0),
            ("pre_vote", 1),
            ("check_quorum", 1),
            ("heartbeats", 1),
        ],
        Expect::ours(2_261, 14).without(TOLD),
    ),
    Config::small(
        "servers=2,max_term=2,max_log=2,max_msgs=8,requests=0,crashes=1,slow",
        &[
            ("max_term", 2),
            ("max_log", 2),
            ("max_msgs", 8),
            ("requests", 0),
            ("crashes", 1),
            ("slow", 1),
        ],
        Expect::ours(22_402, 25).without(TOLD),
    ),
    Config::small(
        "servers=3,max_log=1,max_msgs=8,slow",
        &[("servers", 3), ("max_msgs", 8), ("slow", 1)],
        Expect::ours(4_487, 18).without(TOLD),
    ),
    Config::small(
        "servers=4,max_log=1,max_msgs=7",
        &[("servers", 4), ("max_msgs", 7)],
        Expect::ours(147, 6).without(&[
            "HostsToldTrue",
            "TransfersAreQuiet",
            "UncommittedIsLimited",
        ]),
    ),
    Config::small(
        "servers=2,max_term=2,max_log=1,max_msgs=5,requests=0,pre_vote",
        &[
            ("max_term", 2),
            ("max_msgs", 5),
            ("requests", 0),
            ("pre_vote", 1),
        ],
        Expect::ours(37, 7).without(TOLD),
    ),
    Config::small(
        "servers=2,max_log=2,max_msgs=6,uncommitted=16",
        &[("max_log", 2), ("max_msgs", 6), ("uncommitted", 16)],
        Expect::ours(37, 9).without(STAYS),
    ),
    Config::small(
        "servers=2,max_term=2,max_log=2,max_msgs=7,strangers",
        &[
            ("max_term", 2),
            ("max_log", 2),
            ("max_msgs", 7),
            ("strangers", 1),
        ],
        Expect::ours(464, 10).without(STAYS),
    ),
    Config::small(
        "servers=2,max_log=1,requests=0,crashes=1,slow,strangers",
        &[
            ("requests", 0),
            ("crashes", 1),
            ("slow", 1),
            ("strangers", 1),
        ],
        Expect::ours(630, 17).without(TOLD),
    ),
    Config::small(
        "servers=3,max_term=3,max_log=2,max_msgs=19,after=other-leaders",
        &[
            ("servers", 3),
            ("max_term", 3),
            ("max_log", 2),
            ("max_msgs", 19),
            ("after", 1),
        ],
        Expect::ours(611, 16).without(TOLD),
    ),
    // Snapshots in pieces, which may come late, twice, and after a crash.
    Config::small(
        "servers=3,max_log=2,requests=2,crashes=1,after=a-snapshot",
        &[
            ("servers", 3),
            ("max_log", 2),
            ("requests", 2),
            ("crashes", 1),
            ("compacts", 1),
            ("after", 2),
        ],
        Expect::ours(6_054, 27).without(STAYS),
    ),
    Config::small(
        "servers=3,max_term=2,max_log=2,max_msgs=18,requests=2,after=a-late-piece",
        &[
            ("servers", 3),
            ("max_term", 2),
            ("max_log", 2),
            ("max_msgs", 18),
            ("requests", 2),
            ("compacts", 1),
            ("after", 3),
        ],
        Expect::ours(170, 19).without(STAYS),
    ),
    Config::small(
        "servers=3,max_log=3,requests=3,after=past-a-snapshot",
        &[
            ("servers", 3),
            ("max_log", 3),
            ("requests", 3),
            ("compacts", 1),
            ("after", 4),
        ],
        Expect::ours(195, 27).without(STAYS),
    ),
    Config::small(
        "servers=3,max_term=2,max_log=2,max_msgs=18,after=a-conflict",
        &[
            ("servers", 3),
            ("max_term", 2),
            ("max_log", 2),
            ("max_msgs", 18),
            ("compacts", 1),
            ("after", 5),
        ],
        Expect::ours(448, 18).without(TOLD),
    ),
    Config::small(
        "servers=2,max_term=3,max_log=1,max_msgs=8,transfers,after=a-transfer",
        &[
            ("max_term", 3),
            ("max_msgs", 8),
            ("transfers", 1),
            ("after", 6),
        ],
        Expect::ours(40, 11).without(&["HostsToldTrue"]),
    ),
    Config::ci(
        "servers=2,max_term=2,max_log=2,max_msgs=10,crashes=2,slow",
        &[
            ("max_term", 2),
            ("max_log", 2),
            ("max_msgs", 10),
            ("crashes", 2),
            ("slow", 1),
        ],
        Expect::ours(1_003_352, 35).without(STAYS),
    ),
];

/// Sizes for random walks, far beyond what can be explored.
pub(super) const WALKS: &[Walk] = &[
    Walk {
        name: "servers=3",
        settings: &[
            ("servers", 3),
            ("max_term", 10_000),
            ("max_log", 40),
            ("requests", 1_000),
            ("crashes", 100),
            ("slow", 1),
            ("heartbeats", 1),
            ("compacts", 1),
            ("transfers", 1),
        ],
        steps: 2_000,
    },
    Walk {
        name: "servers=3,calm",
        settings: &[
            ("servers", 3),
            ("max_term", 10_000),
            ("max_log", 200),
            ("requests", 1_000),
            ("crashes", 100),
            ("slow", 1),
            ("heartbeats", 1),
            ("compacts", 1),
            ("calm", 1),
        ],
        steps: 2_000,
    },
    Walk {
        name: "servers=5,pre_vote,check_quorum",
        settings: &[
            ("servers", 5),
            ("max_term", 10_000),
            ("max_log", 60),
            ("requests", 1_000),
            ("crashes", 100),
            ("slow", 1),
            ("pre_vote", 1),
            ("check_quorum", 1),
            ("heartbeats", 1),
            ("compacts", 1),
            ("transfers", 1),
        ],
        steps: 2_000,
    },
    Walk {
        name: "servers=7",
        settings: &[
            ("servers", 7),
            ("max_term", 10_000),
            ("max_log", 60),
            ("requests", 1_000),
            ("crashes", 100),
            ("slow", 1),
            ("check_quorum", 1),
            ("heartbeats", 1),
            ("compacts", 1),
        ],
        steps: 2_000,
    },
];
