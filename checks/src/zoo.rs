//! Published bugs: how each is planted in a model, by a rule left out or by a parameter, and which property its source says that it breaks. `concur zoo` looks for it.

use std::fmt;

use concur_models::kit::Settings;
use thiserror::Error;

use crate::registry::{RUNGS, in_words};

/// A bug that people have shipped or published.
#[derive(Clone, Copy, Debug)]
pub struct Bug {
    /// Its number in our list, by family: `PX` Paxos, `RF` Raft, `TP` commit, `CH` ring, `PB` primary and backup; a dash where the list has none.
    pub id: &'static str,
    /// What is wrong, in a few words.
    pub what: &'static str,
    /// protocol/rung.
    pub rung: &'static str,
    /// How it is planted there.
    pub seed: Seed,
    /// What its source says that it breaks, by the name that the rung gives it: a property, a witness that is never seen, or a promise.
    pub breaks: &'static str,
    /// Who met it or described it: an issue, a paper, or `textbook`.
    pub source: &'static str,
    /// The size at which it shows, where no named configuration is wanted: what differs from the defaults.
    pub at: Settings,
}

/// How a bug is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seed {
    /// The rule of that name is left out.
    Without(&'static str),
    /// The configuration of that name sets a parameter, and is expected to fail: a property, or a promise.
    Config(&'static str),
    /// The parameters that [`Bug::at`] sets are the bug.
    Set,
}

use Seed::{Config, Set, Without};

const fn bug(
    id: &'static str,
    what: &'static str,
    rung: &'static str,
    seed: Seed,
    breaks: &'static str,
    source: &'static str,
) -> Bug {
    Bug {
        id,
        what,
        rung,
        seed,
        breaks,
        source,
        at: &[],
    }
}

impl Bug {
    const fn sized(mut self, at: Settings) -> Self {
        self.at = at;
        self
    }

    /// What its size sets, as `--param` takes it.
    pub fn params(&self) -> Vec<String> {
        let rung = RUNGS.iter().find(|rung| rung.about().id() == self.rung);
        let params = rung.map_or(&[][..], |rung| rung.about().params);
        in_words(params, self.at)
    }

    /// The protocol.
    pub fn protocol(&self) -> &'static str {
        self.rung.split('/').next().unwrap_or_default()
    }
}

/// A third ballot on a third acceptor: what two ballots can never show.
const THREE_BALLOTS: Settings = &[
    ("acceptors", 3),
    ("max_ballot", 2),
    ("proposers", 1),
    ("learners", 0),
];
/// Both acceptors forget.
const TWO_CRASHES: Settings = &[("learners", 0), ("crashes", 2)];
/// The same of Paxos.tla, where a step is larger.
const TLA_THREE_BALLOTS: Settings = &[("acceptors", 3), ("values", 2), ("max_ballot", 2)];
const WIPE: Settings = &[("learners", 0), ("crashes", 2), ("wipe", 1)];
/// No number of acceptors is enough.
const UNSATISFIABLE: Settings = &[("quorum", 4)];
const NOBODY_LEARNS: Settings = &[("learners", 0)];
const NOBODY_LEARNS_ONE_CRASH: Settings = &[("learners", 0), ("crashes", 1)];
/// Two slots and two ballots, in which one replica executes.
const ONE_EXECUTES: Settings = &[("executors", 1), ("own", 1)];
/// Two servers, one of which may crash.
const PAIR: Settings = &[("servers", 2), ("crashes", 1)];
/// A third term, in which a leader lacks what was committed in the second one; Figure 3 alone judges.
const THREE_TERMS: Settings = &[("max_term", 3), ("judge", 1)];
/// The same with the lemmas, and with logs of two entries: a follower whose log is long and wrong refuses, and is counted. Nine million states.
const THREE_TERMS_TWO_ENTRIES: Settings = &[("max_term", 3), ("max_log", 2)];
/// Three copies, two of which may be lost.
const THREE_COPIES: Settings = &[
    ("nodes", 4),
    ("replicas", 3),
    ("epochs", 2),
    ("together", 2),
    ("crashes", 2),
];

