//! Raft where one more or one less would be wrong: limits that are met exactly, messages that come again or too late, and which alarms are set.

use concur_cores::raft::{Answer, Body, Entries, Limits, Message, Record, Request, Role, Timer};
use concur_cores::{Effects, Input, Protocol as _};
use concur_harness::Cluster;

use crate::support::{
    Server, answered, append, at, batches_to, cluster, cluster_of, elect, entry, heartbeat, led, n,
    propose, receive, refused, sent,
};

fn alarms(cluster: &Cluster<Server>, id: u64) -> Vec<Timer> {
    cluster.alarms(n(id)).collect()
}

#[test]
fn half_of_the_servers_are_no_majority() {
    let mut cluster = cluster(4);
    cluster.partition(&[&[n(1), n(2)], &[n(3), n(4)]]);
    cluster.elapse(n(1), Timer::Election);
    cluster.settle();
    assert_eq!(cluster.core(n(1)).role(), Role::PreCandidate);
}

#[test]
fn a_leader_that_hears_of_one_of_two_followers_goes_on() {
    let mut cluster = cluster(3);
    elect(&mut cluster, 1);
    cluster.crash(n(3));
    for _ in 0..3 {
        heartbeat(&mut cluster, 1);
        cluster.elapse(n(1), Timer::Quorum);
        assert_eq!(cluster.core(n(1)).role(), Role::Leader);
        assert!(alarms(&cluster, 1).contains(&Timer::Quorum));
    }
}

#[test]
fn a_pre_vote_is_refused_in_the_own_term_and_to_a_log_that_lacks_entries() {
    let mut cluster = cluster(3);
    elect(&mut cluster, 1);
    cluster.elapse(n(2), Timer::Election);
    cluster.drop_where(|_| true);
    let last = cluster.core(n(2)).last();
    let ask = |last| Body::PreVoteRequest { last };
    receive(&mut cluster, 2, 3, 1, ask(last));
    assert_eq!(refused(&cluster, "PreVoteOwnTerm"), 1);
    receive(&mut cluster, 2, 3, 2, ask(at(0, 0)));
    assert_eq!(refused(&cluster, "PreVoteUpToDate"), 1);
    sent(&mut cluster);
    receive(&mut cluster, 2, 3, 2, ask(last));
    let granted = Body::PreVoteResponse { granted: true };
    assert_eq!(sent(&mut cluster), [(n(3), granted)]);
}

#[test]
fn an_older_message_that_comes_again_removes_nothing() {
    let mut cluster = cluster(2);
    let log = [entry(1, 7), entry(1, 8), entry(1, 9)];
    receive(&mut cluster, 2, 1, 1, append(at(0, 0), &log, 0));
    for (prev, length) in [(0, 1), (1, 1), (0, 2), (1, 2), (3, 0), (1, 0)] {
        let entries = &log[prev..prev + length];
        let prev = at(prev as u64, u64::from(prev > 0));
        receive(&mut cluster, 2, 1, 1, append(prev, entries, 0));
        assert_eq!(cluster.core(n(2)).entries(), log, "{prev} and {length}");
    }
    assert_eq!(cluster.disk(n(2)).durable().len(), 3, "nothing is written");
}

#[test]
fn of_entries_that_overlap_the_new_ones_are_written() {
    let mut cluster = cluster(2);
    let log = [entry(1, 7), entry(1, 8), entry(1, 9)];
    receive(&mut cluster, 2, 1, 1, append(at(0, 0), &log[..2], 0));
    receive(&mut cluster, 2, 1, 1, append(at(1, 1), &log[1..], 0));
    cluster.crash(n(2));
    cluster.restart(n(2));
    assert_eq!(cluster.core(n(2)).entries(), log);
}

#[test]
fn the_alarms_are_those_of_what_a_server_is() {
    let mut cluster = cluster(3);
    assert_eq!(alarms(&cluster, 1), [Timer::Election]);
    elect(&mut cluster, 1);
    assert_eq!(alarms(&cluster, 1), [Timer::Heartbeat, Timer::Quorum]);
    cluster.request(n(1), Request::Transfer(n(2)));
    assert!(alarms(&cluster, 1).contains(&Timer::Transfer));
    assert_eq!(cluster.core(n(1)).transfers_to(), Some(n(2)));
    assert_eq!(cluster.core(n(2)).transfers_to(), None);
    cluster.settle();
    assert_eq!(cluster.core(n(2)).role(), Role::Leader);
    assert_eq!(alarms(&cluster, 1), [Timer::Election]);
    assert_eq!(cluster.core(n(1)).transfers_to(), None);
}

