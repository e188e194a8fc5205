//! Settings of another's service, or of an administrator who took ours for one like it, that
//! have no effect on ours.

use std::collections::BTreeSet;

use crate::envfile::{Reader, parse};
use crate::order::argument_variable;
use crate::root::Root;
use crate::service::Argument;
use crate::shipped::{CommandLine, Instead, Reading, Setting, Shipped};
use crate::sorting;

use super::arguments::{Moved, settle};
use super::dropped::{Command, Scene, of_conf_d};
use super::effect::Lost;
use super::ours::Ours;
use super::shown::shown;

/// Folders in which distributions have files of variables, one for each service (Debian;
/// Fedora and SUSE).
const FOLDERS: &[&str] = &["/etc/default", "/etc/sysconfig"];

/// Where inits and we have them: ours end so, as OpenRC runs the others.
const CONF_D: &str = "/etc/conf.d";

/// Where a service is looked at.
pub struct Site<'a> {
    /// The tree.
    pub root: &'a Root,
    /// What the init's backend knows of the services that others ship.
    pub shipped: Option<&'a dyn Shipped>,
    /// The service where the init keeps it.
    pub reading: &'a Reading<'a>,
    /// Whether somebody else's service is there, and not only its settings.
    pub foreign: bool,
    /// The administrator's env file.
    pub extra_args_file: &'a str,
}

