//! What supervisord puts into values in the place of `%(NAME)s` (`options.py`, `expand` and
//! `_processes_from_section`, 4.2).

use super::ini::{Ini, Written};
use crate::envfile::Position;
use crate::shipped::{LiteralWord, Quoting};

/// `shlex.split` of Python, by which supervisord splits a command (`options.py`, 4.2).
pub(super) const QUOTING: Quoting = Quoting {
    single: true,
    comments: false,
    goes_on: false,
    mark: None,
};

/// What is known of the names.
pub(super) struct Expansions {
    known: Vec<(String, String)>,
}

/// Something that the files do not say.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Untold {
    /// Why, as the end of a sentence that begins with the line.
    pub(super) why: String,
    /// How much is known before it, if it has no blanks.
    pub(super) known: Option<usize>,
}

/// `KEY=value` in `environment=`, with what its value comes to.
pub(super) struct Assigned {
    pub(super) name: String,
    pub(super) at: Position,
    pub(super) value: Result<String, (String, Untold)>,
}

impl Assigned {
    /// The name, the value and the place, where the value is known.
    pub(super) fn given(&self) -> Option<(String, String, Position)> {
        let value = self.value.as_ref().ok()?;
        Some((self.name.clone(), value.clone(), self.at))
    }
}

impl Expansions {
    /// Those of a program, whose section, by its head, `own` have in the order in which they are read.
    /// `others` are all files in which a group may have it; of the main one, the environment
    /// counts as well.
    pub(super) fn of(
        program: &str,
        section: &str,
        here: &str,
        own: &[&Ini],
        main: &Ini,
        others: &[&Ini],
    ) -> Self {
        let last = || own.iter().rev();
        let number = |key, default: &str| {
            let number = last().find_map(|ini| ini.get(section, key));
            number.unwrap_or(default).trim().to_owned()
        };
        let processes = number("numprocs", "1");
        let groups = own
            .iter()
            .copied()
            .chain([main])
            .chain(others.iter().copied());
        let group = groups.into_iter().find_map(|ini| ini.group_of(program));
        let mut known = vec![
            ("(program_name)s".to_owned(), program.to_owned()),
            ("(group_name)s".into(), group.unwrap_or(program).into()),
            ("(here)s".into(), here.into()),
            ("(numprocs)d".into(), processes.clone()),
        ];
        if processes == "1" {
            known.push(("(process_num)d".into(), number("numprocs_start", "0")));
        }
        let mut all = Self { known };
        for written in [
            main.written("supervisord", "environment"),
            last().find_map(|ini| ini.written(section, "environment")),
        ] {
            let assigned = written.map(|it| all.environment(it)).unwrap_or_default();
            for assigned in assigned {
                let key = format!("(ENV_{})s", assigned.name);
                all.known.retain(|(name, _)| *name != key);
                all.known.extend(assigned.value.ok().map(|it| (key, it)));
            }
        }
        all
    }

    /// `KEY="value",KEY2=value` (`datatypes.py`, `dict_of_key_value_pairs`).
    pub(super) fn environment(&self, written: &Written) -> Vec<Assigned> {
        let pairs = QUOTING.words(&spaced(&written.text), written.at);
        let assigned = |pair: &LiteralWord| {
            let (name, value) = pair.text.split_once('=')?;
            Some(Assigned {
                name: name.to_owned(),
                at: pair.at,
                value: self.expanded(value).map_err(|why| (value.to_owned(), why)),
            })
        };
        pairs.iter().filter_map(assigned).collect()
    }

    /// A word of a command.
    pub(super) fn word(&self, mut word: LiteralWord) -> LiteralWord {
        match self.expanded(&word.text) {
            // The value is put in before the command is split.
            Ok(text) if text.contains(is_split) && !word.text.contains(is_split) => {
                let why = "names a variable with blanks or quotes in its value".to_owned();
                word.unknown = Some(why);
            }
            Ok(text) => word.text = text,
            Err(Untold { why, known }) => {
                word.unknown = Some(why);
                word.known = known;
            }
        }
        word
    }

    /// A value with all of its names replaced.
    ///
    /// # Errors
    /// What the files do not say.
    pub(super) fn expanded(&self, text: &str) -> Result<String, Untold> {
        let mut expanded = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('%') {
            expanded += &rest[..at];
            let known = text.len() - rest.len() + at;
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('%') {
                expanded.push('%');
                rest = after;
                continue;
            }
            let mut all = self.known.iter();
            let found = all.find_map(|(key, value)| Some((rest.strip_prefix(&**key)?, value)));
            let Some((after, value)) = found else {
                let end = rest.find(')').map_or(rest.len(), |end| end + 1);
                let end = end + rest[end..].chars().next().map_or(0, char::len_utf8);
                let name = &rest[..end];
                return Err(Untold {
                    why: format!("names `%{name}`, which supervisord fills in"),
                    known: (!name.starts_with("(ENV_")).then_some(known),
                });
            };
            expanded += value;
            rest = after;
        }
        Ok(expanded + rest)
    }
}

fn is_split(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '\\')
}

/// A list with blanks in the place of the commas between its items.
fn spaced(text: &str) -> String {
    let mut quote = None;
    let replace = |c: char| {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, ',') => return ' ',
            _ => {}
        }
        c
    };
    text.chars().map(replace).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIN: &str =
        "[supervisord]\nenvironment=V=\"3\",IP=10.0.0.7\n[group:nodes]\nprograms=a,k\n";
    const OWN: &str =
        "[program:k]\nenvironment=IP=\"10.0.0.8\",DIR=\"%(here)s/%(ENV_V)s\",B=\"b c\"\n";

    #[test]
    fn what_the_files_say_is_put_in() {
        let (main, own) = (Ini::read(MAIN), Ini::read(OWN));
        let all = Expansions::of("k", "program:k", "/etc/s", &[&own], &main, &[]);
        let of = |text| all.expanded(text);
        assert_eq!(
            of("%(here)s/%(program_name)s-%(process_num)d 100%%").unwrap(),
            "/etc/s/k-0 100%"
        );
        assert_eq!(
            of("%(group_name)s %(ENV_V)s %(ENV_IP)s %(ENV_DIR)s %(numprocs)d").unwrap(),
            "nodes 3 10.0.0.8 /etc/s/3 1"
        );
        let untold = |why: &str, known| Untold {
            why: why.into(),
            known,
        };
        assert_eq!(
            of("--v=%(ENV_X)s").unwrap_err(),
            untold("names `%(ENV_X)s`, which supervisord fills in", None)
        );
        assert_eq!(
            of("--v=%(host_node_name)s").unwrap_err(),
            untold(
                "names `%(host_node_name)s`, which supervisord fills in",
                Some(4)
            )
        );
        let [word] = &QUOTING.words("--a=%(ENV_B)s", Position { line: 1, column: 1 })[..] else {
            panic!("one word");
        };
        assert!(all.word(word.clone()).unknown.is_some());
        assert_eq!(spaced("A=1,B=\"a,b\",C='d,'"), "A=1 B=\"a,b\" C='d,'");
    }
}
