//! The rules of Chord's ring maintenance: as published, as corrected, and as corrected in first-order logic.
//!
//! Published: Stoica et al., *Chord* (SIGCOMM 2001; IEEE/ACM ToN 2003), the pseudocode of stabilization and the text on successor lists.
//! Corrected: Zave, *How to Make Chord Correct* (arXiv 1610.01140, 2015).

crate::rules! {
    /// One conjunct or effect each of the actions of Chord, ChordCorrected and ChordReach.
    pub enum ChordRule of "ring";

    /// In Chord as published, only a node that is not a member joins.
    guard ChordJoinStranger = "Stoica et al. 2001 (Chord), join";
    /// In Chord as published, a node joins between a member and that member's successor.
    guard ChordJoinPlace = "Stoica et al. 2001 (Chord), join (find_successor)";
    /// In Chord as published, the node that joins is a member from then on.
    effect ChordJoinAdds = "Stoica et al. 2001 (Chord), join";
    /// In Chord as published, the node that joins has that member's successor as its own.
    effect ChordJoinSuccessor = "Stoica et al. 2001 (Chord), join";
    /// In Chord as published, a node takes its successor's predecessor as successor only if it lies in between.
    guard ChordStabilizeCloser = "Stoica et al. 2001 (Chord), stabilize";
    /// In Chord as published, that node, dead or alive, is the new successor.
    effect ChordStabilizeSuccessor = "Stoica et al. 2001 (Chord), stabilize";
    /// In Chord as published, a node takes who notifies it as predecessor only if it has none or it lies in between.
    guard ChordNotifyCloser = "Stoica et al. 2001 (Chord), notify";
    /// In Chord as published, the node that notifies is the new predecessor.
    effect ChordNotifyPredecessor = "Stoica et al. 2001 (Chord), notify";
    /// In Chord as published, a node copies its successor's list behind its successor, as far as there is room.
    effect ChordReconcileList = "Stoica et al. 2003 (Chord), successor lists";
    /// In Chord as published, a node gives its successor up only when that is dead.
    guard ChordUpdateDead = "Stoica et al. 2003 (Chord), successor lists";
    /// In Chord as published, the next one of the list is then the successor.
    effect ChordUpdateNext = "Stoica et al. 2003 (Chord), successor lists";
    /// In Chord as published, a node forgets its predecessor only when that is dead.
    guard ChordFlushDead = "Stoica et al. 2003 (Chord), check_predecessor";
    /// In Chord as published, a node whose predecessor is dead has none.
    effect ChordFlushForgets = "Stoica et al. 2003 (Chord), check_predecessor";
    /// Chord as published is claimed to work while failures leave each member a live node in its list.
    guard ChordFailSpares = "Stoica et al. 2003 (Chord), failures; Zave 2015 (operating assumption)";

    /// In Chord as corrected, only a node that is not a member joins.
    guard CorrectJoinStranger = "Zave 2015, join";
    /// In Chord as corrected, a node joins between a member and the head of that member's list.
    guard CorrectJoinPlace = "Zave 2015, join";
    /// In Chord as corrected, the node that joins is a member from then on.
    effect CorrectJoinAdds = "Zave 2015, join";
    /// In Chord as corrected, the node that joins begins with a whole list, that of the member before it.
    effect CorrectJoinList = "Zave 2015, join";
    /// In Chord as corrected, the node that joins knows the member before it as its predecessor.
    effect CorrectJoinPredecessor = "Zave 2015, join";
    /// In Chord as corrected, a node drops the head of its list only when it is dead.
    guard CorrectDropDead = "Zave 2015, stabilize (from successor)";
    /// In Chord as corrected, a list that has lost its head is shifted, and filled up behind the last entry, so that it keeps its length.
    effect CorrectDropShifts = "Zave 2015, stabilize (from successor)";
    /// In Chord as corrected, a node copies the list of a head that is alive, all at once.
    effect CorrectCopyList = "Zave 2015, stabilize (from successor)";
    /// In Chord as corrected, a node considers its head's predecessor as successor only if it lies in between.
    guard CorrectAdoptCloser = "Zave 2015, stabilize (from predecessor)";
    /// In Chord as corrected, a node takes its head's predecessor as successor only if it is alive.
    guard CorrectAdoptLive = "Zave 2015, stabilize (from predecessor)";
    /// In Chord as corrected, a node that takes a new head takes its list with it.
    effect CorrectAdoptList = "Zave 2015, stabilize (from predecessor)";
    /// In Chord as corrected, a node takes who notifies it as predecessor only if it lies in between, or if the one before it is dead.
    guard CorrectRectifyCloser = "Zave 2015, rectify";
    /// In Chord as corrected, the node that notifies is the new predecessor.
    effect CorrectRectifyPredecessor = "Zave 2015, rectify";
    /// In Chord as corrected, the members of the stable base do not fail.
    guard CorrectFailBase = "Zave 2015, stable base";
    /// In Chord as corrected, failures leave each member a live node in its list.
    guard CorrectFailSpares = "Zave 2015, operating assumption";

    /// In Chord by reachability, only a node that is not active joins.
    guard ReachJoinStranger = "Zave's Chord in Ivy (Padon et al. 2016), join";
    /// In Chord by reachability, a node joins by an active one, and not across the origin.
    guard ReachJoinNotAcross = "Zave's Chord in Ivy, join";
    /// In Chord by reachability, the node that joins is active and has that node as first successor.
    effect ReachJoinSuccessor = "Zave's Chord in Ivy, join";
    /// In Chord by reachability, a node takes its successor's predecessor only if it lies in between.
    guard ReachStabilizeBetween = "Zave's Chord in Ivy, stabilize";
    /// In Chord by reachability, that node is the first successor, and the old one the second.
    effect ReachStabilizeSuccessors = "Zave's Chord in Ivy, stabilize";
    /// In Chord by reachability, a node takes who notifies it as predecessor only if it has none or it lies in between.
    guard ReachNotifyBetween = "Zave's Chord in Ivy, notify";
    /// In Chord by reachability, the node that notifies is the new predecessor.
    effect ReachNotifyPredecessor = "Zave's Chord in Ivy, notify";
    /// In Chord by reachability, a node's second successor is its first one's first.
    effect ReachInheritSecond = "Zave's Chord in Ivy, inherit";
    /// In Chord by reachability, a node gives its first successor up only when that has failed.
    guard ReachRemoveFailed = "Zave's Chord in Ivy, remove";
    /// In Chord by reachability, the second successor is then the first one.
    effect ReachRemoveShifts = "Zave's Chord in Ivy, remove";
    /// In Chord by reachability, the origin does not fail.
    guard ReachFailNotOrigin = "Zave's Chord in Ivy, fail";
    /// In Chord by reachability, a node fails only if whoever has it as first successor has a second one.
    guard ReachFailSecond = "Zave's Chord in Ivy, fail";
    /// In Chord by reachability, a node fails only if those second successors are active.
    guard ReachFailSecondActive = "Zave's Chord in Ivy, fail";
    /// In Chord by reachability, a node fails only if whoever has it as second successor has an active first one.
    guard ReachFailFirstActive = "Zave's Chord in Ivy, fail";
}
