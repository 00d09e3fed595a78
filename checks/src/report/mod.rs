//! Findings as text: for people, for programs, and as the committed reports.

pub mod files;
pub mod human;
pub mod json;
mod promises;
