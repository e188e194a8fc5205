//! What a shell would make of an env file that systemd reads as data.
//!
//! Administrators, and the services of some distributions, source such files with
//! `.`, which POSIX sh reads as commands (XCU 2.3 and 2.9.1). This is not a shell: it
//! reads an assignment as far as that is certain and says where the two part.

use std::fmt;
use std::ops::RangeInclusive;

use crate::envfile::{Assignment, Parsed, parse};
use crate::shipped::is_name;

/// How a shell's reading parts from systemd's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// What follows the first blank would be run as a command.
    Runs {
        /// The command's first word.
        command: String,
    },
    /// `NAME =value` would be run as a command called NAME.
    RunsName {
        /// That name.
        name: String,
    },
    /// The shell would replace `$`, a backtick or a leading `~`, which systemd
    /// does not.
    Expands,
    /// Both read a value, but another one.
    Value {
        /// What the shell reads.
        shell: String,
        /// What systemd reads.
        systemd: String,
    },
    /// The shell would stop at a character that means something to it.
    Operator {
        /// That character.
        character: char,
    },
    /// A quote without an end: the shell refuses the whole file.
    Unclosed,
}

impl Difference {
    /// What both would read alike.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::RunsName { .. } => {
                "leave no blank before the `=`: a script that sources the file then reads the same"
            }
            Self::Expands => {
                "put the whole value in single quotes: a script that sources the file then reads the same"
            }
            _ => {
                "put the whole value in quotes: a script that sources the file then reads the same"
            }
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Runs { command: word } | Self::RunsName { name: word } => {
                write!(f, "a shell would run `{word}` as a command")
            }
            Self::Expands => f.write_str("a shell would expand a part of the value"),
            Self::Value { shell, systemd } => {
                write!(f, "a shell reads `{shell}` where systemd reads `{systemd}`")
            }
            Self::Operator { character } => {
                write!(f, "`{character}` means something to a shell")
            }
            Self::Unclosed => f.write_str("a shell refuses a quote that is not closed"),
        }
    }
}

/// The assignments of an env file in which a shell would part from systemd, each by
/// its lines, from 1. What systemd itself ignores or reads otherwise than it looks is
/// not among them: it has to be written in another way for either reader, and
/// [`Parsed::findings`] says how. A file that systemd ignores as a whole has none.
pub fn differences(content: &[u8]) -> Vec<(RangeInclusive<usize>, Difference)> {
    let Ok(parsed) = parse(content) else {
        return Vec::new();
    };
    let assignments = parsed.assignments.iter();
    assignments
        .filter(|assignment| !is_found(&parsed, assignment))
        .filter_map(|assignment| of_assignment(&parsed, assignment))
        .collect()
}

/// Whether something was found in an assignment already.
fn is_found(parsed: &Parsed<'_>, assignment: &Assignment<'_>) -> bool {
    let span = &assignment.span;
    let first = parsed
        .findings
        .partition_point(|finding| finding.span.start < span.start);
    let mut after = parsed.findings[first..].iter();
    after.next().is_some_and(|it| it.span.start <= span.end)
}

fn of_assignment(
    parsed: &Parsed<'_>,
    assignment: &Assignment<'_>,
) -> Option<(RangeInclusive<usize>, Difference)> {
    let text = String::from_utf8_lossy(&parsed.content()[assignment.span.clone()]);
    let (name, raw) = text.split_once('=')?;
    let difference = match name.ends_with([' ', '\t']) {
        true => Difference::RunsName {
            name: name.trim_end().into(),
        },
        false => of_value(raw, &assignment.value)?,
    };
    let first = assignment.at.line;
    Some((first..=first + text.matches('\n').count(), difference))
}

fn of_value(raw: &str, systemd: &str) -> Option<Difference> {
    match read(raw) {
        Err(difference) => Some(difference),
        Ok(shell) if shell == systemd => None,
        Ok(shell) => Some(Difference::Value {
            shell,
            systemd: systemd.into(),
        }),
    }
}

