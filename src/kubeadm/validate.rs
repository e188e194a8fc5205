//! What kubeadm refuses in single values: names, versions, paths, sockets, images, gates.

use super::error::{Error, Invalid};
use super::gotext;
use super::model::{Argument, Text, View};
use super::version::{Behaviour, Release, Version, meant};
use super::warning::Warning;

/// A name of DNS (RFC 1123, "subdomain"): labels of `[a-z0-9]([-a-z0-9]*[a-z0-9])?`, at most 253 characters.
///
/// # Errors
/// What is wrong with it.
pub fn dns_name(text: &str) -> Result<(), Invalid> {
    let length = text.len();
    if length > 253 {
        return Err(Invalid::LongName(length));
    }
    let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let label = |label: &str| {
        let bytes = label.as_bytes();
        let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
        edge(bytes.first()) && edge(bytes.last()) && bytes.iter().all(inner)
    };
    if text.split('.').all(label) {
        Ok(())
    } else {
        Err(Invalid::Name(text.to_owned()))
    }
}

/// A node's name from a file or from the host: trimmed, lowered, and a DNS name.
///
/// # Errors
/// A blank name, or one that is no DNS name.
pub fn node_name(text: &str) -> Result<String, Invalid> {
    let name = text.trim().to_lowercase();
    if name.is_empty() {
        return Err(Invalid::BlankName);
    }
    dns_name(&name)?;
    Ok(name)
}

/// An absolute path.
///
/// # Errors
/// Anything else.
pub fn absolute(text: &Text<'_>) -> Result<String, Error> {
    if text.value.starts_with('/') {
        Ok(text.value.to_owned())
    } else {
        Err(text.error(Invalid::RelativePath(text.value.to_owned())))
    }
}

/// The Kubernetes version: its minor release. A label that names one means it, for kubeadm would find a version of it in
/// the network; `strict` is as kubeadm without a network, which takes any label for its own release. None for a
/// label that names no release.
///
/// # Errors
/// No version, one too old for this kubeadm, or a label that would need the network.
pub fn kubernetes_version(
    text: &Text<'_>,
    version: Version,
    strict: bool,
    warnings: &mut Vec<Warning>,
) -> Result<Option<u64>, Error> {
    let value = text.value;
    // `ci/v1.2.3` and `release/v1.2.3` name a version in a bucket.
    let bare = ["ci/", "ci-cross/", "release/"]
        .iter()
        .find_map(|bucket| value.strip_prefix(bucket))
        .unwrap_or(value);
    let named =
        meant(value).filter(|_| !strict && (is_label(bare, version) || bare.starts_with("k8s-")));
    let release = match named {
        Some(named) => Some(Release {
            numbers: [1, named.number().into(), 0],
            pre: String::new(),
        }),
        None => Release::parse(bare),
    };
    let Some(release) = release else {
        if !is_label(bare, version) {
            return Err(text.error(Invalid::Version(value.to_owned())));
        }
        let label = value.to_owned();
        if version.has(Behaviour::LabelNeedsNetwork) {
            return Err(text.error(Invalid::Label { label, version }));
        }
        warnings.push(Warning::LabelGuessed { label, version });
        return Ok(None);
    };
    let minimum = version.minor() - 1;
    let oldest = Release {
        numbers: [1, minimum.into(), 0],
        pre: String::new(),
    };
    let found = value.to_owned();
    if release < oldest {
        return Err(text.error(Invalid::TooOld {
            found,
            version,
            minimum,
        }));
    }
    if release.numbers[0] > 1 || release.numbers[1] > version.minor().into() {
        warnings.push(Warning::NewerKubernetes { found, version });
    }
    Ok(Some(release.numbers[1]))
}

