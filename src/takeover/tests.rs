use super::*;
use crate::envfile::Position;
use crate::shipped::{CommandLine, FoundArgument};

fn line(text: &str) -> CommandLine {
    let words = text.split(' ').enumerate();
    let argument = |(number, word): (usize, &str)| FoundArgument {
        text: word.to_owned(),
        is_known: true,
        path: "/f".into(),
        at: Position {
            line: number,
            column: 1,
        },
        variable: None,
    };
    CommandLine {
        arguments: words.map(argument).collect(),
        ..CommandLine::default()
    }
}

/// What is moved, and what ours adds.
fn settled(theirs: &str, ours: &str) -> Result<(String, String), String> {
    let ours: Vec<_> = ours.split_whitespace().map(str::to_owned).collect();
    match settle(&line(theirs), &ours) {
        Ok(settled) => {
            let moved = settled.moved.iter().map(|it| it.words.join(" "));
            Ok((moved.collect::<Vec<_>>().join(" "), settled.added.join(" ")))
        }
        Err(doubts) => {
            let told = doubts.iter().map(|it| format!("{}: {it}", it.place().1));
            Err(told.collect::<Vec<_>>().join("; "))
        }
    }
}

#[test]
fn what_comes_to_the_same_is_not_moved() {
    for (theirs, ours, moved, added) in [
        ("kubelet --config /c --v=2", "--config=/c", "--v=2", ""),
        (
            "kubelet --config=/c",
            "--config=/c --kubeconfig=/k",
            "",
            "--kubeconfig=/k",
        ),
        // Of equal flags the last counts, there and here.
        ("kubelet --v=2 --v=3", "--v=3", "", ""),
        ("kubelet --v=2 --v=3", "--v=2", "--v=3", ""),
        ("kubelet --v 3", "--v=2", "--v 3", ""),
        (
            "kubelet --node_ip=1 --fail-swap-on",
            "--node-ip=1 --fail-swap-on=true",
            "",
            "",
        ),
        (
            "kubelet --fail-swap-on=false --v=1",
            "--v=1",
            "--fail-swap-on=false",
            "",
        ),
        // What adds up is all there, once.
        (
            "kubelet --node-labels=a=1 --node-labels=b=2",
            "--node-labels=b=2",
            "--node-labels=a=1",
            "",
        ),
        (
            "kubelet --node-labels=a=1",
            "--node-labels=b=2",
            "--node-labels=a=1",
            "--node-labels=b=2",
        ),
        (
            "kubelet --cluster-dns=1 --cluster-dns=2",
            "--cluster-dns=1",
            "--cluster-dns=2",
            "",
        ),
    ] {
        assert_eq!(
            settled(theirs, ours),
            Ok((moved.to_owned(), added.to_owned())),
            "{theirs}, {ours}"
        );
    }
}

#[test]
fn what_cannot_be_told_is_refused() {
    let adds_up =
        "which adds up with what another file sets, and the order of the two would be another one";
    for (theirs, ours, why) in [
        (
            "kubelet --v=2 false",
            "",
            "2: has `false` among the arguments, which is not a flag".to_owned(),
        ),
        (
            "kubelet --node-labels=a=1 --node-labels=a=2",
            "--node-labels=a=2",
            format!("1: sets `--node-labels`, {adds_up}"),
        ),
        (
            "kubelet --cluster-dns=1 --cluster-dns=2",
            "--cluster-dns=2",
            format!("1: sets `--cluster-dns`, {adds_up}"),
        ),
    ] {
        assert_eq!(settled(theirs, ours), Err(why), "{theirs}, {ours}");
    }
}

#[test]
fn further_words_leave_the_rest_of_an_env_file_as_it_is() {
    for (before, after) in [
        ("", "A=--x=1\n"),
        ("A=\n", "A=--x=1\n"),
        ("# c\nA=\"--v=2\" \nB=1\n", "# c\nA=\"--v=2 --x=1\"\nB=1\n"),
        (
            "A=1\nA='--v=2 \"a b\"'\n",
            "A=1\nA=\"--v=2 \\\"a b\\\" --x=1\"\n",
        ),
        ("B=1", "B=1\nA=--x=1\n"),
    ] {
        let text = with_words(before.as_bytes(), "A", &["--x=1"]).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), after, "{before}");
    }
    for before in ["B='open\n", "B=1 \\"] {
        assert_eq!(
            with_words(before.as_bytes(), "A", &["--x=1"]),
            Err(EnvFileError::ReadsOtherwise),
            "{before}"
        );
    }
}
