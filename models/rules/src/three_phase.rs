//! The rules of three-phase commit (Skeen, *Nonblocking Commit Protocols*, 1981; Bernstein, Hadzilacos & Goodman, *Concurrency Control and
//! Recovery in Database Systems*, 1987, chapter 7).

crate::rules! {
    /// One conjunct or one update each of the actions of three-phase commit.
    pub enum ThreePhaseRule of "two-phase";

    /// A participant votes only while it is working.
    guard T3VoteWorking = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// A participant that votes YES is uncertain.
    effect T3VoteState = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// A participant that votes YES tells the coordinator.
    effect T3VoteSends = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// A participant aborts on its own only before it has voted.
    guard T3ChooseToAbortWorking = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// A participant that chooses to abort has aborted.
    effect T3ChooseToAbortState = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// The coordinator aborts only while it waits for votes.
    guard T3AbortWaiting = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// The coordinator that aborts remembers that it did.
    effect T3AbortState = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// A participant that is told to abort aborts.
    effect T3TellAbortState = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// The coordinator prepares to commit only if it has not decided to abort.
    guard T3PrecommitWaiting = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// The coordinator prepares to commit only if every participant has voted YES.
    guard T3PrecommitAllYes = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// The coordinator that prepares to commit remembers that it does.
    effect T3PrecommitState = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// A participant that is told to prepare to commit is committable: it knows that all have voted YES.
    effect T3TellPrecommitState = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// The coordinator commits only after it has prepared to commit.
    guard T3CommitPrecommitting = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// The coordinator commits only when every participant is committable, or no longer answers.
    guard T3CommitAllAcked = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// The coordinator that commits remembers that it did.
    effect T3CommitState = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// A participant that is told to commit commits.
    effect T3TellCommitState = "Bernstein, Hadzilacos & Goodman 1987, chapter 7";
    /// A backup takes over only when the coordinator no longer answers.
    guard T3ElectTimedOut = "Bernstein, Hadzilacos & Goodman 1987, chapter 7 (termination protocol)";
    /// A backup takes over only when no other backup is at work.
    guard T3ElectAlone = "Bernstein, Hadzilacos & Goodman 1987, chapter 7 (election)";
    /// A backup aborts only if one that takes part has aborted, or none is committable.
    guard T3TerminateAbort = "Bernstein, Hadzilacos & Goodman 1987, chapter 7 (TR1, TR3)";
    /// A backup commits at once only if one that takes part has committed.
    guard T3TerminateCommit = "Bernstein, Hadzilacos & Goodman 1987, chapter 7 (TR2)";
    /// A backup makes all committable only if one that takes part is so, and none has decided.
    guard T3TerminatePrecommit = "Bernstein, Hadzilacos & Goodman 1987, chapter 7 (TR4)";
    /// A participant does what its backup has decided.
    effect T3BackupTells = "Bernstein, Hadzilacos & Goodman 1987, chapter 7 (termination protocol)";
    /// A backup goes on to commit only when every one that takes part is committable.
    guard T3BackupAllAcked = "Bernstein, Hadzilacos & Goodman 1987, chapter 7 (TR4)";
    /// A backup that has made all committable commits.
    effect T3BackupCommitState = "Bernstein, Hadzilacos & Goodman 1987, chapter 7 (TR4)";
    /// A site that was down takes no part in termination: what it knows may be out of date.
    guard T3RecoveredStayOut = "Bernstein, Hadzilacos & Goodman 1987, chapter 7 (recovery)";
    /// A site that was down asks those who have decided, and decides the same.
    effect T3AskState = "Bernstein, Hadzilacos & Goodman 1987, chapter 7 (recovery)";
}
