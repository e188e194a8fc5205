//! What a unit comes to with all of its drop-ins: its command line, its variables and env
//! files (`systemd.service(5)`, `systemd.exec(5)`).

use std::path::{Path, PathBuf};

use super::changed::changed;
use super::find::{find, finder};
use super::others::others;
use crate::backends::rivals::{Ordered, names};
use crate::effective::of_host::{OF_HOST, Specifier, in_value, in_word, written};
use crate::effective::{
    Asked, Changed, CommandWord, Definition, DropIn, Effective, EnvFile, Goes, Inline, Origin,
    OriginKind, Other, Place, Remark, Rival, Standing, Superseded, Unknown,
};
use crate::envfile::ExecWord;
use crate::host::Host;
use crate::rendering::Rendered;
use crate::root::RootError;
use crate::shipped::last_program;
use crate::unit::{Fate, Fault, FindError, Ignored, Setting, Unit, Value, shown};

pub(super) struct Units;

/// What the manager gives to every service (`build_environment`, `exec-invoke.c`, and
/// `manager_default_environment`, `manager.c`), whatever the unit says.
const FROM_THE_MANAGER: [&str; 11] = [
    "PATH",
    "LANG",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "NOTIFY_SOCKET",
    "MAINPID",
    "SYSTEMD_EXEC_PID",
];

impl Effective for Units {
    fn read(&self, asked: &Asked<'_>) -> Result<Standing, RootError> {
        let origin = |kind| Origin {
            service: asked.name.to_string(),
            init: Some("systemd"),
            kind,
        };
        let found = match find(asked.host, asked.name) {
            Ok(found) => found,
            Err(FindError::Denied(error)) => return Err(error),
            Err(error) => return Ok(not_found(&error, origin)),
        };
        let mut unit = Unit::of(&found, &|specifier| Some(format!("{OF_HOST}{specifier}")));
        let drop_ins = found.drop_ins.iter().map(|source| DropIn {
            path: source.inside.clone(),
            installed: false,
        });
        let origin = origin(OriginKind::Unit {
            path: found.fragment.inside.clone(),
            installed: false,
            drop_ins: drop_ins.collect(),
        });
        let faults = faults(&unit);
        // As every place of an answer: a path of the tree.
        let sources = std::iter::once(&found.fragment).chain(&found.drop_ins);
        for file in &mut unit.files {
            let unread = found.unread.iter().map(|it| (&it.path, &it.inside));
            let read = sources.clone().map(|it| (&it.path, &it.inside));
            if let Some((_, inside)) = read.chain(unread).find(|(path, _)| *path == file) {
                file.clone_from(inside);
            }
        }
        Ok(standing(asked.host, &unit, faults, origin))
    }

    fn changed(&self, asked: &Asked<'_>, rendered: &Rendered) -> Result<Vec<Changed>, RootError> {
        changed(asked, rendered)
    }

    fn others(&self, asked: &Asked<'_>, program: &str) -> Result<Vec<Other>, RootError> {
        others(asked, program)
    }

    fn rivals(&self, asked: &Asked<'_>) -> Result<Vec<Rival>, RootError> {
        let finder = finder(asked.host);
        let ordered = Ordered {
            title: "systemd",
            folders: finder.folders(),
            end: ".service",
            masks_by_emptiness: true,
        };
        let mut rivals = ordered.rivals(asked)?;
        // A link that systemd rejects is nothing to it.
        if let Ok(name) = format!("{}.service", asked.name).parse() {
            rivals.retain(|it| {
                let path = Path::new(&it.place.path);
                !finder.rejects(&name, path).unwrap_or(false)
            });
        }
        rivals.extend(instances(asked, finder.folders())?);
        Ok(rivals)
    }
}

/// Links by which a target starts an instance of a template of the service's name.
fn instances(asked: &Asked<'_>, folders: &[PathBuf]) -> Result<Vec<Rival>, RootError> {
    let root = asked.host.root();
    let begin = format!("{}@", asked.name);
    let mut found = Vec::new();
    for folder in folders {
        let wanting = names(root, folder)?.into_iter();
        let wanting =
            wanting.filter(|it| [".wants", ".requires"].iter().any(|end| it.ends_with(end)));
        for target in wanting {
            for link in names(root, &folder.join(&target))? {
                let instance = link.strip_prefix(&begin);
                let instance = instance.and_then(|it| it.strip_suffix(".service"));
                let Some(instance) = instance.filter(|it| !it.is_empty()) else {
                    continue;
                };
                let path = folder.join(&target).join(&link);
                found.push(Rival::new(
                    path.display().to_string(),
                    0,
                    format!(
                        "starts the instance `{instance}` of `{begin}.service`, which is another \
                         service than `{}`: two of them run",
                        asked.name
                    ),
                    Goes::ByHand(format!("disable it with `systemctl disable {link}`")),
                ));
            }
        }
    }
    Ok(found)
}

