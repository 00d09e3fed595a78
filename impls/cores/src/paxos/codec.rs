//! The binary form of what both cores of Paxos speak of.

use alloc::vec::Vec;

use crate::NodeId;
use crate::codec::{Decode, DecodeError, Encode, Reader};
use crate::paxos::{Ballot, Ranked};

impl Encode for Ballot {
    fn encode(&self, out: &mut Vec<u8>) {
        self.round.encode(out);
        self.node.encode(out);
    }
}

impl Decode for Ballot {
    const MIN_BYTES: usize = 2;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            round: u64::decode(from)?,
            node: NodeId::decode(from)?,
        })
    }
}

impl<V: Encode> Encode for Ranked<V> {
    fn encode(&self, out: &mut Vec<u8>) {
        self.ballot.encode(out);
        self.value.encode(out);
    }
}

impl<V: Decode> Decode for Ranked<V> {
    const MIN_BYTES: usize = Ballot::MIN_BYTES + V::MIN_BYTES;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            ballot: Ballot::decode(from)?,
            value: V::decode(from)?,
        })
    }
}
