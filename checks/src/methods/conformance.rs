//! Conformance beyond refinement: that a cluster of cores does all that the model above does, and that long random walks of it conform.

use std::collections::BTreeMap;
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use concur_correspond::repertoire::Between;
use concur_models::kit::{NoSuchModel, Values};

use super::How;
use crate::clusters::{AnyClusters, Declared, Request, Taken};
use crate::engine::REFINEMENT;
use crate::engine::limits::{Limits, Stop, resident_memory};
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
    let actions = &found.repertoires.actions;
    let (gaps, said) = match found.stop {
        Some(_) => (Vec::new(), Vec::new()),
        None => held_against(clusters, actions),
    };
    let wrong = found.wrong.iter();
    let wrong = wrong.map(|size| format!("{size}: something is wrong there, see its own check"));
    let gaps: Vec<_> = wrong.chain(gaps).collect();
    let status = match (gaps.is_empty(), found.stop) {
        (false, _) => Status::Fails,
        (true, Some(_)) => Status::Unknown,
        // Every model above was too large to be looked at.
        (true, None) if actions.is_empty() => Status::Vacuous,
        (true, None) => Status::Holds,
    };
    let findings = Findings {
        reach: Reach::Bounded {
            by: vec!["the small sizes".to_owned()],
            extent: Extent {
                distinct: found.repertoires.states,
                ..Extent::default()
            },
        },
        properties: vec![property("Repertoire", PropertyKind::Coverage, status)],
        promises: Vec::new(),
        failure: None,
        stop: found.stop,
        actions: actions
            .iter()
            .map(|(action, between)| Count {
                name: action.clone().into(),
                count: between.most.taken,
            })
            .collect(),
        bounds: Vec::new(),
    };
    Ok((findings, gaps.into_iter().chain(said).collect()))
}

/// What clusters do, held against what is declared: where that differs, and what the reasons are where it does not.
fn held_against(
    clusters: &dyn AnyClusters,
    actions: &BTreeMap<String, Between>,
) -> (Vec<String>, Vec<String>) {
    let (mut gaps, mut said) = (Vec::new(), Vec::new());
    for (action, Between { least, most }) in actions {
        let reason = |declared: Declared| {
            let entry = declared.iter().find(|(name, _)| name == action);
            entry.map(|(_, because)| *because)
        };
        let (never, partly) = (reason(clusters.never()), reason(clusters.partly()));
        match (most.taken, never, partly) {
            (0, Some(because), None) => said.push(format!("never {action}: {because}")),
            (taken, None, Some(because)) if 0 < taken && !least.is_all() => {
                let between = match least == most {
                    true => format!("{most} transitions"),
                    false => format!("{least} to {most} transitions, by size"),
                };
                said.push(format!("{action}: {between}: {because}"));
            }
            (_, None, None) if most.is_all() => {}
            _ => gaps.push(format!(
                "{action}: steps of cores stand for {least} to {most} transitions of {}, by size, which is not what is declared",
                clusters.refines()
            )),
        }
    }
    (gaps, said)
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

/// Why no walk begins or goes on. A walk has no distinct states to be limited, and its depth is how many events it has.
fn stops(limits: &Limits, started: Instant) -> Option<Stop> {
    let too_large = |most| resident_memory() >= most;
    if limits.interrupted.load(Relaxed) {
        Some(Stop::Interrupted)
    } else if limits.timeout.is_some_and(|time| started.elapsed() >= time) {
        Some(Stop::Timeout)
    } else {
        limits
            .max_memory
            .is_some_and(too_large)
            .then_some(Stop::MaxMemory)
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
        let status = match (&self.failure, self.stop) {
            (Some(_), _) => Status::Fails,
            (None, Some(_)) => Status::Unknown,
            (None, None) if self.actions == 0 => Status::Vacuous,
            (None, None) => Status::Holds,
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
    let seeds = (0..walks.cases).map(|nth| walks.seed.wrapping_add(nth));
    let stopped = || stops(&how.plan.limits, started);
    let take = |seed| {
        let walked = match stopped() {
            Some(stop) => Ok(Err(stop)),
            None => clusters.walk(&Request {
                values: walks.values,
                without: walks.without,
                seed,
                steps: walks.steps,
                stops: &stopped,
            }),
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
