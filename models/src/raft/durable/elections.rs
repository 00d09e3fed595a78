//! The steps of durable Raft that elect a leader, with pre-vote, stickiness and leadership transfer.

use concur_rules::RuleSet;
use concur_rules::raft::RaftRule as Rule;

use crate::kit::{NodeSet, PerNode, given};
use crate::raft::durable::state::{Ballot, Candidacy, Leading, Node, Part, Reply, Says, State};
use crate::raft::durable::{DurableRaft, up_to_date};
use crate::raft::{Role, Server, is_quorum};

impl<S: RuleSet<Rule>> DurableRaft<S> {
    pub(super) fn timeout(&self, s: &State, i: Server) -> Option<State> {
        let memory = s.nodes[i].up()?;
        given(memory.role() != Role::Leader && !memory.hears)?;
        if self.features.pre_vote {
            let agree = |&v: &Server| self.would_vote(s, v, i);
            let agree = s.nodes.nodes().filter(agree).collect();
            self.rules
                .when(Rule::PreVoteQuorum, is_quorum(agree, self.servers))?;
        }

        let mut t = *s;
        self.campaign(&mut t, i, false)?;
        Some(t)
    }

    /// Whether `v` would vote for `i`. To ask changes nothing, and everybody is asked at once.
    fn would_vote(&self, s: &State, v: Server, i: Server) -> bool {
        let (voter, candidate) = (&s.nodes[v], &s.nodes[i]);
        let hears = voter.up().is_none_or(|voter| voter.has_leader());
        v == i
            || (!hears
                && voter.disk.term() <= candidate.disk.term() + 1
                && self.rules.requires(
                    Rule::PreVoteUpToDate,
                    up_to_date(candidate) >= up_to_date(voter),
                ))
    }

    /// The leader tells a follower not to wait.
    pub(super) fn timeout_now(&self, s: &State, i: Server, j: Server) -> Option<State> {
        let (leader, follower) = (&s.nodes[i], &s.nodes[j]);
        let Part::Leader(leading) = &leader.up()?.part else {
            return None;
        };
        given(follower.up()?.role() == Role::Follower)?;
        given(follower.disk.term() == leader.disk.term())?;
        self.rules.when(
            Rule::TransferCaughtUp,
            leading.match_index[j] as usize == leader.disk.log.written().len(),
        )?;

        let mut t = *s;
        self.campaign(&mut t, j, true)?;
        Some(t)
    }

    fn campaign(&self, t: &mut State, i: Server, asked: bool) -> Option<()> {
        let node = &mut t.nodes[i];
        let term = node.disk.term() + 1;
        let mut ballot = Ballot {
            term,
            voted_for: None,
        };
        if self.rules.performs(Rule::CandidateVotes) {
            ballot.voted_for = Some(i);
        }
        node.disk.ballot.write(ballot);
        if self.rules.performs(Rule::CandidacySynced) {
            node.disk.ballot.sync();
        }
        let memory = node.up_mut()?;
        memory.part = Part::Candidate(Candidacy {
            voters: NodeSet::from_bits(1 << i.0),
            votes: 1,
            asked,
        });
        memory.hears = false;
        memory.owes = None;
        self.win(t, i);
        Some(())
    }

