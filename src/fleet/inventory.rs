//! An inventory as a stream of nodes.
//!
//! It is a YAML list of nodes, or YAML documents of one node each. The text is cut
//! at the lines on which a node begins, and each piece is read by itself, so that
//! a piece is all that is ever held.

use std::io::{BufRead, Read};

use super::error::FleetError;
use super::node::Node;
use crate::yaml::{self, Bounds, Found, Problem};

/// What a node may measure.
const BOUNDS: Bounds = Bounds {
    size: 16 * 1024,
    depth: 16,
};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A node and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its line, from 1.
    pub line: usize,
    /// The node.
    pub node: Node,
}

/// The nodes of an inventory, one after another.
pub struct Inventory<R> {
    name: String,
    reader: R,
    /// The line that is to be read next, from 1.
    next: usize,
    /// How far the dashes of the list are indented, once one was seen.
    dash: Option<usize>,
    /// The first line of the next node.
    held: Option<(usize, Vec<u8>)>,
    ended: bool,
}

/// What a line is to the stream.
enum Line {
    /// A node begins: with a dash after so many spaces.
    Item(usize),
    /// A document begins or ends.
    Separator,
    /// Nothing or a comment.
    Blank,
    /// Anything else.
    Text,
}

impl<R: BufRead> Inventory<R> {
    /// The nodes that `reader` gives; `name` is what messages call it.
    pub fn new(name: impl Into<String>, reader: R) -> Self {
        Self {
            name: name.into(),
            reader,
            next: 1,
            dash: None,
            held: None,
            ended: false,
        }
    }

    fn read_line(&mut self) -> Result<Option<(usize, Vec<u8>)>, FleetError> {
        let mut line = Vec::new();
        // One byte too many, so that the size is refused when the node is read.
        let most = BOUNDS.size as u64 + 1;
        self.reader
            .by_ref()
            .take(most)
            .read_until(b'\n', &mut line)
            .map_err(|source| FleetError::Unreadable {
                path: (&self.name).into(),
                source,
            })?;
        if line.is_empty() {
            return Ok(None);
        }
        let number = self.next;
        self.next += 1;
        // As editors of another system begin a file (Unicode, 23.8).
        if number == 1 && line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(Some((number, line)))
    }

    fn kind(&self, line: &[u8]) -> Line {
        let text = line.trim_ascii_end();
        let indent = text.iter().take_while(|byte| **byte == b' ').count();
        let rest = &text[indent..];
        match rest {
            [] | [b'#', ..] => Line::Blank,
            b"---" | b"..." => Line::Separator,
            _ if rest.starts_with(b"--- ") => Line::Separator,
            [b'-'] | [b'-', b' ', ..] => match self.dash {
                Some(dash) if dash != indent => Line::Text,
                _ => Line::Item(indent),
            },
            _ => Line::Text,
        }
    }

    /// The text of the next node, and the line it begins on.
    fn piece(&mut self) -> Result<Option<(usize, Vec<u8>)>, FleetError> {
        let mut piece = self.held.take();
        // A list's dash may only come first in a document.
        let mut is_item = piece.is_some();
        while let Some((number, line)) = self.read_line()? {
            match (self.kind(&line), &mut piece) {
                (Line::Separator, Some(_)) => break,
                (Line::Separator | Line::Blank, None) => {}
                (Line::Item(indent), None) => {
                    self.dash = Some(indent);
                    is_item = true;
                    piece = Some((number, without_dash(line, indent)));
                }
                (Line::Item(indent), Some(_)) if is_item => {
                    self.held = Some((number, without_dash(line, indent)));
                    break;
                }
                (_, None) => piece = Some((number, line)),
                (_, Some((_, text))) => text.extend(line),
            }
            if piece
                .as_ref()
                .is_some_and(|(_, text)| text.len() > BOUNDS.size)
            {
                break;
            }
        }
        Ok(piece)
    }
}

/// A list's item as a document of its own, with its columns as they were.
fn without_dash(mut line: Vec<u8>, indent: usize) -> Vec<u8> {
    line[indent] = b' ';
    line
}

impl<R: BufRead> Iterator for Inventory<R> {
    type Item = Result<Entry, FleetError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let (line, text) = match self.piece() {
            Ok(Some(piece)) => piece,
            Ok(None) => return None,
            Err(error) => {
                self.ended = true;
                return Some(Err(error));
            }
        };
        // What follows a node that is cut off is not a node.
        self.ended = text.len() > BOUNDS.size;
        Some(match yaml::read(&self.name, &text, BOUNDS) {
            Ok(node) => Ok(Entry { line, node }),
            Err(mut source) => {
                let name = guess_name(&text);
                source.hint = of_arguments(&source.problem).or(source.hint);
                if text.trim_ascii_start().starts_with(b"[") {
                    source.hint = Some(
                        "a list in brackets is not read as an inventory: each node begins with \
                         `- name: NODE` on a line of its own"
                            .into(),
                    );
                }
                if source.hint.is_none() && name.is_none() {
                    source.hint = Some(
                        "an inventory is a list, `- name: NODE`, or one document for each node"
                            .into(),
                    );
                }
                if source.hint.is_none() && shares(&text) {
                    source.hint = Some(
                        "each node is read by itself: `<<` is not merged, and no node sees the \
                         anchors of another; options such as `--init` hold for all nodes"
                            .into(),
                    );
                }
                Err(FleetError::Yaml {
                    name,
                    source: Box::new(source.below(line - 1)),
                })
            }
        })
    }
}

/// What would be right for `extraArgs`, which other tools have as a text or as a mapping.
fn of_arguments(problem: &Problem) -> Option<String> {
    let Problem::Mistyped(mistyped) = problem else {
        return None;
    };
    let is_whole = mistyped.path == "extraArgs";
    let is_item = mistyped.path.starts_with("extraArgs[");
    match &mistyped.found {
        Found::Text(_) if is_whole => Some(
            "each argument is an item of a list: `extraArgs: [--v=2, --node-ip=10.0.0.1]`".into(),
        ),
        _ if is_whole || is_item => {
            Some("an item is one argument as the program gets it, such as `- --v=2`".into())
        }
        _ => None,
    }
}

/// Whether a node merges another mapping, or names an anchor.
fn shares(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let mut values = text.lines().filter_map(|line| line.split_once(':'));
    values.any(|(key, value)| key.trim() == "<<" || value.trim_start().starts_with('*'))
}

/// The name in a text that is not a node.
fn guess_name(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    let mut lines = text.lines().map(str::trim);
    let name = lines.find_map(|line| line.strip_prefix("name:"))?;
    let name = name.trim().trim_matches(['"', '\'']);
    let shown = !name.is_empty() && name.len() <= 253 && !name.contains(char::is_control);
    shown.then(|| name.to_owned())
}
