//! The hand-over told as stories: what happens when nodes leave, crash, hear things twice or late, and when clients are behind.

use crate::story::{KEY, N1, N2, N3, Story, is_data, refused, written};
use concur_cores::ring::hand_over::{Ask, Message, Notice, Request, Timer, Why};
use concur_cores::ring::{KeyRange, Member, Ring, Scheme, View};
use concur_cores::{Effects, Input, NodeId, Protocol as _};

#[test]
fn the_key_of_the_stories_is_n1s_while_it_is_a_member() {
    let ring = |members: &[NodeId]| {
        let members = members.iter().copied().map(Member::new);
        Ring::new(View::new(1, Scheme::Xxh3, 1, members).unwrap())
    };
    for members in [&[N1, N2, N3][..], &[N1, N2], &[N1, N3], &[N1]] {
        assert_eq!(ring(members).owner(KEY.as_bytes()), N1);
    }
    assert_eq!(ring(&[N2, N3]).owner(KEY.as_bytes()), N3);
}

#[test]
fn a_node_joins_and_gets_the_data_of_what_it_gains() {
    let mut story = Story::new(&[N2, N3]);
    written(story.write(N3, 1, "old"), 1);
    story.joins(N1);
    story.install_all(2);
    story.cluster.settle();

    story.holds(N1, 2, "old");
    written(story.write(N1, 2, "new"), 2);
    assert_eq!(story.cluster.core(N3).handing().count(), 0);
    insta::assert_snapshot!(story.cluster.story());
}

#[test]
fn the_new_owner_does_not_serve_before_the_data_has_arrived() {
    let mut story = Story::new(&[N2, N3]);
    written(story.write(N3, 1, "old"), 1);
    story.joins(N1);
    story.install_all(2);

    refused(story.write(N1, 2, "too early"), Why::NotYet);
    refused(story.read(N1, 2), Why::NotYet);
    story.cluster.settle();
    story.holds(N1, 2, "old");
    insta::assert_snapshot!(story.cluster.story());
}

#[test]
fn a_client_with_an_old_view_is_told_the_epoch() {
    let mut story = Story::new(&[N2, N3]);
    written(story.write(N3, 1, "old"), 1);
    story.joins(N1);
    story.install_all(2);
    story.cluster.settle();

    refused(story.write(N3, 1, "by the old view"), Why::Epoch(2));
    refused(
        story.write(N3, 2, "by the right view, to the wrong node"),
        Why::NotOwner(N1),
    );
    written(story.write(N1, 2, "by the right view"), 2);
    insta::assert_snapshot!(story.cluster.story());
}

#[test]
fn a_write_during_the_hand_over_is_refused_by_both_until_one_can_take_it() {
    let mut story = Story::new(&[N2, N3]);
    story.joins(N1);
    story.install(N3, 2);
    refused(story.write(N3, 1, "x"), Why::Epoch(2));
    refused(story.write(N1, 2, "x"), Why::Epoch(1));
    story.install(N1, 2);
    refused(story.write(N1, 2, "x"), Why::NotYet);
    story.cluster.settle();
    written(story.write(N1, 2, "x"), 1);
    insta::assert_snapshot!(story.cluster.story());
}

#[test]
fn data_that_comes_before_the_view_is_not_taken_and_comes_again() {
    let mut story = Story::new(&[N2, N3]);
    written(story.write(N3, 1, "old"), 1);
    story.joins(N1);
    story.install(N3, 2);
    story.cluster.settle();
    assert!(story.refuses("RingReceiveEpoch") > 0);
    assert!(
        story.cluster.core(N3).handing().count() > 0,
        "the copy is kept"
    );

    story.install(N1, 2);
    story.cluster.elapse(N3, Timer::Resend);
    story.cluster.settle();
    story.holds(N1, 2, "old");
    assert_eq!(story.cluster.core(N3).handing().count(), 0);
    insta::assert_snapshot!(story.cluster.story());
}

#[test]
fn a_duplicate_transfer_does_not_undo_a_write() {
    let mut story = Story::new(&[N2, N3]);
    written(story.write(N3, 1, "old"), 1);
    story.joins(N1);
    story.install_all(2);
    let packets = story.cluster.network().packets();
    let data = packets
        .iter()
        .position(|p| is_data(&p.message) && p.from == N3)
        .unwrap();
    story.cluster.duplicate(data);
    written(story.write(N1, 2, "new"), 2);
    story.cluster.settle();

    assert!(story.refuses("RingReceiveOnce") > 0);
    story.holds(N1, 2, "new");
    insta::assert_snapshot!(story.cluster.story());
}

