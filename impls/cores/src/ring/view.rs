//! A view: who the members are in an epoch. All else about the ring follows from it.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use concur_rules::Rule as _;
use concur_rules::ring::RingRule as Rule;

use super::{Member, Scheme};
use crate::NodeId;
use crate::codec::{Decode, DecodeError, Encode, Reader};

/// The most points that a ring may have: 256 MiB of them.
pub const MAX_POINTS: u64 = 1 << 24;

/// The members of an epoch, in the order of their identity, and how their points are placed.
///
/// This is what is agreed on, stored and sent: the table of points is a function of it. Its [binary form](Encode) begins with the version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Unchecked"))]
pub struct View {
    epoch: u64,
    scheme: Scheme,
    virtual_nodes: u32,
    members: Vec<Member>,
}

/// Why there is no such view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViewError {
    /// Nobody would own anything.
    NoMembers,
    /// Members without points would own nothing.
    NoVirtualNodes,
    /// A member's weight is 0.
    ZeroWeight(NodeId),
    /// Two members have one identity.
    Repeated(NodeId),
    /// There would be that many points, more than [`MAX_POINTS`].
    TooManyPoints(u64),
    /// The change of members breaks that rule.
    Refused(Rule),
}

impl fmt::Display for ViewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMembers => write!(f, "a view has at least one member"),
            Self::NoVirtualNodes => write!(f, "a member has at least one virtual node"),
            Self::ZeroWeight(id) => write!(f, "the weight of {id} is 0"),
            Self::Repeated(id) => write!(f, "{id} is a member twice"),
            Self::TooManyPoints(points) => write!(f, "{points} points are more than {MAX_POINTS}"),
            Self::Refused(rule) => write!(f, "refused: {}", rule.card().says),
        }
    }
}

impl core::error::Error for ViewError {}

impl View {
    /// The view of an epoch. Members may come in any order; `virtual_nodes` is how many points a member of weight 1 has.
    pub fn new(
        epoch: u64,
        scheme: Scheme,
        virtual_nodes: u32,
        members: impl IntoIterator<Item = Member>,
    ) -> Result<Self, ViewError> {
        let mut members: Vec<Member> = members.into_iter().collect();
        members.sort_unstable();
        let view = Self {
            epoch,
            scheme,
            virtual_nodes,
            members,
        };
        view.check()?;
        Ok(view)
    }

    fn check(&self) -> Result<(), ViewError> {
        if self.members.is_empty() {
            return Err(ViewError::NoMembers);
        }
        if self.virtual_nodes == 0 {
            return Err(ViewError::NoVirtualNodes);
        }
        if let Some(member) = self.members.iter().find(|member| member.weight == 0) {
            return Err(ViewError::ZeroWeight(member.id));
        }
        if let Some(pair) = self
            .members
            .windows(2)
            .find(|pair| pair[0].id == pair[1].id)
        {
            return Err(ViewError::Repeated(pair[0].id));
        }
        let weights = self.members.iter().map(|member| u64::from(member.weight));
        let points = weights
            .sum::<u64>()
            .saturating_mul(self.virtual_nodes.into());
        if points > MAX_POINTS {
            return Err(ViewError::TooManyPoints(points));
        }
        Ok(())
    }

    /// The number of the view in the log of views.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// How points are placed.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// How many points a member of weight 1 has.
    pub fn virtual_nodes(&self) -> u32 {
        self.virtual_nodes
    }

    /// The members, in the order of their identity.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member of that identity.
    pub fn member(&self, id: NodeId) -> Option<&Member> {
        let at = self.members.binary_search_by_key(&id, |member| member.id);
        at.ok().map(|at| &self.members[at])
    }

    /// Whether that node is a member.
    pub fn contains(&self, id: NodeId) -> bool {
        self.member(id).is_some()
    }

    /// The next view, with one more member.
    pub fn join(&self, member: Member) -> Result<Self, ViewError> {
        if self.contains(member.id) {
            return Err(ViewError::Refused(Rule::RingJoinStranger));
        }
        self.next(self.members.iter().cloned().chain([member]))
    }

