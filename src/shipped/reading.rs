//! A service of a tree that somebody else wrote, for a backend to read.

use std::path::Path;

use super::script::{CommandLine, Files, Script};
use super::words::literal_words;
use crate::envfile::Position;
use crate::root::Root;
use crate::service::{AbsPath, Name};

/// The most that is read of a file, in bytes.
const LIMIT: usize = 256 * 1024;

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

    /// A file's text, where it is there and can be read.
    pub fn text(&self, path: &str) -> Option<String> {
        let content = self.root.read_if_there(path, LIMIT).ok()??;
        Some(String::from_utf8_lossy(&content).into_owned())
    }

    /// A script that `/bin/sh` runs.
    pub fn sh(&self) -> Script<'_> {
        let script = Script::new(self, self.name.as_str());
        match self.is_dash("/bin/sh") {
            true => script.without_source(),
            false => script,
        }
    }

    /// Whether a shell is dash, by its name or that of what it is a link to.
    fn is_dash(&self, shell: &str) -> bool {
        let link = self.root.read_link(shell).ok().flatten();
        let end = link.as_deref().unwrap_or(Path::new(shell));
        end.file_name().is_some_and(|name| name == "dash")
    }

    /// What a `run` script starts, by the program that its first line names.
    pub fn run_script(&self, path: &str) -> CommandLine {
        let text = self.text(path).unwrap_or_default();
        let first = text.lines().next().unwrap_or_default();
        let mut words = first.trim_start_matches("#!").split_whitespace();
        let mut shell = words.next().unwrap_or("/bin/sh");
        if shell.ends_with("/env") {
            shell = words.next().unwrap_or(shell);
        }
        let name = shell.rsplit('/').next().unwrap_or(shell);
        match name {
            "execlineb" => {
                let start = Position { line: 1, column: 1 };
                let words = literal_words(&text, start, false, '$', "names a variable of execline");
                CommandLine::of_words(path, &words, self.name.as_str())
            }
            "sh" | "ash" | "bash" | "busybox" | "dash" | "ksh" | "mksh" | "zsh" => {
                let mut script = Script::new(self, self.name.as_str());
                if self.is_dash(shell) {
                    script = script.without_source();
                }
                script.follow(path);
                script.reached()
            }
            _ => {
                let mut script = Script::new(self, self.name.as_str());
                script.at(path);
                script.doubt("is not a script of a shell, and is not followed");
                script.of_variables(&[])
            }
        }
    }
}

impl Files for Reading<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        let content = self.root.read_if_there(path, LIMIT);
        content.map_err(|error| error.to_string())
    }

    fn is_there(&self, path: &str) -> bool {
        matches!(self.root.target(path), Ok(Some(_)))
    }

    fn place(&self, path: &str) -> String {
        if path.starts_with('/') {
            return path.to_owned();
        }
        format!("{}/{}", self.service, path.trim_start_matches("./"))
    }
}
