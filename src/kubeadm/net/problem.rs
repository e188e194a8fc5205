//! What can be wrong with a subnet.

use thiserror::Error;

/// The fewest addresses of a service subnet: the DNS service takes the tenth.
pub const MIN_ADDRESSES: u128 = 10;

/// What is wrong with a subnet.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SubnetProblem {
    /// Not `address/bits`.
    #[error("this is not a valid subnet")]
    NoSubnet,
    /// A blank beside the comma or at an end.
    #[error("this is not a valid subnet, because of a blank")]
    Blank,
    /// More subnets than this kubeadm takes.
    #[error("only one subnet is taken here")]
    OnlyOne,
    /// Neither one subnet, nor two of both families.
    #[error("either one subnet, or one of IPv4 and one of IPv6")]
    NotDual,
    /// Fewer addresses than [`MIN_ADDRESSES`].
    #[error("{addresses} addresses are too few, {MIN_ADDRESSES} are needed")]
    TooSmall {
        /// How many there are.
        addresses: u128,
    },
    /// More addresses than kube-apiserver can hand out.
    #[error("too large: the mask must be /{minimum} or longer")]
    TooLarge {
        /// The shortest mask that is taken.
        minimum: u8,
    },
    /// The pod subnet is smaller than what a single node gets.
    #[error("smaller than the /{node} that each node gets")]
    SmallerThanNode {
        /// The mask of a node's range.
        node: u8,
    },
    /// The pod subnet has room for more nodes than the controller manager can count.
    #[error("more than 16 bits between this mask and the /{node} that each node gets")]
    TooManyNodes {
        /// The mask of a node's range.
        node: u8,
    },
}

impl SubnetProblem {
    pub(in crate::kubeadm) fn hint(&self) -> Option<String> {
        let text = match self {
            SubnetProblem::NoSubnet => "for example `10.96.0.0/12` or `fd00:10:96::/112`",
            SubnetProblem::Blank => {
                "write no blank after the comma: `10.96.0.0/16,fd00:10:96::/112`"
            }
            SubnetProblem::OnlyOne => {
                "kubeadm takes two from 1.21 on, and with the gate `IPv6DualStack` from 1.16 on"
            }
            SubnetProblem::NotDual => "for example `10.96.0.0/16,fd00:10:96::/112`",
            SubnetProblem::TooSmall { .. } => "a /28 of IPv4 or a /124 of IPv6 is the smallest",
            _ => return None,
        };
        Some(text.to_owned())
    }
}
