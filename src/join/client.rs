//! Questions to an API server over HTTPS.
//!
//! The client is ureq 3 with rustls and ring. ureq is blocking, which one question at a time needs no more than, and
//! brings time-outs for every phase, proxies and limits; rustls reads certificates without C code; ring, of the
//! three kept providers of its cryptography, is the smallest and needs a C compiler alone (aws-lc is three times the
//! size, the pure ones are not yet released or know no RSA).

use std::env;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::crypto::ring;
use serde::Deserialize;
use ureq::http::Response;
use ureq::tls::{ClientCert, PrivateKey, RootCerts, TlsConfig};
use ureq::{Agent, Body, Proxy, Timeout};

use super::error::{AskProblem, JoinError};
use super::kubeconfig::{Credentials, Kubeconfig};
use super::server::Server;
use super::{proxy, roots};
use crate::erased;

/// How long one try may take, as kubeadm's `?timeout=10s`.
pub const ATTEMPT: Duration = Duration::from_secs(10);
/// The most that is read of an answer, in bytes: etcd, which holds what is asked for, holds less.
pub const LIMIT: u64 = 2 * 1024 * 1024;
/// How much of what a server says is shown.
const SHOWN: usize = 200;
/// How many redirects are followed for a discovery file, as Go does.
const REDIRECTS: u32 = 10;

/// Whose certificates are taken.
#[derive(Clone, Copy, Debug)]
pub enum Trust<'t> {
    /// Anybody's: what is read proves itself otherwise.
    Anybody,
    /// Those of the CAs in a PEM text.
    Ca(&'t [u8]),
    /// Those of the authorities that this machine trusts.
    Machine,
}

/// Somebody to ask.
pub struct Client {
    agent: Agent,
    server: Server,
    proxy: Option<String>,
    authorization: Option<String>,
}

impl Client {
    /// A client for the server of a kubeconfig, with its CA and credentials. Without a CA, the authorities of this
    /// machine are trusted, as client-go does.
    ///
    /// # Errors
    /// The URL, a proxy, or the client certificate cannot be used.
    pub fn of(config: &Kubeconfig) -> Result<Client, JoinError> {
        let trust = match config.ca.is_empty() {
            true => Trust::Machine,
            false => Trust::Ca(&config.ca),
        };
        let credentials = config.user.as_ref().map(|user| &user.credentials);
        Client::new(&config.server, trust, credentials, config.proxy.as_deref())
    }

    /// A client for a URL. `named` is a proxy in place of the environment's.
    ///
    /// # Errors
    /// The URL, a proxy, or the client certificate cannot be used.
    pub fn new(
        url: &str,
        trust: Trust<'_>,
        credentials: Option<&Credentials>,
        named: Option<&str>,
    ) -> Result<Client, JoinError> {
        let shortened = || url.chars().take(40).collect();
        let server = Server::parse(url).ok_or_else(|| JoinError::Server(shortened()))?;
        let variable = |name: &str| env::var(name).ok();
        let proxy = match named {
            Some(named) => Some(named.to_owned()),
            None => proxy::choose(variable, &server.host, server.port),
        };
        let proxy = proxy.map(|it| supported(&it)).transpose()?;
        let tls = tls(trust, credentials, &server)?;
        let follow = matches!(trust, Trust::Machine) && credentials.is_none();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .https_only(true)
            .max_redirects(if follow { REDIRECTS } else { 0 })
            .max_redirects_will_error(follow)
            .user_agent(concat!("kubelet-unit/", env!("CARGO_PKG_VERSION")))
            .accept("application/json, */*")
            .tls_config(tls);
        Ok(Client {
            agent: config.proxy(proxy.clone()).build().new_agent(),
            proxy: proxy.map(|it| format!("{}:{}", it.host(), it.port())),
            authorization: credentials.and_then(authorization),
            server,
        })
    }

    /// Who is asked.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Asks for a path below the server's URL.
    ///
    /// # Errors
    /// No answer, or another than 200.
    pub fn get(&self, path: &str, within: Duration) -> Result<Vec<u8>, AskProblem> {
        let url = format!("{}{path}", self.server.url);
        let mut request = self.agent.get(&url);
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        let request = request.config().timeout_global(Some(within)).build();
        let problem = |error| self.problem(error, within);
        let mut response = request.call().map_err(problem)?;
        let code = response.status().as_u16();
        if (300..400).contains(&code) {
            return Err(AskProblem::Redirect(code));
        }
        let body = body(&mut response).map_err(problem)?;
        match code {
            200 => Ok(body),
            _ => Err(AskProblem::Status {
                code,
                message: said(&body),
            }),
        }
    }