    /// The voter adopts the term, and votes if it can.
    pub(super) fn request_vote(&self, s: &State, i: Server, v: Server) -> Option<State> {
        let Part::Candidate(candidacy) = &s.nodes[i].up()?.part else {
            return None;
        };
        let (term, voter) = (s.nodes[i].disk.term(), &s.nodes[v]);
        given(!candidacy.voters.contains(v))?;
        // Who is asked by the leader itself does not disturb it.
        if self.features.check_quorum {
            self.rules.when(
                Rule::LeaderSticky,
                candidacy.asked || !voter.up()?.has_leader(),
            )?;
        }
        // It takes three terms and a failed election to ask somebody that is ahead and free to vote: raft.tla's rungs show that (`VoteOwnTerm`).
        given(term >= voter.disk.term())?;

        let mut t = *s;
        self.adopt(&mut t.nodes[v], term)?;
        if self.grants(&t.nodes[v], &s.nodes[i], i) {
            let mut ballot = *t.nodes[v].disk.ballot.written();
            if self.rules.performs(Rule::VoteRecorded) {
                ballot.voted_for = Some(i);
            }
            t.nodes[v].disk.ballot.write(ballot);
            t.nodes[v].up_mut()?.owes = Some(Reply {
                term,
                source: v,
                dest: i,
                says: Says::Granted,
            });
        }
        Some(t)
    }

    fn grants(&self, voter: &Node, candidate: &Node, i: Server) -> bool {
        let (old, new) = (up_to_date(voter), up_to_date(candidate));
        let vote = voter.disk.ballot.written().voted_for;
        let rules = &self.rules;
        rules.requires(Rule::LogUpToDateTerm, new.0 >= old.0)
            && rules.requires(Rule::LogUpToDateLength, new.0 != old.0 || new.1 >= old.1)
            && rules.requires(Rule::OneVotePerTerm, vote.is_none_or(|j| j == i))
    }

    /// A newer term is adopted without a vote in it, and not synced before a reply needs that.
    pub(super) fn adopt(&self, node: &mut Node, term: u8) -> Option<()> {
        let newer = term > node.disk.term();
        if !self.rules.requires(Rule::UpdateTermNewer, newer) {
            return Some(());
        }
        let mut ballot = *node.disk.ballot.written();
        ballot.term = term;
        if self.rules.performs(Rule::UpdateTermClearsVote) {
            ballot.voted_for = None;
        }
        node.disk.ballot.write(ballot);
        let memory = node.up_mut()?;
        if self.rules.performs(Rule::UpdateTermStepsDown) {
            memory.part = Part::Follower;
        }
        memory.hears = false;
        memory.owes = None;
        Some(())
    }

    pub(super) fn count_vote(&self, t: &mut State, m: Reply) {
        let term = t.nodes[m.dest].disk.term();
        let Some(memory) = t.nodes[m.dest].up_mut() else {
            return;
        };
        let Part::Candidate(candidacy) = &mut memory.part else {
            return;
        };
        if !self
            .rules
            .requires(Rule::VoteResponseCurrent, m.term == term)
        {
            return;
        }
        let new = !candidacy.voters.contains(m.source);
        if self.rules.requires(Rule::VotesCountedOnce, new) {
            candidacy.votes += 1;
        }
        candidacy.voters.insert(m.source);
        self.win(t, m.dest);
    }

    fn win(&self, t: &mut State, i: Server) {
        let servers = self.servers;
        let next = t.nodes[i].disk.log.written().len() as u8 + 1;
        let Some(memory) = t.nodes[i].up_mut() else {
            return;
        };
        let Part::Candidate(candidacy) = memory.part else {
            return;
        };
        let enough = 2 * candidacy.votes as usize > servers;
        if self.rules.requires(Rule::VotesFromQuorum, enough) {
            memory.part = Part::Leader(Leading {
                next_index: PerNode::all(servers, next),
                match_index: PerNode::all(servers, 0),
            });
        }
    }

    /// Time is not modelled: a leader may miss its quorum at any time.
    pub(super) fn step_down(&self, s: &State, i: Server) -> Option<State> {
        given(s.nodes[i].up()?.role() == Role::Leader)?;

        let mut t = *s;
        t.nodes[i].up_mut()?.part = Part::Follower;
        Some(t)
    }

    pub(super) fn elapse(&self, s: &State, i: Server) -> Option<State> {
        given(s.nodes[i].up()?.hears)?;

        let mut t = *s;
        t.nodes[i].up_mut()?.hears = false;
        Some(t)
    }
}
