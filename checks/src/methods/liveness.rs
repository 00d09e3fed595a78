//! What a model promises to do: judged on every fair behaviour of a configuration.

use std::sync::atomic::Ordering;

use concur_models::kit::{Fairness, Promise, Strength, Temporal};

use crate::engine::fingerprint::collision_probability;
use crate::engine::limits::Progress;
use crate::engine::liveness::naive::{self, Opinion as Naive};
use crate::engine::liveness::validate::{How, Met};
use crate::engine::liveness::{Judged, Liveness, Outcome, Plan, Why};
use crate::trace::of_lasso;
use crate::verdict::{
    Assumed, Extent, Findings, Opinion, Promised, Property, PropertyKind, Reach, Status,
};

/// Judges every promise of `model` under the fairness that it needs.
pub fn judge<M: Temporal>(model: &M, plan: &Plan, progress: &Progress) -> Findings {
    match Liveness::of(model, plan, progress) {
        Ok(liveness) => {
            let promised = |promise| promised(model, &liveness, promise, &[]);
            findings(
                extent(&liveness),
                liveness.cut(),
                model.promises().iter().map(promised).collect(),
            )
        }
        Err(why) => {
            let unknown = |promise| unknown(model, promise, &[], &why);
            findings(
                extent_so_far(progress),
                0,
                model.promises().iter().map(unknown).collect(),
            )
        }
    }
}

/// Each promise once more for each assumption that it needs, without that one: the assumption, and what becomes of the promise. What is `known` already, by promise
/// and assumption, is left out.
pub fn without_each<M: Temporal>(
    model: &M,
    plan: &Plan,
    progress: &Progress,
    known: &dyn Fn(&str, &str) -> bool,
) -> Vec<(&'static str, Promised)> {
    let promises = model.promises();
    let pairs = promises.iter().flat_map(|promise| {
        let needs = promise.needs.iter();
        needs.map(move |assumption| (promise, *assumption))
    });
    let open: Vec<_> = pairs
        .filter(|(promise, assumption)| !known(promise.name, assumption))
        .collect();
    if open.is_empty() {
        return Vec::new();
    }
    let liveness = Liveness::of(model, plan, progress);
    let without = |(promise, dropped): (&Promise<M>, &'static str)| {
        let promised = match &liveness {
            Ok(liveness) => promised(model, liveness, promise, &[dropped]),
            Err(why) => unknown(model, promise, &[dropped], why),
        };
        (dropped, promised)
    };
    open.into_iter().map(without).collect()
}

/// What the naive judge says, held against what we say.
pub fn second_opinion<M: Temporal>(model: &M, ours: &[Promised]) -> Opinion {
    let disagrees = |promised: &&Promised| {
        let assuming: Vec<_> = promised
            .assuming
            .iter()
            .map(|assumed| assumed.name)
            .collect();
        let theirs = match naive::judge(model, promised.name, &assuming) {
            Naive::Holds => promised.due == 0 || promised.status == Status::Holds,
            Naive::Fails => promised.status == Status::Fails,
            Naive::Bounded => promised.status == Status::Unknown,
        };
        !theirs
    };
    let wrong: Vec<_> = ours.iter().filter(disagrees).collect();
    let names: Vec<_> = wrong.iter().map(|promised| promised.name).collect();
    Opinion {
        engine: "naive judge",
        agrees: wrong.is_empty(),
        found: names.join("; "),
    }
}

fn promised<M: Temporal>(
    model: &M,
    liveness: &Liveness<'_, M>,
    promise: &Promise<M>,
    dropped: &[&str],
) -> Promised {
    match liveness.judge(promise.name, dropped) {
        Ok(judged) => told(model, &judged),
        Err(why) => unknown(model, promise, dropped, &why),
    }
}

