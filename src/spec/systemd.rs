//! What somebody who knows systemd's units writes into a spec, and what a spec calls it.
//!
//! It is not taken for what it means: a spec has one word for each thing. It is answered with
//! that word, or with what to do where a spec has none.

use crate::hint::Hint;
use crate::service::Resource;
use crate::yaml::{Role, Unknown};

/// Names of directives (systemd.service(5), systemd.exec(5), systemd.kill(5), systemd.unit(5)),
/// without case, `-` and `_`, and what helps.
const FIELDS: &[(&[&str], &str)] = &[
    (
        &["execstart"],
        "`program` is the path of the program, and `arguments` is the list of its arguments",
    ),
    (
        &["environmentfile", "environmentfiles"],
        "write `envFiles`, a list with `path`, and `optional: true` for the `-` before the path",
    ),
    (&["requires", "requisite", "bindsto"], "write `needs`"),
    (&["restartsec", "delay"], "write `restart: {delay: 10s}`"),
    (&["policy"], "write `restart: {policy: always}`"),
    (
        &[
            "startlimitburst",
            "startlimitinterval",
            "startlimitintervalsec",
        ],
        "write `restart: {limit: {starts: 5, within: 10s}}`",
    ),
    (&["killsignal", "signal"], "write `stop: {signal: TERM}`"),
    (
        &["timeoutsec", "timeoutstopsec", "timeout"],
        "write `stop: {timeout: 90s}`, which is the time until KILL",
    ),
    (
        &["killmode", "kill"],
        "write `stop: {kill: group}`, or `mixed`, `process` or `none`",
    ),
    (
        &["sendsigkill", "sendkill"],
        "write `stop: {sendKill: false}`",
    ),
    (
        &["successexitstatus"],
        "write `restart: {successExitStatus: [143]}`",
    ),
    (
        &["restartforceexitstatus", "forceexitstatus"],
        "write `restart: {forceExitStatus: [PIPE]}`",
    ),
    (
        &["restartpreventexitstatus", "preventexitstatus"],
        "write `restart: {preventExitStatus: [255]}`",
    ),
    (
        &["limitnofile", "nofile"],
        "write `limits: {nofile: {soft: 1024, hard: 524288}}`",
    ),
    (
        &["limitnproc", "nproc"],
        "write `limits: {nproc: {soft: 1024, hard: 4096}}`",
    ),
    (
        &["limitcore", "core"],
        "write `limits: {core: {soft: 0, hard: infinity}}`",
    ),
    (
        &["oomscoreadjust"],
        "write `limits: {oomScoreAdjust: -999}`",
    ),
    (
        &["standardoutput", "standarderror"],
        "the init keeps all output; `log: {maxSize: 10MiB, keep: 5}` says how much of it",
    ),
    (
        &["dynamicuser"],
        "no other init makes users up: write `user`, and add the user to the machine",
    ),
    (
        &["ioschedulingclass", "ioschedulingpriority"],
        "write `ioClass: {class: best-effort, priority: 4}`",
    ),
    (
        &[
            "capabilityboundingset",
            "ambientcapabilities",
            "bounding",
            "ambient",
        ],
        "write `capabilities: {bounding: [CAP_NET_ADMIN], ambient: [CAP_NET_ADMIN]}`",
    ),
    (
        &["runtimedirectorymode", "runtimedirectorypreserve"],
        "write `runtimeDirectory: {names: [some], mode: \"0755\", preserve: restart}`",
    ),
    (
        &["statedirectorymode"],
        "write `stateDirectory: {names: [some], mode: \"0755\"}`",
    ),
    (
        &["execstartpre", "prestarts"],
        "write `preStart: [[/bin/mkdir, -p, /run/a]]`, a list of commands, each a list of words",
    ),
    (
        &["execcondition"],
        "a spec has no word for it; `conditions` look at paths and at the machine",
    ),
    (
        &["execstartpost"],
        "write `postStart: [[/bin/a]]`, a list of commands, each a list of words",
    ),
    (
        &["execstop", "prestop"],
        "write `stop: {commands: [[/bin/a]]}`, a list of commands, each a list of words",
    ),
    (
        &["execstoppost"],
        "write `postStop: [[/bin/a]]`, a list of commands, each a list of words",
    ),
    (
        &["execreload"],
        "write `reload: HUP`, or a list of commands",
    ),
    (
        &["pidfile"],
        "a spec has no word for it: the program has to stay in the foreground, as with systemd's `Type=simple`",
    ),
    (&["timeoutstartsec"], "write `start: {timeout: 90s}`"),
    (
        &["conditionpathexists", "assertpathexists"],
        "write `conditions: {pathExists: [/etc/a]}`",
    ),
    (
        &["wantedby", "requiredby", "alias"],
        "`kubelet-unit install --enable` starts the service whenever the machine boots",
    ),
];

