//! How a key changes hands without losing a write: the `Ring` model's protocol as a core.
//!
//! The log of views (a consensus core, or an operator) gives each epoch its members; the host of each node offers it the views in their order
//! ([`Request::Install`]). A node that loses a range to a view stops serving it at once, sends its data to the new owner ([`Message::Data`]), again whenever
//! [`Timer::Resend`] goes off, and keeps its copy until that one has acknowledged it ([`Message::Got`]). The new owner serves the range once the data has arrived and is durable.
//! A client routes by the view that it knows and says its epoch; by another epoch than the node's own it is refused, and told that one.
//!
//! # Embedding
//!
//! Every node begins with the same first view ([`Config::genesis`]), whether it is a member or not, and takes the later ones one by one: what it does not know it cannot
//! hand over. After [`Notice::Settled`] it takes the next view; offering one early, late or twice is harmless. A node that has left may be switched off after
//! [`Notice::Retired`], which [`Request::Retire`] asks for. [`Request::Checkpoint`] writes the state as one record, so that the host may delete those before.
//!
//! A write is known by its client and the number that the client gave it; per client and key, numbers only grow. A write that was applied is not applied again, but
//! acknowledged again: so a client may repeat a request until it is answered, also to the next owner, since the numbers travel with the data.
//!
//! # Left out
//!
//! How views are agreed on and spread. Copies on several nodes: a node's disk is the only one, and it outlives a crash. Ranges in pieces: a range travels in one message, so its
//! size is chosen by the number of virtual nodes. That data is sent only once its owner has stopped serving it (`RingHandOverStopped`) needs no guard: what is sent is
//! what the installation of a view has set aside.

mod codec;
mod message;
mod node;
mod record;
mod requests;
mod state;
mod transfers;

pub use message::{Ask, Bytes, Message, Notice, Request, Timer, Why};
pub use node::{Config, Node};
pub use record::{Applied, Checkpoint, Entry, Handing, Record};
