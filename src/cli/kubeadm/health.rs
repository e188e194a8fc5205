//! Where the kubelet says whether it is healthy: as its settings count, a flag over its field.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::check::Settings;

/// The kubelet's defaults (`pkg/kubelet/apis/config/v1beta1/defaults.go`, 1.11 to 1.36).
const ADDRESS: &str = "127.0.0.1";
const PORT: &str = "10248";

/// Where it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Endpoint(pub SocketAddr);

impl Endpoint {
    /// As it is written for people.
    pub(super) fn url(self) -> String {
        format!("http://{}/healthz", self.0)
    }
}

/// Where a kubelet with these settings is asked; or why it cannot be.
pub(super) fn endpoint(settings: &Settings) -> Result<Endpoint, String> {
    let value = |field: &str, usual: &str| match settings.get(field) {
        // What is empty counts as unset.
        Some(set) if !set.text.is_empty() => (set.name, set.text),
        _ => (field.to_owned(), usual.to_owned()),
    };
    let cannot = "the kubelet cannot be asked whether it runs";
    let (name, text) = value("healthzPort", PORT);
    let port = match text.parse::<u16>() {
        Ok(0) => return Err(format!("`{name}` is 0: {cannot}")),
        Ok(port) => port,
        Err(_) => return Err(format!("`{name}` is not a valid port: {cannot}")),
    };
    let (name, text) = value("healthzBindAddress", ADDRESS);
    let address = match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        Ok(IpAddr::V6(address)) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        Ok(address) => address,
        Err(_) => return Err(format!("`{name}` is not a valid address: {cannot}")),
    };
    Ok(Endpoint(SocketAddr::new(address, port)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::check::Files;
    use crate::distro::GENERIC;
    use crate::kubeadm::File;
    use crate::order::Order;
    use crate::root::Root;
    use crate::testing::Scratch;

    const CONFIG: &str = "/var/lib/kubelet/config.yaml";

    /// Of a configuration, one drop-in, and flags.
    fn of(config: &str, drop_in: &str, flags: &str) -> String {
        let scratch = Scratch::new();
        let put = |path: &str, text: &str| {
            let path = scratch.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        // What is about to be written counts, and not what is there.
        put("var/lib/kubelet/config.yaml", "healthzPort: 1\n");
        put("etc/kubelet.d/10.conf", drop_in);
        put("etc/kubelet.d/20.yaml", "healthzPort: 2\n");
        let flags = format!("KUBELET_EXTRA_ARGS=\"--config-dir=/etc/kubelet.d {flags}\"\n");
        put("etc/default/kubelet", &flags);
        let root = Root::open(scratch.path()).unwrap();
        let written = [File::new(CONFIG, config)];
        let files = Files {
            root: &root,
            written: &written,
        };
        let service = Order::kubelet().service(&GENERIC).unwrap();
        let settings = Settings::read(&service, &files);
        endpoint(&settings).map_or_else(|why| why, Endpoint::url)
    }

    #[test]
    fn a_flag_counts_more_than_a_drop_in_and_that_more_than_the_file() {
        let config = "healthzBindAddress: 127.0.0.2\nhealthzPort: 10\n";
        let at = |text: &str| format!("http://{text}/healthz");
        assert_eq!(of("{}\n", "{}\n", ""), at("127.0.0.1:10248"));
        assert_eq!(of(config, "{}\n", ""), at("127.0.0.2:10"));
        assert_eq!(of(config, "healthzPort: 11\n", ""), at("127.0.0.2:11"));
        let flags = "--healthz-port 12 --healthz-port=13 --healthz-bind-address=::";
        assert_eq!(of(config, "healthzPort: 11\n", flags), at("[::1]:13"));
        assert_eq!(
            of("healthzBindAddress: 0.0.0.0\n", "{}\n", ""),
            at("127.0.0.1:10248")
        );
    }

    #[test]
    fn a_kubelet_that_cannot_be_asked_is_told() {
        let cannot = "the kubelet cannot be asked whether it runs";
        let off = of("healthzPort: 10248\n", "healthzPort: 0\n", "");
        assert_eq!(off, format!("`healthzPort` is 0: {cannot}"));
        let off = of("{}\n", "{}\n", "--healthz-port=0");
        assert_eq!(off, format!("`--healthz-port` is 0: {cannot}"));
        let bad = of("healthzPort: 65536\n", "{}\n", "");
        assert_eq!(bad, format!("`healthzPort` is not a valid port: {cannot}"));
        let bad = of("healthzBindAddress: localhost\n", "{}\n", "");
        assert_eq!(
            bad,
            format!("`healthzBindAddress` is not a valid address: {cannot}")
        );
    }
}
