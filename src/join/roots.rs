//! The machine's certificate authorities, for a discovery file at an https URL.

use std::env;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use ureq::tls::{Certificate, PemItem, parse_pem};

/// Where distributions keep them in one file; the first that is there counts (Go, `crypto/x509/root_linux.go`).
const FILES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
/// Where they are one by one.
const FOLDERS: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

/// The most that is read of a file.
const LIMIT: u64 = 4 * 1024 * 1024;

/// The certificates of a PEM text; what else is in it is left out.
pub(super) fn certificates(pem: &[u8]) -> Vec<Certificate<'static>> {
    let certificate = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    };
    parse_pem(pem).filter_map(certificate).collect()
}

/// What this machine trusts. `SSL_CERT_FILE` and `SSL_CERT_DIR` name other places, as they do for Go.
pub(super) fn of_this_machine() -> Vec<Certificate<'static>> {
    let named = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    let files = match named("SSL_CERT_FILE") {
        Some(file) => vec![PathBuf::from(file)],
        None => FILES.iter().map(PathBuf::from).collect(),
    };
    let in_file = |path: &PathBuf| Some(certificates(&read(path)?)).filter(|it| !it.is_empty());
    let from_file = files.iter().find_map(in_file);
    let folders: Vec<PathBuf> = match named("SSL_CERT_DIR") {
        Some(folders) => env::split_paths(&folders).collect(),
        None if from_file.is_some() => Vec::new(),
        None => FOLDERS.iter().map(PathBuf::from).collect(),
    };
    let mut found = from_file.unwrap_or_default();
    for folder in folders {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        found.extend(entries.filter_map(|entry| in_file(&entry.path())).flatten());
    }
    found
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    let file = File::open(path).ok()?;
    file.take(LIMIT).read_to_end(&mut content).ok()?;
    Some(content)
}
