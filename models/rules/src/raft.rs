//! The rules of Raft (Ongaro & Ousterhout, *In Search of an Understandable Consensus Algorithm*, 2014; raft.tla; AbstractRaft.tla).

crate::rules! {
    /// One conjunct each of the actions of the replicated log, of abstract Raft and of Raft.
    pub enum RaftRule of "raft";

    /// In the promise, what is committed is put behind what was committed before.
    effect CommitExtends = "Ongaro & Ousterhout 2014, §2";
    /// In the promise, a server takes only committed entries for committed.
    guard LearnCommitted = "Ongaro & Ousterhout 2014, §5.3";
    /// In the promise, a server that learns what is committed knows it.
    effect LearnNotes = "Ongaro & Ousterhout 2014, §5.3";

    /// The current term survives a restart.
    effect TermIsDurable = "Ongaro & Ousterhout 2014, Figure 2 (persistent state); raft.tla, Restart";
    /// The vote survives a restart.
    effect VoteIsDurable = "Ongaro & Ousterhout 2014, Figure 2 (persistent state); raft.tla, Restart";
    /// The log survives a restart.
    effect LogIsDurable = "Ongaro & Ousterhout 2014, Figure 2 (persistent state); raft.tla, Restart";

    /// Only a follower or a candidate starts an election.
    guard TimeoutNotLeader = "Ongaro & Ousterhout 2014, §5.2 and Figure 4; raft.tla, Timeout";
    /// A server that starts an election becomes a candidate.
    effect TimeoutCandidate = "Ongaro & Ousterhout 2014, §5.2; raft.tla, Timeout";
    /// A server that starts an election begins a new term.
    effect TimeoutIncrementsTerm = "Ongaro & Ousterhout 2014, §5.2; raft.tla, Timeout";
    /// A server that starts an election has not voted in the new term.
    effect TimeoutClearsVote = "raft.tla, Timeout";
    /// A server that starts an election has heard from nobody in the new term.
    effect TimeoutClearsResponded = "raft.tla, Timeout";
    /// A server that starts an election has nobody's vote in the new term.
    effect TimeoutClearsGranted = "raft.tla, Timeout";

    /// Only a candidate asks for votes.
    guard RequestVoteCandidate = "Ongaro & Ousterhout 2014, §5.2; raft.tla, RequestVote";
    /// A candidate does not ask again who has answered.
    guard RequestVoteUnanswered = "raft.tla, RequestVote";
    /// A candidate asks by message.
    effect RequestVoteSends = "Ongaro & Ousterhout 2014, §5.2; raft.tla, RequestVote";

    /// Only a candidate becomes leader.
    guard BecomeLeaderCandidate = "Ongaro & Ousterhout 2014, §5.2 and Figure 4; raft.tla, BecomeLeader";
    /// A leader has votes from a majority.
    guard VotesFromQuorum = "Ongaro & Ousterhout 2014, §5.2; raft.tla, BecomeLeader; AbstractRaft.tla, BecomeLeader";
    /// A candidate that wins becomes leader.
    effect BecomeLeaderRole = "Ongaro & Ousterhout 2014, §5.2; raft.tla, BecomeLeader; AbstractRaft.tla, BecomeLeader";
    /// A new leader guesses that everybody's log is as long as its own.
    effect BecomeLeaderResetsNext = "Ongaro & Ousterhout 2014, §5.3; raft.tla, BecomeLeader";
    /// A new leader takes nothing for acknowledged.
    effect BecomeLeaderResetsMatch = "Ongaro & Ousterhout 2014, Figure 2 (matchIndex); raft.tla, BecomeLeader";

    /// Only a leader takes requests from clients.
    guard ClientRequestLeader = "Ongaro & Ousterhout 2014, §5.3; raft.tla, ClientRequest; AbstractRaft.tla, ClientRequest";
    /// A leader puts a request at the end of its log.
    effect ClientRequestAppends = "Ongaro & Ousterhout 2014, §5.3; raft.tla, ClientRequest; AbstractRaft.tla, ClientRequest";

    /// Only a leader decides what is committed.
    guard CommitLeader = "Ongaro & Ousterhout 2014, §5.3; raft.tla, AdvanceCommitIndex; AbstractRaft.tla, CommitEntry";
    /// An entry is committed only if it is on a majority of the servers.
    guard CommitQuorum = "Ongaro & Ousterhout 2014, §5.3; raft.tla, AdvanceCommitIndex; AbstractRaft.tla, CommitEntry";
    /// A leader commits, by counting, only an entry of its own term; what comes before is committed with it.
    guard CommitOwnTerm = "Ongaro & Ousterhout 2014, §5.4.2; raft.tla, AdvanceCommitIndex; AbstractRaft.tla, CommitEntry";
    /// Only a server that is still in the leader's term counts as holding the entry.
    guard CommitHoldersInTerm = "AbstractRaft.tla, ImmediatelyCommitted";
    /// A leader takes note of what it has committed.
    effect CommitNotes = "Ongaro & Ousterhout 2014, §5.3; raft.tla, AdvanceCommitIndex; AbstractRaft.tla, CommitEntry";

    /// Only a leader sends entries.
    guard AppendEntriesLeader = "Ongaro & Ousterhout 2014, §5.3; raft.tla, AppendEntries";
    /// A leader sends entries by message.
    effect AppendEntriesSends = "Ongaro & Ousterhout 2014, §5.3; raft.tla, AppendEntries";
    /// A leader tells a follower of committed entries only as far as the entries that it sends reach.
    effect CommitUpToLastEntry = "Ongaro & Ousterhout 2014, Figure 2 (AppendEntries, 5); raft.tla, AppendEntries";

    /// A server handles a message only if its own term is as new as the message's: a newer term is adopted first.
    guard NewerTermFirst = "Ongaro & Ousterhout 2014, §5.1; raft.tla, Receive";
    /// A term is adopted only if it is newer.
    guard UpdateTermNewer = "Ongaro & Ousterhout 2014, §5.1; raft.tla, UpdateTerm; AbstractRaft.tla, UpdateTerms";
    /// A server that meets a newer term adopts it.
    effect UpdateTermAdopts = "Ongaro & Ousterhout 2014, §5.1; raft.tla, UpdateTerm; AbstractRaft.tla, UpdateTerms";
    /// A server that adopts a newer term becomes a follower.
    effect UpdateTermStepsDown = "Ongaro & Ousterhout 2014, §5.1; raft.tla, UpdateTerm; AbstractRaft.tla, UpdateTerms";
    /// A server that adopts a newer term has not voted in it.
    effect UpdateTermClearsVote = "raft.tla, UpdateTerm";

    /// A vote is given in the voter's own term: a request of an older term is refused.
    guard VoteOwnTerm = "Ongaro & Ousterhout 2014, Figure 2 (RequestVote, 1); raft.tla, HandleRequestVoteRequest";
    /// A vote is given only to a candidate whose last entry is not of an older term than the voter's.
    guard LogUpToDateTerm = "Ongaro & Ousterhout 2014, §5.4.1; raft.tla, HandleRequestVoteRequest; AbstractRaft.tla, CanVoteForOplog";
    /// A vote is given only to a candidate whose log, if it ends in the same term as the voter's, is not shorter.
    guard LogUpToDateLength = "Ongaro & Ousterhout 2014, §5.4.1; raft.tla, HandleRequestVoteRequest; AbstractRaft.tla, CanVoteForOplog";
    /// A server votes for at most one candidate in a term.
    guard OneVotePerTerm = "Ongaro & Ousterhout 2014, §5.2; raft.tla, HandleRequestVoteRequest; AbstractRaft.tla, CanVoteForOplog";
    /// A server that gives its vote remembers it.
    effect VoteRecorded = "Ongaro & Ousterhout 2014, Figure 2 (votedFor); raft.tla, HandleRequestVoteRequest; AbstractRaft.tla, BecomeLeader";
    /// A server that is asked for its vote answers.
    effect VoteReplies = "Ongaro & Ousterhout 2014, Figure 2 (RequestVote); raft.tla, HandleRequestVoteRequest";
    /// A leader is among its own voters.
    guard CandidateVotesForItself = "Ongaro & Ousterhout 2014, §5.2; AbstractRaft.tla, BecomeLeader";

    /// An answer of an older term does not count.
    guard VoteResponseCurrent = "Ongaro & Ousterhout 2014, §5.1; raft.tla, HandleRequestVoteResponse";
    /// A candidate takes note of who has answered.
    effect VoteResponseNoted = "raft.tla, HandleRequestVoteResponse";
    /// A refusal is not a vote.
    guard VoteGranted = "Ongaro & Ousterhout 2014, Figure 2 (voteGranted); raft.tla, HandleRequestVoteResponse";
    /// A vote that arrives twice counts once.
    guard VotesCountedOnce = "Ongaro & Ousterhout 2014, §5.2; raft.tla, HandleRequestVoteResponse (votesGranted is a set)";
    /// A candidate counts the votes that it was given.
    effect VoteCounted = "Ongaro & Ousterhout 2014, §5.2; raft.tla, HandleRequestVoteResponse";

    /// A follower refuses entries from a leader of an older term.
    guard AppendEntriesCurrent = "Ongaro & Ousterhout 2014, Figure 2 (AppendEntries, 1); raft.tla, HandleAppendEntriesRequest";
    /// A candidate that hears from the leader of its own term becomes a follower.
    effect CandidateYields = "Ongaro & Ousterhout 2014, §5.2; raft.tla, HandleAppendEntriesRequest";
    /// A follower refuses new entries unless its log has, where they would begin, the entry that precedes them.
    guard PrevLogMatches = "Ongaro & Ousterhout 2014, §5.3; raft.tla, HandleAppendEntriesRequest; AbstractRaft.tla, GetEntries";
    /// A follower that refuses entries says so.
    effect AppendRefused = "Ongaro & Ousterhout 2014, §5.3; raft.tla, HandleAppendEntriesRequest";
    /// An entry is removed only if it conflicts with the leader's.
    guard RemoveConflicting = "Ongaro & Ousterhout 2014, Figure 2 (AppendEntries, 3); raft.tla, HandleAppendEntriesRequest; AbstractRaft.tla, CanRollback";
    /// A conflicting entry is removed, from the end of the log, one a step.
    effect ConflictRemoved = "Ongaro & Ousterhout 2014, §5.3; raft.tla, HandleAppendEntriesRequest; AbstractRaft.tla, RollbackEntries";
    /// A follower appends a new entry to its log.
    effect EntryAppended = "Ongaro & Ousterhout 2014, §5.3; raft.tla, HandleAppendEntriesRequest; AbstractRaft.tla, GetEntries";
    /// A follower learns from the leader what is committed.
    effect FollowerLearnsCommit = "Ongaro & Ousterhout 2014, §5.3; raft.tla, HandleAppendEntriesRequest";
    /// A follower acknowledges the entries that it has.
    effect AppendAcknowledged = "Ongaro & Ousterhout 2014, §5.3; raft.tla, HandleAppendEntriesRequest";

    /// An acknowledgement of an older term does not count.
    guard AppendResponseCurrent = "Ongaro & Ousterhout 2014, §5.1; raft.tla, HandleAppendEntriesResponse";
    /// A refusal is not an acknowledgement.
    guard AppendSucceeded = "Ongaro & Ousterhout 2014, §5.3; raft.tla, HandleAppendEntriesResponse";
    /// A leader takes note of what a follower has acknowledged.
    effect MatchNoted = "Ongaro & Ousterhout 2014, §5.3; raft.tla, HandleAppendEntriesResponse";
    /// A leader goes on to the entry after the acknowledged ones.
    effect NextMovesOn = "Ongaro & Ousterhout 2014, §5.3; raft.tla, HandleAppendEntriesResponse";
    /// A leader that is refused goes back by one entry.
    effect NextStepsBack = "Ongaro & Ousterhout 2014, §5.3; raft.tla, HandleAppendEntriesResponse";

    /// Where replication is atomic, only a follower takes entries from another log.
    guard GetEntriesFollower = "AbstractRaft.tla, GetEntries";
    /// Where replication is atomic, only a follower removes entries.
    guard RollbackFollower = "AbstractRaft.tla, RollbackEntries";
    /// Where replication is atomic, entries are removed only in the face of a log that ends in a later term.
    guard RollbackOlder = "AbstractRaft.tla, CanRollback";

    /// A candidate votes for itself.
    effect CandidateVotes = "Ongaro & Ousterhout 2014, §5.2";
    /// A candidate has its new term and its own vote on its disk before it asks for votes.
    effect CandidacySynced = "Ongaro & Ousterhout 2014, Figure 2 (persistent state)";
    /// The term that a reply speaks of is on the sender's disk before it is sent.
    effect TermSynced = "Ongaro & Ousterhout 2014, Figure 2 (persistent state)";
    /// A vote is on the voter's disk before it is sent.
    effect VoteSynced = "Ongaro & Ousterhout 2014, Figure 2 (persistent state)";
    /// Entries are on the follower's disk before they are acknowledged.
    effect EntriesSynced = "Ongaro & Ousterhout 2014, Figure 2 (persistent state)";
    /// A leader counts itself among those that hold an entry only once the entry is on its own disk.
    guard OwnEntrySynced = "Ongaro 2014 (thesis), §10.2.1";
    /// What a follower knows to be committed does not become less, whatever an old request says.
    effect CommitOnlyGrows = "Ongaro & Ousterhout 2014, Figure 2 (commitIndex increases monotonically)";
    /// A follower acknowledges the entries that it was sent, not those that it has besides.
    effect AcknowledgeLastEntry = "Ongaro & Ousterhout 2014, §5.3";
    /// What a follower has acknowledged does not become less, whatever an old answer says.
    effect MatchOnlyGrows = "Ongaro & Ousterhout 2014, Figure 2 (matchIndex increases monotonically)";
    /// A leader that is refused does not go back to what was acknowledged.
    effect NextAboveMatch = "Ongaro & Ousterhout 2014, §5.3";
    /// With pre-vote, a server begins a term only if a majority would vote for it.
    guard PreVoteQuorum = "Ongaro 2014 (thesis), §9.6";
    /// With pre-vote, a server encourages only a candidate whose log is at least as up-to-date as its own.
    guard PreVoteUpToDate = "Ongaro 2014 (thesis), §9.6";
    /// A server that hears its leader does not look at requests for votes, nor adopts their terms.
    guard LeaderSticky = "Ongaro 2014 (thesis), §4.2.3";
    /// A leader asks only a follower that has all of its log to take over.
    guard TransferCaughtUp = "Ongaro 2014 (thesis), §3.10";

    /// A disk holds as committed only what its server knows to be committed.
    guard DiskCommitted = "Ongaro & Ousterhout 2014 (extended version), §7";
}
