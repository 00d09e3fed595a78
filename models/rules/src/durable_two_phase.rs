//! The rules of two-phase commit with logs: presumed abort (Mohan, Lindsay & Obermarck, *Transaction Management in the R\* Distributed
//! Database Management System*, 1986) and cooperative termination (Bernstein, Hadzilacos & Goodman, *Concurrency Control and Recovery
//! in Database Systems*, 1987).

crate::rules! {
    /// One conjunct or one update each of the actions of durable two-phase commit.
    pub enum DurableTwoPhaseRule of "two-phase";

    /// A participant prepares only while it is working: a PREPARE that comes late does not reopen what has been decided or forgotten.
    guard DPrepareWorking = "Mohan, Lindsay & Obermarck 1986, the basic protocol";
    /// A participant that prepares writes a PREPARED record.
    effect DPrepareWrites = "Mohan, Lindsay & Obermarck 1986, the basic protocol";
    /// A participant that prepares is in doubt until it is told the decision.
    effect DPrepareState = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// A participant votes YES only when its PREPARED record is on disk.
    guard DYesSynced = "Mohan, Lindsay & Obermarck 1986, the basic protocol";
    /// A participant that votes YES tells the coordinator.
    effect DYesSends = "Mohan, Lindsay & Obermarck 1986, the basic protocol";
    /// A participant votes READ only while it is working.
    guard DReadWorking = "Mohan, Lindsay & Obermarck 1986, presumed abort";
    /// A participant that votes READ tells the coordinator.
    effect DReadSends = "Mohan, Lindsay & Obermarck 1986, presumed abort";
    /// A participant that votes READ forgets the transaction: neither outcome concerns it.
    effect DReadForgets = "Mohan, Lindsay & Obermarck 1986, presumed abort";
    /// A participant aborts on its own only before it has prepared.
    guard DChooseToAbortWorking = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// A participant that chooses to abort has aborted.
    effect DChooseToAbortState = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// A participant that is told to commit commits.
    effect DRcvCommitState = "Mohan, Lindsay & Obermarck 1986, the basic protocol";
    /// A participant that is told to commit writes a commit record.
    effect DRcvCommitWrites = "Mohan, Lindsay & Obermarck 1986, the basic protocol";
    /// A participant acknowledges COMMIT only when its commit record is on disk.
    guard DAckSynced = "Mohan, Lindsay & Obermarck 1986, the basic protocol";
    /// A participant that acknowledges tells the coordinator.
    effect DAckSends = "Mohan, Lindsay & Obermarck 1986, the basic protocol";
    /// Only an undecided participant obeys ABORT: one that has committed may still get the answer to an old inquiry.
    guard DRcvAbortUndecided = "Bernstein, Hadzilacos & Goodman 1987, AC2 in chapter 7";
    /// A participant that is told to abort aborts.
    effect DRcvAbortState = "Mohan, Lindsay & Obermarck 1986, the basic protocol";
    /// A participant that aborts after it has prepared writes an abort record, which need not be forced.
    effect DRcvAbortWrites = "Mohan, Lindsay & Obermarck 1986, presumed abort";
    /// A participant that is in doubt for too long inquires.
    effect DTimeOutInquires = "Mohan, Lindsay & Obermarck 1986, failure handling";
    /// A participant that finds a PREPARED record when it restarts is in doubt.
    effect DRestartInDoubt = "Mohan, Lindsay & Obermarck 1986, failure handling";
    /// A participant that finds no record when it restarts has lost its work, and no longer takes part.
    effect DRestartForgets = "Mohan, Lindsay & Obermarck 1986, failure handling";

    /// A participant answers an inquiry with COMMIT only if it has committed.
    guard DAnswerCommitCommitted = "Bernstein, Hadzilacos & Goodman 1987, cooperative termination (§7.4)";
    /// A participant that knows of the commit tells the one that inquired.
    effect DAnswerCommitTells = "Bernstein, Hadzilacos & Goodman 1987, cooperative termination (§7.4)";
    /// A participant answers an inquiry with ABORT only if it has aborted, or has not voted: one that is uncertain cannot help.
    guard DAnswerAbortCertain = "Bernstein, Hadzilacos & Goodman 1987, cooperative termination (§7.4)";
    /// A participant that has not voted aborts before it answers ABORT.
    effect DAnswerAbortState = "Bernstein, Hadzilacos & Goodman 1987, cooperative termination (§7.4)";
    /// A participant that has aborted tells the one that inquired.
    effect DAnswerAbortTells = "Bernstein, Hadzilacos & Goodman 1987, cooperative termination (§7.4)";

    /// The coordinator counts each participant's vote once, however often it comes.
    guard DVoteOnce = "Gray & Lamport 2006, §3: tmPrepared is a set";
    /// The coordinator takes note of a vote.
    effect DVoteRecords = "Mohan, Lindsay & Obermarck 1986, the basic protocol";
    /// The coordinator commits only if every participant has voted YES or READ.
    guard DCommitAllVoted = "Mohan, Lindsay & Obermarck 1986, the basic protocol";
    /// The coordinator that commits no longer collects votes.
    effect DCommitState = "Mohan, Lindsay & Obermarck 1986, the basic protocol";
    /// The coordinator that commits writes a commit record, with the names of those who must be told.
    effect DCommitWrites = "Mohan, Lindsay & Obermarck 1986, the basic protocol";
    /// The coordinator leaves those who voted READ out of the second phase.
    effect DCommitWithoutReaders = "Mohan, Lindsay & Obermarck 1986, presumed abort";
    /// The coordinator tells nobody to commit before its commit record is on disk.
    guard DTellCommitSynced = "Mohan, Lindsay & Obermarck 1986, the basic protocol";
    /// The coordinator tells those in its commit record to commit.
    effect DTellCommitSends = "Mohan, Lindsay & Obermarck 1986, the basic protocol";
    /// The coordinator decides to abort only while it collects votes.
    guard DAbortUndecided = "Mohan, Lindsay & Obermarck 1986, the basic protocol";
    /// The coordinator that aborts tells everyone.
    effect DAbortTells = "Mohan, Lindsay & Obermarck 1986, presumed abort";
    /// The coordinator that aborts forgets at once, without a record and without acknowledgements.
    effect DAbortForgets = "Mohan, Lindsay & Obermarck 1986, presumed abort";
    /// The coordinator forgets a commit only when everyone in its commit record has acknowledged.
    guard DForgetAllAcked = "Mohan, Lindsay & Obermarck 1986, presumed abort";
    /// The coordinator that has every acknowledgement forgets.
    effect DForgetState = "Mohan, Lindsay & Obermarck 1986, presumed abort";
    /// The coordinator that forgets a commit writes an END record, which need not be forced.
    effect DForgetWrites = "Mohan, Lindsay & Obermarck 1986, the basic protocol";
    /// The coordinator answers by presumption only about a transaction of which it knows nothing.
    guard DAnswerForgotten = "Mohan, Lindsay & Obermarck 1986, presumed abort";
    /// The coordinator that knows nothing answers an inquiry as it presumes.
    effect DAnswerPresumes = "Mohan, Lindsay & Obermarck 1986, presumed abort";
    /// A coordinator that finds a commit record when it restarts tells everyone in it again, until all have acknowledged.
    effect DRestartCommits = "Mohan, Lindsay & Obermarck 1986, failure handling";
    /// A coordinator that finds no commit record when it restarts has forgotten: it does not collect votes anew.
    effect DRestartPresumes = "Mohan, Lindsay & Obermarck 1986, failure handling";
}
