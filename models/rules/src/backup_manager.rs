//! The rules of two-phase commit with a backup transaction manager (2PCwithBTM.tla, by M. Demirbas, after Lamport's P2TCommit.tla).

crate::rules! {
    /// One conjunct or one update each of what resource managers, the transaction manager and its backup do.
    pub enum BackupManagerRule of "two-phase";

    /// A resource manager prepares only while it is working.
    guard BtmPrepareWorking = "2PCwithBTM.tla, Prepare";
    /// A resource manager that prepares is able to commit.
    effect BtmPrepareState = "2PCwithBTM.tla, Prepare";
    /// A resource manager commits only if it is told to.
    guard BtmCommitTold = "2PCwithBTM.tla, Decide";
    /// A resource manager that commits has committed.
    effect BtmCommitState = "2PCwithBTM.tla, Decide";
    /// A resource manager aborts on its own only while it is working; after that only if it is told to.
    guard BtmAbortTold = "2PCwithBTM.tla, Decide";
    /// A resource manager that aborts has aborted.
    effect BtmAbortState = "2PCwithBTM.tla, Decide";

    /// A manager decides to commit only if all resource managers are prepared, or one has committed already.
    guard BtmCommitAllPrepared = "2PCwithBTM.tla, canCommit";
    /// A manager that finds a resource manager that has committed decides to commit, whatever has become of the others.
    effect BtmCommitFollows = "2PCwithBTM.tla, canCommit";
    /// A manager decides to abort only if a resource manager has aborted or failed.
    guard BtmAbortReason = "2PCwithBTM.tla, canAbort";
    /// A manager decides to abort only if no resource manager has committed.
    guard BtmAbortNoneCommitted = "2PCwithBTM.tla, canAbort";
    /// The transaction manager that has decided tells the resource managers.
    effect BtmManagerTells = "2PCwithBTM.tla, TC and TA";
    /// The backup decides only when the transaction manager is gone.
    guard BtmBackupTakesOver = "2PCwithBTM.tla, BTS";
    /// The backup that has decided tells the resource managers.
    effect BtmBackupTells = "2PCwithBTM.tla, BTC and BTA";
}
