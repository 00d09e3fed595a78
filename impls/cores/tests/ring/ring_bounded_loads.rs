//! Bounded loads: on every small circle and over every short sequence of what can happen, compared with the definition.

use crate::support::{Given, nearest};
use concur_cores::NodeId;
use concur_cores::ring::{BoundedLoads, Factor, Member, Ring, Scheme, Ticket, View};
use concur_rules::bounded_loads::BoundRule as Rule;

use concur_harness::Without;

/// What can happen.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A request arrives for that position.
    Arrive(u64),
    /// The oldest request departs.
    Depart,
    /// That member comes if it is not there, and goes if it is and is not the last.
    Toggle(u64),
}

const EVENTS: [Event; 6] = [
    Event::Arrive(0),
    Event::Arrive(2),
    Event::Depart,
    Event::Toggle(0),
    Event::Toggle(1),
    Event::Toggle(2),
];

/// The loads beside what they must be: which requests are served by members that have been there since.
struct Both {
    by: Given,
    ring: Ring<Given>,
    loads: BoundedLoads<Without<Rule>>,
    factor: (u64, u64),
    /// The requests, oldest first: their tickets, and whether their member has been there all the time.
    requests: Vec<(Ticket, bool)>,
}

impl Both {
    fn new(by: &Given, factor: (u64, u64), rules: Without<Rule>) -> Self {
        let view = View::new(1, Scheme::Xxh3, 1, (0..2).map(|id| Member::new(NodeId(id)))).unwrap();
        let c = Factor::new(factor.0 as u32, factor.1 as u32).unwrap();
        Self {
            by: by.clone(),
            loads: BoundedLoads::with(c, &view, rules),
            ring: Ring::with(view, by.clone()),
            factor,
            requests: Vec::new(),
        }
    }

    fn load(&self, id: NodeId) -> u64 {
        self.requests
            .iter()
            .filter(|(ticket, there)| *there && ticket.member() == id)
            .count() as u64
    }

    /// ⌈c·(total+1)/n⌉, by the least number that is enough.
    fn capacity(&self) -> u64 {
        let total = self.requests.iter().filter(|(_, there)| *there).count() as u64;
        let n = self.ring.view().members().len() as u64;
        let enough = |capacity: &u64| capacity * self.factor.1 * n >= self.factor.0 * (total + 1);
        (0..).find(enough).unwrap()
    }

    fn happen(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Arrive(small) => self.arrive(small)?,
            Event::Depart if self.requests.is_empty() => {}
            Event::Depart => {
                let (ticket, there) = self.requests.remove(0);
                same(self.loads.depart(ticket), there, "whether it departs")?;
            }
            Event::Toggle(id) => self.toggle(NodeId(id)),
        }
        for member in self.ring.view().members() {
            same(self.loads.load(member.id), self.load(member.id), "a load")?;
        }
        let there = self.requests.iter().filter(|(_, there)| *there).count();
        same(self.loads.total(), there as u64, "the total")
    }

    fn arrive(&mut self, small: u64) -> Result<(), String> {
        let position = self.by.at(small);
        let (near, capacity) = (
            nearest(&self.by, self.ring.view(), position),
            self.capacity(),
        );
        let room = near
            .iter()
            .map(|member| member.id)
            .find(|id| self.load(*id) < capacity);
        let ticket = self.loads.arrive(&self.ring, position);
        same(ticket.map(|ticket| ticket.member()), room, "the member")?;
        self.requests.extend(ticket.map(|ticket| (ticket, true)));
        same(room.is_some(), true, "whether somebody has room")
    }

    fn toggle(&mut self, id: NodeId) {
        let view = self.ring.view();
        let next = match view.contains(id) {
            true => view.leave(id),
            false => view.join(Member::new(id)),
        };
        let Ok(next) = next else { return };
        if !next.contains(id) {
            for (ticket, there) in &mut self.requests {
                *there &= ticket.member() != id;
            }
        }
        self.loads.follow(&next);
        self.ring = self.ring.follow(next);
    }
}

fn same<T: PartialEq + std::fmt::Debug>(found: T, expected: T, what: &str) -> Result<(), String> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{what}: {found:?}, not {expected:?}"))
    }
}

/// Every sequence of five events, on every circle of four positions with three members of one point each. How many were run, or what went wrong.
fn run(rules: Without<Rule>) -> Result<usize, String> {
    let mut cases = 0;
    for factor in [(1, 1), (5, 4), (2, 1)] {
        for by in Given::all(2, 3, 1).step_by(3) {
            for code in 0..EVENTS.len().pow(5) {
                let mut both = Both::new(&by, factor, rules);
                for digit in 0..5 {
                    both.happen(EVENTS[code / EVENTS.len().pow(digit) % EVENTS.len()])?;
                }
                cases += 1;
            }
        }
    }
    Ok(cases)
}

#[test]
fn a_request_goes_to_the_first_member_with_room_and_no_load_leaks() {
    let cases = run(Without(None)).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!(cases, 3 * 22 * 7_776);
}

#[test]
fn without_the_bound_a_full_member_takes_more() {
    let wrong = run(Without(Some(Rule::BoundArriveBelow))).unwrap_err();
    assert!(wrong.starts_with("the member"), "{wrong}");
}

#[test]
fn without_the_incarnation_the_load_of_a_removed_member_is_taken_off_twice() {
    let wrong = run(Without(Some(Rule::BoundDepartOnce))).unwrap_err();
    assert!(wrong.starts_with("whether it departs"), "{wrong}");
}

#[test]
fn the_capacity_is_rounded_up_and_counts_the_arriving_request() {
    let c = Factor::percent(125).unwrap();
    assert_eq!(
        [1, 2, 4, 8, 9].map(|total| c.capacity(total, 4)),
        [1, 1, 2, 3, 3]
    );
    assert_eq!(Factor::new(1, 1).unwrap().capacity(u64::MAX, 1), u64::MAX);
    assert_eq!(
        Factor::new(u32::MAX, 1).unwrap().capacity(u64::MAX, 1),
        u64::MAX
    );
    assert_eq!((Factor::percent(99), Factor::new(1, 0)), (None, None));
}
