//! Commands: `config_parse_exec` (`load-fragment.c`), described in `systemd.service(5)`,
//! "Command lines".

use super::problem::Fault;
use super::specifier::{Specifiers, Unresolved};
use super::text::shown;
use super::word::{WHITESPACE, Words};

/// A command of a service, before variables are replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What stands before the program.
    pub prefixes: Prefixes,
    /// The program: an absolute path, or a name that is looked up when it starts.
    pub program: String,
    /// The words, the program's own name (`argv[0]`) first.
    pub argv: Vec<String>,
}

/// The special characters before a program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Prefixes {
    /// `-`: a failure counts as success.
    pub ignores_failure: bool,
    /// `@`: the next word is `argv[0]`.
    pub has_name: bool,
    /// `:`: nothing is done with `$`.
    pub is_literal: bool,
    /// `+`, `!` or `!!`: without `User=` and, for `+`, without what confines it.
    pub privilege: Option<char>,
}

/// Why a line gives no commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refused {
    /// Nothing is taken from this line on, and nothing else happens: the prefix `-` was
    /// there, or no word could be read at all.
    Ignored(Fault),
    /// The unit is not loaded.
    Fatal(Fault),
    /// A specifier is the host's.
    Host(char),
}

/// The commands of a line, which a lone `;` parts. What was read before an error counts.
pub(super) fn parse(line: &str, specifiers: &Specifiers<'_>) -> (Vec<Command>, Option<Refused>) {
    let mut words = Words(line);
    let mut commands = Vec::new();
    loop {
        match command(&mut words, specifiers) {
            Ok(Some(command)) => commands.push(command),
            Ok(None) => return (commands, None),
            Err(refused) => return (commands, Some(refused)),
        }
        if words.0.is_empty() {
            return (commands, None);
        }
    }
}

/// The next command; reads up to the `;` behind it, or to the end.
fn command(words: &mut Words<'_>, specifiers: &Specifiers<'_>) -> Result<Option<Command>, Refused> {
    let first = loop {
        let first = words.next_warned();
        match first.map_err(|_| Refused::Ignored(Fault::Quote))? {
            None => return Ok(None),
            Some(word) if word == b";" => {}
            Some(word) => break word,
        }
    };
    let first = text(first).map_err(Refused::Fatal)?;
    let (prefixes, program) = prefixes(&first);
    let refused = |fault| match prefixes.ignores_failure {
        true => Refused::Ignored(fault),
        false => Refused::Fatal(fault),
    };
    let unresolved = |unresolved| match unresolved {
        Unresolved::Host(specifier) => Refused::Host(specifier),
        Unresolved::Unknown(specifier) => refused(Fault::Specifier(specifier)),
    };
    let program = specifiers.expand(program).map_err(unresolved)?;
    check(&program).map_err(refused)?;
    let mut argv = match prefixes.has_name {
        true => Vec::new(),
        false => vec![program.clone()],
    };
    while let Some(word) = argument(words).map_err(refused)? {
        argv.push(specifiers.expand(&word).map_err(unresolved)?);
    }
    if argv.first().is_none_or(String::is_empty) {
        return Err(refused(Fault::NoProgram));
    }
    Ok(Some(Command {
        prefixes,
        program: simplified(&program),
        argv,
    }))
}

/// The next word; none at the end or behind a lone `;`.
fn argument(words: &mut Words<'_>) -> Result<Option<String>, Fault> {
    let rest = words.0;
    let alone = |rest: &str| rest.is_empty() || rest.starts_with(WHITESPACE);
    if let Some(after) = rest.strip_prefix(';').filter(|rest| alone(rest)) {
        words.0 = after;
        words.skip_blanks();
        return Ok(None);
    }
    if let Some(after) = rest.strip_prefix("\\;").filter(|rest| alone(rest)) {
        words.0 = after;
        words.skip_blanks();
        return Ok(Some(";".into()));
    }
    let word = words.next_warned().map_err(|_| Fault::Quote)?;
    word.map(text).transpose()
}

fn text(word: Vec<u8>) -> Result<String, Fault> {
    String::from_utf8(word).map_err(|_| Fault::NotUtf8)
}

/// Each prefix counts once; of `+` and `!` there is one, and `!!` is a third.
fn prefixes(word: &str) -> (Prefixes, &str) {
    let mut found = Prefixes::default();
    let mut rest = word;
    while let Some(c) = rest.chars().next() {
        match (c, found.privilege) {
            ('-', _) if !found.ignores_failure => found.ignores_failure = true,
            ('@', _) if !found.has_name => found.has_name = true,
            (':', _) if !found.is_literal => found.is_literal = true,
            ('+' | '!', None) => found.privilege = Some(c),
            // `!!`, of which only the second counts.
            ('!', Some('!')) => found.privilege = Some('‼'),
            _ => break,
        }
        rest = &rest[1..];
    }
    (found, rest)
}

fn check(program: &str) -> Result<(), Fault> {
    let is_path = program.starts_with('/');
    let wrong = match program {
        "" => return Err(Fault::NoProgram),
        "." | ".." => true,
        _ if program.ends_with('/') || program.contains(unsafe_character) => true,
        _ if is_path => program.len() > 4095,
        _ => program.contains('/') || program.len() > 255,
    };
    match wrong {
        true => Err(Fault::Program {
            program: shown(program),
        }),
        false => Ok(()),
    }
}

/// `string_is_safe` (`string-util.c`).
fn unsafe_character(c: char) -> bool {
    c.is_ascii_control() || "\"\\'".contains(c)
}

/// `path_simplify` (`path-util.c`): without doubled slashes and `.`.
fn simplified(path: &str) -> String {
    if !path.starts_with('/') {
        return path.into();
    }
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    parts.fold(String::new(), |path, part| path + "/" + part)
}