/// Everything that has no effect on our service, by path and line.
pub fn lost(site: &Site<'_>, ours: &Ours<'_>) -> Vec<Lost> {
    let mut all = of_settings(site, ours);
    let commands = commands(site, ours).into_iter();
    all.extend(commands.filter(|it| !it.counts).map(|it| Lost {
        what: format!("{} has no effect on this service", it.text),
        path: it.path,
        line: it.line,
        hint: it.hint,
        is_arguments: false,
        is_of_another: true,
    }));
    let name = site.reading.name;
    let own_settings = site.shipped.map(|it| it.settings(site.reading));
    let is_setting = |path: &str| {
        let mut own = own_settings.iter().flatten();
        own.any(|it| it == path)
    };
    let usual = FOLDERS
        .iter()
        .map(|folder| (format!("{folder}/{name}"), true));
    let conf_d = [
        (format!("{CONF_D}/{name}.env"), true),
        (format!("{CONF_D}/{name}"), false),
    ];
    for (path, every) in usual.chain(conf_d) {
        // The init's settings were looked at as those.
        if !ours.reads(&path) && !is_setting(&path) {
            all.extend(of_variables(site, ours, &path, every));
        }
    }
    sorting::by(&mut all, |a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    all
}

/// The commands in the settings of an OpenRC service: they are a script.
pub(super) fn commands(site: &Site<'_>, ours: &Ours<'_>) -> Vec<Command> {
    let Some(shipped) = site.shipped else {
        return Vec::new();
    };
    let scene = Scene {
        root: site.root,
        line: &line(site, shipped).unwrap_or_default(),
        ours,
        name: site.reading.name.as_str(),
        lines: BTreeSet::new(),
    };
    let mut settings = shipped.settings(site.reading);
    settings.retain(|path| path.starts_with(CONF_D) && !ours.reads(path));
    let commands = settings
        .iter()
        .flat_map(|path| of_conf_d(&scene, path, site.extra_args_file));
    commands.collect()
}

/// The command line that was run until now; where only settings are left of a service, what they
/// come to.
fn line(site: &Site<'_>, shipped: &dyn Shipped) -> Option<CommandLine> {
    match site.foreign {
        true => shipped.command_line(site.reading),
        false => shipped.settings_line(site.reading),
    }
}

/// What stands in files that the init, or another's service, has its settings in.
fn of_settings(site: &Site<'_>, ours: &Ours<'_>) -> Vec<Lost> {
    let Some(shipped) = site.shipped else {
        return Vec::new();
    };
    let mut all: Vec<Lost> = Vec::new();
    let line = line(site, shipped);
    // What is not known may be made of any of them.
    let is_used = |name: &String| {
        line.as_ref()
            .is_none_or(|it| !it.unknown.is_empty() || it.names.contains(name))
    };
    for setting in shipped.set(site.reading) {
        let is_arguments = setting.is_arguments();
        // Arguments are told of as a whole, with the first variable that has some.
        if setting.instead == Instead::Itself
            || is_arguments && all.iter().any(|it| it.is_arguments)
            // It had no effect before either.
            || is_arguments && !is_used(&setting.name)
        {
            continue;
        }
        let what = match is_arguments {
            true => arguments(site, ours, line.as_ref(), &setting),
            // It may be a secret.
            false if setting.instead == Instead::Variable => Some(String::new()),
            false => Some(format!(": {} is lost", shown(&setting.value))),
        };
        let Some(what) = what else {
            continue;
        };
        all.push(Lost {
            what: format!("`{}` has no effect on this service{what}", setting.name),
            hint: hint(site, ours, &setting),
            is_arguments,
            is_of_another: true,
            path: setting.path,
            line: setting.line,
        });
    }
    all
}

/// The arguments that are lost, each with its place where that is another file than this one;
/// `None` where ours come to the same.
fn arguments(
    site: &Site<'_>,
    ours: &Ours<'_>,
    line: Option<&CommandLine>,
    setting: &Setting,
) -> Option<String> {
    let Ok(settled) = settle(line?, &ours.arguments()) else {
        return Some(", and which arguments are lost cannot be told".to_owned());
    };
    let told = |moved: &Moved| {
        if moved.path == setting.path || moved.path.is_empty() {
            return moved.to_string();
        }
        let file = site.root.shown(&moved.path);
        format!("{moved} in `{}` line {}", file.display(), moved.line)
    };
    // The script may set the same variable once more, and then the setting counted for nothing.
    let is_part = |moved: &Moved| {
        let flag = moved
            .words
            .first()
            .map_or("", |it| it.split('=').next().unwrap_or(it));
        setting.value.contains(flag)
    };
    if !settled.moved.iter().any(is_part) {
        return None;
    }
    let lost: Vec<_> = settled.moved.iter().map(told).collect();
    let verb = if lost.len() == 1 { "is" } else { "are" };
    Some(format!(": {} {verb} lost", lost.join(", ")))
}

fn hint(site: &Site<'_>, ours: &Ours<'_>, setting: &Setting) -> String {
    let file = site.root.shown(site.extra_args_file).display().to_string();
    match setting.instead {
        Instead::Arguments => match argument_variable(ours.service) {
            Some(name) => format!("write it to `{name}` in `{file}`; `install --migrate` does so"),
            None => "write it into the `arguments` of the service's spec".to_owned(),
        },
        Instead::Variable => format!("set it in `{file}`"),
        Instead::Hint(text) => text.to_owned(),
        Instead::Itself => String::new(),
    }
}

/// What stands in a file of variables that nothing reads.
fn of_variables(site: &Site<'_>, ours: &Ours<'_>, path: &str, every: bool) -> Vec<Lost> {
    let content = Reader::of(site.root).read(path).unwrap_or_default();
    let Ok(parsed) = parse(&content) else {
        return Vec::new();
    };
    let is_argument = |name: &str| {
        let mut arguments = ours.service.arguments.iter();
        arguments.any(|it| matches!(it, Argument::Split(split) if split.as_str() == name))
    };
    let set = parsed.assignments.iter();
    let lost = set.filter(|it| {
        let counts = every || is_argument(it.name);
        counts && !it.value.trim().is_empty() && ours.value(it.name).as_deref() != Some(&*it.value)
    });
    let file = site.root.shown(site.extra_args_file);
    lost.map(|it| Lost {
        path: path.to_owned(),
        line: it.at.line,
        what: format!("sets `{}`, which the service does not read here", it.name),
        hint: format!("set it in `{}`", file.display()),
        is_arguments: false,
        is_of_another: false,
    })
    .collect()
}
