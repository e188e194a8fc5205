//! Taking over from another's service: its arguments into the administrator's env file, and its
//! files kept beside.

use thiserror::Error;

use crate::install::Taken;
use crate::order::argument_variable;
use crate::root::{Kind, Root, RootError};
use crate::service::AbsPath;
use crate::shipped::{CommandLine, Instead, Setting};

use super::arguments::{Doubt, Moved, settle};
use super::env_file::{EnvFileError, with_words};
use super::lost::{Site, commands};
use super::ours::Ours;

/// The most that is read of an env file that gets further arguments.
const LIMIT: usize = 1024 * 1024;

/// A service of somebody else's that is not where our init's backend knows such services.
#[derive(Debug, Default)]
pub struct Elsewhere {
    /// Whether there is one.
    pub is_there: bool,
    /// Its files, which are kept beside.
    pub files: Vec<AbsPath>,
    /// Links that go with it.
    pub links: Vec<AbsPath>,
    /// What it runs, as far as its init starts it.
    pub line: Option<CommandLine>,
}

/// What taking over comes to.
#[derive(Debug, Clone)]
pub struct Migration {
    /// The flags that are moved.
    pub moved: Vec<Moved>,
    /// What our service passes and the other did not.
    pub added: Vec<String>,
    /// Settings that would count for ours as well, and are kept beside with the rest.
    pub left: Vec<Setting>,
    /// The administrator's env file.
    pub env_file: AbsPath,
    /// The variable there.
    pub variable: String,
    /// What the other runs.
    pub line: CommandLine,
    /// What is done to files.
    pub taken: Taken,
}

/// Why it is not taken over from a service.
#[derive(Debug, Error)]
pub enum MigrationError {
    /// Its command line cannot be told.
    #[error("{}", sentences(.0))]
    Doubts(Vec<(String, usize, String)>),
    /// It starts another program than ours would.
    #[error("`{path}` line {line}: it starts `{theirs}`, and this service `{ours}`")]
    Program {
        /// The file.
        path: String,
        /// The line in it.
        line: usize,
        /// What it starts.
        theirs: String,
        /// What ours starts.
        ours: String,
    },
    /// None of the service's arguments is a variable that an env file could set.
    #[error(
        "`{file}` cannot set any of the arguments of this service, so there is no room for what is moved"
    )]
    NoVariable {
        /// The administrator's env file.
        file: String,
    },
    /// The env file cannot get them.
    #[error("`{file}` {why}")]
    EnvFile {
        /// The administrator's env file.
        file: String,
        /// Why.
        why: EnvFileError,
    },
    /// The tree refused.
    #[error(transparent)]
    Root(#[from] RootError),
}

fn sentences(all: &[(String, usize, String)]) -> String {
    // What is so of a file as a whole has no line.
    let sentence = |(path, line, what): &(String, usize, String)| match line {
        0 => format!("`{path}` {what}"),
        line => format!("`{path}` line {line}: {what}"),
    };
    let all: Vec<_> = all.iter().map(sentence).collect();
    format!("it cannot be told what is to be moved: {}", all.join("; "))
}

impl MigrationError {
    /// Whether root would be told more.
    pub fn is_denied(&self) -> bool {
        match self {
            Self::Doubts(all) => all
                .iter()
                .any(|(_, _, what)| what.contains("may not be read")),
            Self::Root(error) => error.is_denied(),
            _ => false,
        }
    }
}

