//! The committed reports have a row for all that there is. That the stories are up to date is checked where rules are left out.

use concur_checks::registry::RUNGS;
use concur_checks::zoo::ZOO;
use concur_models::kit::Tier;

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
