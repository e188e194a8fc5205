//! What holds for any file, value and word.

use super::state_machine;
use kubelet_unit::envfile::{
    Environment, ExecWord, Parsed, Rejected, expand, is_valid_name, parse, quote, split,
};
use proptest::prelude::*;

/// What the parser looks at, and something to look past.
#[rustfmt::skip]
const TOKENS: &[&[u8]] = &[
    b"A", b"KUBELET_EXTRA_ARGS", b"=", b"=", b"=", b"--v=2", b"export ", b"#", b";", b"'", b"'",
    b"\"", b"\"", b"\\", b"\\", b"\n", b"\n", b"\r", b" ", b"\t", b"$", b"`", b"x", b"\xc3", b"\xa9",
    "é".as_bytes(), "\u{feff}".as_bytes(), "\u{fffe}".as_bytes(), b"\0",
];

/// Files made of tokens, where random bytes would seldom be an assignment.
pub fn files() -> impl Strategy<Value = Vec<u8>> {
    let token = prop::sample::select(TOKENS);
    // NUL and bad UTF-8 reject the whole file, so most files go without.
    let plain = token
        .clone()
        .prop_filter("plain", |token| token.is_ascii() && *token != b"\0");
    let some = |token: BoxedStrategy<&'static [u8]>| {
        prop::collection::vec(token, 0..60).prop_map(|tokens| tokens.concat())
    };
    prop_oneof![
        4 => some(plain.boxed()),
        2 => some(token.boxed()),
        1 => prop::collection::vec(any::<u8>(), 0..200),
    ]
}

/// Text that a variable can hold, with many of the characters that matter.
fn texts() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        prop::sample::select(
            &[
                '\'', '"', '\\', '$', '`', ' ', '\t', '\n', '\r', '#', '=', '%'
            ][..]
        ),
        any::<char>(),
    ]
    .prop_filter("can stand in a variable", |&c| {
        quote::value(&c.to_string()).is_ok()
    });
    prop::collection::vec(character, 0..40).prop_map(|characters| characters.into_iter().collect())
}

