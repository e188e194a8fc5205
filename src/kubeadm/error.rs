//! What can be wrong with what was given, as data: which document, which field, which line.

use std::fmt;

use thiserror::Error;

use super::discovery_problem::DiscoveryProblem;
use super::expected::Expected;
use super::net::SubnetProblem;
use super::version::{APIS, KNOWN, PROVEN, Version};
use super::yaml::{MAX_BYTES, MAX_DEPTH, Pos, read::Problem};

/// Which of the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The kubeadm configuration of this node.
    Config,
    /// What the cluster that is joined holds.
    Cluster,
    /// A patch of kubeadm's `patches.directory`.
    Patch,
    /// An option of the command line; the field is its name.
    CommandLine,
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Input::Config => "kubeadm configuration",
            Input::Cluster => "cluster configuration",
            Input::Patch => "patch",
            Input::CommandLine => "command line",
        })
    }
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// In which text.
    pub input: Input,
    /// The document in it, from 1.
    pub document: usize,
    /// The document's kind, empty while it is unknown.
    pub kind: String,
    /// The field, like `nodeRegistration.taints[0].key`; empty for the whole document.
    pub path: String,
    /// Line and column, both from 1.
    pub pos: Pos,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.input)?;
        if self.input == Input::CommandLine {
            return write!(f, ": `{}`", self.path);
        }
        write!(f, ", document {}", self.document)?;
        if !self.kind.is_empty() {
            write!(f, " ({})", self.kind)?;
        }
        if self.pos.line > 0 {
            write!(f, ", line {}, column {}", self.pos.line, self.pos.column)?;
        }
        if !self.path.is_empty() {
            write!(f, ": `{}`", self.path)?;
        }
        Ok(())
    }
}

