//! The keys of a spec, what they are for and what they take.

use super::Shape::{
    Any, Bool, Capability, Keys, Limits, List, Number, NumberOr, Plain, SignalOr, Text, Variables,
    Words, WordsOr,
};
use super::{Key, about_directory};
use crate::service::process::DirectoryKind;

/// A span of time (`systemd.time(7)`).
const SPAN: &str = "(?:[0-9]+ *(?:ms|msec|s|sec|seconds?|m|min|minutes?|h|hr|hours?)? *)+";
pub(super) const SPAN_OR_INFINITY: &str =
    "(?:[0-9]+ *(?:ms|msec|s|sec|seconds?|m|min|minutes?|h|hr|hours?)? *)+|infinity";
pub(crate) const NAME: &str = "[A-Za-z0-9][A-Za-z0-9_.@-]*";
pub(crate) const PATH: &str = "/[^\\n]*";
const SIZE: &str = "[0-9]+(?:B|[KMG](?:iB)?)?";
const ACCOUNT: &str = "[^\\s:/,]+";
const MODE: &str = "[0-7]+";
const FOLDER: &str = "[A-Za-z0-9_.@+-]+(?:/[A-Za-z0-9_.@+-]+)*";
/// An exit code or a signal.
const END: &str = "[0-9]+|(?:SIG)?[A-Z][A-Z0-9]+";
const SIGNAL: &str = "(?:SIG)?(?:TERM|INT|QUIT|HUP|KILL|USR1|USR2)";

pub(crate) const fn key(
    name: &'static str,
    about: &'static str,
    shape: super::Shape,
    examples: &'static [&'static str],
) -> Key {
    Key {
        name,
        about,
        shape,
        examples,
    }
}

const NAMES: Key = key(
    "names",
    "Their paths below the folder of their kind",
    List(&Text(FOLDER)),
    &["[\"etcd\", \"etcd/data\"]"],
);
const MODE_OF_FOLDERS: Key = key(
    "mode",
    "Their mode in octal digits; 0755 without it",
    Text(MODE),
    &["\"0700\""],
);
const DIRECTORY: &[Key] = &[NAMES, MODE_OF_FOLDERS];

/// Those below /run, which alone may go.
const RUNTIME_DIRECTORY: &[Key] = &[
    NAMES,
    MODE_OF_FOLDERS,
    key(
        "preserve",
        "Whether they stay when the service ends; no, restart or yes",
        Words(&["no", "restart", "yes"]),
        &["\"no\"", "\"restart\"", "\"yes\""],
    ),
];

const fn directory(kind: DirectoryKind) -> Key {
    key(
        kind.key(),
        about_directory(kind),
        Keys(
            1,
            match kind {
                DirectoryKind::Runtime => RUNTIME_DIRECTORY,
                _ => DIRECTORY,
            },
        ),
        &["{\"names\": [\"etcd\"], \"mode\": \"0700\"}"],
    )
}

