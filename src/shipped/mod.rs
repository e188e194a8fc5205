//! What distributions ship for a service: what such files do differently from systemd with
//! kubeadm's drop-in, point by point.
//!
//! The files are read as text and never run. A backend says [which](Shipped::files) they
//! are under its init, what it sees in them, and to which
//! [command line](Shipped::command_line) they come; what holds for every init is here.

mod chain;
mod reading;
mod script;
mod words;

use std::borrow::Cow;

use serde::Serialize;

use crate::service::{AbsPath, Name, ValueError};

pub use chain::{link as chain_link, program as last_program};
pub use reading::Reading;
pub(crate) use script::is_name;
pub use script::{
    Assigned, CommandLine, ElsewhereFlag, Files, FoundArgument, Reason, Said, Script,
    UnsetVariable, Wait, beginning, said_in,
};
pub use words::{LiteralWord, Quoting};

/// What a backend knows of the services that distributions ship for its init.
pub trait Shipped: Sync {
    /// The files of the service called `name`, which the init keeps at `service`.
    ///
    /// # Errors
    /// A path is too long.
    fn files(&self, service: &AbsPath, name: &Name) -> Result<ShippedFiles, ValueError>;

    /// What such a service does, point by point, besides [what holds for every
    /// init](common). Each is measured on services that distributions ship.
    fn points(&self, texts: &Texts) -> Vec<Point>;

    /// The command line of a service, whoever wrote it, as far as it can be read without
    /// running anything; `None` where this init's services are not read.
    fn command_line(&self, _reading: &Reading<'_>) -> Option<CommandLine> {
        None
    }

    /// The files in which such a service has its settings, beside its script, whether or not
    /// they are there.
    fn settings(&self, _reading: &Reading<'_>) -> Vec<String> {
        Vec::new()
    }

    /// The arguments that the settings alone come to, after the program's name: what they
    /// would be where the script is no longer there.
    fn settings_line(&self, _reading: &Reading<'_>) -> Option<CommandLine> {
        None
    }

    /// What is set there, and what takes its place where we render the service.
    fn set(&self, _reading: &Reading<'_>) -> Vec<Setting> {
        Vec::new()
    }
}

/// A variable in a file of settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// What it is set to, with `…` for what cannot be told.
    pub value: String,
    /// The file.
    pub path: String,
    /// The line in it, from 1.
    pub line: usize,
    /// What takes its place.
    pub instead: Instead,
}

/// What takes the place of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    /// Nothing has to: the init takes it for our service as well.
    Itself,
    /// It holds arguments, which go into the administrator's env file.
    Arguments,
    /// A variable of the env file.
    Variable,
    /// What a hint says.
    Hint(&'static str),
}

impl Setting {
    /// Whether it holds arguments.
    pub fn is_arguments(&self) -> bool {
        self.instead == Instead::Arguments
    }
}

/// The files of a service that somebody else ships.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippedFiles {
    /// The file without which there is no service.
    pub script: AbsPath,
    /// Others that are read where they are there.
    pub others: Vec<AbsPath>,
    /// Those of which only [whether they are there](Texts::is_there) counts.
    pub beside: Vec<AbsPath>,
}

/// One point on which a service can differ from systemd's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Point {
    /// What it is about.
    pub about: &'static str,
    /// Whether the service does as systemd does; nothing where that cannot be told.
    pub same: Option<bool>,
    /// What systemd does.
    pub systemd: &'static str,
    /// What this service does.
    pub here: Cow<'static, str>,
    /// Where that is to be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The line there, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// A file's lines without comments.
#[derive(Debug, Clone)]
pub struct Text {
    /// The file as the user knows it.
    pub path: String,
    lines: Vec<(usize, String)>,
}

impl Text {
    /// The text of a file.
    pub fn new(path: String, content: &[u8]) -> Self {
        let text = String::from_utf8_lossy(content);
        let lines = text.lines().enumerate();
        Self {
            path,
            lines: lines
                .map(|(at, line)| (at + 1, line.trim().to_owned()))
                .filter(|(_, line)| !line.starts_with('#'))
                .collect(),
        }
    }
}

/// The files of a service.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    /// Those that are read.
    pub list: Vec<Text>,
    /// Those that are there, of [`ShippedFiles::beside`].
    pub there: Vec<AbsPath>,
}

/// A place in one of the files: its path, and the line from 1.
pub type Seen<'a> = (&'a str, usize);