/// A host may take several steps before it carries out what they say.
#[test]
fn the_alarms_of_several_steps_are_those_of_the_last() {
    let cluster = cluster_of(3, |mut config| {
        config.pre_vote = false;
        config
    });
    let mut server = cluster.core(n(1)).clone();
    let mut effects = Effects::new();
    server.step(Input::Elapsed(Timer::Election), &mut effects);
    assert_eq!(effects.arm, [Timer::Election]);
    let receipt = effects.receipt.expect("it has voted for itself");
    server.step(Input::Persisted(receipt), &mut effects);
    let receive = |term, body| Input::Receive {
        from: n(2),
        message: Message { term, body },
    };
    let vote = Body::RequestVoteResponse { granted: true };
    server.step(receive(1, vote), &mut effects);
    assert_eq!(effects.arm, [Timer::Heartbeat, Timer::Quorum]);
    assert_eq!(effects.disarm, [Timer::Election]);
    server.step(receive(2, append(at(1, 1), &[], 1)), &mut effects);
    assert_eq!(effects.arm, [Timer::Election]);
    let taken_back = [Timer::Heartbeat, Timer::Quorum, Timer::Transfer];
    assert_eq!(effects.disarm, taken_back);
}

/// However many followers there are, entries are in memory once more than in the log.
#[test]
fn the_messages_to_all_followers_and_the_record_share_the_entries() {
    let cluster = led(Limits::default());
    let mut server = cluster.core(n(1)).clone();
    let mut effects = Effects::new();
    server.step(Input::Request(propose(&[7, 8])), &mut effects);
    let sent = effects.send_ahead.iter();
    let entries = sent.map(|(_, message)| match &message.body {
        Body::AppendEntriesRequest { entries, .. } => entries.as_ptr(),
        other => panic!("{other:?}"),
    });
    let Some(Record::Append {
        entries: record, ..
    }) = effects.persist.first()
    else {
        panic!("{:?}", effects.persist);
    };
    assert_eq!(entries.collect::<Vec<_>>(), [record.as_ptr(); 2]);
}

#[test]
fn a_message_has_as_many_entries_as_its_limit_holds() {
    let mut cluster = led(Limits {
        message_bytes: 2 * 24,
        ..Limits::default()
    });
    cluster.request(n(1), propose(&[1, 2, 3, 4, 5]));
    assert_eq!(batches_to(&sent(&mut cluster), 2), [2, 2, 1]);
}

#[test]
fn a_window_of_bytes_is_full_at_its_limit_and_acknowledgements_empty_it() {
    let mut cluster = led(Limits {
        inflight_bytes: 3 * 24,
        ..Limits::default()
    });
    for command in 0..5 {
        cluster.request(n(1), propose(&[command]));
    }
    assert_eq!(batches_to(&sent(&mut cluster), 2).len(), 3);
    let in_flight = |cluster: &Cluster<Server>| cluster.core(n(1)).progress()[0].in_flight();
    assert_eq!(in_flight(&cluster), (3, 72));
    let match_index = 2;
    let accepted = answered(Answer::Accepted { match_index });
    receive(&mut cluster, 1, 2, 1, accepted);
    assert_eq!(in_flight(&cluster), (3, 2 * 24 + 48), "both that waited");
    sent(&mut cluster);
    let refusal = Answer::Refused {
        prev_index: 4,
        hint: at(2, 1),
    };
    receive(&mut cluster, 1, 2, 1, answered(refusal));
    assert_eq!(in_flight(&cluster), (0, 0), "it asks where they agree");
}

#[test]
fn a_request_that_fits_exactly_is_taken() {
    let mut cluster = led(Limits {
        uncommitted_bytes: 3 * 24,
        ..Limits::default()
    });
    for _ in 0..4 {
        cluster.request(n(1), propose(&[7]));
    }
    assert_eq!(cluster.core(n(1)).last().index, 4);
    assert_eq!(refused(&cluster, "UncommittedLimit"), 1);
}

#[test]
fn a_refusal_of_what_was_acknowledged_or_not_sent_is_none() {
    let mut cluster = led(Limits::default());
    cluster.request(n(1), propose(&[7]));
    cluster.settle();
    let follower = cluster.core(n(1)).progress()[0].clone();
    assert_eq!((follower.match_index, follower.next_index), (2, 3));
    for (prev_index, times) in [(2, 1), (3, 2)] {
        let hint = at(1, 1);
        let refusal = answered(Answer::Refused { prev_index, hint });
        receive(&mut cluster, 1, 2, 1, refusal);
        assert_eq!(refused(&cluster, "RefusalCurrent"), times);
    }
}

#[test]
fn entries_are_what_they_were_made_of() {
    let log = vec![entry(1, 7), entry(2, 8)];
    let entries = Entries::from(log.clone());
    assert_eq!(entries.to_vec(), log);
    assert_eq!(Vec::from(entries), log);
    let body = append(at(0, 0), &log, 0);
    assert_eq!(
        Message { term: 2, body }.to_string(),
        "AppendEntries@2 prev=0@0 [1@1 7, 2@2 8] commit=0"
    );
}