/// The keys of a spec.
pub(super) const SPEC: &[Key] = &[
    key(
        "extends",
        "The built-in spec that this one changes; a list is replaced as a whole, of a mapping single keys are",
        Text("[a-z0-9-]+"),
        &["\"kubelet\""],
    ),
    key(
        "name",
        "What the service is called, and what its files are called after",
        Text(NAME),
        &["\"etcd\"", "\"getty@tty1\""],
    ),
    key(
        "description",
        "One line for people (Description=)",
        Text("[^\\n]+"),
        &["\"etcd key-value store\""],
    ),
    key(
        "configuredBy",
        "Who sets its arguments, where that is not who ships it: systemd gets them as a drop-in",
        Text(NAME),
        &["\"kubeadm\""],
    ),
    key(
        "documentation",
        "Where it is documented (Documentation=)",
        List(&Text("[^\\n]+")),
        &["[\"https://etcd.io/docs\", \"man:etcd\"]"],
    ),
    key(
        "program",
        "The program, as an absolute path (ExecStart=)",
        Text(PATH),
        &["\"/usr/bin/etcd\""],
    ),
    key(
        "arguments",
        "Its arguments, as in ExecStart=: $NAME alone is split into words, ${NAME} in a word is taken as it is",
        List(&Any),
        &["[\"--a=${B}\", \"$C\", \"$$5\"]"],
    ),
    key(
        "environment",
        "Variables that the service sets; env files beat them (Environment=)",
        Variables,
        &["{\"A\": \"1\"}"],
    ),
    key(
        "specifiers",
        "Whether %H, %l, %m, %b and %v in arguments, environment and commands are the host's, filled in at each start, and %% a percent sign; without it, a percent sign is one",
        Bool,
        &["true", "false"],
    ),
    key(
        "envFiles",
        "Files of variables, read again at every start (EnvironmentFile=)",
        List(&Keys(0, ENV_FILE)),
        &[
            "[{\"path\": \"/etc/default/etcd\", \"optional\": true, \"about\": \"The administrator's\"}]",
        ],
    ),
    key(
        "type",
        "When it counts as started (Type=)",
        Words(&["simple", "notify", "oneshot", "forking"]),
        &["\"simple\"", "\"notify\""],
    ),
    key(
        "restart",
        "When it is started again",
        Keys(0, RESTART),
        &["{\"policy\": \"on-failure\"}"],
    ),
    key(
        "stop",
        "How it is ended",
        Keys(0, STOP),
        &["{\"timeout\": \"5s\"}"],
    ),
    key(
        "needs",
        "What has to be started before it (Requires= and After=)",
        List(&Text(NAME)),
        &["[\"containerd\", \"cgroups\"]"],
    ),
    key(
        "wants",
        "What is started before it where it is there (Wants= and After=)",
        List(&Text(NAME)),
        &["[\"network-online\", \"container-runtime\"]"],
    ),
    key(
        "after",
        "What it comes after where that is started as well (After=)",
        List(&Text(NAME)),
        &["[\"chrony\"]"],
    ),
    key(
        "before",
        "What comes after it where that is started as well (Before=)",
        List(&Text(NAME)),
        &["[\"kubelet\"]"],
    ),
    key(
        "limits",
        "Resource limits: a number for both, soft:hard, or a mapping of the two",
        Limits,
        &[
            "{\"nofile\": \"1024:infinity\", \"memlock\": \"64M\", \"core\": {\"soft\": 0, \"hard\": \"infinity\"}, \"oomScoreAdjust\": -999}",
        ],
    ),
    key(
        "tasksMax",
        "How many processes and threads it may have (TasksMax=)",
        NumberOr("[0-9]+|infinity"),
        &["\"infinity\"", "512"],
    ),
    key(
        "delegate",
        "Whether it makes control groups of its own (Delegate=)",
        Bool,
        &["true", "false"],
    ),
    key(
        "user",
        "Who it runs as, by name or number; root without it (User=)",
        NumberOr(ACCOUNT),
        &["\"etcd\"", "1000"],
    ),
    key(
        "group",
        "Its group, by name or number; that of the user without it (Group=)",
        NumberOr(ACCOUNT),
        &["\"etcd\"", "0"],
    ),
    key(
        "supplementaryGroups",
        "Groups beside those that the user is in (SupplementaryGroups=)",
        List(&NumberOr(ACCOUNT)),
        &["[\"ssl-cert\", 7]"],
    ),
    key(
        "workingDirectory",
        "Where it starts: a path, ~ for the home of the user, with - before it if it may be missing (WorkingDirectory=)",
        Text("-?(?:~|/[^\\n]*)"),
        &["\"/var/lib/etcd\"", "\"~\"", "\"-/srv\""],
    ),
    key(
        "umask",
        "What the modes of its files lack, in octal digits; 0022 without it (UMask=)",
        Text(MODE),
        &["\"0027\""],
    ),
    key(
        "nice",
        "Its share of the processors, -20 (the most) to 19 (Nice=)",
        Number(-20, 19),
        &["-5", "19"],
    ),
    key(
        "ioClass",
        "Its share of the disks (IOSchedulingClass=, IOSchedulingPriority=)",
        Keys(1, IO_CLASS),
        &["{\"class\": \"idle\"}"],
    ),
    key(
        "noNewPrivileges",
        "Whether no program that it starts may have more privileges (NoNewPrivileges=)",
        Bool,
        &["true", "false"],
    ),
    key(
        "ignoreSigpipe",
        "Whether it ignores SIGPIPE until it says otherwise (IgnoreSIGPIPE=)",
        Bool,
        &["true", "false"],
    ),
    key(
        "capabilities",
        "What of root's privileges it has",
        Keys(0, CAPABILITIES),
        &["{\"bounding\": []}"],
    ),
    directory(DirectoryKind::Runtime),
    directory(DirectoryKind::State),
    directory(DirectoryKind::Cache),
    directory(DirectoryKind::Logs),
    directory(DirectoryKind::Configuration),
    key(
        "conditions",
        "What has to be so for it to start; ! before a value is for the opposite, and of those with | before them any is enough (ConditionPathExists= and others)",
        Keys(0, CONDITIONS),
        &["{\"pathExists\": [\"/etc/a\", \"!/run/b\"]}"],
    ),
    key(
        "pidFile",
        "The file in which a service of the type forking writes which process it is (PIDFile=)",
        Text(PATH),
        &["\"/run/a.pid\""],
    ),
    key(
        "remainAfterExit",
        "Whether it counts as running when it has ended well (RemainAfterExit=)",
        Bool,
        &["true", "false"],
    ),
    key(
        "notifyAccess",
        "Who may say that a service of the type notify is ready: its main process, the commands beside it as well, or all of its processes (NotifyAccess=)",
        Words(&["main", "exec", "all"]),
        &["\"all\""],
    ),
    key(
        "start",
        "How it starts",
        Keys(0, START),
        &["{\"timeout\": \"5min\"}"],
    ),
    key(
        "preStart",
        "Commands before it starts, each a list of words, with - before the first if a failure counts as success (ExecStartPre=)",
        List(&List(&Any)),
        &["[[\"-/sbin/modprobe\", \"overlay\"]]"],
    ),
    key(
        "postStart",
        "Commands when it has started (ExecStartPost=)",
        List(&List(&Any)),
        &["[[\"/bin/true\"]]"],
    ),
    key(
        "reload",
        "How it reads its configuration again: by a signal, or by commands that find it as $MAINPID (ExecReload=)",
        SignalOr(SIGNAL, &List(&List(&Any))),
        &["\"HUP\"", "[[\"/bin/kill\", \"-HUP\", \"$MAINPID\"]]"],
    ),
    key(
        "postStop",
        "Commands when it has ended, however it did (ExecStopPost=)",
        List(&List(&Any)),
        &["[[\"/bin/true\"]]"],
    ),
    key(
        "conflicts",
        "What does not run beside it (Conflicts=)",
        List(&Text(NAME)),
        &["[\"docker\"]"],
    ),
    key(
        "systemd",
        "Lines for systemd alone, by the section of the unit in which they stand; no other init has anything for them, and one without which the service would not run is refused there",
        Keys(0, SYSTEMD),
        &["{\"service\": [\"Slice=system-node.slice\"], \"install\": [\"Alias=node.service\"]}"],
    ),
    key(
        "log",
        "What becomes of its output, or only where it goes",
        WordsOr(LOG_TO, &Keys(0, LOG)),
        &["{\"keep\": 3}", "\"inherit\"", "\"syslog\""],
    ),
];

