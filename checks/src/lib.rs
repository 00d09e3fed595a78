//! How we know.
pub mod engine;
