//! The binary form of messages and records: compact, versioned, written by hand.
//!
//! Each value begins with the version of its form, then a tag where there are variants, then its fields: integers as LEB128, sequences as their length and
//! their elements, maps and sets like sequences in ascending order. [`Decode::decode`] accepts any bytes: it never panics, and never allocates more than a small constant times the bytes that it was given, because a
//! length is believed only as far as bytes are there to fill it.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::fmt;

/// The version that [`Encode::to_bytes`] writes first.
pub const VERSION: u8 = 1;

/// Why bytes are not a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The bytes end before the value does.
    Truncated,
    /// The first byte names a version that this build does not know.
    UnknownVersion(u8),
    /// A tag that stands for no variant of the named type.
    UnknownTag(&'static str, u8),
    /// An integer does not fit, or is not written in the fewest bytes.
    BadInteger,
    /// A length exceeds what the remaining bytes could hold.
    BadLength(u64),
    /// The named field has a value that it may not have.
    BadValue(&'static str),
    /// That many bytes are left over after the value.
    TrailingBytes(usize),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => write!(f, "the bytes end before the value does"),
            Self::UnknownVersion(version) => write!(f, "unknown version {version}"),
            Self::UnknownTag(of, tag) => write!(f, "{tag} is no variant of {of}"),
            Self::BadInteger => write!(f, "an integer is out of range or not in its shortest form"),
            Self::BadLength(length) => write!(f, "length {length} exceeds the bytes that are left"),
            Self::BadValue(field) => write!(f, "{field} has a value that it may not have"),
            Self::TrailingBytes(n) => write!(f, "{n} bytes are left over"),
        }
    }
}

impl core::error::Error for DecodeError {}

/// What has a binary form.
pub trait Encode {
    /// Appends the value, without a version.
    fn encode(&self, out: &mut Vec<u8>);

    /// The value as bytes of its own, the version first.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.push(VERSION);
        self.encode(&mut out);
        out
    }
}

/// What can be read back from its binary form.
pub trait Decode: Sized {
    /// The fewest bytes that a value takes: what bounds the allocation for a sequence of them. At least 1.
    const MIN_BYTES: usize = 1;

    /// Reads a value, without a version.
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// Reads what [`Encode::to_bytes`] wrote: all of it, and nothing more.
    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut from = Reader { bytes };
        match from.byte()? {
            VERSION => {}
            other => return Err(DecodeError::UnknownVersion(other)),
        }
        let value = Self::decode(&mut from)?;
        match from.bytes.len() {
            0 => Ok(value),
            n => Err(DecodeError::TrailingBytes(n)),
        }
    }
}

/// Bytes that are still to be read.
pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads one byte.
    pub fn byte(&mut self) -> Result<u8, DecodeError> {
        let (&first, rest) = self.bytes.split_first().ok_or(DecodeError::Truncated)?;
        self.bytes = rest;
        Ok(first)
    }

    /// Reads `n` bytes.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self
            .bytes
            .split_at_checked(n)
            .ok_or(DecodeError::Truncated)?;
        self.bytes = rest;
        Ok(taken)
    }

    /// Reads a length of a sequence whose elements take at least `each` bytes.
    pub fn length(&mut self, each: usize) -> Result<usize, DecodeError> {
        let length = u64::decode(self)?;
        let most = self.bytes.len() / each.max(1);
        usize::try_from(length)
            .ok()
            .filter(|length| *length <= most)
            .ok_or(DecodeError::BadLength(length))
    }
}

impl Encode for u8 {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }
}

impl Decode for u8 {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        from.byte()
    }
}

impl Encode for u64 {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut rest = *self;
        while rest >= 0x80 {
            out.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        out.push(rest as u8);
    }
}

impl Decode for u64 {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = from.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return Err(DecodeError::BadInteger);
            }
            value |= bits << shift;
            if byte < 0x80 {
                let shortest = byte != 0 || shift == 0;
                return if shortest {
                    Ok(value)
                } else {
                    Err(DecodeError::BadInteger)
                };
            }
        }
        Err(DecodeError::BadInteger)
    }
}

impl Encode for bool {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
}

impl Decode for bool {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match from.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(DecodeError::UnknownTag("bool", other)),
        }
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        self.is_some().encode(out);
        if let Some(value) = self {
            value.encode(out);
        }
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        bool::decode(from)?.then(|| T::decode(from)).transpose()
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        (self.len() as u64).encode(out);
        for element in self {
            element.encode(out);
        }
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let length = from.length(T::MIN_BYTES)?;
        let mut elements = Vec::with_capacity(length);
        for _ in 0..length {
            elements.push(T::decode(from)?);
        }
        Ok(elements)
    }
}

