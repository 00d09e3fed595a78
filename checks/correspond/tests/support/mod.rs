//! What the tests of all protocols share: every named size shows what it says, and every guard left out is noticed.

#![allow(dead_code)] // each protocol uses some of it

use concur_correspond::follow::{Followed, follow};
use concur_correspond::repertoire::{Repertoire, repertoire};
use concur_correspond::walk::{Broken, Scheduled, Walked, shorten, walk};
use concur_correspond::{Clusters, Walk};
use concur_engine::explore::{Exploration, Plan, explore};
use concur_engine::lens::{Breach, Rungwise};
use concur_engine::limits::{Limits, Progress};
use concur_engine::shortest::shortest;
use concur_models::kit::{Config, Named, Observed, Refines, Rung, Spec, Tier, Values};
use concur_rules::{Faithful, Rule, RuleSet};
use stateright::Model;

/// So many states are enough to notice a guard left out at a size that takes a second.
const ENOUGH: u64 = 300_000;

pub(crate) fn explored<M: Spec + Refines>(model: &M) -> Exploration {
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

/// What notices, at that size, that a guard is left out.
pub(crate) fn noticed_at<R: Rung>(
    rule: R::Rule,
    settings: &[(&'static str, u32)],
) -> Option<String> {
    let values = Values::new(R::PARAMS, settings);
    let model = R::model(&values, Observed::without(rule)).expect("it fits");
    let breach = explored(&model).breach?;
    Some(name(&model, breach))
}

/// A guard, a size at which it is noticed that it is left out, and what notices it.
pub(crate) type Guard<'g, R> = (R, &'g [(&'static str, u32)], &'g str);

/// Each of these guards is noticed when it is left out, at that size and by that property; and these are all that are not declared redundant.
#[track_caller]
pub(crate) fn notices_each<R: Rung>(guards: &[Guard<'_, R::Rule>]) {
    for (rule, settings, what) in guards {
        let found = noticed_at::<R>(*rule, settings);
        assert_eq!(found.as_deref(), Some(*what), "{}", rule.card().name);
    }
    let looked_at = |rule: &R::Rule| guards.iter().any(|(guard, ..)| guard == rule);
    let redundant = |rule: &R::Rule| R::REDUNDANT.iter().any(|r| r.rule == *rule);
    let missed = R::RULES.iter().find(|r| looked_at(r) == redundant(r));
    assert_eq!(missed.map(|rule| rule.card().name), None);
}

/// Distinct states and depth at that size, of which everything holds.
#[track_caller]
pub(crate) fn counted<R: Rung>(settings: &[(&'static str, u32)]) -> (u64, u32) {
    let values = Values::new(R::PARAMS, settings);
    let model = R::model(&values, Faithful).expect("it fits");
    let found = explored(&model);
    assert_eq!((found.breach, found.stop), (None, None));
    (found.distinct, found.depth())
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

/// What of the model above the cluster of that size does.
pub(crate) fn repertoire_of<R: Rung>(settings: &[(&'static str, u32)]) -> Repertoire {
    let values = Values::new(R::PARAMS, settings);
    let model = R::model(&values, Faithful).expect("it fits");
    let plan = Plan {
        threads: 2,
        ..Plan::default()
    };
    let most = 200_000;
    let (found, repertoire) = repertoire(&model, &plan, &Progress::default(), most);
    assert_eq!((found.breach, found.stop), (None, None));
    repertoire.expect("the model above is small")
}

/// At that size a cluster does everything that the model above does, but for what is declared; what is declared is declared of all sizes together,
/// so that one of them may do more.
#[track_caller]
pub(crate) fn does_everything<R: Clusters>(settings: &[(&'static str, u32)]) {
    let declared = |names: &[(&str, &str)], kind: &str| names.iter().any(|(name, _)| *name == kind);
    for (kind, covered) in repertoire_of::<R>(settings).actions {
        let (never, partly) = (declared(R::NEVER, &kind), declared(R::PARTLY, &kind));
        let as_declared = match covered.taken {
            0 => never,
            taken if taken < covered.all => partly,
            _ => !never,
        };
        assert!(
            as_declared,
            "{kind}: {covered:?}, never {never}, partly {partly}"
        );
    }
}

fn walked<R: Rung, S: RuleSet<R::Rule>>(
    size: &Walk,
    rules: S,
    seed: u64,
) -> Walked<<R::Model<S> as Scheduled>::Event>
where
    R::Model<S>: Scheduled,
{
    let values = Values::new(R::PARAMS, size.settings);
    let model = R::model(&values, rules).expect("a walk's size fits");
    match walk(&model, seed, size.steps) {
        Walked::Breaks(broken) => Walked::Breaks(shorten(&model, broken)),
        conforms => conforms,
    }
}

/// Random walks of so many seeds conform, at each size for walks; they are not idle.
#[track_caller]
pub(crate) fn walks_conform<R: Clusters>(seeds: std::ops::Range<u64>)
where
    R::Model<Faithful>: Scheduled,
{
    for size in R::WALKS {
        for seed in seeds.clone() {
            match walked::<R, _>(size, Faithful, seed) {
                Walked::Conforms { steps, stood_for } => {
                    assert!(
                        steps > 20 && stood_for > 0,
                        "{} seed {seed}: {steps}",
                        size.name
                    );
                }
                Walked::Breaks(broken) => panic!("{} seed {seed}: {}", size.name, story(&broken)),
            }
        }
    }
}

/// Whether some seed finds a walk that a guard left out breaks. It is not shortened, which may take minutes.
pub(crate) fn walks_notice<R: Clusters>(rule: R::Rule, seeds: std::ops::Range<u64>) -> bool
where
    R::Model<Observed<R::Rule>>: Scheduled,
{
    R::WALKS.iter().any(|size| {
        let values = Values::new(R::PARAMS, size.settings);
        let model = R::model(&values, Observed::without(rule)).expect("a walk's size fits");
        let breaks = |seed| matches!(walk(&model, seed, size.steps), Walked::Breaks(_));
        seeds.clone().any(breaks)
    })
}

/// What is left of a walk that a guard left out breaks, if some seed finds one.
pub(crate) fn walk_without<R: Clusters>(
    rule: R::Rule,
    seeds: std::ops::Range<u64>,
) -> Option<(&'static str, String)>
where
    R::Model<Observed<R::Rule>>: Scheduled,
{
    let mut walks = R::WALKS
        .iter()
        .flat_map(|size| seeds.clone().map(move |seed| (size, seed)));
    walks.find_map(
        |(size, seed)| match walked::<R, _>(size, Observed::without(rule), seed) {
            Walked::Breaks(broken) => Some((broken.what, story(&broken))),
            Walked::Conforms { .. } => None,
        },
    )
}

fn story<E: std::fmt::Display>(broken: &Broken<E>) -> String {
    let lines: Vec<String> = broken.schedule.iter().map(ToString::to_string).collect();
    format!("{}\n{}", broken.what, lines.join("\n"))
}

/// How far a cluster of that size follows a path of the model above.
pub(crate) fn followed<R: Clusters>(
    settings: &[(&'static str, u32)],
    path: &[String],
) -> Followed<<R::Model<Faithful> as Scheduled>::Event>
where
    R::Model<Faithful>: Scheduled,
{
    let values = Values::new(R::PARAMS, settings);
    let model = R::model(&values, Faithful).expect("it fits");
    follow(&model, path, ENOUGH as usize)
}
