//! The binary form beside postcard 1 (by serde), on the same values in one process: `cargo bench -p concur-benches --bench codec`.
//!
//! The values are an AppendEntries of Raft and a Phase2a of Multi-Paxos, with 1 and with 64 commands of 16 bytes. Writing goes to the end of a vector that has room; reading
//! makes the whole value, allocations included. Figures are nanoseconds of CPU time per entry, medians of interleaved samples: divide those of one run.
//!
//! What differs: our form begins with a version, refuses integers that are longer than need be, and bytes that are left over. A command is a run of bytes to both (to postcard by
//! serde_bytes, which puts its length before it). serde sees the entries of Raft as a copy that is made for it.

use std::hint::black_box;
use std::time::Duration;

use concur_cores::NodeId;
use concur_cores::codec::{Decode, DecodeError, Encode, Reader, VERSION};
use concur_cores::paxos::Ballot;
use concur_cores::paxos::multi::{self, Slot};
use concur_cores::raft::{self, Body, Position};
use cpu_time::ThreadTime;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

const SAMPLES: usize = 101;
/// How many entries are written or read for a sample.
const ENTRIES: usize = 1 << 16;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Payload(#[serde(with = "serde_bytes")] [u8; 16]);

impl Encode for Payload {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
}

impl Decode for Payload {
    const MIN_BYTES: usize = 16;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Decode::decode(from).map(Self)
    }
}

fn append_entries(entries: usize) -> raft::Message<Payload> {
    let entry = |n: usize| raft::Entry {
        term: 7,
        command: Some(Payload([n as u8; 16])),
    };
    let body = Body::AppendEntriesRequest {
        prev: Position {
            index: 1_000_000,
            term: 7,
        },
        entries: (0..entries).map(entry).collect(),
        commit_index: 999_990,
    };
    raft::Message { term: 7, body }
}

fn phase2a(entries: usize) -> multi::Message<Payload> {
    let entry = |n: usize| multi::Entry::Command(Payload([n as u8; 16]));
    multi::Message::Phase2a {
        ballot: Ballot {
            round: 7,
            node: NodeId(2),
        },
        first: Slot(1_000_000),
        entries: (0..entries).map(entry).collect(),
        chosen: Slot(999_990),
    }
}

/// The CPU time of so many calls.
fn time(times: usize, mut call: impl FnMut()) -> Duration {
    let began = ThreadTime::now();
    for _ in 0..times {
        call();
    }
    began.elapsed()
}

/// Nanoseconds per entry.
fn median(mut samples: Vec<Duration>) -> f64 {
    samples.sort_unstable();
    samples[samples.len() / 2].as_nanos() as f64 / ENTRIES as f64
}

/// One sample of each: we write, postcard writes, we read, postcard reads.
fn sample<T>(value: &T, entries: usize, out: &mut Vec<u8>) -> [Duration; 4]
where
    T: Encode + Decode + Serialize + DeserializeOwned,
{
    let times = ENTRIES / entries;
    let ours = value.to_bytes();
    let theirs = postcard::to_allocvec(value).expect("it can be written");
    [
        time(times, || {
            out.clear();
            out.push(VERSION);
            black_box(value).encode(out);
            black_box(&*out);
        }),
        time(times, || {
            out.clear();
            let taken = std::mem::take(out);
            *out = postcard::to_extend(black_box(value), taken).expect("it can be written");
            black_box(&*out);
        }),
        time(times, || {
            let read = T::from_bytes(black_box(&ours));
            black_box(read.expect("it can be read"));
        }),
        time(times, || {
            let read = postcard::from_bytes::<T>(black_box(&theirs));
            black_box(read.expect("it can be read"));
        }),
    ]
}

#[expect(clippy::print_stdout, reason = "the table is what it is for")]
fn compare<T>(name: &str, entries: usize, value: &T)
where
    T: Encode + Decode + Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let (ours, theirs) = (value.to_bytes(), postcard::to_allocvec(value));
    let theirs = theirs.expect("it can be written");
    assert_eq!(T::from_bytes(&ours).as_ref(), Ok(value));
    assert_eq!(postcard::from_bytes::<T>(&theirs).as_ref(), Ok(value));

    let mut out = Vec::with_capacity(ours.len().max(theirs.len()));
    let mut times = [const { Vec::new() }; 4];
    for _ in 0..SAMPLES {
        for (all, took) in times.iter_mut().zip(sample(value, entries, &mut out)) {
            all.push(took);
        }
    }
    let [we_write, they_write, we_read, they_read] = times.map(median);
    print!("| {name}, {entries} | {} / {} ", ours.len(), theirs.len());
    print!(
        "| {we_write:.1} | {they_write:.1} | {:.2} ",
        they_write / we_write
    );
    println!(
        "| {we_read:.1} | {they_read:.1} | {:.2} |",
        they_read / we_read
    );
}

#[expect(clippy::print_stdout, reason = "the table is what it is for")]
fn main() {
    println!("nanoseconds of CPU time per entry, medians of {SAMPLES} samples");
    println!(
        "| message, entries | bytes: ours / postcard | write | postcard | ratio | read | postcard | ratio |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for entries in [1, 64] {
        compare("AppendEntries", entries, &append_entries(entries));
        compare("Phase2a", entries, &phase2a(entries));
    }
}
