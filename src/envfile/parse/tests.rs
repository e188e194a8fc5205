//! Files and what systemd makes of them, the lines that it drops included.

use super::*;

fn parsed(content: &str) -> Parsed<'_> {
    parse(content.as_bytes()).unwrap()
}

/// Names and values that count.
fn pairs<'a>(file: &'a Parsed<'_>) -> Vec<(&'a str, &'a str)> {
    file.assignments
        .iter()
        .map(|a| (a.name, a.value.as_ref()))
        .collect()
}

/// `line:column` and cause of every finding.
fn findings(content: &str) -> Vec<String> {
    let findings = parsed(content).findings;
    findings
        .iter()
        .map(|finding| format!("{} {}", finding.at, finding.cause))
        .collect()
}

#[test]
fn a_name_begins_after_whitespace_and_ends_before_it() {
    assert_eq!(
        pairs(&parsed(" \t\r\n A \t= 1\n\n\tB=2")),
        [("A", "1"), ("B", "2")]
    );
    let file = parsed("# c\n  A  = 'x\ny' \nB=1");
    let places: Vec<_> = file
        .assignments
        .iter()
        .map(|a| (a.at, a.span.clone()))
        .collect();
    assert_eq!(
        places,
        [
            (Position { line: 2, column: 3 }, 6..17),
            (Position { line: 4, column: 1 }, 18..21)
        ]
    );
}

#[test]
fn a_comment_ends_at_newline_whatever_stands_before_it() {
    let file = parsed("# A=1\n;B=2\r C=3\n#\\\nD=4\n  # E=5");
    assert_eq!(pairs(&file), [("C", "3"), ("D", "4")]);
    assert_eq!(
        findings("#\\\n# \\\\\n#\\"),
        ["1:2 the comment ends in a backslash: systemd 252 and 253 ignore the next line too"]
    );
}

#[test]
fn a_line_without_equals_is_dropped() {
    let file = parsed("--v=2\nfoo\nA=1\nbar");
    assert_eq!(pairs(&file), [("A", "1")]);
    assert_eq!(
        findings("foo \nA=1\rbar"),
        ["1:1 the line has no `=`", "2:5 the line has no `=`"]
    );
}

#[test]
fn an_invalid_name_drops_its_assignment_alone() {
    let content = "\u{feff}A=1\nexport B=2\nC-D=3\n1E=4\n=F=5\n\"G\"=6\nH=7";
    assert_eq!(pairs(&parsed(content)), [("H", "7")]);
    assert_eq!(
        findings(content),
        [
            "1:1 a byte-order mark stands before the name",
            "2:1 `export B` is not a variable name: no shell reads this file",
            "3:1 `C-D` is not a variable name: it holds `-`",
            "4:1 a variable name cannot begin with `1`",
            "5:1 a variable name cannot begin with `=`",
            "6:1 a variable name cannot begin with `\\\"`",
        ]
    );
}

#[test]
fn the_value_of_an_invalid_name_still_spans_lines() {
    let file = parsed("export A='1\nB=2'\nC=3");
    assert_eq!(pairs(&file), [("C", "3")]);
}

#[test]
fn what_the_end_of_the_file_leaves_open_is_found() {
    assert_eq!(
        findings("A=1\nB=\"x\nC=2\n"),
        ["2:3 `\"` is never closed: the rest of the file is part of the value"]
    );
    assert_eq!(
        findings("A=1\\"),
        ["1:4 the backslash at the end of the file is dropped"]
    );
}

#[test]
fn a_comment_sign_behind_a_value_is_found() {
    let content = "A=1 # x\nB=\"1\"  #x # y\nC=a#b\nD='a #b'\nE= #e\n";
    let values = [
        ("A", "1 # x"),
        ("B", "1#x # y"),
        ("C", "a#b"),
        ("D", "a #b"),
        ("E", "#e"),
    ];
    assert_eq!(pairs(&parsed(content)), values);
    let message = "this `#` and what follows are part of the value, not a comment";
    assert_eq!(
        findings(content),
        ["1:5", "2:8", "5:4"].map(|at| format!("{at} {message}"))
    );
}

#[test]
fn a_nul_byte_anywhere_rejects_the_file() {
    assert_eq!(
        parse(b"A=1\n# \0").unwrap_err(),
        Rejected::Nul {
            at: Position { line: 2, column: 3 }
        }
    );
}

#[test]
fn text_that_is_not_utf8_rejects_the_file_if_it_is_in_an_assignment() {
    let message = |content: &[u8]| {
        let rejected = parse(content).unwrap_err();
        format!("{}: {rejected}", rejected.at().unwrap())
    };
    assert_eq!(
        message(b"A=1\nB='x\ny\xff'"),
        "3:2: the value of `B` is not UTF-8"
    );
    assert_eq!(
        message(b"\nexp\xe9 B=1"),
        "2:4: the name of `exp\u{fffd} B` is not UTF-8"
    );
    assert_eq!(
        message("A=\u{ffff}".as_bytes()),
        "1:3: the value of `A` holds U+FFFF, which systemd does not take for UTF-8"
    );
    assert_eq!(
        message(b"A=\xc3\\b\xa9"),
        "1:3: the value of `A` is not UTF-8"
    );
    assert_eq!(
        pairs(&parse(b"# \xff\nfoo \xff\nA=1").unwrap()),
        [("A", "1")]
    );
}

#[test]
fn escapes_are_undone_before_utf8_is_checked() {
    assert_eq!(pairs(&parse(b"A=\xc3\\\xa9").unwrap()), [("A", "é")]);
}

#[test]
fn a_file_of_64_mib_is_too_large() {
    let content = vec![b'\n'; FILE_MAX];
    assert_eq!(
        parse(&content).unwrap_err().to_string(),
        "it has 67108864 bytes, systemd reads less than 67108864"
    );
    assert!(parse(&content[1..]).is_ok());
}

#[test]
fn an_assignment_beyond_the_limit_is_dropped_with_what_it_replaced() {
    let content = format!("A=1\nB=2\nA={}", "x".repeat(ASSIGNMENT_MAX - 1));
    assert_eq!(pairs(&parsed(&content)), [("B", "2")]);
    assert_eq!(
        findings(&content),
        ["3:1 `A` with its value has 2097152 bytes, systemd takes 2097151"]
    );
    assert_eq!(parsed(&content[..content.len() - 1]).assignments.len(), 3);
}

#[test]
fn values_are_borrowed_where_they_are_one_piece() {
    let file = parsed("A=\"one piece\"\nB=\"one\" \"piece\"");
    let borrowed: Vec<_> = file
        .assignments
        .iter()
        .map(|a| matches!(a.value, Cow::Borrowed(_)))
        .collect();
    assert_eq!(borrowed, [true, false]);
}

#[test]
fn a_trace_leads_to_the_line_of_every_byte() {
    let file = parsed("# c\nA=\"-a \\\n-b\n-c\" '-d'\n");
    let assignment = &file.assignments[0];
    let trace = file.trace(assignment);
    assert_eq!(assignment.value, "-a -b\n-c-d");
    let lines = file.lines();
    let line = |word| {
        let offset = assignment.value.find(word).unwrap();
        lines.position(trace.source(offset).unwrap())
    };
    let places = ["-a", "-b", "-c", "-d"].map(|word| line(word).to_string());
    assert_eq!(places, ["2:4", "3:1", "4:1", "4:6"]);
}
