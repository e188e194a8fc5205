//! What the `depend` function of a script says (openrc-run(8)), as far as it is said in words
//! alone.

/// What a script depends on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Depend {
    /// What it needs.
    pub(super) needs: Vec<String>,
    /// What it is there for.
    pub(super) provides: Vec<String>,
    /// The first line that computes whether it needs something, or what.
    pub(super) computes: Option<usize>,
}

/// Commands that say nothing of what is needed.
const OTHERS: [&str; 15] = [
    ":", "after", "before", "config", "einfo", "keyword", "local", "need", "provide", "return",
    "true", "use", "want", "[", "test",
];

impl Depend {
    /// What the text of a script says.
    pub(super) fn of(text: &str) -> Self {
        let mut depend = Self::default();
        let mut depth = None;
        for (at, line) in text.lines().enumerate() {
            let mut rest = line.trim();
            if depth.is_none() {
                let Some(body) = body(rest) else {
                    continue;
                };
                depth = Some(0_usize);
                rest = body;
            }
            if rest.starts_with('#') {
                continue;
            }
            for command in rest.split(';') {
                depend.command(at + 1, command, &mut depth);
            }
        }
        depend
    }

    /// Reads a command; how many others it is inside of is none behind the function.
    fn command(&mut self, line: usize, command: &str, depth: &mut Option<usize>) {
        let parts = command.split("&&").flat_map(|part| part.split("||"));
        for (at, part) in parts.enumerate() {
            let Some(inside) = *depth else {
                return;
            };
            let words = part.split_whitespace();
            let words = words.take_while(|word| !word.starts_with('#'));
            let mut words =
                words.skip_while(|word| matches!(*word, "{" | "then" | "else" | "do" | "!"));
            match words.next() {
                Some("}") => *depth = inside.checked_sub(1),
                Some("if" | "case" | "for" | "while" | "until") => *depth = Some(inside + 1),
                Some("fi" | "esac" | "done") => *depth = Some(inside.saturating_sub(1)),
                Some("provide") => self.provides.extend(words.filter_map(plain)),
                Some("need") if inside == 0 && at == 0 => {
                    for word in words {
                        match plain(word) {
                            Some(word) => self.needs.push(word),
                            None => self.computes(line),
                        }
                    }
                }
                Some("need") => self.computes(line),
                Some(other) if OTHERS.contains(&other) => {}
                // A pattern of `case`, or another function.
                Some(_) if inside == 0 => self.computes(line),
                Some(_) if words.any(|word| word == "need") => self.computes(line),
                _ => {}
            }
        }
    }

    fn computes(&mut self, line: usize) {
        self.computes.get_or_insert(line);
    }
}

/// What follows the head of the function on its line.
fn body(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("function ").unwrap_or(line);
    let rest = rest.trim_start().strip_prefix("depend")?.trim_start();
    let rest = rest.strip_prefix("()").unwrap_or(rest).trim_start();
    (rest.is_empty() || rest.starts_with(['{', '#'])).then_some(rest)
}

/// A word without quotes; none where a shell puts something else in its place.
fn plain(word: &str) -> Option<String> {
    let word = word.trim_matches(['"', '\'']);
    (!word.contains(['$', '`', '*'])).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (String, String, Option<usize>) {
        let Depend {
            needs,
            provides,
            computes,
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
        ] {
            let expected = (needs.to_owned(), provides.to_owned(), computes);
            assert_eq!(of(text), expected, "{text}");
        }
        assert_eq!(of(""), (none(), none(), None));
    }
}
