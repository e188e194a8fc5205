//! The API server's URL.

use ureq::http::Uri;

/// An https URL, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The URL without a `/` at its end.
    pub url: String,
    /// The host's name or address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Server {
    /// Reads an https URL with a host; `None` for anything else. Some clusters are below a path.
    pub fn parse(url: &str) -> Option<Server> {
        let uri: Uri = url.parse().ok()?;
        let authority = uri.authority()?;
        let plain = !authority.as_str().contains('@') && uri.query().is_none();
        if uri.scheme_str() != Some("https") || !plain || authority.host().is_empty() {
            return None;
        }
        let host = authority.host();
        let inner = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        Some(Server {
            url: url.trim_end_matches('/').to_owned(),
            host: inner.unwrap_or(host).to_owned(),
            port: authority.port_u16().unwrap_or(443),
        })
    }

    /// How it is named to the user: host and port.
    pub fn shown(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_urls_with_a_host_are_taken() {
        let shown = |url| Server::parse(url).map(|it| (it.shown(), it.url));
        let found = |shown: &str, url: &str| Some((shown.to_owned(), url.to_owned()));
        assert_eq!(
            shown("https://10.77.0.1:6443"),
            found("10.77.0.1:6443", "https://10.77.0.1:6443")
        );
        assert_eq!(
            shown("https://[fd00::1]/k8s/c-1/"),
            found("[fd00::1]:443", "https://[fd00::1]/k8s/c-1")
        );
        for url in [
            "http://h:1",
            "h:6443",
            "",
            "https://",
            "https://u:p@h",
            "https://h?q",
        ] {
            assert_eq!(shown(url), None, "{url}");
        }
    }
}
