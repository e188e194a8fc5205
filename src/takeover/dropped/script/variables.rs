//! Variables that a script sets.

use super::Walk;
use crate::shipped::is_name;
use crate::takeover::dropped::Hint;
use crate::takeover::dropped::lex::Word;
use crate::takeover::dropped::tables;

/// More than a value has that says something.
const LONGEST: usize = 64 * 1024;

/// What is said of `export` in a file that ours reads as systemd does.
const WITHOUT_EXPORT: Hint =
    Hint::Text("write it without `export`: the file is read as systemd reads it");

impl Walk<'_> {
    pub(super) fn set(&mut self, words: &[Word]) {
        let options = words[1..].iter().map(|it| it.text.as_str());
        let options: Vec<_> = options.take_while(|it| *it != "--").collect();
        for (at, option) in options.iter().enumerate() {
            let is_all = option.get(1..).is_some_and(|it| it.contains('a'))
                && !option.starts_with("--")
                || option.len() == 2
                    && option.ends_with('o')
                    && options.get(at + 1) == Some(&"allexport");
            match option.chars().next() {
                Some('-') if is_all => self.exports = true,
                Some('+') if is_all => self.exports = false,
                _ => {}
            }
        }
    }

    /// `export` and its like.
    pub(super) fn declared(&mut self, line: usize, words: &[Word]) {
        let is_option = |it: &&Word| it.text.starts_with('-');
        let options: String = words[1..]
            .iter()
            .filter(is_option)
            .map(|it| it.text.as_str())
            .collect();
        if options.contains('n') {
            return;
        }
        let exports = words[0].text == "export" || options.contains('x') || self.exports;
        for word in words[1..].iter().filter(|it| !is_option(it)) {
            match assignment(word) {
                Some((name, value)) => self.assigned(line, &name, Some(&value), exports),
                None if is_name(&word.text) => self.assigned(line, &word.text, None, exports),
                None if exports => self.lost(line, format!("export {}", word.raw), Hint::EnvFile),
                None => {}
            }
        }
    }

    /// `: ${NAME:=value}`.
    pub(super) fn default(&mut self, line: usize, word: Option<&Word>) {
        let inside = word.and_then(|it| it.text.strip_prefix("${")?.strip_suffix('}'));
        if let Some((name, value)) = inside.and_then(|it| it.split_once('=')) {
            self.assigned(line, name.trim_end_matches(':'), Some(value), self.exports);
        }
    }

    pub(super) fn is_moved(&self, name: &str) -> bool {
        let line = self.scene.line;
        let mut variables = line
            .arguments
            .iter()
            .filter_map(|it| it.variable.as_deref());
        line.names.iter().any(|it| it == name) || variables.any(|it| it == name)
    }

    pub(super) fn assigned(
        &mut self,
        line: usize,
        name: &str,
        value: Option<&str>,
        is_exported: bool,
    ) {
        let known = value.and_then(|it| self.expand(it));
        if let Some(known) = &known {
            self.variables.insert(name.to_owned(), known.clone());
        }
        if self.told == Some(&self.path) {
            return;
        }
        if self.is_openrc {
            let value = value.unwrap_or_default();
            if ["start_stop_daemon_args", "supervise_daemon_args"].contains(&name) {
                let words: Vec<_> = value.split_whitespace().map(str::to_owned).collect();
                return self.call(line, name, &words);
            }
            if let Some(hint) = tables::of_variable(name) {
                let is_log = matches!(hint, Hint::Spec("log")) && self.is_our_log(value);
                if !value.is_empty() && !is_log && !self.is_moved(name) {
                    self.lost(line, name, hint);
                }
                return;
            }
        }
        if is_exported {
            self.exported(line, name, known.as_deref());
        }
    }

    pub(super) fn exported(&mut self, line: usize, name: &str, value: Option<&str>) {
        let ours = self.scene.ours.value(name);
        let is_same = ours.is_some() && ours.as_deref() == value;
        let is_read = self.scene.ours.reads(&self.path);
        // What a file sets that ours reads is exported there anyhow.
        let is_told = self.is_moved(name) || is_same || is_read && self.exports;
        if !is_told {
            let hint = if is_read {
                WITHOUT_EXPORT
            } else {
                Hint::EnvFile
            };
            self.lost(line, name, hint);
        }
    }

    /// A text with the variables that are known; none where another is in it.
    pub(super) fn expand(&self, text: &str) -> Option<String> {
        let mut parts = text.split('$');
        let mut found = parts.next()?.to_owned();
        for part in parts {
            let is_inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let (name, rest) = match part.strip_prefix('{') {
                Some(inside) => inside.split_once('}')?,
                None => part.split_at(part.find(|c| !is_inside(c)).unwrap_or(part.len())),
            };
            found += self.variables.get(name)?;
            found += rest;
            // Each of its words may be twice the one before.
            if found.len() > LONGEST {
                return None;
            }
        }
        (!found.contains('`')).then_some(found)
    }
}

/// The variable that a word sets, and to what.
pub(super) fn assignment(word: &Word) -> Option<(String, String)> {
    let (name, value) = word.text.split_once('=')?;
    let name = name.strip_suffix('+').unwrap_or(name);
    (is_name(name) && word.raw.starts_with(name)).then(|| (name.to_owned(), value.to_owned()))
}
