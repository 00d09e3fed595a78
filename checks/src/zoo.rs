//! Published bugs: how each is planted in a model, by a rule left out or by a parameter. `reports/zoo.md` says what finds it.

use std::fmt;

/// A bug that people have shipped or published.
#[derive(Clone, Copy, Debug)]
pub struct Bug {
    /// Its number in our list, by family: `PX` Paxos, `RF` Raft, `TP` commit, `CH` ring, `PB` primary and backup.
    pub id: &'static str,
    /// What is wrong, in a few words.
    pub what: &'static str,
    /// protocol/rung.
    pub rung: &'static str,
    /// How it is planted there.
    pub seed: Seed,
}

/// How a bug is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seed {
    /// The rule of that name is left out.
    Without(&'static str),
    /// The configuration of that name sets a parameter, and is expected to fail: a property, or a promise.
    Config(&'static str),
}

use Seed::{Config, Without};

const fn bug(id: &'static str, what: &'static str, rung: &'static str, seed: Seed) -> Bug {
    Bug {
        id,
        what,
        rung,
        seed,
    }
}

const PAXOS: &str = "paxos/durable-paxos";
const MULTI: &str = "paxos/multi-paxos";
const COARSE: &str = "raft/coarse-raft";
const RAFT: &str = "raft/durable-raft";
const COMMIT: &str = "two-phase/durable-two-phase";
const BACKUP: &str = "two-phase/backup-manager";
const NON_BLOCKING: &str = "two-phase/non-blocking";
const THREE: &str = "two-phase/three-phase";
const PLACEMENT: &str = "ring/placement";
const WEIGHTED: &str = "ring/weighted-placement";
const LOADS: &str = "ring/bounded-loads";
const RING: &str = "ring/replicated-ring";
const CHORD: &str = "ring/chord";
const DUEL: &str = "paxos/duel";
const LIVE: &str = "raft/live-raft";

/// Every bug that can be planted in a model. What takes a production core, a log or a clock is not here; [`ELSEWHERE`] has those that are near.
#[rustfmt::skip]
pub const ZOO: &[Bug] = &[
    bug("PX01", "half of the acceptors are a quorum", PAXOS, Config("acceptors=2,quorum=half")),
    bug("PX02", "a third of the acceptors is a quorum", PAXOS, Config("acceptors=2,quorum=third")),
    bug("PX03", "an acceptor accepts below its promise", PAXOS, Without("AcceptNotBelowPromise")),
    bug("PX04", "the proposer ignores reported values", PAXOS, Without("ProposeReported")),
    bug("PX05", "the proposer takes any reported value, not that of the highest ballot", PAXOS, Without("CollectKeepsHighest")),
    bug("PX06", "a promise is not durable", PAXOS, Without("PromiseSynced")),
    bug("PX07", "an accepted value is not durable", PAXOS, Without("AcceptSynced")),
    bug("PX08", "accepting does not raise the promise", PAXOS, Without("AcceptRaises")),
    bug("PX09", "promises of an earlier ballot are counted", PAXOS, Without("CollectCurrentBallot")),
    bug("PX10", "a value is reported without its ballot", PAXOS, Without("PromiseReportsBallot")),
    bug("PX11", "a ballot is used again after a restart", PAXOS, Without("AskBallotSynced")),
    bug("PX11", "two proposers share a ballot", PAXOS, Without("BeginOwnBallot")),
    bug("PX12", "a learner counts equal values across ballots", PAXOS, Without("TallyPerBallot")),
    bug("PX13", "a learner counts an acceptor twice", PAXOS, Without("TallyOnce")),
    bug("PX15", "an acceptor comes back with an empty disk", PAXOS, Config("acceptors=2,crashes=1,wipe=1")),
    bug("PX18", "a new leader proposes before phase 1 covers the gaps", MULTI, Without("ReplicaPromiseCoversGaps")),
    bug("PX17", "two proposers outbid each other for ever", DUEL, Config("live,acceptors=2")),
    bug("–", "a promise leaves out the slots that were executed", MULTI, Without("ReplicaPromiseWatermark")),

    bug("RF01", "an entry of an earlier term is committed by counting (Figure 8)", COARSE, Without("CommitOwnTerm")),
    bug("RF02", "the vote is not durable", RAFT, Without("VoteSynced")),
    bug("RF02", "term and vote are two records", RAFT, Config("servers=3,max_term=2,max_log=0,cells=two")),
    bug("RF03", "the term is not durable", RAFT, Without("TermSynced")),
    bug("RF04", "an entry is acknowledged before it is synced", RAFT, Without("EntriesSynced")),
    bug("RF05", "a vote is given whatever is in the logs", COARSE, Config("servers=3,max_term=3,compare=nothing,judge=figure-3")),
    bug("RF06", "up to date: only lengths are compared", COARSE, Without("LogUpToDateTerm")),
    bug("RF07", "up to date: only last terms are compared", COARSE, Without("LogUpToDateLength")),
    bug("RF09", "two votes in one term", COARSE, Without("OneVotePerTerm")),
    bug("RF10", "the vote is forgotten without a newer term", RAFT, Without("UpdateTermNewer")),
    bug("RF11", "a candidate does not record its own vote", RAFT, Without("CandidateVotes")),
    bug("RF13", "a repeated vote is counted", COARSE, Without("VotesCountedOnce")),
    bug("RF14", "votes of an earlier term are counted", RAFT, Without("VoteResponseCurrent")),
    bug("RF15", "half of the servers are a quorum", COARSE, Config("servers=4,quorum=half,judge=figure-3")),
    bug("RF16", "a third of the servers is a quorum", COARSE, Config("servers=3,quorum=third,judge=figure-3")),
    bug("RF17", "entries are appended wherever they come", COARSE, Without("PrevLogMatches")),
    bug("RF18", "an old, short request truncates the log", COARSE, Without("RemoveConflicting")),
    bug("RF19", "an eager rollback, which an old refusal leads to", COARSE, Config("servers=3,max_log=2,rollback=eager,refusals=stale,judge=figure-3")),
    bug("RF20", "a follower commits beyond what it has compared", RAFT, Without("CommitUpToLastEntry")),
    bug("RF21", "the commit index goes back", RAFT, Without("CommitOnlyGrows")),
    bug("RF22", "the match index goes back", RAFT, Without("MatchOnlyGrows")),
    bug("RF22", "the whole log is acknowledged", RAFT, Without("AcknowledgeLastEntry")),
    bug("RF23", "the hint of a refusal is taken for an acknowledgement", RAFT, Without("AppendSucceeded")),
    bug("RF24", "CCF: an entry of an earlier term is committed", COARSE, Without("CommitOwnTerm")),
    bug("RF24", "CCF: a refusal advances the commit index", RAFT, Without("AppendSucceeded")),
    bug("RF24", "CCF: an acknowledgement goes beyond the request", RAFT, Without("AcknowledgeLastEntry")),
    bug("RF27", "the next index stays behind the match index", RAFT, Without("NextMovesOn")),
    bug("RF28", "the search for what is committed ends at an old entry", LIVE, Config("live,servers=2,habit=commit-stops")),
    bug("RF29", "requests of an earlier term are accepted", COARSE, Without("AppendEntriesCurrent")),
    bug("RF54", "a voter begins a term when it votes", LIVE, Config("live,servers=2,habit=voter-begins-term")),
    bug("–", "votes are split for ever, because all timers go off together", LIVE, Config("live,servers=2,timers=together")),
    bug("RF62", "the leader counts its own entry before it is synced", RAFT, Without("OwnEntrySynced")),

    bug("TP01", "the decision is sent before it is logged", COMMIT, Without("DTellCommitSynced")),
    bug("TP02", "a participant aborts on its own after YES", COMMIT, Without("DChooseToAbortWorking")),
    bug("TP03", "YES is not logged", COMMIT, Without("DYesSynced")),
    bug("TP04", "a majority of votes commits", COMMIT, Config("votes=majority")),
    bug("TP05", "no votes are asked for", COMMIT, Config("votes=none")),
    bug("TP06", "the commit record is dropped before all have acknowledged", COMMIT, Without("DForgetAllAcked")),
    bug("TP07", "a repeated vote is counted", COMMIT, Without("DVoteOnce")),
    bug("TP08", "the coordinator aborts after deciding to commit", COMMIT, Without("DAbortUndecided")),
    bug("TP09", "an uncertain participant answers abort", COMMIT, Without("DAnswerAbortCertain")),
    bug("TP10", "three-phase commit under a partition", THREE, Config("participants=2,crashes=0,partition=1")),
    bug("TP11", "a participant in doubt commits by itself", COMMIT, Config("in_doubt=commits")),
    bug("TP12", "the coordinator stays down, and whoever is prepared waits for ever", COMMIT, Config("live,participants=2")),
    bug("TP14", "presumed commit where the records are those of presumed abort", COMMIT, Config("presume=commit")),
    bug("TP15", "a backup believes what it saw before the manager was gone", BACKUP, Config("rms=3,looks=early")),
    bug("TP16", "a broadcast decision is acted on before it is passed on", NON_BLOCKING, Without("NbDecideForwarded")),
    bug("TP17", "two recoveries at once", THREE, Without("T3ElectAlone")),
    bug("TP18", "votes of an earlier attempt are counted after a restart", COMMIT, Without("DRestartPresumes")),
    bug("TP19", "a late prepare opens the transaction again", COMMIT, Without("DPrepareWorking")),
    bug("TP21", "a read-only participant is waited for in phase 2", COMMIT, Without("DCommitWithoutReaders")),

    bug("CH01", "Chord as published: two rings", CHORD, Config("claim=AtMostOneRing")),
    bug("CH01", "Chord as published: the ring is out of order", CHORD, Config("claim=OrderedRing")),
    bug("CH01", "Chord as published: merges are out of order", CHORD, Config("claim=OrderedMerges")),
    bug("CH02", "a colliding point overwrites another node's", PLACEMENT, Without("PlaceInsertKeepsOther")),
    bug("CH02", "removing a node removes another one's point", PLACEMENT, Without("PlaceRemoveOwn")),
    bug("CH03", "removing a node stumbles over a point that is gone already", PLACEMENT, Without("PlaceRemoveOnce")),
    bug("CH04", "who owns a collision depends on the order of joining", PLACEMENT, Without("PlaceTieByIdentity")),
    bug("CH05", "a node whose point is taken cannot join", PLACEMENT, Without("PlaceInsertShares")),
    bug("CH06", "no owner above the last point", PLACEMENT, Without("PlaceLookupWraps")),
    bug("CH07", "a key at a point belongs to the next one", PLACEMENT, Without("PlaceLookupAtOrAfter")),
    bug("CH08", "a node is its own replica", WEIGHTED, Without("WeightReplicaDistinct")),
    bug("CH09", "keys move between nodes that stay", WEIGHTED, Without("WeightLookupByRing")),
    bug("CH12", "a former owner accepts writes", RING, Without("RepAcceptEpoch")),
    bug("CH13", "the capacity is rounded down", LOADS, Without("BoundCapacityCeiling")),
    bug("CH13", "the capacity ignores the request that arrives", LOADS, Without("BoundCapacityArriving")),
    bug("CH14", "load leaks when a server is removed", LOADS, Without("BoundRemoveReleases")),
    bug("CH15", "a rebalance after a collision leaves keys without an owner", PLACEMENT, Config("nodes=2,vnodes=1,replicas=1,points=by-position,judge=coverage")),
    bug("CH16", "a lookup asks for a point equal to the key", WEIGHTED, Without("WeightLookupFollows")),
    bug("CH17", "re-weighting leaves old points", WEIGHTED, Without("WeightRemovesLost")),
    bug("CH18", "the first replica is not the owner", WEIGHTED, Without("WeightReplicaOwner")),
    bug("CH19", "the new owner serves before the data has come", RING, Without("RepAcceptInSync")),
    bug("CH19", "the old owner deletes before the new one has the data", RING, Without("RepDeleteSettled")),
    bug("PB01", "a write is acknowledged before it is replicated", RING, Without("RepCommitStored")),
    bug("PB04", "a copy that lags becomes the owner", RING, Without("RepAdoptLatest")),
    bug("PB05", "a value is read before it is replicated", RING, Without("RepAnswerCommitted")),
    bug("PB06", "an acknowledgement of an earlier epoch is counted", RING, Without("RepCommitThisEpoch")),
];

/// A bug of these families that no model shows.
#[derive(Clone, Copy, Debug)]
pub struct Elsewhere {
    /// Its number in our list.
    pub id: &'static str,
    /// What is wrong, in a few words.
    pub what: &'static str,
    /// Where it belongs instead, and why, as the end of a sentence.
    pub because: &'static str,
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {}.", self.id, self.what, self.because)
    }
}

