//! The properties of a service by name: what an init can be asked about.

use std::fmt;

use super::{Bound, Kill, Limits, Log, Policy, Restart, Service, Signal, Span, Stop, Type};

macro_rules! properties {
    ($($variant:ident $key:literal,)*) => {
        /// A property of a service. Every backend says of each one how its init expresses
        /// it, so a new one does not compile before all of them do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Property {
            $(#[doc = concat!("`", $key, "` in a spec.")] $variant,)*
        }

        impl Property {
            /// All of them, in the order of a spec.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its key in a spec, with those of the mappings that it is in.
            pub fn key(self) -> &'static str {
                match self {
                    $(Self::$variant => $key,)*
                }
            }
        }
    };
}

properties! {
    Name "name",
    Description "description",
    ConfiguredBy "configuredBy",
    Documentation "documentation",
    Program "program",
    Arguments "arguments",
    Environment "environment",
    EnvFiles "envFiles",
    Type "type",
    RestartPolicy "restart.policy",
    RestartDelay "restart.delay",
    RestartLimit "restart.limit",
    SuccessExitStatus "restart.successExitStatus",
    ForceExitStatus "restart.forceExitStatus",
    PreventExitStatus "restart.preventExitStatus",
    StopSignal "stop.signal",
    StopTimeout "stop.timeout",
    StopKill "stop.kill",
    StopSendKill "stop.sendKill",
    Needs "needs",
    Wants "wants",
    After "after",
    Before "before",
    Nofile "limits.nofile",
    Nproc "limits.nproc",
    Core "limits.core",
    OomScoreAdjust "limits.oomScoreAdjust",
    TasksMax "tasksMax",
    Delegate "delegate",
    LogMaxSize "log.maxSize",
    LogKeep "log.keep",
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.key())
    }
}

impl Service {
    /// The properties that say something which every init would not do by itself, in the
    /// order of a spec: those that may not be dropped silently.
    // Without `..`: a property that is new does not compile until it is in the list.
    pub fn properties(&self) -> Vec<Property> {
        let Self {
            name: _,
            description: _,
            configured_by,
            documentation,
            program: _,
            arguments,
            environment,
            env_files,
            service_type,
            restart:
                Restart {
                    policy,
                    delay,
                    limit,
                    success_exit_status,
                    force_exit_status,
                    prevent_exit_status,
                },
            stop:
                Stop {
                    signal,
                    timeout,
                    kill,
                    send_kill,
                },
            needs,
            wants,
            after,
            before,
            limits:
                Limits {
                    nofile,
                    nproc,
                    core,
                    oom_score_adjust,
                },
            tasks_max,
            delegate,
            log: Log {
                max_size: _,
                keep: _,
            },
        } = self;
        let said = [
            (Property::Name, true),
            (Property::Description, true),
            (Property::ConfiguredBy, configured_by.is_some()),
            (Property::Documentation, !documentation.is_empty()),
            (Property::Program, true),
            (Property::Arguments, !arguments.is_empty()),
            (Property::Environment, !environment.is_empty()),
            (Property::EnvFiles, !env_files.is_empty()),
            (Property::Type, *service_type != Type::Simple),
            (Property::RestartPolicy, *policy != Policy::Always),
            (Property::RestartDelay, *delay != Span::seconds(0)),
            (Property::RestartLimit, limit.is_some()),
            (Property::SuccessExitStatus, !success_exit_status.is_empty()),
            (Property::ForceExitStatus, !force_exit_status.is_empty()),
            (Property::PreventExitStatus, !prevent_exit_status.is_empty()),
            (Property::StopSignal, *signal != Signal::Term),
            (Property::StopTimeout, *timeout != Span::seconds(90)),
            (Property::StopKill, *kill != Kill::Group),
            (Property::StopSendKill, !*send_kill),
            (Property::Needs, !needs.is_empty()),
            (Property::Wants, !wants.is_empty()),
            (Property::After, !after.is_empty()),
            (Property::Before, !before.is_empty()),
            (Property::Nofile, nofile.is_some()),
            (Property::Nproc, nproc.is_some()),
            (Property::Core, core.is_some()),
            (Property::OomScoreAdjust, oom_score_adjust.is_some()),
            // Only systemd bounds it where nothing is said.
            (
                Property::TasksMax,
                tasks_max.is_some_and(|max| max.bound() != Bound::Infinity),
            ),
            (Property::Delegate, *delegate),
            (Property::LogMaxSize, true),
            (Property::LogKeep, true),
        ];
        let said = said.into_iter().filter(|(_, is_said)| *is_said);
        said.map(|(property, _)| property).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distro::{DEBIAN, Overrides};
    use crate::spec::Spec;

    fn properties(spec: &str) -> Vec<Property> {
        let spec = Spec::read("spec", spec.as_bytes()).unwrap();
        let service = spec.service(&DEBIAN, &Overrides::default()).unwrap();
        service.properties()
    }

    /// A spec that says all that a spec can say.
    const ALL: &str = "name: a\ndescription: A\nconfiguredBy: b\ndocumentation: [c]\n\
        program: /bin/a\narguments: [d]\nenvironment: {E: e}\nenvFiles: [{path: /f}]\n\
        restart: {policy: never, limit: {starts: 1, within: 1s}, successExitStatus: [1], forceExitStatus: [2], preventExitStatus: [3]}\n\
        stop: {signal: INT, timeout: 1s, kill: process, sendKill: false}\nneeds: [g]\nwants: [h]\nafter: [i]\nbefore: [j]\n\
        type: notify\ntasksMax: 1\ndelegate: true\n\
        limits: {nofile: {soft: 1, hard: 1}, nproc: {soft: 1, hard: 1}, core: {soft: 0, hard: 0}, oomScoreAdjust: 1}\n";

    #[test]
    fn what_is_said_is_listed_and_all_of_it_can_be() {
        assert_eq!(properties(ALL), Property::ALL);
        let bare = properties("name: a\ndescription: A\nprogram: /bin/a\n");
        assert!(!bare.contains(&Property::Needs) && !bare.contains(&Property::StopSignal));
    }

    #[test]
    fn keys_are_those_of_a_spec() {
        for property in Property::ALL {
            let last = property.key().rsplit('.').next().unwrap();
            let key = format!("{last}:");
            let spec = ALL.to_owned() + "log: {maxSize: 1MiB, keep: 1}\nrestart: {delay: 1s}\n";
            assert!(spec.contains(&key), "{key}");
        }
    }
}
