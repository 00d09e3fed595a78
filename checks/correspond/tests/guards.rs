//! No guard of a core is forgotten: the guards are read off the sources, and each is one that its rung leaves out, and either catches or declares redundant.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use concur_correspond::paxos::{MultiPaxosCoresRung, PaxosCoresRung};
use concur_correspond::raft::configs::RaftCoresRung;
use concur_correspond::ring::RingCoresRung;
use concur_correspond::two_phase::{PaxosCommitCoresRung, TwoPhaseCoresRung};
use concur_models::kit::Rung;
use concur_rules::Rule;

/// Guards that no cluster of these cores leaves out, each with the reason.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "ClientRequestLeader",
        "it is named where a request is refused, and is no condition: who does not lead has no followers to send to",
    ),
    (
        "BoundArriveBelow",
        "bounded loads are one table and no cluster: tests/ring_bounded_loads.rs leaves it out",
    ),
    (
        "BoundDepartOnce",
        "bounded loads are one table and no cluster: tests/ring_bounded_loads.rs leaves it out",
    ),
];

/// Which rules the files of a folder name, of all that the core could.
fn cited<R: Rule>(folder: &str) -> BTreeSet<&'static str> {
    let mut cited = BTreeSet::new();
    for file in files(&sources().join(folder)) {
        // The list of a core's rules cites them all.
        if file.ends_with("rules.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("it is text");
        for (at, _) in text.match_indices("::") {
            let rest = &text[at + 2..];
            let end = rest.find(|c: char| !c.is_alphanumeric());
            let name = &rest[..end.unwrap_or(rest.len())];
            cited.extend(R::named(name).map(|rule| rule.card().name));
        }
    }
    cited
}

fn sources() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../impls/cores/src"
    ))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the sources are there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => vec![path],
        })
        .collect()
}

fn left_out<R: Rung>() -> BTreeSet<&'static str> {
    R::RULES.iter().map(|rule| rule.card().name).collect()
}

/// The guards of a core, and those that its rungs leave out.
#[track_caller]
fn are_the_same<R: Rule>(folder: &str, left_out: &BTreeSet<&'static str>) {
    let mut cited = cited::<R>(folder);
    assert!(cited.len() > 5, "{folder}: {cited:?}");
    cited.retain(|name| ELSEWHERE.iter().all(|(elsewhere, _)| elsewhere != name));
    assert_eq!(cited, *left_out, "{folder}");
}

#[test]
fn every_guard_of_a_core_is_left_out_once() {
    type Of<R> = <R as Rung>::Rule;
    are_the_same::<Of<PaxosCoresRung>>("paxos/single", &left_out::<PaxosCoresRung>());
    are_the_same::<Of<MultiPaxosCoresRung>>("paxos/multi", &left_out::<MultiPaxosCoresRung>());
    are_the_same::<Of<RaftCoresRung>>("raft", &left_out::<RaftCoresRung>());
    are_the_same::<Of<RingCoresRung>>("ring/hand_over", &left_out::<RingCoresRung>());
    let mut sites = left_out::<TwoPhaseCoresRung>();
    sites.extend(left_out::<PaxosCommitCoresRung>());
    are_the_same::<Of<TwoPhaseCoresRung>>("two_phase", &sites);
}

/// A guard in a file that belongs to none of those cores would be missed there.
#[test]
fn no_guard_stands_where_nobody_looks() {
    let looked_at = [
        "paxos/single",
        "paxos/multi",
        "raft",
        "ring/hand_over",
        "two_phase",
    ];
    for file in files(&sources()) {
        let inside = |folder: &&str| file.starts_with(sources().join(folder));
        let text = std::fs::read_to_string(&file).expect("it is text");
        let asks = [
            "requires(Rule::",
            "when(Rule::",
            "keeps(Rule::",
            "allows(Rule::",
        ];
        let guards = asks.iter().flat_map(|ask| text.split(*ask).skip(1));
        for guard in guards.filter(|_| !looked_at.iter().any(&inside)) {
            let known = |(name, _): &&(&str, &str)| guard.starts_with(name);
            assert!(
                ELSEWHERE.iter().any(|it| known(&it)),
                "{}: {guard:.40}",
                file.display()
            );
        }
    }
}
