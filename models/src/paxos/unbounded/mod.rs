//! Paxos.tla without bounds: any number of ballots, values and slots, for whoever is too large for the flat [`protocol`](crate::paxos::protocol).
//!
//! `Paxos ⊐ UnboundedPaxos`. The actions are those of Paxos.tla, and with one slot this is Paxos.tla: as many states, to the same depth. With more slots each is a
//! decision of its own, while all share the ballots (Lamport, *Paxos Made Simple*, 2001, §3): one promise keeps an acceptor out of lower ballots in every slot, and reports
//! its last vote in each. Whoever looks at one slot alone sees Paxos; that is what the rung shows, for any of them.
//!
//! Nothing in a state or a step is bounded. How many ballots and values there are is asked only when actions are listed.

pub mod configs;
pub mod protocol;
pub mod state;

use std::fmt;

/// Declares kinds of numbers: each prints with its prefix, as it is.
macro_rules! numbers {
    ($( $(#[$about:meta])* pub $Name:ident = $prefix:literal; )+) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $Name(pub u64);

        impl fmt::Debug for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
    )+};
}

numbers! {
    /// The number of a ballot; the lowest is 0. None at all is lower still.
    pub Ballot = "";
    /// A value that may be chosen.
    pub Value = "v";
    /// A position in the log, each of which is one decision.
    pub Slot = "s";
}

/// A vote for a value in a ballot, or a proposal. Prints as `v1@0`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vote {
    /// In which ballot.
    pub bal: Ballot,
    /// For which value.
    pub val: Value,
}

impl Vote {
    /// The vote for `val` in `bal`.
    pub const fn new(bal: Ballot, val: Value) -> Self {
        Self { bal, val }
    }
}

impl fmt::Debug for Vote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}@{:?}", self.val, self.bal)
    }
}
