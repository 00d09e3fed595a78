//! The binary form of messages and records: fields in order, a tag before the fields of a variant.

use alloc::vec::Vec;

use super::{
    Ballot, Branch, Cast, Entry, Image, Instances, Message, Outcome, Plan, Record, Resolved,
    TransactionId, Value, Vote,
};
use crate::codec::{Decode, DecodeError, Encode, Reader};

/// The binary form of a struct: its fields, in the order given.
macro_rules! form_of_struct {
    ($Type:ident, at least $bytes:literal: $($field:ident),+) => {
        impl Encode for $Type {
            fn encode(&self, out: &mut Vec<u8>) {
                $( self.$field.encode(out); )+
            }
        }

        impl Decode for $Type {
            const MIN_BYTES: usize = $bytes;

            fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
                $( let $field = Decode::decode(from)?; )+
                Ok(Self { $($field),+ })
            }
        }
    };
}

/// The binary form of an enum: its tag, then the fields of the variant, in the order given.
macro_rules! form_of_enum {
    ($Type:ident: $( $tag:literal $Variant:ident $(($($part:ident),+))? $({$($field:ident),+})? ;)+) => {
        impl Encode for $Type {
            fn encode(&self, out: &mut Vec<u8>) {
                match self {
                    $( Self::$Variant $(($($part),+))? $({$($field),+})? => {
                        out.push($tag);
                        $( $( $part.encode(out); )+ )?
                        $( $( $field.encode(out); )+ )?
                    } )+
                }
            }
        }

        impl Decode for $Type {
            fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
                match from.byte()? {
                    $( $tag => {
                        $( $( let $part = Decode::decode(from)?; )+ )?
                        $( $( let $field = Decode::decode(from)?; )+ )?
                        Ok(Self::$Variant $(($($part),+))? $({$($field),+})?)
                    } )+
                    tag => Err(DecodeError::UnknownTag(stringify!($Type), tag)),
                }
            }
        }
    };
}

form_of_struct!(TransactionId, at least 3: coordinator, incarnation, number);
form_of_struct!(Branch, at least 2: site, incarnation);
form_of_struct!(Plan, at least 2: participants, acceptors);
form_of_struct!(Ballot, at least 3: round, leader, incarnation);
form_of_struct!(Cast, at least 4: ballot, value);
form_of_struct!(Instances, at least 6: plan, promised, votes);
form_of_struct!(Resolved, at least 4: plan, took, decided);
form_of_struct!(Image, at least 4: incarnation, commits, entries, accepted);

form_of_enum!(Outcome: 0 Commit; 1 Abort;);
form_of_enum!(Vote: 0 Yes; 1 Read; 2 No;);
form_of_enum!(Value: 0 Prepared; 1 Aborted;);
form_of_enum!(Entry: 0 Prepared(plan); 1 OnePhase; 2 Resolved(resolved););

form_of_enum!(Message:
    0 Prepare { transaction, plan, floor };
    1 PrepareOnePhase { transaction, incarnation, floor };
    2 Vote { transaction, vote };
    3 Decision { transaction, outcome, acknowledge };
    4 Ack { transaction, mismatch };
    5 Inquiry { transaction, incarnation };
    6 Forgotten { transaction };
    7 Uncertain { transaction };
    8 OnePhaseDone { transaction, outcome };
    9 OnePhaseAck { transaction };
    10 Phase1a { transaction, plan, ballot };
    11 Phase1b { transaction, ballot, votes };
    12 Phase2a { transaction, plan, ballot, values };
    13 Phase2b { transaction, ballot, values };
    14 Outvoted { transaction, promised };
    15 Forget { transaction };
);

form_of_enum!(Record:
    0 Incarnation(n);
    1 Commit(transaction, sites);
    2 End(transaction);
    3 Prepared(transaction, plan);
    4 Committed(transaction);
    5 Aborted(transaction);
    6 OnePhase(transaction);
    7 Resolved(transaction, resolved);
    8 Forgotten(transaction);
    9 Accepted(transaction, instances);
    10 Released(transaction);
    11 Checkpoint(image);
);