/// kubeadm's patterns for labels: `stable`, `latest-1`, `stable-1.36`; before 1.15 any lower-case word.
fn is_label(text: &str, version: Version) -> bool {
    if !version.has(Behaviour::StrictLabels) {
        let end = text
            .find(|c: char| !c.is_ascii_lowercase())
            .unwrap_or(text.len());
        let tail = text[end..].strip_prefix('-');
        let word = |t: &str| {
            !t.is_empty()
                && t.chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        return end > 0 && (end == text.len() || tail.is_some_and(word));
    }
    let Some(tail) = text
        .strip_prefix("latest")
        .or_else(|| text.strip_prefix("stable"))
    else {
        return false;
    };
    match tail
        .strip_prefix('-')
        .map(|t| t.split_once('.').unwrap_or((t, "1")))
    {
        None => tail.is_empty(),
        Some((major, minor)) => {
            let digits = |t: &str| !t.starts_with('0') && t.bytes().all(|b| b.is_ascii_digit());
            major.len() == 1 && digits(major) && (1..=2).contains(&minor.len()) && digits(minor)
        }
    }
}

/// kubeadm's feature gates: only those of this release.
///
/// # Errors
/// The first that is none of them.
pub fn gates(view: &View<'_>, version: Version) -> Result<(), Error> {
    for name in view.flags("featureGates").into_keys() {
        if !version.gates().any(|gate| gate == name) {
            return Err(view.error("featureGates", Invalid::Gate { name, version }));
        }
    }
    Ok(())
}

/// The extra arguments: from 1.31 on each has a name.
///
/// # Errors
/// An argument without one.
pub fn arguments(list: &[Argument], view: &View<'_>, version: Version) -> Result<(), Error> {
    if version.has(Behaviour::EmptyArgumentRefused) && list.iter().any(|a| a.name.is_empty()) {
        return Err(view.error("kubeletExtraArgs", Invalid::BlankArgument));
    }
    Ok(())
}

/// An image repository: a host with an optional port, then path components.
///
/// # Errors
/// Anything else, from the release on that looks at it.
pub fn image_repository(text: &Text<'_>, version: Version) -> Result<String, Error> {
    let component = |part: &str| {
        let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
        edge(part.as_bytes().first()) && edge(part.as_bytes().last()) && part.bytes().all(inner)
    };
    let host = |part: &str| {
        let (name, port) = part.split_once(':').unwrap_or((part, "0"));
        let label = |l: &str| {
            !l.is_empty()
                && !l.starts_with('-')
                && !l.ends_with('-')
                && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) && name.split('.').all(label)
    };
    let mut parts = text.value.split('/');
    let first = parts.next().unwrap_or_default();
    let good = (host(first) || component(first)) && parts.all(component);
    if version.has(Behaviour::RepositoryChecked) && !good {
        return Err(text.error(Invalid::Repository(text.value.to_owned())));
    }
    Ok(text.value.to_owned())
}

/// A CRI socket as this kubeadm takes it: a path, a path or a `unix` URL, or a URL to which a path is completed.
///
/// # Errors
/// A relative path, no URL, another scheme.
pub fn cri_socket(
    text: &Text<'_>,
    version: Version,
    warnings: &mut Vec<Warning>,
) -> Result<String, Error> {
    let found = text.value.to_owned();
    if version.has(Behaviour::SocketIsPath) {
        return absolute(text);
    }
    let mut written = found.clone();
    if version.has(Behaviour::SocketGetsScheme) && !found.starts_with("unix") {
        written = format!("unix://{found}");
        warnings.push(Warning::SocketCompleted {
            found: found.clone(),
            written: written.clone(),
        });
    }
    let Some((scheme, path)) = gotext::parse_url(&written) else {
        return Err(text.error(Invalid::Url(found)));
    };
    match scheme {
        "unix" => Ok(written),
        "" if version.has(Behaviour::SocketMayBeUrl) && path.starts_with('/') => Ok(written),
        "" if version.has(Behaviour::SocketMayBeUrl) => {
            Err(text.error(Invalid::RelativePath(found)))
        }
        _ => Err(text.error(Invalid::Scheme(found))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dns_names() {
        for name in ["node1", "a.b-c.d", "1", "n-1.example.com"] {
            assert_eq!(dns_name(name), Ok(()), "{name}");
        }
        for name in ["", "A", "a_b", "-a", "a-", "a..b", "a.", ".a", "ä", "a b"] {
            assert_eq!(dns_name(name), Err(Invalid::Name(name.to_owned())));
        }
        assert_eq!(dns_name(&"a".repeat(254)), Err(Invalid::LongName(254)));
        assert_eq!(node_name("  NODE-A "), Ok("node-a".to_owned()));
        assert_eq!(node_name("  "), Err(Invalid::BlankName));
    }

    #[test]
    fn labels_by_release() {
        let new = Version::NEWEST;
        let old = Version::new(12).unwrap();
        for text in ["stable", "stable-1", "latest-1.36", "stable-1.2"] {
            assert!(is_label(text, new), "{text}");
        }
        for text in [
            "foo",
            "stable-",
            "stable-10",
            "latest-1.360",
            "v1.36",
            "",
            "1.36",
        ] {
            assert!(!is_label(text, new), "{text}");
        }
        assert!(is_label("foo-1.2", old));
        assert!(!is_label("v1.12", old));
    }
}
