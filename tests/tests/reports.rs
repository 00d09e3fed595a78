//! The generated texts are what would be generated now.

use std::path::Path;

use concur_checks::registry::RUNGS;
use concur_checks::report::files::{Evidence, reports};
use concur_checks::zoo::ZOO;
use concur_models::kit::Tier;
use concur_tests::left_out;

/// What a rule's omission shows does not depend on larger configurations, because the small ones come first and show it.
/// The pages that need them are compared by `concur report --check` in continuous integration.
#[test]
fn the_stories_and_the_concordance_are_up_to_date() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../reports");
    let mut evidence = Evidence::default();
    for rung in RUNGS {
        for card in rung.about().rules {
            evidence.omissions.push(left_out(*rung, card));
        }
    }
    let stale = reports(&evidence)
        .stale(&dir)
        .expect("reports/ can be read");
    let of_all_tiers = ["verification.md", "README.md", "zoo.md"];
    let stale: Vec<_> = stale
        .iter()
        .filter(|path| !of_all_tiers.iter().any(|name| path.ends_with(name)))
        .collect();
    assert!(
        stale.is_empty(),
        "run `cargo run --release -- report`: {stale:?}"
    );
}

#[test]
fn verification_has_a_row_for_every_configuration_of_the_tiers_small_and_ci() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../reports/verification.md");
    let text = std::fs::read_to_string(path).expect("it was written");
    for rung in RUNGS {
        let about = rung.about();
        assert!(text.contains(&format!("## {} ⊑ {}", about.id(), about.refines)));
        for config in about
            .configs
            .iter()
            .filter(|config| config.tier <= Tier::Ci)
        {
            assert!(
                text.contains(&format!("| {} |", config.name)),
                "{}/{}",
                about.id(),
                config.name
            );
        }
    }
    assert!(!text.contains("**"), "something is not as expected");
}

#[test]
fn every_published_bug_was_found() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../reports/zoo.md");
    let text = std::fs::read_to_string(path).expect("it was written");
    assert_eq!(text.matches("\n| ").count(), ZOO.len() + 1);
    assert!(!text.contains("**"), "a bug is not found");
}
