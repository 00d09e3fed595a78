//! The ring of the current view, for threads that look keys up while another installs the next view.

use concur_cores::ring::{Ring, View};

use crate::sync::{Loaded, Mutex, Swap};

/// A view was offered that is not newer than the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the view of epoch {offered} was offered in epoch {current}")]
pub struct StaleView {
    /// The epoch of the view that was offered.
    pub offered: u64,
    /// The epoch of the current one.
    pub current: u64,
}

/// The ring of the current view.
///
/// View, points and owners are replaced in one store: a reader sees those of one epoch, and never an epoch older than one that it has seen.
#[derive(Debug)]
pub struct Membership {
    current: Swap<Ring>,
    /// Held from looking at the current view to storing the next one: of two writers one would otherwise undo what the other did.
    writer: Mutex<()>,
}

impl Membership {
    /// The ring of a first view.
    pub fn new(view: View) -> Self {
        Self {
            current: Swap::new(Ring::new(view)),
            writer: Mutex::new(()),
        }
    }

    /// The current ring. It stays what it is for as long as it is held, so several lookups on it agree.
    #[inline]
    pub fn load(&self) -> Loaded<Ring> {
        self.current.load()
    }

    /// Installs a view that is newer than the current one; views may be skipped. Readers go on meanwhile.
    pub fn install(&self, view: View) -> Result<(), StaleView> {
        // Nothing is behind this lock that a panic could have left halfway.
        let _writer = self
            .writer
            .lock()
            .unwrap_or_else(|poison| poison.into_inner());
        let ring = self.current.load();
        newer(&view, ring.epoch())?;
        self.current.store(ring.follow(view));
        Ok(())
    }
}

/// Whether a view is newer than that epoch.
pub(crate) fn newer(view: &View, current: u64) -> Result<(), StaleView> {
    let offered = view.epoch();
    if offered > current {
        Ok(())
    } else {
        Err(StaleView { offered, current })
    }
}
