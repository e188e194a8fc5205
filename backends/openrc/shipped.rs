//! What the init scripts of Alpine and Gentoo do.

use std::borrow::Cow;

use crate::service::{AbsPath, Name, ValueError};
use crate::shipped::{
    CommandLine, Files, Instead, Point, Reading, Script, Setting, Shipped, ShippedFiles, Texts,
};
use crate::sorting;

/// The settings of all services, which seldom say something of one.
pub(super) const OF_ALL: &str = "/etc/rc.conf";
/// Further ones, in files that end in `.conf`.
pub(super) const OF_ALL_FOLDER: &str = "/etc/rc.conf.d";

/// Where the runlevels are.
const RUNLEVELS: &str = "/etc/runlevels";
/// Those that every machine passes through on its way up, or ends in.
const USUAL: [&str; 3] = ["sysinit", "boot", "default"];

/// Functions that a script may have of its own, and what OpenRC does no longer then.
const OWN: [(&str, &[&str]); 2] = [
    ("start", &["restart", "env files at a restart", "log"]),
    ("stop", &["stop"]),
];

pub(super) struct Known;

impl Shipped for Known {
    fn files(&self, service: &AbsPath, name: &Name) -> Result<ShippedFiles, ValueError> {
        let conf: AbsPath = super::CONF_FOLDER.parse()?;
        Ok(ShippedFiles {
            script: service.clone(),
            others: vec![conf.join(name.as_str())?],
            beside: Vec::new(),
        })
    }

