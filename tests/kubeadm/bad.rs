//! Bad configurations: each gets an error that names the document, the field, the line and what would be right.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use kubelet_unit::kubeadm::{Action, Error, Host, Plan, Request, Stream, Version, yaml};

fn refuse(version: Version, words: &[&str], config: &str) -> String {
    let host = Host {
        hostname: "node1".to_owned(),
        ..Host::default()
    };
    let stream = Stream::from(config);
    let request = Request {
        config: Some(&stream),
        action: words.contains(&"join").then_some(Action::Join),
        as_kubeadm: words.contains(&"as-kubeadm"),
        ..Request::new(version, &host)
    };
    let outcome = Plan::new(request).and_then(|plan| plan.config());
    match outcome {
        Ok(_) => "not refused\n".to_owned(),
        Err(error) => show(&error),
    }
}

fn show(error: &Error) -> String {
    let mut out = format!("{error}\n");
    if let Some(hint) = error.hint() {
        let _ = writeln!(out, "hint: {hint}");
    }
    out
}

/// Each file's first line says whose behaviour is asked for: `# kubeadm 1.36 join as-kubeadm`.
#[test]
fn bad_configurations_are_refused_with_their_place() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/kubeadm/bad");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut out = String::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let (first, rest) = text.split_once('\n').unwrap();
        let mut words = first.split_whitespace().skip(2);
        let version = Version::parse(words.next().unwrap()).unwrap();
        let words: Vec<_> = words.collect();
        let text = if rest.is_empty() { rest } else { &text };
        let name = file.file_stem().unwrap().to_str().unwrap();
        let _ = write!(out, "{name}\n{}\n", refuse(version, &words, text));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn texts_beyond_the_limits_are_refused() {
    let refuse = |text: &str| refuse(Version::NEWEST, &[], text);
    let large = "#".repeat(yaml::MAX_BYTES + 1);
    assert_eq!(
        refuse(&large),
        "kubeadm configuration: it has 262145 bytes, and at most 262144 are read\n\
         hint: a kubeadm configuration with every field has about 20 KiB\n"
    );
    for deep in [
        "[".repeat(10_000),
        "- ".repeat(10_000),
        "? ".repeat(10_000),
        "a: {".repeat(10_000),
    ] {
        let error = refuse(&deep);
        assert!(
            error.contains(": nested more than 64 levels deep\nhint: "),
            "{error}"
        );
    }
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..12 {
        let aliases = vec![format!("*a{}", i - 1); 9].join(", ");
        let _ = writeln!(laughs, "a{i}: &a{i} [{aliases}]");
    }
    let error = refuse(&laughs);
    assert!(
        error.ends_with(": more than 50000 values once aliases are written out\n"),
        "{error}"
    );
}
