//! What the `depend` function of a script says (openrc-run(8)), as far as it is said in words
//! alone.

use crate::shipped::{Said, said_in};

/// What a script depends on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Depend {
    /// What it needs.
    pub(super) needs: Vec<String>,
    /// What it starts as well, and does without.
    pub(super) wants: Vec<String>,
    /// What it is there for.
    pub(super) provides: Vec<String>,
    /// The first line that computes whether it needs something, or what.
    pub(super) computes: Option<usize>,
}

/// Commands that say nothing of what is needed.
const OTHERS: [&str; 15] = [
    ":", "after", "before", "config", "einfo", "keyword", "local", "need", "provide", "return",
    "true", "use", "yesno", "[", "test",
];

impl Depend {
    /// What the text of a script says.
    pub(super) fn of(text: &str) -> Self {
        let mut depend = Self::default();
        let Some(commands) = said_in(text, "depend") else {
            let line = text.lines().position(|line| line.contains("depend"));
            depend.computes = line.map(|at| at + 1);
            return depend;
        };
        for command in commands {
            depend.command(&command);
        }
        depend
    }

    fn command(&mut self, command: &Said) {
        let mut words = command.words.iter().map(Option::as_deref);
        let Some(first) = words.next() else {
            return;
        };
        match first {
            Some("provide") => self.provides.extend(words.flatten().map(str::to_owned)),
            Some("want") => {
                let words = words.flatten().flat_map(str::split_whitespace);
                let words = words.map(str::to_owned);
                self.wants.extend(words.filter(|_| command.is_certain));
            }
            Some("need") if command.is_certain => {
                for word in words {
                    match word {
                        // In quotes there can be several.
                        Some(word) => self
                            .needs
                            .extend(word.split_whitespace().map(str::to_owned)),
                        None => self.computes(command.line),
                    }
                }
            }
            Some("need") => self.computes(command.line),
            Some(other) if OTHERS.contains(&other) => {}
            // Another function.
            _ if command.is_certain || words.any(|word| word == Some("need")) => {
                self.computes(command.line);
            }
            _ => {}
        }
    }

    fn computes(&mut self, line: usize) {
        self.computes.get_or_insert(line);
    }
}

/// What a shell file sets a variable to: `NAME=value`, or `: ${NAME:=value}` as
/// scripts give their defaults. The last one counts.
pub(super) fn assigned(text: &str, name: &str) -> Option<String> {
    text.lines().rev().find_map(|line| {
        let line = line.trim();
        let value = match line.strip_prefix(':') {
            Some(rest) => rest
                .trim()
                .trim_matches('"')
                .strip_prefix("${")?
                .strip_prefix(name)?
                .strip_prefix(":=")?
                .strip_suffix('}')?,
            None => line.strip_prefix(name)?.strip_prefix('=')?,
        };
        Some(value.trim().trim_matches(['"', '\'']).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (String, String, Option<usize>) {
        let Depend {
            needs,
            provides,
            computes,
            ..
        } = Depend::of(text);
        (needs.join(" "), provides.join(" "), computes)
    }

    #[test]
    fn what_is_said_in_words_is_read_and_what_is_computed_is_named() {
        let none = String::new;
        for (text, needs, provides, computes) in [
            ("need a\n", "", "", None),
            (
                "depend() {\n\tneed a \"b\" # c\n\t# need d\n\tprovide e\n}\nneed f\n",
                "a b",
                "e",
                None,
            ),
            ("depend()\n{\n need a\n after b\n}\n", "a", "", None),
            (
                "depend () { need a; use b; need c; }\nneed d\n",
                "a c",
                "",
                None,
            ),
            ("depend() {\n need a $MORE\n}\n", "a", "", Some(2)),
            (
                "depend() {\n need a\n [ -x /b ] && need b\n}\n",
                "a",
                "",
                Some(3),
            ),
            (
                "depend() {\n if yesno $X; then\n  need b\n fi\n need c\n}\n",
                "c",
                "",
                Some(3),
            ),
            (
                "depend() {\n case $X in\n  a) need b ;;\n esac\n need c\n}\n",
                "c",
                "",
                Some(3),
            ),
            (
                "depend() {\n if x; then\n  provide net\n  use b\n fi\n}\nstart() {\n need x\n}\n",
                "",
                "net",
                None,
            ),
            ("depend() {\n need_more\n}\n", "", "", Some(2)),
            (
                "depend() {\n need a \\\n  b\n after c \\\n  need\n}\n",
                "a b",
                "",
                None,
            ),
            (
                "depend() {\n # need x\n need 'a b' c#d # e\n}\n",
                "a b c#d",
                "",
                None,
            ),
            (
                "depend() {\n cat <<E\nneed a\nE\n yesno $X && use b\n}\n",
                "",
                "",
                Some(2),
            ),
            ("depend() {\n need a\n", "", "", Some(1)),
        ] {
            let expected = (needs.to_owned(), provides.to_owned(), computes);
            assert_eq!(of(text), expected, "{text}");
        }
        assert_eq!(of(""), (none(), none(), None));
    }
}
