//! What a spec says, laid over what it extends, or over the defaults.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};

use super::builtin::Builtin;
use super::limits::LimitsLayer;
use super::shape::{Spec, SpecEnvFile, VariablesShape};
use super::shape::{name_shape, names_shape};
use crate::service::process::{
    Account, Capabilities, Directory, DirectoryKind, IoClass, Mode, Nice, Preserve, RelPath,
    WorkingDirectory,
};
use crate::service::text::from_string_or_number;
use crate::service::{
    AbsPath, Argument, CommandLine, Conditions, Dependency, Ends, ForSystemd, Keep, Kill, Life,
    Limits, Line, Log, LogTo, Name, NotifyAccess, Policy, Process, Reload, Restart, Signal, Size,
    Span, StartLimit, Stop, TasksMax, Type, ValueError, Variable,
};

/// The keys of a spec as they were written, and nothing for those that were not.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Layer {
    /// The built-in spec that this one only changes.
    extends: Option<Builtin>,
    #[serde(default, deserialize_with = "some_name")]
    name: Option<Name>,
    description: Option<Line>,
    configured_by: Option<Name>,
    documentation: Option<Vec<Line>>,
    program: Option<AbsPath>,
    arguments: Option<Vec<Argument>>,
    environment: Option<VariablesShape>,
    specifiers: Option<bool>,
    env_files: Option<Vec<SpecEnvFile>>,
    #[serde(rename = "type")]
    service_type: Option<Type>,
    restart: Option<RestartLayer>,
    stop: Option<StopLayer>,
    needs: Option<Vec<Dependency>>,
    wants: Option<Vec<Dependency>>,
    after: Option<Vec<Dependency>>,
    #[serde(default, deserialize_with = "some_names")]
    before: Option<Vec<Name>>,
    limits: Option<LimitsLayer>,
    tasks_max: Option<TasksMax>,
    delegate: Option<bool>,
    systemd: Option<ForSystemd>,
    user: Option<Account>,
    group: Option<Account>,
    supplementary_groups: Option<Vec<Account>>,
    #[serde(default, deserialize_with = "some_directory")]
    working_directory: Option<WorkingDirectory>,
    umask: Option<Mode>,
    nice: Option<Nice>,
    io_class: Option<IoClass>,
    no_new_privileges: Option<bool>,
    ignore_sigpipe: Option<bool>,
    capabilities: Option<Capabilities>,
    runtime_directory: Option<Directory>,
    state_directory: Option<KeptDirectory>,
    cache_directory: Option<KeptDirectory>,
    logs_directory: Option<KeptDirectory>,
    configuration_directory: Option<KeptDirectory>,
    log: Option<LogLayer>,
    conditions: Option<Conditions>,
    pid_file: Option<AbsPath>,
    remain_after_exit: Option<bool>,
    notify_access: Option<NotifyAccess>,
    start: Option<StartLayer>,
    pre_start: Option<Vec<CommandLine>>,
    post_start: Option<Vec<CommandLine>>,
    reload: Option<Reload>,
    post_stop: Option<Vec<CommandLine>>,
    #[serde(default, deserialize_with = "some_names")]
    conflicts: Option<Vec<Name>>,
}

fn some_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Name>, D::Error> {
    name_shape(deserializer).map(Some)
}

fn some_names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Name>>, D::Error> {
    names_shape(deserializer).map(Some)
}

/// To YAML a bare `~` is nothing, and not the home of anybody.
fn some_directory<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<WorkingDirectory>, D::Error> {
    struct Text;
    impl Visitor<'_> for Text {
        type Value = WorkingDirectory;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a path, or `~` in quotes")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<WorkingDirectory, E> {
            text.parse().map_err(E::custom)
        }

        fn visit_unit<E: de::Error>(self) -> Result<WorkingDirectory, E> {
            Err(E::custom(
                "to YAML this is nothing\nwrite \"~\" in quotes for the home of the user",
            ))
        }
    }
    deserializer.deserialize_any(Text).map(Some)
}

/// Folders that stay when the service ends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a mapping with `names` and `mode`")]
struct KeptDirectory {
    names: Vec<RelPath>,
    mode: Option<Mode>,
}

impl From<KeptDirectory> for Directory {
    fn from(kept: KeptDirectory) -> Self {
        Self {
            names: kept.names,
            mode: kept.mode,
            preserve: Preserve::No,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "camelCase",
    expecting = "a mapping such as `{policy: always, delay: 10s}`"
)]
struct RestartLayer {
    policy: Option<Policy>,
    delay: Option<Delay>,
    limit: Option<StartLimit>,
    success_exit_status: Option<Ends>,
    force_exit_status: Option<Ends>,
    prevent_exit_status: Option<Ends>,
}

impl RestartLayer {
    fn over(self, base: Restart) -> Restart {
        Restart {
            policy: self.policy.unwrap_or(base.policy),
            delay: self.delay.map_or(base.delay, |Delay(span)| span),
            limit: self.limit.or(base.limit),
            success_exit_status: self.success_exit_status.unwrap_or(base.success_exit_status),
            force_exit_status: self.force_exit_status.unwrap_or(base.force_exit_status),
            prevent_exit_status: self.prevent_exit_status.unwrap_or(base.prevent_exit_status),
        }
    }
}

/// A time until a restart, which has an end.
#[derive(Debug)]
struct Delay(Span);

impl FromStr for Delay {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text {
            "infinity" => Err(ValueError::EndlessDelay),
            text => text.parse().map(Self),
        }
    }
}

