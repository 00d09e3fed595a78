//! That what the fuzz target asserts can fail: codecs that are wrong, each in its own way, are found by a few bytes.

use std::fmt::Debug;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};

use concur_cores::codec::{Decode, DecodeError, Encode, Reader, VERSION};
use concur_cores::ring::View;
use concur_harness::reading::{self, Misread};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Held while memory is counted, so that no other test allocates.
static ALONE: Mutex<()> = Mutex::new(());

fn read<T: Encode + Decode + PartialEq + Debug>(body: &[u8]) -> Result<(), Misread> {
    let _alone = ALONE.lock().expect("no test panics while it holds this");
    let bytes = [&[VERSION], body].concat();
    reading::read::<T>(&bytes, &MEMORY)
}

fn found<T: Encode + Decode + PartialEq + Debug>(body: &[u8]) -> Misread {
    read::<T>(body).expect_err("a wrong codec is found")
}

/// A value of one byte, of which only the lowest bit is kept: 2 is read as 0.
#[derive(Debug, PartialEq)]
struct Lenient(bool);

impl Encode for Lenient {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.0));
    }
}

impl Decode for Lenient {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(from.byte()? & 1 == 1))
    }
}

#[test]
fn a_value_that_is_read_from_two_forms_is_found() {
    assert_eq!(read::<Lenient>(&[1]), Ok(()));
    let written = vec![VERSION, 0];
    let value = "Lenient(false)".to_owned();
    assert_eq!(
        found::<Lenient>(&[2]),
        Misread::OtherForm { value, written }
    );
}

/// A byte string whose last byte is forgotten when it is written.
#[derive(Debug, PartialEq)]
struct Forgetful(Vec<u8>);

impl Encode for Forgetful {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0[..self.0.len().saturating_sub(1)]
            .to_vec()
            .encode(out);
    }
}

impl Decode for Forgetful {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Vec::decode(from).map(Self)
    }
}

#[test]
fn a_value_that_is_not_written_whole_is_found() {
    let written = vec![VERSION, 1, 7];
    let value = "Forgetful([7, 8])".to_owned();
    assert_eq!(
        found::<Forgetful>(&[2, 7, 8]),
        Misread::OtherForm { value, written }
    );
}

/// A value that says how often one was read before: it does not depend on the bytes alone.
#[derive(Debug)]
struct Counting(u8, u8);

static READ: AtomicU8 = AtomicU8::new(0);

impl PartialEq for Counting {
    fn eq(&self, other: &Self) -> bool {
        (self.0, self.1) == (other.0, other.1)
    }
}

impl Encode for Counting {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.0);
    }
}

impl Decode for Counting {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(from.byte()?, READ.fetch_add(1, Ordering::Relaxed)))
    }
}

#[test]
fn a_value_that_is_read_back_as_another_is_found() {
    let (value, back) = ("Counting(9, 0)", "Ok(Counting(9, 1))");
    let (value, back) = (value.to_owned(), back.to_owned());
    assert_eq!(found::<Counting>(&[9]), Misread::OtherValue { value, back });
}

/// A byte string that makes room for whatever length it is told.
#[derive(Debug, PartialEq)]
struct Greedy(Vec<u8>);

impl Encode for Greedy {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
}

impl Decode for Greedy {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let length = u64::decode(from)?;
        let mut bytes = Vec::with_capacity(length as usize);
        bytes.extend_from_slice(from.take(length as usize)?);
        Ok(Self(bytes))
    }
}

#[test]
fn a_length_that_is_believed_is_found() {
    assert_eq!(read::<Greedy>(&[2, 7, 8]), Ok(()));
    let a_mebibyte = 1 << 20;
    let mut body = Vec::new();
    u64::encode(&a_mebibyte, &mut body);
    let Misread::Greedy { taken, allowed } = found::<Greedy>(&body) else {
        panic!("too much memory is what is wrong");
    };
    // The test harness may free a little meanwhile.
    assert!(taken > 1 << 19, "{taken}");
    assert_eq!(allowed, reading::PER_BYTE * 4 + reading::AT_LEAST);
}

#[test]
fn a_codec_that_is_right_is_not_found_fault_with() {
    for body in [
        [0; 9].as_slice(),
        &[1, 0, 1, 1, 1, 1, 0, 0],
        &[],
        &[255; 64],
    ] {
        assert_eq!(read::<View>(body), Ok(()), "{body:?}");
    }
    let view = [VERSION, 1, 0, 1, 1, 1, 1, 0, 0];
    assert!(View::from_bytes(&view).is_ok(), "one of these is a view");
}
