//! Whom a phase must hear from: quorum systems whose phase-1 and phase-2 quorums meet.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::NodeId;

/// The most members that a quorum system has: a set of them is one word.
pub const MAX_MEMBERS: usize = 64;

/// A set of members, by their positions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Voters(u64);

impl Voters {
    /// Adds the member at `position`.
    pub fn insert(&mut self, position: usize) {
        self.0 |= 1 << position;
    }

    /// Whether the member at `position` is among them.
    pub fn contains(self, position: usize) -> bool {
        self.0 & 1 << position != 0
    }

    /// How many they are.
    pub fn count(self) -> usize {
        self.0.count_ones() as usize
    }
}

/// The acceptors, and which sets of them are enough for each phase.
///
/// Every phase-1 quorum meets every phase-2 quorum; that is all that Paxos needs (Howard, Malkhi & Spiegelman, *Flexible Paxos*, 2016). No value of this
/// type breaks it: the constructors refuse.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Quorums {
    members: Arc<[NodeId]>,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// Any so many members.
    Counted { phase1: usize, phase2: usize },
    /// Any superset of one of these.
    Sets {
        phase1: Arc<[u64]>,
        phase2: Arc<[u64]>,
    },
}

/// Why members and quorums are no quorum system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuorumError {
    /// There are no members, or more than [`MAX_MEMBERS`].
    MemberCount(usize),
    /// The same node is named twice.
    NamedTwice(NodeId),
    /// That node is in a quorum and no member.
    NoMember(NodeId),
    /// A phase has no quorum at all, or needs more members than there are.
    Unsatisfiable,
    /// Some phase-1 quorum and some phase-2 quorum have no member in common.
    Disjoint,
    /// The rows of a grid are not equally long.
    Ragged,
}

impl fmt::Display for QuorumError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MemberCount(n) => write!(f, "{n} members, where 1 to {MAX_MEMBERS} can be"),
            Self::NamedTwice(id) => write!(f, "{id} is named twice"),
            Self::NoMember(id) => write!(f, "{id} is in a quorum and no member"),
            Self::Unsatisfiable => write!(f, "a phase has no quorum"),
            Self::Disjoint => write!(f, "a phase-1 and a phase-2 quorum do not meet"),
            Self::Ragged => write!(f, "the rows of the grid are not equally long"),
        }
    }
}

impl core::error::Error for QuorumError {}

/// How to make one.
impl Quorums {
    /// More than half, in both phases.
    pub fn majority(members: impl IntoIterator<Item = NodeId>) -> Result<Self, QuorumError> {
        let members = sorted(members)?;
        let size = members.len() / 2 + 1;
        Self::counted(members, size, size)
    }

    /// Any `phase1` members to begin a ballot, any `phase2` to choose a value; together they must be more than all.
    pub fn flexible(
        members: impl IntoIterator<Item = NodeId>,
        phase1: usize,
        phase2: usize,
    ) -> Result<Self, QuorumError> {
        Self::counted(sorted(members)?, phase1, phase2)
    }

    /// A row begins a ballot, a column chooses a value.
    pub fn grid(rows: &[Vec<NodeId>]) -> Result<Self, QuorumError> {
        let width = rows.first().map_or(0, Vec::len);
        if rows.iter().any(|row| row.len() != width) {
            return Err(QuorumError::Ragged);
        }
        let columns: Vec<Vec<NodeId>> = (0..width)
            .map(|nth| rows.iter().map(|row| row[nth]).collect())
            .collect();
        Self::sets(rows.iter().flatten().copied(), rows, &columns)
    }

    /// Whatever contains one of these sets.
    pub fn sets(
        members: impl IntoIterator<Item = NodeId>,
        phase1: &[Vec<NodeId>],
        phase2: &[Vec<NodeId>],
    ) -> Result<Self, QuorumError> {
        let members = sorted(members)?;
        let phase1 = masks(&members, phase1)?;
        let phase2 = masks(&members, phase2)?;
        let disjoint = |one: &u64| phase2.iter().any(|other| one & other == 0);
        if phase1.is_empty() || phase2.is_empty() {
            Err(QuorumError::Unsatisfiable)
        } else if phase1.iter().any(disjoint) {
            Err(QuorumError::Disjoint)
        } else {
            let kind = Kind::Sets { phase1, phase2 };
            Ok(Self { members, kind })
        }
    }

    fn counted(members: Arc<[NodeId]>, phase1: usize, phase2: usize) -> Result<Self, QuorumError> {
        if phase1.max(phase2) > members.len() {
            Err(QuorumError::Unsatisfiable)
        } else if phase1 + phase2 <= members.len() {
            Err(QuorumError::Disjoint)
        } else {
            let kind = Kind::Counted { phase1, phase2 };
            Ok(Self { members, kind })
        }
    }
}

