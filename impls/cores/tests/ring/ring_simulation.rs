//! The hand-over under random schedules: what must hold on every step, and which guards that needs.

use std::collections::BTreeMap;

use crate::world::{INVARIANTS, Without, World, same};
use concur_harness::seeds;
use concur_rules::Rule as _;
use concur_rules::ring::RingRule as Rule;

const STEPS: usize = 1_000;

/// Every guard of the core.
const GUARDS: [Rule; 14] = [
    Rule::RingInstallNext,
    Rule::RingInstallSettled,
    Rule::RingReceiveEpoch,
    Rule::RingReceiveOnce,
    Rule::RingDeleteThisHandOver,
    Rule::OwnerDropUnneeded,
    Rule::RingDeleteAcked,
    Rule::RingAcceptEpoch,
    Rule::RingAcceptOwner,
    Rule::RingAcceptArrived,
    Rule::RingAcceptOnce,
    Rule::RingAnswerEpoch,
    Rule::RingAnswerOwner,
    Rule::RingAnswerArrived,
];

fn run(seed: u64, rules: Without<Rule>) -> Result<World, String> {
    finish(seed, walk(seed, rules)?)
}

fn walk(seed: u64, rules: Without<Rule>) -> Result<World, String> {
    let mut world = World::new(seed, rules);
    for step in 0..STEPS {
        world
            .step()
            .map_err(|wrong| format!("seed {seed}, step {step}: {wrong}"))?;
    }
    Ok(world)
}

fn finish(seed: u64, mut world: World) -> Result<World, String> {
    world
        .finish()
        .map_err(|wrong| format!("seed {seed}, at the end: {wrong}"))?;
    Ok(world)
}

#[test]
fn no_write_is_lost_one_node_serves_each_key_and_every_hand_over_ends() {
    let (mut runs, mut tally) = (0, [0; 3]);
    let mut refused = BTreeMap::<&str, u64>::new();
    for seed in seeds(300) {
        let world = run(seed, Without(None)).unwrap_or_else(|wrong| panic!("{wrong}"));
        tally
            .iter_mut()
            .zip(world.tally())
            .for_each(|(sum, new)| *sum += new);
        for (rule, times) in world.sim.cluster.refused() {
            *refused.entry(rule).or_default() += times;
        }
        runs += 1;
    }
    let [hand_overs, writes, reads] = tally;
    eprintln!("{hand_overs} hand-overs, {writes} writes, {reads} reads; refused {refused:?}");
    assert!(
        tally.iter().all(|happened| *happened as u64 > runs),
        "{tally:?}"
    );
    for guard in GUARDS {
        assert!(
            refused.contains_key(guard.card().name),
            "{guard:?} was never false"
        );
    }
}

#[test]
fn each_guard_is_needed() {
    for guard in GUARDS {
        let found = (0..2_000).find_map(|seed| run(seed, Without(Some(guard))).err());
        let wrong = found.unwrap_or_else(|| panic!("no seed shows that {guard:?} is needed"));
        eprintln!("without {guard:?}: {wrong}");
    }
}

#[test]
fn each_invariant_can_fail() {
    let runs = (0..60).flat_map(|seed| GUARDS.map(|guard| run(seed, Without(Some(guard)))));
    let wrong: Vec<String> = runs.filter_map(Result::err).collect();
    for invariant in INVARIANTS {
        let failed = wrong
            .iter()
            .filter(|wrong| wrong.contains(invariant))
            .count();
        eprintln!("{failed} of {} runs say {invariant:?}", wrong.len());
        assert!(failed > 0, "nothing breaks {invariant:?}");
    }
}

/// No guard lets a value change without its version: that the values are compared at all is seen here.
#[test]
fn a_value_that_is_not_the_writes_is_noticed() {
    assert!(same(&"c1#2".into(), (1, 2)).is_ok());
    assert!(same(&"c1#2".into(), (1, 3)).is_err());
}

/// Where nothing is sent again, what was lost holds up its hand-over for ever: so that they end is something that can fail.
#[test]
fn without_alarms_some_hand_over_does_not_end() {
    let ends = |seed| {
        let mut world = walk(seed, Without(None))?;
        world.alarms = false;
        finish(seed, world)
    };
    let wrong = (0..50)
        .find_map(|seed| ends(seed).err())
        .expect("a message is lost");
    assert!(wrong.contains("does not end"), "{wrong}");
}
