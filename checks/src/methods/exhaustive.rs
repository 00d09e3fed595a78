//! Every state and every step of a rung: invariants, witnesses, step properties and refinement.

use std::time::Instant;

use concur_models::kit::{Refines, Spec};

use super::How;
use super::claims::{Evidence, claims, judge};
use crate::engine::REFINEMENT;
use crate::engine::explore::{Exploration, explore};
use crate::engine::fingerprint::collision_probability;
use crate::engine::lens::{Breach, Lens, Rungwise};
use crate::engine::limits::{Patience, Stop};
use crate::engine::shortest::{broken_rules, shortest};
use crate::trace::of_counterexample;
use crate::verdict::{BrokenRule, Count, Extent, Failure, Findings, Reach};

/// The name under which a panic of the model is reported.
pub const PANIC: &str = "The model panicked";

/// Explores `model` with our own engine.
pub fn examine<M: Spec + Refines>(model: &M, how: How<'_>) -> Findings {
    let lens = Rungwise::new(model, how.symmetry);
    let mut patience = Patience::new(&how.plan.limits, Instant::now());
    let exploration = explore(model, &lens, how.plan, how.progress);
    let failure = failure(model, &lens, &exploration, how, &mut patience);
    let witnessed: Vec<&str> = model
        .properties()
        .iter()
        .zip(&exploration.witnessed)
        .filter(|(_, seen)| **seen)
        .map(|(property, _)| property.name)
        .collect();
    Findings {
        reach: reach::<M, _>(&lens, &exploration),
        properties: judge(
            claims(model),
            &Evidence {
                fails: &|name| failure.as_ref().is_some_and(|f| f.property == name),
                seen: &|name| witnessed.contains(&name),
                cut_short: exploration.stop.is_some() || failure.is_some(),
                steps: true,
            },
        ),
        promises: Vec::new(),
        failure,
        stop: exploration.stop.or(patience.stop()),
        actions: counts(kinds::<M, _>(&lens), &exploration.taken),
        bounds: counts(M::BOUNDS, &exploration.cut),
    }
}

/// What a search for the failure of one property found. Whatever else fails was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunted {
    /// Distinct states when it ended: at the end of the level on which the property fails, or of everything.
    pub distinct: u64,
    /// The property, or a panic, and a shortest counterexample.
    pub failure: Option<Failure>,
    /// Why it ended before it had seen everything.
    pub stop: Option<Stop>,
}

/// Explores `model` until `property` fails, an `always` property, a property of steps or the refinement. `None` if it claims no such thing.
pub fn hunt<M: Spec + Refines>(model: &M, property: &str, how: How<'_>) -> Option<Hunted> {
    let lens = Rungwise::new(model, how.symmetry).only(breach(model, property)?);
    let mut patience = Patience::new(&how.plan.limits, Instant::now());
    let exploration = explore(model, &lens, how.plan, how.progress);
    Some(Hunted {
        distinct: exploration.distinct,
        failure: failure(model, &lens, &exploration, how, &mut patience),
        stop: exploration.stop.or(patience.stop()),
    })
}

fn failure<M: Spec + Refines>(
    model: &M,
    lens: &Rungwise<'_, M>,
    exploration: &Exploration,
    how: How<'_>,
    patience: &mut Patience<'_>,
) -> Option<Failure> {
    let breach = exploration.breach?;
    let found = shortest(model, lens, breach, how.plan.seed, patience);
    let broken = found.as_ref().map(|found| broken_rules(model, found));
    Some(Failure {
        property: name(model, breach),
        breaks: broken.into_iter().flatten().map(BrokenRule::from).collect(),
        trace: found.map(|found| of_counterexample(model, &found)),
    })
}

/// The breach that the failure of `property` is.
fn breach<M: Spec>(model: &M, property: &str) -> Option<Breach> {
    let always = |p: &stateright::Property<M>| {
        p.expectation == stateright::Expectation::Always && p.name == property
    };
    let steps = model.step_properties();
    if property == REFINEMENT {
        return Some(Breach::Refinement);
    }
    let invariant = model.properties().iter().position(always);
    let step = steps.iter().position(|step| step.name == property);
    invariant
        .map(Breach::Property)
        .or_else(|| step.map(Breach::Step))
}

fn kinds<M: Spec, L: Lens<M>>(_: &L) -> &'static [&'static str] {
    L::KINDS
}

fn name<M: Spec>(model: &M, breach: Breach) -> &'static str {
    match breach {
        Breach::Property(index) => model.properties()[index].name,
        Breach::Step(index) => model.step_properties()[index].name,
        Breach::Refinement => REFINEMENT,
        Breach::Panic => PANIC,
    }
}

fn counts(names: &[&'static str], counts: &[u64]) -> Vec<Count> {
    names
        .iter()
        .zip(counts)
        .map(|(&name, &count)| Count {
            name: name.into(),
            count,
        })
        .collect()
}

fn reach<M: Spec, L: Lens<M>>(_: &L, exploration: &Exploration) -> Reach {
    let extent = Extent {
        distinct: exploration.distinct,
        depth: Some(exploration.depth()),
        generated: Some(exploration.generated),
        levels: exploration.levels.clone(),
        collision_probability: collision_probability(exploration.distinct),
    };
    let cuts = M::BOUNDS
        .iter()
        .zip(&exploration.cut)
        .filter(|(_, cut)| **cut > 0)
        .map(|(bound, cut)| format!("{bound} ({cut} steps cut off)"));
    let by: Vec<_> = cuts
        .chain(exploration.stop.map(|stop| stop.to_string()))
        .chain(exploration.breach.map(|_| "the first failure".to_owned()))
        .collect();
    if by.is_empty() {
        Reach::Every(extent)
    } else {
        Reach::Bounded { by, extent }
    }
}