/// What a condition on a path takes.
const CONDITION_PATH: &str = "!? */[^\\n]*";

const CONDITIONS: &[Key] = &[
    key(
        "pathExists",
        "There is something at this path",
        List(&Text(CONDITION_PATH)),
        &["[\"/etc/a\", \"!/run/b\"]"],
    ),
    key(
        "pathIsDirectory",
        "It is a folder",
        List(&Text(CONDITION_PATH)),
        &["[\"/etc/a\"]"],
    ),
    key(
        "directoryNotEmpty",
        "It is a folder with something in it",
        List(&Text(CONDITION_PATH)),
        &["[\"/etc/a\"]"],
    ),
    key(
        "fileNotEmpty",
        "It is a file with something in it",
        List(&Text(CONDITION_PATH)),
        &["[\"/etc/a\"]"],
    ),
    key(
        "fileIsExecutable",
        "It is a file that may be executed",
        List(&Text(CONDITION_PATH)),
        &["[\"/bin/a\"]"],
    ),
    key(
        "kernelVersion",
        "The version of the kernel: comparisons or a pattern",
        List(&Text("!? *[^\\n]+")),
        &["[\">=5.4 <7\"]"],
    ),
    key(
        "virtualization",
        "Whether the machine is virtual: yes, no, vm or container",
        List(&Text("!? *(?:yes|no|vm|container)")),
        &["[\"!container\"]"],
    ),
    key(
        "architecture",
        "The architecture, as systemd calls it",
        List(&Text("!? *[a-z0-9-]+")),
        &["[\"x86-64\"]"],
    ),
];

const START: &[Key] = &[key(
    "timeout",
    "When a start that is not complete is ended, and each command before and after it; 0 and infinity are never (TimeoutStartSec=)",
    NumberOr(SPAN_OR_INFINITY),
    &["\"90s\"", "0", "\"infinity\""],
)];

const ENV_FILE: &[Key] = &[
    key(
        "path",
        "Where it is; {extra-args-file} is where the distribution keeps the administrator's",
        Text("/[^\\n]*|\\{extra-args-file\\}"),
        &["\"/etc/default/etcd\"", "\"{extra-args-file}\""],
    ),
    key(
        "pattern",
        "In the place of `path`: a pattern (glob(7)), for all files that there are of it",
        Text(PATH),
        &["\"/etc/etcd.d/*.env\""],
    ),
    key(
        "optional",
        "Whether the service starts without it",
        Bool,
        &["true", "false"],
    ),
    key(
        "about",
        "One line on what it is for",
        Text("[^\\n]+"),
        &["\"The administrator's\""],
    ),
];

