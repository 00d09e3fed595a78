//! What must hold after every step: Figure 3 of the paper, and lemmas that break near a fault, long before an entry is lost.

use concur_cores::NodeId;
use concur_cores::raft::{Body, Entry, Flow, Role};
use concur_harness::Cluster;

use super::history::{Before, History};
use super::{Server, small_limits};

/// What is checked: its name, and whether it holds.
type Lemma = (&'static str, fn(&History, &Cluster<Server>) -> bool);

const LEMMAS: &[Lemma] = &[
    ("Leader Append-Only", leader_append_only),
    ("Log Matching", log_matching),
    ("Log Is Past", log_is_past),
    ("Leader Completeness", leader_completeness),
    ("Committed On Quorum", committed_on_quorum),
    ("Commits Own Term", commits_own_term),
    ("Term Monotonic", term_monotonic),
    ("Commit Monotonic", commit_monotonic),
    ("Figure 4", figure_4),
    ("Leader Is Known", leader_is_known),
    ("Leadership Is Durable", leadership_is_durable),
    ("Votes Are Durable", votes_are_durable),
    ("Elections Are Wanted", elections_are_wanted),
    ("Pre-Votes Are True", pre_votes_are_true),
    ("Who Hears Does Not Vote", who_hears_does_not_vote),
    ("Synced Is True", synced_is_true),
    ("Match Is True", match_is_true),
    ("Match Monotonic", match_monotonic),
    ("Next Is Above Match", next_above_match),
    ("Windows Are Kept", windows_are_kept),
    ("Uncommitted Is Limited", uncommitted_is_limited),
    ("Transfers Are Quiet", transfers_are_quiet),
    (
        "Who Takes Over Has Everything",
        who_takes_over_has_everything,
    ),
    ("Snapshots Are Committed", snapshots_are_committed),
];

/// Which lemma does not hold.
pub(crate) fn check(history: &History, cluster: &Cluster<Server>) -> Result<(), String> {
    match LEMMAS.iter().find(|(_, holds)| !holds(history, cluster)) {
        None => Ok(()),
        Some((name, _)) => Err((*name).to_owned()),
    }
}

fn servers(cluster: &Cluster<Server>) -> impl Iterator<Item = &Server> {
    cluster.up().map(|(_, server)| server)
}

fn leaders(cluster: &Cluster<Server>) -> impl Iterator<Item = &Server> {
    servers(cluster).filter(|server| server.role() == Role::Leader)
}

/// Each server that was up before the step and is up still, as it was and as it is.
fn pairs<'a>(
    h: &'a History,
    cluster: &'a Cluster<Server>,
) -> impl Iterator<Item = (&'a Before, &'a Server)> {
    servers(cluster)
        .filter_map(|server| Some((h.before.get(&server.id())?, server)))
        .filter(|(before, server)| before.server.ballot().boot == server.ballot().boot)
}

/// Each server that led before the step and leads still, in the same term.
fn reigns<'a>(
    h: &'a History,
    cluster: &'a Cluster<Server>,
) -> impl Iterator<Item = (&'a Server, &'a Server)> {
    let same = |(old, new): &(&Server, &Server)| {
        old.role() == Role::Leader
            && new.role() == Role::Leader
            && old.ballot().term == new.ballot().term
    };
    pairs(h, cluster)
        .map(|(before, server)| (&before.server, server))
        .filter(same)
}

// ------------------------------------------------------------------------------------------------------------- Figure 3

fn leader_append_only(h: &History, cluster: &Cluster<Server>) -> bool {
    reigns(h, cluster).all(|(old, new)| {
        let last = old.last();
        let new_terms = (last.index + 1..=new.last().index).map(|index| new.term_at(index));
        new.last().index >= last.index
            && (new.term_at(last.index) == Some(last.term)
                || new.snapshot().last.index > last.index)
            && new_terms
                .into_iter()
                .all(|term| term == Some(new.ballot().term))
    })
}