/// A value that may be anything but NUL.
fn values() -> impl Strategy<Value = String> {
    prop_oneof![texts(), r#"[ \t\r\n'"\\abé]{0,30}"#]
}

/// Whether systemd's `utf8_is_valid` accepts `bytes`, by its own arithmetic.
fn is_utf8(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    text.chars()
        .map(u32::from)
        .all(|c| !(0xfdd0..=0xfdef).contains(&c) && c & 0xfffe != 0xfffe)
}

fn check_places(file: &Parsed<'_>) -> Result<(), TestCaseError> {
    let content = file.content();
    let lines = file.lines();
    let mut end = 0;
    for assignment in &file.assignments {
        let span = assignment.span.clone();
        prop_assert!(end <= span.start && span.start < span.end && span.end <= content.len());
        prop_assert_eq!(lines.position(span.start), assignment.at);
        prop_assert!(content[span.clone()].starts_with(assignment.name.as_bytes()));
        end = span.end;
    }
    let mut start = 0;
    for finding in &file.findings {
        let span = finding.span.clone();
        prop_assert!(start <= span.start && span.start < span.end && span.end <= content.len());
        prop_assert_eq!(lines.position(span.start), finding.at);
        start = span.start;
    }
    Ok(())
}

fn check_traces(file: &Parsed<'_>) -> Result<(), TestCaseError> {
    for assignment in &file.assignments {
        let trace = file.trace(assignment);
        prop_assert_eq!(trace.len(), assignment.value.len());
        prop_assert_eq!(trace.source(trace.len()), None);
        let mut before = assignment.span.start;
        for (offset, byte) in assignment.value.bytes().enumerate() {
            let source = trace.source(offset).unwrap();
            prop_assert!(before < source && source < assignment.span.end);
            prop_assert_eq!(file.content()[source], byte);
            before = source;
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

    /// The same assignments as systemd's own state machine, or a rejection
    /// exactly where it has a reason for one.
    #[test]
    fn any_file_reads_as_the_state_machine_reads_it(content in files()) {
        let all = state_machine::assignments(&content);
        let text = all.iter().all(|(name, value)| is_utf8(name) && is_utf8(value));
        match parse(&content) {
            Err(Rejected::Nul { .. }) => prop_assert!(content.contains(&0)),
            Err(Rejected::NotUtf8 { .. }) => prop_assert!(!content.contains(&0) && !text),
            Err(other) => prop_assert!(false, "{other}"),
            Ok(file) => {
                prop_assert!(!content.contains(&0) && text);
                let kept: Vec<_> = file
                    .assignments
                    .iter()
                    .map(|a| (a.name.as_bytes().to_vec(), a.value.as_bytes().to_vec()))
                    .collect();
                let valid = |name: &[u8]| std::str::from_utf8(name).is_ok_and(is_valid_name);
                let expected: Vec<_> = all.into_iter().filter(|(name, _)| valid(name)).collect();
                prop_assert_eq!(kept, expected);
                check_places(&file)?;
                check_traces(&file)?;
            }
        }
    }

    /// What is dropped is exactly what is reported: every line that is no
    /// comment and no part of an assignment has a finding.
    #[test]
    fn nothing_is_dropped_in_silence(content in files()) {
        let Ok(file) = parse(&content) else { return Ok(()) };
        let mut covered = vec![false; content.len()];
        let kept = file.assignments.iter().map(|a| a.span.clone());
        let dropped = file.findings.iter().filter(|f| f.cause.drops_line()).map(|f| f.span.clone());
        for span in kept.chain(dropped) {
            for byte in &mut covered[span] {
                prop_assert!(!*byte, "a byte is both kept and dropped");
                *byte = true;
            }
        }
        let mut at = 0;
        while at < content.len() {
            if covered[at] || b" \t\r\n".contains(&content[at]) {
                at += 1;
                continue;
            }
            prop_assert!(b"#;".contains(&content[at]), "byte {} is unaccounted for", at);
            at += content[at..].iter().position(|b| b"\r\n".contains(b)).unwrap_or(content.len() - at);
        }
    }

    #[test]
    fn any_value_splits_as_the_state_machine_splits_it(value in values()) {
        let words = split(&value);
        let texts: Vec<_> = words.iter().map(|word| word.text.as_bytes().to_vec()).collect();
        prop_assert_eq!(texts, state_machine::words(value.as_bytes()));
        let mut end = 0;
        for word in words {
            prop_assert!(end <= word.span.start && word.span.start < word.span.end);
            end = word.span.end;
        }
        prop_assert!(end <= value.len());
    }

    #[test]
    fn a_quoted_value_reads_back(value in texts(), rest in "[ \t]{0,2}(\r\n|\n|)") {
        let content = format!("A={}{rest}", quote::value(&value).unwrap());
        let file = parse(content.as_bytes()).unwrap();
        prop_assert_eq!(file.assignments.len(), 1);
        prop_assert_eq!(&file.assignments[0].value, &value);
        prop_assert!(file.findings.is_empty());
    }

    #[test]
    fn quoted_words_read_back_through_a_file(words in prop::collection::vec(texts(), 0..6)) {
        let value = quote::words(words.iter().map(String::as_str)).unwrap();
        let content = format!("A={}\n", quote::value(&value).unwrap());
        let file = parse(content.as_bytes()).unwrap();
        let environment = Environment::merge([], [&file]);
        let arguments = expand(&[ExecWord::parse("$A")], &environment);
        let texts: Vec<_> = arguments.iter().map(|argument| argument.text.as_ref()).collect();
        prop_assert_eq!(texts, words);
    }

    /// `Environment=` is one line of printable text, and the value as it is
    /// stands in it when nothing in the value needs care.
    #[test]
    fn an_assignment_for_a_unit_is_one_line(value in texts()) {
        let written = quote::environment("A", &value).unwrap();
        prop_assert!(!written.chars().any(|c| c.is_ascii_control()), "{written:?}");
    }

    #[test]
    fn any_exec_word_expands(word in "[${}:aA é]{0,20}", value in values()) {
        let environment = Environment::merge([("A", value.as_str())], []);
        let words = [ExecWord::parse(&word)];
        let count = expand(&words, &environment).len();
        let expected = match &words[0] {
            ExecWord::Split("A") => split(&value).len(),
            ExecWord::Split(_) => 0,
            ExecWord::Joined(_) => 1,
        };
        prop_assert_eq!(count, expected);
    }
}
