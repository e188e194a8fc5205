//! Who the node is and which runtime it has: from the command line, the file or the host.

use super::cri;
use super::error::Error;
use super::model::{Cluster, NodeRegistration, Text};
use super::read::command_line;
use super::request::Request;
use super::validate;
use super::version::Behaviour;
use super::warning::Warning;

/// The host's name and the node's.
pub(super) fn names(
    request: &Request<'_>,
    node: Option<&NodeRegistration>,
) -> Result<(String, String), Error> {
    let hostname = request.host.hostname.trim().to_lowercase();
    let line = command_line();
    if let Some(name) = &request.overrides.node_name {
        let lowered = request.version.has(Behaviour::FlagNameLowered);
        let name = if lowered {
            name.trim().to_lowercase()
        } else {
            name.clone()
        };
        return Ok((hostname, name));
    }
    if let Some(name) = node.and_then(|n| n.name.clone()) {
        return Ok((hostname, name));
    }
    if hostname.is_empty() {
        return Err(Error::NoHostname);
    }
    // On join nobody checks the host's name either; the kubelet will.
    let name = validate::node_name(&hostname)
        .map_err(|problem| Text::option("--hostname", &hostname, &line).error(problem))?;
    Ok((hostname, name))
}

/// The container runtime's socket: typed, written in the file, or found.
pub(super) fn socket(
    request: &Request<'_>,
    node: Option<&NodeRegistration>,
    warnings: &mut Vec<Warning>,
) -> Result<String, Error> {
    if let Some(socket) = &request.overrides.cri_socket {
        let line = command_line();
        return validate::cri_socket(
            &Text::option("--cri-socket", socket, &line),
            request.version,
            warnings,
        );
    }
    match node.and_then(|n| n.cri_socket.clone()) {
        Some(socket) => Ok(socket),
        None => cri::detect(request.version, request.host),
    }
}

/// Warns where the DNS address is not the one that the written subnet suggests.
pub(super) fn host_bits(cluster: &Cluster, warnings: &mut Vec<Warning>) {
    let Some(subnet) = cluster
        .service_subnets
        .first()
        .filter(|s| s.has_host_bits())
    else {
        return;
    };
    let written = cluster
        .service_subnet_text
        .split(',')
        .next()
        .unwrap_or_default();
    warnings.push(Warning::HostBits {
        written: written.to_owned(),
        subnet: subnet.to_string(),
        dns: subnet.dns_address(),
        meant: subnet.meant().map(|s| (s.to_string(), s.dns_address())),
    });
}
