//! What may help after an error, as data: sentences, and command lines of this program.
//!
//! A hint is formed where everything that it names is known, and put into words once.
//! Nothing is replaced in it afterwards: what is quoted stays quoted.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use crate::rendering::quote::sh;
use crate::service::Name;

/// What may help.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hint(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(Cow<'static, str>),
    Call(Call),
}

impl Hint {
    /// A hint that begins with a text.
    pub fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    /// A hint that begins with a command line.
    pub fn call(call: Call) -> Self {
        Self(vec![Part::Call(call)])
    }

    /// The word that was probably meant.
    pub fn did_you_mean(word: &str) -> Self {
        Self::text(format!("did you mean `{word}`?"))
    }

    /// The nearest of the words that are known, if one is near enough to be meant.
    pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        known
            .into_iter()
            .map(|known| (strsim::jaro_winkler(word, known), known))
            .filter(|(likeness, _)| *likeness > 0.8)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, known)| Self::did_you_mean(known))
    }

    /// The same with a text after it.
    #[must_use]
    pub fn and(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.0.push(Part::Text(text.into()));
        self
    }

    /// The same with a command line after it.
    #[must_use]
    pub fn and_call(mut self, call: Call) -> Self {
        self.0.push(Part::Call(call));
        self
    }

    /// The same, going on with another hint.
    #[must_use]
    pub fn joined(mut self, other: Hint) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The same, and then another hint.
    #[must_use]
    pub fn then(mut self, other: Hint) -> Self {
        self.0.push(Part::Text("; ".into()));
        self.0.extend(other.0);
        self
    }
}

/// One line, with the command lines in backticks.
impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Call(call) => write!(f, "`{call}`"),
        })
    }
}

impl From<String> for Hint {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<&'static str> for Hint {
    fn from(text: &'static str) -> Self {
        Self::text(text)
    }
}

/// A command line of this program, to be pasted into a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call(Vec<String>);

impl Call {
    /// One of our commands, such as `service enable`.
    pub fn new(command: &str) -> Self {
        Self(command.split(' ').map(Into::into).collect())
    }

    /// The same with one more word.
    #[must_use]
    pub fn word(mut self, word: impl Into<String>) -> Self {
        self.0.push(word.into());
        self
    }

    /// The same for the tree below a folder; the machine's own needs no option.
    #[must_use]
    pub fn root(self, folder: &Path) -> Self {
        match folder == Path::new("/") {
            true => self,
            false => self.word("--root").word(folder.to_string_lossy()),
        }
    }

    /// The same for a service, which is the kubelet unless another is named.
    #[must_use]
    pub fn name(self, service: &Name) -> Self {
        match service.as_str() {
            "kubelet" => self,
            name => self.word("--name").word(name),
        }
    }

    /// The same for an init.
    #[must_use]
    pub fn init(self, init: &str) -> Self {
        self.word("--init").word(init)
    }
}

/// As a shell takes it.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("kubelet-unit")?;
        self.0
            .iter()
            .try_for_each(|word| write!(f, " {}", sh(word)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_placeholder_or_a_quote_stays_what_it_is() {
        let call = Call::new("service enable")
            .word("it's {root}")
            .init("{init}");
        let hint = Hint::text("run ").and_call(call).then("wait".into());
        assert_eq!(
            hint.to_string(),
            r"run `kubelet-unit service enable 'it'\''s {root}' --init '{init}'`; wait"
        );
    }
}
