//! Names, descriptions, variables and env files.

use crate::distro::DISTROS;
use crate::import::Draft;
use crate::service::{AbsPath, Line, Variable};
use crate::spec::{Spec, SpecEnvFile};
use crate::unit::{Place, Setting, Value, shown};

/// `Description=`.
pub(in crate::import) fn description(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let Value::Text(text) = &setting.value else {
            continue;
        };
        match text.parse() {
            Ok(line) => {
                draft.parts.description = Some(line);
                draft.translated("Description", "description", &[setting]);
            }
            Err(error) => draft.note("Description", setting.place, &format!("left out: {error}")),
        }
    }
}

/// `Documentation=`.
pub(in crate::import) fn documentation(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        if let Value::Text(text) = &setting.value
            && let Ok(line) = text.parse()
        {
            draft.parts.documentation.push(line);
            draft.translated("Documentation", "documentation", &[setting]);
        }
    }
}

/// `Environment=`.
pub(in crate::import) fn environment(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let Value::Variable { name, value } = &setting.value else {
            continue;
        };
        match (name.parse(), value.parse()) {
            (Ok(name), Ok(value)) => {
                draft.parts.environment.push(Variable { name, value });
                draft.translated("Environment", "environment", &[setting]);
            }
            (Err(error), _) | (_, Err(error)) => {
                let error = error.to_string();
                draft.refuse(
                    "Environment",
                    Some(setting.place),
                    Some("environment"),
                    &error,
                );
            }
        }
    }
}

/// `EnvironmentFile=`. systemd takes the path for a pattern (`glob(7)`).
pub(in crate::import) fn env_files(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let Value::EnvFile { path, optional } = &setting.value else {
            continue;
        };
        let literal = literal(path);
        let is_pattern = literal.is_none();
        let path = literal.as_deref().unwrap_or(path);
        match path.parse() {
            Ok(path) => {
                let file = SpecEnvFile {
                    path: Some(path),
                    is_pattern,
                    optional: *optional,
                    about: about(draft, setting.place),
                };
                draft.parts.env_files.push(file);
                draft.translated("EnvironmentFile", "envFiles", &[setting]);
            }
            Err(error) => {
                let error = error.to_string();
                draft.refuse(
                    "EnvironmentFile",
                    Some(setting.place),
                    Some("envFiles"),
                    &error,
                );
            }
        }
    }
    of_kubeadm(draft, settings);
}

/// A path in which nothing is a pattern, its escapes undone.
fn literal(pattern: &str) -> Option<String> {
    let mut path = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' | '?' | '[' => return None,
            '\\' => path.push(chars.next()?),
            c => path.push(c),
        }
    }
    Some(path)
}

/// What a comment directly above says.
fn about(draft: &Draft<'_>, place: Place) -> Option<Line> {
    let line = draft.unit.lines.iter().find(|line| line.place == place)?;
    let comment = line.comment.as_deref()?;
    comment.strip_suffix('.').unwrap_or(comment).parse().ok()
}

/// kubeadm's two files: what they are for is known, and the second is wherever the
/// distribution has it.
fn of_kubeadm(draft: &mut Draft<'_>, settings: &[&Setting]) {
    let known = Spec::kubelet().env_files;
    let file_of_flags = known.first().and_then(|file| file.path.clone());
    let ours = |path: &Option<AbsPath>| path.is_some() && *path == file_of_flags;
    let is_kubeadm = draft.parts.env_files.iter().any(|file| ours(&file.path));
    if draft.unit.name.stem() != "kubelet" || !is_kubeadm {
        return;
    }
    for (index, file) in draft.parts.env_files.iter_mut().enumerate() {
        if ours(&file.path) {
            file.about = known.first().and_then(|file| file.about.clone());
        }
        let Some(path) = file.path.clone().filter(is_extra_args_file) else {
            continue;
        };
        file.path = None;
        file.about = known.last().and_then(|file| file.about.clone());
        let place = settings.get(index).map(|setting| setting.place);
        let place = place.map(|place| draft.unit.shown(place) + ": ");
        draft.comments.entry("envFiles").or_default().push(format!(
            "{}`{path}` is where one distribution keeps it; {{extra-args-file}} is the place of any",
            place.unwrap_or_default()
        ));
    }
}

fn is_extra_args_file(path: &AbsPath) -> bool {
    let mut distros = DISTROS.iter();
    distros.any(|distro| distro.extra_args_file.replace("{name}", "kubelet") == path.as_str())
}

/// The name of the service is that of the unit.
pub(super) fn name(draft: &mut Draft<'_>) {
    match draft.unit.name.stem().parse() {
        Ok(name) => draft.parts.name = Some(name),
        Err(error) => {
            let why = format!("the unit's name: {error}");
            draft.refuse("", None, Some("name"), &why);
        }
    }
}

/// Without `Description=` a unit is described by its name (`unit_description`, `unit.c`).
pub(super) fn absent(draft: &mut Draft<'_>) {
    if draft.parts.description.is_none() {
        draft.parts.description = shown(draft.unit.name.as_str()).parse().ok();
        draft.absent(
            "Description",
            "description",
            "systemd shows the unit's name",
        );
    }
}
