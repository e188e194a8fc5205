//! The properties of a service by name: what an init can be asked about.

use std::fmt;

use super::process::{Directories, DirectoryKind};
use super::{
    Bound, Kill, Life, Log, LogTo, NotifyAccess, Policy, Process, Resource, Restart, Service,
    Signal, Span, Stop, Type,
};
use crate::sorting;

macro_rules! properties {
    (
        $($variant:ident $key:literal,)*
        ; $($attribute:ident $path:literal,)*
    ) => {
        /// A property of a service. Every backend says of each one how its init expresses
        /// it, so a new one does not compile before all of them do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Property {
            $(#[doc = concat!("`", $key, "` in a spec.")] $variant,)*
            /// What the process is, beside the program. The launcher sees to all of it alike.
            Process(Attribute),
        }

        /// What the process of a service is, beside the program.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Attribute {
            $(#[doc = concat!("`", $path, "` in a spec.")] $attribute,)*
        }

        impl Property {
            /// All of them, in the order of a spec.
            pub const ALL: &'static [Self] = &[
                $(Self::$variant,)*
                $(Self::Process(Attribute::$attribute),)*
            ];

            /// Its key in a spec, with those of the mappings that it is in.
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$variant => $key,)*
                    $(Self::Process(Attribute::$attribute) => $path,)*
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
    Specifiers "specifiers",
    EnvFiles "envFiles",
    Conditions "conditions",
    Type "type",
    PidFile "pidFile",
    RemainAfterExit "remainAfterExit",
    NotifyAccess "notifyAccess",
    StartTimeout "start.timeout",
    PreStart "preStart",
    PostStart "postStart",
    Reload "reload",
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
    StopCommands "stop.commands",
    PostStop "postStop",
    Needs "needs",
    Wants "wants",
    After "after",
    Before "before",
    Conflicts "conflicts",
    Nofile "limits.nofile",
    Nproc "limits.nproc",
    Core "limits.core",
    OomScoreAdjust "limits.oomScoreAdjust",
    TasksMax "tasksMax",
    Delegate "delegate",
    LogTo "log.to",
    LogMaxSize "log.maxSize",
    LogKeep "log.keep",
    Systemd "systemd",
    ;
    User "user",
    Group "group",
    SupplementaryGroups "supplementaryGroups",
    WorkingDirectory "workingDirectory",
    Umask "umask",
    Nice "nice",
    IoClass "ioClass",
    NoNewPrivileges "noNewPrivileges",
    IgnoreSigpipe "ignoreSigpipe",
    BoundingCapabilities "capabilities.bounding",
    AmbientCapabilities "capabilities.ambient",
    RuntimeDirectory "runtimeDirectory",
    StateDirectory "stateDirectory",
    CacheDirectory "cacheDirectory",
    LogsDirectory "logsDirectory",
    ConfigurationDirectory "configurationDirectory",
    LimitCpu "limits.cpu",
    LimitFsize "limits.fsize",
    LimitData "limits.data",
    LimitStack "limits.stack",
    LimitRss "limits.rss",
    LimitAs "limits.as",
    LimitMemlock "limits.memlock",
    LimitLocks "limits.locks",
    LimitSigpending "limits.sigpending",
    LimitMsgqueue "limits.msgqueue",
    LimitNice "limits.nice",
    LimitRtprio "limits.rtprio",
    LimitRttime "limits.rttime",
}

impl Property {
    /// The property that is a limit of a resource.
    pub const fn of_limit(resource: Resource) -> Self {
        use Attribute as A;
        match resource {
            Resource::Nofile => Property::Nofile,
            Resource::Nproc => Property::Nproc,
            Resource::Core => Property::Core,
            Resource::Cpu => Property::Process(A::LimitCpu),
            Resource::Fsize => Property::Process(A::LimitFsize),
            Resource::Data => Property::Process(A::LimitData),
            Resource::Stack => Property::Process(A::LimitStack),
            Resource::Rss => Property::Process(A::LimitRss),
            Resource::As => Property::Process(A::LimitAs),
            Resource::Memlock => Property::Process(A::LimitMemlock),
            Resource::Locks => Property::Process(A::LimitLocks),
            Resource::Sigpending => Property::Process(A::LimitSigpending),
            Resource::Msgqueue => Property::Process(A::LimitMsgqueue),
            Resource::Nice => Property::Process(A::LimitNice),
            Resource::Rtprio => Property::Process(A::LimitRtprio),
            Resource::Rttime => Property::Process(A::LimitRttime),
        }
    }
}

