//! What is known of commands, variables and functions of services: where a spec says the same,
//! and which of them do nothing that ours would have to do.

use super::Hint;

/// What is said where neither a spec nor an env file has a place.
pub(super) const NO_PLACE: Hint = Hint::Text("there is no place for it in this service");

/// What OpenRC takes from conf.d for every service.
const CONF_D: Hint = Hint::Text(
    "the service's file in `/etc/conf.d` may have it, which OpenRC reads for this one too",
);

/// Commands that decide, tell and end, and so do nothing that lasts; and those of init scripts
/// that start and stop.
const HARMLESS: [&str; 55] = [
    ":",
    "[",
    "[[",
    "basename",
    "break",
    "cat",
    "continue",
    "default_start",
    "default_stop",
    "dirname",
    "ebegin",
    "echo",
    "eend",
    "eerror",
    "egrep",
    "eindent",
    "einfo",
    "einfon",
    "eoutdent",
    "ewarn",
    "ewend",
    "exit",
    "failure",
    "false",
    "getopts",
    "grep",
    "hash",
    "id",
    "keyword",
    "killproc",
    "let",
    "local",
    "ls",
    "pgrep",
    "pidof",
    "pidofproc",
    "printf",
    "provide",
    "ps",
    "rc_exit",
    "rc_reset",
    "rc_status",
    "read",
    "return",
    "set",
    "shift",
    "stat",
    "status_of_proc",
    "success",
    "test",
    "true",
    "type",
    "vebegin",
    "wait",
    "which",
];

pub(super) fn is_harmless(command: &str) -> bool {
    HARMLESS.contains(&command) || command.starts_with("log_")
}

/// Commands with a key of a spec.
const COMMANDS: [(&str, &str); 36] = [
    ("cd", "workingDirectory"),
    ("doas", "user"),
    ("envdir", "envFiles"),
    ("envfile", "envFiles"),
    ("envuidgid", "user"),
    ("execline-cd", "workingDirectory"),
    ("execline-umask", "umask"),
    ("ionice", "ioClass"),
    ("logger", "log"),
    ("multilog", "log"),
    ("nice", "nice"),
    ("prlimit", "limits"),
    ("redirfd", "log"),
    ("renice", "nice"),
    ("runuser", "user"),
    ("s6-applyuidgid", "user"),
    ("s6-cd", "workingDirectory"),
    ("s6-envdir", "envFiles"),
    ("s6-envuidgid", "user"),
    ("s6-log", "log"),
    ("s6-setuidgid", "user"),
    ("s6-softlimit", "limits"),
    ("s6-umask", "umask"),
    ("setpriv", "user"),
    ("setuidgid", "user"),
    ("sleep", "preStart"),
    ("softlimit", "limits"),
    ("su", "user"),
    ("su-exec", "user"),
    ("sudo", "user"),
    ("svlogd", "log"),
    ("tee", "log"),
    ("ulimit", "limits"),
    ("umask", "umask"),
    ("vlogger", "log"),
    ("with-contenv", "envFiles"),
];

/// Programs before another that are about how it is started.
const OF_STARTING: [&str; 13] = [
    "backtick",
    "define",
    "exec",
    "fdclose",
    "fdmove",
    "importas",
    "multisubstitute",
    "nohup",
    "pgrphack",
    "s6-fghack",
    "s6-setsid",
    "setsid",
    "time",
];

/// Commands of `depend` that name other services.
const ORDER: [(&str, &str); 5] = [
    ("after", "after"),
    ("before", "before"),
    ("need", "needs"),
    ("use", "wants"),
    ("want", "wants"),
];

/// Variables of an OpenRC script that say how the service is supervised, called and described,
/// which ours does by itself.
const OF_THE_OLD: [&str; 13] = [
    "command",
    "command_args",
    "command_args_background",
    "command_args_foreground",
    "command_background",
    "command_progress",
    "description",
    "name",
    "notify",
    "pidfile",
    "procname",
    "ready",
    "supervisor",
];

