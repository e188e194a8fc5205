//! Commands that lead to something else: the program that is looked for, another one, or a
//! file that is sourced.

use super::words::as_word;
use super::{Flow, Run};
use crate::shipped::chain;
use crate::shipped::script::lex::{Word, base};
use crate::shipped::script::value::{Spot, Value, fields, text};
use crate::shipped::script::waits;

impl Run<'_> {
    pub(super) fn source(&mut self, command: &str, word: Option<&Word>, spot: Spot) -> Flow {
        if command == "source" && !self.has_source {
            let reason = self.because(spot, NO_SOURCE);
            self.remarks.insert(reason);
            return Flow::Next(Some(false));
        }
        let path = word
            .map(|word| self.expand(word))
            .and_then(|value| text(&value));
        let Some(path) = path.filter(|path| path.contains('/')) else {
            self.taint(spot, "sources a file whose path cannot be told");
            return Flow::Next(None);
        };
        if self.moved && !path.starts_with('/') {
            self.taint(spot, "sources a file of a folder that it goes to");
            return Flow::Next(None);
        }
        let named = path;
        let path = self.files.place(&named);
        let begun = self.returns.len();
        match self.source_file(&path) {
            None => {
                if self.files.fits("-e", &path).is_none() {
                    self.taint(spot, "sources a file that only the running machine has");
                    return Flow::Next(None);
                }
                // Bash alone goes on, if it is called so.
                if !self.appends && self.undecided == 0 {
                    let why = format!(
                        "sources `{named}`, which is not there: a shell ends there, and nothing is \
                         started"
                    );
                    let reason = self.because(spot, why);
                    self.remarks.insert(reason);
                }
                Flow::Next(Some(false))
            }
            Some(flow) => self.over(begun, flow),
        }
    }

    /// A program: the one that is looked for, or another that changes nothing here.
    pub(super) fn program(&mut self, words: &[Word], is_exec: bool, spot: Spot) -> Flow {
        let before = self.expanded.len();
        let mut argv: Vec<Value> = Vec::new();
        for word in words {
            let value = self.expand(word);
            argv.extend(fields(&value));
        }
        let names: Vec<Option<String>> = argv.iter().map(|value| as_word(value)).collect();
        let at = chain::program(&names);
        let called = names.get(at).and_then(Option::as_deref).map(base);
        let called = called.unwrap_or_default().to_owned();
        let argv = match called.as_str() {
            "start-stop-daemon" => match chain::daemon(&names[at..]) {
                Some(found) => {
                    let mut rest = argv.split_off(at);
                    let words = rest.split_off(found.words);
                    let program = rest.swap_remove(found.program);
                    std::iter::once(program).chain(words).collect()
                }
                // At a start of the service, nothing of it runs yet.
                None if chain::is_test(&names[at..]) => return Flow::Next(Some(true)),
                None => return Flow::Next(None),
            },
            called if called == self.program && !is_exec && only_asks(&names[at..]) => {
                return Flow::Next(None);
            }
            called if called == self.program || is_exec && argv.len() > 1 => {
                argv.split_off(at.min(argv.len() - 1))
            }
            called => {
                if waits::ASK.contains(&called) {
                    // As far as they are known as a whole.
                    let words = argv[at..].iter().map(|value| text(value));
                    self.waits.ask(words.collect(), spot);
                }
                return Flow::Next(None);
            }
        };
        self.on_line_since(before);
        for word in words {
            self.doubt_braces(word, spot);
        }
        let called = text(&argv[0]).map(|it| base(&it).to_owned());
        let called = called.unwrap_or_else(|| "…".into());
        let is_shell = matches!(called.as_str(), "sh" | "ash" | "bash" | "dash");
        if is_shell && argv.len() > 2 && text(&argv[1]).as_deref() == Some("-c") {
            return self.another_shell(&called, &argv[2], spot);
        }
        if called != self.program {
            let why = format!("starts `{called}`, and what that starts is not followed");
            let reason = self.because(spot, why);
            self.doubts.insert(reason);
        }
        Flow::Reached(argv)
    }
}

/// What is said of `source` where the shell has no such command.
pub(in crate::shipped::script) const NO_SOURCE: &str =
    "has `source`, which is not a command of this tree's `/bin/sh`: it has no effect";

/// Whether the program is asked what it is, and runs nothing.
fn only_asks(names: &[Option<String>]) -> bool {
    let mut words = names.iter().skip(1).filter_map(Option::as_deref);
    words.any(|word| matches!(word, "--version" | "--help" | "-h"))
}