    fn problem(&self, error: ureq::Error, within: Duration) -> AskProblem {
        match error {
            ureq::Error::Timeout(Timeout::Resolve) | ureq::Error::HostNotFound => {
                AskProblem::Host(self.server.host.clone())
            }
            ureq::Error::Timeout(_) => AskProblem::Slow(rounded(within)),
            ureq::Error::BodyExceedsLimit(limit) => AskProblem::TooLarge(limit),
            ureq::Error::Rustls(error) => of_tls(&error, &self.server.host),
            ureq::Error::ConnectProxyFailed(reason) => AskProblem::Proxy {
                proxy: self.proxy.clone().unwrap_or_default(),
                reason: printable(&reason),
            },
            ureq::Error::Io(error) => {
                let inner = error.get_ref().and_then(|it| it.downcast_ref());
                match inner {
                    Some(error) => of_tls(error, &self.server.host),
                    None => AskProblem::Connection(error.to_string()),
                }
            }
            error => AskProblem::Connection(printable(&error.to_string())),
        }
    }
}

/// A time as it is told, in tenths of a second.
fn rounded(time: Duration) -> Duration {
    let tenths = u64::try_from((time.as_millis() + 50) / 100).unwrap_or(u64::MAX);
    Duration::from_millis(tenths.max(1).saturating_mul(100))
}

fn body(response: &mut Response<Body>) -> Result<Vec<u8>, ureq::Error> {
    let body = response.body_mut();
    match body.content_length() {
        Some(length) if length > LIMIT => Err(ureq::Error::BodyExceedsLimit(LIMIT)),
        _ => body.with_config().limit(LIMIT).read_to_vec(),
    }
}

/// A proxy that can be used. What it needs of a password is not shown.
fn supported(proxy: &str) -> Result<Proxy, JoinError> {
    let host = proxy.rsplit('@').next().unwrap_or_default();
    let refused = || JoinError::Proxy(host.chars().take(40).collect());
    let scheme = proxy.split_once("://").map_or("http", |(scheme, _)| scheme);
    if !["http", "https"].contains(&scheme) {
        return Err(refused());
    }
    Proxy::new(proxy.trim_end_matches('/')).map_err(|_| refused())
}

fn authorization(credentials: &Credentials) -> Option<String> {
    match credentials {
        Credentials::Token(token) => Some(format!("Bearer {token}")),
        Credentials::Password(name, password) => {
            let both = STANDARD.encode(format!("{name}:{password}"));
            Some(format!("Basic {both}"))
        }
        Credentials::Certificate(..) => None,
    }
}

fn tls(
    trust: Trust<'_>,
    credentials: Option<&Credentials>,
    server: &Server,
) -> Result<TlsConfig, JoinError> {
    let builder = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .disable_verification(matches!(trust, Trust::Anybody));
    let roots = match trust {
        Trust::Anybody => Vec::new(),
        Trust::Ca(pem) => roots::certificates(pem),
        Trust::Machine => {
            let roots = roots::of_this_machine();
            if roots.is_empty() {
                return Err(JoinError::NoRoots(server.shown()));
            }
            roots
        }
    };
    let builder = builder.root_certs(RootCerts::new_with_certs(&roots));
    let client = match credentials {
        Some(Credentials::Certificate(certificate, key)) => {
            let unusable = || JoinError::ClientCertificate("the discovery file".to_owned());
            let key = PrivateKey::from_pem(key).map_err(|_| unusable())?;
            let chain = roots::certificates(certificate);
            if chain.is_empty() {
                return Err(unusable());
            }
            Some(ClientCert::new_with_certs(&chain, key))
        }
        _ => None,
    };
    Ok(builder.client_cert(client).build())
}

/// What an API server says of an error: the message of its `Status`.
fn said(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Status {
        message: String,
    }
    match erased::from_json::<Status>(body) {
        Ok(status) => printable(&status.message),
        Err(_) => String::new(),
    }
}

/// A text of others, short and on one line.
fn printable(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(SHOWN).collect()
}

fn of_tls(error: &rustls::Error, host: &str) -> AskProblem {
    use rustls::CertificateError as Wrong;
    let rustls::Error::InvalidCertificate(wrong) = error else {
        return AskProblem::Tls(printable(&error.to_string()));
    };
    AskProblem::Certificate(match wrong {
        // All of kubeadm's CAs have one name, so that another one's signature is a wrong one.
        Wrong::UnknownIssuer | Wrong::BadSignature => {
            "is not signed by a CA that is trusted for it".to_owned()
        }
        Wrong::Expired | Wrong::ExpiredContext { .. } => {
            "has expired, by this machine's clock".to_owned()
        }
        Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => {
            "is not valid yet, by this machine's clock".to_owned()
        }
        Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => {
            format!("is not for `{host}`")
        }
        other => format!("is not valid: {}", printable(&format!("{other:?}"))),
    })
}
