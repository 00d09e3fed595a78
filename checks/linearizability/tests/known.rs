//! Histories whose verdict is known, each with what is wrong about it.

use concur_linearizability::specs::{
    Answer, Ask, At, Decision, Keyed, Log, LogAnswer, LogAsk, Outcome, Queue, QueueAnswer,
    QueueAsk, Register, Step, Transaction,
};
use concur_linearizability::{CallId, History, Limits, Specification, Verdict, check};

type Registers = History<Ask<u64>, Answer<u64>>;

/// Something that is called and returns before anything else happens.
fn at_once<O, A>(history: &mut History<O, A>, client: u64, operation: O, answer: A) {
    let call = history.call(client, operation);
    history.returned(call, answer);
}

fn verdict<'h, S: Specification + Default>(
    history: &'h History<S::Operation, S::Answer>,
) -> Verdict<'h, S> {
    check(&S::default(), history, Limits::default())
}

fn is_fine<S: Specification + Default>(history: &History<S::Operation, S::Answer>) {
    let verdict = verdict::<S>(history);
    assert!(verdict.is_linearizable(), "{verdict}");
}

/// The history is refuted, and the operation that is named as stuck is that one.
fn is_refuted<S: Specification + Default>(
    history: &History<S::Operation, S::Answer>,
    stuck: usize,
) {
    match verdict::<S>(history) {
        Verdict::NotLinearizable(refutation) => {
            assert_eq!(refutation.stuck, CallId(stuck), "{refutation}");
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_read_that_misses_a_finished_write_is_stale() {
    let mut h = Registers::new();
    at_once(&mut h, 1, Ask::Put(1), Answer::Done);
    at_once(&mut h, 2, Ask::Get, Answer::Value(None));
    is_refuted::<Register<u64>>(&h, 1);
}

#[test]
fn a_read_beside_a_write_may_see_it_or_not() {
    for seen in [None, Some(1)] {
        let mut h = Registers::new();
        let write = h.call(1, Ask::Put(1));
        at_once(&mut h, 2, Ask::Get, Answer::Value(seen));
        h.returned(write, Answer::Done);
        is_fine::<Register<u64>>(&h);
    }
}

#[test]
fn what_was_read_once_is_not_unread_even_beside_its_write() {
    let mut h = Registers::new();
    let write = h.call(1, Ask::Put(1));
    at_once(&mut h, 2, Ask::Get, Answer::Value(Some(1)));
    at_once(&mut h, 3, Ask::Get, Answer::Value(None));
    h.returned(write, Answer::Done);
    is_refuted::<Register<u64>>(&h, 2);
}

#[test]
fn of_two_increments_that_read_the_same_one_update_is_lost() {
    let mut h = Registers::new();
    at_once(&mut h, 1, Ask::Put(0), Answer::Done);
    let swap = |to| Ask::Cas { from: Some(0), to };
    let (first, second) = (h.call(1, swap(1)), h.call(2, swap(2)));
    h.returned(first, Answer::Swapped(true));
    h.returned(second, Answer::Swapped(true));
    is_refuted::<Register<u64>>(&h, 2);
}

#[test]
fn an_append_that_is_applied_twice_is_noticed() {
    let mut h = Registers::new();
    at_once(&mut h, 1, Ask::Append(1), Answer::Done);
    at_once(&mut h, 1, Ask::Get, Answer::Value(Some(2)));
    is_refuted::<Register<u64>>(&h, 1);
}

#[test]
fn two_clients_do_not_see_two_writes_in_different_orders() {
    let mut h = Registers::new();
    let writes = [h.call(1, Ask::Put(1)), h.call(2, Ask::Put(2))];
    at_once(&mut h, 3, Ask::Get, Answer::Value(Some(1)));
    at_once(&mut h, 3, Ask::Get, Answer::Value(Some(2)));
    at_once(&mut h, 4, Ask::Get, Answer::Value(Some(1)));
    for write in writes {
        h.returned(write, Answer::Done);
    }
    is_refuted::<Register<u64>>(&h, 4);
}

#[test]
fn a_write_that_timed_out_may_take_effect_at_any_later_time_but_once() {
    let mut h = Registers::new();
    h.call(1, Ask::Put(1));
    at_once(&mut h, 2, Ask::Get, Answer::Value(None));
    at_once(&mut h, 2, Ask::Put(2), Answer::Done);
    at_once(&mut h, 2, Ask::Get, Answer::Value(Some(1)));
    is_fine::<Register<u64>>(&h);
    at_once(&mut h, 2, Ask::Put(3), Answer::Done);
    at_once(&mut h, 2, Ask::Get, Answer::Value(Some(1)));
    is_refuted::<Register<u64>>(&h, 5);
}

#[test]
fn a_write_that_was_refused_is_never_seen() {
    let mut h = Registers::new();
    let write = h.call(1, Ask::Put(1));
    h.refused(write);
    at_once(&mut h, 2, Ask::Get, Answer::Value(Some(1)));
    is_refuted::<Register<u64>>(&h, 1);
}

#[test]
fn a_write_is_not_seen_before_it_was_called() {
    let mut h = Registers::new();
    at_once(&mut h, 2, Ask::Get, Answer::Value(Some(1)));
    h.call(1, Ask::Put(1));
    is_refuted::<Register<u64>>(&h, 0);
}

/// Each alone is linearizable, in orders that contradict each other: what is independent is so in both.
#[test]
fn the_keys_of_a_map_are_judged_one_by_one() {
    let of = |key, operation| At { key, operation };
    let mut h = History::new();
    let slow = h.call(1, of('a', Ask::Put(1)));
    at_once(&mut h, 2, of('b', Ask::Put(1)), Answer::Done);
    at_once(&mut h, 2, of('a', Ask::Get), Answer::Value(None));
    h.returned(slow, Answer::Done);
    is_fine::<Keyed<char, Register<u64>>>(&h);
    at_once(&mut h, 3, of('b', Ask::Get), Answer::Value(None));
    is_refuted::<Keyed<char, Register<u64>>>(&h, 3);
}

#[test]
fn a_queue_gives_nothing_twice_and_keeps_its_order() {
    let mut h = History::new();
    at_once(&mut h, 1, QueueAsk::Enqueue(1_u64), QueueAnswer::Done);
    at_once(&mut h, 1, QueueAsk::Enqueue(2), QueueAnswer::Done);
    let twice = [h.call(2, QueueAsk::Dequeue), h.call(3, QueueAsk::Dequeue)];
    h.returned(twice[0], QueueAnswer::Taken(Some(2)));
    let mut fine = h.clone();
    fine.returned(twice[1], QueueAnswer::Taken(Some(1)));
    is_fine::<Queue<u64>>(&fine);
    h.returned(twice[1], QueueAnswer::Taken(Some(2)));
    is_refuted::<Queue<u64>>(&h, 2);
}

#[test]
fn two_entries_of_a_log_do_not_share_an_index() {
    let mut h = History::new();
    let both = [
        h.call(1, LogAsk::Append('a')),
        h.call(2, LogAsk::Append('b')),
    ];
    h.returned(both[0], LogAnswer::Index(0));
    let mut fine = h.clone();
    fine.returned(both[1], LogAnswer::Index(1));
    at_once(
        &mut fine,
        1,
        LogAsk::Read(0),
        LogAnswer::Entries(vec!['a', 'b']),
    );
    is_fine::<Log<char>>(&fine);
    h.returned(both[1], LogAnswer::Index(0));
    is_refuted::<Log<char>>(&h, 1);
}

fn of(step: Step) -> Transaction {
    Transaction {
        transaction: 1,
        step,
    }
}

fn submitted() -> History<Transaction, Outcome> {
    let mut h = History::new();
    let participants = [1, 2].into();
    h.call(1, of(Step::Submit { participants }));
    h.call(1, of(Step::VoteYes { participant: 1 }));
    h
}

#[test]
fn a_transaction_commits_only_after_every_vote() {
    let mut h = submitted();
    at_once(&mut h, 3, of(Step::Learn), Outcome::Commit);
    h.call(2, of(Step::VoteYes { participant: 2 }));
    is_refuted::<Decision>(&h, 2);

    let mut h = submitted();
    h.call(2, of(Step::VoteYes { participant: 2 }));
    at_once(&mut h, 3, of(Step::Learn), Outcome::Commit);
    at_once(&mut h, 1, of(Step::Learn), Outcome::Commit);
    is_fine::<Decision>(&h);
}

#[test]
fn no_two_learn_different_decisions_of_a_transaction() {
    let mut h = submitted();
    h.call(2, of(Step::VoteYes { participant: 2 }));
    at_once(&mut h, 3, of(Step::Learn), Outcome::Commit);
    at_once(&mut h, 1, of(Step::Learn), Outcome::Abort);
    is_refuted::<Decision>(&h, 4);
}
