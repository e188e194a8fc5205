//! Functions, their variables and their ends.

use super::{DECIDES, DEEPEST, Flow, Run, unknown};
use crate::shipped::script::lex::{Word, assignment, is_name, plain};
use crate::shipped::script::value::{Spot, Value, fields, text};

impl Run<'_> {
    /// Variables that get what only running it would tell.
    pub(super) fn reads<'w>(&mut self, words: impl Iterator<Item = &'w Word>, spot: Spot) {
        for name in words.filter_map(|word| plain(word)) {
            let reason = self.because(spot, "reads a variable from elsewhere");
            let name = self.name(&name);
            self.variables.insert(name, unknown(reason, spot));
        }
    }

    /// `shift`: where there is no word left, dash ends.
    pub(super) fn shifts(&mut self, spot: Spot) {
        let first = self.name("1");
        let has_one = self.variables.get(&first).and_then(|value| text(value));
        if has_one.is_none_or(|it| it.is_empty()) {
            let why = "has `shift`, at which a shell may end that was called with nothing";
            let reason = self.because(spot, why);
            self.doubts.insert(reason);
        }
        self.called_otherwise(spot);
    }

    /// `$1` and the others are no longer what the script was called with.
    pub(super) fn called_otherwise(&mut self, spot: Spot) {
        for at in 1..=9 {
            let reason = self.because(spot, "sets what it was called with");
            let name = self.name(&at.to_string());
            self.variables.insert(name, unknown(reason, spot));
        }
    }

    /// Variables that a function has for itself are outside what they were before.
    pub(super) fn keep_outside(&mut self, words: &[Word]) {
        for word in words {
            let named = assignment(word).map(|it| it.name).or_else(|| plain(word));
            let Some(named) = named.filter(|it| is_name(it)) else {
                continue;
            };
            let name = self.name(&named);
            let before = self.variables.get(&name).cloned();
            if let Some(kept) = self.locals.last_mut()
                && kept.iter().all(|(it, _)| *it != name)
            {
                kept.push((name, before));
            }
        }
    }

    pub(super) fn put_back(&mut self, kept: Vec<(usize, Option<Value>)>) {
        for (number, value) in kept {
            match value {
                Some(value) => self.variables.insert(number, value),
                None => self.variables.remove(&number),
            };
        }
    }

    /// Whether the script goes on where the function fails that is being followed.
    pub(super) fn goes_on_after_failure(&self) -> bool {
        self.calls.last() == Some(&false) && !self.waits.ends_at_failure
    }

    /// A function or a file is over, at its end or before it.
    pub(super) fn over(&mut self, begun: usize, flow: Flow) -> Flow {
        let returns = self.returns.split_off(begun.min(self.returns.len()));
        let goes_on = !returns.is_empty();
        for (variables, spot) in returns {
            self.differences(&variables, spot);
            if matches!(flow, Flow::Reached(_)) {
                let reason = self.because(spot, DECIDES);
                self.doubts.insert(reason);
            }
        }
        match flow {
            Flow::Failed if !goes_on => Flow::Next(Some(false)),
            Flow::Failed | Flow::Returned => Flow::Next(None),
            Flow::Ended if goes_on => Flow::Next(None),
            flow => flow,
        }
    }

    pub(super) fn function(&mut self, name: &str, words: &[Word], spot: Spot) -> Flow {
        self.depth += 1;
        let before = self.positional(words, spot);
        let body = self.functions.get(name).cloned().unwrap_or_default();
        let asked = self.waits.number();
        let begun = self.returns.len();
        self.locals.push(Vec::new());
        self.calls.push(self.asked > 0);
        let asked_before = std::mem::take(&mut self.asked);
        let flow = match self.depth <= DEEPEST {
            true => self.list(&body),
            false => {
                self.taint(spot, "calls a function that calls itself");
                Flow::Next(None)
            }
        };
        self.asked = asked_before;
        self.calls.pop();
        self.depth -= 1;
        self.waits.returned(asked);
        let flow = self.over(begun, flow);
        let kept = self.locals.pop().unwrap_or_default();
        self.put_back(kept);
        self.put_back(before);
        flow
    }

    /// Sets `$1` to `$9` for a function, and gives what they were.
    fn positional(&mut self, words: &[Word], spot: Spot) -> Vec<(usize, Option<Value>)> {
        let mut values = Vec::new();
        for word in words {
            self.doubt_braces(word, spot);
            let value = self.expand(word);
            values.extend(fields(&value));
        }
        let mut before = Vec::new();
        for at in 1..=9 {
            let number = self.name(&at.to_string());
            let value = values.get(at - 1).cloned();
            before.push((
                number,
                match value {
                    // Not set is another thing then.
                    None if self.may_end_at_unset() => self.variables.remove(&number),
                    value => self.variables.insert(number, value.unwrap_or_default()),
                },
            ));
        }
        before
    }
}
