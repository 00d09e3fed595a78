//! Published bugs: each is planted, and looked for until the property that its source names fails, whatever fails before.

use std::time::Instant;

use concur_models::kit::{Config, LiveConfig, NoSuchModel, Outcome, Tier, Values};
mod specimen;

pub use specimen::{First, Matrix, Rival, Sighting, Specimen};

use super::How;
use crate::engine::liveness;
use crate::engine::stateright::{Strategy, hunt};
use crate::registry::{AnyRung, RUNGS, describe, values_of};
use crate::temporal::{AnyLive, LIVES};
use crate::trace::Behaviour;
use crate::verdict::{Findings, Promised, PropertyKind, Status};
use crate::zoo::{Bug, Seed};

/// So many states stateright's checkers may generate before they give up.
const STATERIGHT_MOST: usize = 2_000_000;

/// How to look for a bug.
#[derive(Clone, Copy, Debug)]
pub struct Safari<'a> {
    /// Up to which tier named configurations are tried.
    pub tier: Tier,
    /// Whether it is looked for once more with each reduction, and by stateright.
    pub matrix: bool,
    /// Limits, seed and threads. Its symmetry is not read: the matrix has it on and off.
    pub how: How<'a>,
}

/// Plants `bug` and looks for it.
///
/// # Errors
/// If its size gives no model, or nothing goes by the names that the list uses.
pub fn plant(bug: &'static Bug, safari: Safari<'_>) -> Result<Specimen, NoSuchModel> {
    let started = Instant::now();
    let mut specimen = Specimen::of(bug);
    let live = LIVES.iter().find(|live| live.about().id() == bug.rung);
    let rung = RUNGS.iter().find(|rung| rung.about().id() == bug.rung);
    let promised = live.and_then(|live| promised_at(*live, bug));
    match (promised, live, rung) {
        (Some(config), Some(live), _) => break_promise(&mut specimen, *live, config, safari)?,
        (_, _, Some(rung)) => break_property(&mut specimen, *rung, bug, safari)?,
        _ => return Err(NoSuchModel(format!("no model is called {}", bug.rung))),
    }
    specimen.judge();
    specimen.seconds = started.elapsed().as_secs_f64();
    Ok(specimen)
}

/// The size at which a model's promise is judged, if that is what the bug breaks.
fn promised_at(live: &dyn AnyLive, bug: &Bug) -> Option<&'static LiveConfig> {
    let configs = live.about().configs;
    configs.iter().find(|c| Seed::Config(c.name) == bug.seed)
}

fn break_promise(
    specimen: &mut Specimen,
    live: &dyn AnyLive,
    config: &LiveConfig,
    safari: Safari<'_>,
) -> Result<(), NoSuchModel> {
    let values = Values::new(live.about().params, config.settings);
    let plan = liveness::Plan {
        limits: safari.how.plan.limits.clone(),
        seed: safari.how.plan.seed,
        symmetry: false,
    };
    let findings = live.judge(&values, &plan, safari.how.progress)?;
    let distinct = findings.reach.extent().distinct;
    let mut promises = findings.promises.into_iter();
    let promised = promises.find(|promised| promised.name == specimen.breaks);
    specimen.seed = config.name.to_owned();
    specimen.size = config.name.to_owned();
    specimen.parameters = describe(live.about().params, &values);
    let assumed = promised.iter().flat_map(|promised| &promised.assuming);
    specimen.assuming = assumed.map(|assumed| assumed.name.to_owned()).collect();
    specimen.kind = promised.as_ref().map(|_| PropertyKind::Liveness);
    specimen.sighting = Sighting {
        found: promised.as_ref().is_some_and(|p| p.status == Status::Fails),
        states: promised.as_ref().and_then(steps),
        distinct,
        stop: promised.as_ref().and_then(|promised| promised.stop),
    };
    specimen.lasso = promised.and_then(|promised| promised.lasso);
    specimen.matrix = safari.matrix.then_some(Matrix {
        symmetry: None,
        stateright_bfs: Rival::NoWord,
        stateright_dfs: Rival::NoWord,
    });
    Ok(())
}

/// The steps of the lasso that breaks a promise.
fn steps(promised: &Promised) -> Option<u32> {
    Some(promised.lasso.as_ref()?.steps.len() as u32)
}

fn break_property(
    specimen: &mut Specimen,
    rung: &dyn AnyRung,
    bug: &Bug,
    safari: Safari<'_>,
) -> Result<(), NoSuchModel> {
    let without = specimen.without;
    for (size, values) in sizes(rung, bug, safari.tier) {
        specimen.size = size;
        specimen.parameters = describe(rung.about().params, &values);
        let place = Place {
            rung,
            values: &values,
            without,
        };
        place.look(specimen, safari.how)?;
        if specimen.sighting.found || specimen.sighting.stop.is_some() {
            if safari.matrix {
                specimen.matrix = Some(place.matrix(specimen, safari.how)?);
            }
            break;
        }
    }
    specimen.seed = match bug.seed {
        Seed::Without(rule) => format!("without {rule}"),
        Seed::Config(_) | Seed::Set => specimen.size.clone(),
    };
    Ok(())
}

