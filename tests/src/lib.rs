//! The suite on itself: what its tests share.

pub mod fair_graph;
pub mod graph;
pub mod liveness;
pub mod promises;

use std::time::Instant;

use concur_checks::engine::explore::{Exploration, Plan, explore};
use concur_checks::engine::lens::{Breach, Plain};
use concur_checks::engine::limits::{Limits, Patience, Progress};
use concur_checks::engine::shortest::{Counterexample, shortest};
use concur_checks::methods::How;
use concur_checks::methods::omission::{Omission, omit};
use concur_checks::registry::{AnyRung, RUNGS, values_of};
use concur_models::kit::{Config, Tier, Values};
use concur_rules::Card;
use stateright::Model;

/// A configuration of a rung.
pub struct Case {
    /// The rung.
    pub rung: &'static dyn AnyRung,
    /// The configuration.
    pub config: &'static Config,
    /// Its values.
    pub values: Values,
    /// protocol/rung/configuration.
    pub id: String,
}

/// Every configuration of the small tier.
pub fn small() -> impl Iterator<Item = Case> {
    RUNGS.iter().flat_map(|&rung| {
        let about = rung.about();
        let small = |config: &&Config| config.tier == Tier::Small;
        about.configs.iter().filter(small).map(move |config| Case {
            rung,
            config,
            values: values_of(about.params, config),
            id: format!("{}/{}", about.id(), config.name),
        })
    })
}

/// Our engine on any model, on so many threads.
pub fn ours<M>(model: &M, threads: usize, limits: Limits) -> Exploration
where
    M: Model<State: std::hash::Hash + Eq + Clone + Send + Sync + 'static, Action: Clone> + Sync,
{
    let plan = Plan {
        threads,
        limits,
        seed: 0,
    };
    explore(model, &Plain(model), &plan, &Progress::default())
}

/// The shortest counterexample that our engine gives.
pub fn ours_shortest<M>(model: &M, breach: Breach) -> Counterexample<M::State, M::Action>
where
    M: Model<State: std::hash::Hash + Eq + Clone + Send + Sync, Action: Clone> + Sync,
{
    let limits = Limits::default();
    let mut patience = Patience::new(&limits, Instant::now());
    let found = shortest(model, &Plain(model), breach, 0, &mut patience);
    found.expect("what was breached has a path")
}

/// What becomes of a rule left out: in the small tier, or in tier ci where the bug needs more nodes than that.
pub fn left_out(rung: &dyn AnyRung, card: &'static Card) -> Omission {
    let how = How {
        plan: &Plan::default(),
        symmetry: false,
        progress: &Progress::default(),
    };
    let of = |tier| omit(rung, card, tier, how).expect("there is a model");
    let small = of(Tier::Small);
    if small.as_expected {
        small
    } else {
        of(Tier::Ci)
    }
}
