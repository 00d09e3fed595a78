//! Hosts that fail their cores, so that a test can show that this is noticed: what a host owes is a part of the protocol.

use std::borrow::Cow;

use concur_cores::{Effects, Protocol};

/// In what hosts fail their cores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Negligence {
    /// In nothing.
    #[default]
    None,
    /// They send, and tell, before the disk has what that rests on.
    SendsBeforeTheDisk,
    /// They lose the records that print like this, and start without them.
    Loses(&'static str),
}

impl Negligence {
    /// What a node is started from, of all that is on its disk.
    pub(super) fn recalled<R: Clone + ToString>(self, records: &[R]) -> Cow<'_, [R]> {
        let Self::Loses(word) = self else {
            return Cow::Borrowed(records);
        };
        let kept = records
            .iter()
            .filter(|it| !it.to_string().starts_with(word));
        Cow::Owned(kept.cloned().collect())
    }

    /// Does at once what should wait for the disk.
    pub(super) fn hurry<P: Protocol>(self, effects: &mut Effects<P>) {
        if self == Self::SendsBeforeTheDisk {
            effects.send_ahead.append(&mut effects.send);
            effects.notify_ahead.append(&mut effects.notify);
        }
    }
}