/// Why kubeadm's files cannot be made from this input.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Error {
    /// More text than is read.
    #[error("{input}: it has {size} bytes, and at most {MAX_BYTES} are read")]
    TooLarge {
        /// Which text.
        input: Input,
        /// Its size.
        size: usize,
    },
    /// Not YAML, or beyond the limits.
    #[error("{place}: {problem}")]
    Yaml {
        /// Where.
        place: Box<Place>,
        /// What is wrong there.
        problem: Box<Problem>,
    },
    /// A document without `apiVersion` or `kind`.
    #[error("{0}: every document needs an `apiVersion` and a `kind`")]
    NoKind(Box<Place>),
    /// A kind twice.
    #[error("{second}: there is a second `{kind}`; the first is document {first}")]
    TwoOfOneKind {
        /// The kind.
        kind: String,
        /// The number of the first document.
        first: usize,
        /// Where the second stands.
        second: Box<Place>,
    },
    /// A version of kubeadm's API that this kubeadm does not read.
    #[error("{place}: kubeadm {version} does not read `kubeadm.k8s.io/{api}`")]
    UnreadableApi {
        /// Where.
        place: Box<Place>,
        /// The version of the API.
        api: String,
        /// The kubeadm.
        version: Version,
    },
    /// A document of the kubelet's group that is no KubeletConfiguration v1beta1, or one of no known group.
    #[error("{place}: `{api}`, kind `{kind}`, does not belong in a kubeadm configuration")]
    UnknownKind {
        /// Where.
        place: Box<Place>,
        /// The whole apiVersion.
        api: String,
        /// The kind.
        kind: String,
    },
    /// None of the kinds that are needed.
    #[error("{input}: there is no {}", or(wanted))]
    NoDocument {
        /// Which text.
        input: Input,
        /// The kinds of which one is needed.
        wanted: &'static [&'static str],
    },
    /// A field's value.
    #[error("{place}: {problem}")]
    Invalid {
        /// Where.
        place: Box<Place>,
        /// What is wrong with it.
        problem: Box<Invalid>,
    },
    /// A placeholder of a template that nobody rendered, where it does harm.
    #[error("{place}: `{text}` is a placeholder of a template that was not rendered")]
    Template {
        /// Where.
        place: Box<Place>,
        /// It.
        text: String,
    },
    /// Several container runtimes, and no `criSocket` to choose.
    #[error("there are several container runtimes: {}", .0.join(", "))]
    SeveralSockets(Vec<String>),
    /// The host's name is empty.
    #[error("the host has no name")]
    NoHostname,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Invalid {
    /// Another type of value. YAML converts nothing: `v: 4` is a number.
    #[error("{expected} is expected, but this is {found}")]
    Type {
        /// What the field takes.
        expected: Expected,
        /// What stands there.
        found: String,
    },
    /// No duration as Go writes them.
    #[error("`{0}` is not a valid duration")]
    Duration(String),
    /// No quantity of Kubernetes.
    #[error("`{0}` is not a valid quantity")]
    Quantity(String),
    /// A subnet.
    #[error("`{value}`: {problem}")]
    Subnet {
        /// The text.
        value: String,
        /// What is wrong with it.
        problem: SubnetProblem,
    },
    /// A name that is no DNS subdomain (RFC 1123).
    #[error(
        "`{0}` is not a valid DNS name, which has lower-case letters, digits, `-` and `.`, and begins and ends with a letter or a digit"
    )]
    Name(String),
    /// A name of more than 253 characters.
    #[error("the name has {0} characters, and at most 253 are allowed")]
    LongName(usize),
    /// Blank where a name is needed.
    #[error("the name is blank")]
    BlankName,
    /// A path that should start with `/`.
    #[error("`{0}` is not an absolute path")]
    RelativePath(String),
    /// No URL.
    #[error("`{0}` is not a valid URL")]
    Url(String),
    /// A CRI socket with another scheme than `unix`.
    #[error("`{0}`: only `unix` URLs are supported")]
    Scheme(String),
    /// An extra argument without a name.
    #[error("the argument has no name")]
    BlankArgument,
    /// A feature gate that this kubeadm does not have.
    #[error("`{name}` is not a feature gate of kubeadm {version}")]
    Gate {
        /// The gate.
        name: String,
        /// The kubeadm.
        version: Version,
    },
    /// No version and no label.
    #[error("`{0}` is neither a version like `v1.36.3` nor a label like `stable-1`")]
    Version(String),
    /// A label, for a kubeadm that would ask the network.
    #[error("kubeadm {version} looks up the label `{label}` over the network")]
    Label {
        /// The label.
        label: String,
        /// The kubeadm.
        version: Version,
    },
    /// A Kubernetes too old for this kubeadm.
    #[error("kubeadm {version} deploys Kubernetes from 1.{minimum}.0 on, not `{found}`")]
    TooOld {
        /// The version found.
        found: String,
        /// The kubeadm.
        version: Version,
        /// The oldest minor release that it deploys.
        minimum: u8,
    },
    /// No image repository.
    #[error("`{0}` is not a valid image repository")]
    Repository(String),
    /// A rule of the kubelet's own validation.
    #[error("{0}")]
    Kubelet(&'static str),
    /// A type of patch that is not known.
    #[error("`{0}` is not a type of patch; the types are `strategic`, `merge` and `json`")]
    PatchType(String),
    /// How a node finds its cluster.
    #[error(transparent)]
    Discovery(#[from] DiscoveryProblem),
    /// A JSON patch that does not apply.
    #[error("the patch does not apply")]
    Patch,
}

impl Error {
    /// The place that it is about, if it is about one.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Error::Yaml { place, .. }
            | Error::NoKind(place)
            | Error::TwoOfOneKind { second: place, .. }
            | Error::UnreadableApi { place, .. }
            | Error::UnknownKind { place, .. }
            | Error::Template { place, .. }
            | Error::Invalid { place, .. } => Some(place),
            _ => None,
        }
    }

    /// The text that it is about, if it is about one.
    pub fn input(&self) -> Option<Input> {
        match self {
            Error::TooLarge { input, .. } | Error::NoDocument { input, .. } => Some(*input),
            _ => Some(self.place()?.input),
        }
    }

    /// What would be right, in a sentence.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::TooLarge { .. } => {
                Some("a kubeadm configuration with every field has about 20 KiB".to_owned())
            }
            Error::Yaml { problem, .. } if **problem == Problem::TooDeep => Some(format!(
                "no field of kubeadm or the kubelet is nested deeper than 8 levels; {MAX_DEPTH} are read"
            )),
            Error::NoKind(_) => Some(
                "for example `apiVersion: kubeadm.k8s.io/v1beta4` and `kind: InitConfiguration`"
                    .to_owned(),
            ),
            Error::UnreadableApi { api, version, .. } if api == "v1beta3" && version.minor() > 36 => {
                let migrate = "kubeadm 1.35's `kubeadm config migrate` makes it `v1beta4`";
                Some(format!("{migrate}; {}", readers(*version)))
            }
            Error::UnreadableApi { version, .. } => Some(readers(*version)),
            Error::UnknownKind { .. } => Some(
                "`kubelet.config.k8s.io/v1beta1`, kind `KubeletConfiguration`, and kubeadm's own kinds are read"
                    .to_owned(),
            ),
            Error::SeveralSockets(_) => {
                Some("choose one with `nodeRegistration.criSocket` or `--cri-socket`".to_owned())
            }
            Error::NoHostname => Some("name it with `--hostname` or `--node-name`".to_owned()),
            Error::Template { .. } => {
                Some("render the template first, or write the value itself".to_owned())
            }
            Error::Invalid { place, problem } => extra_arguments(place, problem).or(problem.hint()),
            _ => None,
        }
    }
}

