//! What becomes of each directive of `systemd.unit(5)`, `systemd.service(5)`,
//! `systemd.exec(5)`, `systemd.kill(5)` and `systemd.resource-control(5)`.
//!
//! A property that the spec gets is a change of one row here, from `MISSING` to
//! [`Treatment::Translated`] with a function of `translate/`.

use super::translate::{command, ending, limits, order, process, start, text};
use super::{Draft, OF_HOST};
use crate::unit::{Setting, Value};

use super::kept::MISSING;
use Treatment::{NoEffect, Noted, Refused, Translated};

/// What becomes of a directive.
#[derive(Clone, Copy)]
pub enum Treatment {
    /// A function translates it, all of its lines at once, and may refuse or note some.
    Translated(fn(&mut Draft<'_>, &[&Setting])),
    /// It does nothing under other inits, or nothing that anybody would miss.
    NoEffect,
    /// It is left out, and this is said.
    Noted(&'static str),
    /// No other init could do it.
    Refused(&'static str),
}

const CONFINED: &str = "other inits do not confine the service in this way";
const RESOURCES: &str = "other inits do not share out or limit this resource";
const TOGETHER: &str = "under other inits one unit does not follow the other in this way";
const ACTION: &str = "under other inits no such action follows";
const HANDED_OVER: &str = "the service gets it from systemd, and from no other init";
const FILE_SYSTEM: &str =
    "the service sees another file system than the host's, which no other init gives it";

/// Every directive that [`unit`](crate::unit) knows, by what becomes of it.
static TABLE: &[(Treatment, &[&str])] = &[
    (Translated(text::description), &["Description"]),
    (Translated(text::documentation), &["Documentation"]),
    (
        NoEffect,
        &[
            "SourcePath",
            "CollectMode",
            "AllowIsolate",
            "IgnoreOnIsolate",
            "OnSuccessJobMode",
            "OnFailureJobMode",
            "JobTimeoutSec",
            "JobRunningTimeoutSec",
            "JobTimeoutRebootArgument",
            "RebootArgument",
            "FailureActionExitStatus",
            "SuccessActionExitStatus",
            "DefaultInstance",
        ],
    ),
    (
        Translated(order::dependencies),
        &["Requires", "Wants", "BindsTo", "Requisite"],
    ),
    (Translated(order::after), &["After"]),
    (Translated(order::before), &["Before"]),
    (Translated(order::conflicts), &["Conflicts"]),
    (
        Noted(TOGETHER),
        &[
            "PartOf",
            "Upholds",
            "PropagatesReloadTo",
            "ReloadPropagatedFrom",
            "PropagatesStopTo",
            "StopPropagatedFrom",
            "JoinsNamespaceOf",
            "StopWhenUnneeded",
        ],
    ),
    (
        Noted(ACTION),
        &[
            "OnSuccess",
            "OnFailure",
            "JobTimeoutAction",
            "StartLimitAction",
            "FailureAction",
            "SuccessAction",
        ],
    ),
    (
        Noted("under other inits it can be started and stopped by hand"),
        &["RefuseManualStart", "RefuseManualStop"],
    ),
    (
        Noted("under other inits the service starts with the others, not in the early boot"),
        &["DefaultDependencies"],
    ),
    (
        Noted("under other inits the service is ended with the others"),
        &["SurviveFinalKillSignal"],
    ),
    (
        Noted("under other inits nothing mounts these first"),
        &["RequiresMountsFor", "WantsMountsFor"],
    ),
    (
        Translated(start::conditions),
        &[
            "ConditionPathExists",
            "ConditionPathIsDirectory",
            "ConditionDirectoryNotEmpty",
            "ConditionFileNotEmpty",
            "ConditionFileIsExecutable",
            "ConditionArchitecture",
            "ConditionVirtualization",
            "ConditionKernelVersion",
        ],
    ),
    (
        Refused("a spec's `conditions` have no such check yet"),
        &[
            "ConditionPathExistsGlob",
            "ConditionPathIsSymbolicLink",
            "ConditionPathIsMountPoint",
            "ConditionPathIsReadWrite",
            "ConditionPathIsEncrypted",
            "ConditionNeedsUpdate",
            "ConditionFirstBoot",
            "ConditionFirmware",
            "ConditionHost",
            "ConditionKernelCommandLine",
            "ConditionVersion",
            "ConditionCredential",
            "ConditionSecurity",
            "ConditionCapability",
            "ConditionACPower",
            "ConditionMemory",
            "ConditionCPUFeature",
            "ConditionCPUs",
            "ConditionEnvironment",
            "ConditionUser",
            "ConditionGroup",
            "ConditionControlGroupController",
            "ConditionOSRelease",
            "ConditionMemoryPressure",
            "ConditionCPUPressure",
            "ConditionIOPressure",
            "ConditionKernelModuleLoaded",
        ],
    ),
    (
        Refused(MISSING),
        &[
            "AssertPathExists",
            "AssertPathExistsGlob",
            "AssertPathIsDirectory",
            "AssertPathIsSymbolicLink",
            "AssertPathIsMountPoint",
            "AssertPathIsReadWrite",
            "AssertPathIsEncrypted",
            "AssertDirectoryNotEmpty",
            "AssertFileNotEmpty",
            "AssertFileIsExecutable",
            "AssertNeedsUpdate",
            "AssertFirstBoot",
            "AssertArchitecture",
            "AssertFirmware",
            "AssertVirtualization",
            "AssertHost",
            "AssertKernelCommandLine",
            "AssertKernelVersion",
            "AssertVersion",
            "AssertCredential",
            "AssertSecurity",
            "AssertCapability",
            "AssertACPower",
            "AssertMemory",
            "AssertCPUFeature",
            "AssertCPUs",
            "AssertEnvironment",
            "AssertUser",
            "AssertGroup",
            "AssertControlGroupController",
            "AssertOSRelease",
            "AssertMemoryPressure",
            "AssertCPUPressure",
            "AssertIOPressure",
            "AssertKernelModuleLoaded",
        ],
    ),
    (
        Translated(ending::start_limit),
        &["StartLimitIntervalSec", "StartLimitBurst"],
    ),
    (Translated(command::exec_start), &["ExecStart"]),
    (
        Refused("a spec has `conditions`, and no command that decides whether the service starts"),
        &["ExecCondition"],
    ),
    (Translated(command::permissions), &["PermissionsStartOnly"]),
    (
        Translated(command::beside),
        &["ExecStartPre", "ExecStartPost", "ExecStop", "ExecStopPost"],
    ),
    (Translated(command::reload), &["ExecReload"]),
    (Refused(MISSING), &["ExecReloadPost"]),
    (Translated(start::service_type), &["Type"]),
    (
        NoEffect,
        &[
            "BusName",
            "GuessMainPID",
            "FileDescriptorStoreMax",
            "FileDescriptorStorePreserve",
            "TimeoutAbortSec",
            "TimeoutStartFailureMode",
            "WatchdogSignal",
            "TimeoutCleanSec",
            "RuntimeRandomizedExtraSec",
            "RootDirectoryStartOnly",
            "RefreshOnReload",
            "LiveMountResult",
        ],
    ),
    (Translated(start::remain), &["RemainAfterExit"]),
    (
        Noted("under other inits the service has ended when its main process has"),
        &["ExitType"],
    ),
    (Translated(start::pid_file), &["PIDFile"]),
    (
        Noted("it is for `Type=notify-reload` alone"),
        &["ReloadSignal"],
    ),
    (Translated(ending::policy), &["Restart"]),
    (Translated(ending::delay), &["RestartSec"]),
    (
        Translated(ending::codes),
        &[
            "SuccessExitStatus",
            "RestartPreventExitStatus",
            "RestartForceExitStatus",
        ],
    ),
    (
        Noted("the delay between two starts does not grow"),
        &["RestartSteps", "RestartMaxDelaySec"],
    ),
    (
        Noted("what depends on the service does not restart or stop otherwise for it"),
        &["RestartMode"],
    ),
    (Translated(start::timeout), &["TimeoutStartSec"]),
    (Translated(start::notify_access), &["NotifyAccess"]),
    (Translated(limits::delegate), &["Delegate"]),
    (Translated(limits::tasks_max), &["TasksMax"]),
    (Translated(ending::stop_timeout), &["TimeoutStopSec"]),
    (
        Noted("when the time is over the service gets KILL, and nothing before"),
        &["TimeoutStopFailureMode"],
    ),
    (
        Noted("under other inits nothing ends the service after that time"),
        &["RuntimeMaxSec"],
    ),
    (
        Noted("under other inits no watchdog restarts a service that hangs"),
        &["WatchdogSec"],
    ),
    (Translated(ending::kill_mode), &["KillMode"]),
    (Translated(ending::kill_signal), &["KillSignal"]),
    (Translated(ending::restart_signal), &["RestartKillSignal"]),
    (Translated(ending::send_kill), &["SendSIGKILL"]),
    (
        Noted("under other inits HUP does not follow the stop signal"),
        &["SendSIGHUP"],
    ),
    (
        Noted("under other inits the last signal is KILL"),
        &["FinalKillSignal"],
    ),
    (
        Noted("under other inits a service goes on when the kernel ends one of its processes"),
        &["OOMPolicy"],
    ),
    (
        Refused(HANDED_OVER),
        &[
            "Sockets",
            "OpenFile",
            "USBFunctionDescriptors",
            "USBFunctionStrings",
            "SetCredential",
            "SetCredentialEncrypted",
            "LoadCredential",
            "LoadCredentialEncrypted",
            "ImportCredential",
            "StandardInputText",
            "StandardInputData",
        ],
    ),
    (Translated(text::environment), &["Environment"]),
    (Translated(text::env_files), &["EnvironmentFile"]),
    (
        Noted("under other inits the service gets none of the manager's variables"),
        &["PassEnvironment"],
    ),
    (
        Noted("under other inits variables are not taken away"),
        &["UnsetEnvironment"],
    ),
    (Translated(process::user), &["User"]),
    (
        Refused(
            "the user is made up at each start, which no other init does; write `user`, and add the user to the machine",
        ),
        &["DynamicUser"],
    ),
    (
        Noted("under other inits the service has no session of PAM"),
        &["PAMName"],
    ),
    (
        Noted("the service gets HOME, LOGNAME and SHELL where it has a `user`"),
        &["SetLoginEnvironment"],
    ),
    (Translated(process::group), &["Group"]),
    (Translated(process::groups), &["SupplementaryGroups"]),
    (
        Translated(process::working_directory),
        &["WorkingDirectory"],
    ),
    (Translated(process::umask), &["UMask"]),
    (Translated(process::nice), &["Nice"]),
    (Translated(process::io_class), &["IOSchedulingClass"]),
    (Translated(process::io_priority), &["IOSchedulingPriority"]),
    (Translated(process::no_new_privileges), &["NoNewPrivileges"]),
    (Translated(process::bounding), &["CapabilityBoundingSet"]),
    (Translated(process::ambient), &["AmbientCapabilities"]),
    (Noted(CONFINED), &["SecureBits"]),
    (
        Translated(process::directory),
        &[
            "RuntimeDirectory",
            "StateDirectory",
            "CacheDirectory",
            "LogsDirectory",
            "ConfigurationDirectory",
        ],
    ),
    (
        Translated(process::of_directory),
        &[
            "RuntimeDirectoryMode",
            "RuntimeDirectoryPreserve",
            "StateDirectoryMode",
            "CacheDirectoryMode",
            "LogsDirectoryMode",
            "ConfigurationDirectoryMode",
        ],
    ),
    (
        NoEffect,
        &[
            "StateDirectoryAccounting",
            "StateDirectoryQuota",
            "CacheDirectoryAccounting",
            "CacheDirectoryQuota",
            "LogsDirectoryAccounting",
            "LogsDirectoryQuota",
        ],
    ),
    (Translated(limits::oom_score), &["OOMScoreAdjust"]),
    (
        Translated(limits::limit),
        &[
            "LimitNOFILE",
            "LimitNPROC",
            "LimitCORE",
            "LimitCPU",
            "LimitFSIZE",
            "LimitDATA",
            "LimitSTACK",
            "LimitRSS",
            "LimitAS",
            "LimitMEMLOCK",
            "LimitLOCKS",
            "LimitSIGPENDING",
            "LimitMSGQUEUE",
            "LimitNICE",
            "LimitRTPRIO",
            "LimitRTTIME",
        ],
    ),
    (
        Noted("under other inits its processes are scheduled as all others"),
        &[
            "CPUSchedulingPolicy",
            "CPUSchedulingPriority",
            "CPUSchedulingResetOnFork",
            "CPUAffinity",
            "NUMAPolicy",
            "NUMAMask",
            "TimerSlackNSec",
        ],
    ),
    (
        NoEffect,
        &[
            "SyslogIdentifier",
            "SyslogFacility",
            "SyslogLevel",
            "SyslogLevelPrefix",
            "LogLevelMax",
            "LogRateLimitIntervalSec",
            "LogRateLimitBurst",
            "LogExtraFields",
            "LogFilterPatterns",
            "LogNamespace",
            "UtmpIdentifier",
            "UtmpMode",
            "TTYReset",
            "TTYVHangup",
            "TTYVTDisallocate",
            "TTYRows",
            "TTYColumns",
            "CoredumpFilter",
            "CoredumpReceive",
            "MemoryKSM",
        ],
    ),
    (
        Noted("the output goes where the init keeps it"),
        &["StandardOutput", "StandardError"],
    ),
    (
        Noted("standard input is empty"),
        &["StandardInput", "TTYPath"],
    ),
    (Translated(process::ignore_sigpipe), &["IgnoreSIGPIPE"]),
    (
        Noted("the service gets its descriptors as they are"),
        &["NonBlocking"],
    ),
    (
        Noted(CONFINED),
        &[
            "RemoveIPC",
            "KeyringMode",
            "ProtectProc",
            "ProcSubset",
            "PrivateBPF",
            "SystemCallFilter",
            "SystemCallErrorNumber",
            "SystemCallArchitectures",
            "SystemCallLog",
            "MemoryDenyWriteExecute",
            "RestrictNamespaces",
            "RestrictRealtime",
            "RestrictSUIDSGID",
            "RestrictAddressFamilies",
            "RestrictFileSystems",
            "LockPersonality",
            "Personality",
            "DelegateNamespaces",
            "BPFDelegateCommands",
            "BPFDelegateMaps",
            "BPFDelegatePrograms",
            "BPFDelegateAttachments",
            "LandlockConfig",
            "ReadWritePaths",
            "ReadOnlyPaths",
            "InaccessiblePaths",
            "ExecPaths",
            "NoExecPaths",
            "PrivateTmp",
            "PrivateDevices",
            "ProtectKernelTunables",
            "ProtectKernelModules",
            "ProtectKernelLogs",
            "ProtectClock",
            "ProtectControlGroups",
            "ProtectHostname",
            "ProtectSystem",
            "ProtectHome",
            "PrivateNetwork",
            "PrivateUsers",
            "PrivateMounts",
            "PrivateIPC",
            "PrivatePIDs",
            "MountFlags",
            "MountAPIVFS",
            "BindLogSockets",
            "SELinuxContext",
            "AppArmorProfile",
            "SmackProcessLabel",
            "DeviceAllow",
            "DevicePolicy",
            "IPAddressAllow",
            "IPAddressDeny",
            "IPIngressFilterPath",
            "IPEgressFilterPath",
            "BPFProgram",
            "SocketBindAllow",
            "SocketBindDeny",
            "RestrictNetworkInterfaces",
            "NFTSet",
        ],
    ),
    (
        Refused(FILE_SYSTEM),
        &[
            "RootDirectory",
            "RootImage",
            "RootImageOptions",
            "RootImagePolicy",
            "RootHash",
            "RootHashSignature",
            "RootVerity",
            "RootEphemeral",
            "ExtensionDirectories",
            "ExtensionImages",
            "ExtensionImagePolicy",
            "MountImages",
            "MountImagePolicy",
            "BindPaths",
            "BindReadOnlyPaths",
            "TemporaryFileSystem",
            "ExecSearchPath",
        ],
    ),
    (
        Refused("the service runs in a namespace that was made for it, which no other init enters"),
        &[
            "NetworkNamespacePath",
            "IPCNamespacePath",
            "UserNamespacePath",
        ],
    ),
    (
        NoEffect,
        &[
            "CPUAccounting",
            "MemoryAccounting",
            "IOAccounting",
            "TasksAccounting",
            "IPAccounting",
            "BlockIOAccounting",
        ],
    ),
    (NoEffect, &["DelegateSubgroup", "DisableControllers"]),
    (
        Noted(
            "under other inits the service is in no slice; arguments that name one have to be changed",
        ),
        &["Slice"],
    ),
    (
        Noted(RESOURCES),
        &[
            "CPUWeight",
            "StartupCPUWeight",
            "CPUShares",
            "StartupCPUShares",
            "CPUQuota",
            "CPUQuotaPeriodSec",
            "AllowedCPUs",
            "StartupAllowedCPUs",
            "AllowedMemoryNodes",
            "StartupAllowedMemoryNodes",
            "MemoryMin",
            "DefaultMemoryMin",
            "DefaultMemoryLow",
            "DefaultStartupMemoryLow",
            "MemoryLow",
            "StartupMemoryLow",
            "MemoryHigh",
            "StartupMemoryHigh",
            "MemoryMax",
            "StartupMemoryMax",
            "MemorySwapMax",
            "StartupMemorySwapMax",
            "MemoryZSwapMax",
            "StartupMemoryZSwapMax",
            "MemoryZSwapWriteback",
            "MemoryLimit",
            "MemoryPressureThresholdSec",
            "MemoryPressureWatch",
            "ManagedOOMSwap",
            "ManagedOOMMemoryPressure",
            "ManagedOOMMemoryPressureLimit",
            "ManagedOOMMemoryPressureDurationSec",
            "ManagedOOMPreference",
            "IOWeight",
            "StartupIOWeight",
            "IODeviceWeight",
            "IOReadBandwidthMax",
            "IOWriteBandwidthMax",
            "IOReadIOPSMax",
            "IOWriteIOPSMax",
            "IODeviceLatencyTargetSec",
            "BlockIOWeight",
            "StartupBlockIOWeight",
            "BlockIODeviceWeight",
            "BlockIOReadBandwidth",
            "BlockIOWriteBandwidth",
        ],
    ),
    (
        NoEffect,
        &[
            "Capabilities",
            "SysVStartPriority",
            "BusPolicy",
            "NetClass",
            "IgnoreOnSnapshot",
        ],
    ),
    (Translated(order::wanted_by), &["WantedBy"]),
    (
        Noted("under other inits enabling the one does not enable the other"),
        &["RequiredBy", "UpheldBy", "Also"],
    ),
    (
        Noted("the service has one name under other inits"),
        &["Alias"],
    ),
];

/// Values with which a directive is as if it were not there.
static HARMLESS: &[(&[&str], &[&str])] = &[
    (
        &["no"],
        &[
            "CPUSchedulingResetOnFork",
            "DynamicUser",
            "LockPersonality",
            "MemoryDenyWriteExecute",
            "MountAPIVFS",
            "NoNewPrivileges",
            "NonBlocking",
            "PermissionsStartOnly",
            "PrivateDevices",
            "PrivateIPC",
            "PrivateMounts",
            "PrivateNetwork",
            "PrivatePIDs",
            "PrivateTmp",
            "PrivateUsers",
            "ProtectClock",
            "ProtectControlGroups",
            "ProtectHome",
            "ProtectHostname",
            "ProtectKernelLogs",
            "ProtectKernelModules",
            "ProtectKernelTunables",
            "ProtectSystem",
            "RefuseManualStart",
            "RefuseManualStop",
            "RemainAfterExit",
            "RemoveIPC",
            "RestrictNamespaces",
            "RestrictRealtime",
            "RestrictSUIDSGID",
            "RootEphemeral",
            "SendSIGHUP",
            "StopWhenUnneeded",
            "SurviveFinalKillSignal",
        ],
    ),
    (
        &["yes"],
        &["DefaultDependencies", "MemoryZSwapWriteback", "SendSIGKILL"],
    ),
    (
        &["none"],
        &[
            "FailureAction",
            "JobTimeoutAction",
            "StartLimitAction",
            "SuccessAction",
        ],
    ),
    (&["0", "infinity"], &["RuntimeMaxSec", "WatchdogSec"]),
    (&["0"], &["Nice", "RestartSteps"]),
    (&["0022", "022", "22"], &["UMask"]),
    (&["/"], &["RootDirectory", "WorkingDirectory"]),
    (&["null"], &["StandardInput"]),
    (
        &["inherit", "journal"],
        &["StandardOutput", "StandardError"],
    ),
    (
        &["auto"],
        &["DevicePolicy", "ManagedOOMSwap", "ManagedOOMMemoryPressure"],
    ),
    (&["default"], &["ProtectProc"]),
    (&["all"], &["ProcSubset"]),
    (&["9"], &["FinalKillSignal"]),
    (&["main"], &["ExitType"]),
    (&["infinity"], &["MemoryHigh", "MemoryMax", "MemorySwapMax"]),
    (&["normal"], &["RestartMode"]),
    (&["terminate"], &["TimeoutStopFailureMode"]),
    (&["continue"], &["OOMPolicy"]),
    (&["system.slice"], &["Slice"]),
];

/// What becomes of a directive of the reader's table.
pub fn treatment(key: &str) -> Treatment {
    let row = TABLE.iter().find(|(_, names)| names.contains(&key));
    row.map_or(Refused("it is unknown here"), |(treatment, _)| *treatment)
}

/// Whether a directive takes something from the processes of a service.
pub(super) fn confines(key: &str) -> bool {
    const OF_A_SPEC: [&str; 3] = [
        "NoNewPrivileges",
        "CapabilityBoundingSet",
        "AmbientCapabilities",
    ];
    match treatment(key) {
        Noted(text) => text == CONFINED,
        Refused(why) => why == FILE_SYSTEM,
        _ => OF_A_SPEC.contains(&key),
    }
}

/// Whether a value is as if the directive were not there.
pub(super) fn is_harmless(key: &str, value: &Value) -> bool {
    let word = match value {
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Number(number) => number.to_string(),
        Value::Time(time) if time.is_zero() => "0".into(),
        Value::Time(time) => time.to_string(),
        Value::Signal(signal) => signal.0.to_string(),
        Value::Text(text) => match text.as_str() {
            "false" | "off" | "n" | "f" | "0" if key != "UMask" && key != "Nice" => "no".into(),
            "true" | "on" | "y" | "t" | "1" => "yes".into(),
            text => text.to_owned(),
        },
        _ => return false,
    };
    let mut rows = HARMLESS.iter().filter(|(_, keys)| keys.contains(&key));
    rows.any(|(values, _)| values.contains(&word.as_str()))
}

/// The first value that a specifier makes the host's own.
pub(super) fn of_host<'s>(settings: &[&'s Setting]) -> Option<(char, &'s Setting)> {
    settings.iter().find_map(|setting| {
        let specifier = match &setting.value {
            Value::Host(specifier) => Some(*specifier),
            Value::Text(text) | Value::EnvFile { path: text, .. } => marked(text),
            Value::Command(command) => marked(&command.program),
            _ => None,
        };
        Some((specifier?, *setting))
    })
}

/// The first specifier in a text that a spec can only have elsewhere.
fn marked(text: &str) -> Option<char> {
    let (_, rest) = text.split_once(OF_HOST)?;
    rest.chars().next()
}

/// What is lost of a unit that starts the service.
pub(super) fn trigger(kind: &str) -> &'static str {
    match kind {
        "timer" => "it starts the service at its times, and a spec has no timers",
        "socket" => {
            "it starts the service at a connection and hands its sockets over, and a spec has \
             no sockets: the service has to open them itself"
        }
        _ => "it starts the service when paths change, and a spec has no such start",
    }
}

/// Whether a directive has a row.
#[cfg(test)]
pub(super) fn is_known(key: &str) -> bool {
    TABLE.iter().any(|(_, names)| names.contains(&key))
}