impl Attribute {
    /// systemd's directives for it.
    pub const fn directive(self) -> &'static str {
        match self {
            Self::User => "`User=`",
            Self::Group => "`Group=`",
            Self::SupplementaryGroups => "`SupplementaryGroups=`",
            Self::WorkingDirectory => "`WorkingDirectory=`",
            Self::Umask => "`UMask=`",
            Self::Nice => "`Nice=`",
            Self::IoClass => "`IOSchedulingClass=` and `IOSchedulingPriority=`",
            Self::NoNewPrivileges => "`NoNewPrivileges=yes`",
            Self::IgnoreSigpipe => "`IgnoreSIGPIPE=no`",
            Self::BoundingCapabilities => "`CapabilityBoundingSet=`",
            Self::AmbientCapabilities => "`AmbientCapabilities=`",
            Self::RuntimeDirectory => {
                "`RuntimeDirectory=`, `RuntimeDirectoryMode=` and `RuntimeDirectoryPreserve=`"
            }
            Self::StateDirectory => "`StateDirectory=` and `StateDirectoryMode=`",
            Self::CacheDirectory => "`CacheDirectory=` and `CacheDirectoryMode=`",
            Self::LogsDirectory => "`LogsDirectory=` and `LogsDirectoryMode=`",
            Self::ConfigurationDirectory => {
                "`ConfigurationDirectory=` and `ConfigurationDirectoryMode=`"
            }
            Self::LimitCpu => "`LimitCPU=`",
            Self::LimitFsize => "`LimitFSIZE=`",
            Self::LimitData => "`LimitDATA=`",
            Self::LimitStack => "`LimitSTACK=`",
            Self::LimitRss => "`LimitRSS=`",
            Self::LimitAs => "`LimitAS=`",
            Self::LimitMemlock => "`LimitMEMLOCK=`",
            Self::LimitLocks => "`LimitLOCKS=`",
            Self::LimitSigpending => "`LimitSIGPENDING=`",
            Self::LimitMsgqueue => "`LimitMSGQUEUE=`",
            Self::LimitNice => "`LimitNICE=`",
            Self::LimitRtprio => "`LimitRTPRIO=`",
            Self::LimitRttime => "`LimitRTTIME=`",
        }
    }
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
            specifiers,
            env_files,
            service_type,
            restart:
                Restart {
                    policy,
                    delay,
                    limit: _,
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
                    commands,
                },
            needs,
            wants,
            after,
            before,
            limits,
            tasks_max,
            delegate,
            process,
            log:
                Log {
                    to,
                    max_size: _,
                    keep: _,
                },
            life,
            systemd,
        } = self;
        let said = [
            (Property::Name, true),
            (Property::Description, true),
            (Property::ConfiguredBy, configured_by.is_some()),
            (Property::Documentation, !documentation.is_empty()),
            (Property::Program, true),
            (Property::Arguments, !arguments.is_empty()),
            (Property::Environment, !environment.is_empty()),
            (Property::Specifiers, *specifiers),
            (Property::EnvFiles, !env_files.is_empty()),
            (Property::Type, *service_type != Type::Simple),
            (Property::StartTimeout, self.start_timeout_counts()),
            (Property::RestartPolicy, *policy != Policy::Always),
            (Property::RestartDelay, *delay != Span::seconds(0)),
            (
                Property::RestartLimit,
                self.restart.reachable_limit().is_some(),
            ),
            (Property::SuccessExitStatus, !success_exit_status.is_empty()),
            (Property::ForceExitStatus, !force_exit_status.is_empty()),
            (Property::PreventExitStatus, !prevent_exit_status.is_empty()),
            (Property::StopSignal, *signal != Signal::Term),
            (Property::StopTimeout, *timeout != Span::seconds(90)),
            (Property::StopKill, *kill != Kill::Group),
            (Property::StopSendKill, !*send_kill),
            (Property::StopCommands, !commands.is_empty()),
            (Property::Needs, !needs.is_empty()),
            (Property::Wants, !wants.is_empty()),
            (Property::After, !after.is_empty()),
            (Property::Before, !before.is_empty()),
            (Property::OomScoreAdjust, limits.oom_score_adjust.is_some()),
            // Only systemd bounds it where nothing is said.
            (
                Property::TasksMax,
                tasks_max.is_some_and(|max| max.bound() != Bound::Infinity),
            ),
            (Property::Delegate, *delegate),
            (Property::LogTo, *to != LogTo::Folder),
            (Property::LogMaxSize, *to == LogTo::Folder),
            (Property::LogKeep, *to == LogTo::Folder),
            (Property::Systemd, !systemd.is_empty()),
        ];
        let said = said.into_iter().filter(|(_, is_said)| *is_said);
        let limits = limits
            .said()
            .map(|(resource, _)| Property::of_limit(resource));
        let said = said.map(|(property, _)| property).chain(limits);
        let said = said.chain(life.properties());
        let mut said: Vec<_> = said.chain(process.properties()).collect();
        sorting::by(&mut said, Ord::cmp);
        said
    }
}

impl Life {
    /// The properties that it says by itself.
    fn properties(&self) -> impl Iterator<Item = Property> {
        let Self {
            conditions,
            start: _,
            notify_access,
            pid_file,
            remain_after_exit,
            pre_start,
            post_start,
            reload,
            post_stop,
            conflicts,
        } = self;
        let said = [
            (Property::Conditions, !conditions.is_empty()),
            (Property::PidFile, pid_file.is_some()),
            (Property::RemainAfterExit, *remain_after_exit),
            (Property::NotifyAccess, *notify_access != NotifyAccess::Main),
            (Property::PreStart, !pre_start.is_empty()),
            (Property::PostStart, !post_start.is_empty()),
            (Property::Reload, reload.is_some()),
            (Property::PostStop, !post_stop.is_empty()),
            (Property::Conflicts, !conflicts.is_empty()),
        ];
        let said = said.into_iter().filter(|(_, is_said)| *is_said);
        said.map(|(property, _)| property)
    }
}

