//! Commands that set variables, and those that see the assignments before them.

use super::{Flow, Run, unknown};
use crate::shipped::script::lex::{Assignment, Word, assignment, is_name, literal, plain};
use crate::shipped::script::value::Spot;

/// Built-in commands for which assignments before them are made first, and stay, in a POSIX
/// shell (XCU 2.9.1 and 2.15).
const SPECIAL: [&str; 9] = [
    ".", ":", "eval", "export", "readonly", "return", "set", "shift", "unset",
];

impl Run<'_> {
    /// Whether a command sees the assignments before it, as no other program here does: those
    /// would see them in their environment alone.
    pub(super) fn sees_assignments(&self, command: &str) -> bool {
        SPECIAL.contains(&command) || command == "source" || self.functions.contains_key(command)
    }

    pub(super) fn with_assignments(
        &mut self,
        assignments: &[Assignment],
        words: &[Word],
        spot: Spot,
    ) -> Flow {
        for assignment in assignments {
            self.set(assignment, spot);
        }
        let flow = self.simple(&[], words, spot);
        let command = plain(&words[0]).unwrap_or_default();
        // bash takes them back, and what other shells do after a function differs.
        if self.appends || !SPECIAL.contains(&command.as_str()) {
            for Assignment { name, .. } in assignments {
                let why = "sets it for one command, which not every shell takes back";
                let reason = self.because(spot, why);
                let name = self.name(name);
                self.variables.insert(name, unknown(reason, spot));
            }
        }
        flow
    }

    /// `command` and `builtin`: what follows is no function.
    pub(super) fn past_functions(&mut self, words: &[Word], spot: Spot) -> Flow {
        let Some((first, rest)) = words[1..].split_first() else {
            return Flow::Next(Some(true));
        };
        match plain(first).as_deref() {
            Some("-p") if !rest.is_empty() => self.simple(&[], rest, spot),
            Some(name) if self.functions.contains_key(name) => {
                self.program(&words[1..], false, spot)
            }
            // A question whether there is such a program.
            Some(option) if option.starts_with('-') => Flow::Next(None),
            _ => self.simple(&[], &words[1..], spot),
        }
    }

    /// `export` and its like.
    pub(super) fn declares(&mut self, command: &str, words: &[Word], spot: Spot) {
        let is_own = !matches!(command, "export" | "readonly");
        if is_own {
            self.keep_outside(words);
        }
        let mut command = command;
        for word in words {
            self.doubt_braces(word, spot);
            if let Some(assignment) = assignment(word) {
                self.set(&assignment, spot);
                self.marks(command, &assignment.name);
                continue;
            }
            match literal(word) {
                Some(option) if matches!(option.as_str(), "-p" | "-x") => {}
                Some(option) if option == "-r" => command = "readonly",
                Some(option) if !is_own && matches!(option.as_str(), "-f" | "-n") => {}
                // It changes what is set, now or later, or is for outside of the function.
                Some(option) if option.starts_with('-') => {
                    let why = format!("has an option of `{command}` that is not followed");
                    self.gives_up(spot, &why);
                }
                Some(name) if is_name(&name) => {
                    self.marks(command, &name);
                    // Other shells let it have the value that is outside.
                    if is_own && self.appends {
                        let name = self.name(&name);
                        self.variables.remove(&name);
                    }
                }
                _ => self.odd(spot),
            }
        }
    }

    /// What `readonly` names cannot be set again, and what `export` names others have as well.
    fn marks(&mut self, command: &str, name: &str) {
        let name = self.name(name);
        match command {
            "readonly" => drop(self.read_only.insert(name)),
            "export" => drop(self.exported.insert(name)),
            _ => {}
        }
    }

    pub(super) fn unsets(&mut self, words: &[Word], spot: Spot) {
        for word in words {
            match literal(word).as_deref() {
                Some("-f") => return,
                Some("-v") => {}
                Some(name) if is_name(name) => {
                    let name = self.name(name);
                    self.variables.remove(&name);
                }
                _ => self.odd(spot),
            }
        }
    }

    /// A word where a variable's name has to be: it may be one that nobody can tell, and if it
    /// is none, a POSIX shell ends there (XCU 2.8.1).
    fn odd(&mut self, spot: Spot) {
        let why = "names a variable by what only running it would tell, or ends a shell";
        self.taint(spot, why);
        let reason = self.because(spot, why);
        self.doubts.insert(reason);
    }
}
