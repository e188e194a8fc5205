//! An address range, and arithmetic in it.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::problem::{MIN_ADDRESSES, SubnetProblem};

/// Which address of the service subnet the cluster's DNS gets.
const DNS_INDEX: u128 = 10;

/// An address range: what Go's `net.ParseCIDR` returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// The address that was written, as a number.
    written: u128,
    /// The first address.
    first: u128,
    /// Length of the mask, of `bits`.
    mask: u8,
    /// 32, or 128 (an IPv4-mapped IPv6 range has 128 too).
    bits: u8,
    v4: bool,
}

impl Subnet {
    /// Reads `10.96.0.0/12` or `fd00::/112`.
    ///
    /// # Errors
    /// [`SubnetProblem::NoSubnet`], or [`SubnetProblem::Blank`] where only a blank is wrong.
    pub fn parse(text: &str, leading_zeros: bool) -> Result<Subnet, SubnetProblem> {
        Self::read(text, leading_zeros).ok_or_else(|| {
            let trimmed = text.trim();
            if trimmed != text && Self::read(trimmed, leading_zeros).is_some() {
                SubnetProblem::Blank
            } else {
                SubnetProblem::NoSubnet
            }
        })
    }

    fn read(text: &str, leading_zeros: bool) -> Option<Subnet> {
        let (address, mask) = text.split_once('/')?;
        if mask.is_empty() || mask.len() > 3 || !mask.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mask: u8 = mask.parse().ok()?;
        let (written, bits) = if address.contains(':') {
            (u128::from(address.parse::<Ipv6Addr>().ok()?), 128)
        } else {
            (u128::from(u32::from(ipv4(address, leading_zeros)?)), 32)
        };
        if mask > bits {
            return None;
        }
        let first = match bits - mask {
            128 => 0,
            host => written >> host << host,
        };
        Some(Subnet {
            written,
            first,
            mask,
            bits,
            v4: bits == 32 || Ipv6Addr::from(first).to_ipv4_mapped().is_some(),
        })
    }

    /// Whether it is a range of IPv4; Go counts IPv4-mapped IPv6 as one.
    pub fn is_v4(&self) -> bool {
        self.v4
    }

    /// How many bits number its addresses.
    pub fn host_bits(&self) -> u8 {
        self.bits - self.mask
    }

    /// How many addresses it has; the largest number for those beyond counting.
    pub fn addresses(&self) -> u128 {
        1_u128
            .checked_shl(self.host_bits().into())
            .unwrap_or(u128::MAX)
    }

    /// How long its addresses are: 32 or 128.
    pub fn bits(&self) -> u8 {
        self.bits
    }

    /// The length of its mask.
    pub fn mask(&self) -> u8 {
        self.mask
    }

    /// Whether the written address is not the first: `10.95.0.0/12` is 10.80.0.0/12.
    pub fn has_host_bits(&self) -> bool {
        self.written != self.first
    }

    /// The address with this number, counted from the first as 0.
    pub fn address(&self, index: u128) -> String {
        self.show(self.first.wrapping_add(index))
    }

    /// Whether its first byte is zero, as that of `64:ff9b::/112` is.
    pub fn starts_with_zero(&self) -> bool {
        let bits = if self.v4 { 32 } else { self.bits };
        (self.first >> (bits - 8)).trailing_zeros() >= 8
    }

    fn show(&self, address: u128) -> String {
        if self.bits == 32 {
            let low = u32::try_from(address & u128::from(u32::MAX)).unwrap_or_default();
            return Ipv4Addr::from(low).to_string();
        }
        let address = Ipv6Addr::from(address);
        match address.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => address.to_string(),
        }
    }

    /// The cluster DNS's address: the tenth after the first.
    pub fn dns_address(&self) -> String {
        self.address(DNS_INDEX)
    }

    /// The longest mask with which the written address is the first of its range, if the written one is not.
    pub fn meant(&self) -> Option<Subnet> {
        let tail = u8::try_from(self.written.trailing_zeros())
            .unwrap_or(0)
            .min(self.bits);
        let whole = if self.bits == 32 { 8 } else { 16 };
        let host = (tail / whole * whole).min(self.bits);
        (self.has_host_bits() && (1_u128 << host.min(127)) >= MIN_ADDRESSES).then_some(Subnet {
            first: self.written,
            mask: self.bits - host,
            ..*self
        })
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address(0), self.mask)
    }
}

/// Four decimal numbers. Leading zeros are ambiguous (some take them for octal): newer kubeadms ignore them.
fn ipv4(text: &str, leading_zeros: bool) -> Option<Ipv4Addr> {
    let mut octets = [0_u8; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next()?;
        let zeros = part.len() > 1 && part.starts_with('0');
        if !part.bytes().all(|b| b.is_ascii_digit()) || (zeros && !leading_zeros) {
            return None;
        }
        *octet = part.parse().ok()?;
    }
    parts.next().is_none().then(|| Ipv4Addr::from(octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subnet(text: &str) -> Subnet {
        Subnet::parse(text, true).unwrap()
    }

    #[test]
    fn the_dns_service_gets_the_tenth_address() {
        for (text, dns) in [
            ("10.96.0.0/12", "10.96.0.10"),
            ("10.95.0.0/12", "10.80.0.10"),
            ("10.95.0.0/16", "10.95.0.10"),
            ("10.96.0.77/16", "10.96.0.10"),
            ("192.168.0.240/28", "192.168.0.250"),
            ("0.0.0.0/0", "0.0.0.10"),
            ("fd00:10:96::/112", "fd00:10:96::a"),
            ("2001:db8:1234:5678::/108", "2001:db8:1234:5678::a"),
            ("::/108", "::a"),
            ("::ffff:10.96.0.0/112", "10.96.0.10"),
            ("010.096.000.000/12", "10.96.0.10"),
        ] {
            assert_eq!(subnet(text).dns_address(), dns, "{text}");
        }
    }

    #[test]
    fn host_bits_name_the_subnet_that_was_meant() {
        let seed = subnet("10.95.0.0/12");
        assert_eq!(seed.to_string(), "10.80.0.0/12");
        let meant = seed.meant().unwrap();
        assert_eq!(meant.to_string(), "10.95.0.0/16");
        assert_eq!(meant.dns_address(), "10.95.0.10");
        assert_eq!(subnet("10.96.0.0/12").meant(), None);
        assert_eq!(subnet("10.96.0.77/16").meant(), None);
        assert_eq!(
            subnet("fd00:1::/16").meant().unwrap().to_string(),
            "fd00:1::/32"
        );
    }

    #[test]
    fn what_is_no_subnet_is_refused() {
        for text in [
            "",
            "10.96.0.0",
            "10.96.0.0/33",
            "10.256.0.0/16",
            "10.96.0/16",
            "10.96.0.0/",
            "10.96.0.0/+8",
            "fd00::/129",
            "fd00::1%eth0/64",
            "10.96.0.0/16/8",
            "a/8",
            "10.96.0.0 /16",
        ] {
            assert_eq!(
                Subnet::parse(text, true),
                Err(SubnetProblem::NoSubnet),
                "{text}"
            );
        }
        assert_eq!(
            Subnet::parse(" 10.96.0.0/16", true),
            Err(SubnetProblem::Blank)
        );
        assert_eq!(
            Subnet::parse("010.96.0.0/16", false),
            Err(SubnetProblem::NoSubnet)
        );
    }
}
