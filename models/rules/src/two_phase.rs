//! The rules of transaction commit and two-phase commit (Gray & Lamport, *Consensus on Transaction Commit*, 2006).

crate::rules! {
    /// One conjunct each of the actions of TCommit.tla and TwoPhase.tla.
    pub enum TwoPhaseRule of "two-phase";

    /// In the promise, a resource manager prepares only while it is working.
    guard PrepareWorking = "TCommit.tla, Prepare";
    /// In the promise, a resource manager commits only when every resource manager is prepared or has committed.
    guard DecideCanCommit = "TCommit.tla, Decide (canCommit)";
    /// In the promise, a resource manager aborts only when none has committed.
    guard DecideNotCommitted = "TCommit.tla, Decide (notCommitted)";
    /// In the promise, only an undecided resource manager decides: to commit, it must be prepared.
    guard DecideCommitPrepared = "TCommit.tla, Decide (commit arm)";
    /// In the promise, only an undecided resource manager decides: to abort, it must be working or prepared.
    guard DecideAbortUndecided = "TCommit.tla, Decide (abort arm)";

    /// A resource manager prepares only while it is working.
    guard RMPrepareWorking = "TwoPhase.tla, RMPrepare";
    /// A resource manager that prepares becomes prepared.
    effect RMPrepareState = "TwoPhase.tla, RMPrepare";
    /// A resource manager that prepares tells the transaction manager.
    effect RMPrepareSends = "TwoPhase.tla, RMPrepare";
    /// A resource manager aborts on its own only while it is working: prepared, it has given up that right.
    guard RMChooseToAbortWorking = "TwoPhase.tla, RMChooseToAbort";
    /// A resource manager that chooses to abort is aborted.
    effect RMChooseToAbortState = "TwoPhase.tla, RMChooseToAbort";
    /// A resource manager that is told to commit commits.
    effect RMRcvCommitMsgState = "TwoPhase.tla, RMRcvCommitMsg";
    /// A resource manager that is told to abort aborts.
    effect RMRcvAbortMsgState = "TwoPhase.tla, RMRcvAbortMsg";
    /// The transaction manager takes note of who is prepared only until it has decided.
    guard TMRcvPreparedInit = "TwoPhase.tla, TMRcvPrepared";
    /// The transaction manager remembers who is prepared.
    effect TMRcvPreparedRecords = "TwoPhase.tla, TMRcvPrepared";
    /// The transaction manager decides to commit only if it has not decided yet.
    guard TMCommitInit = "TwoPhase.tla, TMCommit";
    /// The transaction manager commits only if every resource manager is prepared.
    guard TMCommitAllPrepared = "TwoPhase.tla, TMCommit";
    /// The transaction manager that commits remembers that it did.
    effect TMCommitState = "TwoPhase.tla, TMCommit";
    /// The transaction manager that commits tells every resource manager.
    effect TMCommitSends = "TwoPhase.tla, TMCommit";
    /// The transaction manager decides to abort only if it has not decided yet.
    guard TMAbortInit = "TwoPhase.tla, TMAbort";
    /// The transaction manager that aborts remembers that it did.
    effect TMAbortState = "TwoPhase.tla, TMAbort";
    /// The transaction manager that aborts tells every resource manager.
    effect TMAbortSends = "TwoPhase.tla, TMAbort";
}
