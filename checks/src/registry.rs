//! Every rung in one list. Selectors, help, reports and documents derive from it.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use concur_correspond::paxos::{MultiPaxosCoresRung, PaxosCoresRung};
use concur_correspond::raft::configs::RaftCoresRung;
use concur_correspond::ring::RingCoresRung;
use concur_correspond::two_phase::{PaxosCommitCoresRung, TwoPhaseCoresRung};
use concur_models::kit::{Config, Domain, NoSuchModel, Observed, Param, Rung, Spec, Tier, Values};
use concur_models::paxos::configs::{ConsensusRung, PaxosRung, VotingRung};
use concur_models::paxos::durable::configs::DurablePaxosRung;
use concur_models::paxos::multi::configs::{MultiPaxosRung, SlotsRung};
use concur_models::paxos::unbounded::configs::UnboundedPaxosRung;
use concur_models::paxos_commit::configs::PaxosCommitRung;
use concur_models::paxos_commit::durable::configs::DurablePaxosCommitRung;
use concur_models::paxos_commit::unbounded::configs::UnboundedPaxosCommitRung;
use concur_models::raft::asynchronous::configs::AsynchronousRaftRung;
use concur_models::raft::coarse::configs::CoarseRaftRung;
use concur_models::raft::configs::{
    AbstractRaftRung, RaftHistoryRung, RaftRung, ReplicatedLogRung,
};
use concur_models::raft::durable::configs::DurableRaftRung;
use concur_models::ring::configs::{
    BoundedLoadsRung, ChordCorrectedRung, ChordReachRung, ChordRung, KeyMapRung, OwnershipRung,
    PlacementRung, ReplicatedRingRung, RingRung, WeightedPlacementRung,
};
use concur_models::ring::unbounded::configs::UnboundedRingRung;
use concur_models::two_phase::backup::configs::BackupManagerRung;
use concur_models::two_phase::configs::{TCommitRung, TwoPhaseRung};
use concur_models::two_phase::durable::configs::DurableTwoPhaseRung;
use concur_models::two_phase::non_blocking::configs::NonBlockingRung;
use concur_models::two_phase::three_phase::configs::ThreePhaseRung;
use concur_rules::{Card, Faithful, Rule};

use crate::engine::erased::Erased;
use crate::engine::naive;
use crate::methods::How;
use crate::methods::coverage::Coverage;
use crate::methods::exhaustive::{Hunted, examine, hunt};
use crate::methods::opinion::{Other, ask};
use crate::verdict::Findings;

/// Every rung, ladder by ladder, each from its promise down.
///
/// A `static`, not a `const`: a constant would be compiled anew, with every search over every model, into each program that names it.
pub static RUNGS: &[&dyn AnyRung] = &[
    &Entry::<TCommitRung>::NEW,
    &Entry::<TwoPhaseRung>::NEW,
    &Entry::<DurableTwoPhaseRung>::NEW,
    &Entry::<TwoPhaseCoresRung>::NEW,
    &Entry::<ThreePhaseRung>::NEW,
    &Entry::<BackupManagerRung>::NEW,
    &Entry::<NonBlockingRung>::NEW,
    &Entry::<PaxosCommitRung>::NEW,
    &Entry::<DurablePaxosCommitRung>::NEW,
    &Entry::<UnboundedPaxosCommitRung>::NEW,
    &Entry::<PaxosCommitCoresRung>::NEW,
    &Entry::<ConsensusRung>::NEW,
    &Entry::<VotingRung>::NEW,
    &Entry::<PaxosRung>::NEW,
    &Entry::<DurablePaxosRung>::NEW,
    &Entry::<UnboundedPaxosRung>::NEW,
    &Entry::<PaxosCoresRung>::NEW,
    &Entry::<MultiPaxosCoresRung>::NEW,
    &Entry::<SlotsRung>::NEW,
    &Entry::<MultiPaxosRung>::NEW,
    &Entry::<ReplicatedLogRung>::NEW,
    &Entry::<AbstractRaftRung>::NEW,
    &Entry::<RaftRung>::NEW,
    &Entry::<RaftHistoryRung>::NEW,
    &Entry::<CoarseRaftRung>::NEW,
    &Entry::<DurableRaftRung>::NEW,
    &Entry::<AsynchronousRaftRung>::NEW,
    &Entry::<RaftCoresRung>::NEW,
    &Entry::<KeyMapRung>::NEW,
    &Entry::<OwnershipRung>::NEW,
    &Entry::<RingRung>::NEW,
    &Entry::<UnboundedRingRung>::NEW,
    &Entry::<RingCoresRung>::NEW,
    &Entry::<ReplicatedRingRung>::NEW,
    &Entry::<PlacementRung>::NEW,
    &Entry::<WeightedPlacementRung>::NEW,
    &Entry::<BoundedLoadsRung>::NEW,
    &Entry::<ChordRung>::NEW,
    &Entry::<ChordCorrectedRung>::NEW,
    &Entry::<ChordReachRung>::NEW,
];

