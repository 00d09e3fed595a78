//! The tests of the ring, as one program: what they share is compiled once, and a name such as `ring_simulation` selects a module.

mod ring_bounded_loads;
mod ring_limits;
mod ring_placement;
#[cfg(feature = "serde")]
mod ring_serde;
mod ring_serialized;
mod ring_simulation;
mod ring_stories;
mod ring_zoo;
mod story;
mod support;
mod world;
