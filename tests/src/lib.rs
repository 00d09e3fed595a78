//! The suite on itself: what its tests share.