/// The sizes at which a bug is looked for, in words and in values.
fn sizes(rung: &dyn AnyRung, bug: &Bug, tier: Tier) -> Vec<(String, Values)> {
    let about = rung.about();
    if !bug.at.is_empty() {
        return vec![(bug.params().join(","), Values::new(about.params, bug.at))];
    }
    let wanted = |config: &&Config| match bug.seed {
        Seed::Config(name) => config.name == name,
        Seed::Without(_) | Seed::Set => {
            config.tier <= tier && config.expect.outcome == Outcome::Holds
        }
    };
    let configs = about.configs.iter().filter(wanted);
    configs
        .map(|config| (config.name.to_owned(), values_of(about.params, config)))
        .collect()
}

/// Where a bug is planted.
#[derive(Clone, Copy)]
struct Place<'a> {
    rung: &'a dyn AnyRung,
    values: &'a Values,
    without: Option<&'static str>,
}

impl Place<'_> {
    /// Looks for the property that is named, and for what fails first.
    fn look(self, specimen: &mut Specimen, how: How<'_>) -> Result<(), NoSuchModel> {
        let how = How {
            symmetry: false,
            ..how
        };
        how.progress.begin_again();
        let findings = self.rung.examine(self.values, self.without, how)?;
        specimen.first = first(&findings, specimen.breaks);
        specimen.stop = specimen.stop.or(findings.stop);
        let kind = findings
            .properties
            .iter()
            .find(|p| p.name == specimen.breaks);
        specimen.kind = kind.map(|property| property.kind);
        let property = specimen.breaks;
        how.progress.begin_again();
        match self.rung.hunt(self.values, self.without, property, how)? {
            Some(hunted) => {
                let failure = hunted.failure.as_ref();
                specimen.sighting = Sighting::of(failure, property, hunted.distinct, hunted.stop);
                specimen.trace = hunted.failure.and_then(|failure| failure.trace);
            }
            None => {
                specimen.kind = witness(&findings, property).map(|_| PropertyKind::Coverage);
                specimen.sighting = never_seen(&findings, property);
            }
        }
        Ok(())
    }

    fn matrix(self, specimen: &Specimen, how: How<'_>) -> Result<Matrix, NoSuchModel> {
        let property = specimen.breaks;
        let how = How {
            symmetry: true,
            ..how
        };
        how.progress.begin_again();
        let symmetry = match self.rung.about().symmetry {
            None => None,
            Some(_) => match self.rung.hunt(self.values, self.without, property, how)? {
                Some(hunted) => {
                    let failure = hunted.failure.as_ref();
                    Some(Sighting::of(
                        failure,
                        property,
                        hunted.distinct,
                        hunted.stop,
                    ))
                }
                None => {
                    let findings = self.rung.examine(self.values, self.without, how)?;
                    Some(never_seen(&findings, property))
                }
            },
        };
        let rival = |strategy| match specimen.kind {
            Some(PropertyKind::Invariant) => {
                let model = self.rung.machine(self.values, self.without)?;
                Ok(Rival::of(hunt(model, strategy, property, STATERIGHT_MOST)))
            }
            _ => Ok(Rival::NoWord),
        };
        Ok(Matrix {
            symmetry,
            stateright_bfs: rival(Strategy::Bfs)?,
            stateright_dfs: rival(Strategy::Dfs)?,
        })
    }
}

fn first(findings: &Findings, named: &str) -> Option<First> {
    let failure = findings.failure.as_ref()?;
    (failure.property != named).then(|| First {
        by: failure.property,
        states: failure.trace.as_ref().map_or(0, Behaviour::states),
    })
}

/// Whether a witness of that name was seen; `None` if there is no such witness.
fn witness(findings: &Findings, name: &str) -> Option<bool> {
    let mut witnesses = findings.properties.iter().flat_map(|p| &p.witnesses);
    let witness = witnesses.find(|witness| witness.name == name)?;
    Some(witness.seen)
}

/// Where the bug keeps something from ever happening, it is found when everything was seen and that was not.
fn never_seen(findings: &Findings, name: &str) -> Sighting {
    let complete = findings.stop.is_none() && findings.failure.is_none();
    Sighting {
        found: complete && witness(findings, name) == Some(false),
        states: None,
        distinct: findings.reach.extent().distinct,
        stop: findings.stop,
    }
}
