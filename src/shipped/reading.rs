//! A service of a tree that somebody else wrote, for a backend to read.

use std::ffi::OsStr;
use std::path::Path;

use super::script::{CommandLine, Files, Script};
use super::words::{LiteralWord, Quoting};
use crate::envfile::Position;
use crate::root::{Root, RootError};
use crate::service::{AbsPath, Name};

/// The most that is read of a file, in bytes.
const LIMIT: usize = 256 * 1024;

/// Where a file begins.
const START: Position = Position { line: 1, column: 1 };

/// execline's quoting (`execlineb(1)`). `$` is nothing to it, and a variable to what follows.
const EXECLINE: Quoting = Quoting {
    single: false,
    comments: true,
    mark: Some(('$', "names a variable of execline")),
};

/// The service that is to be read.
pub struct Reading<'a> {
    root: &'a Root,
    /// Where the init keeps it.
    pub service: &'a AbsPath,
    /// Its name, which is that of its program as well.
    pub name: &'a Name,
}

impl<'a> Reading<'a> {
    /// A service of a tree.
    pub fn new(root: &'a Root, service: &'a AbsPath, name: &'a Name) -> Self {
        Self {
            root,
            service,
            name,
        }
    }

    /// A file's text, where it is there.
    ///
    /// # Errors
    /// Why it cannot be read, as the end of a sentence that begins with it.
    pub fn text(&self, path: &str) -> Result<Option<String>, String> {
        let content = self.read(path)?;
        Ok(content.map(|content| String::from_utf8_lossy(&content).into_owned()))
    }

    /// The names in a folder in order; none where it is not there.
    ///
    /// # Errors
    /// Why it cannot be read, as the end of a sentence that begins with it.
    pub fn list(&self, folder: &str) -> Result<Vec<String>, String> {
        let there = self.root.target(folder);
        let names =
            there.and_then(|it| it.map_or_else(|| Ok(Vec::new()), |_| self.root.list(folder)));
        let names = names.map_err(why)?.into_iter();
        Ok(names.filter_map(|name| name.into_string().ok()).collect())
    }

    /// A script that `/bin/sh` runs.
    pub fn sh(&self) -> Script<'_> {
        self.script("/bin/sh")
    }

    /// A script that a shell runs, which is known by its name or by that of what it is a
    /// link to.
    fn script(&self, shell: &str) -> Script<'_> {
        let script = Script::new(self, self.name.as_str());
        let end = self.root.end_of_links(shell).unwrap_or_default();
        let names = [Path::new(shell), &end].map(|path| path.file_name().and_then(OsStr::to_str));
        let is_one_of = |all: &[&str]| names.iter().flatten().any(|name| all.contains(name));
        if is_one_of(&["dash"]) {
            script.without_source()
        } else if is_one_of(&["bash", "ksh", "mksh", "zsh"]) {
            script.appending()
        } else {
            script
        }
    }

    /// What a script starts, by the program that its first line names.
    pub fn run_script(&self, path: &str) -> CommandLine {
        let text = match self.text(path) {
            Ok(text) => text.unwrap_or_default(),
            Err(why) => return self.cannot(path, &why),
        };
        let first = text.lines().next().unwrap_or_default();
        let mut words = first.trim_start_matches("#!").split_whitespace();
        let mut shell = words.next().unwrap_or("/bin/sh");
        // `with-contenv` of s6-overlay is as env(1) here.
        while let "env" | "with-contenv" = shell.rsplit('/').next().unwrap_or(shell) {
            let Some(next) = words.next() else {
                break;
            };
            shell = next;
        }
        let name = shell.rsplit('/').next().unwrap_or(shell);
        match name {
            "execlineb" => self.words(path, &EXECLINE.words(&text, START), path, &[]),
            "sh" | "ash" | "bash" | "busybox" | "dash" | "ksh" | "mksh" | "zsh" => {
                let mut script = self.script(shell);
                script.follow_text(path, &text, START);
                script.reached()
            }
            _ => self.cannot(path, "is not a script of a shell, and is not followed"),
        }
    }

    /// What a command line of execline starts, as a oneshot of s6-rc has it.
    pub fn execline(&self, path: &str) -> CommandLine {
        match self.text(path) {
            Ok(text) => self.words(
                path,
                &EXECLINE.words(&text.unwrap_or_default(), START),
                path,
                &[],
            ),
            Err(why) => self.cannot(path, &why),
        }
    }

    /// What words in a file start, be they those of a shell that gets its commands with `-c`,
    /// and variables that a source gives it: a name, a value and a place there each.
    pub fn words(
        &self,
        path: &str,
        words: &[LiteralWord],
        source: &str,
        given: &[(String, String, Position)],
    ) -> CommandLine {
        let line = CommandLine::of_words(path, words, self.name.as_str());
        let texts: Vec<_> = line.arguments.iter().map(|it| it.text.as_str()).collect();
        let [shell, "-c", text, ..] = texts.as_slice() else {
            return line;
        };
        if words.iter().any(|word| word.unknown.is_some()) {
            return line;
        }
        if !["sh", "ash", "bash", "dash"].contains(&shell.rsplit('/').next().unwrap_or(shell)) {
            return line;
        }
        let mut script = self.script(shell);
        for (name, value, at) in given {
            script.given_at(source, name, value, *at);
        }
        script.follow_text(path, text, line.arguments[2].at);
        script.reached()
    }

    /// A command line of which nothing can be told.
    pub fn cannot(&self, path: &str, why: &str) -> CommandLine {
        let mut script = Script::new(self, self.name.as_str());
        script.at(path);
        script.doubt(why);
        script.of_variables(&[])
    }
}

/// Why something cannot be read, as the end of a sentence that begins with it.
fn why(error: RootError) -> String {
    match error {
        error if error.is_denied() => "may not be read; run kubelet-unit as root".into(),
        RootError::NotAFile { kind, .. } => format!("is {kind} and not a file"),
        RootError::TooLarge { limit, .. } => {
            format!("is larger than {limit} bytes, which is the most that is read")
        }
        RootError::Io { source, .. } => format!("cannot be read: {source}"),
        error => format!("cannot be read: {error}"),
    }
}

impl Files for Reading<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        let content = self.root.read_if_there(path, LIMIT);
        content.map_err(why)
    }

    fn is_there(&self, path: &str) -> Option<bool> {
        match self.root.target(path) {
            Ok(found) => Some(found.is_some()),
            Err(error) if error.is_denied() => None,
            Err(_) => Some(false),
        }
    }

    fn place(&self, path: &str) -> String {
        if path.starts_with('/') {
            return path.to_owned();
        }
        format!("{}/{}", self.service, path.trim_start_matches("./"))
    }
}