const TLA_PAXOS: &str = "paxos/paxos";
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
    bug("PX01", "half of the acceptors are a quorum", PAXOS, Config("acceptors=2,quorum=half"), "Agreement", "textbook"),
    bug("PX02", "a third of the acceptors is a quorum", PAXOS, Config("acceptors=2,quorum=third"), "Agreement", "textbook"),
    bug("PX03", "an acceptor accepts below its promise", PAXOS, Without("AcceptNotBelowPromise"), "Agreement", "textbook").sized(NOBODY_LEARNS),
    bug("PX04", "the proposer ignores reported values", PAXOS, Without("ProposeReported"), "Agreement", "textbook").sized(NOBODY_LEARNS),
    bug("PX05", "the proposer takes any reported value, not that of the highest ballot", TLA_PAXOS, Without("P2aHighestBallot"), "Agreement", "textbook").sized(TLA_THREE_BALLOTS),
    bug("PX06", "a promise is not durable", PAXOS, Without("PromiseSynced"), "Agreement", "Michael et al. 2017").sized(TWO_CRASHES),
    bug("PX07", "an accepted value is not durable", PAXOS, Without("AcceptSynced"), "Agreement", "Michael et al. 2017").sized(TWO_CRASHES),
    bug("PX08", "accepting does not raise the promise", TLA_PAXOS, Without("P2bRaises"), "Agreement", "apache/cassandra#1327").sized(TLA_THREE_BALLOTS),
    bug("PX09", "promises of an earlier ballot are counted", PAXOS, Without("CollectCurrentBallot"), "Agreement", "luohaha/MyPaxos#18").sized(NOBODY_LEARNS),
    bug("PX10", "a value is reported without its ballot", PAXOS, Without("PromiseReportsBallot"), "Agreement", "textbook").sized(THREE_BALLOTS),
    bug("PX11", "a ballot is used again after a restart", PAXOS, Without("AskBallotSynced"), "Agreement", "Tencent/phxpaxos#145").sized(NOBODY_LEARNS_ONE_CRASH),
    bug("PX11", "two proposers share a ballot", PAXOS, Without("BeginOwnBallot"), "Agreement", "Tencent/phxpaxos#145").sized(NOBODY_LEARNS),
    bug("PX12", "a learner counts equal values across ballots", PAXOS, Without("TallyPerBallot"), "LearnedImpliesChosen", "textbook"),
    bug("PX13", "a learner counts an acceptor twice", PAXOS, Without("TallyOnce"), "LearnedImpliesChosen", "textbook"),
    bug("PX15", "an acceptor comes back with an empty disk", PAXOS, Set, "Agreement", "Chandra, Griesemer & Redstone 2007, after Michael et al. 2017").sized(WIPE),
    bug("PX14", "no set of acceptors is a quorum, so that nothing is ever proposed, and nothing fails", PAXOS, Set, "Agreement: a value is chosen", "Starydark/PaxosStore-tla#5").sized(UNSATISFIABLE),
    bug("PX18", "a new leader proposes before phase 1 covers the gaps", MULTI, Without("ReplicaPromiseCoversGaps"), "Agreement", "textbook").sized(ONE_EXECUTES),
    bug("PX17", "two proposers outbid each other for ever", DUEL, Config("live,acceptors=2"), "a value is chosen if both proposers keep going", "Lamport 2001, §2.4"),
    bug("–", "a promise leaves out the slots that were executed", MULTI, Without("ReplicaPromiseWatermark"), "Agreement", "textbook").sized(ONE_EXECUTES),

    bug("RF01", "an entry of an earlier term is committed by counting (Figure 8)", COARSE, Without("CommitOwnTerm"), "Leader Completeness", "logcabin/logcabin#44; bakwc/PySyncObj#169"),
    bug("RF02", "the vote is not durable", RAFT, Without("VoteSynced"), "Election Safety", "hashicorp/raft#661"),
    // Election Safety itself holds in every state of three servers, two terms, an entry and a crash (`check raft/durable-raft --param cells=two --param crashes=1 --param judge=figure-3`): more is beyond seconds. What fails is the lemma before it.
    bug("RF02", "term and vote are two records", RAFT, Config("servers=3,max_term=2,max_log=0,cells=two"), "ReplySynced", "hashicorp/raft#661"),
    bug("RF03", "the term is not durable", RAFT, Without("TermSynced"), "Election Safety", "textbook"),
    bug("RF04", "an entry is acknowledged before it is synced", RAFT, Without("EntriesSynced"), "CommittedOnQuorum", "Vanlightly/raft-tlaplus; etcd-io/etcd#14370"),
    bug("RF05", "a vote is given whatever is in the logs", COARSE, Config("servers=3,max_term=3,compare=nothing,judge=figure-3"), "Leader Completeness", "markwylde/liferaft#8"),
    bug("RF06", "up to date: only lengths are compared", COARSE, Without("LogUpToDateTerm"), "Leader Completeness", "textbook"),
    bug("RF07", "up to date: only last terms are compared", COARSE, Without("LogUpToDateLength"), "Leader Completeness", "textbook"),
    bug("RF09", "two votes in one term", COARSE, Without("OneVotePerTerm"), "Election Safety", "camunda/camunda#5356"),
    bug("RF10", "the vote is forgotten without a newer term", RAFT, Without("UpdateTermNewer"), "Election Safety", "redpanda-data/redpanda#14"),
    bug("RF11", "a candidate does not record its own vote", RAFT, Without("CandidateVotes"), "Election Safety", "vesoft-inc/nebula#3415"),
    bug("RF13", "a repeated vote is counted", COARSE, Without("VotesCountedOnce"), "Election Safety", "xnnyygn/xraft#27"),
    bug("RF14", "votes of an earlier term are counted", RAFT, Without("VoteResponseCurrent"), "Election Safety", "SandTable: Xraft 1"),
    bug("RF15", "half of the servers are a quorum", COARSE, Config("servers=4,quorum=half,judge=figure-3"), "Election Safety", "textbook"),
    bug("RF16", "a third of the servers is a quorum", COARSE, Config("servers=3,quorum=third,judge=figure-3"), "Election Safety", "textbook"),
    bug("RF17", "entries are appended wherever they come", COARSE, Without("PrevLogMatches"), "Log Matching", "textbook"),
    bug("RF18", "an old, short request truncates the log", COARSE, Without("RemoveConflicting"), "Committed On Quorum", "zhebrak/raftos#26"),
    bug("RF19", "an eager rollback, which an old refusal leads to", COARSE, Config("servers=3,max_log=2,rollback=eager,refusals=stale,judge=figure-3"), "Committed On Quorum", "microsoft/CCF#5991"),
    bug("RF20", "a follower commits beyond what it has compared", RAFT, Without("CommitUpToLastEntry"), "State Machine Safety", "scylladb/scylladb#9965"),
    bug("RF21", "the commit index goes back", RAFT, Without("CommitOnlyGrows"), "CommitMonotonic", "bakwc/PySyncObj#166"),
    bug("RF22", "the match index goes back", RAFT, Without("MatchOnlyGrows"), "MatchMonotonic", "bakwc/PySyncObj#167"),
    bug("RF22", "the whole log is acknowledged", RAFT, Without("AcknowledgeLastEntry"), "Leader Completeness", "zhebrak/raftos#25").sized(THREE_TERMS),
    // Its source names Leader Completeness, which takes a fourth term (26 states, some eight million orbits): with three it holds in every state. What was committed is on no quorum by then.
    bug("RF23", "the hint of a refusal is taken for an acknowledgement", RAFT, Without("AppendSucceeded"), "CommittedOnQuorum", "microsoft/CCF#5325").sized(THREE_TERMS_TWO_ENTRIES),
    bug("RF24", "CCF: an entry of an earlier term is committed", COARSE, Without("CommitOwnTerm"), "Committed On Quorum", "arXiv 2406.17455"),
    bug("RF24", "CCF: a refusal advances the commit index", RAFT, Without("AppendSucceeded"), "CommittedOnQuorum", "arXiv 2406.17455").sized(THREE_TERMS_TWO_ENTRIES),
    bug("RF24", "CCF: an acknowledgement goes beyond the request", RAFT, Without("AcknowledgeLastEntry"), "CommittedOnQuorum", "arXiv 2406.17455"),
    bug("RF27", "the next index stays behind the match index", RAFT, Without("NextMovesOn"), "NextGtMatch", "SandTable: PySyncObj 3").sized(PAIR),
    bug("RF28", "the search for what is committed ends at an old entry", LIVE, Config("live,servers=2,habit=commit-stops"), "what a stable leader takes is committed, and applied by all", "zhebrak/raftos#30"),
    bug("RF29", "requests of an earlier term are accepted", COARSE, Without("AppendEntriesCurrent"), "Leader Completeness", "textbook"),
    bug("RF54", "a voter begins a term when it votes", LIVE, Config("live,servers=2,habit=voter-begins-term"), "from some time on there is a leader that all follow", "textbook"),
    bug("RF54", "a voter raises its term when it votes, and keeps its vote", LIVE, Config("live,servers=2,habit=voter-raises-term"), "from some time on there is a leader that all follow", "textbook"),
    bug("–", "votes are split for ever, because all timers go off together", LIVE, Config("live,servers=2,timers=together"), "from some time on there is a leader that all follow", "Ongaro & Ousterhout 2014, §5.2"),
    bug("RF65", "leadership is handed to a follower that lags behind", RAFT, Without("TransferCaughtUp"), "Elections Are Wanted", "hashicorp/raft#581"),
    bug("–", "a server that hears its leader takes part in voting it out", RAFT, Without("LeaderSticky"), "Elections Are Wanted", "Ongaro 2014 (thesis), §4.2.3"),
    bug("–", "pre-vote encourages a candidate whose log is behind", RAFT, Without("PreVoteUpToDate"), "Elections Are Wanted", "Ongaro 2014 (thesis), §9.6"),
    bug("RF62", "the leader counts its own entry before it is synced", RAFT, Without("OwnEntrySynced"), "CommittedOnQuorum", "databendlabs/openraft#1125").sized(PAIR),

    bug("TP01", "the decision is sent before it is logged", COMMIT, Without("DTellCommitSynced"), "AC1", "MartinKalema/horizontal-scaling-convex#101"),
    bug("TP02", "a participant aborts on its own after YES", COMMIT, Without("DChooseToAbortWorking"), "AC1", "textbook"),
    bug("TP03", "YES is not logged", COMMIT, Without("DYesSynced"), "AC1", "textbook"),
    bug("TP04", "a majority of votes commits", COMMIT, Config("votes=majority"), "AC1", "textbook"),
    bug("TP05", "no votes are asked for", COMMIT, Config("votes=none"), "AC1", "textbook"),
    bug("TP06", "the commit record is dropped before all have acknowledged", COMMIT, Without("DForgetAllAcked"), "AC1", "MartinKalema/horizontal-scaling-convex#151"),
    bug("TP07", "a repeated vote is counted", COMMIT, Without("DVoteOnce"), "AC1", "textbook"),
    bug("TP08", "the coordinator aborts after deciding to commit", COMMIT, Without("DAbortUndecided"), "AC1", "textbook"),
    bug("TP09", "an uncertain participant answers abort", COMMIT, Without("DAnswerAbortCertain"), "AC1", "Bernstein, Hadzilacos & Goodman 1987"),
    bug("TP10", "three-phase commit under a partition", THREE, Config("participants=2,crashes=0,partition=1"), "AC1", "Skeen 1981"),
    bug("TP11", "a participant in doubt commits by itself", COMMIT, Config("in_doubt=commits"), "AC3", "textbook"),
    bug("TP12", "the coordinator stays down, and whoever is prepared waits for ever", COMMIT, Config("live,participants=2"), "once all have prepared, all decide, even if the coordinator stays down", "atomix/atomix#360"),
    bug("TP14", "presumed commit where the records are those of presumed abort", COMMIT, Config("presume=commit"), "AC1", "Mohan, Lindsay & Obermarck 1986"),
    bug("TP15", "a backup believes what it saw before the manager was gone", BACKUP, Config("rms=3,looks=early"), "AC1", "tlaplus/Examples: 2PCwithBTM"),
    bug("TP16", "a broadcast decision is acted on before it is passed on", NON_BLOCKING, Without("NbDecideForwarded"), "AC1", "tlaplus/Examples: ACP_NB_WRONG_TLC"),
    bug("TP17", "two recoveries at once", THREE, Without("T3ElectAlone"), "AC1", "jbosstm/narayana#102"),
    bug("TP18", "votes of an earlier attempt are counted after a restart", COMMIT, Without("DRestartPresumes"), "AC3", "textbook"),
    bug("TP19", "a late prepare opens the transaction again", COMMIT, Without("DPrepareWorking"), "AC2", "pingcap/tidb#43540"),
    bug("TP21", "a read-only participant is waited for in phase 2", COMMIT, Without("DCommitWithoutReaders"), "ReadersLeftAlone", "Mohan, Lindsay & Obermarck 1986"),

    bug("CH01", "Chord as published: two rings", CHORD, Config("claim=AtMostOneRing"), "AtMostOneRing", "Zave 2017 (arXiv 1610.01140)"),
    bug("CH01", "Chord as published: the ring is out of order", CHORD, Config("claim=OrderedRing"), "OrderedRing", "Zave 2017 (arXiv 1610.01140)"),
    bug("CH01", "Chord as published: merges are out of order", CHORD, Config("claim=OrderedMerges"), "OrderedMerges", "Zave 2017 (arXiv 1610.01140)"),
    bug("CH02", "a colliding point overwrites another node's", PLACEMENT, Without("PlaceInsertKeepsOther"), "Each Member Owns Its Points", "apache/pekko#3279; zeromicro/go-zero#5595"),
    bug("CH02", "removing a node removes another one's point", PLACEMENT, Without("PlaceRemoveOwn"), "Each Member Owns Its Points", "dotnet/orleans#7193"),
    bug("CH03", "removing a node stumbles over a point that is gone already", PLACEMENT, Without("PlaceRemoveOnce"), "Total Membership", "ultrabug/uhashring#6"),
    bug("CH04", "who owns a collision depends on the order of joining", PLACEMENT, Without("PlaceTieByIdentity"), "Pure Function Of Members", "uber-node/ringpop-node#317"),
    bug("CH05", "a node whose point is taken cannot join", PLACEMENT, Without("PlaceInsertShares"), "Total Membership", "bitwalker/libring#9"),
    bug("CH06", "no owner above the last point", PLACEMENT, Without("PlaceLookupWraps"), "Total Lookup", "textbook"),
    bug("CH07", "a key at a point belongs to the next one", PLACEMENT, Without("PlaceLookupAtOrAfter"), "Total Lookup", "textbook"),
    bug("CH08", "a node is its own replica", WEIGHTED, Without("WeightReplicaDistinct"), "Distinct Replicas", "textbook"),
    bug("CH09", "keys move between nodes that stay", WEIGHTED, Without("WeightLookupByRing"), "Minimal Movement", "textbook"),
    bug("CH12", "a former owner accepts writes", RING, Without("RepAcceptEpoch"), "One Writer Per Epoch", "DeCandia et al. 2007 (Dynamo)"),
    bug("CH13", "the capacity is rounded down", LOADS, Without("BoundCapacityCeiling"), "Every Request Finds A Server", "Mirrokni, Thorup & Zadimoghaddam (arXiv 1608.01350)"),
    bug("CH13", "the capacity ignores the request that arrives", LOADS, Without("BoundCapacityArriving"), "Every Request Finds A Server", "apache/brpc#3502"),
    bug("CH14", "load leaks when a server is removed", LOADS, Without("BoundRemoveReleases"), "Load Is Conserved", "apache/brpc#3502"),
    bug("CH15", "a rebalance after a collision leaves keys without an owner", PLACEMENT, Config("nodes=2,vnodes=1,replicas=1,points=by-position,judge=coverage"), "Coverage", "graphite-project/carbon#196"),
    bug("CH16", "a lookup asks for a point equal to the key", WEIGHTED, Without("WeightLookupFollows"), "Total Lookup", "textbook"),
    bug("CH17", "re-weighting leaves old points", WEIGHTED, Without("WeightRemovesLost"), "Points By Weight", "hash-rings 1.1"),
    bug("CH18", "the first replica is not the owner", WEIGHTED, Without("WeightReplicaOwner"), "First Replica Is Owner", "mpchash"),
    bug("CH19", "the new owner serves before the data has come", RING, Without("RepAcceptInSync"), "No Acknowledged Write Lost", "DeCandia et al. 2007 (Dynamo), §4.9"),
    bug("CH19", "the old owner deletes before the new one has the data", RING, Without("RepDeleteSettled"), "No Acknowledged Write Lost", "DeCandia et al. 2007 (Dynamo), §4.9"),
    bug("PB01", "a write is acknowledged before it is replicated", RING, Without("RepCommitStored"), "No Acknowledged Write Lost", "aphyr.com/posts/284-jepsen-mongodb"),
    bug("PB02", "a backup takes over while the old primary, which nobody has fenced, goes on", RING, Without("RepAdoptStopped"), "No Acknowledged Write Lost", "aphyr.com/posts/284-jepsen-mongodb"),
    bug("PB03", "a backup takes what an earlier view's primary sends", RING, Without("RepStoreEpoch"), "No Acknowledged Write Lost", "Oki & Liskov 1988"),
    bug("PB04", "a copy that lags becomes the owner", RING, Without("RepAdoptLatest"), "No Acknowledged Write Lost", "textbook").sized(&[("crashes", 2)]),
    bug("PB05", "a value is read before it is replicated", RING, Without("RepAnswerCommitted"), "Reads Are Current", "jepsen.io (MongoDB 3.4.0-rc3)"),
    bug("PB07", "a deposed primary, which nobody has fenced, answers reads", RING, Without("RepAdoptStopped"), "Reads Are Current", "textbook"),
    bug("PB06", "an acknowledgement of an earlier epoch is counted", RING, Without("RepCommitThisEpoch"), "No Acknowledged Write Lost", "textbook").sized(THREE_COPIES),
];