/// What is said about a rung.
#[derive(Clone, Debug)]
pub struct About {
    /// The protocol.
    pub protocol: &'static str,
    /// The rung.
    pub rung: &'static str,
    /// The rung above, or `promise`.
    pub refines: &'static str,
    /// What is shown.
    pub claim: &'static str,
    /// The published specification or paper.
    pub source: &'static str,
    /// Its rules.
    pub rules: Vec<&'static Card>,
    /// The rules that can be left out, each with the reason.
    pub redundant: Vec<(&'static str, &'static str)>,
    /// The properties that other rungs show, each with the reason.
    pub elsewhere: Vec<(&'static str, &'static str)>,
    /// The tier from which on its configurations make everything happen.
    pub covered_from: Tier,
    /// Its parameters.
    pub params: &'static [Param],
    /// Its named configurations.
    pub configs: &'static [Config],
    /// The names of its bounds.
    pub bounds: &'static [&'static str],
    /// Its symmetry, in words.
    pub symmetry: Option<&'static str>,
    /// The path of the model's type, from which its source file is known.
    pub model: &'static str,
}

impl About {
    /// protocol/rung.
    pub fn id(&self) -> String {
        format!("{}/{}", self.protocol, self.rung)
    }
}

/// A rung, whatever the types of its states and rules.
pub trait AnyRung: Send + Sync {
    /// What is said about it.
    fn about(&self) -> About;

    /// Explores the model of that size with our engine, with one rule left out if one is named.
    ///
    /// # Errors
    /// If the values give no model.
    fn examine(
        &self,
        values: &Values,
        without: Option<&str>,
        how: How<'_>,
    ) -> Result<Findings, NoSuchModel>;

    /// Explores the model of that size, with one rule left out if one is named, until that one property fails; whatever else fails is passed over.
    /// `None` if the rung claims no such property.
    ///
    /// # Errors
    /// If the values give no model.
    fn hunt(
        &self,
        values: &Values,
        without: Option<&str>,
        property: &str,
        how: How<'_>,
    ) -> Result<Option<Hunted>, NoSuchModel>;

    /// Explores the model of that size with another engine.
    ///
    /// # Errors
    /// If the values give no model.
    fn ask(
        &self,
        values: &Values,
        other: Other,
        threads: usize,
        interrupted: &Arc<AtomicBool>,
    ) -> Result<Findings, NoSuchModel>;

    /// How many states of the model of that size are different under its symmetry, counted by the naive explorer.
    ///
    /// # Errors
    /// If the values give no model.
    fn orbits(&self, values: &Values) -> Result<u64, NoSuchModel>;

    /// Adds what the model of that size makes happen to `coverage`.
    ///
    /// # Errors
    /// If the values give no model.
    fn cover(
        &self,
        coverage: &mut Coverage,
        values: &Values,
        how: How<'_>,
    ) -> Result<Findings, NoSuchModel>;

