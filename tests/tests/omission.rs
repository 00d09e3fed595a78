//! Every rule of every rung, left out: some check fails, with and without symmetry; in the small tier, or in tier ci where the bug needs
//! more nodes than that.

use concur_checks::registry::RUNGS;
use concur_tests::left_out;

#[test]
fn every_rule_is_missed() {
    let mut unnoticed = Vec::new();
    for rung in RUNGS {
        for card in rung.about().rules {
            let omission = left_out(*rung, card);
            if !omission.as_expected {
                unnoticed.push(format!("{} without {}", omission.rung, omission.rule));
            }
        }
    }
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
}

#[test]
fn rules_have_one_name_each_and_belong_to_their_protocol() {
    let mut seen = std::collections::BTreeMap::new();
    for rung in RUNGS {
        let about = rung.about();
        for card in about.rules {
            assert_eq!(card.protocol, about.protocol, "{}", card.name);
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
