//! A member of the ring: its name, its weight, its zone.

use alloc::string::String;
use core::fmt;

use crate::NodeId;

/// A node that owns a share of the ring.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Member {
    /// Who it is. Placement by [`Scheme::Xxh3`](super::Scheme::Xxh3) hashes this, and breaks ties by it.
    pub id: NodeId,
    /// How many times the virtual nodes of a member of weight 1 it has. At least 1.
    pub weight: u32,
    /// Which zone (rack, room, data centre) fails together with it. Replicas are spread over zones.
    pub zone: u32,
    /// Where it is reached, as `host:port`. Placement by [`Scheme::Ketama`](super::Scheme::Ketama) hashes this.
    pub name: String,
}

impl Member {
    /// A member of weight 1 in zone 0, without a name.
    pub fn new(id: NodeId) -> Self {
        Self {
            id,
            weight: 1,
            zone: 0,
            name: String::new(),
        }
    }

    /// The same with another weight.
    pub fn with_weight(self, weight: u32) -> Self {
        Self { weight, ..self }
    }

    /// The same in another zone.
    pub fn in_zone(self, zone: u32) -> Self {
        Self { zone, ..self }
    }

    /// The same with another name.
    pub fn named(self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..self
        }
    }
}

impl fmt::Display for Member {
    /// `n1`, and what is unusual of it: `n1×2 zone 3 "host:port"`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)?;
        if self.weight != 1 {
            write!(f, "×{}", self.weight)?;
        }
        if self.zone != 0 {
            write!(f, " zone {}", self.zone)?;
        }
        if !self.name.is_empty() {
            write!(f, " {:?}", self.name)?;
        }
        Ok(())
    }
}
