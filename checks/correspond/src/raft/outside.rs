//! What nobody honest gives a server, and servers must refuse by themselves: messages that were never sent, alarms that were taken back, a disk's report to an earlier boot.

use concur_cores::NodeId;
use concur_cores::raft::{
    Answer, Body, Entries, Entry, Message, Position, Receipt, Request, Role, Timer,
};
use concur_rules::RuleSet;
use concur_rules::raft_core::RaftNodeRule as Rule;

use super::Core;
use crate::cluster::Given;

/// A server of no cluster.
const STRANGER: NodeId = NodeId(u8::MAX as u64);

/// A command that no client has proposed.
const UNHEARD: u64 = 77;

/// All of it, for a server in its present state. What a server cannot know to be forged (a message of a peer that could have been sent) is not among it.
pub(super) fn given<S: RuleSet<Rule>>(core: &Core<S>, peer: NodeId) -> Vec<Given<Core<S>>> {
    let term = core.ballot().term;
    let say = |from, term, body| Given::Message(from, Message { term, body });
    let (granted, last) = (true, core.last());
    let mut all = vec![
        say(STRANGER, term, Body::RequestVoteResponse { granted }),
        say(peer, u64::MAX, Body::PreVoteRequest { last }),
        Given::Receipt(Receipt {
            term,
            index: last.index,
            boot: core.ballot().boot - 1,
        }),
    ];
    if core.role() == Role::Leader {
        let match_index = last.index + 1;
        let answer = Answer::Accepted { match_index };
        all.extend([
            say(peer, term, Body::AppendEntriesResponse(answer)),
            say(peer, term, entries(last, term)),
            Given::Alarm(Timer::Election),
            Given::Request(Request::Transfer(STRANGER)),
        ]);
    }
    if let Some(leader) = core.leader()
        && core.role() == Role::Follower
        && core.commit_index() > core.snapshot().last.index
    {
        let first = core.snapshot().last;
        all.push(say(leader, term, entries(first, term + 1)));
    }
    all
}

/// A made-up entry of that term, behind `prev`.
fn entries(prev: Position, term: u64) -> Body<u64> {
    let command = Some(UNHEARD);
    Body::AppendEntriesRequest {
        prev,
        entries: Entries::from_iter([Entry { term, command }]),
        commit_index: 0,
    }
}
