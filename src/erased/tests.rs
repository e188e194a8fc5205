use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

use super::{from_json, read};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Everything {
    yes: bool,
    small: u8,
    signed: i32,
    float: f64,
    letter: char,
    text: String,
    #[serde(default)]
    maybe: Option<Vec<u16>>,
    nothing: (),
    pair: (u8, String),
    table: BTreeMap<String, Kind>,
    either: Either,
    wrapped: Wrapped,
    #[serde(flatten)]
    flat: Flat,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Unit,
    Newtype(String),
    Tuple(u8, u8),
    Fields { a: i8, b: Option<bool> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Either {
    Number(u64),
    Text(String),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped(i64);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    rest: u32,
}

/// A document with one of its lines replaced, in YAML, which is JSON for the other reader.
const LINES: [&str; 13] = [
    r#""yes": true"#,
    r#""small": 255"#,
    r#""signed": -7"#,
    r#""float": 1.5"#,
    r#""letter": "x""#,
    r#""text": "tä\nxt""#,
    r#""maybe": [1, 2]"#,
    r#""nothing": null"#,
    r#""pair": [1, "b"]"#,
    r#""table": {"a": "unit", "b": {"newtype": "n"}, "c": {"tuple": [1, 2]}, "d": {"fields": {"a": -1, "b": null}}}"#,
    r#""either": 18446744073709551615"#,
    r#""wrapped": -9"#,
    r#""rest": 4"#,
];

/// The answer of each format's own way, and of ours.
fn answers<T: DeserializeOwned + std::fmt::Debug>(text: &str) -> [[String; 2]; 2] {
    let own = serde_json::from_str::<T>(text);
    let json = [
        format!("{own:?}"),
        format!("{:?}", from_json::<T>(text.as_bytes())),
    ];
    let own = serde_yaml::from_str::<T>(text);
    let ours = read::<T, _>(serde_yaml::Deserializer::from_str(text));
    [json, [format!("{own:?}"), format!("{ours:?}")]]
}

fn same<T: DeserializeOwned + std::fmt::Debug>(text: &str) {
    for [own, ours] in answers::<T>(text) {
        assert_eq!(own, ours, "{text}");
    }
}

fn document(lines: &[&str]) -> String {
    format!("{{\n{}\n}}", lines.join(",\n"))
}

#[test]
fn every_kind_of_value_is_read() {
    let text = document(&LINES);
    assert!(from_json::<Everything>(text.as_bytes()).is_ok());
    same::<Everything>(&text);
    same::<IgnoredAny>(&text);
    same::<serde_json::Value>(&text);
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_in_the_same_words() {
    let wrong = [
        "1",
        "-1",
        "256",
        "1.5",
        "true",
        "\"text\"",
        "\"xy\"",
        "null",
        "[]",
        "[1, 2, 3]",
        "[1, 70000]",
        "{}",
        "{\"a\": \"other\"}",
        "{\"a\": {\"unit\": 1}}",
        "{\"a\": {\"newtype\": []}}",
        "{\"a\": {\"tuple\": [1]}}",
        "{\"a\": {\"fields\": {\"a\": 300}}}",
        "{\"a\": {\"fields\": {\"b\": true}}}",
        "{\"a\": \"unit\", \"b\": \"newtype\"}",
        "340282366920938463463374607431768211455",
        "-170141183460469231731687303715884105728",
        "1e400",
        "]",
        "\"",
        "",
    ];
    for at in 0..LINES.len() {
        let (key, _) = LINES[at].split_once(": ").unwrap();
        for value in wrong {
            let line = format!("{key}: {value}");
            let mut lines = LINES;
            lines[at] = &line;
            same::<Everything>(&document(&lines));
        }
        let mut without: Vec<_> = LINES.into();
        without.remove(at);
        same::<Everything>(&document(&without));
        without.push("\"other\": 1");
        same::<Everything>(&document(&without));
        let twice = [&LINES[..], &LINES[at..=at]].concat();
        same::<Everything>(&document(&twice));
    }
    same::<Everything>(&(document(&LINES) + " 1"));
    same::<Everything>(&(document(&LINES) + "\n---\na: 1\n"));
    same::<Everything>("");
}

#[test]
fn a_list_is_no_struct() {
    #[derive(Debug, Deserialize)]
    struct Outer {
        #[serde(rename = "inner")]
        _inner: Vec<Flat>,
    }
    // serde derives the reading of a struct from a list of its values.
    assert!(serde_json::from_str::<Outer>("[[[4]]]").is_ok());
    let told = |text: &str| {
        let json = from_json::<Outer>(text.as_bytes()).unwrap_err();
        let yaml = read::<Outer, _>(serde_yaml::Deserializer::from_str(text)).unwrap_err();
        [json.to_string(), yaml.to_string()]
    };
    assert_eq!(
        told("[[[4]]]"),
        [
            "invalid type: sequence, expected struct Outer at line 1 column 1",
            "invalid type: sequence, expected struct Outer",
        ]
    );
    assert_eq!(
        told("{\"inner\": [[4]]}"),
        [
            "invalid type: sequence, expected struct Flat at line 1 column 12",
            "inner[0]: invalid type: sequence, expected struct Flat at line 1 column 12",
        ]
    );
}

proptest! {
    #[test]
    fn any_text_gets_the_same_answer(text in "[-\\[\\]{}:,#&*!|>'\"%@`a-c0-9.~\\n ]{0,40}") {
        same::<serde_json::Value>(&text);
        same::<BTreeMap<String, Either>>(&text);
        same::<Vec<Kind>>(&text);
    }
}
