//! [`Node`]s to the text that go-yaml v2 writes: sorted keys, lists not indented under their key, quotes only where
//! a reader needs them, and long plain text folded near 80 columns. What is written is good YAML 1.1 and 1.2.

use std::cmp::Ordering;
use std::fmt::Write as _;

use super::{Node, Value, scalar};
use crate::sorting;

/// Where go-yaml starts to fold.
const WIDTH: usize = 80;

/// Writes a document, with a newline at its end.
pub fn write(node: &Node) -> String {
    let mut writer = Writer::default();
    match &node.value {
        Value::Map(map) if !map.is_empty() => writer.mapping(node, 0),
        Value::Seq(items) if !items.is_empty() => writer.sequence(node, 0),
        _ => {
            writer.scalar(&node.value, 0, false);
            writer.newline();
        }
    }
    writer.out
}

#[derive(Default)]
struct Writer {
    out: String,
    column: usize,
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn newline(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn indent(&mut self, indent: usize) {
        self.put(&" ".repeat(indent));
    }

    fn mapping(&mut self, node: &Node, indent: usize) {
        let Value::Map(map) = &node.value else { return };
        let mut entries: Vec<_> = map.iter().collect();
        sorting::by(&mut entries, |a, b| natural_order(a.0, b.0));
        for (at, (key, entry)) in entries.into_iter().enumerate() {
            if at > 0 || self.column == 0 {
                self.indent(indent);
            }
            self.text(key, indent, true);
            self.put(":");
            self.value(&entry.node, indent, false);
        }
    }

    fn sequence(&mut self, node: &Node, indent: usize) {
        let Value::Seq(items) = &node.value else {
            return;
        };
        for (at, item) in items.iter().enumerate() {
            if at > 0 || self.column == 0 {
                self.indent(indent);
            }
            self.put("-");
            self.value(item, indent, true);
        }
    }

    /// What follows a key's colon or a list's dash, to the end of its line or block.
    fn value(&mut self, node: &Node, indent: usize, in_list: bool) {
        match &node.value {
            Value::Map(map) if !map.is_empty() => {
                self.open(in_list);
                self.mapping(node, indent + 2);
            }
            Value::Seq(items) if !items.is_empty() => {
                self.open(in_list);
                self.sequence(node, if in_list { indent + 2 } else { indent });
            }
            value => {
                self.put(" ");
                self.scalar(value, indent, false);
                if self.column > 0 {
                    self.newline();
                }
            }
        }
    }

    fn open(&mut self, in_list: bool) {
        if in_list {
            self.put(" ");
        } else {
            self.newline();
        }
    }

    fn scalar(&mut self, value: &Value, indent: usize, key: bool) {
        match value {
            Value::Null => self.put("null"),
            Value::Bool(flag) => self.put(if *flag { "true" } else { "false" }),
            Value::Int(number) => self.put(&number.to_string()),
            Value::Float(number) => self.put(&float(*number)),
            Value::Str(text) => self.text(text, indent, key),
            Value::Seq(_) => self.put("[]"),
            Value::Map(_) => self.put("{}"),
        }
    }

    fn text(&mut self, text: &str, indent: usize, key: bool) {
        let shape = Shape::of(text);
        if text.contains('\n') && shape.block && !key {
            self.literal(text, indent + 2);
        } else if !text.contains('\n') && !scalar::is_plain_text(text) {
            self.double_quoted(text, indent + 2, !key);
        } else if shape.plain && !(key && text.contains('\n')) {
            self.words(text, indent + 2, !key);
        } else if shape.single && !text.contains('\n') {
            self.put("'");
            self.words(&text.replace('\'', "''"), indent + 2, !key);
            self.put("'");
        } else {
            self.double_quoted(text, indent + 2, !key);
        }
    }

    /// Plain or single-quoted text: a single space beyond the width becomes a line break.
    fn words(&mut self, text: &str, indent: usize, fold: bool) {
        let chars: Vec<char> = text.chars().collect();
        let space = |at: usize| chars.get(at) == Some(&' ');
        for (at, c) in chars.iter().enumerate() {
            let inner = at > 0 && at + 1 < chars.len();
            let alone = space(at) && !space(at + 1) && (at == 0 || !space(at - 1));
            if fold && alone && inner && self.column > WIDTH {
                self.newline();
                self.indent(indent);
            } else {
                self.out.push(*c);
                self.column += 1;
            }
        }
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.put("|");
        if text.starts_with([' ', '\n']) {
            self.put("2");
        }
        if !text.ends_with('\n') {
            self.put("-");
        } else if text.ends_with("\n\n") || text == "\n" {
            self.put("+");
        }
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            self.newline();
            if !line.is_empty() {
                self.indent(indent);
                self.put(line);
            }
        }
        self.newline();
    }

