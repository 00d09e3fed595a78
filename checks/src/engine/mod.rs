//! The engines that explore models.
pub mod naive;

/// The name under which a step that the rung above does not allow is reported.
pub const REFINEMENT: &str = "Refinement";
