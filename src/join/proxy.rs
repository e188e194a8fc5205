//! Which proxy an https request goes through, as Go's `net/http` takes it from the environment
//! (`golang.org/x/net/http/httpproxy`), and so kubeadm does.
//!
//! `HTTPS_PROXY` or `https_proxy` names it; `NO_PROXY` or `no_proxy` lists hosts, domains, addresses and networks
//! that are reached without it. Nothing on this machine itself is reached through a proxy.

use std::net::IpAddr;

/// The proxy for a host and port; `None` to go without. `variable` gives a variable of the environment.
///
/// The host is a name or an address without brackets.
pub fn choose(variable: impl Fn(&str) -> Option<String>, host: &str, port: u16) -> Option<String> {
    let any = |names: [&str; 2]| {
        let mut values = names.into_iter().filter_map(&variable);
        values.find(|value| !value.is_empty())
    };
    let proxy = any(["HTTPS_PROXY", "https_proxy"])?;
    let host = host.trim().to_ascii_lowercase();
    let address = host.parse::<IpAddr>().ok().map(|it| it.to_canonical());
    if host == "localhost" || address.is_some_and(|it| it.is_loopback()) {
        return None;
    }
    let without = any(["NO_PROXY", "no_proxy"]).unwrap_or_default();
    let mut entries = without.split(',').map(|entry| entry.trim().to_lowercase());
    let excepted = entries.any(|entry| matches(&entry, &host, address, port));
    (!excepted).then_some(proxy)
}

/// Whether an entry of `NO_PROXY` means a host.
fn matches(entry: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    if let Some(network) = Network::parse(entry) {
        return address.is_some_and(|address| network.contains(address));
    }
    let (name, number) = split_port(entry);
    if number.is_some_and(|number| number != port.to_string()) || name.is_empty() {
        return false;
    }
    if let Ok(named) = name.parse::<IpAddr>() {
        return address == Some(named.to_canonical());
    }
    let name = match name.strip_prefix("*.") {
        Some(_) => &name[1..],
        None => name,
    };
    let above = host.strip_suffix(name);
    // A name means itself and all below it; with a dot before it, only what is below it.
    above.is_some_and(|above| name.starts_with('.') || above.is_empty() || above.ends_with('.'))
}

/// Splits `host:port` and `[address]:port`; what is neither has no port.
fn split_port(entry: &str) -> (&str, Option<&str>) {
    let whole = (entry, None);
    let Some((name, port)) = entry.rsplit_once(':') else {
        return whole;
    };
    match name.strip_prefix('[') {
        Some(inner) => inner
            .strip_suffix(']')
            .map_or(whole, |name| (name, Some(port))),
        None if name.contains(':') => whole,
        None => (name, Some(port)),
    }
}

/// A network in CIDR notation.
struct Network {
    address: u128,
    bits: u32,
    is_v4: bool,
}

impl Network {
    fn parse(text: &str) -> Option<Network> {
        let (address, bits) = text.split_once('/')?;
        let address = address.parse::<IpAddr>().ok()?;
        if !bits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let bits = bits.parse::<u32>().ok()?;
        let is_v4 = address.is_ipv4();
        (bits <= width(is_v4)).then(|| Network {
            address: number(address),
            bits,
            is_v4,
        })
    }

    fn contains(&self, address: IpAddr) -> bool {
        let host_bits = width(self.is_v4) - self.bits;
        // A shift by the whole width is not one in Rust.
        let network = |number: u128| number.checked_shr(host_bits).unwrap_or(0);
        address.is_ipv4() == self.is_v4 && network(number(address)) == network(self.address)
    }
}

fn width(is_v4: bool) -> u32 {
    if is_v4 { 32 } else { 128 }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes_through(no_proxy: &str, host: &str) -> bool {
        let variable = |name: &str| match name {
            "HTTPS_PROXY" => Some("http://proxy:3128".to_owned()),
            "no_proxy" => Some(no_proxy.to_owned()),
            _ => None,
        };
        choose(variable, host, 6443).is_some()
    }

    #[test]
    fn the_environment_names_the_proxy() {
        let of = |name: &'static str| {
            choose(move |it| (it == name).then(|| "p:1".to_owned()), "h", 6443)
        };
        assert_eq!(of("HTTPS_PROXY").as_deref(), Some("p:1"));
        assert_eq!(of("https_proxy").as_deref(), Some("p:1"));
        assert_eq!(of("HTTP_PROXY"), None, "that one is for http");
        assert_eq!(of("ALL_PROXY"), None, "Go does not know that one");
        for host in ["localhost", "127.0.0.1", "127.8.0.1", "::1", "LOCALHOST"] {
            assert!(!goes_through("", host), "{host}");
        }
    }

    #[test]
    fn no_proxy_is_read_as_go_reads_it() {
        for (no_proxy, host, through) in [
            ("", "10.0.0.1", true),
            ("*", "10.0.0.1", false),
            ("a, *", "h", false),
            ("10.0.0.0/8", "10.77.0.1", false),
            ("10.0.0.0/8", "11.0.0.1", true),
            ("10.0.0.1/0", "11.0.0.1", false),
            ("10.0.0.1/33", "10.0.0.1", true),
            ("10.0.0.0/8", "ten.example.com", true),
            ("fd00::/8", "fd00::1", false),
            ("::/0", "10.0.0.1", true),
            ("10.77.0.1", "10.77.0.1", false),
            ("10.77.0.1:6443", "10.77.0.1", false),
            ("10.77.0.1:443", "10.77.0.1", true),
            ("[fd00::1]:6443", "fd00::1", false),
            ("fd00::1", "fd00::1", false),
            ("example.com", "example.com", false),
            ("example.com", "api.example.com", false),
            ("example.com", "myexample.com", true),
            ("Example.com", "API.example.COM", false),
            (".example.com", "example.com", true),
            (".example.com", "api.example.com", false),
            ("*.example.com", "api.example.com", false),
            ("*.example.com", "example.com", true),
            ("example.com:443", "api.example.com", true),
            (":6443", "h", true),
            ("a,, example.com ,b", "example.com", false),
        ] {
            assert_eq!(goes_through(no_proxy, host), through, "{no_proxy} {host}");
        }
    }
}
