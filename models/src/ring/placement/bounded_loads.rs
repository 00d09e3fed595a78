//! Bounded loads: a request goes to the first server clockwise whose load is below the capacity of the moment.
//!
//! Mirrokni, Thorup & Zadimoghaddam, *Consistent Hashing with Bounded Loads* (2016): with n servers and m requests no server has more than ⌈c·m/n⌉.
//! Here as request routers have it: the capacity ⌈c·(m+1)/n⌉ is asked when a request arrives, and nothing moves when requests depart or servers come and
//! go. The paper moves requests then, to keep the bound at every moment; so the bound here is one of the arrival, and not of every state.
//!
//! As in `placement`, *every* assignment of servers and requests to positions of a tiny ring is an initial state, with all collisions. Each server has one
//! point: `placement` and `weighted-placement` have several. Counters are kept as routers keep them, one for each server and one in all, so that a leak shows.

use concur_rules::bounded_loads::BoundRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::{Anything, Id, NodeSet, PerNode, Refines, Spec, StepProperty, given};
use crate::ring::Node;

crate::ids! {
    /// A request.
    pub Request = "r";
}

/// The most servers that a model holds.
pub const MAX_SERVERS: usize = 4;
/// The most requests that a model holds.
pub const MAX_REQUESTS: usize = 5;

/// Servers on a ring of a few positions, and requests that come and go.
#[derive(Clone, Debug)]
pub struct BoundedLoads<S = Faithful> {
    /// How many servers there are, members or not.
    pub servers: usize,
    /// How many requests there are.
    pub requests: usize,
    /// How many positions the ring has.
    pub positions: usize,
    /// The factor c, in quarters.
    pub quarters: usize,
    /// The rules that are kept.
    pub rules: S,
}

// ---------------------------------------------------------------------------------------------------------------- State

/// Where servers and requests lie, who serves what, and what is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// Where each server lies. Stands for the hash function; never changes.
    pub server_at: PerNode<Node, u8, MAX_SERVERS>,
    /// Where each request lies. Stands for the hash function; never changes.
    pub request_at: PerNode<Request, u8, MAX_REQUESTS>,
    /// The servers that there are.
    pub members: NodeSet<Node>,
    /// What has become of each request.
    pub requests: PerNode<Request, Progress, MAX_REQUESTS>,
    /// The load of each server, as it is counted.
    pub load: PerNode<Node, u8, MAX_SERVERS>,
    /// The load in all, as it is counted.
    pub total: u8,
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Progress {
    /// It is not there.
    #[default]
    Away,
    /// A server has it.
    At(Node),
    /// The server that had it was removed; the request does not know yet.
    Orphaned,
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What happens to requests and servers.
    pub enum Action {
        /// A request arrives.
        Arrive(Request),
        /// A request departs: it is done, or has failed with its server.
        Depart(Request),
        /// A server is added.
        Add(Node),
        /// A server is removed, with what it serves.
        Remove(Node),
    }
}

impl<S: RuleSet<Rule>> BoundedLoads<S> {
    /// How many requests a server may have when another one arrives.
    pub fn capacity(&self, s: &State) -> usize {
        let arriving = usize::from(self.rules.performs(Rule::BoundCapacityArriving));
        let among = match self.rules.performs(Rule::BoundCapacityMembers) {
            true => s.members.len().max(1),
            false => self.servers,
        };
        let share = self.quarters * (s.total as usize + arriving);
        match self.rules.performs(Rule::BoundCapacityCeiling) {
            true => share.div_ceil(4 * among),
            false => share / (4 * among),
        }
    }

    /// The server that a request goes to, if there is one.
    pub fn server(&self, s: &State, r: Request) -> Option<Node> {
        let capacity = self.capacity(s);
        let clockwise = self.rules.performs(Rule::BoundArriveClockwise);
        let wraps = self.rules.performs(Rule::BoundArriveWraps);
        let distance = |n: Node| {
            let (from, to) = (s.request_at[r] as usize, s.server_at[n] as usize);
            match clockwise {
                true => (to + self.positions - from) % self.positions,
                false => to,
            }
        };
        let reached = |&n: &Node| wraps || s.server_at[n] >= s.request_at[r];
        let below = |&n: &Node| {
            let below = (s.load[n] as usize) < capacity;
            self.rules.requires(Rule::BoundArriveBelow, below)
        };
        let mut open = s.members.iter().filter(reached).filter(below);
        let first = open.next()?;
        Some(open.fold(first, |near, n| {
            if distance(n) < distance(near) {
                n
            } else {
                near
            }
        }))
    }

    fn arrive(&self, s: &State, r: Request) -> Option<State> {
        given(s.requests[r] == Progress::Away && !s.members.is_empty())?;
        let n = self.server(s, r)?;

        let mut t = *s;
        t.requests[r] = Progress::At(n);
        if self.rules.performs(Rule::BoundArriveCounts) {
            t.load[n] += 1;
            t.total += 1;
        }
        Some(t)
    }

    fn depart(&self, s: &State, r: Request) -> Option<State> {
        given(s.requests[r] != Progress::Away)?;

        let mut t = *s;
        t.requests[r] = Progress::Away;
        let served = matches!(s.requests[r], Progress::At(_));
        if self.rules.requires(Rule::BoundDepartOnce, served)
            && self.rules.performs(Rule::BoundDepartCounts)
        {
            t.total = t.total.saturating_sub(1);
            if let Progress::At(n) = s.requests[r] {
                t.load[n] = t.load[n].saturating_sub(1);
            }
        }
        Some(t)
    }

