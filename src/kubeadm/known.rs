//! Which releases of kubeadm are known.

use std::ops::RangeInclusive;

use crate::kubelet::takes::NEWEST;

/// The first and the last minor release of Kubernetes 1 that are known.
#[expect(
    clippy::cast_possible_truncation,
    reason = "no release has a larger number"
)]
pub const KNOWN: RangeInclusive<u8> = 11..=NEWEST as u8;
/// The minor releases whose kubeadm was run and compared.
pub const PROVEN: [u8; 6] = [11, 12, 20, 31, 34, 36];
pub(super) const LAST: u8 = *KNOWN.end();
