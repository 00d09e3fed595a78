//! The binary form of Raft's messages and records. The command's own form is its author's.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::entry::{Entries, Entry, Position};
use super::message::{Answer, Body, Message};
use super::record::{Ballot, Record, Snapshot};
use crate::NodeId;
use crate::codec::{Decode, DecodeError, Encode, Reader};

impl Encode for Position {
    fn encode(&self, out: &mut Vec<u8>) {
        self.index.encode(out);
        self.term.encode(out);
    }
}

impl Decode for Position {
    const MIN_BYTES: usize = 2;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            index: u64::decode(from)?,
            term: u64::decode(from)?,
        })
    }
}

impl<C: Encode> Encode for Entry<C> {
    fn encode(&self, out: &mut Vec<u8>) {
        self.term.encode(out);
        self.command.encode(out);
    }
}

impl<C: Decode> Decode for Entry<C> {
    const MIN_BYTES: usize = 2;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            term: u64::decode(from)?,
            command: Option::decode(from)?,
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
        Vec::decode(from).map(Self::from)
    }
}

fn encode_bytes(data: &[u8], out: &mut Vec<u8>) {
    (data.len() as u64).encode(out);
    out.extend_from_slice(data);
}

fn decode_bytes<'a>(from: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    let length = from.length(1)?;
    from.take(length)
}

impl<C: Encode> Encode for Message<C> {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.body.tag());
        self.term.encode(out);
        self.body.encode_fields(out);
    }
}

impl<C: Decode> Decode for Message<C> {
    const MIN_BYTES: usize = 2;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let tag = from.byte()?;
        Ok(Self {
            term: u64::decode(from)?,
            body: Body::decode_fields(tag, from)?,
        })
    }
}

impl<C: Encode> Body<C> {
    fn tag(&self) -> u8 {
        match self {
            Self::PreVoteRequest { .. } => 0,
            Self::PreVoteResponse { .. } => 1,
            Self::RequestVoteRequest { .. } => 2,
            Self::RequestVoteResponse { .. } => 3,
            Self::AppendEntriesRequest { .. } => 4,
            Self::AppendEntriesResponse(Answer::Accepted { .. }) => 5,
            Self::AppendEntriesResponse(Answer::Refused { .. }) => 6,
            Self::InstallSnapshotRequest { .. } => 7,
            Self::InstallSnapshotResponse { .. } => 8,
            Self::TimeoutNow => 9,
        }
    }

    fn encode_fields(&self, out: &mut Vec<u8>) {
        match self {
            Self::PreVoteRequest { last } => last.encode(out),
            Self::PreVoteResponse { granted } | Self::RequestVoteResponse { granted } => {
                granted.encode(out);
            }
            Self::RequestVoteRequest { last, transfer } => {
                last.encode(out);
                transfer.encode(out);
            }
            Self::AppendEntriesRequest {
                prev,
                entries,
                commit_index,
            } => {
                prev.encode(out);
                commit_index.encode(out);
                entries.encode(out);
            }
            Self::AppendEntriesResponse(answer) => answer.encode_fields(out),
            Self::InstallSnapshotRequest {
                last,
                offset,
                data,
                done,
            } => {
                last.encode(out);
                offset.encode(out);
                done.encode(out);
                encode_bytes(data, out);
            }
            Self::InstallSnapshotResponse {
                last_index,
                received,
            } => {
                last_index.encode(out);
                received.encode(out);
            }
            Self::TimeoutNow => {}
        }
    }
}

impl Answer {
    fn encode_fields(&self, out: &mut Vec<u8>) {
        match self {
            Self::Accepted { match_index } => match_index.encode(out),
            Self::Refused { prev_index, hint } => {
                prev_index.encode(out);
                hint.encode(out);
            }
        }
    }
}

impl<C: Decode> Body<C> {
    fn decode_fields(tag: u8, from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match tag {
            0 => Self::PreVoteRequest {
                last: Position::decode(from)?,
            },
            1 => Self::PreVoteResponse {
                granted: bool::decode(from)?,
            },
            2 => Self::RequestVoteRequest {
                last: Position::decode(from)?,
                transfer: bool::decode(from)?,
            },
            3 => Self::RequestVoteResponse {
                granted: bool::decode(from)?,
            },
            4 => Self::AppendEntriesRequest {
                prev: Position::decode(from)?,
                commit_index: u64::decode(from)?,
                entries: Entries::decode(from)?,
            },
            5 => Self::AppendEntriesResponse(Answer::Accepted {
                match_index: u64::decode(from)?,
            }),
            6 => Self::AppendEntriesResponse(Answer::Refused {
                prev_index: u64::decode(from)?,
                hint: Position::decode(from)?,
            }),
            7 => Self::InstallSnapshotRequest {
                last: Position::decode(from)?,
                offset: u64::decode(from)?,
                done: bool::decode(from)?,
                data: decode_bytes(from)?.to_vec(),
            },
            8 => Self::InstallSnapshotResponse {
                last_index: u64::decode(from)?,
                received: u64::decode(from)?,
            },
            9 => Self::TimeoutNow,
            other => return Err(DecodeError::UnknownTag("Message", other)),
        })
    }
}

impl Encode for Ballot {
    fn encode(&self, out: &mut Vec<u8>) {
        self.term.encode(out);
        self.voted_for.encode(out);
        self.boot.encode(out);
    }
}

impl Decode for Ballot {
    const MIN_BYTES: usize = 3;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            term: u64::decode(from)?,
            voted_for: Option::<NodeId>::decode(from)?,
            boot: u64::decode(from)?,
        })
    }
}

impl Encode for Snapshot {
    fn encode(&self, out: &mut Vec<u8>) {
        self.last.encode(out);
        encode_bytes(&self.data, out);
    }
}

impl Decode for Snapshot {
    const MIN_BYTES: usize = 3;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            last: Position::decode(from)?,
            data: Arc::from(decode_bytes(from)?),
        })
    }
}

impl<C: Encode> Encode for Record<C> {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Ballot(ballot) => {
                out.push(0);
                ballot.encode(out);
            }
            Self::Append { after, entries } => {
                out.push(1);
                after.encode(out);
                entries.encode(out);
            }
            Self::Checkpoint {
                ballot,
                snapshot,
                entries,
            } => {
                out.push(2);
                ballot.encode(out);
                snapshot.encode(out);
                entries.encode(out);
            }
        }
    }
}

impl<C: Decode> Decode for Record<C> {
    const MIN_BYTES: usize = 3;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match from.byte()? {
            0 => Self::Ballot(Ballot::decode(from)?),
            1 => Self::Append {
                after: u64::decode(from)?,
                entries: Entries::decode(from)?,
            },
            2 => Self::Checkpoint {
                ballot: Ballot::decode(from)?,
                snapshot: Snapshot::decode(from)?,
                entries: Entries::decode(from)?,
            },
            other => return Err(DecodeError::UnknownTag("Record", other)),
        })
    }
}
