//! Every property can say something, and every rung says everything about itself.

use concur_checks::engine::explore::Plan;
use concur_checks::engine::limits::Progress;
use concur_checks::methods::How;
use concur_checks::registry::{RUNGS, values_of};
use concur_checks::verdict::PropertyKind;
use concur_models::kit::{Domain, Values};

#[test]
fn every_property_but_refinement_has_a_witness() {
    let plan = Plan::default();
    let how = How {
        plan: &plan,
        symmetry: false,
        progress: &Progress::default(),
    };
    for rung in RUNGS {
        let about = rung.about();
        let values = values_of(about.params, &about.configs[0]);
        let findings = rung.examine(&values, None, how).expect("there is a model");
        for property in findings.properties {
            let witnessed =
                !property.witnesses.is_empty() || property.kind == PropertyKind::Refinement;
            assert!(witnessed, "{}: {}", about.id(), property.name);
        }
    }
}

#[test]
fn a_rung_refines_the_rung_that_it_names() {
    let names: Vec<_> = RUNGS.iter().map(|rung| rung.about().rung).collect();
    for rung in RUNGS {
        let about = rung.about();
        assert!(
            ["promise", "anything"].contains(&about.refines) || names.contains(&about.refines),
            "{} refines {}",
            about.id(),
            about.refines
        );
    }
}

/// No panic on any input: the corners of every parameter's domain give a model or a clear error. Where there are many parameters, only few of them are at their upper end at once, or all.
#[test]
fn the_corners_of_every_domain_give_a_model_or_a_clear_error() {
    let plan = Plan {
        limits: concur_checks::engine::limits::Limits {
            max_states: Some(2_000),
            ..Default::default()
        },
        ..Plan::default()
    };
    let how = How {
        plan: &plan,
        symmetry: false,
        progress: &Progress::default(),
    };
    for rung in RUNGS {
        let about = rung.about();
        let ends = |domain: &Domain| match domain {
            Domain::Number(range) => [*range.start(), *range.end()],
            Domain::OneOf(words) => [0, words.len() as u32 - 1],
        };
        let params = about.params.len() as u32;
        let few = |corner: &u32| {
            params <= 8 || matches!(corner.count_ones(), 0..=2) || corner.count_ones() == params
        };
        for corner in (0..1u32 << params).filter(few) {
            let mut values = Values::new(about.params, &[]);
            for (index, param) in about.params.iter().enumerate() {
                values.set(
                    param.name,
                    ends(&param.domain)[(corner >> index & 1) as usize],
                );
            }
            let how = How {
                progress: &Progress::default(),
                ..how
            };
            match rung.examine(&values, None, how) {
                Ok(findings) => {
                    let panicked = findings
                        .failure
                        .is_some_and(|f| f.property == "The model panicked");
                    assert!(!panicked, "{} {values:?}", about.id());
                }
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
}
