//! Every property can say something, and every rung says everything about itself.

use concur_checks::engine::explore::Plan;
use concur_checks::engine::limits::Progress;
use concur_checks::methods::How;
use concur_checks::methods::coverage::Coverage;
use concur_checks::registry::{AnyRung, RUNGS, values_of};
use concur_checks::verdict::{Property, PropertyKind};
use concur_models::kit::{Config, Domain, Elsewhere, NoSuchModel, Outcome, Param, Rung, Values};
use concur_models::paxos_commit::configs::PaxosCommitRung;
use concur_rules::RuleSet;

#[test]
fn every_property_but_refinement_has_a_witness() {
    for rung in RUNGS {
        let about = rung.about();
        for property in properties_of(*rung) {
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

#[test]
fn what_a_rung_leaves_to_others_is_shown_by_one_of_them_and_by_none_of_its_sizes() {
    let has = |rung: &&dyn AnyRung, name| properties_of(*rung).iter().any(|p| p.name == name);
    let left = |rung: &&dyn AnyRung, name| {
        let about = rung.about();
        about.elsewhere.iter().any(|(other, _)| *other == name)
    };
    let shown = |name| {
        RUNGS
            .iter()
            .any(|rung| has(rung, name) && !left(rung, name))
    };
    for rung in RUNGS {
        let about = rung.about();
        for (name, because) in &about.elsewhere {
            assert!(has(rung, *name), "{name}");
            let sizes = about.configs.iter();
            for size in sizes.filter(|size| size.expect.outcome == Outcome::Holds) {
                assert!(size.expect.vacuous.contains(name), "{name}: {}", size.name);
            }
            assert!(shown(*name) && !because.is_empty(), "{name}");
        }
    }
}

fn properties_of(rung: &dyn AnyRung) -> Vec<Property> {
    let about = rung.about();
    let plan = Plan::default();
    let how = How {
        plan: &plan,
        symmetry: false,
        progress: &Progress::default(),
    };
    let values = values_of(about.params, &about.configs[0]);
    let findings = rung.examine(&values, None, how).expect("there is a model");
    findings.properties
}

/// Paxos Commit in ballot 0 alone, where nobody promises anything: once without a word about that, and once with.
struct Ballot0<const TOLD: bool>;

impl<const TOLD: bool> Rung for Ballot0<TOLD> {
    type Rule = <PaxosCommitRung as Rung>::Rule;
    type Model<S: RuleSet<Self::Rule>> = <PaxosCommitRung as Rung>::Model<S>;

    const PROTOCOL: &'static str = PaxosCommitRung::PROTOCOL;
    const NAME: &'static str = "ballot-0";
    const REFINES: &'static str = PaxosCommitRung::REFINES;
    const CLAIM: &'static str = PaxosCommitRung::CLAIM;
    const SOURCE: &'static str = PaxosCommitRung::SOURCE;
    const RULES: &'static [Self::Rule] = &[];
    const ELSEWHERE: &'static [Elsewhere] = match TOLD {
        true => &[Elsewhere {
            property: "PromisesKept",
            because: "ballot 0 needs no promise",
        }],
        false => &[],
    };
    const PARAMS: &'static [Param] = PaxosCommitRung::PARAMS;
    const CONFIGS: &'static [Config] = PaxosCommitRung::CONFIGS.split_at(1).0;

    fn model<S: RuleSet<Self::Rule>>(
        values: &Values,
        rules: S,
    ) -> Result<Self::Model<S>, NoSuchModel> {
        PaxosCommitRung::model(values, rules)
    }
}

#[test]
fn a_property_that_no_size_shows_is_missed_unless_the_rung_says_why() {
    let missed = "never seen: PromisesKept: ";
    assert!(
        gaps::<Ballot0<false>>()
            .iter()
            .any(|gap| gap.starts_with(missed))
    );
    assert!(
        !gaps::<Ballot0<true>>()
            .iter()
            .any(|gap| gap.starts_with(missed))
    );
}

fn gaps<R: Rung>() -> Vec<String> {
    let plan = Plan::default();
    let how = How {
        plan: &plan,
        symmetry: false,
        progress: &Progress::default(),
    };
    let mut coverage = Coverage::default();
    let values = values_of(R::PARAMS, &R::CONFIGS[0]);
    coverage.add::<R>(&values, how).expect("there is a model");
    coverage.gaps()
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
