//! Which releases of kubeadm are known.

use std::ops::RangeInclusive;

/// The first and the last minor release of Kubernetes 1 that are known.
pub const KNOWN: RangeInclusive<u8> = 11..=37;
/// The minor releases whose kubeadm was run and compared.
pub const PROVEN: [u8; 6] = [11, 12, 20, 31, 34, 36];
pub(super) const LAST: u8 = *KNOWN.end();
