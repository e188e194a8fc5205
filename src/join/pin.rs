//! The public key of a CA, by its hash: what `caCertHashes` pins.

use std::fmt::Write as _;

use rustls::pki_types::CertificateDer;
use ureq::tls::Certificate;

use super::roots::certificates;

/// SHA-256 over a certificate's `SubjectPublicKeyInfo` (RFC 5280), which does not change when a CA is renewed with its
/// key; `None` for what is not a certificate.
pub fn public_key_hash(der: &[u8]) -> Option<[u8; 32]> {
    let der = CertificateDer::from(der);
    let certificate = webpki::EndEntityCert::try_from(&der).ok()?;
    Some(hmac_sha256::Hash::hash(
        certificate.subject_public_key_info().as_ref(),
    ))
}

/// A hash as `caCertHashes` has it.
pub fn shown(hash: &[u8; 32]) -> String {
    let mut text = "sha256:".to_owned();
    for byte in hash {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The hashes of all certificates in a PEM text.
pub fn hashes(pem: &[u8]) -> Vec<[u8; 32]> {
    let hash = |certificate: &Certificate<'_>| public_key_hash(certificate.der());
    certificates(pem).iter().filter_map(hash).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_one_that_kubeadm_prints() {
        let pem = include_bytes!("../../fixtures/discovery/ca.crt");
        let known = include_str!("../../fixtures/discovery/ca-pin-sha256");
        let found: Vec<_> = hashes(pem).iter().map(shown).collect();
        assert_eq!(found, [format!("sha256:{}", known.trim())]);
    }
}
