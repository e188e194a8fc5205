//! What a configuration says of the cluster that a node joins: where it is, what proves that it is the right one,
//! and how long to try.
//!
//! Read and checked as kubeadm does (`ValidateDiscovery` in `cmd/kubeadm/app/apis/kubeadm/validation`): before
//! anything is asked or written.

use std::path::PathBuf;
use std::time::Duration;

use super::discovery_problem::DiscoveryProblem;
use super::documents;
use super::error::{Error, Input, Invalid};
use super::gotext;
use super::model::View;
use super::read::JOIN_KINDS;
use super::schema::{Field, Type};
use super::stream::Stream;
use super::token::Token;
use super::version::Version;
use super::yaml::{Node, Value};

/// kubeadm's default of the time for finding the cluster (`DiscoveryTimeout`).
pub const DISCOVERY_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// kubeadm's default of the time for one question to the cluster (`KubernetesAPICallTimeout`).
pub const API_TIMEOUT: Duration = Duration::from_secs(60);
/// Where kubeadm puts the cluster's CA for the kubelet.
pub const CA_FILE: &str = "/etc/kubernetes/pki/ca.crt";

/// How a node finds its cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovery {
    /// Where the cluster is described.
    pub source: Source,
    /// The token for the node's first request, `tlsBootstrapToken`; otherwise that of the discovery.
    pub token: Option<Token>,
    /// How long to try to find the cluster.
    pub timeout: Duration,
    /// How long to try one question to the cluster.
    pub api_timeout: Duration,
    /// Where the cluster's CA goes: `caCertPath`.
    pub ca_file: String,
    /// Whether the node joins as a control plane, which takes more than is done here.
    pub control_plane: bool,
}

/// Where the cluster is described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `discovery.bootstrapToken`: the cluster itself says, signed with a token.
    Token {
        /// The API server's host and perhaps port.
        endpoint: String,
        /// The token that signs.
        token: Token,
        /// SHA-256 of public keys, one of which the cluster's CA must have. Empty where any is taken
        /// (`unsafeSkipCAVerification`).
        pins: Vec<[u8; 32]>,
    },
    /// `discovery.file`: a kubeconfig on this machine.
    File(PathBuf),
    /// `discovery.file`: a kubeconfig at an https URL.
    Url(String),
}

const fn f(name: &'static str, ty: Type) -> Field {
    Field::new(name, ty)
}

/// The fields that are read here. Secrets are checked apart, so that no message shows them.
const FIELDS: &[Field] = &[
    f("caCertPath", Type::Text),
    f(
        "discovery",
        Type::Struct(&[
            f(
                "bootstrapToken",
                Type::Struct(&[
                    f("apiServerEndpoint", Type::Text),
                    f("token", Type::Any),
                    f("caCertHashes", Type::List(&Type::Text)),
                    f("unsafeSkipCAVerification", Type::Bool),
                ]),
            ),
            f("file", Type::Struct(&[f("kubeConfigPath", Type::Text)])),
            f("tlsBootstrapToken", Type::Any),
            f("timeout", Type::Duration),
        ]),
    ),
    f(
        "timeouts",
        Type::Struct(&[
            f("discovery", Type::Duration),
            f("kubernetesAPICall", Type::Duration),
        ]),
    ),
];

const TOKEN: &str = "discovery.bootstrapToken";

/// Reads how a configuration's node finds its cluster; `None` where it says nothing about that.
///
/// The kinds up to v1alpha3, which had other fields, say nothing.
///
/// # Errors
/// The first value that kubeadm refuses.
pub fn discovery(config: &Stream, version: Version) -> Result<Option<Discovery>, Error> {
    // What is said of the documents themselves is said by `Plan::new`.
    let mut warnings = Vec::new();
    let documents = documents::read(config, Input::Config, version, false, &mut warnings)?;
    let found = documents
        .iter()
        .find(|document| JOIN_KINDS.iter().any(|kind| document.is(kind)))
        .filter(|document| !document.version.starts_with("v1alpha"));
    let Some(document) = found else {
        return Ok(None);
    };
    let mut warnings = Vec::new();
    let view = View::check(
        &document.node,
        &document.place,
        FIELDS,
        version,
        &mut warnings,
    )?;
    if view.get("discovery").is_none() {
        return Ok(None);
    }
    let discovery = view.inner("discovery", "discovery");
    let timeouts = view.inner("timeouts", "timeouts");
    let (token, file) = (discovery.get("bootstrapToken"), discovery.get("file"));
    let source = match (token, file) {
        (None, None) => return Err(view.error("discovery", DiscoveryProblem::Nothing.into())),
        (Some(_), Some(_)) => return Err(view.error("discovery", DiscoveryProblem::Both.into())),
        (Some(_), None) => by_token(&discovery.inner("bootstrapToken", TOKEN))?,
        (None, Some(_)) => by_file(&discovery.inner("file", "discovery.file"))?,
    };
    let own = secret(&discovery, "tlsBootstrapToken")?;
    let of_source = match &source {
        Source::Token { token, .. } => Some(token.clone()),
        _ => None,
    };
    let timeout = duration(&timeouts, "discovery").or(duration(&discovery, "timeout"));
    Ok(Some(Discovery {
        source,
        token: own.or(of_source),
        timeout: timeout.unwrap_or(DISCOVERY_TIMEOUT),
        api_timeout: duration(&timeouts, "kubernetesAPICall").unwrap_or(API_TIMEOUT),
        ca_file: match view.text("caCertPath") {
            Some(text) if !text.value.starts_with('/') => {
                return Err(text.error(Invalid::RelativePath(text.value.to_owned())));
            }
            text => text.map_or(CA_FILE, |text| text.value).to_owned(),
        },
        control_plane: view.get("controlPlane").is_some(),
    }))
}

