//! How some sizes begin: one participant has voted YES, three acceptors decide, and ballots cross. Explored is what can come of it.

/// The names of the beginnings.
pub(super) const NAMES: &[&str] = &[
    "nothing",
    "two-leaders",
    "a-proposal",
    "a-choice",
    "two-ballots",
];

/// What happens first.
pub(super) fn lines(after: u32) -> Vec<&'static str> {
    let chapters: &[&[&str]] = match after {
        1 => &[VOTED, TWO_LEADERS],
        2 => &[VOTED, A_PROPOSAL],
        3 => &[VOTED, A_CHOICE],
        4 => &[VOTED, TWO_BALLOTS],
        _ => &[],
    };
    chapters.concat()
}

/// n1 coordinates, takes part, and has voted YES.
const VOTED: &[&str] = &[
    "n1 ← begin",
    "n1 ← enlist",
    "n1 ← commit",
    "n1 → n1 PREPARE",
    "n1 ← vote YES",
];

/// A leader has proposed to abort, in a majority's name. One with a lower ballot has heard of the vote that was cast before: it must not get that majority.
const TWO_LEADERS: &[&str] = &[
    "n1 → n3 2a",
    "n3 ⏰ acceptor",
    "n3 → n1 1a",
    "n3 → n2 1a",
    "n1 → n3 1b",
    "n2 → n3 1b",
    "n1 ⏰ leader",
    "n1 → n3 1a",
    "n3 → n1 1b",
];

/// A leader has proposed to abort. Of the acceptor that has voted otherwise it hears only now.
const A_PROPOSAL: &[&str] = &[
    "n1 → n3 2a",
    "n1 ⏰ leader",
    "n1 → n1 1a",
    "n1 → n2 1a",
    "n1 → n3 1a",
    "n1 → n1 1b",
    "n2 → n1 1b",
];

/// The commit is chosen, and the first promise to a leader comes from one that does not know.
const A_CHOICE: &[&str] = &["n1 → n1 2a", "n1 → n3 2a", "n1 ⏰ leader", "n1 → n2 1a"];

/// An abort is chosen in a ballot above a vote to commit, and the next leader hears of both.
const TWO_BALLOTS: &[&str] = &[
    "n1 → n3 2a",
    "n1 ⏰ leader",
    "n1 → n1 1a",
    "n1 → n2 1a",
    "n1 → n1 1b",
    "n2 → n1 1b",
    "n1 → n1 2a n1:1.0 ballot=1",
    "n1 → n2 2a n1:1.0 ballot=1",
    "n1 ⏰ leader",
    "n1 → n2 1a n1:1.0 ballot=2",
    "n1 → n3 1a n1:1.0 ballot=2",
    "n2 → n1 1b n1:1.0 ballot=2",
];
