//! Scratch: counts, witnesses and omission with the naive explorer.
use concur_checks::engine::naive::explore;
use concur_models::kit::{Outcome, Rung, Tier, Values};
use concur_rules::{Faithful, Rule, Without};

/// Prints each configuration's counts; then, per rule, the first configuration whose exploration without the rule fails or misses a witness.
fn run<R: Rung>(up_to: Tier) {
    let configs: Vec<_> = R::CONFIGS.iter().filter(|c| c.tier <= up_to).collect();
    let mut faithful = Vec::new();
    for c in &configs {
        let m = R::model(&Values::new(R::PARAMS, c.settings), Faithful).unwrap();
        let start = std::time::Instant::now();
        let n = explore(&m);
        println!(
            "{}/{}/{}: {:?} {n:?} expected {:?}",
            R::PROTOCOL,
            R::NAME,
            c.name,
            start.elapsed(),
            c.expect
        );
        faithful.push(n);
    }
    for &rule in R::RULES {
        let mut caught = None;
        for (c, n) in configs.iter().zip(&faithful) {
            if c.expect.outcome != Outcome::Holds {
                continue;
            }
            let m = R::model(&Values::new(R::PARAMS, c.settings), Without(rule)).unwrap();
            let w = explore(&m);
            let missed: Vec<_> = n.witnessed.difference(&w.witnessed).collect();
            if !w.fails.is_empty() || !missed.is_empty() {
                caught = Some((c.name, w.fails.clone(), format!("{missed:?}")));
                break;
            }
        }
        let redundant = R::REDUNDANT.iter().any(|r| r.rule == rule);
        println!(
            "  without {:?}: {}",
            rule.card().name,
            match caught {
                Some(c) => format!("caught {c:?}"),
                None if redundant => "declared redundant".into(),
                None => "NOT CAUGHT".into(),
            }
        );
    }
}
#[test]
fn two_phase() {
    run::<concur_models::two_phase::configs::TCommitRung>(Tier::Small);
    run::<concur_models::two_phase::configs::TwoPhaseRung>(Tier::Small);
}
#[test]
fn ring() {
    use concur_models::ring::configs::*;
    let tier = if std::env::var("CI_TIER").is_ok() {
        Tier::Ci
    } else {
        Tier::Small
    };
    run::<KeyMapRung>(tier);
    run::<PlacementRung>(tier);
    run::<OwnershipRung>(tier);
    run::<RingRung>(tier);
}
fn sized(settings: &[(&'static str, u32)], cap: usize) {
    use concur_models::ring::configs::*;
    use stateright::Model;
    use std::collections::HashSet;
    let m = RingRung::model(&Values::new(RingRung::PARAMS, settings), Faithful).unwrap();
    let start = std::time::Instant::now();
    let mut level = m.init_states();
    let mut seen: HashSet<_> = level.iter().cloned().collect();
    let mut depth = 0;
    while !level.is_empty() && seen.len() < cap {
        depth += 1;
        let mut next = vec![];
        for s in &level {
            for t in m.next_states(s) {
                if seen.insert(t) {
                    next.push(t);
                }
            }
        }
        level = next;
    }
    eprintln!(
        "{settings:?}: {} depth {depth} {} {:?}",
        seen.len(),
        if level.is_empty() { "complete" } else { "CUT" },
        start.elapsed()
    );
}
#[test]
fn sizes() {
    let cap = 2_500_000;
    sized(&[("nodes", 3), ("writes", 2)], cap);
    sized(&[("reads", 1), ("writes", 2)], cap);
    sized(&[("reads", 1), ("nodes", 3)], cap);
    sized(&[("epochs", 4), ("crashes", 1)], cap);
    sized(&[("nodes", 3), ("crashes", 1)], cap);
    sized(&[("keys", 2), ("writes", 2)], cap);
    sized(&[("nodes", 3), ("keys", 2)], cap);
    sized(&[("nodes", 3), ("epochs", 4)], cap);

    sized(
        &[("writes", 1), ("reads", 0), ("nodes", 3), ("epochs", 2)],
        cap,
    );
}
#[test]
fn onlyring() {
    use concur_models::ring::configs::*;
    let tier = if std::env::var("CI_TIER").is_ok() {
        Tier::Ci
    } else {
        Tier::Small
    };
    run::<RingRung>(tier);
}
#[test]
fn unreached() {
    use concur_models::ring::configs::*;
    fn go<R: Rung>() {
        use stateright::{Expectation, Model};
        for c in R::CONFIGS.iter().filter(|c| {
            c.tier
                == if std::env::var("CI_TIER").is_ok() {
                    Tier::Ci
                } else {
                    Tier::Small
                }
        }) {
            let m = R::model(&Values::new(R::PARAMS, c.settings), Faithful).unwrap();
            let n = explore(&m);
            let un: Vec<_> = m
                .properties()
                .iter()
                .filter(|p| {
                    p.expectation == Expectation::Sometimes && !n.witnessed.contains(p.name)
                })
                .map(|p| p.name)
                .collect();
            println!(
                "{} {} {} {} {:?} fails {:?} unreached {un:?}",
                R::NAME,
                c.name,
                n.distinct,
                n.depth,
                c.expect.vacuous,
                n.fails
            );
        }
    }
    go::<KeyMapRung>();
    go::<OwnershipRung>();
    go::<RingRung>();
    go::<PlacementRung>();
}