/// Whether a configuration's JoinConfiguration says how to find the cluster, rightly or not.
pub fn has_discovery(config: &Stream) -> bool {
    !matches!(discovery(config, Version::NEWEST), Ok(None))
}

fn by_token(view: &View<'_>) -> Result<Source, Error> {
    let endpoint = view.text("apiServerEndpoint");
    let endpoint = endpoint.filter(|text| is_endpoint(text.value));
    let Some(endpoint) = endpoint else {
        return Err(view.error("apiServerEndpoint", DiscoveryProblem::Endpoint.into()));
    };
    let Some(token) = secret(view, "token")? else {
        return Err(view.error("token", DiscoveryProblem::Token.into()));
    };
    let mut pins = Vec::new();
    if let Some(Value::Seq(items)) = view.get("caCertHashes").map(|node| &node.value) {
        for text in items.iter().filter_map(Node::as_str) {
            let problem = || DiscoveryProblem::Pin(text.chars().take(40).collect());
            pins.push(pin(text).ok_or_else(|| view.error("caCertHashes", problem().into()))?);
        }
    }
    let skip = view.get("unsafeSkipCAVerification");
    let skip = skip.is_some_and(|node| node.value == Value::Bool(true));
    if pins.is_empty() && !skip {
        return Err(view.error("caCertHashes", DiscoveryProblem::NoPin.into()));
    }
    Ok(Source::Token {
        endpoint: endpoint.value.to_owned(),
        token,
        pins,
    })
}

fn by_file(view: &View<'_>) -> Result<Source, Error> {
    let Some(text) = view.text("kubeConfigPath") else {
        return Err(view.error("kubeConfigPath", DiscoveryProblem::Location.into()));
    };
    match text.value.split_once("://") {
        Some(("https", rest)) if !rest.is_empty() => Ok(Source::Url(text.value.to_owned())),
        Some(("file", path)) if path.starts_with('/') => Ok(Source::File(path.into())),
        Some(_) => Err(text.error(DiscoveryProblem::Location.into())),
        None => Ok(Source::File(text.value.into())),
    }
}

/// A token in a field; `None` where there is none.
fn secret(view: &View<'_>, name: &str) -> Result<Option<Token>, Error> {
    let Some(node) = view.get(name).filter(|node| node.as_str() != Some("")) else {
        return Ok(None);
    };
    match node.as_str().and_then(Token::parse) {
        Some(token) => Ok(Some(token)),
        None => Err(view.error(name, DiscoveryProblem::Token.into())),
    }
}

fn duration(view: &View<'_>, name: &'static str) -> Option<Duration> {
    let nanoseconds = gotext::parse_duration(view.text(name)?.value)?;
    Some(Duration::from_nanos(u64::try_from(nanoseconds).ok()?))
}

