//! What the kubelet makes of its file and its command line: a flag beats the field of the same setting.
//!
//! Pure: a configuration and arguments in, the configuration that counts out. A value that is not of the setting's
//! kind stays text; the kubelet will refuse it.

use super::gotext;
use super::model::Argument;
use super::warning::Warning;
use super::yaml::{Map, Node, Value};
use crate::kubelet::flags::normalize;
use crate::kubelet::settings::{Kind, Setting, setting};

/// A setting that the command line sets.
struct Given {
    setting: &'static Setting,
    /// What is written there, as one text.
    text: String,
    value: Node,
}

/// The settings that arguments set, each once, with what counts of it.
fn given(arguments: &[Argument]) -> Vec<Given> {
    let mut all: Vec<(&'static Setting, Vec<&str>)> = Vec::new();
    for argument in arguments {
        let Some(setting) = setting(&normalize(&argument.name)) else {
            continue;
        };
        match all.iter_mut().find(|(known, _)| *known == setting) {
            Some((_, texts)) => texts.push(&argument.value),
            None => all.push((setting, vec![&argument.value])),
        }
    }
    all.into_iter()
        .map(|(setting, texts)| {
            let adds_up = matches!(setting.kind, Kind::List | Kind::Pairs | Kind::Gates);
            let last = texts.last().copied().unwrap_or_default();
            let text = match adds_up {
                true => texts.join(","),
                false => last.to_owned(),
            };
            let value = value(setting.kind, &text);
            Given {
                setting,
                text,
                value,
            }
        })
        .collect()
}

fn value(kind: Kind, text: &str) -> Node {
    let items = || {
        text.split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
    };
    match kind {
        Kind::Text => text.into(),
        Kind::Bool => boolean(text).map_or_else(|| text.into(), Node::from),
        Kind::Number => text
            .parse::<i128>()
            .map_or_else(|_| text.into(), Node::from),
        Kind::Duration => gotext::parse_duration(text).map_or_else(
            || text.into(),
            |it| gotext::format_duration(it).as_str().into(),
        ),
        Kind::List => items().map(Node::from).collect::<Vec<_>>().into(),
        Kind::Pairs | Kind::Gates => {
            let mut map = Map::default();
            for item in items() {
                let (key, value) = item.split_once(['=', '<']).unwrap_or((item, ""));
                let gate = boolean(value).filter(|_| kind == Kind::Gates);
                map.set(key.trim(), gate.map_or_else(|| value.into(), Node::from));
            }
            map.into()
        }
    }
}

/// What Go's `strconv.ParseBool` takes.
fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// The value at a path of fields.
pub fn at<'m>(map: &'m Map, field: &str) -> Option<&'m Node> {
    match field.split_once('.') {
        None => map.get(field),
        Some((outer, rest)) => at(map.get(outer)?.as_map()?, rest),
    }
}

fn set_at(map: &mut Map, field: &str, value: Node) {
    let Some((outer, rest)) = field.split_once('.') else {
        map.set(field, value);
        return;
    };
    if map.get(outer).and_then(Node::as_map).is_none() {
        map.set(outer, Map::default());
    }
    if let Some(Value::Map(inner)) = map.get_mut(outer).map(|node| &mut node.value) {
        set_at(inner, rest, value);
    }
}

/// The configuration that counts: the file's, with the flags over it.
pub fn effective(config: &Map, arguments: &[Argument]) -> Map {
    let mut out = config.clone();
    for given in given(arguments) {
        let field = given.setting.field;
        let merged = match (given.setting.kind, &given.value.value) {
            (Kind::Gates, Value::Map(gates)) => {
                let mut all = at(&out, field)
                    .and_then(Node::as_map)
                    .cloned()
                    .unwrap_or_default();
                for (name, gate) in gates.iter() {
                    all.set(name, gate.node.clone());
                }
                all.into()
            }
            _ => given.value,
        };
        set_at(&mut out, field, merged);
    }
    out
}

/// A field that a flag makes another value of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overridden {
    /// The flag, without dashes.
    pub flag: &'static str,
    /// Its value, on one line.
    pub value: String,
    /// The path of the field.
    pub field: &'static str,
    /// The field's value, on one line.
    pub found: String,
}

/// The fields of a configuration that have no effect, since a flag of the same setting has another value.
pub fn overridden(config: &Map, arguments: &[Argument]) -> Vec<Overridden> {
    let given = given(arguments);
    let differing = given.iter().filter_map(|given| {
        let written = at(config, given.setting.field)?;
        (!given.is_as(written)).then(|| given.beats(written))
    });
    differing.collect()
}

impl Given {
    /// Whether the field has the same value.
    fn is_as(&self, written: &Node) -> bool {
        if self.setting.kind != Kind::Gates {
            return written.value == self.value.value;
        }
        // The field's other gates stay.
        let (own, file) = (self.value.as_map(), written.as_map());
        own.zip(file).is_none_or(|(own, file)| {
            let mut gates = own.iter();
            gates.all(|(name, gate)| file.get(name).is_none_or(|it| it.value == gate.node.value))
        })
    }

    fn beats(&self, written: &Node) -> Overridden {
        Overridden {
            flag: self.setting.flag,
            value: self.text.clone(),
            field: self.setting.field,
            found: brief(written),
        }
    }
}

/// Judges warnings about fields again where a flag decides: what the flag puts right goes, and a flag that makes
/// another value of a field is told.
pub fn judge(config: &Map, arguments: &[Argument], warnings: &mut Vec<Warning>) {
    for given in given(arguments) {
        let field = given.setting.field;
        let Some(written) = at(config, field).filter(|written| !given.is_as(written)) else {
            continue;
        };
        let unusual = warnings.iter().position(
            |warning| matches!(warning, Warning::UnusualValue { field: it, .. } if *it == field),
        );
        let usual = unusual.map(|index| warnings.remove(index));
        let is_usual = matches!(usual, Some(Warning::UnusualValue { usual, .. }) if brief(&given.value) == usual);
        if !is_usual {
            let Overridden {
                flag,
                value,
                field,
                found,
            } = given.beats(written);
            warnings.push(Warning::FlagWins {
                flag,
                value,
                field,
                found,
            });
        }
    }
}

/// A value on one line.
fn brief(node: &Node) -> String {
    match &node.value {
        Value::Seq(items) => items.iter().map(brief).collect::<Vec<_>>().join(","),
        Value::Map(map) => map
            .iter()
            .map(|(key, entry)| format!("{key}={}", brief(&entry.node)))
            .collect::<Vec<_>>()
            .join(","),
        _ => super::yaml::write(node).trim_end().to_owned(),
    }
}
