//! What a program is executed with, and why the kernel would not take it.

use std::ffi::{CString, NulError};

use nix::errno::Errno;
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};
use thiserror::Error;

use crate::envfile::{Argument, Environment, ExecWord, expand};
use crate::process::STRING_MAX;

/// What an argument and a variable cost besides their bytes: a NUL and a pointer.
const EXTRA: usize = 1 + size_of::<usize>();

/// The arguments and the environment of a program.
pub(super) struct Argv {
    pub(super) arguments: Vec<CString>,
    pub(super) environment: Vec<CString>,
    /// The word of the command line that each argument comes from.
    origins: Vec<String>,
}

/// Why a program was not executed.
#[derive(Debug, PartialEq, Eq, Error)]
pub(super) enum NotExecuted {
    #[error("cannot execute `{program}`: it does not exist")]
    Missing { program: String },
    #[error(
        "cannot execute `{program}`: the interpreter or the loader that it asks for does not exist"
    )]
    NoInterpreter { program: String },
    #[error(
        "cannot execute `{program}`: the variable `{name}` takes {bytes} bytes with its name, \
         the kernel takes {STRING_MAX}"
    )]
    VariableTooLong {
        program: String,
        name: String,
        bytes: usize,
    },
    #[error(
        "cannot execute `{program}`: argument {number}, of `{word}`, has {bytes} bytes, \
         the kernel takes {STRING_MAX}"
    )]
    ArgumentTooLong {
        program: String,
        number: usize,
        word: String,
        bytes: usize,
    },
    #[error(
        "cannot execute `{program}`: the arguments and the environment take {bytes} bytes together, \
         the kernel takes {limit}"
    )]
    TooMuch {
        program: String,
        bytes: usize,
        limit: usize,
    },
    #[error("cannot execute `{program}`: {}", .errno.desc())]
    Other { program: String, errno: Errno },
}

