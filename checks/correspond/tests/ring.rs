//! Hand-over cores and the ring, at sizes of a second, and in random runs of large clusters.

mod support;

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::sync::Arc;

use concur_correspond::Clustered;
use concur_correspond::cluster::Action as Happens;
use concur_correspond::ring::{RingCores, RingCoresRung, Tokens};
use concur_engine::lens::{Lens as _, Rungwise};
use concur_models::kit::{Id as _, Named, Observed, Refines, Rung, Spec, Values};
use concur_models::ring::Node;
use concur_models::ring::configs::RingRung;
use concur_models::ring::unbounded::configs::UnboundedRingRung;
use concur_models::ring::unbounded::{Action, Held, State, UnboundedRing};
use concur_rules::ring::RingRule;
use concur_rules::{Faithful, Rule as _};
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use stateright::{Expectation, Model};

#[test]
fn every_step_of_the_cores_is_one_of_the_model() {
    support::conforms::<RingCoresRung>();
}

#[test]
fn everything_happens_to_a_cluster() {
    assert_eq!(support::never_taken::<RingCoresRung>(), Vec::<&str>::new());
}

#[test]
fn every_guard_left_out_is_noticed() {
    support::notices_every_guard_left_out::<RingCoresRung>();
}

#[test]
fn the_ring_on_lists_is_the_ring() {
    support::conforms::<UnboundedRingRung>();
    for config in UnboundedRingRung::CONFIGS {
        let flat = RingRung::CONFIGS
            .iter()
            .find(|flat| flat.name == config.name);
        let flat = flat.expect("the flat ring has that size").expect;
        assert_eq!(
            (config.expect.distinct, config.expect.depth),
            (flat.distinct, flat.depth)
        );
    }
}

/// Refinement sees a rule that is left out, or, of an effect whose absence only leaves things as they are, a witness that is no longer reached.
fn matters(rule: RingRule) -> bool {
    UnboundedRingRung::CONFIGS.iter().any(|config| {
        let values = Values::new(UnboundedRingRung::PARAMS, config.settings);
        let m =
            UnboundedRingRung::model(&values, Observed::without(rule)).expect("a named size fits");
        let found = support::explored(&m);
        let reached = m
            .properties()
            .iter()
            .zip(&found.witnessed)
            .all(|(property, reached)| {
                let claimed = !config
                    .expect
                    .vacuous
                    .iter()
                    .any(|of| property.name.starts_with(of));
                property.expectation != Expectation::Sometimes || *reached || !claimed
            });
        found.breach.is_some() || !reached
    })
}

#[test]
fn every_rule_of_the_ring_on_lists_matters() {
    let names = UnboundedRingRung::RULES
        .iter()
        .filter(|rule| !matters(**rule));
    let names: Vec<_> = names.map(|rule| rule.card().name).collect();
    assert_eq!(names, Vec::<&str>::new());
}

// ------------------------------------------------------------------------------------------- What the model can, happens

/// A step of the model.
type Above = (State, Action, State);

