//! What can be chosen besides sizes: the protocol as it is, and what people have made of it.

/// How many servers are taken to be enough, of `n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quorum {
    /// More than half.
    Majority,
    /// Half: an expected failure.
    Half,
    /// A third, rounded up: an expected failure.
    Third,
}

/// What a voter compares of its own log and the candidate's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// The last entries: their terms and, in one term, their indices.
    LastEntry,
    /// Nothing: an expected failure.
    Nothing,
}

/// When a follower removes entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rollback {
    /// When it has compared them with the leader's, and they conflict.
    OnConflict,
    /// At once, whatever follows in its log what precedes the request: an expected failure where old refusals are believed.
    Eager,
}

/// Which refusals a leader believes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusals {
    /// Those that answer its last request.
    Fresh,
    /// Also one from long ago, which has it begin anew at its first entry, with a follower that has acknowledged more since. That costs time and nothing
    /// else, unless the rollback is eager. raft.tla does this one entry at a time, so that the steps are judged by Figure 3 alone.
    Stale,
}

/// What judges the steps, besides the properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judge {
    /// Each must be what raft.tla does.
    Raft,
    /// Nothing: the mapping forgets all. So the properties are seen to notice by themselves what a missing rule leads to, although a step that
    /// raft.tla forbids came long before.
    Figure3,
}

impl Quorum {
    /// The names by which the command line knows them, in the order of [`Quorum::from_choice`].
    pub const NAMES: &'static [&'static str] = &["majority", "half", "third"];

    /// The one of that position in [`Quorum::NAMES`].
    pub fn from_choice(choice: u32) -> Self {
        [Self::Majority, Self::Half, Self::Third][choice as usize]
    }

    /// How many of so many servers.
    pub fn size(self, servers: usize) -> usize {
        match self {
            Self::Majority => servers / 2 + 1,
            Self::Half => servers.div_ceil(2),
            Self::Third => servers.div_ceil(3),
        }
    }
}

impl Compare {
    /// The names by which the command line knows them, in the order of [`Compare::from_choice`].
    pub const NAMES: &'static [&'static str] = &["last-entry", "nothing"];

    /// The one of that position in [`Compare::NAMES`].
    pub fn from_choice(choice: u32) -> Self {
        [Self::LastEntry, Self::Nothing][choice as usize]
    }
}

impl Rollback {
    /// The names by which the command line knows them, in the order of [`Rollback::from_choice`].
    pub const NAMES: &'static [&'static str] = &["on-conflict", "eager"];

    /// The one of that position in [`Rollback::NAMES`].
    pub fn from_choice(choice: u32) -> Self {
        [Self::OnConflict, Self::Eager][choice as usize]
    }
}

impl Refusals {
    /// The names by which the command line knows them, in the order of [`Refusals::from_choice`].
    pub const NAMES: &'static [&'static str] = &["fresh", "stale"];

    /// The one of that position in [`Refusals::NAMES`].
    pub fn from_choice(choice: u32) -> Self {
        [Self::Fresh, Self::Stale][choice as usize]
    }
}

impl Judge {
    /// The names by which the command line knows them, in the order of [`Judge::from_choice`].
    pub const NAMES: &'static [&'static str] = &["raft", "figure-3"];

    /// The one of that position in [`Judge::NAMES`].
    pub fn from_choice(choice: u32) -> Self {
        [Self::Raft, Self::Figure3][choice as usize]
    }
}