    /// The model of that size, its types forgotten, with one rule left out if one is named: to be browsed, and to take counterexamples again.
    ///
    /// # Errors
    /// If the values give no model.
    fn machine(&self, values: &Values, without: Option<&str>) -> Result<Erased, NoSuchModel>;
}

struct Entry<R>(PhantomData<R>);

impl<R> Entry<R> {
    const NEW: Self = Self(PhantomData);
}

impl<R: Rung> AnyRung for Entry<R> {
    fn about(&self) -> About {
        About {
            protocol: R::PROTOCOL,
            rung: R::NAME,
            refines: R::REFINES,
            claim: R::CLAIM,
            source: R::SOURCE,
            rules: R::RULES.iter().map(|rule| rule.card()).collect(),
            redundant: R::REDUNDANT
                .iter()
                .map(|redundant| (redundant.rule.card().name, redundant.because))
                .collect(),
            elsewhere: R::ELSEWHERE
                .iter()
                .map(|other| (other.property, other.because))
                .collect(),
            covered_from: R::COVERED_FROM,
            params: R::PARAMS,
            configs: R::CONFIGS,
            bounds: <R::Model<Faithful> as Spec>::BOUNDS,
            symmetry: <R::Model<Faithful> as Spec>::SYMMETRY,
            model: std::any::type_name::<R::Model<Faithful>>(),
        }
    }

    fn examine(
        &self,
        values: &Values,
        without: Option<&str>,
        how: How<'_>,
    ) -> Result<Findings, NoSuchModel> {
        match without.and_then(R::Rule::named) {
            Some(rule) => Ok(examine(&R::model(values, Observed::without(rule))?, how)),
            None => Ok(examine(&R::model(values, Faithful)?, how)),
        }
    }

    fn hunt(
        &self,
        values: &Values,
        without: Option<&str>,
        property: &str,
        how: How<'_>,
    ) -> Result<Option<Hunted>, NoSuchModel> {
        match without.and_then(R::Rule::named) {
            Some(rule) => Ok(hunt(
                &R::model(values, Observed::without(rule))?,
                property,
                how,
            )),
            None => Ok(hunt(&R::model(values, Faithful)?, property, how)),
        }
    }

    fn ask(
        &self,
        values: &Values,
        other: Other,
        threads: usize,
        interrupted: &Arc<AtomicBool>,
    ) -> Result<Findings, NoSuchModel> {
        let model = R::model(values, Faithful)?;
        Ok(ask(model, other, threads, interrupted))
    }

    fn orbits(&self, values: &Values) -> Result<u64, NoSuchModel> {
        Ok(naive::orbits(&R::model(values, Faithful)?))
    }

    fn cover(
        &self,
        coverage: &mut Coverage,
        values: &Values,
        how: How<'_>,
    ) -> Result<Findings, NoSuchModel> {
        coverage.add::<R>(values, how)
    }

    fn machine(&self, values: &Values, without: Option<&str>) -> Result<Erased, NoSuchModel> {
        let rules = match without.and_then(R::Rule::named) {
            Some(rule) => Observed::without(rule),
            None => Observed::new(),
        };
        Ok(Erased::of_rung(R::model(values, rules)?))
    }
}

/// The values of a named configuration.
pub fn values_of(params: &[Param], config: &Config) -> Values {
    Values::new(params, config.settings)
}

/// What settings change, in words: `name=value`.
pub fn in_words(params: &[Param], settings: &[(&'static str, u32)]) -> Vec<String> {
    let all = describe(params, &Values::new(params, settings));
    let word = |(name, _): &(&'static str, u32)| format!("{name}={}", all[name]);
    settings.iter().map(word).collect()
}

/// The values in words.
pub fn describe(params: &[Param], values: &Values) -> BTreeMap<&'static str, String> {
    let word = |param: &Param| match param.domain {
        Domain::Number(_) => values[param.name].to_string(),
        Domain::OneOf(words) => words[values.size(param.name)].to_owned(),
    };
    params
        .iter()
        .map(|param| (param.name, word(param)))
        .collect()
}
