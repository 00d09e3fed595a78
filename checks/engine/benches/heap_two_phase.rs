//! TwoPhase with its state on the heap, the way a stateright model is usually written: the peer to beat.

use std::collections::BTreeSet;

use stateright::{Model, Property};

#[derive(Clone)]
pub(crate) struct HeapTwoPhase {
    pub(crate) rms: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    rm_state: Vec<RmState>,
    tm_state: TmState,
    tm_prepared: Vec<bool>,
    msgs: BTreeSet<Message>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum RmState {
    Working,
    Prepared,
    Committed,
    Aborted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum TmState {
    Init,
    Committed,
    Aborted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Message {
    Prepared(usize),
    Commit,
    Abort,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    TMRcvPrepared(usize),
    TMCommit,
    TMAbort,
    RMPrepare(usize),
    RMChooseToAbort(usize),
    RMRcvCommitMsg(usize),
    RMRcvAbortMsg(usize),
}

impl Model for HeapTwoPhase {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            rm_state: vec![RmState::Working; self.rms],
            tm_state: TmState::Init,
            tm_prepared: vec![false; self.rms],
            msgs: BTreeSet::new(),
        }]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        if s.tm_state == TmState::Init {
            if s.tm_prepared.iter().all(|prepared| *prepared) {
                actions.push(Action::TMCommit);
            }
            actions.push(Action::TMAbort);
        }
        for rm in 0..self.rms {
            if s.tm_state == TmState::Init && s.msgs.contains(&Message::Prepared(rm)) {
                actions.push(Action::TMRcvPrepared(rm));
            }
            if s.rm_state[rm] == RmState::Working {
                actions.push(Action::RMPrepare(rm));
                actions.push(Action::RMChooseToAbort(rm));
            }
            if s.msgs.contains(&Message::Commit) {
                actions.push(Action::RMRcvCommitMsg(rm));
            }
            if s.msgs.contains(&Message::Abort) {
                actions.push(Action::RMRcvAbortMsg(rm));
            }
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        let mut t = s.clone();
        match action {
            Action::TMRcvPrepared(rm) => t.tm_prepared[rm] = true,
            Action::TMCommit => {
                t.tm_state = TmState::Committed;
                t.msgs.insert(Message::Commit);
            }
            Action::TMAbort => {
                t.tm_state = TmState::Aborted;
                t.msgs.insert(Message::Abort);
            }
            Action::RMPrepare(rm) => {
                t.rm_state[rm] = RmState::Prepared;
                t.msgs.insert(Message::Prepared(rm));
            }
            Action::RMChooseToAbort(rm) | Action::RMRcvAbortMsg(rm) => {
                t.rm_state[rm] = RmState::Aborted;
            }
            Action::RMRcvCommitMsg(rm) => t.rm_state[rm] = RmState::Committed,
        }
        Some(t)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::sometimes("all abort", |_, s| {
                s.rm_state.iter().all(|rm| *rm == RmState::Aborted)
            }),
            Property::<Self>::sometimes("all commit", |_, s| {
                s.rm_state.iter().all(|rm| *rm == RmState::Committed)
            }),
            Property::<Self>::always("AC1", |_, s| {
                !(s.rm_state.contains(&RmState::Committed)
                    && s.rm_state.contains(&RmState::Aborted))
            }),
        ]
    }
}
