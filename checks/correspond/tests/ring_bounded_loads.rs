//! The bounded loads that ship send each request where the model does: on every step of the model, from every assignment of servers and requests to a tiny circle.

mod ring_given;

use std::collections::{HashMap, VecDeque};

use concur_cores::NodeId;
use concur_cores::ring::{BoundedLoads, Factor, Member, Ring, Ticket, View};
use concur_harness::Without;
use concur_models::kit::Id;
use concur_models::ring::placement::bounded_loads as loads;
use concur_rules::Faithful;
use concur_rules::bounded_loads::BoundRule;
use ring_given::{Given, Wrong, at, same};
use stateright::Model;

/// The core beside the model: its ring, its loads, and the ticket of each request.
#[derive(Clone)]
struct Router {
    ring: Ring<Given>,
    loads: BoundedLoads<Without<BoundRule>>,
    tickets: Vec<Option<Ticket>>,
}

impl Router {
    fn new(m: &loads::BoundedLoads, s: &loads::State, rules: Without<BoundRule>) -> Self {
        let hash = s
            .server_at
            .values()
            .iter()
            .map(|small| vec![*small])
            .collect();
        let by = Given {
            hash,
            wrong: Wrong::Nothing,
        };
        let view = by
            .view(1, &vec![1; m.servers], 1)
            .expect("all servers are there");
        let factor = Factor::new(m.quarters as u32, 4).expect("there is room for all");
        Self {
            loads: BoundedLoads::with(factor, &view, rules),
            ring: Ring::with(view, by),
            tickets: vec![None; m.requests],
        }
    }

    /// What the model does, done by the core. None if the core's log of views has no such view: a last member does not leave.
    fn after(&self, s: &loads::State, action: loads::Action) -> Option<Self> {
        let mut next = self.clone();
        match action {
            loads::Action::Arrive(r) => {
                let position = at(s.request_at[r]);
                next.tickets[r.index()] = Some(next.loads.arrive(&next.ring, position)?);
            }
            loads::Action::Depart(r) => {
                next.loads.depart(next.tickets[r.index()].take()?);
            }
            loads::Action::Add(n) => next.change(
                next.ring
                    .view()
                    .join(Member::new(NodeId(n.0.into())))
                    .ok()?,
            ),
            loads::Action::Remove(n) => {
                next.change(next.ring.view().leave(NodeId(n.0.into())).ok()?)
            }
        }
        Some(next)
    }

    fn change(&mut self, view: View) {
        self.loads.follow(&view);
        self.ring = self.ring.follow(view);
    }

    fn is(&self, m: &loads::BoundedLoads, s: &loads::State) -> Result<(), String> {
        for n in s.members.iter() {
            same(
                "the load",
                self.loads.load(NodeId(n.0.into())),
                s.load[n].into(),
            )?;
        }
        same("the total", self.loads.total(), s.total.into())?;
        same("the capacity", self.loads.capacity(), m.capacity(s) as u64)?;
        for (r, progress) in s.requests.iter() {
            if let loads::Progress::At(n) = *progress {
                let server = self.tickets[r.index()].map(|ticket| ticket.member());
                same("the server", server, Some(NodeId(n.0.into())))?;
            }
        }
        Ok(())
    }
}

/// Follows every step of the model of bounded loads with the core; how many there are, or what differs.
fn routes(m: &loads::BoundedLoads, rules: Without<BoundRule>) -> Result<usize, String> {
    let mut steps = 0;
    for start in m.init_states() {
        let mut routers = HashMap::from([(start, Router::new(m, &start, rules))]);
        let mut open = VecDeque::from([start]);
        while let Some(s) = open.pop_front() {
            let router = routers[&s].clone();
            let mut actions = Vec::new();
            m.actions(&s, &mut actions);
            for action in actions {
                let Some(t) = m.next_state(&s, action).filter(|t| !t.members.is_empty()) else {
                    continue;
                };
                let told = |wrong: &str| format!("{wrong} by {action:?} from {s:?}");
                let next = router
                    .after(&s, action)
                    .ok_or_else(|| told("nothing happens"))?;
                next.is(m, &t).map_err(|wrong| told(&wrong))?;
                steps += 1;
                routers.entry(t).or_insert_with(|| {
                    open.push_back(t);
                    next
                });
            }
        }
    }
    Ok(steps)
}

fn router(servers: usize, quarters: usize) -> loads::BoundedLoads {
    loads::BoundedLoads {
        servers,
        requests: 3,
        positions: if servers > 2 { 2 } else { 3 },
        quarters,
        rules: Faithful,
    }
}

#[test]
fn a_request_goes_to_the_server_of_the_model_and_loads_are_the_same() {
    for (servers, quarters, all) in [
        (2, 4, 130_248),
        (2, 5, 129_168),
        (3, 5, 146_784),
        (3, 8, 142_896),
    ] {
        let steps = routes(&router(servers, quarters), Without(None));
        assert_eq!(steps, Ok(all), "{servers} servers, {quarters} quarters");
    }
}

#[test]
fn a_router_that_is_wrong_is_noticed() {
    for (rule, what) in [
        (BoundRule::BoundArriveBelow, "the load"),
        (BoundRule::BoundDepartOnce, "the total"),
    ] {
        let noticed = routes(&router(2, 4), Without(Some(rule))).unwrap_err();
        assert!(noticed.starts_with(what), "{noticed}");
    }
}