impl Texts {
    /// The first line of which something holds.
    pub fn find(&self, holds: impl Fn(&str) -> bool) -> Option<Seen<'_>> {
        self.list.iter().find_map(|text| {
            let (line, _) = text.lines.iter().find(|(_, line)| holds(line))?;
            Some((text.path.as_str(), *line))
        })
    }

    /// All lines of the files, those of the script, which is the first, last.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        let texts = self.list.iter().rev();
        texts.flat_map(|text| text.lines.iter().map(|(_, line)| line.as_str()))
    }

    /// Where a shell variable is set, as `name=` or `: ${name:=`.
    pub fn sets(&self, name: &str) -> Option<Seen<'_>> {
        let plain = format!("{name}=");
        let default = format!("{{{name}:=");
        self.find(|line| line.starts_with(&plain) || line.contains(&default))
    }

    /// Whether a file of that name is there, of those that are not read.
    pub fn is_there(&self, name: &str) -> bool {
        self.there.iter().any(|path| path.file_name() == name)
    }
}

impl Point {
    /// A point, and where it is to be seen.
    pub fn new(
        about: &'static str,
        same: bool,
        systemd: &'static str,
        here: &'static str,
        seen: Option<Seen<'_>>,
    ) -> Self {
        Self {
            about,
            same: Some(same),
            systemd,
            here: here.into(),
            path: seen.map(|(path, _)| path.to_owned()),
            line: seen.map(|(_, line)| line).filter(|line| *line > 0),
        }
    }
}

/// Where an env file, or another of the init's, is sourced.
fn sources(line: &str) -> bool {
    let words: Vec<_> = line.split_whitespace().collect();
    words.iter().enumerate().any(|(at, word)| {
        let begins = at == 0 || matches!(words[at - 1], "&&" | "||" | "then" | "{" | ";");
        begins && matches!(*word, "." | "source") && words.len() > at + 1
    })
}

/// What is known of the variables that a command line is made of.
#[derive(Debug, Clone, Copy)]
pub struct OnLine<'a> {
    /// Their names.
    pub names: &'a [String],
    /// The first reason why there may be others.
    pub unknown: Option<Seen<'a>>,
    /// One of them that is set in a comment alone, and where.
    pub in_comment: Option<(&'a str, Seen<'a>)>,
}

/// Whether the arguments of one of kubeadm's variables are passed on.
fn variable(
    about: &'static str,
    systemd: &'static str,
    whose: &'static str,
    (texts, line): (&Texts, &OnLine<'_>),
) -> Point {
    if line.names.iter().any(|name| name == about) {
        let seen = texts.find(|line| line.contains(about));
        return Point::new(about, true, systemd, "it is on the command line", seen);
    }
    let (same, here, seen) = match (line.unknown, line.in_comment) {
        (Some(seen), _) => (
            None,
            format!("cannot tell whether {whose} are passed on"),
            Some(seen),
        ),
        (None, Some((name, seen))) => {
            let here = format!("{whose} are not passed on: `{name}` is set in a comment alone");
            (Some(false), here, Some(seen))
        }
        (None, None) => (Some(false), format!("{whose} are not passed on"), None),
    };
    Point {
        same,
        here: here.into(),
        ..Point::new(about, false, systemd, "", seen)
    }
}

/// The points that are the same under every init: arguments, env files, cgroup driver.
pub fn common(texts: &Texts, line: &OnLine<'_>) -> Vec<Point> {
    let mut points = vec![
        variable(
            "KUBELET_KUBEADM_ARGS",
            "what kubeadm writes to kubeadm-flags.env is passed on",
            "kubeadm's flags",
            (texts, line),
        ),
        variable(
            "KUBELET_EXTRA_ARGS",
            "the administrator's arguments come last and win",
            "the administrator's arguments",
            (texts, line),
        ),
    ];
    let seen = texts.find(sources);
    points.push(Point::new(
        "env files",
        seen.is_none(),
        "they are data: quotes and blanks as systemd reads them, nothing is run",
        match seen {
            Some(_) => "a shell sources them: other arguments, and commands in them are run",
            None => "none is sourced",
        },
        seen,
    ));
    let seen = texts.find(|line| line.contains("--cgroup-driver"));
    points.push(Point::new(
        "cgroup driver",
        seen.is_none(),
        "the kubelet's config.yaml says it",
        match seen {
            Some(_) => "a flag sets it, which overrides config.yaml",
            None => "config.yaml says it",
        },
        seen,
    ));
    points
}