/// Words of `KillMode=` and `Restart=`, with the key that takes them.
const VARIANTS: &[(&str, &[&str], &str)] = &[
    (
        "kill",
        &["controlgroup"],
        "systemd's `control-group` is `group`",
    ),
    (
        "policy",
        &["no", "none", "off"],
        "systemd's `no` is `never`",
    ),
    (
        "policy",
        &["onwatchdog"],
        "a spec has no word for it; `on-abnormal` starts again after a signal or a timeout",
    ),
];

/// What helps somebody who wrote a word of systemd's; `None` if it is not one.
pub fn hint(unknown: &Unknown) -> Option<Hint> {
    let parts = unknown.word.chars().filter(char::is_ascii_alphanumeric);
    let word = parts.collect::<String>().to_ascii_lowercase();
    let text = match unknown.role {
        Role::Field => match FIELDS.iter().find(|(words, _)| words.contains(&&*word)) {
            Some((_, text)) => text,
            None => return ours(&word, unknown),
        },
        Role::Variant => {
            // JSON's reader does not tell the key; the words of each are its own.
            let key = match unknown.known.iter().any(|it| it == "never") {
                true => "policy",
                false => "kill",
            };
            let found =
                |(of, words, _): &&(&str, &[&str], &str)| *of == key && words.contains(&&*word);
            VARIANTS.iter().find(found)?.2
        }
    };
    Some(Hint::from(text))
}

/// A key of ours that is written otherwise: `User`, `working-directory`, `LimitNPROC`.
fn ours(word: &str, unknown: &Unknown) -> Option<Hint> {
    let mut known = unknown.known.iter();
    if let Some(key) = known.find(|key| key.to_ascii_lowercase() == word) {
        return Some(Hint::text(format!("write `{key}`")));
    }
    let mut limits = Resource::ALL.iter();
    let limit = limits.find(|it| it.directive().to_ascii_lowercase() == word)?;
    Some(Hint::text(format!(
        "write `limits: {{{}: 1024}}`",
        limit.key()
    )))
}

#[cfg(test)]
mod tests {
    use super::super::Spec;
    use super::*;
    use crate::yaml::Problem;

    fn unknown(more: &str) -> Unknown {
        let text = format!("name: a\ndescription: A\nprogram: /bin/a\n{more}\n");
        match Spec::read("s.yaml", text.as_bytes()).unwrap_err().problem {
            Problem::Unknown(unknown) => *unknown,
            problem => panic!("{more}: {problem}"),
        }
    }

    /// Each word is refused as unknown: one that a spec comes to have leaves the table. A
    /// key that is below another is one at the top alone.
    #[test]
    fn every_word_of_the_table_is_refused_and_answered() {
        for (words, text) in FIELDS {
            for word in *words {
                let hint = hint(&unknown(&format!("{word}: x"))).map(|hint| hint.to_string());
                assert_eq!(hint.as_deref(), Some(*text), "{word}");
            }
        }
        for (key, words, text) in VARIANTS {
            let outer = if *key == "kill" { "stop" } else { "restart" };
            for word in *words {
                let unknown = unknown(&format!("{outer}: {{{key}: \"{word}\"}}"));
                assert_eq!(hint(&unknown), Some((*text).into()), "{word}");
            }
        }
    }

    #[test]
    fn words_are_known_however_they_are_written() {
        for more in [
            "ExecStart: a",
            "exec-start: a",
            "ExecStartPre: a",
            "User: a",
            "RestartSec: 1",
            "Supplementary-Groups: a",
            "LimitMEMLOCK: 1",
        ] {
            assert!(hint(&unknown(more)).is_some(), "{more}");
        }
        for more in [
            "stop: {kill: control-group}",
            "restart: {policy: no}",
            "restart: {RestartSec: 1}",
        ] {
            assert!(hint(&unknown(more)).is_some(), "{more}");
        }
        assert_eq!(hint(&unknown("progam: a")), None);
    }
}