const RESTART: &[Key] = &[
    key(
        "policy",
        "After which ends (Restart=)",
        Words(&[
            "always",
            "on-success",
            "on-failure",
            "on-abnormal",
            "on-abort",
            "never",
        ]),
        &["\"always\"", "\"on-abort\"", "\"never\""],
    ),
    key(
        "delay",
        "How long after the end (RestartSec=)",
        NumberOr(SPAN),
        &["\"10s\"", "\"1min 30s\"", "5"],
    ),
    key(
        "limit",
        "So many starts in so much time, then no more (StartLimitBurst=, StartLimitIntervalSec=)",
        Keys(2, START_LIMIT),
        &["{\"starts\": 5, \"within\": \"10s\"}"],
    ),
    key(
        "successExitStatus",
        "Exit codes and signals that are clean as well (SuccessExitStatus=)",
        List(&NumberOr(END)),
        &["[143, \"KILL\"]"],
    ),
    key(
        "forceExitStatus",
        "Exit codes and signals after which it is started again in any case (RestartForceExitStatus=)",
        List(&NumberOr(END)),
        &["[\"PIPE\"]"],
    ),
    key(
        "preventExitStatus",
        "Exit codes and signals after which it is not started again in any case (RestartPreventExitStatus=)",
        List(&NumberOr(END)),
        &["[2]"],
    ),
];

const START_LIMIT: &[Key] = &[
    key("starts", "How many starts", Plain(0, 4_294_967_295), &["5"]),
    key(
        "within",
        "In how much time",
        NumberOr(SPAN),
        &["\"10s\"", "10"],
    ),
];

const STOP: &[Key] = &[
    key(
        "signal",
        "What asks it to end (KillSignal=)",
        Text(SIGNAL),
        &["\"TERM\"", "\"SIGINT\""],
    ),
    key(
        "timeout",
        "When KILL follows; 0 and infinity are never (TimeoutStopSec=)",
        NumberOr(SPAN_OR_INFINITY),
        &["\"90s\"", "0", "\"infinity\""],
    ),
    key(
        "kill",
        "Which of its processes this is for (KillMode=)",
        Words(&["group", "mixed", "process", "none"]),
        &["\"group\"", "\"mixed\"", "\"process\"", "\"none\""],
    ),
    key(
        "sendKill",
        "Whether KILL follows at all (SendSIGKILL=)",
        Bool,
        &["true", "false"],
    ),
    key(
        "commands",
        "Commands before the signal (ExecStop=)",
        List(&List(&Any)),
        &["[[\"/bin/true\"]]"],
    ),
];

const IO_CLASS: &[Key] = &[
    key(
        "class",
        "The class of the kernel's I/O scheduler",
        Words(&["realtime", "best-effort", "idle"]),
        &["\"realtime\"", "\"best-effort\"", "\"idle\""],
    ),
    key(
        "priority",
        "The place in it, 0 (the first) to 7; 4 without it",
        Number(0, 7),
        &["0", "7"],
    ),
];

/// What a line for systemd looks like.
const ASSIGNMENT: &str = "[A-Za-z][A-Za-z0-9]*=[^\\n]*";

const SYSTEMD: &[Key] = &[
    key(
        "unit",
        "Those of [Unit]",
        List(&Text(ASSIGNMENT)),
        &["[\"Requires=docker.socket\", \"After=docker.socket\"]"],
    ),
    key(
        "service",
        "Those of [Service]",
        List(&Text(ASSIGNMENT)),
        &["[\"Slice=system-node.slice\"]"],
    ),
    key(
        "install",
        "Those of [Install]; a WantedBy= takes the place of the usual one",
        List(&Text(ASSIGNMENT)),
        &["[\"Alias=node.service\"]"],
    ),
];

const CAPABILITIES: &[Key] = &[
    key(
        "bounding",
        "All that it and what it starts can ever have (CapabilityBoundingSet=)",
        List(&Capability),
        &["[\"CAP_NET_ADMIN\"]", "[]"],
    ),
    key(
        "ambient",
        "What it has although it is not root (AmbientCapabilities=)",
        List(&Capability),
        &["[\"CAP_NET_BIND_SERVICE\"]"],
    ),
];

const LOG_TO: &[&str] = &["folder", "inherit", "syslog"];

const LOG: &[Key] = &[
    key(
        "to",
        "Where it goes; folder: into files, inherit: where that of the init goes, such as a container's own output, syslog: to syslog; under systemd, to the journal in any case",
        Words(LOG_TO),
        &["\"folder\"", "\"inherit\"", "\"syslog\""],
    ),
    key(
        "maxSize",
        "The size at which a file is rotated, where it goes into files",
        NumberOr(SIZE),
        &["\"10MiB\"", "1048576"],
    ),
    key(
        "keep",
        "How many rotated files are kept, 1 to 1000",
        Number(1, 1000),
        &["5"],
    ),
];