    fn add(&self, s: &State, n: Node) -> Option<State> {
        given(!s.members.contains(n))?;

        let mut t = *s;
        t.members.insert(n);
        Some(t)
    }

    fn remove(&self, s: &State, n: Node) -> Option<State> {
        given(s.members.contains(n))?;

        let mut t = *s;
        t.members.remove(n);
        for r in Request::first(self.requests) {
            if s.requests[r] == Progress::At(n) {
                t.requests[r] = Progress::Orphaned;
            }
        }
        if self.rules.performs(Rule::BoundRemoveReleases) {
            t.total = t.total.saturating_sub(s.load[n]);
            t.load[n] = 0;
        }
        Some(t)
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for BoundedLoads<S> {
    type State = State;
    type Action = Action;

    /// Every assignment of servers and requests to positions; all servers are there, and no request.
    fn init_states(&self) -> Vec<State> {
        let points = (self.servers + self.requests) as u32;
        let position = |code: usize, digit: usize| {
            (code / self.positions.pow(digit as u32) % self.positions) as u8
        };
        (0..self.positions.pow(points))
            .map(|code| State {
                server_at: PerNode::from_fn(self.servers, |n: Node| position(code, n.index())),
                request_at: PerNode::from_fn(self.requests, |r: Request| {
                    position(code, self.servers + r.index())
                }),
                members: NodeSet::first(self.servers),
                requests: PerNode::all(self.requests, Progress::Away),
                load: PerNode::all(self.servers, 0),
                total: 0,
            })
            .collect()
    }

    fn actions(&self, _: &State, actions: &mut Vec<Action>) {
        for r in Request::first(self.requests) {
            actions.extend([Action::Arrive(r), Action::Depart(r)]);
        }
        for n in Node::first(self.servers) {
            actions.extend([Action::Add(n), Action::Remove(n)]);
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Arrive(r) => self.arrive(s, r),
            Action::Depart(r) => self.depart(s, r),
            Action::Add(n) => self.add(s, n),
            Action::Remove(n) => self.remove(s, n),
        }
    }

    // ------------------------------------------------------------------------------------------------------- Properties

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("Load Is Conserved", |_, s| {
                let sum: u8 = s.load.values().iter().sum();
                sum == s.total
                    && s.load
                        .iter()
                        .all(|(n, &load)| load as usize == serves(s, n))
            }),
            Property::<Self>::sometimes(
                "Load Is Conserved: a server was removed while it served",
                |_, s| s.requests.values().contains(&Progress::Orphaned) && s.total > 0,
            ),
            Property::<Self>::always("Every Request Finds A Server", |m, s| {
                s.members.is_empty() || Request::first(m.requests).all(|r| m.server(s, r).is_some())
            }),
            Property::<Self>::sometimes(
                "Every Request Finds A Server: the nearest is full",
                |m, s| {
                    Request::first(m.requests).any(|r| {
                        s.requests[r] == Progress::Away
                            && nearest(m, s, r, |_| true) != m.server(s, r)
                    })
                },
            ),
            Property::<Self>::sometimes("Load Below Capacity: a server has two", |_, s| {
                s.load.values().iter().any(|&load| load > 1)
            }),
            Property::<Self>::sometimes(
                "First Server With Room: a request wraps around",
                |_, s| {
                    s.requests.iter().any(|(r, progress)| match *progress {
                        Progress::At(n) => s.server_at[n] < s.request_at[r],
                        _ => false,
                    })
                },
            ),
        ]
    }
}

/// How many requests a server has.
fn serves(s: &State, n: Node) -> usize {
    let mut requests = s.requests.values().to_vec();
    requests.retain(|progress| *progress == Progress::At(n));
    requests.len()
}

/// The nearest server clockwise among some; of equally near ones that with the least identity.
fn nearest<S>(
    m: &BoundedLoads<S>,
    s: &State,
    r: Request,
    of: impl Fn(Node) -> bool,
) -> Option<Node> {
    let clockwise = |n: &Node| {
        let (from, to) = (s.request_at[r] as usize, s.server_at[*n] as usize);
        ((to + m.positions - from) % m.positions, n.index())
    };
    s.members.iter().filter(|&n| of(n)).min_by_key(clockwise)
}

/// The capacity by definition: the least whole number that is not below c·(m+1)/n, for m requests at n servers.
fn bound<S>(m: &BoundedLoads<S>, s: &State) -> usize {
    let served: usize = s.members.iter().map(|n| serves(s, n)).sum();
    (m.quarters * (served + 1)).div_ceil(4 * s.members.len().max(1))
}

impl<S: RuleSet<Rule>> Spec for BoundedLoads<S> {
    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        vec![
            StepProperty {
                name: "Load Below Capacity",
                holds: |m, s, action, t| match *action {
                    Action::Arrive(r) => match t.requests[r] {
                        Progress::At(n) => serves(t, n) <= bound(m, s),
                        _ => false,
                    },
                    _ => true,
                },
            },
            StepProperty {
                name: "First Server With Room",
                holds: |m, s, action, t| match *action {
                    Action::Arrive(r) => {
                        let room = |n| serves(s, n) < bound(m, s);
                        nearest(m, s, r, room).map(Progress::At) == Some(t.requests[r])
                    }
                    _ => true,
                },
            },
        ]
    }
}

impl<S: RuleSet<Rule>> Refines for BoundedLoads<S> {
    type Abstract = Anything;

    fn abstract_model(&self) -> Anything {
        Anything
    }

    fn abstract_state(&self, _: &State) {}
}
