//! Paxos cores and their model, at sizes of a second.

mod support;

use concur_correspond::paxos::PaxosCoresRung;

#[test]
fn every_step_of_the_cores_is_one_of_the_model() {
    support::conforms::<PaxosCoresRung>();
}

#[test]
fn everything_happens_to_a_cluster() {
    assert_eq!(support::never_taken::<PaxosCoresRung>(), Vec::<&str>::new());
}