    fn points(&self, texts: &Texts) -> Vec<Point> {
        let supervised =
            texts.find(|line| line.starts_with("supervisor=") && line.contains("supervise-daemon"));
        let delay = texts.sets("respawn_delay");
        // `respawn_max` (supervise-daemon(8)): 10 where nothing says otherwise, and 0 has no end.
        let most = number(texts, "respawn_max").unwrap_or(10);
        let restart: Cow<'static, str> = match (supervised, delay, most) {
            (None, ..) => "it is not started again".into(),
            (_, None, 0) => "it is started again at once, for ever".into(),
            (_, Some(_), 0) => "it is started again after a delay, for ever".into(),
            (_, None, most) => {
                format!("it is started again at once, {most} times, and then never").into()
            }
            (_, Some(_), most) => {
                format!("it is started again {most} times, and then never").into()
            }
        };
        let again = supervised.is_some() && delay.is_some() && most == 0;
        let log = texts.find(|line| {
            ["output_log", "error_log", "output_logger", "error_logger"]
                .iter()
                .any(|name| {
                    line.contains(&format!("{name}=")) || line.contains(&format!("{name}:="))
                })
                || line.contains("--stdout")
        });
        let network = texts.find(|line| {
            let mut words = line.split_whitespace();
            matches!(words.next(), Some("need" | "use" | "want" | "after"))
                && words.any(|word| matches!(word, "net" | "net-online" | "network"))
        });
        let retry = texts.sets("retry");
        // A number alone is followed by a KILL (start-stop-daemon(8)).
        let kills = texts.find(|line| {
            let is_it = line.starts_with("retry=") || line.contains("{retry:=");
            is_it && (line.contains("KILL") || !line.contains('/'))
        });
        let mut points = vec![
            Point {
                here: restart,
                ..Point::new(
                    "restart",
                    again,
                    "after every end, 10 seconds later, for ever",
                    "",
                    supervised.or(delay),
                )
            },
            Point::new(
                "env files at a restart",
                false,
                "they are read again",
                "they are read when the init script runs, not when it restarts the kubelet",
                None,
            ),
            Point::new(
                "stop",
                kills.is_some(),
                "KILL after 90 seconds to what ignores TERM",
                match (retry, kills) {
                    (_, Some(_)) => "with a schedule of its own",
                    (Some(_), None) => {
                        "gives up after a schedule without KILL, the kubelet may live on"
                    }
                    (None, None) => "gives up after 5 seconds, the kubelet may live on",
                },
                retry,
            ),
            Point::new(
                "log",
                log.is_some(),
                "the journal keeps all output",
                match log {
                    Some(_) => "a file keeps it",
                    None => "the output is lost",
                },
                log,
            ),
            Point::new(
                "network",
                network.is_some(),
                "comes after network-online.target",
                match network {
                    Some(_) => "comes after the network",
                    None => "does not wait for the network",
                },
                network,
            ),
        ];
        for (function, abouts) in OWN {
            let Some((path, line)) = texts.find(|line| defines(line, function)) else {
                continue;
            };
            for point in points.iter_mut().filter(|it| abouts.contains(&it.about)) {
                point.same = None;
                point.here = format!("cannot tell: it has a `{function}` of its own").into();
                (point.path, point.line) = (Some(path.to_owned()), Some(line));
            }
        }
        points
    }

    /// openrc-run(8) sources rc.conf, conf.d and then the script, calls `start_pre`, and
    /// gives `command` and `command_args` to `eval` (`openrc-run.sh`, `supervise-daemon.sh`
    /// and `start-stop-daemon.sh`, 0.45). Other supervisors have folders of their own, and no
    /// use for `command` (`s6.sh`, `runit.sh`).
    fn command_line(&self, reading: &Reading<'_>) -> Option<CommandLine> {
        let mut script = begun(reading);
        of_all(&mut script, reading);
        of_one(&mut script, reading);
        script.follow(reading.service.as_str());
        if script.defines("start") {
            script.doubt("has a `start` of its own, which is not followed");
        }
        script.call("start_pre");
        let supervisor = script.text_of("supervisor");
        match supervisor.as_deref() {
            None if script.sets("supervisor") => {
                script.doubt("sets `supervisor` to what cannot be told");
            }
            Some(other @ ("s6" | "runit")) => {
                script.doubt(&format!(
                    "leaves its start to {other}, which has a `run` for it and not its `command`"
                ));
                return Some(script.of_variables(&[]));
            }
            _ => {}
        }
        let more = match supervisor.as_deref() {
            Some("supervise-daemon") => "command_args_foreground",
            _ => "command_args_background",
        };
        if !script.sets("command") && !script.doubts() {
            script.doubt("sets no `command`");
        }
        Some(script.of_variables(&["command", "command_args", more]))
    }

    fn settings(&self, reading: &Reading<'_>) -> Vec<String> {
        vec![settings(reading)]
    }

    fn settings_line(&self, reading: &Reading<'_>) -> Option<CommandLine> {
        let mut script = followed(reading);
        script.given("command", reading.name.as_str());
        Some(script.of_variables(&["command", "command_args", "command_args_foreground"]))
    }

    fn set(&self, reading: &Reading<'_>) -> Vec<Setting> {
        let line = self.settings_line(reading).unwrap_or_default();
        // What arguments are made of is told with them.
        let is_part = |name: &str| {
            let mut arguments = line.arguments.iter();
            arguments.any(|it| it.variable.as_deref() == Some(name))
        };
        let path = settings(reading);
        let set = followed(reading).assigned_in(&path).into_iter();
        set.filter(|it| !it.value.trim().is_empty())
            .filter_map(|it| {
                let instead = instead(&it.name);
                let is_told = instead == Instead::Arguments || !is_part(&it.name);
                is_told.then_some(Setting {
                    name: it.name,
                    value: it.value,
                    path: it.path,
                    line: it.line,
                    instead,
                })
            })
            .collect()
    }
}

/// Whether a line begins a function of that name.
fn defines(line: &str, function: &str) -> bool {
    let rest = line.strip_prefix(function);
    rest.is_some_and(|rest| rest.trim_start().starts_with('('))
}

/// What a variable is set to in the end, where that is a number: the script comes last, and its
/// `: ${name:=value}` counts where nothing was said before.
fn number(texts: &Texts, name: &str) -> Option<u32> {
    let (plain, default) = (format!("{name}="), format!("{{{name}:="));
    let mut found = None;
    for line in texts.lines() {
        let rest = match line.split_once(default.as_str()) {
            Some((_, rest)) if found.is_none() => rest,
            Some(_) => continue,
            None => match line.strip_prefix(plain.as_str()) {
                Some(rest) => rest,
                None => continue,
            },
        };
        let rest = rest.trim_start_matches(['"', '\'']);
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        found = rest[..end].parse().ok().or(found);
    }
    found
}

