//! Two-phase commit and Paxos Commit under random schedules: what must hold, after each step; and each guard, left out, breaks something.

use crate::support::Without;
use crate::support::world::World;
use concur_cores::two_phase::Rule;
use concur_harness::seeds;
use concur_rules::Rule as _;

const SEEDS: u64 = 300;
const STEPS: u32 = 1_000;

/// How many seeds a guard may take to be missed.
const SEEDS_WITHOUT: u64 = 4_000;

/// Runs one seed, and says which it was if something broke.
fn run(seed: u64) -> (usize, usize) {
    let outcome = World::new(Without(None), seed).run(STEPS);
    outcome.unwrap_or_else(|broken| panic!("CONCUR_SEED={seed}: {broken}"))
}

#[test]
fn every_claim_holds_after_each_step_and_everything_comes_to_an_end() {
    let (mut commits, mut aborts) = (0, 0);
    for seed in seeds(SEEDS) {
        let (committed, aborted) = run(seed);
        commits += committed;
        aborts += aborted;
    }
    eprintln!("{commits} transactions committed, {aborts} aborted");
    assert!(commits > SEEDS as usize && aborts > SEEDS as usize);
}

/// A site whose operator took the other outcome hears the decision, crashes, and enlists again: that branch aborts, and nobody has decided twice.
#[test]
fn a_branch_that_is_enlisted_again_after_an_operator_resolved_the_first_is_another_one() {
    run(238_240);
}

#[test]
fn each_guard_left_out_breaks_a_claim() {
    let missed: Vec<_> = Rule::ALL.iter().filter(|rule| !is_caught(**rule)).collect();
    assert!(missed.is_empty(), "nothing breaks without {missed:?}");
}

fn is_caught(rule: Rule) -> bool {
    let broken = (0..SEEDS_WITHOUT).find_map(|seed| {
        let broken = World::new(Without(Some(rule)), seed).run(STEPS).err()?;
        Some((seed, broken))
    });
    match broken {
        Some((seed, broken)) => {
            let claim = broken.split(':').next().unwrap_or_default();
            eprintln!("{:<26} seed {seed:>4}  {claim}", rule.card().name);
            true
        }
        None => false,
    }
}
