//! The shape of a spec's YAML, with its defaults. Keys are written as Kubernetes
//! writes keys.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, Visitor};

use crate::service::text::{from_string, from_string_or_number};
use crate::service::unit_name;
use crate::service::{
    AbsPath, Argument, Bound, Dependency, Ends, EnvFile, Keep, Kill, Limit, Limits, Line, Log,
    Name, OomScoreAdjust, Policy, Restart, Signal, Size, Span, StartLimit, Stop, TasksMax, Type,
    ValueError, VarName, Variable,
};

/// A spec as it was written. Its fields are those of [`Service`](crate::service::Service).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "camelCase",
    expecting = "a mapping with the keys of a spec"
)]
pub struct Spec {
    /// The service's name.
    #[serde(deserialize_with = "name_shape")]
    pub name: Name,
    /// One line about it.
    pub description: Line,
    /// Who sets its arguments.
    pub configured_by: Option<Name>,
    /// Where it is documented.
    #[serde(default)]
    pub documentation: Vec<Line>,
    /// The program.
    pub program: AbsPath,
    /// Its arguments.
    #[serde(default)]
    pub arguments: Vec<Argument>,
    /// Variables of its own.
    #[serde(default, deserialize_with = "variables")]
    pub environment: Vec<Variable>,
    /// Env files in order.
    #[serde(default)]
    pub env_files: Vec<SpecEnvFile>,
    /// When it counts as started.
    #[serde(default, rename = "type")]
    pub service_type: Type,
    /// When it is started again.
    #[serde(default = "restart", deserialize_with = "restart_shape")]
    pub restart: Restart,
    /// How it is ended.
    #[serde(default = "stop", deserialize_with = "stop_shape")]
    pub stop: Stop,
    /// What it needs.
    #[serde(default)]
    pub needs: Vec<Dependency>,
    /// What it wants.
    #[serde(default)]
    pub wants: Vec<Dependency>,
    /// What it comes after where that is started as well.
    #[serde(default)]
    pub after: Vec<Dependency>,
    /// What comes after it.
    #[serde(default, deserialize_with = "names_shape")]
    pub before: Vec<Name>,
    /// Its limits.
    #[serde(default, deserialize_with = "limits_shape")]
    pub limits: Limits,
    /// How many tasks it may have.
    pub tasks_max: Option<TasksMax>,
    /// Whether it makes control groups of its own.
    #[serde(default)]
    pub delegate: bool,
    /// Its log.
    #[serde(default = "log", deserialize_with = "log_shape")]
    pub log: Log,
}

/// An env file as a spec names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a mapping with `path`, `optional` and `about`"
)]
pub struct SpecEnvFile {
    /// Its path; without one, it is the distribution's file of extra arguments.
    #[serde(deserialize_with = "env_path")]
    pub path: Option<AbsPath>,
    /// Whether it may be missing.
    #[serde(default)]
    pub optional: bool,
    /// What it is for.
    pub about: Option<Line>,
}

impl SpecEnvFile {
    /// The same with a path that is settled.
    pub(super) fn at(self, path: AbsPath) -> EnvFile {
        EnvFile {
            about: self.about,
            path,
            optional: self.optional,
        }
    }
}

/// A service's name, and not that of another unit of systemd.
fn service_name(text: &str) -> Result<Name, ValueError> {
    let name: Name = text.parse()?;
    unit_name::check(name.as_str())?;
    Ok(name)
}

/// The name of a service and of nothing else.
struct ServiceName(Name);

impl FromStr for ServiceName {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        service_name(text).map(Self)
    }
}

impl<'de> Deserialize<'de> for ServiceName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_string(deserializer)
    }
}

fn name_shape<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
    ServiceName::deserialize(deserializer).map(|ServiceName(name)| name)
}

fn names_shape<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Name>, D::Error> {
    let names = Vec::<ServiceName>::deserialize(deserializer)?;
    Ok(names.into_iter().map(|ServiceName(name)| name).collect())
}

/// The word that stands for the distribution's file of extra arguments.
const EXTRA_ARGS_FILE: &str = "{extra-args-file}";

fn env_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<AbsPath>, D::Error> {
    struct Path(Option<AbsPath>);
    impl FromStr for Path {
        type Err = ValueError;

        fn from_str(path: &str) -> Result<Self, ValueError> {
            match path {
                EXTRA_ARGS_FILE => Ok(Self(None)),
                path => path.parse().map(Some).map(Self),
            }
        }
    }
    from_string(deserializer).map(|Path(path)| path)
}

/// A variable's name that is not in the list, checked while the reader is at it.
struct NewName<'a>(&'a [Variable]);

impl<'de> DeserializeSeed<'de> for NewName<'_> {
    type Value = VarName;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<VarName, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NewName<'_> {
    type Value = VarName;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a variable's name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<VarName, E> {
        if self.0.iter().any(|there| there.name.as_str() == name) {
            return Err(E::custom(format_args!(
                "the variable `{name}` is set twice"
            )));
        }
        name.parse().map_err(E::custom)
    }
}