impl Process {
    /// The properties that it says.
    fn properties(&self) -> impl Iterator<Item = Property> {
        let Self {
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
            directories,
        } = self;
        let said = [
            (Attribute::User, user.is_some()),
            (Attribute::Group, group.is_some()),
            (
                Attribute::SupplementaryGroups,
                !supplementary_groups.is_empty(),
            ),
            (Attribute::WorkingDirectory, working_directory.is_some()),
            (Attribute::Umask, umask.is_some()),
            (Attribute::Nice, nice.is_some()),
            (Attribute::IoClass, io_class.is_some()),
            (Attribute::NoNewPrivileges, *no_new_privileges),
            (Attribute::IgnoreSigpipe, !ignore_sigpipe),
            (
                Attribute::BoundingCapabilities,
                capabilities.bounding.is_some(),
            ),
            (
                Attribute::AmbientCapabilities,
                !capabilities.ambient.is_empty(),
            ),
        ];
        let said = said.into_iter().filter(|(_, is_said)| *is_said);
        let said = said.map(|(attribute, _)| attribute);
        let said = said.chain(directories.properties());
        said.map(Property::Process)
    }
}

impl Directories {
    fn properties(&self) -> impl Iterator<Item = Attribute> {
        self.said().map(|(kind, _)| match kind {
            DirectoryKind::Runtime => Attribute::RuntimeDirectory,
            DirectoryKind::State => Attribute::StateDirectory,
            DirectoryKind::Cache => Attribute::CacheDirectory,
            DirectoryKind::Logs => Attribute::LogsDirectory,
            DirectoryKind::Configuration => Attribute::ConfigurationDirectory,
        })
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
        program: /bin/a\narguments: [d]\nenvironment: {E: e}\nspecifiers: true\nenvFiles: [{path: /f}]\n\
        restart: {policy: never, limit: {starts: 1, within: 1min}, successExitStatus: [1], forceExitStatus: [2], preventExitStatus: [3]}\n\
        stop: {signal: INT, timeout: 1s, kill: process, sendKill: false, commands: [[/k]]}\nneeds: [g]\nwants: [h]\nafter: [i]\nbefore: [j]\n\
        conditions: {pathExists: [/c]}\nremainAfterExit: true\nnotifyAccess: all\nstart: {timeout: 1s}\npreStart: [[/l]]\n\
        postStart: [[/m]]\nreload: HUP\npostStop: [[/n]]\nconflicts: [o]\n\
        type: forking\npidFile: /run/a.pid\ntasksMax: 1\ndelegate: true\n\
        limits: {nofile: {soft: 1, hard: 1}, nproc: {soft: 1, hard: 1}, core: {soft: 0, hard: 0}, oomScoreAdjust: 1,\n  \
        cpu: 1, fsize: 1, data: 1, stack: 1, rss: 1, as: 1, memlock: 1, locks: 1, sigpending: 1, msgqueue: 1,\n  \
        nice: 1, rtprio: 1, rttime: 1}\n\
        user: k\ngroup: l\nsupplementaryGroups: [m]\nworkingDirectory: /n\numask: '0027'\nnice: 1\n\
        ioClass: {class: idle}\nnoNewPrivileges: true\nignoreSigpipe: false\n\
        capabilities: {bounding: [CAP_CHOWN], ambient: [CAP_CHOWN]}\n\
        runtimeDirectory: {names: [o]}\nstateDirectory: {names: [o]}\ncacheDirectory: {names: [o]}\n\
        logsDirectory: {names: [o]}\nconfigurationDirectory: {names: [o]}\nsystemd: {service: [A=b]}\n";

    /// Of files, which are not made where the output goes elsewhere.
    const OF_FILES: [Property; 2] = [Property::LogMaxSize, Property::LogKeep];

    fn without(some: &[Property]) -> Vec<Property> {
        let all = Property::ALL.iter().copied();
        all.filter(|property| !some.contains(property)).collect()
    }

    #[test]
    fn what_is_said_is_listed_and_all_of_it_can_be() {
        assert_eq!(properties(ALL), without(&[Property::LogTo]));
        let elsewhere = properties(&(ALL.to_owned() + "log: inherit\n"));
        assert_eq!(elsewhere, without(&OF_FILES));
        let bare = properties("name: a\ndescription: A\nprogram: /bin/a\n");
        assert!(!bare.contains(&Property::Needs) && !bare.contains(&Property::StopSignal));
    }

    #[test]
    fn keys_are_those_of_a_spec() {
        for property in Property::ALL {
            let last = property.key().rsplit('.').next().unwrap();
            let key = format!("{last}:");
            let spec = ALL.to_owned()
                + "log: {to: folder, maxSize: 1MiB, keep: 1}\nrestart: {delay: 1s}\n";
            assert!(spec.contains(&key), "{key}");
        }
    }
}
