//! Every family of clusters of cores in one list, and what is asked of it beyond what is asked of every rung: how much of the model above it does, and whether long random walks conform.

use std::marker::PhantomData;

use concur_correspond::follow::follow;
use concur_correspond::paxos::{MultiPaxosCoresRung, PaxosCoresRung};
use concur_correspond::raft::configs::RaftCoresRung;
use concur_correspond::repertoire::{Repertoires, repertoire};
use concur_correspond::ring::RingCoresRung;
use concur_correspond::two_phase::{PaxosCommitCoresRung, TwoPhaseCoresRung};
use concur_correspond::walk::{
    Broken, Scheduled, Walked, broken_rules, shorten, states, walk_until,
};
use concur_correspond::{Clusters, Walk};
use concur_models::kit::{NoSuchModel, Observed, Param, Rung, Tier, Values};
use concur_rules::{Faithful, Rule};
use concur_trace::{Step, Value};

use serde::Serialize;

use crate::engine::limits::Stop;
use crate::methods::How;
use crate::trace::{Behaviour, event};
use crate::verdict::BrokenRule;

/// Every family of clusters.
pub static CLUSTERS: &[&dyn AnyClusters] = &[
    &Entry::<PaxosCoresRung>::NEW,
    &Entry::<MultiPaxosCoresRung>::NEW,
    &Entry::<RaftCoresRung>::NEW,
    &Entry::<RingCoresRung>::NEW,
    &Entry::<TwoPhaseCoresRung>::NEW,
    &Entry::<PaxosCommitCoresRung>::NEW,
];

/// Actions of the model above, each with a reason.
pub type Declared = &'static [(&'static str, &'static str)];

/// A family of clusters, whatever the types of its cores.
pub trait AnyClusters: Send + Sync {
    /// protocol/rung, as in a selector.
    fn id(&self) -> String;

    /// The parameters.
    fn params(&self) -> &'static [Param];

    /// The rung above.
    fn refines(&self) -> &'static str;

    /// The sizes for random walks.
    fn walks(&self) -> &'static [Walk];

    /// Whether what the clusters do is held against all that the model above does.
    fn held_against(&self) -> bool;

    /// The actions of the model above that no step of a cluster ever stands for.
    fn never(&self) -> Declared;

    /// The actions of the model above some of whose transitions no step stands for.
    fn partly(&self) -> Declared;

    /// What of the model above the small sizes do, taken together. Sizes at which the model above has more than `most` states are left out.
    ///
    /// # Errors
    /// If a named size gives no model.
    fn repertoire(&self, how: How<'_>, most: usize) -> Result<Done, NoSuchModel>;

    /// One random walk, with one rule left out if one is named; shortened if it breaks something; or what stopped it.
    ///
    /// # Errors
    /// If the values give no model.
    fn walk(&self, request: &Request<'_>) -> Result<Result<Taken, Stop>, NoSuchModel>;

    /// How far a cluster of that size takes a path of the model above, whose actions are given as they print.
    ///
    /// # Errors
    /// If the values give no model.
    fn follow(&self, values: &Values, path: &[String]) -> Result<Followed, NoSuchModel>;
}

/// What of the model above the small sizes of a family do.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// How much of it.
    pub repertoires: Repertoires,
    /// The sizes at which something is wrong, so that not all was seen that the clusters do.
    pub wrong: Vec<&'static str>,
    /// Why a size, and those after it, were not seen whole.
    pub stop: Option<Stop>,
}

/// How far a cluster of cores takes a path of the model above.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Followed {
    /// How many actions of the path it takes.
    pub taken: usize,
    /// What happens to the cluster, in the notation of the stories.
    pub schedule: Vec<String>,
    /// Where it does not take the next one: the rules by which cores refuse something there.
    pub refused: Vec<&'static str>,
    /// Whether so many states were looked at that some were left out: then it might go further.
    pub cut_short: bool,
}

/// So many states of a cluster are looked at for a path.
const MOST_ON_A_PATH: usize = 1_000_000;

/// Which walk to take.
#[derive(Clone, Copy)]
pub struct Request<'v> {
    /// The size.
    pub values: &'v Values,
    /// The rule to leave out.
    pub without: Option<&'v str>,
    /// The seed of the schedule.
    pub seed: u64,
    /// How many events.
    pub steps: u64,
    /// What stops the walk, if anything does; asked now and then.
    pub stops: &'v dyn Fn() -> Option<Stop>,
}

