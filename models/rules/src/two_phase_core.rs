//! The rules that the production core of two-phase commit keeps and the models have no need of: many transactions at a time, coordinators that count
//! their transactions, operators, and the one-phase optimisation.

crate::rules! {
    /// One guard each of the core, beyond those of the models.
    pub enum TwoPhaseCoreRule of "two-phase";

    /// A coordinator asks for votes once in the life of a transaction that it has begun: one that is decided, or was begun before a restart, stays closed.
    guard SubmitOnce = "Mohan, Lindsay & Obermarck 1986, the basic protocol: transaction identifiers are unique";
    /// A participant votes only for work that it has done in its present incarnation: what it did before a crash, without preparing, is lost.
    guard BranchOfThisIncarnation = "Mohan, Lindsay & Obermarck 1986, failure handling";
    /// A participant takes up no work for a transaction that it has left, or that its coordinator has closed.
    guard EnlistOpen = "Bernstein, Hadzilacos & Goodman 1987, chapter 7 (AC2)";
    /// A coordinator that has left the decision to its only participant does not abort on its own.
    guard OnePhaseGivenAway = "The Open Group, Distributed TP: The XA Specification, 1991, one-phase commit";
    /// A participant that decides alone tells of the commit only when its record is on disk.
    guard OnePhaseSynced = "The Open Group, Distributed TP: The XA Specification, 1991, one-phase commit";
    /// A participant that decides alone forgets a commit only when the coordinator has heard of it, and the work is done: until then it would presume an abort.
    guard OnePhaseForgetHeard = "Mohan, Lindsay & Obermarck 1986, presumed abort";
    /// An operator decides only in place of a participant that is in doubt.
    guard ResolveInDoubt = "The Open Group, Distributed TP: The XA Specification, 1991, heuristic decisions";
    /// What an operator has decided is forgotten only when it has been compared with the decision.
    guard ForgetCompared = "The Open Group, Distributed TP: The XA Specification, 1991, heuristic decisions (xa_forget)";
    /// Only a participant of two-phase commit presumes an abort: in Paxos Commit the acceptors know, though the coordinator has forgotten.
    guard PresumeTwoPhase = "Gray & Lamport 2006, §4";
}