fn settings(reading: &Reading<'_>) -> String {
    format!("{}/{}", super::CONF_FOLDER, reading.name)
}

/// The file of settings, as openrc-run(8) sources it.
fn followed<'r>(reading: &'r Reading<'_>) -> Script<'r> {
    let mut script = begun(reading);
    of_one(&mut script, reading);
    script
}

fn begun<'r>(reading: &'r Reading<'_>) -> Script<'r> {
    let mut script = reading.sh();
    let name = reading.name.as_str();
    script.given("RC_SVCNAME", name);
    script.given("SVCNAME", name);
    script
}

fn of_all(script: &mut Script<'_>, reading: &Reading<'_>) {
    script.follow(OF_ALL);
    let names = match reading.list(OF_ALL_FOLDER) {
        Ok(names) => names,
        Err(why) => return script.doubt_of(OF_ALL_FOLDER, &why),
    };
    // What the shell's `*.conf` finds.
    let found = |name: &&String| name.strip_suffix(".conf").is_some() && !name.starts_with('.');
    for name in names.iter().filter(found) {
        script.follow(&format!("{OF_ALL_FOLDER}/{name}"));
    }
}

/// The settings of a service. A file for the runlevel comes in their place, and a service is
/// started in that which the machine is in, or on its way to.
fn of_one(script: &mut Script<'_>, reading: &Reading<'_>) {
    let usual = settings(reading);
    let mut levels = USUAL.map(str::to_owned).to_vec();
    match reading.list(RUNLEVELS) {
        Ok(names) => levels.extend(names),
        Err(why) => script.doubt_of(RUNLEVELS, &why),
    }
    sorting::by(&mut levels, Ord::cmp);
    levels.dedup();
    script.follow(&usual);
    for level in levels {
        let path = format!("{usual}.{level}");
        if reading.fits("-e", &path) != Some(false) {
            let why = format!("is read in place of `{usual}` in the runlevel `{level}`");
            script.doubt_of(&path, &why);
        }
    }
}

/// What `openrc-run.sh` and `supervise-daemon.sh` take from conf.d for our script as well
/// (0.45 to 0.64), beside all that begins with `rc_`.
const COUNTS: &[&str] = &[
    "capabilities",
    "chroot",
    "description",
    "directory",
    "error_log",
    "error_logger",
    "healthcheck_delay",
    "healthcheck_timer",
    "name",
    "no_new_privs",
    "output_log",
    "output_logger",
    "required_dirs",
    "required_files",
    "secbits",
    "umask",
];

/// What takes the place of a variable of conf.d.
fn instead(name: &str) -> Instead {
    if name.starts_with("rc_") || name.starts_with("RC_") || COUNTS.contains(&name) {
        return Instead::Itself;
    }
    match name {
        "command_args" | "command_args_foreground" | "command_args_background" => {
            Instead::Arguments
        }
        "command" => Instead::Hint("`--kubelet` names the program, or `program` of a spec"),
        "command_user" | "user" | "group" => Instead::Hint("the service runs as root here"),
        "respawn_delay" | "respawn_delay_step" | "respawn_delay_cap" => {
            Instead::Hint("`restart.delay` of a spec says it; `kubelet-unit spec` prints one")
        }
        "respawn_max" | "respawn_period" => {
            Instead::Hint("`restart.limit` of a spec says it; `kubelet-unit spec` prints one")
        }
        "retry" | "stopsig" => Instead::Hint(
            "`stop.signal` and `stop.timeout` of a spec say it; `kubelet-unit spec` prints one",
        ),
        "start_stop_daemon_args" | "supervise_daemon_args" => Instead::Hint(
            "`limits` of a spec say what a process may use, `output_log=` there where its output goes",
        ),
        name if name.starts_with(|first: char| first.is_ascii_uppercase()) => Instead::Variable,
        _ => Instead::Hint("nothing in this service reads it; remove it"),
    }
}
