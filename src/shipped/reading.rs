//! A service of a tree that somebody else wrote, for a backend to read.

use std::ffi::OsStr;
use std::path::Path;

use super::script::{ASK, CommandLine, Files, Script, Wait};
use super::words::{LiteralWord, Quoting};
use crate::envfile::Position;
use crate::root::{Kind, Root, RootError};
use crate::service::{AbsPath, Name};

/// The most that is read of a file, in bytes.
const LIMIT: usize = 256 * 1024;

/// Where what is not there now may be when the service starts.
const MADE_AT_BOOT: [&str; 6] = ["/dev/", "/proc/", "/run/", "/sys/", "/tmp/", "/var/run/"];

/// Where a file begins.
const START: Position = Position { line: 1, column: 1 };

/// execline's quoting (`execlineb(1)`). `$` is nothing to it, and a variable to what follows.
const EXECLINE: Quoting = Quoting {
    single: false,
    comments: true,
    goes_on: false,
    mark: Some(('$', "names a variable of execline")),
};

/// The service that is to be read.
pub struct Reading<'a> {
    root: &'a Root,
    /// Where the init keeps it.
    pub service: &'a AbsPath,
    /// Its name.
    pub name: &'a Name,
    /// The name of the program that its scripts are followed to.
    program: &'a str,
}

impl<'a> Reading<'a> {
    /// A service of a tree, whose program is called like the service.
    pub fn new(root: &'a Root, service: &'a AbsPath, name: &'a Name) -> Self {
        Self {
            root,
            service,
            name,
            program: name.as_str(),
        }
    }

    /// The same of a service whose program is called otherwise.
    #[must_use]
    pub fn followed_to(self, program: &'a str) -> Self {
        Self { program, ..self }
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
        let script = Script::new(self, self.program);
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
            "execlineb" => {
                let words = EXECLINE.words(&text, START);
                let mut line = self.words(path, &words, path, &[]);
                line.waits = waits_of(path, &words);
                line
            }
            "sh" | "ash" | "bash" | "busybox" | "dash" | "ksh" | "mksh" => {
                let options = words.filter(|it| it.starts_with('-') && !it.starts_with("--"));
                let mut script = self
                    .script(shell)
                    .with_options(&options.collect::<String>());
                script.follow_text(path, &text, START);
                script.reached()
            }
            "zsh" => self.cannot(
                path,
                "is a script of zsh, which splits words in its own way, and is not followed",
            ),
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
        let line = CommandLine::of_words(path, words, self.program);
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

    /// Where a link leads that is at a path or above it, if nothing is there. It may lead to
    /// another file system, which is there when the service starts.
    fn leads_out(&self, path: &str) -> Option<String> {
        let mut above = Path::new(path).ancestors();
        let there = |path: &&Path| self.root.target(path).is_ok_and(|it| it.is_some());
        let missing = above.by_ref().take_while(|path| !there(path)).last()?;
        let status = self.root.status(missing).ok().flatten()?;
        let is_link = status.kind == Kind::Link;
        let target = is_link.then(|| self.root.read_link(missing)).transpose();
        let target = target.ok().flatten().flatten()?;
        Some(target.display().to_string())
    }

    /// A command line of which nothing can be told.
    pub fn cannot(&self, path: &str, why: &str) -> CommandLine {
        let mut script = Script::new(self, self.program);
        script.at(path);
        script.doubt(why);
        script.of_variables(&[])
    }
}

/// What a script of execline asks of other services: without the right answer to an `if` it
/// ends (`if(1)` of execline).
fn waits_of(path: &str, words: &[LiteralWord]) -> Vec<Wait> {
    const OTHERS: [&str; 4] = ["ifelse", "ifte", "ifthenelse", "loopwhilex"];
    let mut waits = Vec::new();
    let (mut depth, mut within) = (0_usize, None);
    for (at, word) in words.iter().enumerate() {
        let base = word.text.rsplit('/').next().unwrap_or(&word.text);
        match word.text.as_str() {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            _ if depth == 0 && base == "if" => within = Some(true),
            _ if depth == 0 && OTHERS.contains(&base) => within = Some(false),
            // Options of the one before, or another program.
            _ if depth == 0 && !base.starts_with('-') && base.parse::<u64>().is_err() => {
                within = None;
            }
            _ => {}
        }
        let begins = at > 0 && words[at - 1].text == "{";
        if let Some(is_certain) = within.filter(|_| begins && ASK.contains(&base)) {
            let asked = words[at..].iter().take_while(|it| it.text != "}");
            let known = |it: &LiteralWord| it.unknown.is_none().then(|| it.text.clone());
            waits.push(Wait {
                words: asked.map(known).collect(),
                path: path.to_owned(),
                line: word.at.line,
                is_certain: is_certain && depth == 1,
            });
        }
    }
    waits
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
        let content = self.root.read_if_there(path, LIMIT).map_err(why)?;
        match self.leads_out(path).filter(|_| content.is_none()) {
            Some(target) => Err(format!("is a link to `{target}`, which does not exist")),
            None => Ok(content),
        }
    }

    fn fits(&self, operator: &str, path: &str) -> Option<bool> {
        let found = match operator {
            "-h" | "-L" => self.root.status(path),
            _ => self.root.target(path),
        };
        let found = match found {
            Ok(found) => found,
            Err(error) if error.is_denied() => return None,
            Err(_) => None,
        };
        let Some(found) = found else {
            // What is to be there when the tree runs is not in it.
            if self.leads_out(path).is_some() {
                return None;
            }
            let comes = MADE_AT_BOOT.iter().any(|folder| path.starts_with(folder));
            return (!comes).then_some(false);
        };
        Some(match operator {
            "-d" => found.kind == Kind::Folder,
            "-f" => found.kind == Kind::File,
            "-h" | "-L" => found.kind == Kind::Link,
            "-s" => found.kind != Kind::File || found.size > 0,
            // Root may read everything.
            "-x" => found.kind == Kind::Folder || found.mode & 0o111 != 0,
            _ => true,
        })
    }

    fn place(&self, path: &str) -> String {
        if path.starts_with('/') {
            return path.to_owned();
        }
        format!("{}/{}", self.service, path.trim_start_matches("./"))
    }
}
