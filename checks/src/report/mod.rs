//! Findings as text: for people, for programs, and as the committed reports.

pub mod cases;
mod concordance;
pub mod cut_short;
pub mod files;
pub mod github;
pub mod human;
pub mod json;
pub mod junit;
pub mod markdown;
mod promises;
pub mod sarif;
pub mod source;
pub mod zoo;