impl Migration {
    /// Looks at the service of somebody else that is there, or at the settings
    /// that one has left, and changes nothing. `None` where there is neither.
    ///
    /// # Errors
    /// It cannot be read with certainty, or our service has no place for its arguments.
    pub fn look(
        site: &Site<'_>,
        ours: &Ours<'_>,
        elsewhere: Elsewhere,
    ) -> Result<Option<Self>, MigrationError> {
        let mut files = files(site)?;
        files.retain(|path| !ours.reads(path.as_str()));
        let of_settings = || match (site.shipped?, site.foreign) {
            (shipped, true) => shipped.command_line(site.reading),
            (shipped, false) => shipped.settings_line(site.reading),
        };
        let foreign = site.foreign || elsewhere.line.is_some();
        let line = match elsewhere.is_there {
            // Its init may not start it at all.
            true => Some(elsewhere.line.unwrap_or_default()),
            false => of_settings().filter(|_| !files.is_empty()),
        };
        let Some(line) = line else {
            return Ok(None);
        };
        for path in elsewhere.files {
            if !files.contains(&path) {
                files.push(path);
            }
        }
        let settled = settle(&line, &ours.arguments())
            .map_err(|doubts| MigrationError::Doubts(told(site.root, &doubts)))?;
        if foreign {
            same_program(site.root, &line, ours)?;
        }
        let set = site.shipped.map(|it| it.set(site.reading));
        let left = set
            .into_iter()
            .flatten()
            .filter(|it| it.instead == Instead::Itself);
        let commands = commands(site, ours).into_iter().filter(|it| it.counts);
        let left = left.chain(commands.map(|it| Setting {
            name: it.text.trim_matches('`').to_owned(),
            value: String::new(),
            path: it.path,
            line: it.line,
            instead: Instead::Itself,
        }));
        let mut migration = Self {
            left: left.collect(),
            variable: String::new(),
            line,
            env_file: site
                .extra_args_file
                .parse()
                .map_err(|_| MigrationError::NoVariable {
                    file: site.extra_args_file.to_owned(),
                })?,
            moved: settled.moved,
            // What a service passes is not known of its settings alone.
            added: settled.added.into_iter().filter(|_| foreign).collect(),
            taken: Taken {
                files,
                links: elsewhere.links,
                env_file: None,
            },
        };
        if !migration.moved.is_empty() {
            migration.write(site, ours)?;
        }
        // Settings alone that come to what ours does as well are nobody's to take, unless an
        // earlier run has begun with that.
        let is_idle = !foreign && !elsewhere.is_there && migration.moved.is_empty();
        let is_idle = is_idle && !is_begun(site.root, &migration.taken.files)?;
        Ok((!is_idle).then_some(migration))
    }

    fn write(&mut self, site: &Site<'_>, ours: &Ours<'_>) -> Result<(), MigrationError> {
        let file = self.env_file.as_str();
        let shown = || site.root.shown(file).display().to_string();
        let variable = argument_variable(ours.service).filter(|_| ours.reads(file));
        let variable = variable.ok_or_else(|| MigrationError::NoVariable { file: shown() })?;
        let content = site.root.read_if_there(file, LIMIT)?.unwrap_or_default();
        let words: Vec<_> = self.moved.iter().flat_map(|it| &it.words).collect();
        let words: Vec<_> = words.into_iter().map(String::as_str).collect();
        let text = with_words(&content, variable.as_str(), &words)
            .map_err(|why| MigrationError::EnvFile { file: shown(), why })?;
        self.variable = variable.to_string();
        self.taken.env_file = Some((self.env_file.clone(), text));
        Ok(())
    }
}

/// The files of the other's service that are there: its script, where it is one, and those of
/// its settings.
fn files(site: &Site<'_>) -> Result<Vec<AbsPath>, MigrationError> {
    let reading = site.reading;
    let Some(shipped) = site.shipped else {
        return Ok(Vec::new());
    };
    let script = shipped
        .files(reading.service, reading.name)
        .ok()
        .map(|it| it.script);
    let script = script.filter(|_| site.foreign);
    let settings = shipped.settings(reading).into_iter();
    let all = script
        .into_iter()
        .chain(settings.filter_map(|path| path.parse().ok()));
    let mut there = Vec::new();
    for path in all {
        let status = site.root.target(path.as_str())?;
        if status.is_some_and(|it| it.kind == Kind::File) && !there.contains(&path) {
            there.push(path);
        }
    }
    Ok(there)
}

/// Whether an earlier run has kept what one of the files holds, and came no further.
fn is_begun(root: &Root, files: &[AbsPath]) -> Result<bool, RootError> {
    for path in files {
        let content = root.read(path.as_str(), LIMIT)?;
        if root.spare(path.as_str(), &content)?.there {
            return Ok(true);
        }
    }
    Ok(false)
}

fn told(root: &Root, doubts: &[Doubt]) -> Vec<(String, usize, String)> {
    let told = |doubt: &Doubt| {
        let (path, line) = doubt.place();
        (
            root.shown(path).display().to_string(),
            line,
            doubt.to_string(),
        )
    };
    doubts.iter().map(told).collect()
}

/// # Errors
/// The other starts another program. One without a folder is looked for in `PATH`, where
/// nobody else has a kubelet.
fn same_program(root: &Root, line: &CommandLine, ours: &Ours<'_>) -> Result<(), MigrationError> {
    let Some(program) = line.arguments.first() else {
        return Ok(());
    };
    let own = ours.service.program.as_str();
    let identity = |path: &str| root.target(path).map(|it| it.map(|it| it.identity));
    let same = program.text == own
        || !program.text.contains('/')
        || identity(own)?.is_some_and(|own| identity(&program.text).ok().flatten() == Some(own));
    match same {
        true => Ok(()),
        false => Err(MigrationError::Program {
            path: root.shown(&program.path).display().to_string(),
            line: program.at.line,
            theirs: program.text.clone(),
            ours: own.to_owned(),
        }),
    }
}
