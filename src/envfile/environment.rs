//! The environment of a service, and for each variable who set it.

use super::parse::Parsed;
use std::collections::BTreeMap;

/// The variables of a service, in systemd's order: duplicates keep the place
/// of the first and take the value of the last (`strv_env_replace_consume`
/// and `strv_env_merge`, `env-util.c`).
#[derive(Debug, Clone, Default)]
pub struct Environment<'a> {
    variables: Vec<Variable<'a>>,
    index: BTreeMap<&'a str, usize>,
}

/// A variable and where its value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable<'a> {
    /// Its name.
    pub name: &'a str,
    /// The value that counts.
    pub value: &'a str,
    /// What set that value.
    pub origin: Origin,
    /// The values that it had before, in the order in which they were set.
    pub overridden: Vec<Overridden<'a>>,
}

/// A value that another one replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overridden<'a> {
    /// The value.
    pub value: &'a str,
    /// What set it.
    pub origin: Origin,
}

/// What set a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The inline variable at this index.
    Inline(usize),
    /// An environment file.
    File {
        /// The index of the file.
        file: usize,
        /// The index of the assignment in [`Parsed::assignments`].
        assignment: usize,
    },
}

impl<'a> Environment<'a> {
    /// The environment of `inline` variables (`Environment=`, and before them
    /// whatever the service manager sets by itself) and then of `files`, in
    /// this order.
    ///
    /// Files beat inline variables wherever the unit has them, even with an
    /// empty value (`systemd.exec(5)`, `EnvironmentFile=`; the order of lists
    /// in `exec_child`, `exec-invoke.c`).
    pub fn merge<'p>(
        inline: impl IntoIterator<Item = (&'a str, &'a str)>,
        files: impl IntoIterator<Item = &'a Parsed<'p>>,
    ) -> Self
    where
        'p: 'a,
    {
        let mut environment = Self::default();
        for (number, (name, value)) in inline.into_iter().enumerate() {
            environment.set(name, value, Origin::Inline(number));
        }
        for (file, parsed) in files.into_iter().enumerate() {
            for (assignment, set) in parsed.assignments.iter().enumerate() {
                environment.set(set.name, &set.value, Origin::File { file, assignment });
            }
        }
        environment
    }

    fn set(&mut self, name: &'a str, value: &'a str, origin: Origin) {
        let next = self.variables.len();
        let index = *self.index.entry(name).or_insert(next);
        if let Some(variable) = self.variables.get_mut(index) {
            let before = Overridden {
                value: variable.value,
                origin: variable.origin,
            };
            variable.overridden.push(before);
            variable.value = value;
            variable.origin = origin;
        } else {
            self.variables.push(Variable {
                name,
                value,
                origin,
                overridden: Vec::new(),
            });
        }
    }

    /// All variables.
    pub fn variables(&self) -> &[Variable<'a>] {
        &self.variables
    }

    /// The variable of this name.
    pub fn get(&self, name: &str) -> Option<&Variable<'a>> {
        self.index_of(name).map(|index| &self.variables[index])
    }

    /// The index in [`Self::variables`] of the variable of this name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    #[test]
    fn the_last_file_wins_and_the_first_place_stays() {
        let first = parse(b"B=file\nC=\nB=again\n").unwrap();
        let second = parse(b"A=\nD=1\n").unwrap();
        let inline = [("A", "inline"), ("B", "inline"), ("A", "twice")];
        let environment = Environment::merge(inline, [&first, &second]);
        let variables: Vec<_> = environment
            .variables()
            .iter()
            .map(|v| (v.name, v.value, v.origin))
            .collect();
        assert_eq!(
            variables,
            [
                (
                    "A",
                    "",
                    Origin::File {
                        file: 1,
                        assignment: 0
                    }
                ),
                (
                    "B",
                    "again",
                    Origin::File {
                        file: 0,
                        assignment: 2
                    }
                ),
                (
                    "C",
                    "",
                    Origin::File {
                        file: 0,
                        assignment: 1
                    }
                ),
                (
                    "D",
                    "1",
                    Origin::File {
                        file: 1,
                        assignment: 1
                    }
                ),
            ]
        );
        let overridden = |name| environment.get(name).unwrap().overridden.clone();
        assert_eq!(
            overridden("A"),
            [
                Overridden {
                    value: "inline",
                    origin: Origin::Inline(0)
                },
                Overridden {
                    value: "twice",
                    origin: Origin::Inline(2)
                },
            ]
        );
        assert_eq!(
            overridden("B"),
            [
                Overridden {
                    value: "inline",
                    origin: Origin::Inline(1)
                },
                Overridden {
                    value: "file",
                    origin: Origin::File {
                        file: 0,
                        assignment: 0
                    }
                },
            ]
        );
        assert_eq!(overridden("D"), []);
        assert_eq!(environment.get("E"), None);
    }
}
