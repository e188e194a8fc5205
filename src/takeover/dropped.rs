//! What the files of another's service say that goes with them: everything but the command line
//! that is moved, and what ours says as well.

mod script;
mod settings;

use std::collections::BTreeSet;

use super::lost::Lost;
use super::shown::shown;
use crate::rendering::Rendered;
use crate::root::Root;
use crate::shipped::CommandLine;
use crate::sorting;

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
    /// The service's name.
    pub name: &'a str,
    /// The administrator's env file.
    pub env_file: &'a str,
}

/// A statement that is lost.
struct Statement {
    line: usize,
    /// What is shown of it: a variable without its value, which may be secret.
    text: String,
    hint: Hint,
}

/// Where a statement is to be written now.
#[derive(Clone, Copy)]
enum Hint {
    /// In the env file.
    EnvFile,
    /// As a key of a spec.
    Spec(&'static str),
    /// In a drop-in of the unit.
    DropIn,
    /// Somewhere else.
    Text(&'static str),
}

/// Everything that is lost, in the order of the files.
pub fn dropped(service: &Dropped<'_>) -> Vec<Lost> {
    let mut all = Vec::new();
    for path in service.files {
        let content = service.root.read_if_there(path, LIMIT);
        let Some(content) = content.ok().flatten() else {
            continue;
        };
        let text = String::from_utf8_lossy(&content);
        let file = File {
            service,
            path,
            text: &text,
            ours: ours(service.rendered),
        };
        let statements = match () {
            () if text.starts_with("#!") => script::statements(&file),
            // An entry of inittab is its command line.
            () if path.strip_suffix(".tab").is_some() => Vec::new(),
            () => settings::statements(&file),
        };
        all.extend(statements.iter().map(|it| file.lost(it)));
        all.extend(beside(service, path));
    }
    all
}

/// Further scripts of a service directory that is no longer the service's.
fn beside(service: &Dropped<'_>, path: &str) -> Vec<Lost> {
    let Some(folder) = path.strip_suffix("/run") else {
        return Vec::new();
    };
    let scripts = ["finish", "check", "log/run"].map(|name| format!("{folder}/{name}"));
    let is_there = |path: &String| service.root.kind(path).is_ok_and(|kind| kind.is_some());
    let lost = |path: String| Lost {
        path,
        line: 1,
        what: "this script is no longer run".into(),
        hint: "`postStop` and `log` of a spec say what ours does there".into(),
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
    service: &'a Dropped<'a>,
    path: &'a str,
    text: &'a str,
    ours: BTreeSet<String>,
}

impl File<'_> {
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
        // Where a section or a function begins and ends counts in any case.
        let parts = |line: &str| line.starts_with('[') || line == "}" || line.contains("()");
        let lines = joined.into_iter();
        lines.filter(move |(_, line)| says(line) && (parts(line) || !self.ours.contains(line)))
    }

    /// Whether something on a line is on the command line, which is moved.
    fn is_moved(&self, line: usize) -> bool {
        let mut arguments = self.service.line.arguments.iter();
        arguments.any(|it| it.path == self.path && it.at.line == line)
    }

    fn lost(&self, statement: &Statement) -> Lost {
        let file = self.service.root.shown(self.service.env_file);
        Lost {
            path: self.path.to_owned(),
            line: statement.line,
            what: format!("{} is lost", shown(&statement.text)),
            hint: match statement.hint {
                Hint::EnvFile => format!("set it in `{}`", file.display()),
                Hint::Spec(key) => {
                    format!("`{key}` of a spec says it; `kubelet-unit spec` prints one")
                }
                Hint::DropIn => "write it into a drop-in of the unit".into(),
                Hint::Text(text) => text.into(),
            },
            is_arguments: false,
            is_of_another: true,
        }
    }
}
