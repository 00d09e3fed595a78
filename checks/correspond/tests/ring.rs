//! Hand-over cores and the ring, at sizes of a second, and in random runs of large clusters.

mod support;

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use concur_cores::ring::hand_over::Notice;
use concur_cores::{Effects, Input, Protocol as _};
use concur_correspond::ring::{AboveRing, RingCores, RingCoresRung};
use concur_correspond::{Clustered, Correspondence as _};
use concur_models::kit::{Mapped, Named, Observed, Refines, Rung, Values};
use concur_models::ring::configs::RingRung;
use concur_models::ring::unbounded::configs::UnboundedRingRung;
use concur_models::ring::unbounded::{Action, Held, State};
use concur_rules::ring::RingRule;
use concur_rules::{Faithful, Rule as _};
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

/// What must wait for the disk waits: a host that tells and sends before is noticed, unless its disk is so fast that nobody can tell.
#[test]
fn a_host_that_does_not_wait_for_its_disk_is_noticed() {
    let hasty = |settings: &[(&'static str, u32)]| {
        let mut correspondence = cluster(settings).correspondence;
        correspondence.hasty = true;
        support::explored(&Clustered::new(correspondence), 2)
    };
    let noticed = hasty(&[("slow", 1), ("crashes", 1)]).breach;
    assert!(noticed.is_some(), "{noticed:?}");
    assert_eq!(hasty(&[]).breach, None);
}

/// While a disk is busy only such requests wait as the core would refuse: they change nothing but what their clients are told.
#[test]
fn what_is_not_delivered_to_a_busy_node_would_be_refused() {
    let m = cluster(&[("slow", 1), ("crashes", 1), ("reads", 1)]);
    let mut waiting = 0;
    reached(&m, m.init_states(), |s, _, _| {
        for packet in s
            .sent()
            .filter(|packet| !m.correspondence.may_matter(s, packet))
        {
            let core = s.node(packet.to).core.as_ref().expect("a busy node is up");
            let (from, message) = (packet.from, packet.message.clone());
            let (mut after, mut effects) = (core.clone(), Effects::new());
            after.step(Input::Receive { from, message }, &mut effects);
            let refused = |notice: &Notice| matches!(notice, Notice::Refused { .. });
            assert!(after == *core && effects.notify.iter().all(refused));
            assert!(effects.persist.is_empty() && effects.send.is_empty());
            waiting += 1;
        }
    });
    assert!(waiting > 0);
}

/// Refinement sees a rule that is left out, or, of an effect whose absence only leaves things as they are, a witness that is no longer reached.
fn matters(rule: RingRule) -> bool {
    UnboundedRingRung::CONFIGS.iter().any(|config| {
        let values = Values::new(UnboundedRingRung::PARAMS, config.settings);
        let m =
            UnboundedRingRung::model(&values, Observed::without(rule)).expect("a named size fits");
        let found = support::explored(&m, 2);
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
        let (before, after) = (from.clone(), m.abstract_state(t));
        let mapped = Mapped {
            above: &above,
            from: &before,
            to: &after,
        };
        for action in m.witness(s, &action, t, mapped) {
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
fn steps(m: &AboveRing) -> BTreeSet<Above> {
    let mut steps = BTreeSet::new();
    reached(m, m.init_states(), |s, action, t| {
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
    for (settings, all, some) in [
        (&[("epochs", 3)][..], 2_829, 2_215),
        (&[("crashes", 1), ("slow", 1)], 831, 741),
        (&[("reads", 1)], 3_671, 3_129),
    ] {
        let m = cluster(settings);
        let (stood, steps) = (stood_for(&m), steps(&m.abstract_model()));
        let missing: Vec<_> = steps.difference(&stood).collect();
        assert_eq!((steps.len(), stood.len()), (all, some), "{settings:?}");
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

#[test]
fn long_random_runs_of_large_clusters_conform() {
    support::walks_conform::<RingCoresRung>(0..3);
}

/// What a read has found is told by where the key is now: not by an old copy of it, at a node from which it went on and came back.
#[test]
fn an_answer_means_the_same_wherever_its_key_has_gone_since() {
    support::walks_conform::<RingCoresRung>(657..658);
    support::walks_conform::<RingCoresRung>(1299..1300);
}

#[test]
fn a_random_run_without_a_guard_is_shortened_to_a_story() {
    let (what, story) = support::walk_without::<RingCoresRung>(RingRule::RingAcceptArrived, 0..20)
        .expect("some seed finds it");
    assert_eq!(what, "HostsToldTrue");
    assert!(story.lines().count() < 25, "{story}");
}

// ------------------------------------------------------------------------------------------------- Lines broken by hand

#[test]
fn an_owner_that_serves_by_the_old_epoch_is_noticed() {
    let rule = RingRule::RingAcceptEpoch;
    let three = &[("members", 2), ("epochs", 3)];
    support::breaks_without::<RingCoresRung>(rule, three, "RingAcceptEpoch");
}

/// The view by which the request came gives the key to another node. It breaks the rule about epochs all the same, and no other.
#[test]
fn an_owner_that_serves_what_was_routed_to_another_is_noticed() {
    for (rule, settings) in [
        (RingRule::RingAcceptEpoch, &[][..]),
        (RingRule::RingAnswerEpoch, &[("reads", 1)]),
    ] {
        support::breaks_without::<RingCoresRung>(rule, settings, rule.card().name);
    }
}
