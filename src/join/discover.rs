//! Finding the cluster, and proving that it is the right one.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use super::BOOTSTRAP_FILE;
use super::client::{Client, LIMIT, Trust};
use super::cluster::config_map;
use super::error::{AskProblem, JoinError};
use super::kubeconfig::{Kubeconfig, KubeconfigProblem};
use super::retry::{Failed, Question, Watch};
use super::{pin, roots};
use crate::kubeadm::discovery::{Discovery, Source};
use crate::kubeadm::{File as Output, Token};

const NAMESPACE: &str = "kube-public";
const CONFIG_MAP: &str = "cluster-info";
/// How it is called.
const WHAT: &str = "the cluster-info ConfigMap";
/// How it is called when it is read over a connection that its own CA vouches for.
const AGAIN: &str = "the cluster-info ConfigMap again, trusting its CA";
/// What a signature's key starts with, before the token's id.
const SIGNATURE: &str = "jws-kubeconfig-";

/// Finds a configuration's cluster, and makes the kubeconfig with which the node asks to be taken in.
///
/// # Errors
/// The cluster is not found in time, or does not prove itself.
pub fn discover(discovery: &Discovery, watch: &dyn Watch) -> Result<Kubeconfig, JoinError> {
    let within = discovery.timeout;
    let (found, origin) = match &discovery.source {
        Source::Token {
            endpoint,
            token,
            pins,
        } => {
            let found = by_token(endpoint, token, pins, within, watch)?;
            (found, WHAT.to_owned())
        }
        Source::File(path) => {
            let found = refreshed(read_file(path)?, within, watch)?;
            (found, named(path))
        }
        Source::Url(url) => {
            let found = refreshed(read_url(url, within, watch)?, within, watch)?;
            (found, format!("`{url}`"))
        }
    };
    with_credentials(found, discovery, &origin)
}

/// The same from files alone: the cluster's CA, and what it holds, for the address of its API server. Nothing proves
/// that the cluster is there.
///
/// # Errors
/// The CA is not the pinned one, or a file cannot be used.
pub fn offline(
    discovery: &Discovery,
    ca: &[u8],
    endpoint: Option<&str>,
) -> Result<Kubeconfig, JoinError> {
    if roots::certificates(ca).is_empty() {
        return Err(JoinError::Kubeconfig {
            origin: "`--ca`".to_owned(),
            problem: KubeconfigProblem::NoCertificate("--ca"),
        });
    }
    let (found, origin) = match &discovery.source {
        Source::Token {
            endpoint: own,
            pins,
            ..
        } => {
            let server = endpoint.unwrap_or(own);
            pinned(ca, pins, server)?;
            let found = Kubeconfig {
                server: format!("https://{server}"),
                ca: ca.to_vec(),
                proxy: None,
                user: None,
            };
            (found, WHAT.to_owned())
        }
        Source::File(path) => {
            let mut found = read_file(path)?;
            let keys = |pem: &[u8]| pin::hashes(pem);
            if !found.ca.is_empty() && keys(&found.ca) != keys(ca) {
                return Err(JoinError::DifferentCa(named(path)));
            }
            found.ca = ca.to_vec();
            (found, named(path))
        }
        Source::Url(_) => return Err(JoinError::NeedsNetwork),
    };
    with_credentials(found, discovery, &origin)
}

/// bootstrap-kubelet.conf and the cluster's CA as files: the first is for root alone.
///
/// # Errors
/// The CA is not text.
pub fn files(config: &Kubeconfig, ca_file: &str) -> Result<[Output; 2], JoinError> {
    let ca = String::from_utf8(config.ca.clone());
    let ca = ca.map_err(|_| JoinError::Kubeconfig {
        origin: WHAT.to_owned(),
        problem: KubeconfigProblem::NotUtf8,
    })?;
    Ok([
        Output::private(BOOTSTRAP_FILE, config.text()),
        Output::new(ca_file.to_owned(), ca),
    ])
}

fn with_credentials(
    found: Kubeconfig,
    discovery: &Discovery,
    origin: &str,
) -> Result<Kubeconfig, JoinError> {
    if found.ca.is_empty() {
        return Err(JoinError::NoCa(origin.to_owned()));
    }
    match (&discovery.token, &found.user) {
        (Some(token), _) => Ok(found.with_token(token)),
        (None, Some(_)) => Ok(found),
        (None, None) => Err(JoinError::NoCredentials(origin.to_owned())),
    }
}

/// By a token: what the cluster says unproven has to be signed with it; then its CA has to be pinned, and to vouch
/// for whoever says the same again.
fn by_token(
    endpoint: &str,
    token: &Token,
    pins: &[[u8; 32]],
    within: Duration,
    watch: &dyn Watch,
) -> Result<Kubeconfig, JoinError> {
    let url = format!("https://{endpoint}");
    let client = Client::new(&url, Trust::Anybody, None, None)?;
    let (first, signature) = signed(&client, token, WHAT, within, watch)?;
    if !token.signed(first.as_bytes(), &signature) {
        return Err(JoinError::WrongSignature {
            server: client.server().shown(),
            id: token.id().to_owned(),
        });
    }
    let found = Kubeconfig::of_cluster_info(&first);
    let found = found.map_err(|problem| JoinError::Kubeconfig {
        origin: WHAT.to_owned(),
        problem,
    })?;
    if pins.is_empty() {
        watch.note("without `caCertHashes` whoever knows the token may answer as this cluster");
        return Ok(found);
    }
    if found.ca.is_empty() {
        return Err(JoinError::NoCa(WHAT.to_owned()));
    }
    pinned(&found.ca, pins, &client.server().shown())?;
    let client = Client::new(&url, Trust::Ca(&found.ca), None, None)?;
    let (second, _) = signed(&client, token, AGAIN, within, watch)?;
    match first == second {
        true => Ok(found),
        false => Err(JoinError::Changed(client.server().shown())),
    }
}

