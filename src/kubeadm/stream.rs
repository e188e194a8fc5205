//! A stream of YAML documents, as kubeadm reads configurations: split and parsed once, however often it is asked.

use std::cell::OnceCell;

use super::yaml::{self, Failure, MAX_BYTES, Node};

/// A configuration as it was given, or what a cluster holds.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    text: String,
    parts: OnceCell<Vec<Part>>,
}

/// One document of it.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// The number of its first line in the text, from 1.
    pub first_line: usize,
    /// Its text.
    pub text: String,
    /// What is in it.
    pub node: Result<Node, Failure>,
}

impl<T: Into<String>> From<T> for Stream {
    fn from(text: T) -> Self {
        Self {
            text: text.into(),
            parts: OnceCell::new(),
        }
    }
}

impl Stream {
    /// It as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is longer than what is read of a text.
    pub(super) fn is_too_large(&self) -> bool {
        self.text.len() > MAX_BYTES
    }

    /// Its documents in order; none of a text that is too large.
    pub(super) fn parts(&self) -> &[Part] {
        self.parts.get_or_init(|| {
            let parts = match self.is_too_large() {
                true => Vec::new(),
                false => split(&self.text),
            };
            let part = |(first_line, text): (usize, &str)| Part {
                first_line,
                text: text.to_owned(),
                node: yaml::read_document(text, first_line),
            };
            parts.into_iter().map(part).collect()
        })
    }

    /// What can be read of it.
    pub(super) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.parts()
            .iter()
            .filter_map(|part| part.node.as_ref().ok())
    }
}

/// Splits a text at lines that begin with `---` and hold nothing else but a comment, as Kubernetes' YAML reader does;
/// with the number of each part's first line. Parts without any line are left out.
pub(super) fn split(text: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let (mut start, mut first, mut offset) = (0, 1, 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let ends = line
            .strip_prefix("---")
            .is_some_and(|rest| rest.trim().is_empty() || rest.trim_start().starts_with('#'));
        if ends {
            parts.push((first, &text[start..offset]));
            (start, first) = (offset + line.len(), number + 2);
        }
        offset += line.len();
    }
    parts.push((first, &text[start..]));
    parts.retain(|(_, part)| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_as_kubernetes_does() {
        let lines = |text| {
            split(text)
                .into_iter()
                .map(|(line, _)| line)
                .collect::<Vec<_>>()
        };
        assert_eq!(lines("a: 1\n---\nb: 2\n"), [1, 3]);
        assert_eq!(lines("---\na: 1\n"), [2]);
        assert_eq!(lines("--- # one\na: 1\n---   \nb: 2"), [2, 4]);
        assert_eq!(lines("# note\n---\na: 1\n"), [1, 3]);
        assert_eq!(lines("a: |\n  ---\n"), [1]);
        assert_eq!(lines(""), [0; 0]);
    }

    #[test]
    fn it_is_parsed_once() {
        let stream = Stream::from("a: 1\n---\n[\n");
        assert!(std::ptr::eq(stream.parts(), stream.parts()));
        assert_eq!((stream.parts().len(), stream.nodes().count()), (2, 1));
        let large = Stream::from("a".repeat(MAX_BYTES + 1));
        assert_eq!(large.parts().len(), 0);
    }
}
