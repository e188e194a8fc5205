//! What `systemctl show` says, and how it compares with what was read.

use std::collections::{BTreeMap, BTreeSet};

use kubelet_unit::envfile::split;
use kubelet_unit::unit::{FindError, Prefixes, Time, Unit, Value};

use crate::bed::Bed;
use crate::error::fail;

/// The properties of a unit, each with its lines.
pub(super) type Shown = BTreeMap<String, Vec<String>>;
type Read = Result<Unit, FindError>;

const LISTS: [&str; 16] = [
    "Requires",
    "Requisite",
    "Wants",
    "BindsTo",
    "PartOf",
    "Upholds",
    "Conflicts",
    "Before",
    "After",
    "OnFailure",
    "OnSuccess",
    "PropagatesReloadTo",
    "ReloadPropagatedFrom",
    "PropagatesStopTo",
    "StopPropagatedFrom",
    "JoinsNamespaceOf",
];

/// The properties that are words.
const WORDS: [(&str, &str); 6] = [
    ("Restart", "no"),
    ("KillMode", "control-group"),
    ("User", ""),
    ("Group", ""),
    ("NotifyAccess", ""),
    ("ExitType", "main"),
];

const TIMES: [(&str, &str, Time); 5] = [
    ("RestartUSec", "RestartSec", Time::Micros(100_000)),
    ("TimeoutStartUSec", "TimeoutStartSec", Time::seconds(90)),
    ("TimeoutStopUSec", "TimeoutStopSec", Time::seconds(90)),
    ("RuntimeMaxUSec", "RuntimeMaxSec", Time::Infinity),
    (
        "StartLimitIntervalUSec",
        "StartLimitIntervalSec",
        Time::seconds(10),
    ),
];

const COMMANDS: [&str; 6] = [
    "ExecStartPre",
    "ExecStart",
    "ExecStartPost",
    "ExecReload",
    "ExecStop",
    "ExecStopPost",
];

const SIGNALS: [(&str, i32); 2] = [("KillSignal", 15), ("FinalKillSignal", 9)];

const LIMITS: [&str; 16] = [
    "CPU",
    "FSIZE",
    "DATA",
    "STACK",
    "CORE",
    "RSS",
    "NOFILE",
    "AS",
    "NPROC",
    "MEMLOCK",
    "LOCKS",
    "SIGPENDING",
    "MSGQUEUE",
    "NICE",
    "RTPRIO",
    "RTTIME",
];

/// Asks systemd for several units at once.
pub(super) fn ask(bed: &Bed, names: &[String]) -> crate::error::Result<Vec<Shown>> {
    let mut argv = vec!["systemctl", "show", "--all", "--no-pager", "--"];
    argv.extend(names.iter().map(String::as_str));
    let output = bed.run(&argv)?;
    let text = output.text();
    let units: Vec<Shown> = text.split("\n\n").map(shown).collect();
    if units.len() != names.len() {
        fail!(
            "systemctl shows {} units of {}: {}",
            units.len(),
            names.len(),
            output.all()
        );
    }
    Ok(units)
}

fn shown(text: &str) -> Shown {
    let mut shown = Shown::new();
    for (key, value) in text.lines().filter_map(|line| line.split_once('=')) {
        shown.entry(key.into()).or_default().push(value.into());
    }
    shown
}

/// A comparison under way.
struct Comparison<'a> {
    theirs: &'a Shown,
    version: u32,
    count: usize,
    found: Vec<String>,
}

impl Comparison<'_> {
    fn one(&self, key: &str) -> String {
        let lines = self.theirs.get(key);
        lines.map(|lines| lines.join("\n")).unwrap_or_default()
    }

    fn same(&mut self, what: &str, ours: &str, theirs: &str) {
        self.count += 1;
        if ours != theirs {
            self.found
                .push(format!("{what} is {theirs:?}, we read {ours:?}"));
        }
    }
}

/// How many values were compared, and what differs.
pub(super) fn differences(
    ours: &Read,
    theirs: &Shown,
    all: &BTreeMap<String, Read>,
    version: u32,
) -> (usize, Vec<String>) {
    let mut comparison = Comparison {
        theirs,
        version,
        count: 0,
        found: Vec::new(),
    };
    let state = comparison.one("LoadState");
    let unit = match ours {
        Ok(unit) => unit,
        Err(error) => {
            let expected = match error {
                FindError::Masked { .. } => "masked",
                FindError::NotFound { .. } | FindError::Dangling { .. } => "not-found",
                _ => "error",
            };
            comparison.same("LoadState", expected, &state);
            return (comparison.count, comparison.found);
        }
    };
    let is_loaded = unit.is_loaded();
    comparison.same(
        "loaded",
        &is_loaded.to_string(),
        &(state == "loaded").to_string(),
    );
    if is_loaded && state == "loaded" {
        values(&mut comparison, unit);
        lists(&mut comparison, unit, all);
    }
    (comparison.count, comparison.found)
}

