//! The list of published bugs names rules and configurations that exist, and each configuration is expected to fail.

use concur_checks::registry::{About, RUNGS};
use concur_checks::temporal::LIVES;
use concur_checks::zoo::{ELSEWHERE, Seed, ZOO};
use concur_models::kit::Outcome;

#[test]
fn every_bug_is_planted_somewhere() {
    for bug in ZOO {
        let planted = match bug.seed {
            // Where nobody misses the rule, omission fails; here it only has to exist.
            Seed::Without(rule) => rungs(bug.rung).any(|about| named(&about, rule)),
            Seed::Config(name) => {
                rungs(bug.rung).any(|about| fails(&about, name)) || breaks(bug.rung, name)
            }
        };
        assert!(planted, "{} ({}): {:?}", bug.id, bug.rung, bug.seed);
    }
}

fn rungs(id: &str) -> impl Iterator<Item = About> {
    let all = RUNGS.iter().map(|rung| rung.about());
    all.filter(move |about| about.id() == id)
}

fn named(about: &About, rule: &str) -> bool {
    about.rules.iter().any(|card| card.name == rule)
}

fn fails(about: &About, config: &str) -> bool {
    about
        .configs
        .iter()
        .any(|c| c.name == config && matches!(c.expect.outcome, Outcome::Fails { .. }))
}

/// Whether a promise of that model is expected to be broken at that size.
fn breaks(id: &str, config: &str) -> bool {
    let lives = LIVES.iter().map(|live| live.about());
    let mut configs = lives
        .filter(|about| about.id() == id)
        .flat_map(|about| about.configs);
    configs.any(|c| c.name == config && !c.broken.is_empty())
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
