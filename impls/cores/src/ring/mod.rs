//! The hash ring: who owns a key, which members hold its copies, and how a key changes hands without losing a write.
//!
//! - [`View`] says who the members are in an epoch; it is what is agreed on, stored and sent.
//! - [`Ring`] is a function of a view: [`Ring::owner`], [`Ring::replicas`] (distinct members, in distinct zones), and [`Ring::moves`] (what changes hands between
//!   two epochs). [`Ring::follow`] makes the next ring cheaply.
//! - [`BoundedLoads`] sends requests to the first member that has room.
//! - [`hand_over`] is the protocol by which data follows ownership, as a [`Protocol`](crate::Protocol).
//!
//! After Karger et al., *Consistent Hashing and Random Trees* (1997); DeCandia et al., *Dynamo* (2007): virtual nodes, weights, preference lists; Mirrokni, Thorup &
//! Zadimoghaddam, *Consistent Hashing with Bounded Loads* (2016).
//!
//! ```
//! use concur_cores::NodeId;
//! use concur_cores::ring::{Member, Replica, Ring, Scheme, Supply, View};
//!
//! let members = (1..=5).map(|id| Member::new(NodeId(id)).in_zone(id as u32 % 3));
//! let ring = Ring::new(View::new(1, Scheme::Xxh3, 160, members)?);
//! let mut replicas = [Replica::default(); 3];
//! assert_eq!(ring.replicas(b"a key", &mut replicas), Supply::DistinctZones);
//! assert_eq!(replicas[0].id, ring.owner(b"a key"));
//!
//! let next = ring.follow(ring.view().join(Member::new(NodeId(6)))?);
//! assert!(ring.moves(&next).iter().all(|moved| moved.to == NodeId(6)));
//! # Ok::<(), concur_cores::ring::ViewError>(())
//! ```
//!
//! Left out: how members come to agree on views (a log of consensus does that), and which of several replicas to prefer at a time.

mod bounded_loads;
pub mod hand_over;
mod member;
mod movement;
mod placement;
mod replicas;
mod scheme;
mod table;
mod view;

pub use bounded_loads::{BoundedLoads, Factor, Ticket};
pub use member::Member;
pub use movement::{KeyRange, Move};
pub use placement::Ring;
pub use replicas::{Replica, Supply};
pub use scheme::{Placement, Position, Scheme};
pub use view::{MAX_POINTS, View, ViewError};