/// `sha256:` and the digits of a hash (`pubkeypin.Set.Allow` in kubeadm).
fn pin(text: &str) -> Option<[u8; 32]> {
    let (format, digits) = text.split_once(':')?;
    if !format.eq_ignore_ascii_case("sha256") || digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    let mut hash = [0; 32];
    for (index, byte) in hash.iter_mut().enumerate() {
        let digits = &digits[2 * index..2 * index + 2];
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(hash)
}

/// Whether this is a host or an address, perhaps with a port, and nothing else.
fn is_endpoint(text: &str) -> bool {
    let port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, rest)) = rest.split_once(']') else {
            return false;
        };
        let address = address.parse::<std::net::Ipv6Addr>().is_ok();
        return address && (rest.is_empty() || rest.strip_prefix(':').is_some_and(port));
    }
    let (host, number) = match text.split_once(':') {
        Some((host, number)) => (host, Some(number)),
        None => (text, None),
    };
    let letter = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    !host.is_empty() && host.chars().all(letter) && number.is_none_or(port)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIN: &str = "sha256:be31d23e7266ce1d42ccc02197a01791547a6de64d0f768ded59bfa4da479703";

    fn read(fields: &str) -> Result<Option<Discovery>, String> {
        let text =
            format!("apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\n{fields}\n");
        let told = |error: Error| match error.hint() {
            Some(hint) => format!("{error}\nhint: {hint}"),
            None => error.to_string(),
        };
        discovery(&text.into(), Version::NEWEST).map_err(told)
    }

    fn by_token(fields: &str) -> Result<Option<Discovery>, String> {
        read(&format!("discovery: {{bootstrapToken: {{{fields}}}}}"))
    }

    #[test]
    fn everything_that_kubeadm_takes_is_read() {
        let found = read(&format!(
            "discovery:\n  bootstrapToken:\n    apiServerEndpoint: '[fd00::1]:6443'\n    token: abcdef.0123456789abcdef\n    caCertHashes: ['{PIN}']\n  tlsBootstrapToken: b2b2b2.fedcba9876543210\ntimeouts: {{discovery: 15s, kubernetesAPICall: 10s}}\ncaCertPath: /etc/pki/ca.crt"
        ));
        insta::assert_debug_snapshot!(found.unwrap().unwrap());
        let file = read("discovery: {file: {kubeConfigPath: /etc/d.conf}, timeout: 2m}");
        let file = file.unwrap().unwrap();
        assert_eq!(file.source, Source::File("/etc/d.conf".into()));
        assert_eq!((file.token, file.timeout), (None, Duration::from_secs(120)));
        let url = read("discovery: {file: {kubeConfigPath: 'https://h/d.conf'}}");
        let url = url.unwrap().unwrap();
        assert_eq!(url.source, Source::Url("https://h/d.conf".into()));
        assert_eq!(read("nodeRegistration: {name: a}"), Ok(None));
    }

    #[test]
    fn what_kubeadm_refuses_is_refused_and_no_secret_is_told() {
        let told: Vec<String> = [
            read("discovery: {}"),
            read("discovery: {file: {kubeConfigPath: /a}, bootstrapToken: {token: x}}"),
            read("discovery: {file: {kubeConfigPath: 'http://h/d.conf'}}"),
            read("discovery: {file: {kubeConfigPath: /a}, tlsBootstrapToken: abcdef.tooshort}"),
            by_token("token: abcdef.0123456789abcdef, caCertHashes: []"),
            by_token("apiServerEndpoint: 'https://h:1', token: abcdef.0123456789abcdef"),
            by_token("apiServerEndpoint: 'h:1', token: 123456.0123456789012345"),
            by_token("apiServerEndpoint: 'h:1', token: abcdef.0123456789abcdef"),
            by_token("apiServerEndpoint: 'h:1', token: abcdef.0123456789abcdef, caCertHashes: ['sha512:12']"),
            by_token("apiServerEndpoint: 'h:1', token: abcdef.0123456789abcdef, caCertHashes: 'x'"),
        ]
        .into_iter()
        .map(Result::unwrap_err)
        .collect();
        let told = told.join("\n\n");
        for secret in ["tooshort", "0123456789012345", "0123456789abcdef"] {
            assert!(!told.contains(secret), "{told}");
        }
        insta::assert_snapshot!(told);
    }

    /// Up to v1beta3 the time for finding the cluster stands in `discovery`.
    #[test]
    fn older_apis_say_the_same() {
        for api in ["v1beta1", "v1beta2", "v1beta3"] {
            let text = format!(
                "apiVersion: kubeadm.k8s.io/{api}\nkind: JoinConfiguration\ncaCertPath: /etc/pki/ca.crt\ndiscovery:\n  bootstrapToken:\n    apiServerEndpoint: 10.0.0.1:6443\n    token: abcdef.0123456789abcdef\n    unsafeSkipCAVerification: true\n  timeout: 2m30s\n"
            );
            let version = Version::parse("1.20").filter(|_| api != "v1beta3");
            let version = version.or(Version::parse("1.31")).unwrap();
            let found = discovery(&text.into(), version).unwrap().unwrap();
            let token = Token::parse("abcdef.0123456789abcdef").unwrap();
            let expected = Discovery {
                source: Source::Token {
                    endpoint: "10.0.0.1:6443".into(),
                    token: token.clone(),
                    pins: Vec::new(),
                },
                token: Some(token),
                timeout: Duration::from_secs(150),
                api_timeout: API_TIMEOUT,
                ca_file: "/etc/pki/ca.crt".into(),
                control_plane: false,
            };
            assert_eq!(found, expected, "{api}");
        }
    }
}
