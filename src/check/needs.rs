//! What a kubelet needs to be there when it starts, and ends without: its client CA and its container runtime.
//! What it has of its cluster is looked at in [`joined`](super::joined).
//!
//! A kubelet that joins writes its kubeconfig before it looks for either, so that the kubeconfig alone does not
//! mean that it runs (measured, 1.36.3).

use super::finding::{Finding, Level, Rule};
use super::joined::{is_joined, level};
use super::settings::{Files, Settings};
use crate::host::{Listening, knock};
use crate::root::{Kind, RootError};

/// The most that is read of a CA, in bytes.
const LIMIT: usize = 1024 * 1024;

/// What begins a certificate (RFC 7468, section 5.1).
const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// What is missing of what a kubelet with these settings needs. Whether somebody listens at a socket is looked at
/// on the machine itself alone: nothing runs in another tree.
///
/// # Errors
/// The tree cannot be read.
pub fn needs(settings: &Settings, files: &Files<'_>) -> Result<Vec<Finding>, RootError> {
    let mut findings = Vec::new();
    findings.extend(client_ca(settings, files)?);
    findings.extend(runtime_socket(settings, files)?);
    Ok(findings)
}

fn client_ca(settings: &Settings, files: &Files<'_>) -> Result<Option<Finding>, RootError> {
    let set = settings.get("authentication.x509.clientCAFile");
    let Some(set) = set.filter(|set| !set.text.is_empty()) else {
        return Ok(None);
    };
    let path = set.file();
    let what = match files.read(&path, LIMIT) {
        Ok(None) => "which is missing",
        Err(error) if error.is_not_found() => "which is missing",
        Ok(Some(text)) if !contains(&text, CERTIFICATE) => "which holds no certificate",
        Ok(Some(_)) => return Ok(None),
        Err(RootError::NotAFile { .. }) => "which is not a file",
        Err(error) => return Err(error),
    };
    let level = match files.root.is_machine() {
        true => Level::Error,
        // What a tree is made for may be to join later, and then it comes.
        false => level(files, is_joined(settings, files)?),
    };
    let message = format!("`{}` names `{path}`, {what}: the kubelet exits", set.name);
    let hint = "`kubelet-unit kubeadm kubelet-start --join` writes it for a node that joins, `kubeadm init phase certs ca` for one that makes a cluster";
    Ok(Some(
        set.finding(files, Rule::ClientCa, level, message)
            .hint(hint),
    ))
}

fn runtime_socket(settings: &Settings, files: &Files<'_>) -> Result<Option<Finding>, RootError> {
    if !files.root.is_machine() {
        return Ok(None);
    }
    let Some(set) = settings.get("containerRuntimeEndpoint") else {
        return Ok(None);
    };
    let path = set.text.strip_prefix("unix://").unwrap_or(&set.text);
    // Another scheme is of Windows, or a socket of the network.
    if !path.starts_with('/') {
        return Ok(None);
    }
    let what = match files.root.target(path)?.map(|status| status.kind) {
        None => "which is missing",
        Some(Kind::Socket) if knock(path.as_ref()) == Listening::No => "where nothing listens",
        Some(Kind::Socket) => return Ok(None),
        Some(_) => "which is not a socket",
    };
    let message = format!(
        "`{}` names `{path}`, {what}: the kubelet exits until the container runtime is there",
        set.name
    );
    let finding = set.finding(files, Rule::RuntimeSocket, Level::Warning, message);
    Ok(Some(finding.hint(
        "start the container runtime; `kubelet-unit detect` shows the sockets that are there",
    )))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
