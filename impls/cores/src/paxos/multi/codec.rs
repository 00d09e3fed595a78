//! The binary form of messages and records.

use alloc::vec::Vec;

use super::{Entries, Entry, Message, Record, Slot, Snapshot, Suffix};
use crate::codec::{Decode, DecodeError, Encode, Reader};
use crate::paxos::Ballot;

impl Encode for Slot {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
}

impl Decode for Slot {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        u64::decode(from).map(Self)
    }
}

/// A tag, and the command if there is one.
impl<C: Encode> Encode for Entry<C> {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::NoOp => out.push(0),
            Self::Command(command) => {
                out.push(1);
                command.encode(out);
            }
        }
    }
}

impl<C: Decode> Decode for Entry<C> {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match from.byte()? {
            0 => Self::NoOp,
            1 => Self::Command(C::decode(from)?),
            tag => return Err(DecodeError::UnknownTag("Entry", tag)),
        })
    }
}

impl<C: Encode> Encode for Entries<C> {
    fn encode(&self, out: &mut Vec<u8>) {
        (self.len() as u64).encode(out);
        for entry in self.iter() {
            entry.encode(out);
        }
    }
}

impl<C: Decode> Decode for Entries<C> {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Vec::<Entry<C>>::decode(from).map(Self::from)
    }
}

impl Encode for Snapshot {
    fn encode(&self, out: &mut Vec<u8>) {
        self.upto.encode(out);
        (self.state.len() as u64).encode(out);
        out.extend_from_slice(&self.state);
    }
}

impl Decode for Snapshot {
    const MIN_BYTES: usize = 2;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let upto = Slot::decode(from)?;
        let length = from.length(1)?;
        let state = from.take(length)?.into();
        Ok(Self { upto, state })
    }
}

impl<C: Encode> Encode for Suffix<C> {
    fn encode(&self, out: &mut Vec<u8>) {
        self.first.encode(out);
        self.chosen.encode(out);
        self.votes.encode(out);
    }
}

impl<C: Decode> Decode for Suffix<C> {
    const MIN_BYTES: usize = 3;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            first: Slot::decode(from)?,
            chosen: Slot::decode(from)?,
            votes: Vec::decode(from)?,
        })
    }
}

impl<C: Encode> Encode for Message<C> {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Phase1a { ballot, first } => tagged(0, &[ballot, first], out),
            Self::Phase1b { ballot, told } => tagged(1, &[ballot, told], out),
            Self::Phase2a {
                ballot,
                first,
                entries,
                chosen,
            } => tagged(2, &[ballot, first, entries, chosen], out),
            Self::Phase2b { ballot, first, end } => tagged(3, &[ballot, first, end], out),
            Self::Preempted { promised } => tagged(4, &[promised], out),
            Self::Heartbeat { ballot, chosen } => tagged(5, &[ballot, chosen], out),
            Self::Learn { first } => tagged(6, &[first], out),
            Self::Chosen {
                first,
                entries,
                chosen,
            } => tagged(7, &[first, entries, chosen], out),
            Self::Snapshot(snapshot) => tagged(8, &[snapshot], out),
        }
    }
}

impl<C: Decode> Decode for Message<C> {
    const MIN_BYTES: usize = 2;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match from.byte()? {
            0 => Self::Phase1a {
                ballot: Ballot::decode(from)?,
                first: Slot::decode(from)?,
            },
            1 => Self::Phase1b {
                ballot: Ballot::decode(from)?,
                told: Suffix::decode(from)?,
            },
            2 => Self::Phase2a {
                ballot: Ballot::decode(from)?,
                first: Slot::decode(from)?,
                entries: Entries::decode(from)?,
                chosen: Slot::decode(from)?,
            },
            3 => Self::Phase2b {
                ballot: Ballot::decode(from)?,
                first: Slot::decode(from)?,
                end: Slot::decode(from)?,
            },
            4 => Self::Preempted {
                promised: Ballot::decode(from)?,
            },
            5 => Self::Heartbeat {
                ballot: Ballot::decode(from)?,
                chosen: Slot::decode(from)?,
            },
            6 => Self::Learn {
                first: Slot::decode(from)?,
            },
            7 => Self::Chosen {
                first: Slot::decode(from)?,
                entries: Entries::decode(from)?,
                chosen: Slot::decode(from)?,
            },
            8 => Self::Snapshot(Snapshot::decode(from)?),
            tag => return Err(DecodeError::UnknownTag("Message", tag)),
        })
    }
}

impl<C: Encode> Encode for Record<C> {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Promised(ballot) => tagged(0, &[ballot], out),
            Self::Accepted {
                ballot,
                first,
                entries,
                chosen,
            } => tagged(1, &[ballot, first, entries, chosen], out),
            Self::Learned { first, entries } => tagged(2, &[first, entries], out),
            Self::Checkpoint {
                promised,
                snapshot,
                rest,
            } => tagged(3, &[promised, snapshot, rest], out),
        }
    }
}

impl<C: Decode> Decode for Record<C> {
    const MIN_BYTES: usize = 3;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match from.byte()? {
            0 => Self::Promised(Ballot::decode(from)?),
            1 => Self::Accepted {
                ballot: Ballot::decode(from)?,
                first: Slot::decode(from)?,
                entries: Entries::decode(from)?,
                chosen: Slot::decode(from)?,
            },
            2 => Self::Learned {
                first: Slot::decode(from)?,
                entries: Entries::decode(from)?,
            },
            3 => Self::Checkpoint {
                promised: Ballot::decode(from)?,
                snapshot: Snapshot::decode(from)?,
                rest: Suffix::decode(from)?,
            },
            tag => return Err(DecodeError::UnknownTag("Record", tag)),
        })
    }
}

/// A tag, and the fields in their order.
fn tagged(tag: u8, fields: &[&dyn Encode], out: &mut Vec<u8>) {
    out.push(tag);
    for field in fields {
        field.encode(out);
    }
}
