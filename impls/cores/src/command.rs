//! What a cluster agrees on: any type that a client's wish can be put into.

use core::fmt::{Debug, Display};
use core::hash::Hash;

/// What a cluster agrees on. Cloned once for each log and each notice that holds it, so a large one belongs into an `Arc`.
pub trait Command: Clone + Eq + Hash + Debug + Display {}

impl<T: Clone + Eq + Hash + Debug + Display> Command for T {}