fn log_matching(h: &History, cluster: &Cluster<Server>) -> bool {
    let unchanged = |server: &Server| {
        h.before.get(&server.id()).is_some_and(|before| {
            before.server.last() == server.last()
                && before.server.entries().len() == server.entries().len()
        })
    };
    let changed = servers(cluster).filter(|server| !unchanged(server));
    changed
        .into_iter()
        .all(|one| servers(cluster).all(|other| logs_match(one, other)))
}

fn logs_match(one: &Server, other: &Server) -> bool {
    let start = one.snapshot().last.index.max(other.snapshot().last.index);
    let end = one.last().index.min(other.last().index);
    let at = |server: &Server, index: u64| -> Option<Entry<u64>> {
        let offset = index - server.snapshot().last.index;
        server.entries().get(offset as usize - 1).cloned()
    };
    let mut shared = (start + 1..=end).rev();
    let last = shared.find(|&index| one.term_at(index) == other.term_at(index));
    last.is_none_or(|last| (start + 1..=last).all(|index| at(one, index) == at(other, index)))
}

fn leader_completeness(h: &History, cluster: &Cluster<Server>) -> bool {
    leaders(cluster).all(|leader| {
        let start = leader.snapshot().last.index as usize;
        let committed = h.committed.iter().enumerate().skip(start);
        committed.into_iter().all(|(at, (entry, in_term))| {
            leader.ballot().term <= *in_term || leader.term_at(at as u64 + 1) == Some(entry.term)
        })
    })
}

/// What is committed is on the disks of a majority.
fn committed_on_quorum(h: &History, cluster: &Cluster<Server>) -> bool {
    let voters = cluster.ids().filter(|id| id.0 < 9).count();
    let least = h.disks.values().map(|disk| disk.snapshot.last.index).min();
    let committed = h.committed.iter().enumerate();
    let mut recent = committed.skip(least.unwrap_or(0) as usize);
    recent.all(|(at, (entry, _))| {
        let has = |id: &&NodeId| h.disks[*id].has(at as u64 + 1, entry.term);
        2 * h.disks.keys().filter(|id| id.0 < 9).filter(has).count() > voters
    })
}

// --------------------------------------------------------------------------------------------------------------- Lemmas

/// The terms in a log never go down, nor beyond the server's own term.
fn log_is_past(_: &History, cluster: &Cluster<Server>) -> bool {
    servers(cluster).all(|server| {
        let terms = server.entries().iter().map(|entry| entry.term);
        let all = [server.snapshot().last.term].into_iter().chain(terms);
        all.chain([server.ballot().term]).is_sorted()
    })
}

fn commits_own_term(h: &History, cluster: &Cluster<Server>) -> bool {
    reigns(h, cluster).all(|(old, new)| {
        old.commit_index() == new.commit_index()
            || new.term_at(new.commit_index()) == Some(new.ballot().term)
    })
}

fn term_monotonic(h: &History, cluster: &Cluster<Server>) -> bool {
    pairs(h, cluster).all(|(before, server)| before.server.ballot().term <= server.ballot().term)
}

fn commit_monotonic(h: &History, cluster: &Cluster<Server>) -> bool {
    pairs(h, cluster).all(|(before, server)| before.server.commit_index() <= server.commit_index())
}

/// Roles change only as Figure 4, with pre-vote, has it.
fn figure_4(h: &History, cluster: &Cluster<Server>) -> bool {
    pairs(h, cluster).all(|(before, server)| {
        let newer = server.ballot().term > before.server.ballot().term;
        match (before.server.role(), server.role()) {
            (Role::Leader, Role::PreCandidate | Role::Candidate) => false,
            (Role::Follower | Role::PreCandidate, Role::Candidate | Role::Leader) => newer,
            (Role::Candidate, Role::Leader) => !newer,
            _ => true,
        }
    })
}