/// A mapping as a list in its own order; a name that comes twice is an error.
fn variables<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Variable>, D::Error> {
    struct Variables;
    impl<'de> Visitor<'de> for Variables {
        type Value = Vec<Variable>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a mapping of variable names to strings")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut list: Vec<Variable> = Vec::new();
            while let Some(name) = map.next_key_seed(NewName(&list))? {
                let value = map.next_value()?;
                list.push(Variable { name, value });
            }
            Ok(list)
        }
    }
    deserializer.deserialize_map(Variables)
}

fn restart() -> Restart {
    Restart::DEFAULT
}

fn restart_shape<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Restart, D::Error> {
    #[derive(Deserialize)]
    #[serde(
        deny_unknown_fields,
        rename_all = "camelCase",
        expecting = "a mapping such as `{policy: always, delay: 10s}`"
    )]
    struct Shape {
        policy: Option<Policy>,
        delay: Option<Span>,
        limit: Option<StartLimit>,
        #[serde(default)]
        success_exit_status: Ends,
        #[serde(default)]
        force_exit_status: Ends,
        #[serde(default)]
        prevent_exit_status: Ends,
    }
    let shape = Shape::deserialize(deserializer)?;
    let default = restart();
    Ok(Restart {
        policy: shape.policy.unwrap_or(default.policy),
        delay: shape.delay.unwrap_or(default.delay),
        limit: shape.limit,
        success_exit_status: shape.success_exit_status,
        force_exit_status: shape.force_exit_status,
        prevent_exit_status: shape.prevent_exit_status,
    })
}

fn stop() -> Stop {
    Stop::DEFAULT
}

/// A time until something is given up. `infinity` is systemd's word for what it also
/// writes as 0.
struct Timeout(Span);

impl FromStr for Timeout {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text {
            "infinity" => Ok(Self(Span::seconds(0))),
            text => text.parse().map(Self),
        }
    }
}

impl<'de> Deserialize<'de> for Timeout {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_string_or_number(deserializer)
    }
}

fn stop_shape<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Stop, D::Error> {
    #[derive(Deserialize)]
    #[serde(
        deny_unknown_fields,
        rename_all = "camelCase",
        expecting = "a mapping such as `{signal: TERM, timeout: 90s, kill: group}`"
    )]
    struct Shape {
        signal: Option<Signal>,
        timeout: Option<Timeout>,
        kill: Option<Kill>,
        send_kill: Option<bool>,
    }
    let shape = Shape::deserialize(deserializer)?;
    let default = stop();
    Ok(Stop {
        signal: shape.signal.unwrap_or(default.signal),
        timeout: shape.timeout.map_or(default.timeout, |Timeout(span)| span),
        kill: shape.kill.unwrap_or(default.kill),
        send_kill: shape.send_kill.unwrap_or(default.send_kill),
    })
}

fn log() -> Log {
    Log {
        max_size: Size::mebibytes(10),
        keep: Keep::DEFAULT,
    }
}

fn log_shape<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Log, D::Error> {
    #[derive(Deserialize)]
    #[serde(
        deny_unknown_fields,
        rename_all = "camelCase",
        expecting = "a mapping with `maxSize` and `keep`"
    )]
    struct Shape {
        max_size: Option<Size>,
        keep: Option<Keep>,
    }
    let shape = Shape::deserialize(deserializer)?;
    let default = log();
    Ok(Log {
        max_size: shape.max_size.unwrap_or(default.max_size),
        keep: shape.keep.unwrap_or(default.keep),
    })
}

fn limits_shape<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Limits, D::Error> {
    #[derive(Deserialize)]
    #[serde(
        deny_unknown_fields,
        rename_all = "camelCase",
        expecting = "a mapping with `nofile`, `nproc`, `core` and `oomScoreAdjust`"
    )]
    struct Shape {
        nofile: Option<Limit>,
        nproc: Option<Limit>,
        core: Option<Limit>,
        oom_score_adjust: Option<OomScoreAdjust>,
    }
    let shape = Shape::deserialize(deserializer)?;
    Ok(Limits {
        nofile: shape.nofile,
        nproc: shape.nproc,
        core: shape.core,
        oom_score_adjust: shape.oom_score_adjust,
    })
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, expecting = "a mapping with `soft` and `hard`")]
        struct Shape {
            soft: Bound,
            hard: Bound,
        }
        let Shape { soft, hard } = Shape::deserialize(deserializer)?;
        match (soft, hard) {
            (Bound::Infinity, Bound::At(_)) => {}
            (Bound::At(soft), Bound::At(hard)) if soft > hard => {}
            _ => return Ok(Self { soft, hard }),
        }
        Err(de::Error::custom("the soft limit is above the hard limit"))
    }
}

impl FromStr for Dependency {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        if text == "network-online.target" {
            return Ok(Self::NetworkOnline);
        }
        let name = service_name(text)?;
        Ok(match name.as_str() {
            "network-online" => Self::NetworkOnline,
            "container-runtime" => Self::ContainerRuntime,
            "cgroups" => Self::Cgroups,
            _ => Self::Service(name),
        })
    }
}

impl<'de> Deserialize<'de> for Dependency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_string(deserializer)
    }
}
