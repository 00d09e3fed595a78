//! Three servers of Raft, and three of Multi-Paxos, in one thread and in memory, beside raft-rs and OmniPaxos: commands of 16 bytes, in batches.
//!
//! ```text
//! cargo bench -p concur-benches --bench raft             # divan: wall time
//! cargo bench -p concur-benches --bench raft -- --cpu    # CPU time, interleaved, medians: what to compare on a machine that is loaded by others
//! ```
//!
//! What each side does: a client gives the leader a batch; the messages are moved, one at a time, through one queue, until none is left; then comes the next batch. All three
//! servers append each command to a log in memory and apply it (they add up its bytes). In the end all have applied everything, which is asserted.
//!
//! What no side does: there is no codec (messages are moved), no disk (what is to be written is dropped, and reported as durable at once), no clock in the
//! measured part. Differences that remain: raft-rs keeps a command as a vector of bytes, tells followers of a commit by messages of their own, and its log is `MemStorage`, behind a
//! lock; with us and with OmniPaxos a commit may ride on the next batch; OmniPaxos is given the batch command by command, as its interface has it, and sends it in one
//! message; raft-rs is given it as one proposal of many entries. Our Multi-Paxos notes a ballot beside each command, and hands over what is chosen as copies, batch by
//! batch; our Raft hands them over one by one.

mod concur;
mod omni;
mod tikv;
mod trio;

use concur::{Concur, Payload};
use omni::Omni;
use tikv::Tikv;
use trio::{Trio, check, run};

/// Each sample begins with new servers. The system's allocator gives their memory back to the system in between, and what were measured then is how pages come back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type OurRaft = Concur<concur_cores::raft::Raft<Payload>>;
type OurPaxos = Concur<concur_cores::paxos::multi::Node<Payload>>;

/// How many commands one sample replicates.
const COMMANDS: usize = 1 << 15;

/// How many commands a request holds.
const BATCHES: [usize; 4] = [1, 16, 64, 256];

fn bench<T: Trio>(bencher: divan::Bencher<'_, '_>, batch: usize) {
    bencher
        .counter(divan::counter::ItemsCount::new(COMMANDS))
        .with_inputs(|| T::elected(batch))
        .bench_local_refs(|trio| check(COMMANDS, batch, run(trio, COMMANDS, batch)));
}

#[divan::bench(args = BATCHES)]
fn concur_raft(bencher: divan::Bencher<'_, '_>, batch: usize) {
    bench::<OurRaft>(bencher, batch);
}

#[divan::bench(args = BATCHES)]
fn concur_multi_paxos(bencher: divan::Bencher<'_, '_>, batch: usize) {
    bench::<OurPaxos>(bencher, batch);
}

#[divan::bench(args = BATCHES)]
fn omnipaxos(bencher: divan::Bencher<'_, '_>, batch: usize) {
    bench::<Omni>(bencher, batch);
}

#[divan::bench(args = BATCHES)]
fn raft_rs(bencher: divan::Bencher<'_, '_>, batch: usize) {
    bench::<Tikv>(bencher, batch);
}

fn sample<T: Trio>(batch: usize) -> u64 {
    let mut trio = T::elected(batch);
    let began = cpu_time::ThreadTime::now();
    let applied = run(&mut trio, COMMANDS, batch);
    let took = began.elapsed();
    check(COMMANDS, batch, applied);
    took.as_nanos() as u64
}

fn median(mut samples: Vec<u64>) -> f64 {
    samples.sort_unstable();
    let nanoseconds = samples[samples.len() / 2];
    COMMANDS as f64 * 1e3 / nanoseconds as f64
}

/// The samples of all are interleaved, so that what disturbs one disturbs all.
#[expect(clippy::print_stdout, reason = "the table is what it is for")]
fn print_cpu_table(samples: usize) {
    println!("million commands per second of CPU time, medians of {samples} samples");
    println!(
        "| batch | raft | multi-paxos | omnipaxos | raft-rs | raft / omnipaxos | raft / raft-rs | multi-paxos / omnipaxos | multi-paxos / raft-rs |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for batch in BATCHES {
        let mut times = [const { Vec::new() }; 4];
        for _ in 0..samples {
            times[0].push(sample::<OurRaft>(batch));
            times[1].push(sample::<OurPaxos>(batch));
            times[2].push(sample::<Omni>(batch));
            times[3].push(sample::<Tikv>(batch));
        }
        let [raft, paxos, omni, tikv] = times.map(median);
        print!("| {batch} | {raft:.2} | {paxos:.2} | {omni:.2} | {tikv:.2} ");
        print!("| {:.2} | {:.2} ", raft / omni, raft / tikv);
        println!("| {:.2} | {:.2} |", paxos / omni, paxos / tikv);
    }
}

fn main() {
    if std::env::args().any(|argument| argument == "--cpu") {
        print_cpu_table(41);
    } else {
        divan::main();
    }
}
