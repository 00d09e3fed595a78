//! What a cluster agrees on: any type that a client's wish can be put into.

use alloc::string::String;
use core::fmt::{Debug, Display};
use core::hash::Hash;

/// What a cluster agrees on. Cloned once for each log and each notice that holds it, so a large one belongs into an `Arc`.
pub trait Command: Clone + Eq + Hash + Debug + Display {
    /// About how many bytes the command takes in a message: what limits count.
    fn bytes(&self) -> usize;
}

impl Command for u64 {
    fn bytes(&self) -> usize {
        8
    }
}

impl Command for String {
    fn bytes(&self) -> usize {
        self.len()
    }
}

impl Command for &'static str {
    fn bytes(&self) -> usize {
        self.len()
    }
}