impl<T: Encode> Encode for Box<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        (**self).encode(out);
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        T::decode(from).map(Self::new)
    }
}

impl<K: Encode, V: Encode> Encode for BTreeMap<K, V> {
    fn encode(&self, out: &mut Vec<u8>) {
        (self.len() as u64).encode(out);
        for (key, value) in self {
            key.encode(out);
            value.encode(out);
        }
    }
}

/// One form only: keys ascend.
impl<K: Decode + Ord, V: Decode> Decode for BTreeMap<K, V> {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut map = Self::new();
        for _ in 0..from.length(K::MIN_BYTES + V::MIN_BYTES)? {
            let (key, value) = (K::decode(from)?, V::decode(from)?);
            if map.last_key_value().is_some_and(|(last, _)| *last >= key) {
                return Err(DecodeError::BadValue("the order of a map"));
            }
            map.insert(key, value);
        }
        Ok(map)
    }
}

impl<K: Encode> Encode for BTreeSet<K> {
    fn encode(&self, out: &mut Vec<u8>) {
        (self.len() as u64).encode(out);
        self.iter().for_each(|key| key.encode(out));
    }
}

/// One form only: elements ascend.
impl<K: Decode + Ord> Decode for BTreeSet<K> {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut set = Self::new();
        for _ in 0..from.length(K::MIN_BYTES)? {
            let key = K::decode(from)?;
            if set.last().is_some_and(|last| *last >= key) {
                return Err(DecodeError::BadValue("the order of a set"));
            }
            set.insert(key);
        }
        Ok(set)
    }
}

impl<const N: usize> Encode for [u8; N] {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}

impl<const N: usize> Decode for [u8; N] {
    const MIN_BYTES: usize = if N == 0 { 1 } else { N };

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let bytes = from.take(N)?;
        Ok(bytes.try_into().expect("take gives exactly N bytes"))
    }
}

impl Encode for crate::NodeId {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
}

impl Decode for crate::NodeId {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        u64::decode(from).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;
    use alloc::vec;
    use alloc::vec::Vec;

    use super::{Decode, DecodeError, Encode, VERSION};

    #[test]
    fn an_integer_takes_seven_bits_a_byte() {
        assert_eq!(0_u64.to_bytes(), [VERSION, 0]);
        assert_eq!(300_u64.to_bytes(), [VERSION, 0xac, 0x02]);
        for value in [0, 1, 127, 128, 1 << 35, u64::MAX] {
            assert_eq!(u64::from_bytes(&value.to_bytes()), Ok(value));
        }
    }

    #[test]
    fn an_integer_has_one_form_only() {
        let longer = [VERSION, 0x80, 0x00];
        assert_eq!(u64::from_bytes(&longer), Err(DecodeError::BadInteger));
        let wider = [VERSION, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2];
        assert_eq!(u64::from_bytes(&wider), Err(DecodeError::BadInteger));
    }

    #[test]
    fn a_length_is_believed_only_as_far_as_there_are_bytes() {
        let mut bytes = vec![VERSION];
        (u64::MAX >> 1).encode(&mut bytes);
        assert_eq!(
            Vec::<u8>::from_bytes(&bytes),
            Err(DecodeError::BadLength(u64::MAX >> 1))
        );
    }

    #[test]
    fn a_set_has_one_form_only() {
        let ascending = [VERSION, 2, 1, 2];
        assert_eq!(BTreeSet::<u8>::from_bytes(&ascending), Ok([1, 2].into()));
        for other in [[VERSION, 2, 2, 1], [VERSION, 2, 1, 1]] {
            let refused = Err(DecodeError::BadValue("the order of a set"));
            assert_eq!(BTreeSet::<u8>::from_bytes(&other), refused);
        }
    }

    #[test]
    fn what_is_left_over_is_refused() {
        assert_eq!(
            u8::from_bytes(&[VERSION, 1, 2]),
            Err(DecodeError::TrailingBytes(1))
        );
        assert_eq!(u8::from_bytes(&[9, 1]), Err(DecodeError::UnknownVersion(9)));
        assert_eq!(u8::from_bytes(&[]), Err(DecodeError::Truncated));
    }
}
