//! Conformance beyond refinement: that a cluster of cores does all that the model above does, and that long random walks of it conform.

use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use concur_models::kit::{NoSuchModel, Values};

use super::How;
use crate::clusters::{AnyClusters, Request, Taken};
use crate::engine::REFINEMENT;
use crate::engine::limits::{Limits, Stop};
use crate::side_by_side::in_order;
use crate::verdict::{Count, Extent, Failure, Findings, Property, PropertyKind, Reach, Status};

/// Sizes at which the model above has more states than this are not held against it transition by transition.
const MOST_STATES: usize = 20_000;

/// What of the model above clusters do, and in what that differs from what is declared.
///
/// # Errors
/// If a named size gives no model.
pub fn repertoire(
    clusters: &dyn AnyClusters,
    how: How<'_>,
) -> Result<(Findings, Vec<String>), NoSuchModel> {
    let found = clusters.repertoire(how, MOST_STATES)?;
    let mut gaps = Vec::new();
    let mut said = Vec::new();
    for (action, covered) in &found.actions {
        let reason = |declared: crate::clusters::Declared| {
            let entry = declared.iter().find(|(name, _)| name == action);
            entry.map(|(_, because)| *because)
        };
        let (never, partly) = (reason(clusters.never()), reason(clusters.partly()));
        let (taken, all) = (covered.taken, covered.all);
        match (taken, never, partly) {
            (0, Some(because), None) => said.push(format!("never {action}: {because}")),
            (taken, None, Some(because)) if 0 < taken => {
                said.push(format!("{action}: {taken} of {all} transitions: {because}"));
            }
            (taken, None, None) if taken == all => {}
            _ => gaps.push(format!(
                "{action}: steps of cores stand for {taken} of {all} transitions of {}, which is not what is declared",
                clusters.refines()
            )),
        }
    }
    let interrupted = how.plan.limits.interrupted.load(Relaxed);
    let status = match (interrupted, gaps.is_empty()) {
        (true, _) => Status::Unknown,
        (false, false) => Status::Fails,
        // Every model above was too large to be looked at.
        (false, true) if found.actions.is_empty() => Status::Vacuous,
        (false, true) => Status::Holds,
    };
    let actions = found.actions.iter();
    let findings = Findings {
        reach: Reach::Bounded {
            by: vec!["the small sizes".to_owned()],
            extent: Extent {
                distinct: found.states,
                ..Extent::default()
            },
        },
        properties: vec![property("Repertoire", PropertyKind::Coverage, status)],
        promises: Vec::new(),
        failure: None,
        stop: interrupted.then_some(Stop::Interrupted),
        actions: actions
            .map(|(action, covered)| Count {
                name: action.clone().into(),
                count: covered.taken,
            })
            .collect(),
        bounds: Vec::new(),
    };
    gaps.extend(said);
    Ok((findings, gaps))
}

/// Walks to take: at one size, from one seed on.
#[derive(Clone, Copy, Debug)]
pub struct Walks<'v> {
    /// The size.
    pub values: &'v Values,
    /// The rule to leave out.
    pub without: Option<&'v str>,
    /// The first seed.
    pub seed: u64,
    /// How many walks.
    pub cases: u64,
    /// How many events each has.
    pub steps: u64,
}

/// Why no further walk begins. A walk has no distinct states to be limited.
fn stops(limits: &Limits, started: Instant) -> Option<Stop> {
    match limits.timeout {
        _ if limits.interrupted.load(Relaxed) => Some(Stop::Interrupted),
        Some(timeout) if started.elapsed() >= timeout => Some(Stop::Timeout),
        _ => None,
    }
}

/// What walks came to, in the order of their seeds.
#[derive(Default)]
struct Tally {
    cases: u64,
    events: u64,
    actions: u64,
    failure: Option<(u64, Failure)>,
    stop: Option<Stop>,
}

impl Tally {
    /// One more walk, or why it was not taken.
    fn count(&mut self, seed: u64, walked: Result<Taken, Stop>) -> ControlFlow<()> {
        self.cases += u64::from(walked.is_ok());
        match walked {
            Ok(Taken::Conforms { steps, stood_for }) => {
                self.events += steps;
                self.actions += stood_for;
                return Continue(());
            }
            Ok(Taken::Breaks { what, rules, trace }) => {
                let failure = Failure {
                    property: what,
                    breaks: rules,
                    trace: Some(trace),
                };
                self.failure = Some((seed, failure));
            }
            Err(stop) => self.stop = Some(stop),
        }
        Break(())
    }

    /// As the findings of walks from the seed `first` on.
    fn findings(self, first: u64) -> Findings {
        let status = match (&self.failure, self.actions) {
            (Some(_), _) => Status::Fails,
            (None, 0) => Status::Vacuous,
            (None, _) => Status::Holds,
        };
        let broken = self
            .failure
            .as_ref()
            .map_or(REFINEMENT, |(_, failure)| failure.property);
        Findings {
            reach: Reach::Sampled {
                cases: self.cases,
                seed: self.failure.as_ref().map_or(first, |(seed, _)| *seed),
                extent: Extent {
                    generated: Some(self.events),
                    ..Extent::default()
                },
            },
            properties: vec![property(broken, PropertyKind::Refinement, status)],
            promises: Vec::new(),
            failure: self.failure.map(|(_, failure)| failure),
            stop: self.stop,
            actions: vec![Count {
                name: "actions of the model above".into(),
                count: self.actions,
            }],
            bounds: Vec::new(),
        }
    }
}

/// Takes walks until one breaks something, or all are taken, or the time is up. Of several that break something, the one with the lowest seed counts.
///
/// # Errors
/// If the values give no model.
pub fn walks(
    clusters: &dyn AnyClusters,
    walks: Walks<'_>,
    how: How<'_>,
) -> Result<Findings, NoSuchModel> {
    let started = Instant::now();
    let seeds = (walks.seed..).take(usize::try_from(walks.cases).unwrap_or(usize::MAX));
    let take = |seed| {
        let walked = match stops(&how.plan.limits, started) {
            Some(stop) => Ok(Err(stop)),
            None => clusters
                .walk(&Request {
                    values: walks.values,
                    without: walks.without,
                    seed,
                    steps: walks.steps,
                })
                .map(Ok),
        };
        if let Ok(Ok(Taken::Conforms { steps, .. })) = walked {
            how.progress.distinct.fetch_add(steps, Relaxed);
        }
        walked.map(|walked| (seed, walked))
    };
    let mut tally = Tally::default();
    let ended = in_order(how.plan.threads, seeds, take, |walked| match walked {
        Ok((seed, walked)) => tally.count(seed, walked).map_break(|()| None),
        Err(no_model) => Break(Some(no_model)),
    });
    match ended {
        Break(Some(no_model)) => Err(no_model),
        _ => Ok(tally.findings(walks.seed)),
    }
}

fn property(name: &'static str, kind: PropertyKind, status: Status) -> Property {
    Property {
        name,
        kind,
        status,
        witnesses: Vec::new(),
    }
}
