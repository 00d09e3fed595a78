//! How we know: the engines, the methods that use them, and the list of all checks.
//!
//! [`engine`] explores any model. [`methods`] turn explorations into findings. [`registry`] lists every rung, [`temporal`] every model whose promises are judged; selectors, help,
//! reports and documents derive from it. [`verdict`] says what was found, and never says more.

pub use concur_engine as engine;

pub mod clusters;
pub mod conformance;
pub mod family;
pub mod methods;
mod promises;
pub mod registry;
pub mod report;
pub mod selector;
pub mod side_by_side;
pub mod since;
pub mod suite;
pub mod temporal;
pub mod trace;
pub mod verdict;
pub mod zoo;

/// Clusters of cores, exact states and stateright's own searches allocate at every step.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