const fn elsewhere(id: &'static str, what: &'static str, because: &'static str) -> Elsewhere {
    Elsewhere { id, what, because }
}

/// Bugs of commit, Raft and the ring that belong somewhere else.
#[rustfmt::skip]
pub const ELSEWHERE: &[Elsewhere] = &[
    elsewhere("PX16", "an acceptor refuses a ballot above its promise", "no state is wrong, and another ballot helps in the end; it is for the core and its stories"),
    elsewhere("RF08", "derived order puts the leader's name before the index", "the models' logs know index and term only, and write their order out"),
    elsewhere("RF12", "a vote that was merely seen counts as given", "no model keeps a vote that it has only seen; it takes a field that is used twice"),
    elsewhere("RF25", "acknowledgements of an earlier log are counted", "the models' acknowledgements name what they acknowledge; it takes numbers of requests in flight"),
    elsewhere("RF26", "a faster count of a quorum loses what was sorted", "the models count; it is for a core that sorts"),
    elsewhere("RF45", "pre-vote waits for ever: the higher term has the shorter log", "the promises of Raft are judged without pre-vote so far"),
    elsewhere("RF46", "a leader that some cannot reach is kept for ever", "the promises of Raft are judged on networks that lose messages, not links"),
    elsewhere("RF24", "CCF: votes are counted over the union of two configurations", "models have one configuration; it takes one of membership changes"),
    elsewhere("RF24", "CCF: a node retires too early", "models have one configuration; it takes one of membership changes, and a promise of progress"),
    elsewhere("TP13", "a prepared transaction is abandoned, and nobody resolves it", "a step is missing and no state is wrong; it is for the core, whose alarm has to ask, and for a promise of progress"),
    elsewhere("TP20", "locks are not taken again before serving after a restart", "models know no locks; it is for the core that recovers and the host that serves"),
    elsewhere("TP22", "an operator's decision is forgotten, so that its mismatch is never reported", "models have no operator; it is for the core, whose log must keep such a decision"),
    elsewhere("CH10", "an undocumented limit on the number of buckets", "it is a limit of numbers in a hash to buckets, not of points on a ring"),
];
