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
