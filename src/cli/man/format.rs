//! Pages of section 5: what files of ours can say, from the tables that their schemas come
//! from.

use crate::fleet::schema as nodes;
use crate::service::Resource;
use crate::spec::KUBELET;
use crate::spec::schema::{self as spec, Key, Shape};

/// A format of files.
pub(in crate::cli) struct Page {
    /// The command that prints such a file.
    pub(in crate::cli) command: &'static str,
    title: &'static str,
    /// What there is to say before the keys, a paragraph each.
    about: &'static [&'static str],
    keys: fn() -> &'static [Key],
    example: &'static str,
    used_by: &'static [&'static str],
}

/// The formats that have a page.
pub(in crate::cli) const PAGES: &[Page] = &[
    Page {
        command: "spec",
        title: "a service, as kubelet-unit reads it",
        about: &[
            "A spec describes a service in YAML. `kubelet-unit spec` prints that of the kubelet, with \
             comments, and `kubelet-unit render --spec FILE` renders one. It has at most 16 KiB.",
            "Either `extends` has to be there, or `name`, `description` and `program`. What else is left \
             out has its default. Names in parentheses are those of systemd's directives, whose meaning a \
             key has.",
        ],
        keys: spec::keys,
        example: KUBELET,
        used_by: &["render", "install", "import"],
    },
    Page {
        command: "nodes",
        title: "an inventory of nodes, as kubelet-unit reads it",
        about: &[
            "An inventory is a YAML list of nodes, or a YAML document for each node. `kubelet-unit nodes` \
             prints one, with comments; `kubelet-unit render --nodes FILE` renders every node, and \
             `kubelet-unit check --nodes FILE` compares trees with it.",
            "What a node leaves out is taken from the options of the command; those are named in \
             parentheses. Each node is read by itself, and has at most 16 KiB: no node sees the anchors of \
             another. No two nodes have the same name.",
        ],
        keys: nodes::keys,
        example: nodes::SAMPLE,
        used_by: &["render", "check"],
    },
];

impl Page {
    /// The one of that command.
    pub(super) fn find(command: &str) -> Option<&'static Self> {
        PAGES.iter().find(|page| page.command == command)
    }

    /// What its file is called, short of the section.
    pub(super) fn name(&self) -> String {
        format!("kubelet-unit-{}", self.command)
    }

    /// Its text.
    pub(super) fn text(&self) -> String {
        let name = self.name();
        let mut text = format!(
            ".TH {name} 5 \"\" \"kubelet-unit {}\"\n.SH NAME\n{} \\- {}\n.SH DESCRIPTION\n",
            env!("CARGO_PKG_VERSION"),
            escaped(&name),
            escaped(self.title)
        );
        let paragraphs: Vec<_> = self.about.iter().map(|it| in_bold(it) + "\n").collect();
        text += &paragraphs.join(".PP\n");
        text += ".SH KEYS\n";
        add_keys(&mut text, "", (self.keys)());
        text.extend([".SH EXAMPLE\n.nf\n", &escaped(self.example), ".fi\n"]);
        let commands = self.used_by.iter().map(|it| format!("kubelet-unit-{it}"));
        let pages = std::iter::once(name).chain(commands);
        let pages = pages.map(|page| format!("\\fB{}\\fR(1)", escaped(&page)));
        let pages: Vec<_> = pages.collect();
        text.extend([".SH SEE ALSO\n", &pages.join(", "), "\n"]);
        text
    }
}

/// Adds keys below a path, each with what it is for, what it takes and an example.
fn add_keys(text: &mut String, path: &str, keys: &[Key]) {
    for key in keys {
        let name = format!("{path}{}", key.name);
        let (takes, inner) = of_shape(&key.shape);
        *text += &entry(&name, key.about, &takes);
        let examples: Vec<_> = key.examples.iter().map(|it| bold(it)).collect();
        let noun = if examples.len() == 1 {
            "Example"
        } else {
            "Examples"
        };
        text.extend([".br\n", noun, ": ", &examples.join(", "), "\n"]);
        match inner {
            Inner::Keys(keys) => add_keys(text, &format!("{name}."), keys),
            Inner::Items(keys) => add_keys(text, &format!("{name}[]."), keys),
            Inner::Limits => add_limits(text, &name),
            Inner::None => {}
        }
    }
}