/// Whom a server takes for the leader of its term is that.
fn leader_is_known(h: &History, cluster: &Cluster<Server>) -> bool {
    servers(cluster).all(|server| {
        let term = server.ballot().term;
        server
            .leader()
            .is_none_or(|leader| h.leaders.get(&term) == Some(&leader))
    })
}

/// A crash of a leader, as it is, leaves its term.
fn leadership_is_durable(h: &History, cluster: &Cluster<Server>) -> bool {
    leaders(cluster).all(|leader| {
        let ballot = h.disks[&leader.id()].ballot;
        ballot.term == leader.ballot().term && ballot.voted_for == Some(leader.id())
    })
}

/// Whom a candidate takes for its voter, each once, will have voted for it also after a crash.
fn votes_are_durable(h: &History, cluster: &Cluster<Server>) -> bool {
    let candidates = servers(cluster).filter(|server| server.role() == Role::Candidate);
    candidates.into_iter().all(|candidate| {
        let (id, term) = (candidate.id(), candidate.ballot().term);
        let voters = candidate.supporters();
        let voted = |voter: &NodeId| {
            let ballot = h.disks[voter].ballot;
            ballot.term > term || (ballot.term == term && ballot.voted_for == Some(id))
        };
        let once = |voter: &NodeId| voters.iter().filter(|other| *other == voter).count() == 1;
        voters.iter().all(|voter| voted(voter) && once(voter))
    })
}

/// Who begins a term was asked to, or a majority would vote for it (thesis, §9.6 and §3.10).
fn elections_are_wanted(h: &History, cluster: &Cluster<Server>) -> bool {
    let begun = pairs(h, cluster).filter(|(before, server)| {
        server.role() == Role::Candidate && before.server.ballot().term < server.ballot().term
    });
    begun.into_iter().all(|(_, candidate)| {
        let (id, term) = (candidate.id(), candidate.ballot().term);
        let all = cluster.ids().filter(|id| id.0 < 9);
        let welcome = all.filter(|v| *v == id || h.pre_votes.contains(&(*v, term, id)));
        let voters = cluster.ids().filter(|id| id.0 < 9).count();
        h.handed.contains(&(id, term - 1)) || 2 * welcome.count() > voters || id.0 == 9
    })
}

/// What was sent by servers that had nothing to write, so that it was decided in this step.
fn prompt<'a>(
    h: &'a History,
    cluster: &'a Cluster<Server>,
) -> impl Iterator<Item = (&'a Before, NodeId, u64, &'a Body<u64>)> {
    let packets = cluster.network().packets().iter();
    let new = packets.skip(h.new_packets);
    new.filter_map(|packet| {
        let before = h.before.get(&packet.from)?;
        let idle = before.unsynced == 0;
        idle.then_some((before, packet.to, packet.message.term, &packet.message.body))
    })
}

/// Who would vote has no more in its log, no newer term, and no leader (thesis, §9.6).
fn pre_votes_are_true(h: &History, cluster: &Cluster<Server>) -> bool {
    prompt(h, cluster).all(|(before, to, term, body)| {
        let Body::PreVoteResponse { granted: true } = body else {
            return true;
        };
        let own = before.server.last();
        let mut asked = h
            .pre_asked
            .iter()
            .filter(|(id, t, _)| *id == to && *t == term);
        before.server.ballot().term < term
            && !before.server.has_leader()
            && asked.any(|(_, _, last)| *last >= (own.term, own.index))
    })
}

/// Who hears a leader votes only for whom that leader has asked to stand (thesis, §4.2.3).
fn who_hears_does_not_vote(h: &History, cluster: &Cluster<Server>) -> bool {
    pairs(h, cluster).all(|(before, server)| {
        let (old, new) = (before.server.ballot(), server.ballot());
        let other = new.voted_for.filter(|id| *id != server.id());
        let votes = (old.term, old.voted_for) != (new.term, new.voted_for);
        !before.server.has_leader()
            || !votes
            || other.is_none_or(|id| h.handed.contains(&(id, new.term - 1)))
    })
}