/// What there is where no unit is read.
fn not_found(error: &FindError, origin: impl Fn(OriginKind) -> Origin) -> Standing {
    let why = error.to_string();
    match error {
        FindError::NotFound { root, .. } => {
            let below = match root.as_os_str() == "/" {
                true => String::new(),
                false => format!(" below `{}`", root.display()),
            };
            let looked = format!("in systemd's folders{below}");
            Standing::Absent(origin(OriginKind::Nowhere { looked }))
        }
        FindError::Masked { path } => {
            let path = path.display().to_string();
            let origin = origin(OriginKind::Masked { path });
            let why = "systemd never starts it".into();
            Standing::Stopped { origin, why }
        }
        _ => Standing::Stopped {
            origin: origin(OriginKind::Refused),
            why,
        },
    }
}

/// Why systemd does not load a unit, if it does not.
fn faults(unit: &Unit) -> Option<String> {
    let fault = |(place, fault): &(_, Fault)| {
        format!("{}: {fault}: systemd does not load it", unit.shown(*place))
    };
    let why = || unit.faults.iter().map(fault).collect::<Vec<_>>().join("; ");
    (!unit.is_loaded()).then(why)
}

fn standing(host: &Host, unit: &Unit, faults: Option<String>, origin: Origin) -> Standing {
    if let Some(why) = faults {
        return Standing::Stopped { origin, why };
    }
    let commands: Vec<_> = unit.all("ExecStart").collect();
    match commands.as_slice() {
        [command] => Standing::Runs(Box::new(definition(host, unit, command, origin))),
        [] => {
            let why = "it has no `ExecStart=`, and runs nothing that could be explained".into();
            Standing::Stopped { origin, why }
        }
        commands => {
            let why = format!(
                "it has {} commands in `ExecStart=`, and it cannot be told which of them is meant",
                commands.len()
            );
            Standing::Stopped { origin, why }
        }
    }
}

fn definition(host: &Host, unit: &Unit, start: &Setting, origin: Origin) -> Definition {
    let mut definition = Definition {
        source: unit.files[0].clone(),
        origin,
        command: Some(place(unit, start)),
        program: String::new(),
        is_script: false,
        words: Vec::new(),
        names: Vec::new(),
        inline: Vec::new(),
        env_files: Vec::new(),
        unknown: Vec::new(),
        remarks: remarks(unit),
        superseded: superseded(unit),
        unset: Vec::new(),
        elsewhere: Vec::new(),
    };
    if let Value::Command(command) = &start.value {
        let expands = !command.prefixes.is_literal;
        for word in &command.argv {
            let previous = definition.words.last().map(|it| it.text.clone());
            let specifiers = in_word(word, previous.as_deref());
            let word = definition.resolved(unit, start, word, specifiers);
            definition.words.push(CommandWord::new(word, expands));
        }
        let program = definition.opaque(unit, start, &command.program);
        definition.program = definition.becomes(program);
        if !definition.program.starts_with('/')
            && let Some(path) = host.program(&definition.program)
        {
            // Looked for when it starts, in systemd's folders.
            definition.program = path.display().to_string();
        }
        definition.doubt_the_program();
    }
    for setting in unit.all("Environment") {
        if let Value::Variable { name, value } = &setting.value {
            let specifiers = in_value(name, value, &definition.exec_words());
            let value = definition.resolved(unit, setting, value, specifiers);
            let place = Some(place(unit, setting));
            let name = name.clone();
            definition.inline.push(Inline { name, value, place });
        }
    }
    for setting in unit.all("EnvironmentFile") {
        definition.env_file(unit, setting);
    }
    definition.elsewhere(unit);
    definition
}

impl Definition {
    /// A text in which specifiers of the host are shown as they are written, and what they can
    /// be a part of.
    fn resolved(
        &mut self,
        unit: &Unit,
        setting: &Setting,
        text: &str,
        specifiers: Vec<Specifier>,
    ) -> String {
        let written = written(text);
        for specifier in specifiers {
            self.cannot_tell(specifier.unknown(place(unit, setting), &written));
        }
        written
    }

    /// The same of a text with which everything may be another.
    fn opaque(&mut self, unit: &Unit, setting: &Setting, text: &str) -> String {
        let mut specifiers = in_word(text, None);
        for specifier in &mut specifiers {
            specifier.flags = None;
        }
        self.resolved(unit, setting, text, specifiers)
    }

