//! The list of published bugs names rules and configurations that exist, and each configuration is expected to fail.

use concur_checks::registry::RUNGS;
use concur_checks::zoo::{ELSEWHERE, Seed, ZOO};
use concur_models::kit::Outcome;

#[test]
fn every_bug_is_planted_somewhere() {
    for bug in ZOO {
        let about = RUNGS
            .iter()
            .map(|rung| rung.about())
            .find(|about| about.id() == bug.rung);
        let about = about.unwrap_or_else(|| panic!("{}: no rung {}", bug.id, bug.rung));
        let planted = match bug.seed {
            // Where nobody misses the rule, omission fails; here it only has to exist.
            Seed::Without(rule) => about.rules.iter().any(|card| card.name == rule),
            Seed::Config(name) => about.configs.iter().any(|config| {
                config.name == name && matches!(config.expect.outcome, Outcome::Fails { .. })
            }),
        };
        assert!(planted, "{} ({}): {:?}", bug.id, bug.rung, bug.seed);
    }
}

#[test]
fn no_bug_is_planted_by_a_rule_that_is_redundant() {
    for bug in ZOO {
        let Seed::Without(rule) = bug.seed else {
            continue;
        };
        let rung = RUNGS.iter().find(|rung| rung.about().id() == bug.rung);
        let redundant = &rung.expect("it exists").about().redundant;
        assert!(!redundant.iter().any(|(name, _)| *name == rule), "{rule}");
    }
}

#[test]
fn no_bug_is_both_planted_and_said_to_belong_elsewhere() {
    for bug in ELSEWHERE {
        let planted =
            |other: &&concur_checks::zoo::Bug| (other.id, other.what) == (bug.id, bug.what);
        assert!(
            ZOO.iter().find(planted).is_none(),
            "{}: {}",
            bug.id,
            bug.what
        );
        assert!(
            !bug.because.ends_with('.'),
            "{}: the report ends the sentence",
            bug.id
        );
    }
}