/// Variables of OpenRC with a key of a spec.
const VARIABLES: [(&str, &str); 24] = [
    ("SSD_IONICELEVEL", "ioClass"),
    ("SSD_NICELEVEL", "nice"),
    ("capabilities", "capabilities"),
    ("command_user", "user"),
    ("directory", "workingDirectory"),
    ("error_log", "log"),
    ("error_logger", "log"),
    ("group", "group"),
    ("nicelevel", "nice"),
    ("no_new_privs", "noNewPrivileges"),
    ("output_log", "log"),
    ("output_logger", "log"),
    ("rc_after", "after"),
    ("rc_before", "before"),
    ("rc_need", "needs"),
    ("rc_ulimit", "limits"),
    ("rc_use", "wants"),
    ("rc_want", "wants"),
    ("respawn_delay", "restart.delay"),
    ("respawn_max", "restart.limit"),
    ("respawn_period", "restart.limit"),
    ("retry", "stop"),
    ("stopsig", "stop.signal"),
    ("umask", "umask"),
];

/// Further ones, which OpenRC takes from conf.d (`openrc-run.sh`, `supervise-daemon.sh`, 0.45 to
/// 0.64), beside all that begins with `rc_`.
const OF_CONF_D: [&str; 6] = [
    "chroot",
    "healthcheck_delay",
    "healthcheck_timer",
    "required_dirs",
    "required_files",
    "secbits",
];

/// Those that have no place.
const WITHOUT: [&str; 8] = [
    "extra_commands",
    "extra_started_commands",
    "extra_stopped_commands",
    "input_file",
    "oom_score_adj",
    "respawn_delay_cap",
    "respawn_delay_step",
    "scheduler",
];

/// Functions of OpenRC with a key of a spec.
const FUNCTIONS: [(&str, &str); 7] = [
    ("reload", "reload"),
    ("start", "preStart"),
    ("start_post", "postStart"),
    ("start_pre", "preStart"),
    ("stop", "stop"),
    ("stop_post", "postStop"),
    ("stop_pre", "stop"),
];

/// Those that OpenRC calls by itself.
const CALLED: [&str; 2] = ["healthcheck", "unhealthy"];

fn key(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    let row = table.iter().find(|(it, _)| *it == name);
    row.map(|(_, key)| *key)
}

pub(super) fn of_command(name: &str) -> Option<&'static str> {
    key(&COMMANDS, name)
}

pub(super) fn of_order(name: &str) -> Option<&'static str> {
    key(&ORDER, name)
}

pub(super) fn is_order(name: &str) -> bool {
    of_order(name).is_some()
}

pub(super) fn is_of_starting(name: &str) -> bool {
    OF_STARTING.contains(&name)
}

/// Where a variable of an OpenRC script is said now; none where OpenRC knows no such variable,
/// or ours does by itself what it is about.
pub(super) fn of_variable(name: &str) -> Option<Hint> {
    if OF_THE_OLD.contains(&name) {
        return None;
    }
    match key(&VARIABLES, name) {
        Some(key) => Some(Hint::Spec(key)),
        None if OF_CONF_D.contains(&name) || name.starts_with("rc_") => Some(CONF_D),
        None => WITHOUT.contains(&name).then_some(NO_PLACE),
    }
}

/// Where the commands of an OpenRC function are written now.
pub(super) fn of_function(name: &str) -> Option<Hint> {
    let called = CALLED.contains(&name).then_some(CONF_D);
    key(&FUNCTIONS, name).map(Hint::Spec).or(called)
}

/// What a word of an init script says it is for, be it the name of a function or the pattern of
/// an arm.
pub(super) fn of_word(word: &str) -> Option<Hint> {
    let has = |part: &str| word.contains(part);
    match () {
        () if has("reload") && !has("restart") => Some(Hint::Spec("reload")),
        () if has("stop") || has("restart") => Some(Hint::Spec("stop")),
        () if has("start") => Some(Hint::Spec("preStart")),
        () => None,
    }
}
