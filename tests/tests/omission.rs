//! Every rule of every rung, left out: some check fails, with and without symmetry; in the small tier, or in tier ci where the bug needs
//! more nodes than that. And the committed stories tell what was found.

use std::path::Path;
use std::sync::LazyLock;

use concur_checks::methods::omission::Omission;
use concur_checks::registry::{AnyRung, RUNGS};
use concur_checks::report::files::{Evidence, reports};
use concur_checks::report::source::Sources;
use concur_tests::left_out;
use rayon::prelude::*;

/// Each rule left out, once for all tests here.
static OMISSIONS: LazyLock<Vec<Omission>> = LazyLock::new(|| {
    let of_rung = |rung: &'static dyn AnyRung| {
        let rules = rung.about().rules.into_iter();
        rules.map(move |card| (rung, card))
    };
    let all: Vec<_> = RUNGS.iter().copied().flat_map(of_rung).collect();
    // One after the other would take the machine's cores one at a time: most state spaces are too small to be shared.
    all.into_par_iter()
        .map(|(rung, card)| left_out(rung, card))
        .collect()
});

#[test]
fn every_rule_is_missed() {
    let unexpected = OMISSIONS.iter().filter(|omission| !omission.as_expected);
    let unnoticed: Vec<_> = unexpected
        .map(|omission| format!("{} without {}", omission.rung, omission.rule))
        .collect();
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
}

/// What a rule's omission shows does not depend on larger configurations, because the small ones come first and show it.
/// Of the pages that need them `concur check --against` compares verification.md, in continuous integration; `concur report --check` compares all.
#[test]
fn the_stories_and_the_concordance_are_up_to_date() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../reports");
    let evidence = Evidence {
        omissions: OMISSIONS.clone(),
        sources: Sources::around(&dir),
        ..Evidence::default()
    };
    let stale = reports(&evidence)
        .stale(&dir)
        .expect("reports/ can be read");
    let of_all_tiers = ["verification.md", "promises.md", "README.md", "zoo.md"];
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
fn rules_have_one_name_each_and_belong_to_their_protocol() {
    let mut seen = std::collections::BTreeMap::new();
    for rung in RUNGS {
        let about = rung.about();
        // One core commits in both ways: the sites of Paxos Commit keep rules of two-phase commit, too.
        let of_both = about.protocol == "paxos-commit" && about.rung == "cores";
        for card in about.rules {
            let shared = of_both && card.protocol == "two-phase";
            assert!(shared || card.protocol == about.protocol, "{}", card.name);
            assert!(
                card.says.ends_with('.'),
                "{}: a sentence ends in a full stop",
                card.name
            );
            let other = seen.insert(card.name, card.says);
            assert!(
                other.is_none_or(|says| says == card.says),
                "{} is two rules",
                card.name
            );
        }
    }
}