#[test]
fn the_receiver_crashes_before_the_data_is_durable_and_gets_it_again() {
    let mut story = Story::new(&[N2, N3]);
    written(story.write(N3, 1, "old"), 1);
    story.joins(N1);
    story.install_all(2);
    story.cluster.slow_disk(N1);
    story
        .cluster
        .deliver_where(|packet| is_data(&packet.message));
    assert!(
        story.cluster.network().packets().is_empty(),
        "nothing is acknowledged that is not durable"
    );
    story.cluster.crash(N1);
    story.cluster.restart(N1);
    story.cluster.prompt_disk(N1);
    refused(story.read(N1, 2), Why::NotYet);

    story.cluster.elapse(N3, Timer::Resend);
    story.cluster.settle();
    story.holds(N1, 2, "old");
    insta::assert_snapshot!(story.cluster.story());
}

#[test]
fn the_old_owner_crashes_during_the_hand_over_and_sends_again() {
    let mut story = Story::new(&[N2, N3]);
    written(story.write(N3, 1, "old"), 1);
    story.joins(N1);
    story.install_all(2);
    story.cluster.drop_where(|packet| is_data(&packet.message));
    story.cluster.crash(N3);
    story.cluster.restart(N3);
    story.cluster.settle();

    story.holds(N1, 2, "old");
    insta::assert_snapshot!(story.cluster.story());
}

#[test]
fn a_node_that_leaves_may_be_switched_off_only_when_its_data_has_arrived() {
    let mut story = Story::new(&[N1, N3]);
    written(story.write(N1, 1, "old"), 1);
    story.cluster.request(N1, Request::Retire);
    assert_eq!(story.refuses("OwnerDropUnneeded"), 1);
    story.leaves(N1);
    story.install_all(2);
    story.cluster.request(N1, Request::Retire);
    assert_eq!(story.refuses("RingDeleteAcked"), 1);

    story.cluster.settle();
    story.cluster.take_notices(N1);
    story.cluster.request(N1, Request::Retire);
    assert_eq!(story.cluster.take_notices(N1), [Notice::Retired]);
    story.holds(N3, 2, "old");
    insta::assert_snapshot!(story.cluster.story());
}

#[test]
fn a_node_that_leaves_while_it_is_given_data_takes_it_first_and_passes_it_on() {
    let mut story = Story::new(&[N2, N3]);
    written(story.write(N3, 1, "old"), 1);
    story.joins(N1);
    story.leaves(N1);
    story.install_all(2);
    story.install(N1, 3);
    assert_eq!(story.refuses("RingInstallSettled"), 1);

    story.cluster.settle();
    story.install_all(3);
    story.cluster.settle();
    story.holds(N3, 3, "old");
    insta::assert_snapshot!(story.cluster.story());
}

#[test]
fn an_acknowledgement_of_an_earlier_hand_over_deletes_nothing() {
    let mut story = Story::new(&[N2, N3]);
    written(story.write(N3, 1, "old"), 1);
    story.joins(N1);
    story.leaves(N1);
    story.joins(N1);
    story.install_all(2);
    story
        .cluster
        .deliver_where(|packet| is_data(&packet.message));
    let late: Vec<_> = story.cluster.network().packets().to_vec();
    story.install_all(3);
    story
        .cluster
        .deliver_where(|packet| is_data(&packet.message));
    story.install_all(4);
    story.cluster.drop_where(|packet| is_data(&packet.message));
    let acks = story.cluster.network().packets().iter();
    assert!(
        late.iter()
            .all(|ack| acks.clone().any(|packet| packet == ack)),
        "they are still on their way"
    );
    story.cluster.settle();

    assert!(story.refuses("RingDeleteThisHandOver") > 0);
    assert!(
        story
            .cluster
            .core(N3)
            .handed(&KEY.into())
            .any(|(epoch, ..)| epoch == 4)
    );
    story.cluster.elapse(N3, Timer::Resend);
    story.cluster.settle();
    story.holds(N1, 4, "old");
    insta::assert_snapshot!(story.cluster.story());
}

#[test]
fn a_lost_acknowledgement_is_given_again_even_from_a_later_epoch() {
    let mut story = Story::new(&[N2, N3]);
    written(story.write(N3, 1, "old"), 1);
    story.joins(N1);
    story.leaves(N2);
    story.install_all(2);
    story
        .cluster
        .deliver_where(|packet| is_data(&packet.message));
    story.cluster.drop_where(|_| true);
    story.install(N1, 3);
    assert!(story.cluster.core(N3).handing().count() > 0);

    story.cluster.elapse(N3, Timer::Resend);
    story.cluster.settle();
    assert_eq!(story.cluster.core(N3).handing().count(), 0);
    insta::assert_snapshot!(story.cluster.story());
}