    /// The program that a command becomes in the end, behind those of the kind of `env` and
    /// `nice`, whose words are left out.
    fn becomes(&mut self, program: String) -> String {
        let is_known = |it: &&CommandWord| !(it.expands && it.text.contains('$'));
        let known = |it: &CommandWord| Some(it).filter(is_known).map(|it| it.text.clone());
        let mut words: Vec<_> = self.words.iter().map(known).collect();
        if let Some(first) = words.first_mut() {
            *first = Some(program.clone());
        }
        let at = last_program(&words);
        match words.get(at) {
            Some(Some(last)) if at > 0 => {
                self.words.drain(..at);
                last.clone()
            }
            _ => program,
        }
    }

    /// What another program starts, such as a shell with a script, is not followed.
    fn doubt_the_program(&mut self) {
        let called = self.program.rsplit('/').next().unwrap_or_default();
        let is_shell = ["sh", "ash", "bash", "busybox", "dash"].contains(&called);
        let is_other = self.origin.service == "kubelet" && !self.is_kubelet();
        if let Some(place) = self.command.clone().filter(|_| is_shell || is_other) {
            let called = shown(called);
            let because = format!("it starts `{called}`, and what that starts is not followed");
            self.cannot_tell(Unknown::of_all(place, because));
        }
    }

    fn cannot_tell(&mut self, unknown: Unknown) {
        let same = |it: &&mut Unknown| it.place == unknown.place && it.because == unknown.because;
        match self.unknown.iter_mut().find(same) {
            None => self.unknown.push(unknown),
            Some(before) => match (&mut before.flags, unknown.flags) {
                (Some(flags), Some(more)) => flags.extend(more),
                (flags, _) => *flags = None,
            },
        }
    }

    fn env_file(&mut self, unit: &Unit, setting: &Setting) {
        let Value::EnvFile { path, optional } = &setting.value else {
            return;
        };
        let of_host = path.contains(OF_HOST);
        let (path, optional) = (self.opaque(unit, setting, path), *optional);
        if of_host {
            return;
        }
        if path.contains(['*', '?', '[']) {
            let because = format!(
                "`{}` is a pattern, and the files that it stands for are not looked up",
                shown(&path)
            );
            return self.cannot_tell(Unknown::of_all(place(unit, setting), because));
        }
        self.env_files.push(EnvFile { path, optional });
    }

    /// Variables of the command line that something else than the unit's own lines sets or
    /// takes away.
    fn elsewhere(&mut self, unit: &Unit) {
        let words = self.exec_words();
        let names = words.iter().flat_map(ExecWord::names);
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        names.dedup();
        for name in names {
            let is_own = self.inline.iter().any(|it| it.name == name);
            for key in ["PassEnvironment", "UnsetEnvironment"] {
                for setting in unit.all(key) {
                    let Value::Text(list) = &setting.value else {
                        continue;
                    };
                    let mut listed = list.split([' ', '\t', '"', '\'']);
                    if listed.any(|it| it.split('=').next() == Some(name.as_str())) {
                        let because = format!("`{key}=` decides about `{}`", shown(&name));
                        self.cannot_tell(Unknown::of_all(place(unit, setting), because));
                    }
                }
            }
            if !is_own && FROM_THE_MANAGER.contains(&name.as_str()) {
                let because =
                    format!("the service manager sets `{name}` when it starts the service");
                let command = self.command.clone();
                if let Some(place) = command {
                    self.cannot_tell(Unknown::of_all(place, because));
                }
            }
        }
    }
}

/// Lines that systemd ignores, and drop-ins that it reads in part.
fn remarks(unit: &Unit) -> Vec<Remark> {
    let ignored = unit
        .ignored
        .iter()
        .map(|(place, why): &(_, Ignored)| Remark {
            place: Place::of_line(&unit.files[place.file], place.line),
            text: format!("systemd ignores it: {why}"),
        });
    let faults = unit.faults.iter().map(|(place, fault)| Remark {
        place: Place::of_line(&unit.files[place.file], place.line),
        text: format!("{fault}: {}", fault.systemd(place.file > 0)),
    });
    ignored.chain(faults).collect()
}

/// Commands and variables that a later line replaced.
fn superseded(unit: &Unit) -> Vec<Superseded> {
    let lines = unit.lines.iter().filter_map(|line| {
        let Fate::Replaced(by) = line.fate else {
            return None;
        };
        let key = line.directive?.name;
        matches!(key, "ExecStart" | "Environment").then(|| Superseded {
            text: line.value.clone(),
            place: Place::of_line(&unit.files[line.place.file], line.place.line),
            by: Place::of_line(&unit.files[by.file], by.line),
        })
    });
    lines.collect()
}

fn place(unit: &Unit, setting: &Setting) -> Place {
    Place::of_line(&unit.files[setting.place.file], setting.place.line)
}
