//! Programs that a script starts, and where their output goes.

use super::Walk;
use super::variables::assignment;
use crate::takeover::dropped::Hint;
use crate::takeover::dropped::chain::{Placed, before, of_call};
use crate::takeover::dropped::commands::Command;
use crate::takeover::dropped::lex::Word;
use crate::takeover::dropped::tables;

impl Walk<'_> {
    /// Options of start-stop-daemon and supervise-daemon.
    pub(super) fn call(&mut self, line: usize, name: &str, words: &[String]) {
        for (text, hint) in of_call(name, words, |path| self.is_our_log(path)) {
            self.lost(line, text, hint);
        }
    }

    /// A program with what stands before it; whether it is that of the service, or leads to it.
    pub(super) fn program(&mut self, command: &Command, words: &[Placed], phase: Hint) -> bool {
        let (lost, rest) = before(words, &self.path, phase);
        let Some((name, line)) = rest.first() else {
            self.found.extend(lost);
            self.output(command);
            return true;
        };
        let base = name.rsplit('/').next().unwrap_or(name);
        let texts: Vec<_> = rest.iter().map(|it| it.0.clone()).collect();
        let is_start = matches!(phase, Hint::Spec("preStart")) || command.frames.is_empty();
        match texts.as_slice() {
            _ if self.fixed.is_none() && self.is_program(base, words, *line) => {}
            [_, option, inside, ..]
                if option == "-c" && ["sh", "ash", "bash", "dash"].contains(&base) =>
            {
                self.found.extend(lost);
                self.text(inside, *line);
                return true;
            }
            _ if ["start-stop-daemon", "supervise-daemon"].contains(&base) => {
                let is_asked = texts
                    .iter()
                    .any(|it| ["--test", "-t"].contains(&it.as_str()));
                if is_start && !is_asked {
                    self.call(*line, base, &texts[1..]);
                }
            }
            _ if base == "start_daemon" => {}
            _ => {
                self.other(command, words, phase);
                return false;
            }
        }
        self.found.extend(lost);
        self.output(command);
        true
    }

    /// Whether it is the program of the service.
    pub(super) fn is_program(&self, base: &str, words: &[Placed], line: usize) -> bool {
        let mut arguments = self.scene.line.arguments.iter();
        let is_moved = arguments.any(|it| it.path == self.path && it.at.line == line);
        let is_exec = words.first().is_some_and(|it| it.0 == "exec");
        base == self.scene.name || base.starts_with('$') && (is_moved || is_exec)
    }

    /// A command that is about something else than starting the program.
    pub(super) fn other(&mut self, command: &Command, words: &[Placed], phase: Hint) {
        let first = words.first().map_or("", |it| it.0.as_str());
        let base = first.rsplit('/').next().unwrap_or(first);
        let hint = match (tables::of_command(base), phase) {
            (Some(_), Hint::Spec("postStop")) if base == "sleep" => Hint::Spec("restart.delay"),
            (Some("log"), _) => Hint::Spec("log"),
            (Some(key), Hint::Spec("preStart")) => Hint::Spec(key),
            _ => phase,
        };
        let begin = command.words.iter().find(|it| assignment(it).is_none());
        let begin = begin.and_then(|word| command.text.find(&word.raw));
        let text = command.text.get(begin.unwrap_or(0)..).unwrap_or_default();
        let text = text.strip_prefix("exec ").unwrap_or(text).to_owned();
        self.lost(command.line, text, hint);
    }

    /// Whether output goes nowhere, or to where ours goes.
    pub(super) fn is_ours(&self, operator: &str, target: &Word) -> bool {
        operator.ends_with('&') || self.is_our_log(&target.text)
    }

    pub(super) fn is_our_log(&self, path: &str) -> bool {
        let path = self.expand(path).unwrap_or_else(|| path.to_owned());
        let ours = format!("/var/log/{}/", self.scene.name);
        path.starts_with("/dev/") || path.starts_with(&ours)
    }

    /// Output that the old service wrote to a file of its own.
    pub(super) fn output(&mut self, command: &Command) {
        for (operator, target) in &command.redirections {
            if operator.contains('>') && !self.is_ours(operator, target) {
                let text = format!("{operator}{}", target.raw);
                self.lost(command.line, text, Hint::Spec("log"));
            }
        }
    }
}
