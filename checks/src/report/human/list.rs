//! What there is: the families, their parameters, and their named sizes with what is expected of each.

use std::fmt::Write;

use concur_models::kit::{Config, LiveConfig, Tier};
use indicatif::HumanCount;

use super::table;
use crate::family::Family;
use crate::selector::explain;

/// The families and their named sizes.
pub fn list(families: &[Family]) -> String {
    families.iter().map(family).collect()
}

fn family(family: &Family) -> String {
    let mut text = match family {
        Family::Rung(rung) => {
            let about = rung.about();
            format!(
                "{} refines {}: {}\n  source: {}\n  rules: {}; symmetry: {}\n",
                about.id(),
                about.refines,
                about.claim,
                about.source,
                about.rules.len(),
                about.symmetry.unwrap_or("none"),
            )
        }
        Family::Live(live) => {
            let about = live.about();
            format!(
                "{} promises: {}\n  source: {}\n",
                about.id(),
                about.claim,
                about.source
            )
        }
    };
    for param in family.params() {
        let _ = writeln!(text, "  --param {}", explain(param));
    }
    let mut table = table(&["  configuration", "tier", "expected"]);
    let row = |name: &str, tier: Tier, expected| {
        [
            format!("  {}/{name}", family.id()),
            tier.to_string(),
            expected,
        ]
    };
    match family {
        Family::Rung(rung) => {
            for config in rung.about().configs {
                table.add_row(row(config.name, config.tier, expected(config)));
            }
        }
        Family::Live(live) => {
            for config in live.about().configs {
                table.add_row(row(config.name, config.tier, expected_of_promises(config)));
            }
        }
    }
    let _ = writeln!(text, "{table}\n");
    text
}

/// What is expected of the promises at a size, in words.
pub fn expected_of_promises(config: &LiveConfig) -> String {
    let broken: Vec<_> = config
        .broken
        .iter()
        .map(|broken| {
            format!(
                "\"{}\" is broken by a lasso of {} and {} steps",
                broken.promise, broken.stem, broken.cycle
            )
        })
        .collect();
    let verdict = match broken.is_empty() {
        true => "holds".to_owned(),
        false => broken.join("; "),
    };
    format!(
        "{verdict}: {} states, {} steps",
        HumanCount(config.distinct),
        HumanCount(config.steps)
    )
}

/// What is expected of a configuration, in words.
pub fn expected(config: &Config) -> String {
    use concur_models::kit::Outcome;
    match config.expect.outcome {
        Outcome::Fails { property, states } => format!("{property} fails after {states} states"),
        Outcome::Holds => format!(
            "holds: {} states at depth {}{}",
            HumanCount(config.expect.distinct),
            config.expect.depth,
            if config.expect.tlc { ", as TLC" } else { "" },
        ),
    }
}
