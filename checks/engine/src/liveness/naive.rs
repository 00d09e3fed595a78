//! A deliberately naive judge of liveness: exact states in ordered sets, and no components. It is there to be believed.
//!
//! For each choice of the strongly fair classes that are never enabled any more from some time on, the others must be taken again and again. That leaves
//! demands of the form "again and again", which hold in a greatest fixpoint: the states from which, without leaving the set, each demand can be met once more
//! (Emerson & Lei 1986).

use std::collections::{BTreeMap, BTreeSet};

use concur_models::kit::{Claim, Predicate, Strength, Temporal};

/// What the naive judge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opinion {
    /// No fair behaviour breaks the promise.
    Holds,
    /// One does.
    Fails,
    /// None does within the bounds, and outside nobody knows.
    Bounded,
}

/// A class: which fairness, and its number there.
type Class = (usize, usize);
/// Each state's steps: the classes that are taken, and where to, if that is within the bounds. The stutter is one of them.
type Steps<S> = BTreeMap<S, Vec<(BTreeSet<Class>, Option<S>)>>;

/// Judges the promise of that name, if only the fairness named in `assumed` may be assumed.
///
/// # Panics
/// If there is no such promise.
pub fn judge<M: Temporal>(model: &M, promise: &str, assumed: &[&str]) -> Opinion {
    let inside = |s: &M::State| model.exceeded(s).is_none();
    let (initial, beyond): (Vec<_>, Vec<_>) = model.init_states().into_iter().partition(inside);
    let steps = reachable(model, &initial, assumed);
    let promises = model.promises();
    let promise = promises.iter().find(|p| p.name == promise);
    let claim = &promise.expect("a promise of the model").claim;
    // Where the promise is broken if it is due; where it becomes due; what must be false again and again, for it to be broken.
    let region = |s: &M::State| match claim {
        Claim::Eventually(p) | Claim::AlwaysEventually(p) => !p(model, s),
        Claim::LeadsTo(_, q) => !q(model, s),
        Claim::EventuallyAlways(_) => true,
    };
    let begins = |s: &M::State| match claim {
        Claim::Eventually(_) => initial.contains(s),
        Claim::LeadsTo(p, _) => p(model, s),
        _ => true,
    };
    let never_for_ever = match claim {
        Claim::EventuallyAlways(p) => Some(*p),
        _ => None,
    };

    let all: BTreeSet<_> = steps.keys().filter(|s| region(s)).cloned().collect();
    let can_break = can_be_fair(model, &steps, &all, never_for_ever);
    let due = |s: &&M::State| region(s) && begins(s);
    if steps.keys().filter(due).any(|s| can_break.contains(s)) {
        return Opinion::Fails;
    }
    let leaves = |s: &M::State| steps[s].iter().any(|(_, after)| after.is_none());
    let may_escape = match claim {
        Claim::Eventually(_) => {
            let edge = all.iter().filter(|s| leaves(s)).cloned().collect();
            let to_the_edge = backwards(&steps, &all, edge);
            initial.iter().any(|s| to_the_edge.contains(s))
        }
        _ => steps.keys().any(leaves),
    };
    if may_escape || !beyond.is_empty() {
        Opinion::Bounded
    } else {
        Opinion::Holds
    }
}

fn reachable<M: Temporal>(model: &M, initial: &[M::State], assumed: &[&str]) -> Steps<M::State> {
    let fairness = model.fairness();
    let mut steps = Steps::new();
    let mut open = initial.to_vec();
    while let Some(s) = open.pop() {
        if steps.contains_key(&s) {
            continue;
        }
        let mut out = vec![(BTreeSet::new(), Some(s.clone()))];
        for (action, t) in model.next_steps(&s) {
            if t != s {
                let classes = fairness.iter().enumerate();
                let classes = classes.filter(|(_, f)| assumed.contains(&f.name));
                let classes =
                    classes.filter_map(|(i, f)| Some((i, f.class.of(model, &s, &action)?)));
                let inside = model.exceeded(&t).is_none();
                open.extend(inside.then(|| t.clone()));
                out.push((classes.collect(), inside.then_some(t)));
            }
        }
        steps.insert(s, out);
    }
    steps
}

/// The states from which a fair behaviour stays in `region` for ever, and makes `never_for_ever` false again and again.
fn can_be_fair<M: Temporal>(
    model: &M,
    steps: &Steps<M::State>,
    region: &BTreeSet<M::State>,
    never_for_ever: Option<Predicate<M>>,
) -> BTreeSet<M::State> {
    let fairness = model.fairness();
    let classes: BTreeSet<Class> = steps
        .values()
        .flatten()
        .flat_map(|(classes, _)| classes)
        .copied()
        .collect();
    let strength = |class: &Class| fairness[class.0].strength;
    let (weak, strong): (Vec<_>, Vec<_>) = classes
        .into_iter()
        .partition(|c| strength(c) == Strength::Weak);
    let enabled =
        |s: &M::State, class: &Class| steps[s].iter().any(|(taken, _)| taken.contains(class));
    let mut found = BTreeSet::new();
    for choice in 0..1_u64 << strong.len() {
        let (taken, never): (Vec<_>, Vec<_>) =
            (0..strong.len()).partition(|i| choice >> i & 1 == 1);
        let is_never = |s: &&M::State| never.iter().all(|&i| !enabled(s, &strong[i]));
        let mut set: BTreeSet<_> = region.iter().filter(is_never).cloned().collect();
        loop {
            let size = set.len();
            for class in &weak {
                set = can_do(steps, set, |s, step| {
                    step.contains(class) || !enabled(s, class)
                });
            }
            for &i in &taken {
                set = can_do(steps, set, |_, step| step.contains(&strong[i]));
            }
            if let Some(p) = never_for_ever {
                set = can_do(steps, set, |s, _| !p(model, s));
            }
            if set.len() == size {
                break;
            }
        }
        found.extend(set);
    }
    backwards(steps, region, found)
}

/// The states of `set` from which, within it, a step can be reached that is `wanted`.
fn can_do<S: Ord + Clone>(
    steps: &Steps<S>,
    set: BTreeSet<S>,
    wanted: impl Fn(&S, &BTreeSet<Class>) -> bool,
) -> BTreeSet<S> {
    let stays = |t: &Option<S>| t.as_ref().is_some_and(|t| set.contains(t));
    let does = |s: &&S| {
        steps[*s]
            .iter()
            .any(|(taken, t)| stays(t) && wanted(s, taken))
    };
    let goals = set.iter().filter(does).cloned().collect();
    backwards(steps, &set, goals)
}

/// The states of `region` from which, within it, one of `goals` can be reached.
fn backwards<S: Ord + Clone>(
    steps: &Steps<S>,
    region: &BTreeSet<S>,
    goals: BTreeSet<S>,
) -> BTreeSet<S> {
    let mut found = goals;
    loop {
        let reaches = |s: &&S| {
            steps[*s]
                .iter()
                .any(|(_, t)| t.as_ref().is_some_and(|t| found.contains(t)))
        };
        let new: Vec<S> = region
            .iter()
            .filter(|s| !found.contains(s))
            .filter(reaches)
            .cloned()
            .collect();
        if new.is_empty() {
            return found;
        }
        found.extend(new);
    }
}