/// The bugs that `selectors` mean, each a bug's number or a protocol; all, if there are none.
///
/// # Errors
/// If a selector means nothing.
pub fn select(selectors: &[String]) -> Result<Vec<&'static Bug>, UnknownBug> {
    let means = |selector: &str, bug: &Bug| {
        bug.id.eq_ignore_ascii_case(selector) || bug.protocol() == selector || bug.rung == selector
    };
    for selector in selectors {
        if !ZOO.iter().any(|bug| means(selector, bug)) {
            return Err(UnknownBug {
                selector: selector.clone(),
            });
        }
    }
    let wanted = |bug: &&Bug| selectors.is_empty() || selectors.iter().any(|s| means(s, bug));
    Ok(ZOO.iter().filter(wanted).collect())
}

/// A selector that means no bug.
#[derive(Debug, Error)]
#[error("no bug is called `{selector}`\n\n{}", known(selector))]
pub struct UnknownBug {
    /// What was asked for.
    pub selector: String,
}

/// What there is instead, or why the bug is not here.
fn known(selector: &str) -> String {
    let elsewhere = ELSEWHERE
        .iter()
        .filter(|bug| bug.id.eq_ignore_ascii_case(selector));
    let mut lines: Vec<_> = elsewhere.map(|bug| format!("not here: {bug}")).collect();
    if lines.is_empty() {
        let mut ids: Vec<_> = ZOO
            .iter()
            .map(|bug| bug.id)
            .filter(|id| *id != "–")
            .collect();
        ids.dedup();
        lines.push(format!("the bugs are:\n  {}", ids.join(" ")));
        let mut protocols: Vec<_> = ZOO.iter().map(Bug::protocol).collect();
        protocols.dedup();
        lines.push(format!("the protocols are:\n  {}", protocols.join(" ")));
    }
    lines.join("\n")
}

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
    elsewhere("PX19", "EPaxos: one ballot for two purposes", "there is no model of EPaxos"),
    elsewhere("RF30", "a heartbeat is handled beside the main loop", "it takes two threads of a host"),
    elsewhere("RF31", "loading a snapshot takes its term for the current one", "the models of Raft have no snapshots; it is for the core, which has"),
    elsewhere("RF32", "entries are sent where a snapshot is needed", "the models of Raft have no snapshots; it is for the core, which has"),
    elsewhere("RF33", "entries are appended twice after compaction", "the models of Raft have no snapshots; it is for the core, which has"),
    elsewhere("RF34", "a conflicting entry outlives the snapshot that covers it", "the models of Raft have no snapshots; it is for the core, which has"),
    elsewhere("RF35", "a snapshot behind the log truncates the log", "the models of Raft have no snapshots; it is for the core, which has"),
    elsewhere("RF36", "a snapshot that conflicts at a committed index is taken", "the models of Raft have no snapshots; it is for the core, which has"),
    elsewhere("RF37", "a membership outlives the snapshot that covers it", "it takes snapshots and changes of membership"),
    elsewhere("RF38", "a leader whose log is all snapshot never probes", "the models of Raft have no snapshots; it is for the core, which has, and for a promise of progress"),
    elsewhere("RF39", "a membership changes before an entry of the own term is committed", "models have one configuration; it takes changes of membership, four servers and three terms"),
    elsewhere("RF40", "two changes of membership at once", "models have one configuration; it takes changes of membership"),
    elsewhere("RF41", "a change of membership counts when it is applied", "models have one configuration; it takes changes of membership"),
    elsewhere("RF42", "a server that was removed comes back blank under its old name", "models have one configuration; it takes changes of membership and a lost disk"),
    elsewhere("RF43", "where joint consensus began is not durable", "models have one configuration; it takes joint consensus"),
    elsewhere("RF44", "joint consensus as published does not go on", "models have one configuration; it takes joint consensus, and a promise of progress"),
    elsewhere("RF47", "a read before the first commit of the term", "the models of Raft have no reads"),
    elsewhere("RF48", "a deposed leader answers a read by itself", "the models of Raft have no reads; the ring's have"),
    elsewhere("RF49", "a repeated heartbeat confirms a later read", "the models of Raft have no reads"),
    elsewhere("RF50", "a lease under clocks that drift", "the models of Raft have neither reads nor clocks"),
    elsewhere("RF51", "a lease is kept while leadership is transferred", "the models of Raft have neither reads nor leases"),
    elsewhere("RF52", "a retry is applied twice", "the models of Raft have no sessions of clients; the ring's take each write once"),
    elsewhere("RF53", "heartbeats that are slower than the election timeout", "models know no time; it is for the core's configuration"),
    elsewhere("RF55", "a voter that is not set up after a split", "models have one group; it takes one that splits"),
    elsewhere("RF56", "a round of pre-vote that is over begins another campaign", "no state is wrong, and the promises of Raft are judged without pre-vote so far"),
    elsewhere("RF57", "completions of the log come out of order, and the latest wins", "it takes a host, and its log"),
    elsewhere("RF58", "an error of the disk is logged, and passed over", "it takes a host, and its log"),
    elsewhere("RF59", "CCF: what is committed is lost when a leader steps down", "it takes CCF's signatures, between which nothing is committed"),
    elsewhere("RF60", "a completion of an append that was replaced marks new entries durable", "it takes receipts of the disk, which the core has and the models have not"),
    elsewhere("RF61", "a completion of an earlier boot is taken for a current one", "it takes receipts of the disk, which the core has and the models have not"),
    elsewhere("RF63", "a leader that steps down appends its own entry in the new term", "it takes a handler that changes the term half-way; a step of the models has one term"),
    elsewhere("RF64", "a follower whose disk is lost acknowledges and votes as before", "the disks of the models of Raft stay; those of Paxos can be lost (PX15)"),
    elsewhere("RF66", "a read asks one server less than a majority", "the models of Raft have no reads"),
    elsewhere("CH11", "points and owners are swapped one after the other", "it takes two threads; the loom tests of the runtime plant it"),
    elsewhere("WL01–WL09", "the log: torn, cut, reordered, recycled, not synced", "there is no log of a host yet"),
    elsewhere("PB08", "who voted for a new primary still reports the old term", "there is no model of MongoDB's replication"),
    elsewhere("PB09", "VR Revisited's recovery, CRAQ's collection of garbage", "there is no model of either"),
    elsewhere("ZB01–ZB06", "ZooKeeper's election and synchronisation", "there is no model of Zab"),
    elsewhere("RF24", "CCF: votes are counted over the union of two configurations", "models have one configuration; it takes one of membership changes"),
    elsewhere("RF24", "CCF: a node retires too early", "models have one configuration; it takes one of membership changes, and a promise of progress"),
    elsewhere("TP13", "a prepared transaction is abandoned, and nobody resolves it", "a step is missing and no state is wrong; it is for the core, whose alarm has to ask, and for a promise of progress"),
    elsewhere("TP20", "locks are not taken again before serving after a restart", "models know no locks; it is for the core that recovers and the host that serves"),
    elsewhere("TP22", "an operator's decision is forgotten, so that its mismatch is never reported", "models have no operator; it is for the core, whose log must keep such a decision"),
    elsewhere("CH10", "an undocumented limit on the number of buckets", "it is a limit of numbers in a hash to buckets, not of points on a ring"),
];