fn values(comparison: &mut Comparison<'_>, unit: &Unit) {
    comparison.same("Id", unit.name.as_str(), &comparison.one("Id"));
    let files: Vec<&str> = unit.files.iter().map(String::as_str).collect();
    // systemd 252 of Debian calls the one folder by its older name.
    let theirs = comparison
        .one("FragmentPath")
        .replace("/lib/systemd", "/usr/lib/systemd");
    let theirs = theirs.replace("/usr/usr", "/usr");
    comparison.same("FragmentPath", files[0], &theirs);
    let drop_ins = files[1..]
        .iter()
        .filter(|file| !file.contains(".wants/") && !file.contains(".requires/"));
    let drop_ins: Vec<_> = drop_ins.copied().collect();
    comparison.same(
        "DropInPaths",
        &drop_ins.join(" "),
        &comparison.one("DropInPaths"),
    );
    let description = unit.text("Description").unwrap_or(unit.name.as_str());
    comparison.same("Description", description, &comparison.one("Description"));
    comparison.same("Type", unit.service_type(), &comparison.one("Type"));
    let made_up = made_up_user(unit);
    for (key, default) in WORDS {
        if key != "NotifyAccess" || unit.one(key).is_some() {
            let default = match key {
                "User" => made_up,
                "Group" => unit
                    .text("User")
                    .filter(|_| !made_up.is_empty())
                    .unwrap_or(made_up),
                _ => default,
            };
            let ours = unit.text(key).unwrap_or(default).to_owned();
            comparison.same(key, &ours, &comparison.one(key));
        }
    }
    for key in COMMANDS {
        commands(comparison, unit, key);
    }
    environment(comparison, unit);
    numbers(comparison, unit);
}

/// With `DynamicUser=` systemd names the user as the unit, up to an `@`, and the group as the user, where they have
/// no name (`unit_patch_contexts`, `unit.c`). Import refuses such a unit: no other init makes up a user.
fn made_up_user(unit: &Unit) -> &str {
    match unit.one("DynamicUser").map(|setting| &setting.value) {
        Some(Value::Bool(true)) => unit.name.prefix(),
        _ => "",
    }
}