impl<'de> Deserialize<'de> for Delay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_string_or_number(deserializer)
    }
}

/// A time until something is given up. `infinity` is systemd's word for what it also
/// writes as 0.
#[derive(Debug)]
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

#[derive(Debug, Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "camelCase",
    expecting = "a mapping such as `{signal: TERM, timeout: 90s, kill: group}`"
)]
struct StopLayer {
    signal: Option<Signal>,
    timeout: Option<Timeout>,
    kill: Option<Kill>,
    send_kill: Option<bool>,
    commands: Option<Vec<CommandLine>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a mapping with `timeout`")]
struct StartLayer {
    timeout: Option<Timeout>,
}

impl StopLayer {
    fn over(self, base: &Stop) -> Stop {
        Stop {
            signal: self.signal.unwrap_or(base.signal),
            timeout: self.timeout.map_or(base.timeout, |Timeout(span)| span),
            kill: self.kill.unwrap_or(base.kill),
            send_kill: self.send_kill.unwrap_or(base.send_kill),
            commands: self.commands.unwrap_or_else(|| base.commands.clone()),
        }
    }
}

/// A word for where it goes, or a mapping.
#[derive(Debug)]
struct LogLayer {
    to: Option<LogTo>,
    max_size: Option<Size>,
    keep: Option<Keep>,
}

impl<'de> Deserialize<'de> for LogLayer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        struct Shape {
            to: Option<LogTo>,
            max_size: Option<Size>,
            keep: Option<Keep>,
        }
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = LogLayer;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`folder`, `inherit`, `syslog`, or a mapping such as `{maxSize: 10MiB, keep: 5}`")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<LogLayer, E> {
                let word: StrDeserializer<'_, E> = word.into_deserializer();
                Ok(LogLayer {
                    to: Some(LogTo::deserialize(word)?),
                    max_size: None,
                    keep: None,
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<LogLayer, A::Error> {
                let Shape { to, max_size, keep } =
                    Shape::deserialize(MapAccessDeserializer::new(map))?;
                Ok(LogLayer { to, max_size, keep })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl LogLayer {
    fn over(self, base: Log) -> Log {
        Log {
            to: self.to.unwrap_or(base.to),
            max_size: self.max_size.unwrap_or(base.max_size),
            keep: self.keep.unwrap_or(base.keep),
        }
    }
}

/// A spec that says nothing but what has to be said.
fn bare(name: Name, description: Line, program: AbsPath) -> Spec {
    Spec {
        name,
        description,
        configured_by: None,
        documentation: Vec::new(),
        program,
        arguments: Vec::new(),
        environment: Vec::new(),
        specifiers: false,
        env_files: Vec::new(),
        service_type: Type::default(),
        restart: Restart::DEFAULT,
        stop: Stop::DEFAULT,
        needs: Vec::new(),
        wants: Vec::new(),
        after: Vec::new(),
        before: Vec::new(),
        limits: Limits::default(),
        tasks_max: None,
        delegate: false,
        process: Process::default(),
        log: Log {
            to: LogTo::default(),
            max_size: Size::mebibytes(10),
            keep: Keep::DEFAULT,
        },
        life: Life::default(),
        systemd: ForSystemd::default(),
    }
}

/// Puts what was said in the place of what was there.
fn put<T>(place: &mut T, said: Option<T>) {
    if let Some(said) = said {
        *place = said;
    }
}

fn put_commands(
    life: &mut Life,
    pre_start: Option<Vec<CommandLine>>,
    post_start: Option<Vec<CommandLine>>,
    reload: Option<Reload>,
    post_stop: Option<Vec<CommandLine>>,
) {
    put(&mut life.pre_start, pre_start);
    put(&mut life.post_start, post_start);
    life.reload = reload.or(life.reload.take());
    put(&mut life.post_stop, post_stop);
}

fn put_start(life: &mut Life, said: Option<StartLayer>, pid_file: Option<AbsPath>) {
    life.pid_file = pid_file.or(life.pid_file.take());
    if let Some(Timeout(timeout)) = said.and_then(|start| start.timeout) {
        life.start.timeout = Some(timeout);
    }
}

impl Layer {
    /// The whole spec, or the key that is missing.
    fn spec(mut self) -> Result<Spec, &'static str> {
        let base = match self.extends {
            Some(builtin) => builtin.spec(),
            None => bare(
                self.name.take().ok_or("name")?,
                self.description.take().ok_or("description")?,
                self.program.take().ok_or("program")?,
            ),
        };
        Ok(self.over(base))
    }

    /// What it says in the place of what `spec` says: a list is the whole list, of a mapping
    /// single keys.
    pub(super) fn over(self, mut spec: Spec) -> Spec {
        let Self {
            extends: _,
            name,
            description,
            configured_by,
            documentation,
            program,
            arguments,
            environment,
            specifiers,
            env_files,
            service_type,
            restart,
            stop,
            needs,
            wants,
            after,
            before,
            limits,
            tasks_max,
            delegate,
            systemd,
            user,
            group,
            supplementary_groups,
            working_directory,
            umask,
            nice,
            io_class,
            no_new_privileges,
            ignore_sigpipe,
            capabilities,
            runtime_directory,
            state_directory,
            cache_directory,
            logs_directory,
            configuration_directory,
            log,
            conditions,
            pid_file,
            remain_after_exit,
            notify_access,
            start,
            pre_start,
            post_start,
            reload,
            post_stop,
            conflicts,
        } = self;
        put(&mut spec.name, name);
        put(&mut spec.description, description);
        spec.configured_by = configured_by.or(spec.configured_by);
        put(&mut spec.documentation, documentation);
        put(&mut spec.program, program);
        put(&mut spec.arguments, arguments);
        let variables = environment.into_iter().flat_map(|shape| shape.0);
        variables.for_each(|variable| set_variable(&mut spec.environment, variable));
        put(&mut spec.specifiers, specifiers);
        put(&mut spec.env_files, env_files);
        put(&mut spec.service_type, service_type);
        spec.restart = restart.map_or(spec.restart, |it| it.over(spec.restart));
        if let Some(stop) = stop {
            spec.stop = stop.over(&spec.stop);
        }
        put(&mut spec.needs, needs);
        put(&mut spec.wants, wants);
        put(&mut spec.after, after);
        put(&mut spec.before, before);
        spec.limits = limits.map_or(spec.limits, |it| it.over(spec.limits));
        spec.tasks_max = tasks_max.or(spec.tasks_max);
        put(&mut spec.delegate, delegate);
        put(&mut spec.systemd, systemd);
        spec.log = log.map_or(spec.log, |it| it.over(spec.log));

        put_commands(&mut spec.life, pre_start, post_start, reload, post_stop);
        let life = &mut spec.life;
        put(&mut life.conditions, conditions);
        put(&mut life.conflicts, conflicts);
        put_readiness(life, remain_after_exit, notify_access);
        put_start(&mut spec.life, start, pid_file);

        let process = &mut spec.process;
        process.user = user.or(process.user.take());
        process.group = group.or(process.group.take());
        put(&mut process.supplementary_groups, supplementary_groups);
        process.working_directory = working_directory.or(process.working_directory.take());
        process.umask = umask.or(process.umask);
        process.nice = nice.or(process.nice);
        process.io_class = io_class.or(process.io_class);
        put(&mut process.no_new_privileges, no_new_privileges);
        put(&mut process.ignore_sigpipe, ignore_sigpipe);
        put(&mut process.capabilities, capabilities);
        put_directory(process, DirectoryKind::Runtime, runtime_directory);
        for (kind, directory) in [
            (DirectoryKind::State, state_directory),
            (DirectoryKind::Cache, cache_directory),
            (DirectoryKind::Logs, logs_directory),
            (DirectoryKind::Configuration, configuration_directory),
        ] {
            put_directory(process, kind, directory.map(Into::into));
        }
        spec
    }
}

/// When it counts as started.
fn put_readiness(life: &mut Life, remains: Option<bool>, access: Option<NotifyAccess>) {
    put(&mut life.remain_after_exit, remains);
    put(&mut life.notify_access, access);
}

fn put_directory(process: &mut Process, kind: DirectoryKind, directory: Option<Directory>) {
    if directory.is_some() {
        *process.directories.get_mut(kind) = directory;
    }
}

/// A variable that is there keeps its place.
fn set_variable(list: &mut Vec<Variable>, variable: Variable) {
    match list.iter_mut().find(|there| there.name == variable.name) {
        Some(there) => there.value = variable.value,
        None => list.push(variable),
    }
}

/// What is missing is missing from the mapping, at whose beginning readers then are.
impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Spec;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping with the keys of a spec")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Spec, A::Error> {
                let layer = Layer::deserialize(MapAccessDeserializer::new(map))?;
                layer.spec().map_err(de::Error::missing_field)
            }
        }
        deserializer.deserialize_map(Keys)
    }
}

/// What is said once more, of a spec that there is.
pub(super) struct Over(pub(super) Spec);

impl<'de> DeserializeSeed<'de> for Over {
    type Value = Spec;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Spec, D::Error> {
        let layer = Layer::deserialize(deserializer)?;
        match layer.extends {
            Some(_) => Err(de::Error::custom(
                "a spec extends what it says that it extends, and nothing else",
            )),
            None => Ok(layer.over(self.0)),
        }
    }
}