/// What came of a walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Nothing was wrong.
    Conforms {
        /// How many events happened.
        steps: u64,
        /// For how many actions of the model above they stood.
        stood_for: u64,
    },
    /// Something was.
    Breaks {
        /// The property, or the refinement.
        what: &'static str,
        /// The rules of the model above that the last event breaks, if it is none of its steps.
        rules: Vec<BrokenRule>,
        /// What is left of the schedule when all that is not needed is left out.
        trace: Behaviour,
    },
}

struct Entry<R>(PhantomData<R>);

impl<R> Entry<R> {
    const NEW: Self = Self(PhantomData);
}

impl<R> AnyClusters for Entry<R>
where
    R: Clusters,
    R::Model<Faithful>: Scheduled,
    R::Model<Observed<R::Rule>>: Scheduled,
{
    fn id(&self) -> String {
        format!("{}/{}", R::PROTOCOL, R::NAME)
    }

    fn params(&self) -> &'static [Param] {
        R::PARAMS
    }

    fn refines(&self) -> &'static str {
        R::REFINES
    }

    fn walks(&self) -> &'static [Walk] {
        R::WALKS
    }

    fn held_against(&self) -> bool {
        R::HELD_AGAINST
    }

    fn never(&self) -> Declared {
        R::NEVER
    }

    fn partly(&self) -> Declared {
        R::PARTLY
    }

    fn repertoire(&self, how: How<'_>, most: usize) -> Result<Done, NoSuchModel> {
        let mut done = Done::default();
        let small = R::CONFIGS
            .iter()
            .filter(|config| config.tier == Tier::Small);
        for config in small {
            let model = <R as Rung>::model(&Values::new(R::PARAMS, config.settings), Faithful)?;
            how.progress.begin_again();
            let (found, taken) = repertoire(&model, how.plan, how.progress, most);
            done.wrong.extend(found.breach.map(|_| config.name));
            if found.stop.is_some() {
                done.stop = found.stop;
                break;
            }
            if let Some(taken) = taken {
                done.repertoires.add(taken);
            }
        }
        Ok(done)
    }

    fn walk(&self, request: &Request<'_>) -> Result<Result<Taken, Stop>, NoSuchModel> {
        match request.without.and_then(R::Rule::named) {
            Some(rule) => Ok(taken(
                &R::model(request.values, Observed::without(rule))?,
                request,
            )),
            None => Ok(taken(&R::model(request.values, Faithful)?, request)),
        }
    }

    fn follow(&self, values: &Values, path: &[String]) -> Result<Followed, NoSuchModel> {
        let followed = follow(&R::model(values, Faithful)?, path, MOST_ON_A_PATH);
        Ok(Followed {
            taken: followed.taken,
            schedule: followed.schedule.iter().map(ToString::to_string).collect(),
            refused: followed.refused.into_iter().collect(),
            cut_short: followed.cut_short,
        })
    }
}

fn taken<M: Scheduled>(model: &M, request: &Request<'_>) -> Result<Taken, Stop> {
    let walked = walk_until(model, request.seed, request.steps, request.stops)?;
    Ok(match walked {
        Walked::Conforms { steps, stood_for } => Taken::Conforms { steps, stood_for },
        Walked::Breaks(broken) => {
            let Broken { what, schedule } = shorten(model, broken);
            let rules = broken_rules(model, &schedule);
            Taken::Breaks {
                what,
                rules: rules.into_iter().map(BrokenRule::from).collect(),
                trace: told(model, &schedule),
            }
        }
    })
}

/// A schedule, told by its model.
fn told<M: Scheduled>(model: &M, schedule: &[M::Event]) -> Behaviour {
    let reached = states(model, schedule);
    let first = reached.first().expect("a model has an initial state");
    let mut told = Behaviour::begin(&format!("{first:?}"));
    let mut shown = told.initial.clone();
    for (happens, states) in schedule.iter().zip(reached.windows(2)) {
        let next = Value::of_debug(&format!("{:?}", states[1]));
        let seen = event(model.seen(&states[0], happens));
        let step = Step::new(happens.to_string(), None, seen, &shown, Some(&next));
        told.steps.push(step);
        shown = next;
    }
    told
}
