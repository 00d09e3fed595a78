//! The state machine of a cluster of Raft cores: it remembers every entry that it was told to apply, so that a snapshot still says what it stands for.

use std::sync::Arc;

use concur_cores::raft::{Entry as CoreEntry, Snapshot};
use concur_models::raft::asynchronous::state::Entry;

/// What an entry takes in a snapshot, in bytes.
pub const BYTES: usize = 8;

/// The model's entry: what a leader begins its term with is 0.
pub fn entry(entry: &CoreEntry<u64>) -> Entry {
    Entry {
        term: entry.term,
        value: value(entry.command.as_ref()),
    }
}

/// The model's number of a command.
pub fn value(command: Option<&u64>) -> u64 {
    command.map_or(0, |command| command + 1)
}

/// A snapshot that stands for these entries.
pub fn encode(entries: &[Entry]) -> Arc<[u8]> {
    let bytes = |entry: &Entry| (entry.term << 32 | entry.value).to_le_bytes();
    entries.iter().flat_map(bytes).collect()
}

/// The entries for which a snapshot stands.
pub fn decode(snapshot: &Snapshot) -> impl Iterator<Item = Entry> + '_ {
    let (chunks, _) = snapshot.data.as_chunks::<BYTES>();
    chunks.iter().map(|bytes| {
        let both = u64::from_le_bytes(*bytes);
        Entry {
            term: both >> 32,
            value: both & u64::from(u32::MAX),
        }
    })
}

#[cfg(test)]
mod tests {
    use concur_cores::raft::Position;

    use super::*;

    #[test]
    fn a_snapshot_says_for_which_entries_it_stands() {
        let entries = [(1, 0), (1, 7), (300, 2)].map(|(term, value)| Entry { term, value });
        let last = Position {
            index: 3,
            term: 300,
        };
        let data = encode(&entries);
        assert_eq!(data.len(), 3 * BYTES);
        let snapshot = Snapshot { last, data };
        assert!(decode(&snapshot).eq(entries));
    }
}
