//! What the tests of all protocols share: every named size shows what it says, and every guard left out is noticed.

#![allow(dead_code)] // each protocol uses some of it

use concur_engine::explore::{Exploration, Plan, explore};
use concur_engine::lens::{Breach, Rungwise};
use concur_engine::limits::{Limits, Progress};
use concur_engine::shortest::shortest;
use concur_models::kit::{Config, Named, Observed, Refines, Rung, Spec, Tier, Values};
use concur_rules::{Faithful, Rule, RuleSet};
use stateright::Model;

/// So many states are enough to notice a guard left out at a size that takes a second.
const ENOUGH: u64 = 300_000;

fn explored<M: Spec + Refines>(model: &M) -> Exploration {
    let limits = Limits {
        max_states: Some(ENOUGH),
        ..Limits::default()
    };
    let plan = Plan {
        threads: 2,
        limits,
        seed: 0,
    };
    let lens = Rungwise::new(model, false);
    explore(model, &lens, &plan, &Progress::default())
}

/// A shortest way to what is wrong, in the notation of the stories.
fn told<M: Spec + Refines>(model: &M, breach: Breach) -> String {
    let lens = Rungwise::new(model, false);
    let Some(found) = shortest(model, &lens, breach, 0) else {
        return "no counterexample".to_owned();
    };
    let mut before = &found.initial;
    let mut lines = Vec::new();
    for (action, after) in &found.steps {
        lines.push(model.tell(before, action));
        if let Some(after) = after {
            before = after;
        }
    }
    lines.push(format!("{before:#?}"));
    lines.push(format!(
        "the model above: {:#?}",
        model.abstract_state(before)
    ));
    lines.join("\n")
}

fn name<M: Spec>(model: &M, breach: Breach) -> String {
    match breach {
        Breach::Property(nth) => model.properties()[nth].name.to_owned(),
        Breach::Step(nth) => model.step_properties()[nth].name.to_owned(),
        Breach::Refinement | Breach::Panic => format!("{breach:?}"),
    }
}

fn small<R: Rung>() -> impl Iterator<Item = &'static Config> {
    R::CONFIGS
        .iter()
        .filter(|config| config.tier == Tier::Small)
}

fn model<R: Rung, S: RuleSet<R::Rule>>(config: &Config, rules: S) -> R::Model<S> {
    let values = Values::new(R::PARAMS, config.settings);
    R::model(&values, rules).expect("a named size fits")
}

/// Every small size conforms, and has as many states as it says.
#[track_caller]
pub(crate) fn conforms<R: Rung>() {
    for config in small::<R>() {
        let model = model::<R, _>(config, Faithful);
        let found = explored(&model);
        if let Some(breach) = found.breach {
            let (what, story) = (name(&model, breach), told(&model, breach));
            panic!("{} breaks {what}:\n{story}", config.name);
        }
        assert_eq!(found.stop, None, "{}", config.name);
        let counts = (found.distinct, found.depth());
        let expected = (config.expect.distinct, config.expect.depth);
        assert_eq!(counts, expected, "{}", config.name);
    }
}

/// Every guard that is not declared redundant is noticed at some small size when it is left out; and every action of a cluster is taken.
#[track_caller]
pub(crate) fn notices_every_guard_left_out<R: Rung>() {
    let redundant = |rule: &R::Rule| R::REDUNDANT.iter().any(|r| r.rule == *rule);
    let unnoticed: Vec<_> = R::RULES
        .iter()
        .filter(|rule| !redundant(rule) && noticed::<R>(**rule).is_none())
        .map(|rule| rule.card().name)
        .collect();
    assert_eq!(unnoticed, Vec::<&str>::new());
}

/// What notices that a guard is left out: the size, what breaks, and the shortest way to it.
pub(crate) fn noticed<R: Rung>(rule: R::Rule) -> Option<(&'static str, String, String)> {
    small::<R>().find_map(|config| {
        let model = model::<R, _>(config, Observed::without(rule));
        let breach = explored(&model).breach?;
        Some((config.name, name(&model, breach), told(&model, breach)))
    })
}

/// The kinds of actions that no small size takes.
pub(crate) fn never_taken<R: Rung>() -> Vec<&'static str> {
    let names = <<R::Model<Faithful> as Model>::Action as Named>::NAMES;
    let mut taken = vec![0; names.len()];
    for config in small::<R>() {
        let found = explored(&model::<R, _>(config, Faithful));
        taken
            .iter_mut()
            .zip(found.taken)
            .for_each(|(sum, n)| *sum += n);
    }
    let never = names.iter().zip(taken).filter(|(_, n)| *n == 0);
    never.map(|(name, _)| *name).collect()
}
