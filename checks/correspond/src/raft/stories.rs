//! How some sizes begin: far from the initial state, where a guard is put to the test. Explored is what can come of it.

/// The names of the beginnings.
pub(super) const NAMES: &[&str] = &[
    "nothing",
    "other-leaders",
    "a-snapshot",
    "a-late-piece",
    "past-a-snapshot",
    "a-conflict",
    "a-transfer",
];

/// What happens first.
pub(super) fn lines(after: u32) -> Vec<&'static str> {
    let chapters: &[&[&str]] = match after {
        1 => &[OTHER_LEADERS],
        2 => &[LEADS, HAS_MISSED_IT],
        3 => &[LEADS, HAS_MISSED_IT, A_LATE_PIECE],
        4 => &[LEADS, HAS_MISSED_IT, PAST_IT],
        5 => &[A_CONFLICT],
        6 => &[LEADS, A_TRANSFER],
        _ => &[],
    };
    chapters.concat()
}

/// n1 leads, and n2 has what its term begins with.
const LEADS: &[&str] = &[
    "n1 ⏰ election",
    "n1 → n2 RequestVote@1",
    "n2 → n1 Vote@1 granted",
    "n1 → n2 AppendEntries@1",
    "n2 → n1 AppendEntries@1 match=1",
];

/// n1 led, and nobody has its entry; n2 led, and n3 has another in its place; n3 leads, and sends what follows that one.
const OTHER_LEADERS: &[&str] = &[
    "n1 ⏰ election",
    "n1 → n2 RequestVote@1",
    "n2 → n1 Vote@1 granted",
    "n2 ⏰ election",
    "n2 → n3 RequestVote@2",
    "n3 → n2 Vote@2 granted",
    "n2 → n3 AppendEntries@2",
    "n3 ⏰ election",
    "n3 → n2 RequestVote@3",
    "n2 → n3 Vote@3 granted",
];

/// n3 has missed what the snapshot covers, and is sent the first of its two pieces.
const HAS_MISSED_IT: &[&str] = &[
    "n1 ← propose",
    "n1 → n2 AppendEntries@1 prev=1",
    "n2 → n1 AppendEntries@1 match=2",
    "n1 ← compact 2",
    "n1 ⏰ heartbeat",
];

/// The second piece is on its way to n3, and n3 has come to another term.
const A_LATE_PIECE: &[&str] = &[
    "n1 → n3 InstallSnapshot@1 last=2@1 0+8",
    "n3 → n1 InstallSnapshot@1",
    "n2 ⏰ election",
    "n2 → n3 RequestVote@2",
];

/// n3 has the snapshot, and knows of more that is committed; the pieces are still on their way.
const PAST_IT: &[&str] = &[
    "n1 → n3 InstallSnapshot@1 last=2@1 0+8",
    "n3 → n1 InstallSnapshot@1",
    "n1 → n3 InstallSnapshot@1 last=2@1 8+8",
    "n3 → n1 AppendEntries@1 match=2",
    "n1 ← propose",
    "n1 → n3 AppendEntries@1 prev=2@1 [3@1",
    "n3 → n1 AppendEntries@1 match=3",
    "n1 ⏰ heartbeat",
    "n1 → n3 AppendEntries@1 prev=3@1 [] commit=3",
];

/// n3 led, and nobody has its entries; n1 leads, and sends a snapshot of what is committed in their place.
const A_CONFLICT: &[&str] = &[
    "n3 ⏰ election",
    "n3 → n2 RequestVote@1",
    "n2 → n3 Vote@1 granted",
    "n3 ← propose",
    "n1 ⏰ election",
    "n1 ⏰ election",
    "n1 → n2 RequestVote@2",
    "n2 → n1 Vote@2 granted",
    "n1 → n2 AppendEntries@2",
    "n2 → n1 AppendEntries@2 match=1",
    "n1 ← compact 1",
    "n1 ⏰ heartbeat",
];

/// n1 has asked n2 to take over, and n2 stands for election before it hears of that.
const A_TRANSFER: &[&str] = &["n1 ← transfer to n2", "n2 ⏰ election"];
