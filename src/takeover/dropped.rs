//! What the files of another's service say that goes with them: everything but the command line
//! that is moved, and what ours says as well.

mod chain;
mod commands;
mod conf_d;
mod execline;
mod lex;
mod options;
mod script;
mod settings;
mod tables;

use std::collections::BTreeSet;

use super::effect::Lost;
use super::ours::Ours;
use super::shown::shown;
use crate::rendering::Rendered;
use crate::root::Root;
use crate::shipped::CommandLine;
use crate::sorting;

pub(super) use conf_d::{Command, commands as of_conf_d};

/// The most that is read of such a file.
const LIMIT: usize = 256 * 1024;

/// A service that is replaced.
pub struct Dropped<'a> {
    /// The tree.
    pub root: &'a Root,
    /// Its files, as paths of the tree.
    pub files: &'a [String],
    /// What it runs, which is moved.
    pub line: &'a CommandLine,
    /// What takes its place.
    pub rendered: &'a Rendered,
    /// The same, with its env files.
    pub ours: &'a Ours<'a>,
    /// The service's name.
    pub name: &'a str,
    /// The administrator's env file.
    pub env_file: &'a str,
    /// What was told of already: a file of variables that it read may be one of those that have
    /// no effect in any case.
    pub told: &'a [Lost],
}

/// A statement that is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    path: String,
    line: usize,
    /// What is shown of it: a variable without its value, which may be secret.
    text: String,
    hint: Hint,
    /// The function that it stands in.
    within: Option<String>,
}

impl Statement {
    fn new(path: &str, line: usize, text: String, hint: Hint) -> Self {
        Self {
            path: path.to_owned(),
            line,
            text,
            hint,
            within: None,
        }
    }
}

/// Where a statement is to be written now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// In the env file.
    EnvFile,
    /// As a key of a spec.
    Spec(&'static str),
    /// In a drop-in of the unit.
    DropIn,
    /// Somewhere else.
    Text(&'static str),
}

impl Hint {
    fn told(self, root: &Root, env_file: &str) -> String {
        match self {
            Self::EnvFile => format!("set it in `{}`", root.shown(env_file).display()),
            Self::Spec(key) => format!("`{key}` of a spec says it; `kubelet-unit spec` prints one"),
            Self::DropIn => "write it into a drop-in of the unit".into(),
            Self::Text(text) => text.into(),
        }
    }
}

/// What the statements of a service are compared with.
pub(super) struct Scene<'a> {
    pub(super) root: &'a Root,
    pub(super) line: &'a CommandLine,
    pub(super) ours: &'a Ours<'a>,
    pub(super) name: &'a str,
    /// The lines of our files.
    pub(super) lines: BTreeSet<String>,
}

impl Scene<'_> {
    /// Whether ours has something to do with another service.
    fn is_ordered(&self, service: &str) -> bool {
        let mut lines = self.lines.iter();
        lines.any(|line| {
            let mut words = line.split_whitespace();
            words.next().is_some_and(tables::is_order) && words.any(|it| it == service)
        })
    }
}

/// Everything that is lost, in the order of the files.
pub fn dropped(service: &Dropped<'_>) -> Vec<Lost> {
    let scene = Scene {
        root: service.root,
        line: service.line,
        ours: service.ours,
        name: service.name,
        lines: ours(service.rendered),
    };
    let mut all: Vec<Lost> = Vec::new();
    for path in service.files {
        let content = service.root.read_if_there(path, LIMIT);
        let Some(content) = content.ok().flatten() else {
            continue;
        };
        let text = String::from_utf8_lossy(&content);
        let file = File {
            scene: &scene,
            path,
            text: &text,
        };
        for it in file.statements() {
            let text = shown(&it.text);
            let mut told = service.told.iter().chain(&all);
            // Two scripts may source one file.
            let is_told = told
                .any(|by| (by.line, &by.path) == (it.line, &it.path) && by.what.contains(&text));
            if !is_told {
                all.push(Lost {
                    what: format!("{text} is lost"),
                    hint: it.hint.told(service.root, service.env_file),
                    is_arguments: false,
                    is_of_another: true,
                    path: it.path,
                    line: it.line,
                });
            }
        }
        all.extend(beside(service, path));
    }
    all
}

/// Further scripts of a service directory that is no longer the service's.
fn beside(service: &Dropped<'_>, path: &str) -> Vec<Lost> {
    let Some(folder) = path.strip_suffix("/run") else {
        return Vec::new();
    };
    let others = ["finish", "check", "log/run"].map(|name| format!("{folder}/{name}"));
    let control = format!("{folder}/control");
    let names = service.root.list_if_there(&control).unwrap_or_default();
    let names = names.into_iter().filter_map(|name| name.into_string().ok());
    let mut scripts = others.to_vec();
    scripts.extend(names.map(|name| format!("{control}/{name}")));
    let is_there = |path: &String| service.root.kind(path).is_ok_and(|kind| kind.is_some());
    let lost = |path: String| Lost {
        what: "this script is no longer run".into(),
        hint: match path.strip_prefix(folder).unwrap_or_default() {
            "/check" => "there is no place for it in this service".into(),
            "/finish" | "/log/run" => {
                "`postStop` and `log` of a spec say what ours does there".into()
            }
            _ => "`stop` and `reload` of a spec say what ours does there".into(),
        },
        path,
        line: 1,
        is_arguments: false,
        is_of_another: true,
    };
    let others = scripts.into_iter().filter(is_there);
    let others = others.filter(|path| service.rendered.file(path).is_none());
    others.map(lost).collect()
}

/// The lines of our files, without blanks around them.
fn ours(rendered: &Rendered) -> BTreeSet<String> {
    let texts = rendered
        .files()
        .map(|(_, file)| String::from_utf8_lossy(&file.content));
    let lines = texts.flat_map(|text| {
        let lines = text.lines().map(|line| line.trim().to_owned());
        lines.collect::<Vec<_>>()
    });
    sorting::set(lines)
}

/// A file that goes.
struct File<'a> {
    scene: &'a Scene<'a>,
    path: &'a str,
    text: &'a str,
}

impl File<'_> {
    fn statements(&self) -> Vec<Statement> {
        let first = self.text.lines().next().unwrap_or_default();
        match first.starts_with("#!") {
            true if first.contains("execlineb") => execline::statements(self),
            true => script::Walk::new(self.scene, self.path).script(self.text),
            false if self.path.strip_suffix(".tab").is_some() => settings::of_entries(self),
            false => settings::statements(self),
        }
    }

    /// The lines that say something which ours do not, from 1, each with those that it goes on in.
    fn lines(&self) -> impl Iterator<Item = (usize, String)> {
        let mut joined: Vec<(usize, String)> = Vec::new();
        let mut goes_on = false;
        for (at, line) in self.text.lines().enumerate() {
            let text = line.trim();
            let continues = text.ends_with('\\') && !text.starts_with('#');
            let text = match continues {
                true => text[..text.len() - 1].trim_end(),
                false => text,
            };
            match joined.last_mut().filter(|_| goes_on) {
                Some((_, before)) => *before = format!("{before} {text}"),
                None => joined.push((at + 1, text.to_owned())),
            }
            goes_on = continues;
        }
        let says = |line: &str| !line.is_empty() && !line.starts_with(['#', ';']);
        // Where a section begins counts in any case.
        let ours = |line: &String| !line.starts_with('[') && self.scene.lines.contains(line);
        let lines = joined.into_iter();
        lines.filter(move |(_, line)| says(line) && !ours(line))
    }
}