    /// The next view, without that member.
    pub fn leave(&self, id: NodeId) -> Result<Self, ViewError> {
        if !self.contains(id) {
            return Err(ViewError::Refused(Rule::RingLeaveMember));
        }
        if self.members.len() == 1 {
            return Err(ViewError::Refused(Rule::RingLeaveNotLast));
        }
        self.next(self.members.iter().filter(|m| m.id != id).cloned())
    }

    /// The next view, in which that member has changed: another weight, zone or name.
    pub fn change(&self, changed: Member) -> Result<Self, ViewError> {
        if !self.contains(changed.id) {
            return Err(ViewError::Refused(Rule::RingLeaveMember));
        }
        let others = self.members.iter().filter(|m| m.id != changed.id);
        self.next(others.cloned().chain([changed.clone()]))
    }

    /// The next view, with these members.
    pub fn next(&self, members: impl IntoIterator<Item = Member>) -> Result<Self, ViewError> {
        let epoch = self.epoch.saturating_add(1);
        Self::new(epoch, self.scheme, self.virtual_nodes, members)
    }
}

impl fmt::Display for View {
    /// `@2 {n1 n3}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{} {{", self.epoch)?;
        for (at, member) in self.members.iter().enumerate() {
            write!(f, "{}{member}", if at == 0 { "" } else { " " })?;
        }
        write!(f, "}}")
    }
}

/// What serde reads before it is known to be a view.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct Unchecked {
    epoch: u64,
    scheme: Scheme,
    virtual_nodes: u32,
    members: Vec<Member>,
}

#[cfg(feature = "serde")]
impl TryFrom<Unchecked> for View {
    type Error = ViewError;

    fn try_from(read: Unchecked) -> Result<Self, ViewError> {
        Self::new(read.epoch, read.scheme, read.virtual_nodes, read.members)
    }
}

impl Encode for Scheme {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(match self {
            Self::Xxh3 => 0,
            Self::Ketama => 1,
        });
    }
}

impl Decode for Scheme {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match from.byte()? {
            0 => Ok(Self::Xxh3),
            1 => Ok(Self::Ketama),
            other => Err(DecodeError::UnknownTag("Scheme", other)),
        }
    }
}

fn decode_u32(from: &mut Reader<'_>) -> Result<u32, DecodeError> {
    u32::try_from(u64::decode(from)?).map_err(|_| DecodeError::BadInteger)
}

impl Encode for Member {
    fn encode(&self, out: &mut Vec<u8>) {
        self.id.encode(out);
        u64::from(self.weight).encode(out);
        u64::from(self.zone).encode(out);
        (self.name.len() as u64).encode(out);
        out.extend_from_slice(self.name.as_bytes());
    }
}

impl Decode for Member {
    const MIN_BYTES: usize = 4;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let id = NodeId::decode(from)?;
        let weight = decode_u32(from)?;
        let zone = decode_u32(from)?;
        let length = from.length(1)?;
        let name = core::str::from_utf8(from.take(length)?)
            .map_err(|_| DecodeError::BadValue("Member::name"))?;
        Ok(Self {
            id,
            weight,
            zone,
            name: String::from(name),
        })
    }
}

impl Encode for View {
    fn encode(&self, out: &mut Vec<u8>) {
        self.epoch.encode(out);
        self.scheme.encode(out);
        u64::from(self.virtual_nodes).encode(out);
        self.members.encode(out);
    }
}

impl Decode for View {
    const MIN_BYTES: usize = 8;

    /// Members out of their order are refused, so that a view has one form only.
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let view = Self {
            epoch: u64::decode(from)?,
            scheme: Scheme::decode(from)?,
            virtual_nodes: decode_u32(from)?,
            members: Vec::decode(from)?,
        };
        let in_order = view.members.is_sorted_by(|a, b| a.id < b.id);
        if !in_order || view.check().is_err() {
            return Err(DecodeError::BadValue("View::members"));
        }
        Ok(view)
    }
}