fn add_limits(text: &mut String, path: &str) {
    for limit in Resource::ALL {
        let about = format!("{} ({}=)", limit.about(), limit.directive());
        *text += &entry(&format!("{path}.{}", limit.key()), &about, "");
    }
    let name = format!("{path}.oomScoreAdjust");
    *text += &entry(
        &name,
        spec::OOM_SCORE,
        &of_shape(&Shape::Number(-1000, 1000)).0,
    );
}

fn entry(name: &str, about: &str, takes: &str) -> String {
    let takes = if takes.is_empty() {
        String::new()
    } else {
        format!(" {takes}.")
    };
    format!(".TP\n{}\n{}.{takes}\n", bold(name), in_bold(about))
}

/// What a mapping has below it.
enum Inner {
    None,
    Keys(&'static [Key]),
    Items(&'static [Key]),
    Limits,
}

/// What a value may be, in words, and the keys in it.
fn of_shape(shape: &Shape) -> (String, Inner) {
    let words = match shape {
        Shape::Text(_) | Shape::Any => "A text",
        Shape::Words(words) => {
            let words: Vec<_> = words.iter().map(|word| bold(word)).collect();
            return (format!("One of {}", words.join(", ")), Inner::None);
        }
        Shape::Number(least, most) | Shape::Plain(least, most) => {
            return (
                format!("A whole number, {} to {most}", escaped(&least.to_string())),
                Inner::None,
            );
        }
        Shape::NumberOr(_) => "A number or a text",
        Shape::Release(_) => "A release, with quotes or without",
        Shape::Bool => "\\fBtrue\\fR or \\fBfalse\\fR",
        Shape::List(Shape::Keys(_, keys)) => {
            return ("A list of mappings".into(), Inner::Items(keys));
        }
        Shape::List(Shape::Capability) => "A list of names of capabilities",
        Shape::List(Shape::List(_)) => "A list of commands, each a list of its words",
        Shape::List(_) => "A list of texts",
        Shape::Keys(_, keys) => return ("A mapping".into(), Inner::Keys(keys)),
        Shape::Variables => "A mapping of names to texts",
        Shape::Limits => return ("A mapping".into(), Inner::Limits),
        Shape::Capability => "The name of a capability",
        Shape::WordsOr(words, other) => {
            let (words, _) = of_shape(&Shape::Words(words));
            let (other, inner) = of_shape(other);
            return (format!("{words}. {other}"), inner);
        }
        Shape::SignalOr(_, other) => {
            let (other, inner) = of_shape(other);
            return (format!("The name of a signal. {other}"), inner);
        }
    };
    (words.into(), Inner::None)
}

fn bold(text: &str) -> String {
    format!("\\fB{}\\fR", escaped(text))
}

/// What stands in backticks becomes bold.
fn in_bold(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(at, part)| match at % 2 {
        0 => escaped(part),
        _ => bold(part),
    });
    parts.collect()
}

/// Text as roff takes it for text: no character of it is a command or changes on the way.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut starts = true;
    for c in text.chars() {
        if starts && c == '.' {
            escaped.push_str("\\&");
        }
        starts = c == '\n';
        match c {
            '\\' => escaped.push_str("\\e"),
            '-' => escaped.push_str("\\-"),
            '\'' => escaped.push_str("\\(aq"),
            '`' => escaped.push_str("\\(ga"),
            '~' => escaped.push_str("\\(ti"),
            '^' => escaped.push_str("\\(ha"),
            c => escaped.push(c),
        }
    }
    escaped
}