/// systemctl joins the words with blanks.
fn commands(comparison: &mut Comparison<'_>, unit: &Unit, key: &str) {
    let version = comparison.version;
    let ours: Vec<_> = unit
        .all(key)
        .filter_map(|setting| match &setting.value {
            Value::Command(command) => Some(format!(
                "{{ path={} ; argv[]={} ; flags={} ",
                command.program,
                command.argv.join(" "),
                flags(command.prefixes, version)
            )),
            _ => None,
        })
        .collect();
    let lines = comparison.theirs.get(&format!("{key}Ex"));
    let theirs = lines.into_iter().flatten().filter(|line| !line.is_empty());
    let theirs: Vec<_> = theirs
        .map(|line| {
            line.split("; start_time")
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .collect();
    comparison.same(key, &ours.join("\n"), &theirs.join("\n"));
}

/// The release of systemd that no longer shows `!!`, which does nothing on today's kernels
/// (measured: 257 shows it, 262 does not).
const WITHOUT_AMBIENT: u32 = 262;

fn flags(prefixes: Prefixes, version: u32) -> String {
    let shows_ambient = version < WITHOUT_AMBIENT;
    let named = [
        (prefixes.ignores_failure, "ignore-failure"),
        (prefixes.privilege == Some('+'), "privileged"),
        (prefixes.privilege == Some('!'), "no-setuid"),
        (prefixes.privilege == Some('‼') && shows_ambient, "ambient"),
        (prefixes.is_literal, "no-env-expand"),
    ];
    let set: Vec<_> = named
        .iter()
        .filter(|(set, _)| *set)
        .map(|(_, name)| *name)
        .collect();
    set.join(" ")
}

fn environment(comparison: &mut Comparison<'_>, unit: &Unit) {
    let variables: Vec<_> = unit
        .all("Environment")
        .filter_map(|setting| match &setting.value {
            Value::Variable { name, value } => Some(format!("{name}={value}")),
            _ => None,
        })
        .collect();
    // systemctl quotes what has to be.
    let theirs = comparison.one("Environment");
    let theirs: Vec<_> = split(&theirs).into_iter().map(|word| word.text).collect();
    comparison.same(
        "Environment",
        &format!("{variables:?}"),
        &format!("{theirs:?}"),
    );
    let files: Vec<_> = unit
        .all("EnvironmentFile")
        .filter_map(|setting| match &setting.value {
            Value::EnvFile { path, optional } => {
                let optional = if *optional { "yes" } else { "no" };
                Some(format!("{path} (ignore_errors={optional})"))
            }
            _ => None,
        })
        .collect();
    let theirs = comparison.one("EnvironmentFiles");
    comparison.same("EnvironmentFiles", &files.join("\n"), &theirs);
}

fn numbers(comparison: &mut Comparison<'_>, unit: &Unit) {
    for (property, key, default) in TIMES {
        let default = match property {
            "TimeoutStartUSec" if unit.service_type() == "oneshot" => Time::Infinity,
            _ => default,
        };
        let ours = unit.time(key).unwrap_or(default);
        let theirs = Time::parse(&comparison.one(property), 1);
        comparison.same(
            property,
            &format!("{:?}", Some(ours)),
            &format!("{theirs:?}"),
        );
    }
    for (key, default) in SIGNALS {
        let ours = match unit.one(key).map(|it| &it.value) {
            Some(Value::Signal(signal)) => signal.0,
            _ => default,
        };
        comparison.same(key, &ours.to_string(), &comparison.one(key));
    }
    for (key, default) in [("StartLimitBurst", "5"), ("OOMScoreAdjust", "")] {
        let ours = match unit.one(key).map(|it| &it.value) {
            Some(Value::Number(number)) => number.to_string(),
            _ if default.is_empty() => continue,
            _ => default.into(),
        };
        comparison.same(key, &ours, &comparison.one(key));
    }
    let kills = !matches!(
        unit.one("SendSIGKILL").map(|it| &it.value),
        Some(Value::Bool(false))
    );
    let kills = if kills { "yes" } else { "no" };
    comparison.same("SendSIGKILL", kills, &comparison.one("SendSIGKILL"));
    for name in LIMITS {
        limit(comparison, unit, &format!("Limit{name}"));
    }
}

/// A limit that is set; others are what the manager has.
fn limit(comparison: &mut Comparison<'_>, unit: &Unit, key: &str) {
    if let Some(Value::Limit(limit)) = unit.one(key).map(|it| &it.value) {
        let text = |bound: Option<u64>| bound.map_or("infinity".into(), |it| it.to_string());
        comparison.same(key, &text(limit.hard), &comparison.one(key));
        let soft = format!("{key}Soft");
        comparison.same(&soft, &text(limit.soft), &comparison.one(&soft));
    }
}

/// What is named has to be there; what is there beside it has to come from somewhere.
fn lists(comparison: &mut Comparison<'_>, unit: &Unit, all: &BTreeMap<String, Read>) {
    for key in LISTS {
        let names = named(unit, key);
        let theirs = comparison.one(key);
        // A name with a backslash is in quotes.
        let theirs = theirs.split_whitespace().map(|name| name.trim_matches('"'));
        let theirs: BTreeSet<&str> = theirs.collect();
        let lost: Vec<_> = names
            .iter()
            .filter(|name| !theirs.contains(name.as_str()) && **name != unit.name.as_str())
            .filter(|name| resolved(all, name).is_none_or(|real| !theirs.contains(real)))
            .collect();
        let more: Vec<_> = theirs
            .iter()
            .filter(|name| !names.contains(**name) && !is_implied(unit, key, name, all))
            .collect();
        comparison.count += 1;
        if !lost.is_empty() || !more.is_empty() {
            comparison.found.push(format!(
                "{key} is without {lost:?} and has {more:?} beside ours"
            ));
        }
    }
}

fn named(unit: &Unit, key: &str) -> BTreeSet<String> {
    let texts = unit.all(key).filter_map(|setting| match &setting.value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    });
    texts.collect()
}

/// The unit's own name of one that was named by an alias.
fn resolved<'a>(all: &'a BTreeMap<String, Read>, name: &str) -> Option<&'a str> {
    let unit = all.get(name)?.as_ref().ok()?;
    Some(unit.name.as_str())
}

/// What systemd adds by itself (`systemd.service(5)`, `systemd.exec(5)`, "Implicit
/// Dependencies" and "Default Dependencies"), and what another unit says of this one.
fn is_implied(unit: &Unit, key: &str, name: &str, all: &BTreeMap<String, Read>) -> bool {
    let socket = format!("{}.socket", unit.name.stem());
    let automatic = [
        "sysinit.target",
        "basic.target",
        "shutdown.target",
        "systemd-journald.socket",
        "systemd-remount-fs.service",
        "systemd-tmpfiles-setup.service",
        "dbus.socket",
        "tmp.mount",
        "local-fs-pre.target",
    ];
    let opposite = match key {
        "Before" => "After",
        "After" => "Before",
        "Conflicts" => "Conflicts",
        "PropagatesReloadTo" => "ReloadPropagatedFrom",
        "ReloadPropagatedFrom" => "PropagatesReloadTo",
        "PropagatesStopTo" => "StopPropagatedFrom",
        "StopPropagatedFrom" => "PropagatesStopTo",
        "JoinsNamespaceOf" => "JoinsNamespaceOf",
        _ => "",
    };
    let by_other = all.values().filter_map(|it| it.as_ref().ok()).any(|other| {
        other.name.as_str() == name && named(other, opposite).contains(unit.name.as_str())
    });
    let by_alias = named(unit, key)
        .iter()
        .any(|alias| resolved(all, alias) == Some(name));
    let is_of_path = matches!(name.rsplit('.').next(), Some("mount" | "slice"));
    automatic.contains(&name) || is_of_path || name == socket || by_other || by_alias
}
