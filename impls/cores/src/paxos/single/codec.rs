//! The binary form of messages and records.

use alloc::vec::Vec;

use super::{Message, Record};
use crate::codec::{Decode, DecodeError, Encode, Reader};
use crate::paxos::{Ballot, Ranked};

impl<V: Encode> Encode for Message<V> {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Phase1a { ballot } => {
                out.push(0);
                ballot.encode(out);
            }
            Self::Phase1b { ballot, vote } => {
                out.push(1);
                ballot.encode(out);
                vote.encode(out);
            }
            Self::Phase2a(proposal) => {
                out.push(2);
                proposal.encode(out);
            }
            Self::Phase2b(vote) => {
                out.push(3);
                vote.encode(out);
            }
            Self::Preempted { promised } => {
                out.push(4);
                promised.encode(out);
            }
            Self::Learn => out.push(5),
            Self::Chosen { value } => {
                out.push(6);
                value.encode(out);
            }
        }
    }
}

impl<V: Decode> Decode for Message<V> {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match from.byte()? {
            0 => Self::Phase1a {
                ballot: Ballot::decode(from)?,
            },
            1 => Self::Phase1b {
                ballot: Ballot::decode(from)?,
                vote: Option::decode(from)?,
            },
            2 => Self::Phase2a(Ranked::decode(from)?),
            3 => Self::Phase2b(Ranked::decode(from)?),
            4 => Self::Preempted {
                promised: Ballot::decode(from)?,
            },
            5 => Self::Learn,
            6 => Self::Chosen {
                value: V::decode(from)?,
            },
            tag => return Err(DecodeError::UnknownTag("Message", tag)),
        })
    }
}

impl<V: Encode> Encode for Record<V> {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Promised(ballot) => {
                out.push(0);
                ballot.encode(out);
            }
            Self::Accepted(vote) => {
                out.push(1);
                vote.encode(out);
            }
        }
    }
}

impl<V: Decode> Decode for Record<V> {
    const MIN_BYTES: usize = 1 + Ballot::MIN_BYTES;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match from.byte()? {
            0 => Self::Promised(Ballot::decode(from)?),
            1 => Self::Accepted(Ranked::decode(from)?),
            tag => return Err(DecodeError::UnknownTag("Record", tag)),
        })
    }
}