impl Invalid {
    fn hint(&self) -> Option<String> {
        match self {
            Invalid::Type {
                expected: Expected::Text,
                found,
            } => Some(format!("write it in quotes: `\"…\"`, not as {found}")),
            Invalid::Duration(_) => Some("for example `30s`, `1m30s` or `500ms`".to_owned()),
            Invalid::Subnet { problem, .. } => problem.hint(),
            Invalid::Gate { version, .. } => {
                let known: Vec<_> = version.gates().collect();
                Some(format!("its gates are {}", known.join(", ")))
            }
            Invalid::Label { .. } => Some("write the version itself".to_owned()),
            Invalid::Discovery(problem) => problem.hint().map(str::to_owned),
            Invalid::Url(_) | Invalid::Scheme(_) => {
                Some("for example `unix:///var/run/containerd/containerd.sock`".to_owned())
            }
            _ => None,
        }
    }
}

/// The form of extra arguments, which v1beta4 changed.
fn extra_arguments(place: &Place, problem: &Invalid) -> Option<String> {
    let Invalid::Type { expected, .. } = problem else {
        return None;
    };
    let field = place.path.rsplit('.').next()?;
    if !field.ends_with("xtraArgs") {
        return None;
    }
    match expected {
        Expected::List => Some(
            "from v1beta4 on it is a list: `- name: v` and below it `value: \"4\"`, in place of `v: \"4\"`".to_owned(),
        ),
        Expected::Mapping => Some(
            "before v1beta4 it is a mapping: `v: \"4\"` in place of `- name: v` and `value: \"4\"`".to_owned(),
        ),
        _ => None,
    }
}

/// Which API versions this kubeadm reads, and who reads the others.
fn readers(version: Version) -> String {
    let (mut its, mut others) = (Vec::new(), Vec::new());
    for (api, releases) in APIS {
        let (first, last) = (releases.start(), releases.end());
        if releases.contains(&version.minor()) {
            its.push(format!("`{api}`"));
        } else if last == KNOWN.end() {
            others.push(format!("`{api}` (1.{first} and newer)"));
        } else if first == last {
            others.push(format!("`{api}` (1.{first})"));
        } else {
            others.push(format!("`{api}` (1.{first} to 1.{last})"));
        }
    }
    format!(
        "kubeadm {version} reads {}; other releases: {}",
        its.join(" and "),
        others.join(", ")
    )
}

fn or(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|w| format!("`{w}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// A version that is not known.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not a known version of kubeadm")]
pub struct UnknownVersion(pub String);

impl UnknownVersion {
    /// What is known, and what is proven.
    pub fn hint(&self) -> String {
        let proven: Vec<_> = PROVEN.iter().map(|minor| format!("1.{minor}")).collect();
        format!(
            "1.{} to 1.{} are known; compared with the real program: {}",
            KNOWN.start(),
            KNOWN.end(),
            proven.join(", ")
        )
    }
}