fn cluster(settings: &[(&'static str, u32)]) -> Clustered<RingCores<Faithful>> {
    let values = Values::new(RingCoresRung::PARAMS, settings);
    RingCoresRung::model(&values, Faithful).expect("a size that fits")
}

/// Every state that is reached.
fn reached<M: Model<State: Clone + Eq + std::hash::Hash>>(
    m: &M,
    from: Vec<M::State>,
    mut step: impl FnMut(&M::State, M::Action, &M::State),
) where
    M::Action: Clone,
{
    let mut seen: HashSet<M::State> = from.iter().cloned().collect();
    let mut open = VecDeque::from(from);
    while let Some(s) = open.pop_front() {
        let mut actions = Vec::new();
        m.actions(&s, &mut actions);
        for action in actions {
            let Some(t) = m
                .next_state(&s, action.clone())
                .filter(|t| m.within_boundary(t))
            else {
                continue;
            };
            step(&s, action, &t);
            if seen.insert(t.clone()) {
                open.push_back(t);
            }
        }
    }
}

/// The steps of the model for which steps of the cluster stand.
fn stood_for(m: &Clustered<RingCores<Faithful>>) -> BTreeSet<Above> {
    let above = m.abstract_model();
    let mut stood = BTreeSet::new();
    reached(m, m.init_states(), |s, action, t| {
        let mut from = m.abstract_state(s);
        for action in m.witness(s, &action, t) {
            let to = above
                .next_state(&from, action)
                .expect("a witness can be taken");
            stood.insert((from, action, to.clone()));
            from = to;
        }
    });
    stood
}

/// The steps of the model itself, from the same first view; those that change nothing aside.
fn steps(m: &UnboundedRing, members: usize) -> BTreeSet<Above> {
    let mut steps = BTreeSet::new();
    let first = m.initial(Node::first(members).collect());
    reached(m, vec![first], |s, action, t| {
        if s != t {
            steps.insert((s.clone(), action, t.clone()));
        }
    });
    steps
}

/// Whether data is set aside, and not sent: there the cores are only between the two actions of one step, or after a crash, before they restart.
fn unsent(s: &State) -> bool {
    let unsent =
        |held: &Held, k| matches!(held, Held::Handing(_, e) if s.data(k, *e).next().is_none());
    s.held
        .iter()
        .flat_map(|held| held.iter().zip(0..))
        .any(|(held, k)| unsent(held, concur_models::ring::Key(k)))
}

#[test]
fn every_step_of_the_model_is_taken_by_cores_but_while_data_waits_to_be_sent() {
    for settings in [
        &[("epochs", 3)][..],
        &[("crashes", 1), ("slow", 1)],
        &[("reads", 1)],
    ] {
        let m = cluster(settings);
        let (stood, steps) = (stood_for(&m), steps(&m.abstract_model(), 1));
        let missing: Vec<_> = steps.difference(&stood).collect();
        let stood = stood.len();
        println!(
            "{settings:?}: {} steps of the model, {stood} stood for, {} missing",
            steps.len(),
            missing.len()
        );
        let other: Vec<_> = missing.iter().filter(|(s, ..)| !unsent(s)).collect();
        if let Some((s, action, _)) = other.first() {
            panic!(
                "{} of {} are never taken: {action:?} from {s:#?}",
                other.len(),
                steps.len()
            );
        }
    }
}

#[test]
fn every_action_of_the_model_is_witnessed() {
    let mut kinds = BTreeMap::new();
    for settings in [&[("crashes", 1)][..], &[("reads", 1)], &[("members", 2)]] {
        for (_, action, _) in stood_for(&cluster(settings)) {
            *kinds.entry(Action::NAMES[action.kind()]).or_insert(0) += 1;
        }
    }
    let never: Vec<_> = Action::NAMES
        .iter()
        .filter(|name| !kinds.contains_key(*name))
        .collect();
    assert_eq!(never, Vec::<&&str>::new());
}

// ---------------------------------------------------------------------------------------------------------- Random runs

/// A cluster of that many nodes, each with three tokens somewhere, some of them at one place.
fn large(nodes: usize, rng: &mut ChaCha8Rng) -> Clustered<RingCores<Faithful>> {
    let positions = 24;
    let tokens = (0..nodes).map(|_| (0..3).map(|_| rng.random_range(0..positions)).collect());
    let above = UnboundedRing {
        tokens: tokens.collect(),
        positions,
        keys: 8,
        writes: 60,
        reads: 60,
        epochs: 16,
        crashes: 40,
        rules: Faithful,
    };
    Clustered::new(RingCores {
        placement: Tokens {
            of: Arc::new(above.tokens.clone()),
            positions,
        },
        above,
        members: nodes / 2,
        hosts: true,
        known: 3,
        slow_disks: true,
        backlog: 3,
        rules: Faithful,
    })
}

/// How likely each kind of action is beside the others: crashes are rare, or they would be used up at once.
fn weight(kind: usize) -> u32 {
    match Happens::NAMES[kind] {
        "Deliver" => 40,
        "Request" | "Sync" => 20,
        "Restart" | "Elapse" => 5,
        _ => 1,
    }
}

/// One of what can happen: of several tries the first that changes something, since most messages have arrived before. Changes of members come first among requests.
fn chosen<M>(
    s: &M,
    rng: &mut ChaCha8Rng,
    take: impl Fn(&M, Happens) -> Option<M>,
    all: &[Happens],
) -> Option<(Happens, M)>
where
    M: PartialEq,
{
    let kinds: BTreeSet<_> = all.iter().map(Named::kind).collect();
    let kinds: Vec<_> = kinds.into_iter().collect();
    let kind = *kinds.choose_weighted(rng, |kind| weight(*kind)).ok()?;
    let of: Vec<_> = all.iter().filter(|action| action.kind() == kind).collect();
    let mut found = None;
    for _ in 0..8 {
        let at = rng
            .random_range(0..of.len())
            .min(rng.random_range(0..of.len()));
        let Some(t) = take(s, *of[at]) else { continue };
        let changes = t != *s;
        found = Some((*of[at], t));
        if changes {
            break;
        }
    }
    found
}

/// Takes random steps, and looks at all that an exploration looks at. How far the model has come.
fn walk(m: &Clustered<RingCores<Faithful>>, rng: &mut ChaCha8Rng, steps: usize) -> State {
    let lens = Rungwise::new(m, false);
    let properties = m.properties();
    let always = || {
        properties
            .iter()
            .filter(|p| p.expectation == Expectation::Always)
    };
    let mut cache = Default::default();
    let mut s = m.init_states().remove(0);
    let mut story = Vec::new();
    for _ in 0..steps {
        let mut actions = Vec::new();
        m.actions(&s, &mut actions);
        let take = |s: &_, action| m.next_state(s, action).filter(|t| m.within_boundary(t));
        let Some((action, t)) = chosen(&s, rng, take, &actions) else {
            continue;
        };
        story.push(m.tell(&s, &action));
        let breach = lens.check_step(&mut cache, &lens.remember(&s), &s, &action, &t);
        let broken: Vec<_> = always()
            .filter(|p| !(p.condition)(m, &t))
            .map(|p| p.name)
            .collect();
        let last = story.len().saturating_sub(30);
        assert!(
            breach.is_none() && broken.is_empty(),
            "{breach:?} {broken:?}\n{}\n{t:#?}",
            story[last..].join("\n")
        );
        s = t;
    }
    m.abstract_state(&s)
}

#[test]
fn large_clusters_conform_on_long_random_runs() {
    let mut sum = [0; 4];
    for (seed, nodes) in (0..).zip(3..=7) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let m = large(nodes, &mut rng);
        let s = walk(&m, &mut rng, 1_000);
        let acked = s
            .writes
            .iter()
            .filter(|w| matches!(w, concur_models::ring::WriteState::Acked(_)));
        let got = s
            .reads
            .iter()
            .filter(|r| matches!(r, concur_models::ring::unbounded::ReadState::Got(..)));
        let epoch = *s.epoch.iter().max().expect("there is a node") as usize;
        let found = [acked.count(), got.count(), epoch, s.crashes as usize];
        println!("{nodes} nodes: acknowledged, read, epoch, crashes: {found:?}");
        sum.iter_mut().zip(found).for_each(|(sum, n)| *sum += n);
    }
    assert!(
        sum.iter().all(|sum| *sum > 20),
        "too little happened: {sum:?}"
    );
}