/// What a leader takes for durable is on its disk.
fn synced_is_true(h: &History, cluster: &Cluster<Server>) -> bool {
    leaders(cluster).all(|leader| {
        let upto = leader.synced();
        let term = leader.term_at(upto).unwrap_or(0);
        upto <= leader.snapshot().last.index || h.disks[&leader.id()].has(upto, term)
    })
}

/// Whom a leader takes to have its log up to some entry has reached the leader's term, and, while it is there, has these entries on its disk.
fn match_is_true(h: &History, cluster: &Cluster<Server>) -> bool {
    leaders(cluster).all(|leader| {
        leader.progress().iter().all(|follower| {
            let disk = &h.disks[&follower.id];
            let term = leader.term_at(follower.match_index).unwrap_or(0);
            follower.match_index <= leader.snapshot().last.index
                || disk.ballot.term > leader.ballot().term
                || (disk.ballot.term == leader.ballot().term
                    && disk.has(follower.match_index, term))
        })
    })
}

fn match_monotonic(h: &History, cluster: &Cluster<Server>) -> bool {
    reigns(h, cluster).all(|(old, new)| {
        let mut both = old.progress().iter().zip(new.progress());
        both.all(|(old, new)| old.match_index <= new.match_index)
    })
}

fn next_above_match(_: &History, cluster: &Cluster<Server>) -> bool {
    leaders(cluster).all(|leader| {
        leader.progress().iter().all(|follower| {
            follower.next_index > follower.match_index
                && follower.next_index <= leader.last().index + 1
        })
    })
}

fn windows_are_kept(_: &History, cluster: &Cluster<Server>) -> bool {
    let limits = small_limits();
    leaders(cluster).all(|leader| {
        leader.progress().iter().all(|follower| {
            let (messages, bytes) = follower.in_flight();
            messages <= limits.inflight_messages
                && bytes < limits.inflight_bytes + limits.message_bytes
                && (messages == 0 || follower.flow == Flow::Replicate)
        })
    })
}

fn uncommitted_is_limited(h: &History, cluster: &Cluster<Server>) -> bool {
    let waiting = |server: &Server| -> usize {
        let behind = server.commit_index() - server.snapshot().last.index;
        let entries = server.entries().iter().skip(behind as usize);
        entries.map(Entry::bytes).sum()
    };
    reigns(h, cluster).all(|(old, new)| {
        new.last() == old.last()
            || waiting(old) == 0
            || waiting(new) <= small_limits().uncommitted_bytes
    })
}

fn transfers_are_quiet(h: &History, cluster: &Cluster<Server>) -> bool {
    let quiet = reigns(h, cluster)
        .all(|(old, new)| old.transfers_to().is_none() || new.last() == old.last());
    let to_peer = |leader: &Server| {
        let to = leader.transfers_to();
        to.is_none_or(|to| leader.progress().iter().any(|follower| follower.id == to))
    };
    quiet && leaders(cluster).all(to_peer)
}

fn who_takes_over_has_everything(h: &History, cluster: &Cluster<Server>) -> bool {
    prompt(h, cluster).all(|(before, to, term, body)| {
        let asks = matches!(body, Body::TimeoutNow);
        let last = cluster
            .up()
            .find(|(id, server)| *id == before.server.id() && server.ballot().term == term)
            .map(|(_, leader)| leader.last());
        let disk = &h.disks[&to];
        !asks || disk.ballot.term > term || last.is_none_or(|last| disk.has(last.index, last.term))
    })
}

fn snapshots_are_committed(_: &History, cluster: &Cluster<Server>) -> bool {
    servers(cluster).all(|server| server.snapshot().last.index <= server.commit_index())
}
