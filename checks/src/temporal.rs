//! Every family of models whose promises are judged, in one list. Selectors, help, reports and documents derive from it.

use std::marker::PhantomData;

use concur_models::kit::{Live, LiveConfig, NoSuchModel, Param, Values};
use concur_models::paxos::duel::temporal::DuelLive;
use concur_models::paxos::durable::temporal::DurablePaxosLive;
use concur_models::paxos::temporal::PaxosLive;
use concur_models::paxos_commit::durable::temporal::DurablePaxosCommitLive;
use concur_models::raft::live::temporal::RaftLive;
use concur_models::ring::protocol::temporal::RingLive;
use concur_models::two_phase::durable::temporal::DurableTwoPhaseLive;
use concur_models::two_phase::temporal::TwoPhaseLive;

use crate::engine::erased::Erased;
use crate::engine::limits::Progress;
use crate::engine::liveness::Plan;
use crate::engine::liveness::validate::{Choices, Flaw, validate};
use crate::methods::liveness::{judge, second_opinion, without_each};
use crate::verdict::{Findings, Opinion, Promised};

/// Every family, protocol by protocol.
///
/// A `static`, as [`RUNGS`](crate::registry::RUNGS) is one, and for the same reason.
pub static LIVES: &[&dyn AnyLive] = &[
    &Entry::<TwoPhaseLive>::NEW,
    &Entry::<DurableTwoPhaseLive>::NEW,
    &Entry::<DurablePaxosCommitLive>::NEW,
    &Entry::<PaxosLive>::NEW,
    &Entry::<DurablePaxosLive>::NEW,
    &Entry::<DuelLive>::NEW,
    &Entry::<RaftLive>::NEW,
    &Entry::<RingLive>::NEW,
];

/// What is said about a family.
#[derive(Clone, Debug)]
pub struct LiveAbout {
    /// The protocol.
    pub protocol: &'static str,
    /// The rung, or the model.
    pub name: &'static str,
    /// What is promised.
    pub claim: &'static str,
    /// Where that is said.
    pub source: &'static str,
    /// Its parameters.
    pub params: &'static [Param],
    /// Its named sizes.
    pub configs: &'static [LiveConfig],
}

impl LiveAbout {
    /// protocol/name.
    pub fn id(&self) -> String {
        format!("{}/{}", self.protocol, self.name)
    }
}

/// A family, whatever the types of its states.
pub trait AnyLive: Send + Sync {
    /// What is said about it.
    fn about(&self) -> LiveAbout;

    /// Judges every promise of the model of that size.
    ///
    /// # Errors
    /// If the values give no model.
    fn judge(
        &self,
        values: &Values,
        plan: &Plan,
        progress: &Progress,
    ) -> Result<Findings, NoSuchModel>;

    /// What the naive judge says of what was found. It takes its time: for small sizes only.
    ///
    /// # Errors
    /// If the values give no model.
    fn second_opinion(&self, values: &Values, ours: &[Promised]) -> Result<Opinion, NoSuchModel>;

    /// What becomes of each promise without each of the assumptions that it needs; what is `known` already, by promise and assumption, is left out.
    ///
    /// # Errors
    /// If the values give no model.
    fn without_each(
        &self,
        values: &Values,
        plan: &Plan,
        progress: &Progress,
        known: &dyn Fn(&str, &str) -> bool,
    ) -> Result<Vec<(&'static str, Promised)>, NoSuchModel>;

    /// The model of that size, its types forgotten: to be browsed, and to take lassos again.
    ///
    /// # Errors
    /// If the values give no model.
    fn machine(&self, values: &Values) -> Result<Erased, NoSuchModel>;

    /// What is wrong with a lasso, given by its choices, that is to break a promise although much is assumed.
    ///
    /// # Errors
    /// If the values give no model.
    fn flaw(
        &self,
        values: &Values,
        promise: &str,
        assumed: &[&str],
        lasso: Choices<'_>,
    ) -> Result<Option<Flaw>, NoSuchModel>;
}

struct Entry<L>(PhantomData<L>);

impl<L> Entry<L> {
    const NEW: Self = Self(PhantomData);
}

impl<L: Live> AnyLive for Entry<L> {
    fn about(&self) -> LiveAbout {
        LiveAbout {
            protocol: L::PROTOCOL,
            name: L::NAME,
            claim: L::CLAIM,
            source: L::SOURCE,
            params: L::PARAMS,
            configs: L::CONFIGS,
        }
    }

    fn judge(
        &self,
        values: &Values,
        plan: &Plan,
        progress: &Progress,
    ) -> Result<Findings, NoSuchModel> {
        Ok(judge(&L::model(values)?, plan, progress))
    }

    fn second_opinion(&self, values: &Values, ours: &[Promised]) -> Result<Opinion, NoSuchModel> {
        Ok(second_opinion(&L::model(values)?, ours))
    }

    fn without_each(
        &self,
        values: &Values,
        plan: &Plan,
        progress: &Progress,
        known: &dyn Fn(&str, &str) -> bool,
    ) -> Result<Vec<(&'static str, Promised)>, NoSuchModel> {
        Ok(without_each(&L::model(values)?, plan, progress, known))
    }

    fn machine(&self, values: &Values) -> Result<Erased, NoSuchModel> {
        Ok(Erased::new(L::model(values)?))
    }

    fn flaw(
        &self,
        values: &Values,
        promise: &str,
        assumed: &[&str],
        lasso: Choices<'_>,
    ) -> Result<Option<Flaw>, NoSuchModel> {
        let model = L::model(values)?;
        let found = lasso
            .of(&model)
            .and_then(|lasso| validate(&model, promise, assumed, &lasso));
        Ok(found.err())
    }
}

/// The values of a named size.
pub fn values_of(params: &[Param], config: &LiveConfig) -> Values {
    Values::new(params, config.settings)
}