/// Makes sure that one of the certificates has a key that is pinned. Without pins every key is.
fn pinned(ca: &[u8], pins: &[[u8; 32]], server: &str) -> Result<(), JoinError> {
    let found = pin::hashes(ca);
    if pins.is_empty() || found.iter().any(|hash| pins.contains(hash)) {
        return Ok(());
    }
    Err(JoinError::WrongCa {
        server: server.to_owned(),
        found,
    })
}

/// The kubeconfig of cluster-info with its signature for a token, which the cluster makes a while after the token.
fn signed(
    client: &Client,
    token: &Token,
    what: &str,
    within: Duration,
    watch: &dyn Watch,
) -> Result<(String, String), JoinError> {
    let server = client.server().shown();
    let question = Question {
        what,
        server: &server,
        within,
    };
    question.ask(watch, |within| {
        let data = config_map(client, NAMESPACE, CONFIG_MAP, within)?;
        let Some(signature) = data.get(&format!("{SIGNATURE}{}", token.id())) else {
            return Err(AskProblem::Unsigned(token.id().to_owned()).into());
        };
        match data.get("kubeconfig") {
            Some(kubeconfig) => Ok((kubeconfig.clone(), signature.clone())),
            None => Err(AskProblem::Answer("a ConfigMap with a `kubeconfig`").into()),
        }
    })
}

/// Reads a discovery file of this machine. Files that it names are looked for beside it.
fn read_file(path: &Path) -> Result<Kubeconfig, JoinError> {
    let content = content(path).map_err(|source| JoinError::Read {
        path: path.to_owned(),
        source,
    })?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let load = |file: &Path| content_of(&folder.join(file));
    parse(content, &load, &named(path))
}

fn read_url(url: &str, within: Duration, watch: &dyn Watch) -> Result<Kubeconfig, JoinError> {
    let client = Client::new(url, Trust::Machine, None, None)?;
    let server = client.server().shown();
    let question = Question {
        what: "the discovery file",
        server: &server,
        within,
    };
    let content = question.ask(watch, |within| {
        client.get("", within).map_err(|problem| match problem {
            problem @ AskProblem::Status { code: 400..500, .. } => Failed::Refused(problem),
            problem => Failed::Again(problem),
        })
    })?;
    let load = |file: &Path| match file.is_absolute() {
        true => content_of(file),
        false => Err("it is not an absolute path".to_owned()),
    };
    parse(content, &load, &format!("`{url}`"))
}

fn parse(
    content: Vec<u8>,
    load: &dyn Fn(&Path) -> Result<Vec<u8>, String>,
    origin: &str,
) -> Result<Kubeconfig, JoinError> {
    let text = String::from_utf8(content).map_err(|_| KubeconfigProblem::NotUtf8);
    let read = text.and_then(|text| Kubeconfig::of_discovery(&text, load));
    read.map_err(|problem| JoinError::Kubeconfig {
        origin: origin.to_owned(),
        problem,
    })
}

/// Proves over TLS that the API server of a discovery file is there, and takes the CA from its cluster-info where
/// the file has none (`ValidateConfigInfo` in kubeadm's `discovery/file`).
fn refreshed(
    mut config: Kubeconfig,
    within: Duration,
    watch: &dyn Watch,
) -> Result<Kubeconfig, JoinError> {
    let client = Client::of(&config)?;
    let server = client.server().shown();
    let question = Question {
        what: WHAT,
        server: &server,
        within,
    };
    let anonymous = config.user.is_none();
    let data = question.ask(watch, |within| {
        match config_map(&client, NAMESPACE, CONFIG_MAP, within) {
            Ok(data) => Ok(Some(data)),
            // Who may not read it has spoken to the right server all the same.
            Err(AskProblem::Status { code, .. }) if code == 403 || code == 401 && anonymous => {
                Ok(None)
            }
            Err(problem) => Err(problem.into()),
        }
    })?;
    let text = data.as_ref().and_then(|data| data.get("kubeconfig"));
    let Some(Ok(known)) = text.map(|text| Kubeconfig::of_cluster_info(text)) else {
        watch.note(
            "the cluster-info ConfigMap cannot be read; the server's certificate is the cluster's",
        );
        return Ok(config);
    };
    if known.server != config.server {
        watch.note(&format!(
            "the cluster calls itself `{}`, the discovery file `{}`, which is taken",
            known.server, config.server
        ));
    }
    if config.ca.is_empty() {
        config.ca = known.ca;
    }
    Ok(config)
}

fn named(path: &Path) -> String {
    format!("`{}`", path.display())
}

fn content_of(path: &Path) -> Result<Vec<u8>, String> {
    content(path).map_err(|error| error.to_string())
}

/// A file's content, if it is not longer than an answer may be.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        let text = "it is not a regular file";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    file.take(LIMIT + 1).read_to_end(&mut content)?;
    match content.len() as u64 > LIMIT {
        true => Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "it is too large for a kubeconfig or a certificate",
        )),
        false => Ok(content),
    }
}
