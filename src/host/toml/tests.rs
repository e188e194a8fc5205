//! What TOML is, and what is none.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// A document in one line, so that a whole one can be compared.
fn shown(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::Other(word) => word.clone(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(shown).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Table(table) => {
            let items = table
                .iter()
                .map(|(key, value)| format!("{key}: {}", shown(value)));
            format!("{{{}}}", items.collect::<Vec<_>>().join(", "))
        }
    }
}

fn one(text: &str) -> String {
    match read(text) {
        Ok(table) => shown(&Value::Table(table)),
        Err(error) => error.to_string(),
    }
}

#[test]
fn structure() {
    let text = "\u{feff}# a comment\r\nversion = 2 # two\r\n\n[a.\"b.c\" . 'd e']\n x=true\ny . z = false\n[a]\nlist = [ 1, # one\n  [\"x\", 'y'],\n]\n[[t]]\nn = 1.5e3\n[t.u]\nv = 1979-05-27T07:32:00Z\n[[t]]\n[t.u]\nv = { p = {}, q.r = -inf }\n";
    assert_eq!(
        one(text),
        "{a: {b.c: {d e: {x: true, y: {z: false}}}, list: [1, [\"x\", \"y\"]]}, \
         t: [{n: 1.5e3, u: {v: 1979-05-27T07:32:00Z}}, {u: {v: {p: {}, q: {r: -inf}}}}], version: 2}"
    );
    assert_eq!(one(""), "{}");
}

#[test]
fn strings() {
    let text = "a = \"\\t\\u00e9\\U0001F600 \\\" \\\\\"\nb = 'C:\\n'\nc = \"\"\"\none\\\n   two\n\"three\"\"\"\"\nd = '''\n\\n''''\ne = \"\"\n";
    assert_eq!(
        one(text),
        "{a: \"\\té😀 \\\" \\\\\", b: \"C:\\\\n\", c: \"onetwo\\n\\\"three\\\"\", d: \"\\\\n'\", e: \"\"}"
    );
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    for (text, told) in [
        ("a = 1\nb", "line 2: `=` is needed here"),
        ("a =", "line 1: this is no value"),
        ("a = yes", "line 1: this is no value"),
        (
            "a = 1 b = 2",
            "line 1: `the end of the line` is needed here",
        ),
        ("a = [1\nb = 2", "line 2: `]` is needed here"),
        ("\n[a\n", "line 2: `]` is needed here"),
        ("= 1", "line 1: `a key` is needed here"),
        ("a = \"x\ny\"", "line 2: the string does not end"),
        ("a = 'x\ny'", "line 1: the string does not end"),
        ("a = '''x", "line 1: the string does not end"),
        ("a = \"\\x41\"", "line 1: `\\x` is no escape"),
        ("a = \"\\ud800\"", "line 1: `\\u` is no escape"),
        ("a = \"\\u+041\"", "line 1: `\\u` is no escape"),
        ("a = 1\na = 2", "line 2: `a` comes twice"),
        ("a.b = 1\na.b.c = 2", "line 2: `b` comes twice"),
        ("[a]\n[b]\n[a]", "line 3: `a` comes twice"),
        ("a = 1\n[a]", "line 2: `a` comes twice"),
        ("[a]\n[[a]]", "line 2: `a` comes twice"),
        ("a = {b = 1,}", "line 1: `a key` is needed here"),
        ("a = {b = 1\n}", "line 1: `}` is needed here"),
    ] {
        assert_eq!(one(text), told, "{text:?}");
    }
}

#[test]
fn what_is_nested_too_deep_is_told_whatever_nests_it() {
    let told = "line 1: tables and arrays are nested deeper than 32 levels";
    let keys = |count| vec!["a"; count].join(".");
    for deep in [
        format!("a = {}", "[".repeat(100_000)),
        format!("{} = 1", keys(100_000)),
        format!("[{}]", keys(100_000)),
        format!("a = {{{} = 1}}", keys(32)),
    ] {
        assert_eq!(one(&deep), told);
    }
    let below = format!("[{0}]\n{0} = 1", keys(17));
    assert_eq!(one(&below), told.replace('1', "2"));
    let whole = format!("[{0}]\n{0} = 1", keys(16));
    assert_eq!(
        one(&whole),
        format!("{}1{}", "{a: ".repeat(32), "}".repeat(32))
    );
}

proptest! {
    #[test]
    fn any_text_is_a_table_or_an_error_in_one_of_its_lines(words in vec(select(WORDS), 0..40), text: String) {
        for text in [words.concat(), text] {
            if let Err(error) = read(&text) {
                let lines = text.matches('\n').count() + 1;
                prop_assert!((1..=lines).contains(&error.line), "{text:?}");
            }
        }
    }
}

/// What TOML is made of, some of it of more than one byte.
const WORDS: &[&str] = &[
    "a",
    "é",
    "\u{feff}",
    "1",
    "true",
    "=",
    " = ",
    ".",
    ",",
    "\n",
    "\r\n",
    "\r",
    " ",
    "#",
    "\\",
    "\\u00e9",
    "\\U0001F600",
    "\"",
    "\"\"\"",
    "'",
    "'''",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "a = ",
];

/// In debug builds each took minutes while it was quadratic.
#[test]
fn a_full_file_of_any_shape_is_read() {
    let headers: Vec<_> = (0..60_000).map(|n| format!("[a{n}]\n")).collect();
    let many = headers.concat() + &"[[b]]\n".repeat(60_000);
    assert_eq!(read(&many).unwrap().len(), 60_001);
    let long = format!("[{}]\n", "a".repeat(400_000));
    let below: Vec<_> = (0..60_000).map(|n| format!("a{n}=1\n")).collect();
    let table = read(&(long + &below.concat())).unwrap();
    let below = table.values().next().and_then(Value::as_table);
    assert_eq!(below.unwrap().len(), 60_000);
}