    fn double_quoted(&mut self, text: &str, indent: usize, fold: bool) {
        self.put("\"");
        let chars: Vec<char> = text.chars().collect();
        let mut after_space = false;
        for (at, &c) in chars.iter().enumerate() {
            if is_printable(c) && !matches!(c, '"' | '\\' | '\u{feff}') {
                let inner = at > 0 && at + 1 < chars.len();
                if c == ' ' && fold && !after_space && inner && self.column > WIDTH {
                    self.newline();
                    self.indent(indent);
                    if chars.get(at + 1) == Some(&' ') {
                        self.put("\\");
                    }
                } else {
                    self.out.push(c);
                    self.column += 1;
                }
                after_space = c == ' ';
            } else {
                let escape = escape(c);
                self.put(&escape);
                after_space = false;
            }
        }
        self.put("\"");
    }
}

fn escape(c: char) -> String {
    let short = match c {
        '\0' => "\\0",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{b}' => "\\v",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        '\u{1b}' => "\\e",
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{85}' => "\\N",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        _ => "",
    };
    if !short.is_empty() {
        return short.to_owned();
    }
    let mut out = String::new();
    let code = u32::from(c);
    let _ = match code {
        0..=0xff => write!(out, "\\x{code:02X}"),
        0x100..=0xffff => write!(out, "\\u{code:04X}"),
        _ => write!(out, "\\U{code:08X}"),
    };
    out
}

/// What go-yaml writes as it is; text beyond the basic plane is escaped.
fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && !matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}')
}

/// Which styles a text allows (`yaml_emitter_analyze_scalar`).
struct Shape {
    plain: bool,
    single: bool,
    block: bool,
}

impl Shape {
    fn of(text: &str) -> Shape {
        let chars: Vec<char> = text.chars().collect();
        let at = |i: usize| chars.get(i).copied();
        let blank = |c: Option<char>| c.is_none_or(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
        let special = chars.iter().any(|c| !is_printable(*c) && *c != '\n');
        let pair = |a: char, b: char| chars.windows(2).any(|w| w[0] == a && w[1] == b);
        let edge = |c: char| chars.first() == Some(&c) || chars.last() == Some(&c);
        let first = at(0).is_some_and(|c| match c {
            '?' | ':' | '-' => blank(at(1)),
            c => "#,[]{}&*!|>'\"%@`".contains(c),
        });
        let inner = (1..chars.len()).any(|i| match chars[i] {
            ':' => blank(at(i + 1)),
            '#' => blank(at(i - 1)),
            _ => false,
        });
        let marker = text.starts_with("---") || text.starts_with("...");
        let space_break = pair(' ', '\n') || special;
        Shape {
            plain: !(first || inner || marker || edge(' ') || text.contains('\n') || space_break),
            single: !(pair('\n', ' ') || space_break),
            block: !(text.ends_with(' ') || space_break),
        }
    }
}

/// Go's `'g'` format with as few digits as bring the number back.
pub(crate) fn float(number: f64) -> String {
    if number.is_nan() {
        return ".nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..21).contains(&exponent) {
        return number.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// go-yaml's order of keys: letters after everything else, runs of digits by their value.
fn natural_order(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    for (i, (&x, &y)) in a.iter().zip(&b).enumerate() {
        if x == y {
            continue;
        }
        if x.is_alphabetic() || y.is_alphabetic() {
            return match (x.is_alphabetic(), y.is_alphabetic()) {
                (true, true) => x.cmp(&y),
                (true, false) => Ordering::Greater,
                _ => Ordering::Less,
            };
        }
        let run = |s: &[char]| -> (usize, u64) {
            let digits: Vec<_> = s[i..].iter().map_while(|c| c.to_digit(10)).collect();
            let value = digits
                .iter()
                .fold(0_u64, |n, d| n.wrapping_mul(10).wrapping_add(u64::from(*d)));
            (digits.len(), value)
        };
        let ((x_len, x_value), (y_len, y_value)) = (run(&a), run(&b));
        return x_value
            .cmp(&y_value)
            .then(x_len.cmp(&y_len))
            .then(x.cmp(&y));
    }
    a.len().cmp(&b.len())
}
