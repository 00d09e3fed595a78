//! What the tests of all protocols share: every named size shows what it says, and every guard left out is noticed.

#![allow(dead_code)] // each protocol uses some of it

pub(crate) mod rounds;

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use concur_correspond::cluster::Negligence;
use concur_correspond::follow::{Followed, follow};
use concur_correspond::repertoire::{AtRest, Repertoire, at_rest, repertoire};
use concur_correspond::walk::{self, Broken, Scheduled, Walked, shorten, walk};
use concur_correspond::{Clustered, Clusters, Correspondence, Walk};
use concur_engine::explore::{Exploration, Plan, explore};
use concur_engine::lens::{Breach, Rungwise};
use concur_engine::limits::{Limits, Patience, Progress};
use concur_engine::shortest::{Counterexample, broken_rules, shortest};
use concur_models::kit::{Config, Named, Observed, Refines, Rung, Spec, Tier, Values};
use concur_rules::{Card, Faithful, Rule, RuleSet};
use stateright::Model;

/// So many states are enough to notice a guard left out at a size that takes a second.
const ENOUGH: u64 = 300_000;

pub(crate) fn explored<M: Spec + Refines>(model: &M, threads: usize) -> Exploration {
    explored_upto(model, threads, ENOUGH)
}

fn explored_upto<M: Spec + Refines>(model: &M, threads: usize, most: u64) -> Exploration {
    let limits = Limits {
        max_states: Some(most),
        ..Limits::default()
    };
    let plan = Plan {
        threads,
        limits,
        seed: 0,
    };
    let lens = Rungwise::new(model, false);
    explore(model, &lens, &plan, &Progress::default())
}

/// A shortest way to what is wrong, in the notation of the stories, and where it leads.
fn told<M: Spec + Refines>(model: &M, breach: Breach) -> String {
    let Some(found) = shortest_to(model, breach) else {
        return "no counterexample".to_owned();
    };
    let (mut lines, last) = line_by_line(model, found);
    lines.push(format!("{last:#?}"));
    let above = model.abstract_state(&last);
    lines.push(format!("the model above: {above:#?}"));
    lines.join("\n")
}

type Found<M> = Counterexample<<M as Model>::State, <M as Model>::Action>;

fn shortest_to<M: Spec + Refines>(model: &M, breach: Breach) -> Option<Found<M>> {
    let limits = Limits::default();
    let mut patience = Patience::new(&limits, Instant::now());
    shortest(
        model,
        &Rungwise::new(model, false),
        breach,
        0,
        &mut patience,
    )
}

/// A counterexample line by line, and where it ends.
fn line_by_line<M: Spec>(model: &M, found: Found<M>) -> (Vec<String>, M::State) {
    let mut before = found.initial;
    let mut lines = Vec::new();
    for (action, after) in found.steps {
        lines.push(model.tell(&before, &action));
        before = after.unwrap_or(before);
    }
    (lines, before)
}

/// What is wrong with a cluster, or the rules of the model above that it breaks, and the shortest story of it.
pub(crate) fn shortest_story<M: Spec + Refines>(model: &M) -> Option<(String, Vec<String>)> {
    let breach = explored(model, 2).breach?;
    let found = shortest_to(model, breach)?;
    let what = either(&broken_rules(model, &found), &name(model, breach));
    Some((what, line_by_line(model, found).0))
}

