//! What placement keeps: the table and the lookups are what the members define, nobody is turned away, and no more moves than must.

use concur_rules::RuleSet;
use concur_rules::ring::RingRule as Rule;
use stateright::Property;

use super::{Action, Placement, Point, State, definition};
use crate::kit::{Id, StepProperty};
use crate::ring::Node;

/// That the table and all lookups are what the members define.
pub(super) fn of_definition<S: RuleSet<Rule>>() -> Vec<Property<Placement<S>>> {
    let mut all = of_table();
    all.extend(of_lookups());
    all.extend(of_replicas());
    all
}

/// That every position has some owner: no key goes without one as members come and go.
pub(super) fn coverage<S: RuleSet<Rule>>() -> Property<Placement<S>> {
    Property::<Placement<S>>::always("Coverage", |m, s| {
        let some_member = definition::members(s).next().is_some();
        !some_member || m.all_positions(|p| m.owner(&s.table, p).is_some())
    })
}

fn of_table<S: RuleSet<Rule>>() -> Vec<Property<Placement<S>>> {
    type P<S> = Property<Placement<S>>;
    vec![
        P::<S>::always("Pure Function Of Members", |_, s| {
            s.table == definition::table(s)
        }),
        P::<S>::sometimes(
            "Pure Function Of Members: points of two members collide",
            |_, s| collide(s),
        ),
        P::<S>::always("Each Member Owns Its Points", |_, s| {
            definition::points(s).all(|point| s.table.contains(&point))
        }),
        P::<S>::sometimes(
            "Each Member Owns Its Points: two members share a position",
            |_, s| collide(s),
        ),
        // Neither a collision of two nodes' points nor one within a node keeps anyone from coming or going.
        P::<S>::always("Total Membership", |m, s| {
            Node::first(m.nodes).all(|n| match s.weight[n] {
                0 => m.join(s, n).is_some(),
                _ => m.leave(s, n).is_some(),
            })
        }),
        P::<S>::sometimes(
            "Total Membership: one can join where points lie already",
            |m, s| Node::first(m.nodes).any(|n| s.weight[n] == 0 && would_collide(s, n)),
        ),
        P::<S>::sometimes(
            "Total Membership: one can leave whose points coincide",
            |_, s| definition::members(s).any(|n| coincide(s, n)),
        ),
    ]
}

fn of_lookups<S: RuleSet<Rule>>() -> Vec<Property<Placement<S>>> {
    type P<S> = Property<Placement<S>>;
    vec![
        P::<S>::always("Total Lookup", |m, s| {
            m.all_positions(|p| m.owner(&s.table, p) == definition::owner(m, s, p))
        }),
        P::<S>::sometimes("Total Lookup: a position lies on a point", |m, s| {
            m.some_position(s, |p| s.table.iter().any(|point| point.position == p))
        }),
        P::<S>::sometimes("Total Lookup: a position wraps around", |m, s| {
            m.some_position(s, |p| s.table.iter().all(|point| point.position < p))
        }),
        coverage(),
        P::<S>::sometimes("Coverage: points of two members collide", |_, s| collide(s)),
    ]
}

fn of_replicas<S: RuleSet<Rule>>() -> Vec<Property<Placement<S>>> {
    type P<S> = Property<Placement<S>>;
    vec![
        P::<S>::always("Distinct Replicas", |m, s| {
            m.all_positions(|p| m.replicas(&s.table, p) == definition::replicas(m, s, p))
        }),
        P::<S>::sometimes("Distinct Replicas: fewer members than replicas", |m, s| {
            (1..m.replicas).contains(&definition::members(s).count())
        }),
        P::<S>::sometimes(
            "Distinct Replicas: the next point is of the same node",
            |m, s| {
                let repeats = |pair: &[Point]| pair[0].node == pair[1].node;
                definition::members(s).count() >= m.replicas && s.table.windows(2).any(repeats)
            },
        ),
        P::<S>::always("First Replica Is Owner", |m, s| {
            m.all_positions(|p| m.replicas(&s.table, p).first().copied() == m.owner(&s.table, p))
        }),
        P::<S>::sometimes("First Replica Is Owner: there is a second", |m, s| {
            m.some_position(s, |p| m.replicas(&s.table, p).len() > 1)
        }),
        P::<S>::sometimes("Minimal Movement: positions have several owners", |m, s| {
            let first = m.owner(&s.table, 0);
            m.some_position(s, |p| m.owner(&s.table, p) != first)
        }),
    ]
}

/// The properties of steps.
pub(super) fn of_steps<S: RuleSet<Rule>>() -> Vec<StepProperty<Placement<S>>> {
    vec![StepProperty {
        name: "Minimal Movement",
        holds: |m, s, action, t| match *action {
            Action::Join(n) | Action::Leave(n) | Action::Reweigh(n, _) => {
                m.moves_minimally(s, n, t)
            }
        },
    }]
}

impl<S: RuleSet<Rule>> Placement<S> {
    fn all_positions(&self, holds: impl FnMut(u8) -> bool) -> bool {
        (0..self.positions as u8).all(holds)
    }

    fn some_position(&self, s: &State, holds: impl FnMut(u8) -> bool) -> bool {
        !s.table.is_empty() && (0..self.positions as u8).any(holds)
    }

    /// A position moves only to the node that grows, or from the one that shrinks; and of its replicas only that node comes or goes.
    fn moves_minimally(&self, s: &State, n: Node, t: &State) -> bool {
        let (small, large) = match s.weight[n] < t.weight[n] {
            true => (&s.table, &t.table),
            false => (&t.table, &s.table),
        };
        self.all_positions(|p| {
            let (fewer, more) = (self.replicas(small, p), self.replicas(large, p));
            let others = more.iter().filter(|&&m| m != n);
            let kept = fewer.iter().filter(|&&m| m != n);
            let owner = self.owner(large, p);
            (owner == Some(n) || owner == self.owner(small, p))
                && others.zip(kept).all(|(other, kept)| other == kept)
        })
    }
}

/// Whether points of two members lie at one position.
fn collide(s: &State) -> bool {
    definition::points(s)
        .any(|a| definition::points(s).any(|b| a.position == b.position && a.node != b.node))
}

/// Whether a point of a node that would join lies where one is already.
fn would_collide(s: &State, n: Node) -> bool {
    let taken = |&position: &u8| s.table.iter().any(|point| point.position == position);
    s.hash[n].iter().any(taken)
}

/// Whether two virtual nodes of a member lie at one position.
fn coincide(s: &State, n: Node) -> bool {
    let hash = &s.hash[n][..s.weight[n] as usize];
    (0..hash.len()).any(|v| hash[..v].contains(&hash[v]))
}
