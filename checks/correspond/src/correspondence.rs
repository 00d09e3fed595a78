//! What a protocol says of its cores, so that a cluster of them is a rung below its model.

use std::fmt::{self, Debug};
use std::hash::{Hash, Hasher};

use concur_cores::{NodeId, Protocol};
use concur_models::kit::{Flat, Mapped, StepProperty};
use concur_rules::{AllBut, Card, Rule, RuleSet};
use stateright::{Model, Property};

use crate::Clustered;
use crate::cluster::{Event, Given, Packet, StateOf, Step};

/// A core that can be explored: its parts can go from thread to thread.
pub trait Core:
    Protocol<
        Config: Send + Sync,
        Request: Eq + Send + Sync,
        Message: Send + Sync,
        Timer: Send + Sync,
        Record: Send + Sync,
        Receipt: Send + Sync,
        Notice: Send + Sync,
    > + Send
    + Sync
    + 'static
{
}

impl<P> Core for P where
    P: Protocol<
            Config: Send + Sync,
            Request: Eq + Send + Sync,
            Message: Send + Sync,
            Timer: Send + Sync,
            Record: Send + Sync,
            Receipt: Send + Sync,
            Notice: Send + Sync,
        > + Send
        + Sync
        + 'static
{
}

/// What is known of both sides: a cluster of cores, and the model above it.
pub trait Correspondence: Clone + Send + Sync + 'static {
    /// The core.
    type Core: Core;
    /// The model above.
    type Above: Model<State: Flat, Action: Clone + Debug> + Clone + Send + Sync + 'static;

    /// What must be remembered beyond what cores and messages show; `()` if nothing.
    type History: Clone + Eq + Hash + Debug + Default + Send + Sync + 'static;

    /// The most actions of the model for which one step of the cluster stands.
    const STEPS: usize;
    /// The names of the bounds: `crashes` first, then those that [`Correspondence::exceeded`] speaks of.
    const BOUNDS: &'static [&'static str];

    /// The nodes, each with what it is told about itself.
    fn configs(&self) -> Vec<(NodeId, <Self::Core as Protocol>::Config)>;

    /// The model above, of the same size, as published.
    fn above(&self) -> Self::Above;

    /// The same without one of its rules, for each of them: where it does not take a step, that tells which rule the step breaks.
    fn relaxed(&self) -> Vec<(&'static Card, Self::Above)>;

    /// What that state of the cluster is to the model.
    fn mapped(&self, cluster: &StateOf<Self>) -> <Self::Above as Model>::State;

    /// The history after that step, if it changes.
    fn remember(&self, _step: &Step<'_, Self>) -> Option<Self::History> {
        None
    }

    /// For which actions of the model, in order, that step of the cluster stands, whose images are `mapped`.
    fn witness(
        &self,
        before: &StateOf<Self>,
        event: &Event<Self::Core>,
        after: &StateOf<Self>,
        mapped: Mapped<'_, Self::Above>,
    ) -> Vec<<Self::Above as Model>::Action>;

    /// What clients, or the host, may ask that node for now.
    fn requests(
        &self,
        cluster: &StateOf<Self>,
        node: NodeId,
    ) -> Vec<<Self::Core as Protocol>::Request>;

    /// What nobody honest gives that node now, and someone does: what was never sent, a disk's report to an earlier boot.
    fn out_of_place(&self, _cluster: &StateOf<Self>, _node: NodeId) -> Vec<Given<Self::Core>> {
        Vec::new()
    }

    /// What happens first, at this size: each line is how an event begins when it is printed. Explored is what comes after it.
    fn story(&self) -> &[&'static str] {
        &[]
    }

    /// Whether that alarm may go off now. It may, unless a size says otherwise.
    fn may_elapse(
        &self,
        _cluster: &StateOf<Self>,
        _node: NodeId,
        _timer: <Self::Core as Protocol>::Timer,
    ) -> bool {
        true
    }

    /// Whether a message that was sent to that node may still tell it something new. One that cannot is not delivered again: whoever says so shows that delivering it changes nothing.
    fn may_matter(&self, _cluster: &StateOf<Self>, _packet: &Packet<Self::Core>) -> bool {
        true
    }

    /// Whether the network loses every message like this one, at this size: nobody learns what it says, and there are fewer states.
    fn loses(&self, _message: &<Self::Core as Protocol>::Message) -> bool {
        false
    }

    /// Whether writes take time, so that a crash can lose them and messages can overtake them. Otherwise each is durable at once.
    fn slow_disks(&self) -> bool;

    /// How often nodes may crash, all together.
    fn crashes(&self) -> u32;

    /// The position in [`Correspondence::BOUNDS`] of the first bound that the cluster exceeds.
    fn exceeded(&self, cluster: &StateOf<Self>) -> Option<usize>;

    /// Records that say the same as `records`, so that histories that a restart cannot tell apart are one state. Each restart checks that they do.
    fn tidy(&self, _records: &mut Vec<<Self::Core as Protocol>::Record>) {}

    /// Whether what a host is told is so, where the model has come to `above`.
    fn is_true(
        &self,
        above: &<Self::Above as Model>::State,
        node: NodeId,
        notice: &<Self::Core as Protocol>::Notice,
    ) -> bool;

    /// Whether a host has been told something, as far as the cluster shows it: the witness of the property that what hosts are told is true.
    fn has_told(&self, cluster: &StateOf<Self>) -> bool;

    /// Further properties of the cluster, each with its witness.
    fn properties() -> Vec<Property<Clustered<Self>>> {
        Vec::new()
    }

    /// Further properties of its steps.
    fn step_properties() -> Vec<StepProperty<Clustered<Self>>> {
        Vec::new()
    }
}

/// Rules as a part of a core's configuration: which rules are kept is the same in all states, so that it is no part of what makes them differ.
#[derive(Clone)]
pub struct Kept<S>(pub S);

impl<S> fmt::Debug for Kept<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

impl<S> PartialEq for Kept<S> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<S> Eq for Kept<S> {}

impl<S> Hash for Kept<S> {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl<R: Copy, S: RuleSet<R>> RuleSet<R> for Kept<S> {
    #[inline(always)]
    fn requires(&self, rule: R, holds: bool) -> bool {
        self.0.requires(rule, holds)
    }

    #[inline(always)]
    fn performs(&self, rule: R) -> bool {
        self.0.performs(rule)
    }
}

/// A model without one of its rules, for each of them.
pub(crate) fn without_each<R: Rule, M>(model: impl Fn(AllBut<R>) -> M) -> Vec<(&'static Card, M)> {
    let without = |&rule: &R| (rule.card(), model(AllBut(Some(rule))));
    R::ALL.iter().map(without).collect()
}