/// What it is asked.
impl Quorums {
    /// The members, in ascending order.
    pub fn members(&self) -> &[NodeId] {
        &self.members
    }

    /// The member's position, if it is one.
    pub fn position(&self, id: NodeId) -> Option<usize> {
        self.members.binary_search(&id).ok()
    }

    /// Whether these members are enough to begin a ballot.
    pub fn phase1(&self, voters: Voters) -> bool {
        match &self.kind {
            Kind::Counted { phase1, .. } => voters.count() >= *phase1,
            Kind::Sets { phase1, .. } => contains_any(phase1, voters),
        }
    }

    /// Whether these members are enough to choose a value.
    pub fn phase2(&self, voters: Voters) -> bool {
        match &self.kind {
            Kind::Counted { phase2, .. } => voters.count() >= *phase2,
            Kind::Sets { phase2, .. } => contains_any(phase2, voters),
        }
    }
}

fn contains_any(quorums: &[u64], voters: Voters) -> bool {
    quorums.iter().any(|quorum| quorum & !voters.0 == 0)
}

fn sorted(members: impl IntoIterator<Item = NodeId>) -> Result<Arc<[NodeId]>, QuorumError> {
    let mut members: Vec<NodeId> = members.into_iter().collect();
    members.sort_unstable();
    if let Some(twice) = members.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(QuorumError::NamedTwice(twice[0]));
    }
    match members.len() {
        1..=MAX_MEMBERS => Ok(members.into()),
        n => Err(QuorumError::MemberCount(n)),
    }
}

fn masks(members: &[NodeId], sets: &[Vec<NodeId>]) -> Result<Arc<[u64]>, QuorumError> {
    sets.iter().map(|set| mask(members, set)).collect()
}

fn mask(members: &[NodeId], set: &[NodeId]) -> Result<u64, QuorumError> {
    let mut voters = Voters::default();
    for id in set {
        let position = members.binary_search(id);
        voters.insert(position.map_err(|_| QuorumError::NoMember(*id))?);
    }
    Ok(voters.0)
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::{QuorumError, Quorums, Voters};
    use crate::NodeId;

    fn nodes(n: u64) -> Vec<NodeId> {
        (1..=n).map(NodeId).collect()
    }

    fn voters(positions: &[usize]) -> Voters {
        let mut voters = Voters::default();
        positions.iter().for_each(|p| voters.insert(*p));
        voters
    }

    #[test]
    fn a_majority_is_more_than_half() {
        let quorums = Quorums::majority(nodes(4)).unwrap();
        assert!(!quorums.phase1(voters(&[0, 1])) && !quorums.phase2(voters(&[0, 1])));
        assert!(quorums.phase1(voters(&[0, 1, 3])) && quorums.phase2(voters(&[0, 1, 3])));
    }

    #[test]
    fn quorums_that_do_not_meet_are_refused() {
        let too_small = Quorums::flexible(nodes(4), 2, 2);
        assert_eq!(too_small, Err(QuorumError::Disjoint));
        let unsatisfiable = Quorums::flexible(nodes(4), 1, 5);
        assert_eq!(unsatisfiable, Err(QuorumError::Unsatisfiable));
        let (left, right) = (nodes(2), vec![NodeId(3)]);
        let disjoint = Quorums::sets(nodes(3), &[left], &[right]);
        assert_eq!(disjoint, Err(QuorumError::Disjoint));
        assert_eq!(Quorums::majority([]), Err(QuorumError::MemberCount(0)));
        let twice = Quorums::majority([NodeId(1), NodeId(1)]);
        assert_eq!(twice, Err(QuorumError::NamedTwice(NodeId(1))));
        let stranger = Quorums::sets(nodes(1), &[nodes(1)], &[nodes(2)]);
        assert_eq!(stranger, Err(QuorumError::NoMember(NodeId(2))));
    }

    #[test]
    fn a_row_of_a_grid_meets_every_column() {
        let rows = [nodes(3), vec![NodeId(4), NodeId(5), NodeId(6)]];
        let grid = Quorums::grid(&rows).unwrap();
        assert!(grid.phase1(voters(&[0, 1, 2])) && !grid.phase2(voters(&[0, 1, 2])));
        assert!(grid.phase2(voters(&[1, 4])) && !grid.phase1(voters(&[1, 4])));
        let ragged = [nodes(2), vec![NodeId(3)]];
        assert_eq!(Quorums::grid(&ragged), Err(QuorumError::Ragged));
        assert_eq!(Quorums::grid(&[]), Err(QuorumError::MemberCount(0)));
    }
}
