//! The generated texts are what would be generated now.

use std::path::Path;

use concur_checks::engine::explore::Plan;
use concur_checks::engine::limits::Progress;
use concur_checks::methods::How;
use concur_checks::methods::omission::omit;
use concur_checks::registry::RUNGS;
use concur_checks::report::files::{Evidence, reports};
use concur_models::kit::Tier;

/// What a rule's omission shows does not depend on the larger configurations, because the small ones come first and show it.
/// `README.md` and `verification.md` need them, and are compared by `concur report --check` in continuous integration.
#[test]
fn the_stories_and_the_concordance_are_up_to_date() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../reports");
    let plan = Plan {
        threads: 2,
        ..Plan::default()
    };
    let mut evidence = Evidence::default();
    for rung in RUNGS {
        for card in rung.about().rules {
            let how = How {
                plan: &plan,
                symmetry: false,
                progress: &Progress::default(),
            };
            let omission = omit(*rung, card, Tier::Small, how).expect("there is a model");
            evidence.omissions.push(omission);
        }
    }
    let stale = reports(&evidence)
        .stale(&dir)
        .expect("reports/ can be read");
    let of_all_tiers = ["verification.md", "README.md"];
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
