//! Kubeconfigs: what a discovery file and the cluster-info ConfigMap say, and bootstrap-kubelet.conf.
//!
//! Read as client-go reads them, as far as kubeadm makes use of them. What names a file is read, so that what is
//! written needs no other file; what would run a program is refused.

use std::fmt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::kubeadm::Token;
use crate::kubeadm::yaml::{self, Map, Node, Value};

/// The name of the cluster in what kubeadm writes.
const CLUSTER: &str = "kubernetes";
/// The name of the user of a token (`TokenUser` in `cmd/kubeadm/app/discovery`).
const TOKEN_USER: &str = "tls-bootstrap-token-user";

/// A cluster, and how to speak to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kubeconfig {
    /// The API server's URL.
    pub server: String,
    /// The cluster's CA, one or more certificates in PEM; empty where it is not said.
    pub ca: Vec<u8>,
    /// The proxy that is named for this cluster, in place of the environment's.
    pub proxy: Option<String>,
    /// Who asks; `None` for nobody.
    pub user: Option<User>,
}

/// Who asks a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The context's name.
    pub context: String,
    /// The context's namespace.
    pub namespace: Option<String>,
    /// The user's name in the file.
    pub name: String,
    /// What proves it.
    pub credentials: Credentials,
}

/// What proves who asks. What shows it shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// A bearer token.
    Token(String),
    /// A name and a password.
    Password(String, String),
    /// A client certificate and its key, both in PEM.
    Certificate(Vec<u8>, Vec<u8>),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token",
            Self::Password(..) => "Password",
            Self::Certificate(..) => "Certificate",
        })
    }
}