/// The value of `NAME=raw` in a shell, quotes removed.
fn read(raw: &str) -> Result<String, Difference> {
    let mut value = String::new();
    let mut rest = raw.chars().peekable();
    if rest.peek() == Some(&'~') {
        return Err(Difference::Expands);
    }
    while let Some(character) = rest.next() {
        match character {
            '\'' => loop {
                match rest.next().ok_or(Difference::Unclosed)? {
                    '\'' => break,
                    inside => value.push(inside),
                }
            },
            '"' => double_quoted(&mut rest, &mut value)?,
            '\\' => match rest.next() {
                // A newline after a backslash goes on in the next line.
                Some('\n') | None => {}
                Some(escaped) => value.push(escaped),
            },
            ' ' | '\t' => return after_blank(&rest.collect::<String>(), value),
            '$' | '`' => return Err(Difference::Expands),
            ';' | '&' | '|' | '<' | '>' | '(' | ')' => {
                return Err(Difference::Operator { character });
            }
            plain => value.push(plain),
        }
    }
    Ok(value)
}

fn double_quoted(
    rest: &mut impl Iterator<Item = char>,
    value: &mut String,
) -> Result<(), Difference> {
    loop {
        match rest.next().ok_or(Difference::Unclosed)? {
            '"' => return Ok(()),
            '$' | '`' => return Err(Difference::Expands),
            '\\' => match rest.next().ok_or(Difference::Unclosed)? {
                '\n' => {}
                special @ ('$' | '`' | '"' | '\\') => value.push(special),
                other => value.extend(['\\', other]),
            },
            inside => value.push(inside),
        }
    }
}

/// What follows a blank that ends the assignment: nothing, a comment, or a command
/// that the assignment is for.
fn after_blank(rest: &str, value: String) -> Result<String, Difference> {
    // A newline after a backslash is nothing at all.
    let rest = rest.replace("\\\n", "");
    match rest.trim_start().split([' ', '\t', '\n']).next() {
        None | Some("") => Ok(value),
        Some(word) if word.starts_with('#') => Ok(value),
        // Another assignment beside this one.
        Some(word) if word.split_once('=').is_some_and(|(name, _)| is_name(name)) => Ok(value),
        Some(word) => Err(Difference::Runs {
            command: word.into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let found = differences(text.as_bytes());
        let shown = found.iter();
        shown
            .map(|(lines, what)| format!("{}: {what}", lines.start()))
            .collect()
    }

    #[test]
    fn what_both_read_alike_is_no_finding() {
        for text in [
            "",
            "KUBELET_KUBEADM_ARGS=\"\"\n",
            "A=\"--v=2 --node-ip=10.0.0.1\"\n# comment\n",
            "A='b c'\"d\"e\nB=\\ \\\"x\n",
            "A=b   \n",
            "A=one\\\ntwo\n",
        ] {
            assert_eq!(of(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn where_they_part_is_named_by_its_line() {
        for (text, wanted) in [
            (
                "# 1.11\nKUBELET_KUBEADM_ARGS=--a=b --c=d\n",
                "2: a shell would run `--c=d` as a command",
            ),
            (
                "A=\"$HOME\"\n",
                "1: a shell would expand a part of the value",
            ),
            ("A=`id`\n", "1: a shell would expand a part of the value"),
            (
                "A=--a=b \\\n  --c=d\n",
                "1: a shell would run `--c=d` as a command",
            ),
            (
                "A=b C=d\n",
                "1: a shell reads `b` where systemd reads `b C=d`",
            ),
            ("A=~/x\n", "1: a shell would expand a part of the value"),
            ("A=b;c\n", "1: `;` means something to a shell"),
            (
                "A=b'c d'\n",
                "1: a shell reads `bc d` where systemd reads `b'c d'`",
            ),
            ("A =b\n", "1: a shell would run `A` as a command"),
            ("A=b'c\n", "1: a shell refuses a quote that is not closed"),
        ] {
            assert_eq!(of(text), [wanted], "{text}");
        }
    }

    #[test]
    fn what_systemd_has_trouble_with_itself_is_left_to_its_findings() {
        for text in [
            "export A=\"$HOME\"\n",
            "reboot\n",
            "A-B=$C\n",
            "A=b #c\n",
            "A='b\n",
            "A=\"b\n\nC=d e\n",
            "A=b\\",
        ] {
            assert_eq!(of(text), [""; 0], "{text}");
        }
        assert_eq!(
            of("reboot\nA=b c\nD=e # f\nG=h i\n"),
            [
                "2: a shell would run `c` as a command",
                "4: a shell would run `i` as a command"
            ]
        );
    }
}
