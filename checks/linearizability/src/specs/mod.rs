//! Sequential objects that histories are often about.

mod decision;
mod keyed;
mod log;
mod queue;
mod register;

pub use decision::{Decision, Facts, Outcome, Step, Transaction};
pub use keyed::{At, Keyed};
pub use log::{Log, LogAnswer, LogAsk};
pub use queue::{Queue, QueueAnswer, QueueAsk};
pub use register::{Answer, Ask, Register, Value};