/// What is wrong with a kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KubeconfigProblem {
    /// Not YAML.
    #[error("line {line}, column {column}: {problem}")]
    Yaml {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        problem: String,
    },
    /// Not UTF-8.
    #[error("this is not UTF-8")]
    NotUtf8,
    /// No kubeconfig at all.
    #[error("this is not a kubeconfig: `clusters` is missing")]
    NoClusters,
    /// No cluster that counts.
    #[error("a cluster without a name is needed, or a `current-context` that names one")]
    NoCluster,
    /// A number of clusters other than one, in cluster-info.
    #[error("exactly one cluster is expected, but there are {0}")]
    Clusters(usize),
    /// A `current-context` that is not there.
    #[error("`current-context` names `{0}`, which is not among `contexts`")]
    NoContext(String),
    /// A context without a cluster or a user, or with one that is not there.
    #[error("context `{context}`: {what} is {how}")]
    Context {
        /// The context.
        context: String,
        /// `cluster` or `user`.
        what: &'static str,
        /// What is wrong with it.
        how: String,
    },
    /// No `server`, or one that is not an https URL.
    #[error("the cluster's `server` is not a valid https URL")]
    Server,
    /// Not base64.
    #[error("`{0}` is not valid base64")]
    Base64(&'static str),
    /// No certificate where some are needed.
    #[error("`{0}` does not hold a certificate in PEM")]
    NoCertificate(&'static str),
    /// A file that it names.
    #[error("`{field}` names `{}`, which cannot be read: {reason}", path.display())]
    File {
        /// The field.
        field: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// What would run a program, or is not supported.
    #[error("`{field}` is not supported here: {why}")]
    Unsupported {
        /// The field.
        field: &'static str,
        /// Why not.
        why: &'static str,
    },
    /// Two kinds of credentials.
    #[error("user `{0}` has a token and a password, of which only one is allowed")]
    TwoMethods(String),
}

/// Reads a file that a kubeconfig names.
pub type Load<'l> = &'l dyn Fn(&Path) -> Result<Vec<u8>, String>;

impl Kubeconfig {
    /// A cluster that is asked with a token, named as kubeadm names it.
    #[must_use]
    pub fn with_token(self, token: &Token) -> Kubeconfig {
        let user = User {
            context: format!("{TOKEN_USER}@{CLUSTER}"),
            namespace: None,
            name: TOKEN_USER.to_owned(),
            credentials: Credentials::Token(token.expose()),
        };
        // kubeadm makes a new file, which has no proxy.
        Kubeconfig {
            user: Some(user),
            proxy: None,
            ..self
        }
    }

    /// Reads the kubeconfig of the cluster-info ConfigMap: its one cluster, and nobody who asks.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of_cluster_info(text: &str) -> Result<Kubeconfig, KubeconfigProblem> {
        let file = File::read(text)?;
        let clusters = file.list("clusters");
        let [(_, cluster)] = clusters.as_slice() else {
            return Err(KubeconfigProblem::Clusters(clusters.len()));
        };
        cluster_of(cluster, &|_| Err("a cluster names no file".to_owned()))
    }

    /// Reads a discovery file: its cluster, and who asks where the file says it with credentials.
    ///
    /// # Errors
    /// What client-go or kubeadm would refuse.
    pub fn of_discovery(text: &str, load: Load<'_>) -> Result<Kubeconfig, KubeconfigProblem> {
        let file = File::read(text)?;
        let clusters = file.list("clusters");
        let find = |name: &str| clusters.iter().find(|(it, _)| *it == name);
        let current = file.text("current-context").unwrap_or_default();
        let contexts = file.list("contexts");
        let context = contexts.iter().find(|(name, _)| *name == current);
        if context.is_none() && !current.is_empty() {
            return Err(KubeconfigProblem::NoContext(shortened(current)));
        }
        // An unnamed cluster counts first (`GetClusterFromKubeConfig` in kubeadm).
        let by_context = || find(context?.1.text("cluster")?);
        let (_, cluster) = find("")
            .or_else(by_context)
            .ok_or(KubeconfigProblem::NoCluster)?;
        let users = file.list("users");
        for (name, context) in &contexts {
            check_context(name, context, &clusters, &users)?;
        }
        let mut read = cluster_of(cluster, load)?;
        let user = context.and_then(|(_, context)| context.text("user"));
        let user = user.and_then(|name| users.iter().find(|(it, _)| *it == name));
        let (Some((context_name, context)), Some((name, user))) = (context, user) else {
            read.proxy = None;
            return Ok(read);
        };
        match credentials(name, user, load)? {
            Some(credentials) => {
                supported(cluster)?;
                read.user = Some(User {
                    context: (*context_name).to_owned(),
                    namespace: context.text("namespace").map(str::to_owned),
                    name: (*name).to_owned(),
                    credentials,
                });
            }
            // As kubeadm: without credentials only the server and the CA count.
            None => read.proxy = None,
        }
        Ok(read)
    }

    /// The file that kubeadm would write: keys sorted, everything in it.
    pub fn text(&self) -> String {
        let mut cluster = Map::default();
        if !self.ca.is_empty() {
            cluster.set("certificate-authority-data", encoded(&self.ca));
        }
        if let Some(proxy) = &self.proxy {
            cluster.set("proxy-url", proxy.as_str());
        }
        cluster.set("server", self.server.as_str());
        let mut map = Map::default();
        map.set("apiVersion", "v1");
        map.set("kind", "Config");
        map.set("clusters", one(CLUSTER, "cluster", cluster));
        let (mut contexts, mut users) = (Value::Seq(Vec::new()), Value::Seq(Vec::new()));
        if let Some(user) = &self.user {
            let mut context = Map::default();
            context.set("cluster", CLUSTER);
            if let Some(namespace) = &user.namespace {
                context.set("namespace", namespace.as_str());
            }
            context.set("user", user.name.as_str());
            contexts = one(&user.context, "context", context);
            users = one(&user.name, "user", user.credentials.map());
        }
        map.set("contexts", contexts);
        let current = self.user.as_ref().map_or("", |user| user.context.as_str());
        map.set("current-context", current);
        map.set("users", users);
        yaml::write(&map.into())
    }
}

impl Credentials {
    fn map(&self) -> Map {
        let mut map = Map::default();
        match self {
            Self::Token(token) => map.set("token", token.as_str()),
            Self::Password(name, password) => {
                map.set("username", name.as_str());
                map.set("password", password.as_str());
            }
            Self::Certificate(certificate, key) => {
                map.set("client-certificate-data", encoded(certificate));
                map.set("client-key-data", encoded(key));
            }
        }
        map
    }
}

fn encoded(bytes: &[u8]) -> Value {
    Value::Str(STANDARD.encode(bytes))
}

/// A list of one thing with a name.
fn one(name: &str, what: &str, map: Map) -> Value {
    let mut item = Map::default();
    item.set("name", name);
    item.set(what, Value::Map(map));
    Value::Seq(vec![item.into()])
}

/// The whole of a kubeconfig, or a part of it.
struct File(Map);

impl File {
    fn read(text: &str) -> Result<File, KubeconfigProblem> {
        let node =
            yaml::read_document(text, 1).map_err(|(problem, pos)| KubeconfigProblem::Yaml {
                line: pos.line,
                column: pos.column,
                problem: problem.to_string(),
            })?;
        match node.value {
            Value::Map(map) if map.get("clusters").is_some() => Ok(File(map)),
            _ => Err(KubeconfigProblem::NoClusters),
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.text(name)
    }

    /// The things of a list, each with its name.
    fn list(&self, name: &str) -> Vec<(&str, &Map)> {
        static EMPTY: std::sync::LazyLock<Map> = std::sync::LazyLock::new(Map::default);
        let Some(Value::Seq(items)) = self.0.get(name).map(|node| &node.value) else {
            return Vec::new();
        };
        let inner = name.strip_suffix('s').unwrap_or(name);
        let mut list = Vec::new();
        for map in items.iter().filter_map(Node::as_map) {
            let content = map.get(inner).and_then(Node::as_map).unwrap_or(&EMPTY);
            list.push((map.text("name").unwrap_or_default(), content));
        }
        list
    }
}

/// Texts of a mapping; an empty one counts as absent.
trait Texts {
    fn text(&self, name: &str) -> Option<&str>;
}

impl Texts for Map {
    fn text(&self, name: &str) -> Option<&str> {
        let text = self.get(name)?.as_str()?;
        (!text.is_empty()).then_some(text)
    }
}

fn check_context(
    name: &str,
    context: &Map,
    clusters: &[(&str, &Map)],
    users: &[(&str, &Map)],
) -> Result<(), KubeconfigProblem> {
    for (what, known) in [("user", users), ("cluster", clusters)] {
        let how = match context.text(what) {
            None => "not given".to_owned(),
            Some(it) if known.iter().any(|(known, _)| *known == it) => continue,
            Some(it) => format!("`{}`, which is not there", shortened(it)),
        };
        return Err(KubeconfigProblem::Context {
            context: shortened(name),
            what,
            how,
        });
    }
    Ok(())
}

fn cluster_of(cluster: &Map, load: Load<'_>) -> Result<Kubeconfig, KubeconfigProblem> {
    let server = cluster.text("server");
    let server = server.filter(|server| super::server::Server::parse(server).is_some());
    let ca = data(cluster, "certificate-authority", load)?.unwrap_or_default();
    if !ca.is_empty() && super::roots::certificates(&ca).is_empty() {
        return Err(KubeconfigProblem::NoCertificate(
            "certificate-authority-data",
        ));
    }
    Ok(Kubeconfig {
        server: server.ok_or(KubeconfigProblem::Server)?.to_owned(),
        ca,
        proxy: cluster.text("proxy-url").map(str::to_owned),
        user: None,
    })
}

/// Whether there is nothing in a cluster's settings that counts and is not followed here.
fn supported(cluster: &Map) -> Result<(), KubeconfigProblem> {
    let insecure = cluster.get("insecure-skip-tls-verify");
    if insecure.is_some_and(|node| node.value == Value::Bool(true)) {
        return Err(KubeconfigProblem::Unsupported {
            field: "insecure-skip-tls-verify",
            why: "nothing would prove that the cluster is the right one",
        });
    }
    match cluster.text("tls-server-name") {
        Some(_) => Err(KubeconfigProblem::Unsupported {
            field: "tls-server-name",
            why: "the server's certificate has to be for the name in `server`",
        }),
        None => Ok(()),
    }
}

/// What a user proves itself with; `None` where the file does not say.
fn credentials(
    name: &str,
    user: &Map,
    load: Load<'_>,
) -> Result<Option<Credentials>, KubeconfigProblem> {
    for field in ["exec", "auth-provider"] {
        if user.get(field).is_some_and(|node| !node.is_null()) {
            let why = "it runs a program";
            return Err(KubeconfigProblem::Unsupported { field, why });
        }
    }
    let token = match user.text("tokenFile") {
        Some(path) => {
            let token = loaded("tokenFile", path, load)?;
            let token = String::from_utf8(token).map_err(|_| KubeconfigProblem::NotUtf8)?;
            Some(token.trim().to_owned())
        }
        None => user.text("token").map(str::to_owned),
    };
    let password = user.text("username").zip(user.text("password"));
    match (token, password) {
        (Some(_), Some(_)) => Err(KubeconfigProblem::TwoMethods(shortened(name))),
        (Some(token), None) => Ok(Some(Credentials::Token(token))),
        (None, Some((name, password))) => Ok(Some(Credentials::Password(
            name.to_owned(),
            password.to_owned(),
        ))),
        (None, None) => {
            let certificate = data(user, "client-certificate", load)?;
            let key = data(user, "client-key", load)?;
            let both = certificate.zip(key);
            Ok(both.map(|(certificate, key)| Credentials::Certificate(certificate, key)))
        }
    }
}

/// What stands in a field with `-data`, in base64, or in the file that the field without it names.
fn data(
    map: &Map,
    field: &'static str,
    load: Load<'_>,
) -> Result<Option<Vec<u8>>, KubeconfigProblem> {
    if let Some(text) = map.text(&format!("{field}-data")) {
        let text: String = text.split_whitespace().collect();
        let decoded = STANDARD.decode(text);
        return decoded
            .map(Some)
            .map_err(|_| KubeconfigProblem::Base64(field));
    }
    match map.text(field) {
        Some(path) => loaded(field, path, load).map(Some),
        None => Ok(None),
    }
}

fn loaded(field: &'static str, path: &str, load: Load<'_>) -> Result<Vec<u8>, KubeconfigProblem> {
    let path = Path::new(path);
    load(path).map_err(|reason| KubeconfigProblem::File {
        field,
        path: path.to_owned(),
        reason,
    })
}

/// What is shown of a name.
fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}