#[test]
fn views_are_taken_in_their_order_and_none_twice() {
    let mut story = Story::new(&[N2, N3]);
    story.joins(N1);
    story.leaves(N2);
    story.install(N1, 3);
    assert_eq!(story.cluster.core(N1).epoch(), 1);
    story.install_all(2);
    story.cluster.settle();
    story.install_all(3);
    story.install(N1, 2);
    story.install(N1, 3);
    assert_eq!(story.cluster.core(N1).epoch(), 3);
    assert_eq!(story.refuses("RingInstallNext"), 3);
    insta::assert_snapshot!(story.cluster.story());
}

#[test]
fn a_view_that_places_keys_otherwise_is_not_the_next_one() {
    let mut story = Story::new(&[N2, N3]);
    let members = story.view(1).members().to_vec();
    let other = View::new(2, Scheme::Ketama, 1, members).unwrap();
    story.cluster.request(N3, Request::Install(other));
    assert_eq!(story.refuses("RingInstallNext"), 1);
    assert_eq!(story.cluster.core(N3).epoch(), 1);
}

#[test]
fn a_write_asked_for_again_after_a_hand_over_is_acknowledged_and_not_applied_again() {
    let mut story = Story::new(&[N2, N3]);
    let ask = story.ask(1);
    story
        .cluster
        .request(N3, Request::Write(ask.clone(), "first".into()));
    story.joins(N1);
    story.install_all(2);
    story.cluster.settle();
    story.cluster.take_notices(N1);

    let again = Ask {
        epoch: 2,
        ..ask.clone()
    };
    story
        .cluster
        .request(N1, Request::Write(again.clone(), "first".into()));
    written(story.cluster.take_notices(N1).pop(), 1);
    written(story.write(N1, 2, "second"), 2);
    story
        .cluster
        .request(N1, Request::Write(again, "first".into()));
    refused(story.cluster.take_notices(N1).pop(), Why::Superseded);
    story.holds(N1, 2, "second");
    insta::assert_snapshot!(story.cluster.story());
}

#[test]
fn a_write_is_acknowledged_only_when_it_is_durable() {
    let mut story = Story::new(&[N1, N2]);
    story.cluster.slow_disk(N1);
    assert_eq!(story.write(N1, 1, "lost"), None);
    story.cluster.crash(N1);
    story.cluster.restart(N1);
    assert!(matches!(
        story.read(N1, 1),
        Some(Notice::Value { found: None, .. })
    ));
    assert_eq!(story.write(N1, 1, "kept"), None);
    story.cluster.sync(N1);
    written(story.cluster.take_notices(N1).pop(), 1);
    story.cluster.crash(N1);
    story.cluster.restart(N1);
    story.holds(N1, 1, "kept");
    insta::assert_snapshot!(story.cluster.story());
}

#[test]
fn a_checkpoint_stands_for_all_records_before_it() {
    let mut story = Story::new(&[N2, N3]);
    written(story.write(N3, 1, "old"), 1);
    story.joins(N1);
    story.install_all(2);
    story.cluster.request(N3, Request::Checkpoint);
    assert_eq!(story.cluster.disk(N3).durable().len(), 1);
    let before = story.cluster.core(N3).clone();
    story.cluster.crash(N3);
    story.cluster.restart(N3);
    assert_eq!(*story.cluster.core(N3), before);
    story.cluster.settle();
    story.holds(N1, 2, "old");
    insta::assert_snapshot!(story.cluster.story());
}

/// What a host gives to a core by mistake, or a sender that is mad, does no more than be refused.
#[test]
fn foreign_data_and_acknowledgements_change_nothing() {
    let mut story = Story::new(&[N1, N2]);
    written(story.write(N1, 1, "mine"), 1);
    let mut core = story.cluster.core(N1).clone();
    let range = KeyRange { after: 0, upto: 0 };
    for epoch in [0, 1, 2, u64::MAX] {
        let entries = vec![(KEY.into(), Default::default())];
        for message in [
            Message::Data {
                epoch,
                range,
                entries,
            },
            Message::Got { epoch, range },
        ] {
            let mut effects = Effects::new();
            core.step(Input::Receive { from: N3, message }, &mut effects);
            assert!(effects.persist.is_empty());
        }
    }
    assert_eq!(core, *story.cluster.core(N1));
}