/// The names of the rules that a step breaks; what fails, where it breaks none, or none is enough by itself.
fn either(rules: &[&Card], what: &str) -> String {
    if rules.is_empty() {
        return what.to_owned();
    }
    let names: Vec<_> = rules.iter().map(|rule| rule.name).collect();
    names.join(", ")
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
        let found = explored(&model, 2);
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

/// Every guard that is not declared redundant is noticed at some small size when it is left out.
#[track_caller]
pub(crate) fn notices_every_guard_left_out<R: Rung>() {
    notices_every_guard_but::<R>(&[]);
}

/// The same, but for some that take too many states.
#[track_caller]
pub(crate) fn notices_every_guard_but<R: Rung>(too_large: &[R::Rule]) {
    let redundant = |rule: &R::Rule| R::REDUNDANT.iter().any(|r| r.rule == *rule);
    let passed_over = |rule: &R::Rule| redundant(rule) || too_large.contains(rule);
    let guards = R::RULES.iter().filter(|rule| !passed_over(rule));
    let noticed = side_by_side(guards.collect(), |rule| (rule, is_noticed::<R>(*rule)));
    let unnoticed = noticed.iter().filter(|(_, noticed)| !noticed);
    let unnoticed: Vec<_> = unnoticed.map(|(rule, _)| rule.card().name).collect();
    assert_eq!(unnoticed, Vec::<&str>::new());
}

/// Whether some small size notices that a guard is left out: those with the fewest states are looked at first, and none of them for long unless it must be.
fn is_noticed<R: Rung>(rule: R::Rule) -> bool {
    let mut sizes: Vec<_> = small::<R>().collect();
    sizes.sort_by_key(|config| config.expect.distinct);
    [ENOUGH / 30, ENOUGH].into_iter().any(|most| {
        sizes.iter().any(|config| {
            let model = model::<R, _>(config, Observed::without(rule));
            explored_upto(&model, 1, most).breach.is_some()
        })
    })
}

/// Does that for each, on both cores of the machine.
pub(crate) fn side_by_side<T: Send + Sync + Copy, U: Send>(
    all: Vec<T>,
    each: impl Fn(T) -> U + Sync,
) -> Vec<U> {
    let next = AtomicUsize::new(0);
    let work = || {
        let taken = std::iter::from_fn(|| all.get(next.fetch_add(1, Relaxed)));
        taken.map(|it| each(*it)).collect::<Vec<U>>()
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let mut done = work();
        done.extend(other.join().expect("it says itself what is wrong"));
        done
    })
}

