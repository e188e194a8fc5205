//! Go's paths and URLs, as far as a CRI socket needs them.

/// Go's `filepath.Join(dir, name)` for an absolute folder: without doubled or relative parts.
pub fn join_path(dir: &str, name: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in dir.split('/').chain([name]) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// What Go's `url.Parse` makes of a CRI socket: its scheme and path, or `None` where it fails.
pub fn parse_url(text: &str) -> Option<(&str, &str)> {
    if text.chars().any(|c| c.is_ascii_control()) {
        return None;
    }
    let text = text.split('#').next().unwrap_or_default();
    let scheme_end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)));
    let (scheme, rest) = match scheme_end {
        Some(0) if text.starts_with(':') => return None,
        Some(at)
            if text[at..].starts_with(':')
                && text.starts_with(|c: char| c.is_ascii_alphabetic()) =>
        {
            (&text[..at], &text[at + 1..])
        }
        _ => ("", text),
    };
    let rest = rest.split('?').next().unwrap_or_default();
    if !scheme.is_empty() && !rest.starts_with('/') {
        return Some((scheme, rest));
    }
    let first_segment = rest.split('/').next().unwrap_or_default();
    if scheme.is_empty() && first_segment.contains(':') {
        return None;
    }
    let authority = (!scheme.is_empty() || !rest.starts_with("///"))
        .then(|| rest.strip_prefix("//"))
        .flatten();
    let path = match authority {
        Some(authority) => {
            let (host, path) = authority.split_at(authority.find('/').unwrap_or(authority.len()));
            valid_host(host).then_some(path)?
        }
        None => rest,
    };
    valid_escapes(path).then_some((scheme, path))
}

fn valid_host(authority: &str) -> bool {
    let host = authority.rsplit('@').next().unwrap_or_default();
    let port_ok = |port: &str| port.bytes().all(|b| b.is_ascii_digit());
    let port = match (host.rfind(']'), host.rfind(':')) {
        (Some(end), _) => host[end + 1..].strip_prefix(':').is_none_or(port_ok),
        (None, Some(colon)) => port_ok(&host[colon + 1..]),
        (None, None) => true,
    };
    let allowed = |c: char| {
        !c.is_ascii() || c.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:[]<>\"%".contains(c)
    };
    port && host.chars().all(allowed) && (!host.starts_with('[') || host.contains(']'))
}

fn valid_escapes(path: &str) -> bool {
    path.split('%').skip(1).all(|part| {
        let mut hex = part.bytes();
        let mut digit = || hex.next().is_some_and(|b| b.is_ascii_hexdigit());
        digit() && digit()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_go_reads() {
        for (text, parts) in [
            ("/run/x.sock", ("", "/run/x.sock")),
            ("run/x.sock", ("", "run/x.sock")),
            ("unix:///run/my x.sock", ("unix", "/run/my x.sock")),
            ("unix:run/x", ("unix", "run/x")),
            ("unix://run/x", ("unix", "/x")),
            ("unix://tcp://127.0.0.1:1", ("unix", "//127.0.0.1:1")),
            ("tcp://127.0.0.1:3735", ("tcp", "")),
            ("npipe:////./pipe/x", ("npipe", "//./pipe/x")),
        ] {
            assert_eq!(parse_url(text), Some(parts), "{text}");
        }
        for text in [
            "://x",
            "a b:c",
            "unix://my host/x",
            "unix://h:p/x",
            "unix:///%zz",
            "unix:///a\u{7f}",
        ] {
            assert_eq!(parse_url(text), None, "{text}");
        }
    }

    #[test]
    fn paths_are_cleaned() {
        assert_eq!(join_path("/etc/c/", "ca.crt"), "/etc/c/ca.crt");
        assert_eq!(join_path("/etc/../x//y/.", "ca.crt"), "/x/y/ca.crt");
        assert_eq!(join_path("/", "ca.crt"), "/ca.crt");
    }
}
