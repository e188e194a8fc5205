//! What kubeadm takes for the subnets of services and of pods.

use super::problem::{MIN_ADDRESSES, SubnetProblem};
use super::subnet::Subnet;
use crate::kubeadm::version::{Behaviour, Version};

/// The most bits that may be left for the addresses of services.
const MAX_SERVICE_BITS: u8 = 20;

/// Reads a service subnet as this kubeadm does: one range or two, all its rules applied.
///
/// # Errors
/// What kubeadm's `ValidateIPNetFromString` and `ValidateServiceSubnetSize` refuse.
pub fn service_subnet(
    text: &str,
    version: Version,
    dual_stack_gate: bool,
) -> Result<Vec<Subnet>, SubnetProblem> {
    let subnets = list(text, version, dual_stack_gate)?;
    for subnet in &subnets {
        let minimum = subnet.bits() - MAX_SERVICE_BITS;
        if version.has(Behaviour::ServiceSubnetLimit) && subnet.mask() < minimum {
            return Err(SubnetProblem::TooLarge { minimum });
        }
    }
    Ok(subnets)
}

/// Reads a pod subnet; each node's range must fit into it.
///
/// # Errors
/// What kubeadm's `ValidateIPNetFromString` and `ValidatePodSubnetNodeMask` refuse.
pub fn pod_subnet(
    text: &str,
    version: Version,
    dual_stack_gate: bool,
    node_mask: impl Fn(bool) -> Option<u8>,
) -> Result<Vec<Subnet>, SubnetProblem> {
    let subnets = list(text, version, dual_stack_gate)?;
    if version.has(Behaviour::PodSubnetNodeMask) {
        for subnet in &subnets {
            let Some(node) = node_mask(subnet.is_v4()) else {
                continue;
            };
            if subnet.mask() > node {
                return Err(SubnetProblem::SmallerThanNode { node });
            }
            if node - subnet.mask() > 16 {
                return Err(SubnetProblem::TooManyNodes { node });
            }
        }
    }
    Ok(subnets)
}

fn list(text: &str, version: Version, gate: bool) -> Result<Vec<Subnet>, SubnetProblem> {
    let zeros = version.has(Behaviour::LeadingZeros);
    let single =
        version.has(Behaviour::SingleSubnet) || (version.has(Behaviour::DualStackByGate) && !gate);
    let parts: Vec<&str> = text.split(',').collect();
    let subnets = parts
        .iter()
        .map(|part| Subnet::parse(part, zeros))
        .collect::<Result<Vec<_>, _>>()?;
    match subnets.as_slice() {
        [_] => {}
        [a, b] if !single && a.is_v4() != b.is_v4() => {}
        _ if single => return Err(SubnetProblem::OnlyOne),
        _ => return Err(SubnetProblem::NotDual),
    }
    for subnet in &subnets {
        let huge = subnet.mask() <= 1 && version.has(Behaviour::HugeSubnetIsEmpty);
        let addresses = if huge { 0 } else { subnet.addresses() };
        if addresses < MIN_ADDRESSES {
            return Err(SubnetProblem::TooSmall { addresses });
        }
    }
    Ok(subnets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_release_has_its_rules() {
        let at = |minor, text, gate| {
            service_subnet(text, Version::new(minor).unwrap(), gate).map(|list| list.len())
        };
        let dual = "10.96.0.0/16,fd00:10:96::/112";
        assert_eq!(at(12, dual, false), Err(SubnetProblem::OnlyOne));
        assert_eq!(at(20, dual, false), Err(SubnetProblem::OnlyOne));
        assert_eq!(at(20, dual, true), Ok(2));
        assert_eq!(at(31, dual, false), Ok(2));
        assert_eq!(
            at(31, "10.96.0.0/16,10.97.0.0/16", false),
            Err(SubnetProblem::NotDual)
        );
        assert_eq!(at(12, "10.0.0.0/8", false), Ok(1));
        assert_eq!(
            at(20, "10.0.0.0/8", false),
            Err(SubnetProblem::TooLarge { minimum: 12 })
        );
        assert_eq!(
            at(36, "fd00::/107", false),
            Err(SubnetProblem::TooLarge { minimum: 108 })
        );
        assert_eq!(
            at(36, "192.168.0.0/29", false),
            Err(SubnetProblem::TooSmall { addresses: 8 })
        );
        assert_eq!(at(36, "192.168.0.0/28", false), Ok(1));
        assert_eq!(
            at(11, "0.0.0.0/1", false),
            Err(SubnetProblem::TooSmall { addresses: 0 })
        );
        assert_eq!(
            at(36, "10.96.0.0/16, fd00::/112", false),
            Err(SubnetProblem::Blank)
        );
    }

    #[test]
    fn a_pod_subnet_holds_its_nodes() {
        let at = |text| {
            let mask = |v4| Some(if v4 { 24 } else { 64 });
            pod_subnet(text, Version::NEWEST, false, mask).map(|list| list.len())
        };
        assert_eq!(at("10.244.0.0/16"), Ok(1));
        assert_eq!(
            at("10.244.0.0/25"),
            Err(SubnetProblem::SmallerThanNode { node: 24 })
        );
        assert_eq!(
            at("10.0.0.0/7"),
            Err(SubnetProblem::TooManyNodes { node: 24 })
        );
        assert_eq!(
            at("fd00::/32"),
            Err(SubnetProblem::TooManyNodes { node: 64 })
        );
    }
}