impl Argv {
    /// Expands the words of a command line.
    ///
    /// # Errors
    /// Our bug: a NUL character, which neither a service nor an env file can hold.
    pub(super) fn new(
        words: &[ExecWord<'_>],
        environment: &Environment<'_>,
    ) -> Result<Self, NulError> {
        let expanded = expand(words, environment);
        let arguments = expanded
            .iter()
            .map(|argument| CString::new(argument.text.as_bytes()))
            .collect::<Result<_, _>>()?;
        let entries = environment
            .variables()
            .iter()
            .map(|variable| CString::new([variable.name, "=", variable.value].concat()))
            .collect::<Result<_, _>>()?;
        let origin = |argument: &Argument<'_>| words[argument.word].to_string();
        Ok(Self {
            arguments,
            environment: entries,
            origins: expanded.iter().map(origin).collect(),
        })
    }

    /// Says in which respect the kernel refused.
    pub(super) fn refused(&self, program: &str, errno: Errno) -> NotExecuted {
        let program = program.to_owned();
        match errno {
            Errno::ENOENT if std::path::Path::new(&program).exists() => {
                NotExecuted::NoInterpreter { program }
            }
            Errno::ENOENT | Errno::ENOTDIR => NotExecuted::Missing { program },
            Errno::E2BIG => self.too_big(program),
            errno => NotExecuted::Other { program, errno },
        }
    }

    fn too_big(&self, program: String) -> NotExecuted {
        let length = |text: &CString| text.as_bytes().len();
        let too_long = |text: &&CString| length(text) > STRING_MAX;
        if let Some(entry) = self.environment.iter().find(too_long) {
            let name = entry.as_bytes().split(|&byte| byte == b'=').next();
            return NotExecuted::VariableTooLong {
                program,
                name: String::from_utf8_lossy(name.unwrap_or_default()).into_owned(),
                bytes: length(entry),
            };
        }
        if let Some(number) = self.arguments.iter().position(|text| too_long(&text)) {
            return NotExecuted::ArgumentTooLong {
                program,
                number,
                word: self.origins[number].clone(),
                bytes: length(&self.arguments[number]),
            };
        }
        let all = self.arguments.iter().chain(&self.environment);
        NotExecuted::TooMuch {
            program,
            bytes: all.map(|text| length(text) + EXTRA).sum(),
            limit: most_together(),
        }
    }
}

impl NotExecuted {
    /// The exit code that a shell has for it.
    pub(super) const fn exit_code(&self) -> u8 {
        match self {
            Self::Missing { .. } | Self::NoInterpreter { .. } => 127,
            _ => 126,
        }
    }
}

/// How many bytes arguments and environment may take together: a quarter of the
/// stack, but 128 KiB in any case and 6 MiB at most (`execve(2)`; `bprm_stack_limits`,
/// `fs/exec.c` of Linux).
fn most_together() -> usize {
    const LEAST: u64 = 128 << 10;
    const MOST: u64 = 6 << 20;
    let (stack, _) = getrlimit(Resource::RLIMIT_STACK).unwrap_or((RLIM_INFINITY, RLIM_INFINITY));
    usize::try_from((stack / 4).clamp(LEAST, MOST)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argv(words: &[&str], variables: &[(&str, &str)]) -> Argv {
        let environment = Environment::merge(variables.iter().copied(), []);
        let words: Vec<_> = words.iter().map(|word| ExecWord::parse(word)).collect();
        Argv::new(&words, &environment).unwrap()
    }

    fn refused(argv: &Argv, program: &str, errno: Errno) -> (String, u8) {
        let refused = argv.refused(program, errno);
        (refused.to_string(), refused.exit_code())
    }

    #[test]
    fn words_and_variables_become_strings() {
        let argv = argv(&["/bin/x", "$A", "${A}"], &[("A", "1 '2 3'"), ("B", "")]);
        let text = |list: &[CString]| -> Vec<String> {
            list.iter().map(|it| it.to_str().unwrap().into()).collect()
        };
        assert_eq!(text(&argv.arguments), ["/bin/x", "1", "2 3", "1 '2 3'"]);
        assert_eq!(text(&argv.environment), ["A=1 '2 3'", "B="]);
    }

    #[test]
    fn a_program_that_is_not_there_is_told_from_its_interpreter() {
        let argv = argv(&[], &[]);
        let missing = |program| refused(&argv, program, Errno::ENOENT);
        assert_eq!(
            missing("/nonexistent"),
            (
                "cannot execute `/nonexistent`: it does not exist".into(),
                127
            )
        );
        assert_eq!(
            missing("/bin/sh"),
            (
                "cannot execute `/bin/sh`: the interpreter or the loader that it asks for does not exist".into(),
                127
            )
        );
        assert_eq!(
            refused(&argv, "/etc/passwd", Errno::EACCES),
            (
                "cannot execute `/etc/passwd`: Permission denied".into(),
                126
            )
        );
    }

    #[test]
    fn what_is_too_big_is_named_without_its_value() {
        let long = "x".repeat(STRING_MAX - 1);
        let variable = argv(&["/bin/x"], &[("A", &long), ("B", &long[1..])]);
        assert_eq!(
            refused(&variable, "/bin/x", Errno::E2BIG),
            (
                "cannot execute `/bin/x`: the variable `A` takes 131072 bytes with its name, the kernel takes 131071".into(),
                126
            )
        );
        let argument = argv(&["/bin/x", "-x${A}${A}"], &[("A", &long[2..])]);
        assert_eq!(
            refused(&argument, "/bin/x", Errno::E2BIG).0,
            "cannot execute `/bin/x`: argument 1, of `-x${A}${A}`, has 262138 bytes, the kernel takes 131071"
        );
        let most = most_together();
        let together = argv(&["/bin/x"], &[("A", "1")]);
        assert_eq!(
            refused(&together, "/bin/x", Errno::E2BIG).0,
            format!(
                "cannot execute `/bin/x`: the arguments and the environment take 27 bytes together, the kernel takes {most}"
            )
        );
    }
}
