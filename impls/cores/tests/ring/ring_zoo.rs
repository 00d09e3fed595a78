//! What published rings got wrong (rows CH of the zoo), each put into a naive ring: the checks that ours passes find every one.

use crate::support::{Given, nearest};
use concur_cores::NodeId;
use concur_cores::ring::{Member, Placement as _, Position, Replica, Ring, Scheme, View};

/// What a ring does, as its callers see it.
trait Subject {
    fn change(&mut self, view: &View, by: &Given);
    fn owner(&self, position: Position) -> Option<NodeId>;
    fn pair(&self, position: Position) -> Vec<NodeId>;
}

/// Ours, followed from view to view.
#[derive(Default)]
struct Ours(Option<Ring<Given>>);

impl Subject for Ours {
    fn change(&mut self, view: &View, by: &Given) {
        let next = match &self.0 {
            Some(ring) => ring.follow(view.clone()),
            None => Ring::with(view.clone(), by.clone()),
        };
        self.0 = Some(next);
    }

    fn owner(&self, position: Position) -> Option<NodeId> {
        Some(self.0.as_ref()?.owner_at(position))
    }

    fn pair(&self, position: Position) -> Vec<NodeId> {
        let mut list = [Replica::default(); 2];
        let ring = self.0.as_ref().expect("there is a view");
        let _ = ring.replicas_at(position, &mut list);
        let members = ring.view().members().len();
        list.iter()
            .take(members)
            .map(|replica| replica.id)
            .collect()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bug {
    None,
    /// CH02: a point displaces the one that lies at its position.
    Overwrites,
    /// CH02, CH03: a member that leaves takes whatever lies at its positions.
    RemovesForeign,
    /// CH04: of points at one position the first to come wins.
    TieByArrival,
    /// CH06: nothing is found behind the last point.
    NoWrap,
    /// CH07: a key on a point belongs to the next one.
    StrictlyAfter,
    /// CH08: a member with two neighbouring points is both replicas.
    ReplicaTwice,
    /// CH09: by the number of members.
    Modulo,
    /// CH16: only a point at the very position is found.
    EqualOnly,
    /// CH17: a member that leaves or shrinks leaves points behind.
    StalePoints,
    /// CH18: replicas are looked for behind the owner.
    BehindOwner,
}

/// A list of points, as a first draft has it.
struct Naive {
    bug: Bug,
    points: Vec<(Position, NodeId)>,
    view: Option<View>,
}

impl Naive {
    fn insert(&mut self, point: (Position, NodeId)) {
        if self.bug == Bug::Overwrites {
            self.points.retain(|other| other.0 != point.0);
        }
        if !self.points.contains(&point) {
            self.points.push(point);
        }
        match self.bug {
            Bug::TieByArrival => self.points.sort_by_key(|point| point.0),
            _ => self.points.sort(),
        }
    }

    fn walk(&self, position: Position) -> impl Iterator<Item = NodeId> + '_ {
        let start = match self.bug {
            Bug::StrictlyAfter => self.points.partition_point(|point| point.0 <= position),
            _ => self.points.partition_point(|point| point.0 < position),
        };
        let wrapped = if self.bug == Bug::NoWrap { 0 } else { start };
        let around = self.points[start..].iter().chain(&self.points[..wrapped]);
        let equal = self.bug == Bug::EqualOnly;
        around
            .filter(move |point| !equal || point.0 == position)
            .map(|point| point.1)
    }
}

fn points_of(view: Option<&View>, id: NodeId, by: &Given) -> Vec<Position> {
    let mut points = Vec::new();
    if let Some((view, member)) = view.and_then(|view| Some((view, view.member(id)?))) {
        by.points(member, view.virtual_nodes(), |position| {
            points.push(position)
        });
    }
    points
}

impl Subject for Naive {
    fn change(&mut self, view: &View, by: &Given) {
        for id in [2, 1, 0].map(NodeId) {
            let before = points_of(self.view.as_ref(), id, by);
            let after = points_of(Some(view), id, by);
            let lost = |position| before.contains(&position) && !after.contains(&position);
            let (bug, foreign) = (self.bug, self.bug == Bug::RemovesForeign);
            self.points.retain(|point| {
                bug == Bug::StalePoints || !lost(point.0) || point.1 != id && !foreign
            });
            let gained = after.iter().filter(|position| !before.contains(position));
            gained.for_each(|position| self.insert((*position, id)));
        }
        self.view = Some(view.clone());
    }

    fn owner(&self, position: Position) -> Option<NodeId> {
        if self.bug == Bug::Modulo {
            let members = self.view.as_ref()?.members();
            return Some(members[(position >> 62) as usize % members.len()].id);
        }
        self.walk(position).next()
    }

    fn pair(&self, position: Position) -> Vec<NodeId> {
        let mut list: Vec<NodeId> = Vec::new();
        for id in self
            .walk(position)
            .skip(usize::from(self.bug == Bug::BehindOwner))
        {
            if list.len() < 2 && (self.bug == Bug::ReplicaTwice || !list.contains(&id)) {
                list.push(id);
            }
        }
        list
    }
}

fn view(epoch: u64, weights: [u32; 3]) -> View {
    let members = (0..).zip(weights).filter(|(_, weight)| *weight > 0);
    let members = members.map(|(id, weight)| Member::new(NodeId(id)).with_weight(weight));
    View::new(epoch, Scheme::Xxh3, 1, members).expect("somebody has a weight")
}

/// Takes the subject through views on every circle of four positions; what is wrong, if something is.
fn wrong(mut new: impl FnMut() -> Box<dyn Subject>) -> Option<String> {
    let walks = [
        [[1, 0, 0], [1, 1, 0], [1, 1, 1]],
        [[0, 0, 1], [0, 2, 1], [1, 2, 1]],
        [[2, 2, 2], [2, 0, 2], [1, 0, 2]],
        [[0, 2, 1], [1, 2, 0], [1, 1, 0]],
    ];
    for by in Given::all(2, 3, 2) {
        for walk in walks {
            let mut subject = new();
            for (epoch, weights) in (1..).zip(walk) {
                let view = view(epoch, weights);
                subject.change(&view, &by);
                for position in by.positions() {
                    let near: Vec<_> = nearest(&by, &view, position).iter().map(|m| m.id).collect();
                    if subject.owner(position) != Some(near[0]) {
                        return Some(format!("owner in {view} of {position:x} with {by:?}"));
                    }
                    if subject.pair(position) != near[..near.len().min(2)] {
                        return Some(format!("replicas in {view} of {position:x} with {by:?}"));
                    }
                }
            }
        }
    }
    None
}

fn naive(bug: Bug) -> impl FnMut() -> Box<dyn Subject> {
    move || {
        let (points, view) = (Vec::new(), None);
        Box::new(Naive { bug, points, view })
    }
}

#[test]
fn our_ring_has_none_of_the_published_bugs() {
    assert_eq!(wrong(|| Box::new(Ours::default())), None);
    assert_eq!(wrong(naive(Bug::None)), None);
}

#[test]
fn every_published_bug_is_found() {
    for bug in [
        Bug::Overwrites,
        Bug::RemovesForeign,
        Bug::TieByArrival,
        Bug::NoWrap,
        Bug::StrictlyAfter,
        Bug::ReplicaTwice,
        Bug::Modulo,
        Bug::EqualOnly,
        Bug::StalePoints,
        Bug::BehindOwner,
    ] {
        let found = wrong(naive(bug)).unwrap_or_else(|| panic!("{bug:?} is not found"));
        eprintln!("{bug:?}: {found}");
    }
}
