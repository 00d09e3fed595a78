//! Counterexamples told in words.

use concur_checks::engine::shortest::Counterexample;
use concur_checks::trace::Trace;

#[derive(Debug)]
#[allow(dead_code)] // read by Debug alone
struct State {
    term: u8,
    log: Vec<u8>,
}

#[derive(Debug)]
#[allow(dead_code)] // read by Debug alone
enum Action {
    Timeout(u8),
    ClientRequest(u8),
    Panics,
}

#[test]
fn a_story_tells_only_what_changed() {
    let state = |term, log: &[u8]| State {
        term,
        log: log.to_vec(),
    };
    let counterexample = Counterexample {
        initial: state(1, &[]),
        steps: vec![
            (Action::Timeout(1), Some(state(2, &[]))),
            (Action::ClientRequest(1), Some(state(2, &[7, 8]))),
            (Action::Panics, None),
        ],
    };
    let trace = Trace::of(&counterexample, |_, action| format!("{action:?}"));
    assert_eq!(trace.states, 4);
    assert_eq!(
        trace.story(),
        [
            "  1  Timeout(1)        term = 2",
            "  2  ClientRequest(1)  log = [7, 8]",
            "  3  Panics",
        ]
    );
}
