//! The command `[`, as far as it asks for files and texts.

use super::Run;
use crate::shipped::script::lex::Word;
use crate::shipped::script::value::{Cell, What, fields, text};

impl Run<'_> {
    /// `[`, as far as it asks for files and texts.
    pub(super) fn test(&mut self, words: &[Word]) -> Option<bool> {
        let mut known = Vec::new();
        for word in words {
            if self.replaces_braces(word) {
                return None;
            }
            let value = self.expand(word);
            for field in fields(&value) {
                if field.iter().any(Cell::is_pattern) {
                    return None;
                }
                // Of nothing but variables that are not set, no word is left.
                if field
                    .iter()
                    .any(|cell| !matches!(cell.what, What::Unset(_)))
                {
                    known.push(text(&field)?);
                }
            }
        }
        if known.last().is_some_and(|it| it == "]") {
            known.pop();
        }
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        match known.as_slice() {
            ["!", rest @ ..] => self.test_words(rest).map(|it| !it),
            words => self.test_words(words),
        }
    }

    fn test_words(&self, words: &[&str]) -> Option<bool> {
        match words {
            [
                operator @ ("-d" | "-e" | "-f" | "-h" | "-L" | "-r" | "-s" | "-x"),
                path,
            ] => {
                let is_elsewhere = self.moved && !path.starts_with('/');
                let path = self.files.place(path);
                let fits = (!is_elsewhere).then(|| self.files.fits(operator, &path));
                fits.flatten()
            }
            [] => Some(false),
            ["-n", text] | [text] => Some(!text.is_empty()),
            ["-z", text] => Some(text.is_empty()),
            [a, "=", b] => Some(a == b),
            // An error in dash, for which `!` makes no difference.
            [a, "==", b] if self.appends => Some(a == b),
            [a, "!=", b] => Some(a != b),
            _ => None,
        }
    }
}