/// What notices, at that size, that a guard is left out.
pub(crate) fn noticed_at<R: Rung>(
    rule: R::Rule,
    settings: &[(&'static str, u32)],
) -> Option<String> {
    let values = Values::new(R::PARAMS, settings);
    let model = R::model(&values, Observed::without(rule)).expect("it fits");
    let breach = explored(&model, 1).breach?;
    Some(name(&model, breach))
}

/// A guard, a size at which it is noticed that it is left out, and what notices it.
pub(crate) type Guard<'g, R> = (R, &'g [(&'static str, u32)], &'g str);

/// Each of these guards is noticed when it is left out, at that size and by that property; and these are all that are not declared redundant.
#[track_caller]
pub(crate) fn notices_each<R: Rung>(guards: &[Guard<'_, R::Rule>]) {
    let found = side_by_side(guards.iter().collect(), |(rule, settings, what)| {
        (rule, noticed_at::<R>(*rule, settings), what)
    });
    for (rule, found, what) in found {
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
    let found = explored(&model, 2);
    assert_eq!((found.breach, found.stop), (None, None));
    (found.distinct, found.depth())
}

/// The kinds of actions that no small size takes.
pub(crate) fn never_taken<R: Rung>() -> Vec<&'static str> {
    let names = <<R::Model<Faithful> as Model>::Action as Named>::NAMES;
    let mut taken = vec![0; names.len()];
    for config in small::<R>() {
        let found = explored(&model::<R, _>(config, Faithful), 2);
        taken
            .iter_mut()
            .zip(found.taken)
            .for_each(|(sum, n)| *sum += n);
    }
    let never = names.iter().zip(taken).filter(|(_, n)| *n == 0);
    never.map(|(name, _)| *name).collect()
}

/// The guards by which no core refuses anything at any small size.
pub(crate) fn never_refuse<R: Rung>() -> Vec<&'static str> {
    let rules = Observed::new();
    for config in small::<R>() {
        explored(&model::<R, _>(config, rules.clone()), 2);
    }
    let never = R::RULES.iter().filter(|rule| !rules.seen(**rule).refused);
    never.map(|rule| rule.card().name).collect()
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

/// At that size a cluster does everything that the model above does, but for what is declared.
#[track_caller]
pub(crate) fn does_everything<R: Clusters>(settings: &[(&'static str, u32)]) {
    let declared = |names: &[(&str, &str)], kind: &str| names.iter().any(|(name, _)| *name == kind);
    for (kind, covered) in repertoire_of::<R>(settings).actions {
        let (never, partly) = (declared(R::NEVER, &kind), declared(R::PARTLY, &kind));
        let as_declared = match covered.taken {
            0 => never,
            taken if taken < covered.all => partly,
            _ => !never && !partly,
        };
        assert!(
            as_declared,
            "{kind}: {covered:?}, never {never}, partly {partly}"
        );
    }
}

/// A reason why no step of a cluster stands for some transitions of the model above, in terms that can be asked of any.
pub(crate) struct Gap<A: Model> {
    pub(crate) because: &'static str,
    pub(crate) is: fn(&A::State, &A::Action) -> bool,
}

type AboveOf<R> = <<R as Rung>::Model<Faithful> as Refines>::Abstract;

/// At those sizes, of what the model above may do where a cluster comes to rest: the cluster does it, or there is a reason, and never both. Each reason is one for something.
///
/// What begins where the cluster never comes, or only passes through, follows from that: the way there is not taken, or a core goes on in the same step.
#[track_caller]
pub(crate) fn does_all_but<R: Clusters>(
    sizes: &[&[(&'static str, u32)]],
    gaps: &[Gap<AboveOf<R>>],
) {
    let mut reasons = vec![0; gaps.len()];
    let mut wrong = Vec::new();
    for settings in sizes {
        let values = Values::new(R::PARAMS, settings);
        let model = R::model(&values, Faithful).expect("it fits");
        let (found, transitions) = at_rest(&model, &Plan::default(), &Progress::default());
        assert_eq!((found.breach, found.stop), (None, None));
        assert!(transitions.iter().any(|it| it.taken));
        for it in &transitions {
            let why = gaps.iter().position(|gap| (gap.is)(&it.from, &it.action));
            match (it.taken, why) {
                (true, None) => {}
                (false, Some(gap)) => reasons[gap] += 1,
                (true, Some(gap)) => {
                    let because = gaps[gap].because;
                    wrong.push(format!("taken, although {because}: {}", said(it)));
                }
                (false, None) => wrong.push(format!("not taken, for no reason: {}", said(it))),
            }
        }
    }
    for (gap, transitions) in gaps.iter().zip(&reasons) {
        eprintln!("{transitions}: {}", gap.because);
    }
    wrong.sort_unstable();
    let some: Vec<_> = wrong.iter().take(8).cloned().collect();
    assert!(
        wrong.is_empty(),
        "{}, such as\n{}",
        wrong.len(),
        some.join("\n")
    );
    assert!(reasons.iter().all(|transitions| *transitions > 0));
}

fn said<A: Model<State: std::fmt::Debug, Action: std::fmt::Debug>>(it: &AtRest<A>) -> String {
    format!("{:?} from {:?}", it.action, it.from)
}

/// A line broken by hand, in a core: the guard is left out by the rule set, as if its line were deleted. The story of what breaks is short.
#[track_caller]
pub(crate) fn breaks_without<R: Rung>(
    rule: impl Into<R::Rule>,
    settings: &[(&'static str, u32)],
    what: &str,
) {
    let values = Values::new(R::PARAMS, settings);
    let rules = Observed::without(rule.into());
    is_told_shortly(&R::model(&values, rules).expect("it fits"), what);
}

/// A line broken by hand, in a host: for the model it is all the same who sends too early, or forgets. The story of what breaks is short.
#[track_caller]
pub(crate) fn breaks_on<R, C>(negligence: Negligence, settings: &[(&'static str, u32)], what: &str)
where
    R: Rung<Model<Faithful> = Clustered<C>>,
    C: Correspondence,
{
    let values = Values::new(R::PARAMS, settings);
    let model = R::model(&values, Faithful).expect("it fits");
    is_told_shortly(&model.on(negligence), what);
}

#[track_caller]
fn is_told_shortly<M: Spec + Refines>(model: &M, what: &str) {
    let (broken, story) = shortest_story(model).expect("something breaks");
    let story = story.join("\n  ");
    eprintln!("{broken}:\n  {story}");
    assert_eq!(broken, what);
    assert!(story.lines().count() <= 25, "{story}");
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

/// What breaks a walk when a guard is left out, or the rules of the model above that it breaks, and what is left of the walk, if some seed finds one.
pub(crate) fn walk_without<R: Clusters>(
    rule: R::Rule,
    seeds: std::ops::Range<u64>,
) -> Option<(String, String)>
where
    R::Model<Observed<R::Rule>>: Scheduled,
{
    let mut walks = R::WALKS
        .iter()
        .flat_map(|size| seeds.clone().map(move |seed| (size, seed)));
    walks.find_map(|(size, seed)| {
        let rules = Observed::without(rule);
        let Walked::Breaks(broken) = walked::<R, _>(size, rules.clone(), seed) else {
            return None;
        };
        let values = Values::new(R::PARAMS, size.settings);
        let model = R::model(&values, rules).expect("a walk's size fits");
        let rules = walk::broken_rules(&model, &broken.schedule);
        let what = either(&rules, broken.what);
        Some((what, story(&broken)))
    })
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
