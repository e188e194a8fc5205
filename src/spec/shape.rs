//! The shape of a spec's YAML, with its defaults. Keys are written as Kubernetes
//! writes keys.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, Visitor};

use crate::service::text::reads;
use crate::service::unit_name;
use crate::service::{
    AbsPath, Argument, Dependency, EnvFile, ForSystemd, Life, Limits, Line, Log, Name, Process,
    Restart, Stop, TasksMax, Type, ValueError, VarName, Variable,
};

/// A spec as it was written. Its fields are those of [`Service`](crate::service::Service).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// The service's name.
    pub name: Name,
    /// One line about it.
    pub description: Line,
    /// Who sets its arguments.
    pub configured_by: Option<Name>,
    /// Where it is documented.
    pub documentation: Vec<Line>,
    /// The program.
    pub program: AbsPath,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// Variables of its own.
    pub environment: Vec<Variable>,
    /// Whether there are specifiers of the host in its texts.
    pub specifiers: bool,
    /// Env files in order.
    pub env_files: Vec<SpecEnvFile>,
    /// When it counts as started.
    pub service_type: Type,
    /// When it is started again.
    pub restart: Restart,
    /// How it is ended.
    pub stop: Stop,
    /// What it needs.
    pub needs: Vec<Dependency>,
    /// What it wants.
    pub wants: Vec<Dependency>,
    /// What it comes after where that is started as well.
    pub after: Vec<Dependency>,
    /// What comes after it.
    pub before: Vec<Name>,
    /// Its limits.
    pub limits: Limits,
    /// How many tasks it may have.
    pub tasks_max: Option<TasksMax>,
    /// Whether it makes control groups of its own.
    pub delegate: bool,
    /// What it says to systemd alone.
    pub systemd: ForSystemd,
    /// What its process is, beside the program.
    pub process: Process,
    /// What it is given from before its start until after its end.
    pub life: Life,
    /// Its log.
    pub log: Log,
}

/// An env file as a spec names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecEnvFile {
    /// Its path; without one, it is the distribution's file of extra arguments.
    pub path: Option<AbsPath>,
    /// Whether the path is a pattern.
    pub is_pattern: bool,
    /// Whether it may be missing.
    pub optional: bool,
    /// What it is for.
    pub about: Option<Line>,
}

impl<'de> Deserialize<'de> for SpecEnvFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Shape {
            path: Option<EnvPath>,
            pattern: Option<AbsPath>,
            #[serde(default)]
            optional: bool,
            about: Option<Line>,
        }
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = SpecEnvFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping with `path` or `pattern`, `optional` and `about`")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SpecEnvFile, A::Error> {
                let shape = Shape::deserialize(MapAccessDeserializer::new(map))?;
                let is_pattern = shape.pattern.is_some();
                let path = match (shape.path, shape.pattern) {
                    (None, None) => return Err(de::Error::missing_field("path")),
                    (Some(_), Some(_)) => {
                        let both = "it has a `path` or a `pattern`, and not both";
                        return Err(de::Error::custom(both));
                    }
                    (Some(EnvPath(path)), None) => path,
                    (None, pattern) => pattern,
                };
                Ok(SpecEnvFile {
                    path,
                    is_pattern,
                    optional: shape.optional,
                    about: shape.about,
                })
            }
        }
        deserializer.deserialize_map(Keys)
    }
}

impl SpecEnvFile {
    /// The same with a path that is settled.
    pub(super) fn at(self, path: AbsPath) -> EnvFile {
        EnvFile {
            about: self.about,
            path,
            is_pattern: self.is_pattern,
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

pub(super) fn name_shape<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
    ServiceName::deserialize(deserializer).map(|ServiceName(name)| name)
}

pub(super) fn names_shape<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Name>, D::Error> {
    let names = Vec::<ServiceName>::deserialize(deserializer)?;
    Ok(names.into_iter().map(|ServiceName(name)| name).collect())
}

/// The word that stands for the distribution's file of extra arguments.
const EXTRA_ARGS_FILE: &str = "{extra-args-file}";

/// The place of an env file; none is what the distribution says.
struct EnvPath(Option<AbsPath>);

impl FromStr for EnvPath {
    type Err = ValueError;

    fn from_str(path: &str) -> Result<Self, ValueError> {
        match path {
            EXTRA_ARGS_FILE => Ok(Self(None)),
            path => path.parse().map(Some).map(Self),
        }
    }
}

reads!(from_string: ServiceName, EnvPath);

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
#[derive(Debug)]
pub(super) struct VariablesShape(pub(super) Vec<Variable>);

impl<'de> Deserialize<'de> for VariablesShape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        variables(deserializer).map(Self)
    }
}

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

reads!(from_string: Dependency);
