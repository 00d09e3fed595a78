//! Bytes from anywhere, read as a value: what must hold, whatever the type.

use std::fmt::{self, Debug, Display};

use concur_cores::codec::{Decode, Encode};
use peak_alloc::PeakAlloc;

/// How many bytes of memory a byte that is read may take.
pub const PER_BYTE: usize = 64;

/// How many bytes of memory may be taken whatever the number of bytes: a map of one entry has room for eleven.
pub const AT_LEAST: usize = 4_096;

/// What is wrong with how a type is read. Values are told as `Debug` tells them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misread {
    /// Reading took more memory than [`PER_BYTE`] and [`AT_LEAST`] allow.
    Greedy {
        /// The bytes that were in use at once, at most.
        taken: usize,
        /// The bytes that were allowed.
        allowed: usize,
    },
    /// A value was read from bytes that it is not written as: it has two forms.
    OtherForm {
        /// What was read.
        value: String,
        /// What it is written as.
        written: Vec<u8>,
    },
    /// What the value is written as is read as something else.
    OtherValue {
        /// What was read first.
        value: String,
        /// What was read back.
        back: String,
    },
}

impl Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Greedy { taken, allowed } => {
                write!(f, "{taken} bytes of memory, where {allowed} are allowed")
            }
            Self::OtherForm { value, written } => write!(f, "{value} is written as {written:?}"),
            Self::OtherValue { value, back } => write!(f, "{value} is read back as {back}"),
        }
    }
}

impl std::error::Error for Misread {}

/// Reads the bytes as a `T`: either they are refused, or they are the one form of an equal value; and neither takes much more memory than there are bytes.
///
/// `memory` must be the global allocator of the program, and nothing else may allocate meanwhile.
pub fn read<T>(bytes: &[u8], memory: &PeakAlloc) -> Result<(), Misread>
where
    T: Encode + Decode + PartialEq + Debug,
{
    let before = memory.current_usage();
    memory.reset_peak_usage();
    let value = T::from_bytes(bytes);
    let taken = memory.peak_usage().saturating_sub(before);

    let allowed = PER_BYTE * bytes.len() + AT_LEAST;
    if taken > allowed {
        return Err(Misread::Greedy { taken, allowed });
    }
    value.map_or(Ok(()), |value| is_form_of(bytes, &value))
}

fn is_form_of<T>(bytes: &[u8], value: &T) -> Result<(), Misread>
where
    T: Encode + Decode + PartialEq + Debug,
{
    let written = value.to_bytes();
    if written != bytes {
        let value = format!("{value:?}");
        return Err(Misread::OtherForm { value, written });
    }
    match T::from_bytes(&written) {
        Ok(back) if back == *value => Ok(()),
        other => Err(Misread::OtherValue {
            value: format!("{value:?}"),
            back: format!("{other:?}"),
        }),
    }
}
