//! The binary form of messages and records.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::{Applied, Bytes, Checkpoint, Entry, Handing, Message, Record};
use crate::NodeId;
use crate::codec::{Decode, DecodeError, Encode, Reader};
use crate::ring::{KeyRange, View};

impl Encode for Bytes {
    fn encode(&self, out: &mut Vec<u8>) {
        (self.0.len() as u64).encode(out);
        out.extend_from_slice(&self.0);
    }
}

impl Decode for Bytes {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let length = from.length(1)?;
        Ok(Self(from.take(length)?.to_vec()))
    }
}

/// Two values, one behind the other.
fn encode_pair(first: &impl Encode, second: &impl Encode, out: &mut Vec<u8>) {
    first.encode(out);
    second.encode(out);
}

fn encode_map<K: Encode, V: Encode>(map: &BTreeMap<K, V>, out: &mut Vec<u8>) {
    (map.len() as u64).encode(out);
    map.iter()
        .for_each(|(key, value)| encode_pair(key, value, out));
}

/// Keys that do not ascend are refused, so that a map has one form only.
fn decode_map<K: Decode + Ord, V: Decode>(
    from: &mut Reader<'_>,
) -> Result<BTreeMap<K, V>, DecodeError> {
    let length = from.length(K::MIN_BYTES + V::MIN_BYTES)?;
    let mut map = BTreeMap::new();
    for _ in 0..length {
        let (key, value) = (K::decode(from)?, V::decode(from)?);
        if map.last_key_value().is_some_and(|(last, _)| *last >= key) {
            return Err(DecodeError::BadValue("the order of a map"));
        }
        map.insert(key, value);
    }
    Ok(map)
}

fn encode_entries(entries: &[(Bytes, Entry)], out: &mut Vec<u8>) {
    (entries.len() as u64).encode(out);
    for (key, entry) in entries {
        encode_pair(key, entry, out);
    }
}

fn decode_entries(from: &mut Reader<'_>) -> Result<Vec<(Bytes, Entry)>, DecodeError> {
    let length = from.length(Bytes::MIN_BYTES + Entry::MIN_BYTES)?;
    (0..length)
        .map(|_| Ok((Bytes::decode(from)?, Entry::decode(from)?)))
        .collect()
}

impl Encode for Applied {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_pair(&self.sequence, &self.version, out);
    }
}

impl Decode for Applied {
    const MIN_BYTES: usize = 2;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            sequence: u64::decode(from)?,
            version: u64::decode(from)?,
        })
    }
}

impl Encode for Entry {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_pair(&self.version, &self.value, out);
        encode_map(&self.applied, out);
    }
}

impl Decode for Entry {
    const MIN_BYTES: usize = 3;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            version: u64::decode(from)?,
            value: Bytes::decode(from)?,
            applied: decode_map(from)?,
        })
    }
}

impl Encode for Handing {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_pair(&self.epoch, &self.to, out);
        encode_entries(&self.entries, out);
    }
}

impl Decode for Handing {
    const MIN_BYTES: usize = 3;

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            epoch: u64::decode(from)?,
            to: NodeId::decode(from)?,
            entries: decode_entries(from)?,
        })
    }
}

impl Encode for Checkpoint {
    fn encode(&self, out: &mut Vec<u8>) {
        self.view.encode(out);
        encode_entries(&self.entries, out);
        encode_map(&self.awaited, out);
        let arrived: Vec<KeyRange> = self.arrived.iter().copied().collect();
        arrived.encode(out);
        encode_map(&self.handing, out);
    }
}

impl Decode for Checkpoint {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let view = View::decode(from)?;
        let entries = decode_entries(from)?;
        let awaited = decode_map(from)?;
        let arrived = Vec::<KeyRange>::decode(from)?;
        if !arrived.is_sorted_by(|a, b| a < b) {
            return Err(DecodeError::BadValue("the order of a set"));
        }
        Ok(Self {
            view,
            entries,
            awaited,
            arrived: BTreeSet::from_iter(arrived),
            handing: decode_map(from)?,
        })
    }
}

impl Encode for Message {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Data {
                epoch,
                range,
                entries,
            } => {
                out.push(0);
                encode_pair(epoch, range, out);
                encode_entries(entries, out);
            }
            Self::Got { epoch, range } => {
                out.push(1);
                encode_pair(epoch, range, out);
            }
        }
    }
}

impl Decode for Message {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let tag = from.byte()?;
        if tag > 1 {
            return Err(DecodeError::UnknownTag("Message", tag));
        }
        let (epoch, range) = (u64::decode(from)?, KeyRange::decode(from)?);
        Ok(match tag {
            0 => Self::Data {
                epoch,
                range,
                entries: decode_entries(from)?,
            },
            _ => Self::Got { epoch, range },
        })
    }
}

impl Encode for Record {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Installed(view) => {
                out.push(0);
                view.encode(out);
            }
            Self::Stored(key, entry) => {
                out.push(1);
                encode_pair(key, entry, out);
            }
            Self::Arrived(range, entries) => {
                out.push(2);
                range.encode(out);
                encode_entries(entries, out);
            }
            Self::Deleted(range) => {
                out.push(3);
                range.encode(out);
            }
            Self::Retired => out.push(4),
            Self::Checkpoint(all) => {
                out.push(5);
                all.encode(out);
            }
        }
    }
}

impl Decode for Record {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match from.byte()? {
            0 => Self::Installed(View::decode(from)?),
            1 => Self::Stored(Bytes::decode(from)?, Entry::decode(from)?),
            2 => Self::Arrived(KeyRange::decode(from)?, decode_entries(from)?),
            3 => Self::Deleted(KeyRange::decode(from)?),
            4 => Self::Retired,
            5 => Self::Checkpoint(Box::new(Checkpoint::decode(from)?)),
            other => return Err(DecodeError::UnknownTag("Record", other)),
        })
    }
}