fn told<M: Temporal>(model: &M, judged: &Judged<M::State, M::Action>) -> Promised {
    let (status, why) = match &judged.outcome {
        Outcome::Fails(..) => (Status::Fails, None),
        Outcome::Bounded(cut) => {
            let why = format!(
                "{cut} steps lead outside of the bounds, and what happens there nobody knows"
            );
            (Status::Unknown, Some(why))
        }
        Outcome::Holds if judged.due == 0 => (Status::Vacuous, None),
        Outcome::Holds => (Status::Holds, None),
    };
    let lasso = match &judged.outcome {
        Outcome::Fails(lasso, met) => {
            let fair = met.iter().map(|met| fairly(met, lasso.stem.len()));
            Some(of_lasso(model, lasso, fair.collect()))
        }
        _ => None,
    };
    Promised {
        name: judged.promise,
        assuming: assumed(model, &judged.assumed),
        status,
        due: judged.due,
        lasso,
        why,
        stop: None,
    }
}

/// How a class is treated fairly, with the steps numbered as in the story.
fn fairly(met: &Met, stem: usize) -> String {
    let how = match met.how {
        How::Taken(at) => format!("step {} does it", stem + at + 1),
        How::Disabled(at) => format!("before step {} it is not possible", stem + at + 1),
        How::NeverEnabled => "it is never possible".to_owned(),
    };
    format!("{}: {how}", met.fairness)
}

fn unknown<M: Temporal>(model: &M, promise: &Promise<M>, dropped: &[&str], why: &Why) -> Promised {
    let kept = promise.needs.iter().filter(|name| !dropped.contains(name));
    let kept: Vec<_> = kept.copied().collect();
    Promised {
        name: promise.name,
        assuming: assumed(model, &kept),
        status: Status::Unknown,
        due: 0,
        lasso: None,
        why: Some(why.to_string()),
        stop: match why {
            Why::Stopped(stop) => Some(*stop),
            _ => None,
        },
    }
}

fn assumed<M: Temporal>(model: &M, names: &[&'static str]) -> Vec<Assumed> {
    let all = model.fairness();
    let of = |fairness: &&Fairness<M>| names.contains(&fairness.name);
    let assumed = |fairness: &Fairness<M>| Assumed {
        fairness: match fairness.strength {
            Strength::Weak => "weak",
            Strength::Strong => "strong",
        },
        name: fairness.name,
    };
    all.iter().filter(of).map(assumed).collect()
}

fn extent<M: Temporal>(liveness: &Liveness<'_, M>) -> Extent {
    Extent {
        distinct: liveness.states(),
        depth: Some(liveness.depth()),
        generated: Some(liveness.steps()),
        levels: Vec::new(),
        collision_probability: collision_probability(liveness.states()),
    }
}

fn extent_so_far(progress: &Progress) -> Extent {
    let distinct = progress.distinct.load(Ordering::Relaxed);
    Extent {
        distinct,
        depth: Some(progress.depth.load(Ordering::Relaxed)),
        generated: Some(progress.generated.load(Ordering::Relaxed)),
        levels: Vec::new(),
        collision_probability: collision_probability(distinct),
    }
}

fn findings(extent: Extent, cut: u64, promises: Vec<Promised>) -> Findings {
    let stopped = promises.iter().find_map(|promised| promised.why.clone());
    let outside = (cut > 0).then(|| format!("the model's bounds ({cut} steps cut off)"));
    let by: Vec<_> = outside.into_iter().chain(stopped).collect();
    let property = |promised: &Promised| Property {
        name: promised.name,
        kind: PropertyKind::Liveness,
        status: promised.status,
        witnesses: Vec::new(),
    };
    Findings {
        reach: match by.is_empty() {
            true => Reach::Every(extent),
            false => Reach::Bounded { by, extent },
        },
        properties: promises.iter().map(property).collect(),
        stop: promises.iter().find_map(|promised| promised.stop),
        promises,
        failure: None,
        actions: Vec::new(),
        bounds: Vec::new(),
    }
}
