//! Scripts of the kinds that distributions ship, and what is and is not told of them.

use std::collections::BTreeMap;

use super::*;

pub(super) struct Texts(pub(super) BTreeMap<&'static str, &'static str>);

impl Files for Texts {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        match self.0.get(path) {
            Some(&"refused") => Err("may not be read".into()),
            text => Ok(text.map(|text| text.as_bytes().to_vec())),
        }
    }

    fn fits(&self, _operator: &str, path: &str) -> Option<bool> {
        Some(self.0.contains_key(path))
    }

    fn place(&self, path: &str) -> String {
        match path.strip_prefix("./") {
            Some(rest) => format!("/s/{rest}"),
            None => path.to_owned(),
        }
    }
}

/// A command line in lines: arguments with their places, then what is unknown.
pub(super) fn told(line: &CommandLine) -> Vec<String> {
    let mut told: Vec<String> = line
        .arguments
        .iter()
        .map(|it| {
            let variable = it.variable.as_deref().unwrap_or("-");
            format!("{} {}:{} {variable}", it.text, it.path, it.at.line)
        })
        .collect();
    told.extend(line.unset.iter().map(|it| {
        let comment = it
            .comment
            .as_ref()
            .map(|(path, at)| format!(" {path}:{}", at.line));
        format!("unset {}{}", it.name, comment.unwrap_or_default())
    }));
    told.extend(
        line.unknown
            .iter()
            .map(|it| format!("unknown {}:{} {}", it.path, it.line, it.why)),
    );
    told.extend(
        line.remarks
            .iter()
            .map(|it| format!("remark {}:{} {}", it.path, it.line, it.why)),
    );
    told.extend(line.elsewhere.iter().map(|it| {
        format!(
            "elsewhere {} {}:{} {}",
            it.text, it.path, it.at.line, it.variable
        )
    }));
    told
}

fn run(files: &[(&'static str, &'static str)]) -> Vec<String> {
    let files = Texts(files.iter().copied().collect());
    let mut script = Script::new(&files, "kubelet");
    script.follow("/s/run");
    told(&script.reached())
}

fn of(text: &'static str) -> Vec<String> {
    run(&[("/s/run", text)])
}

const VOID: &str =
    "#!/bin/sh\nexec 2>&1\n[ -r /e/kubelet ] && . /e/kubelet\nexec kubelet $OPTS 2>/dev/null\n";

#[test]
fn a_sourced_file_that_sets_the_options_is_followed() {
    let settings = "KUBELET_CONFIG_ARGS=\"--config=/c\"\n[ -r /d ] && . /d\nOPTS=\"$KUBELET_CONFIG_ARGS $KUBELET_EXTRA_ARGS\"\n";
    assert_eq!(
        run(&[
            ("/s/run", VOID),
            ("/e/kubelet", settings),
            ("/d", "KUBELET_EXTRA_ARGS='--v=2 --node-ip=10.0.0.7'\n"),
        ]),
        [
            "kubelet /s/run:4 -",
            "--config=/c /e/kubelet:1 KUBELET_CONFIG_ARGS",
            "--v=2 /d:1 KUBELET_EXTRA_ARGS",
            "--node-ip=10.0.0.7 /d:1 KUBELET_EXTRA_ARGS",
        ]
    );
}

#[test]
fn options_in_a_comment_are_not_set_and_what_is_set_is_named() {
    let settings = "KUBELET_EXTRA_ARGS=--node-ip=1\n#OPTS=\"$KUBELET_EXTRA_ARGS\"\n";
    assert_eq!(
        run(&[("/s/run", VOID), ("/e/kubelet", settings)]),
        [
            "kubelet /s/run:4 -",
            "unset OPTS /e/kubelet:2",
            "elsewhere --node-ip=1 /e/kubelet:1 KUBELET_EXTRA_ARGS",
        ]
    );
}

#[test]
fn a_program_is_reached_past_words_that_are_known_in_part() {
    assert_eq!(
        of("exec env -i PATH=\"$PATH\" kubelet --v=2\n"),
        ["kubelet /s/run:1 -", "--v=2 /s/run:1 -"]
    );
    assert_eq!(
        of("exec -a name kubelet --v=2\n"),
        ["kubelet /s/run:1 -", "--v=2 /s/run:1 -"]
    );
    let names = |flag: &str| {
        format!("unknown /s/run:1 names `{flag}`, which a shell or the init may set by itself")
    };
    assert_eq!(
        of("exec kubelet --hostname-override=$HOSTNAME --root-dir=$HOME\n"),
        [
            "kubelet /s/run:1 -",
            "--hostname-override=… /s/run:1 -",
            "--root-dir=… /s/run:1 -",
            &names("HOSTNAME"),
            &names("HOME"),
        ]
    );
}

/// The skeleton of Debian's init scripts asks first whether anything is to be started.
#[test]
fn a_start_that_only_asks_starts_nothing() {
    let text = "start() {\nstart-stop-daemon --start --exec /usr/bin/kubelet --test >/dev/null || return 1\n\
        start-stop-daemon --start --exec /usr/bin/kubelet -- --v=2 || return 2\n}\nstart\n";
    assert_eq!(
        of(text),
        ["/usr/bin/kubelet /s/run:3 -", "--v=2 /s/run:3 -"]
    );
}

/// The name of a host is one word, also in a value that is read once more.
#[test]
fn what_is_a_word_of_the_host_stays_in_its_word() {
    let within = |text: &'static str| {
        let files = Texts([("/s/run", text)].into());
        let mut script = Script::new(&files, "kubelet");
        script.follow("/s/run");
        let line = script.reached();
        let within = line.unknown.into_iter().map(|it| it.within);
        within.collect::<Vec<_>>()
    };
    let begins = |word: &str| Some(vec![word.to_owned()]);
    assert_eq!(
        within("A=\"--v=2 --a=$(hostname)\"\nexec kubelet $A --b=`uname -n`\n"),
        [begins("--a="), begins("--b=")]
    );
    assert_eq!(
        within("exec kubelet --a $(hostname -s)\n"),
        [begins("--a=…")]
    );
    assert_eq!(within("exec kubelet --a=$(hostname -I)\n"), [None]);
    assert_eq!(within("exec kubelet --a=\"$(cat /a)\"\n"), [begins("--a=")]);
    assert_eq!(within("exec kubelet --a=\"$@\"\n"), [None]);
}

#[test]
fn what_is_appended_counts_in_bash_alone() {
    const RUN: &str = "A='--v=2'\nA+=' --x=1'\nexport A+=\"$B --y=$A\"\nexec kubelet $A\n";
    let files = Texts([("/s/run", RUN)].into());
    let mut script = Script::new(&files, "kubelet").appending();
    script.follow("/s/run");
    assert_eq!(
        told(&script.reached()),
        [
            "kubelet /s/run:4 -",
            "--v=2 /s/run:1 A",
            "--x=1 /s/run:2 A",
            "--y=--v=2 /s/run:3 A",
            "--x=1 /s/run:2 A",
        ]
    );
    let why =
        "has `+=`, which appends in bash, and which other shells take for the name of a command";
    assert_eq!(
        of("A='--v=2'\nA+=' --x=1'\nexec kubelet $A\n"),
        [
            "kubelet /s/run:3 -",
            "--v=2 /s/run:1 A",
            "… /s/run:2 A",
            &format!("unknown /s/run:2 {why}"),
        ]
    );
    // It may end there, or go on.
    assert_eq!(
        of("A+=x || exec kubelet --v=1\nexec kubelet --v=2\n"),
        [
            "kubelet /s/run:1 -",
            "--v=1 /s/run:1 -",
            "unknown /s/run:1 decides it by a condition that is not followed",
        ]
    );
    assert_eq!(
        of("A+=x exec kubelet --v=1\n"),
        [
            "kubelet /s/run:1 -",
            "--v=1 /s/run:1 -",
            &format!("unknown /s/run:1 {why}"),
        ]
    );
    let array = of("A=(--v=1)\nA+=(--v=2)\nexec kubelet $A\n");
    assert_eq!(
        array,
        ["unknown /s/run:1 is more of a shell script than is followed",]
    );
}

#[test]
fn what_only_running_it_would_tell_is_unknown() {
    for (text, expected) in [
        (
            "exec kubelet --node-ip=$(hostname -i)\n",
            &[
                "kubelet /s/run:1 -",
                "--node-ip=… /s/run:1 -",
                "unknown /s/run:1 runs a command",
            ][..],
        ),
        (
            "A=--v=1\nif pidof x; then A=--v=2; fi\nexec kubelet $A\n",
            &[
                "kubelet /s/run:3 -",
                "… /s/run:2 -",
                "unknown /s/run:2 decides it by a condition that is not followed",
                "elsewhere --v=1 /s/run:1 A",
                "elsewhere --v=2 /s/run:2 A",
            ],
        ),
        (
            "for i in 1 2; do A=\"$A --v=$i\"; done\nexec kubelet $A\n",
            &[
                "kubelet /s/run:2 -",
                "… /s/run:1 -",
                "unknown /s/run:1 begins a loop, which is not followed",
            ],
        ),
        (
            ". \"$CONF\"\nexec kubelet --v=2 $A\n",
            &[
                "kubelet /s/run:2 -",
                "--v=2 /s/run:2 -",
                "… /s/run:2 -",
                "unknown /s/run:1 sources a file whose path cannot be told",
            ],
        ),
        (
            "exec /opt/wrapper --v=2\n",
            &[
                "/opt/wrapper /s/run:1 -",
                "--v=2 /s/run:1 -",
                "unknown /s/run:1 starts `wrapper`, and what that starts is not followed",
            ],
        ),
        (
            "sleep 1\n",
            &["unknown /s/run:0 does not come to the program as far as it is followed"],
        ),
    ] {
        assert_eq!(of(text), expected, "{text}");
    }
}

#[test]
fn what_a_shell_does_by_itself_is_followed() {
    for (text, expected) in [
        (
            "A=1\nA=2\nexec chpst -u root kubelet --v=$A \"--x=a b\" '' --y=\\ z",
            &["kubelet", "--v=2", "--x=a b", "", "--y= z"][..],
        ),
        (
            "sv check containerd || exit 1\nexec env P=1 /usr/bin/kubelet --v=${V:-3}${W+x}\n",
            &["/usr/bin/kubelet", "--v=3"],
        ),
        (
            ": \"${A:=--v=5}\"\nif [ -n \"$A\" ]; then exec kubelet \\\n  $A; else exec kubelet; fi",
            &["kubelet", "--v=5"],
        ),
        (
            "f() { A=--v=7; }\nf\nkubelet $A # --v=8\n",
            &["kubelet", "--v=7"],
        ),
        (
            "mkdir -p /var/lib/kubelet\ncat <<E\nexec kubelet --no\nE\nexec kubelet --yes\n",
            &["kubelet", "--yes"],
        ),
        ("exec sh -c 'exec kubelet --v=1'\n", &["kubelet", "--v=1"]),
        (
            "[ -e /none ] && A=--a || A=--b\nexec kubelet $A",
            &["kubelet", "--b"],
        ),
    ] {
        let files = Texts([("/s/run", text)].into());
        let mut script = Script::new(&files, "kubelet");
        script.follow("/s/run");
        let line = script.reached();
        let texts: Vec<_> = line.arguments.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(
            (texts.as_slice(), line.unknown.as_slice()),
            (expected, &[][..]),
            "{text}"
        );
    }
}

#[test]
fn an_init_script_is_followed_to_what_its_start_starts() {
    let script = "DAEMON=/usr/bin/kubelet\nARGS=--v=2\n[ -r /d ] && . /d\n\
                  do_start() {\n start-stop-daemon --start --quiet --background \\\n\
                  --pidfile /run/k.pid --exec \"$DAEMON\" -- $ARGS $1\n}\n\
                  case \"$1\" in\n  start|restart) do_start --node-ip=1 ;;\n\
                  stop) start-stop-daemon --stop --pidfile /run/k.pid ;;\n  *) exit 1 ;;\nesac\n";
    let files = Texts([("/s/run", script), ("/d", "ARGS=\"$ARGS --x\"\n")].into());
    let of = |argument: Option<&str>| {
        let mut script = Script::new(&files, "kubelet");
        if let Some(argument) = argument {
            script.given("1", argument);
        }
        script.follow("/s/run");
        let line = script.reached();
        let names = line.names.join(" ");
        [told(&line), vec![names]].concat()
    };
    assert_eq!(
        of(Some("start")),
        [
            "/usr/bin/kubelet /s/run:1 DAEMON",
            "--v=2 /s/run:2 ARGS",
            "--x /d:1 ARGS",
            "--node-ip=1 /s/run:9 -",
            "1 ARGS DAEMON",
        ]
    );
    assert_eq!(
        of(Some("stop")),
        [
            "unknown /s/run:0 does not come to the program as far as it is followed",
            "elsewhere --v=2 /s/run:2 ARGS",
            "elsewhere --x /d:1 ARGS",
            "",
        ]
    );
    // What it is called with is not known.
    assert!(of(None)[0].starts_with("unknown /s/run:"), "{:?}", of(None));
}

#[test]
fn a_file_that_may_not_be_read_makes_what_it_may_set_unknown() {
    assert_eq!(
        run(&[("/s/run", VOID), ("/e/kubelet", "refused")]),
        [
            "kubelet /s/run:4 -",
            "… /s/run:4 -",
            "unknown /e/kubelet:0 may not be read"
        ]
    );
}

#[test]
fn text_that_is_no_script_ends() {
    for text in [
        "exec kubelet 'a",
        "if",
        "(((((",
        "A=$A$A\n",
        "f() { f; }\nf\n",
        ";;",
        "case x in",
        "for",
        "kubelet ${",
        "$(",
        "\\",
        "<",
        "exec <",
        "a() ",
    ] {
        of(text);
    }
    let deep = "(".repeat(5000);
    let deep: &'static str = Box::leak(deep.into_boxed_str());
    of(deep);
    let grows: &'static str =
        Box::leak(("A=xx\n".to_owned() + &"A=$A$A$A$A\n".repeat(40)).into_boxed_str());
    of(grows);
}

#[test]
fn arguments_in_a_variable_are_read_by_a_shell_once_more() {
    let files = Texts(
        [
            ("/c", "command_args=\"--v=2 --node-labels='a b' --node-ip=1\"\n"),
            ("/i", "command=/usr/bin/kubelet\n[ -e /f ] && source /f\ncommand_args=\"${command_args} ${KUBELET_KUBEADM_ARGS}\"\n"),
            ("/f", "KUBELET_KUBEADM_ARGS=\"--v=4\"\n"),
        ]
        .into(),
    );
    let line = |dash: bool| {
        let mut script = Script::new(&files, "kubelet");
        if dash {
            script = script.without_source();
        }
        script.follow("/c");
        script.follow("/i");
        told(&script.of_variables(&["command", "command_args"]))
    };
    assert_eq!(
        line(false),
        [
            "/usr/bin/kubelet /i:1 command",
            "--v=2 /c:1 command_args",
            "--node-labels=a b /c:1 command_args",
            "--node-ip=1 /c:1 command_args",
            "--v=4 /f:1 KUBELET_KUBEADM_ARGS",
        ]
    );
    let dash = line(true);
    assert_eq!(dash.len(), 5, "{dash:#?}");
    assert!(
        dash[4].starts_with("remark /i:2 has `source`, which is not a command"),
        "{dash:#?}"
    );
}

#[test]
fn eval_gets_words_with_single_blanks_and_sends_output_elsewhere() {
    let text = "command=kubelet\ncommand_args=\"--a='b  c'\n --v=2 >/dev/null 2>&1\"\n";
    let files = Texts([("/i", text)].into());
    let mut script = Script::new(&files, "kubelet");
    script.follow("/i");
    assert_eq!(
        told(&script.of_variables(&["command", "command_args"])),
        [
            "kubelet /i:1 command",
            "--a=b c /i:2 command_args",
            "--v=2 /i:3 command_args",
        ]
    );
}

#[test]
fn what_nobody_can_tell_of_any_variable_cannot_be_told_of_the_arguments() {
    for text in [
        "command=kubelet\ncommand_args=--v=2\neval \"command_args=--v=3\"\n",
        "command=kubelet\ncommand_args=--v=2\n. \"$(asks)\"\n",
        "command=kubelet\ncommand_args=--v=2\nreadonly command_args\ncommand_args=--v=3\n",
        "command=kubelet\nreadonly X=--v=2\nX=--v=3\ncommand_args=$X\n",
    ] {
        let files = Texts([("/i", text)].into());
        let mut script = Script::new(&files, "kubelet");
        script.follow("/i");
        let line = script.of_variables(&["command", "command_args"]);
        assert!(!line.unknown.is_empty(), "{text}{:?}", told(&line));
    }
}

/// What a function does before its end, has for itself, or is called with, is not what it would
/// be if each line were run once.
#[test]
fn functions_end_early_and_have_variables_of_their_own() {
    let decides = |line: usize| {
        format!("unknown /s/run:{line} decides it by a condition that is not followed")
    };
    let early = |end: &str| {
        let text =
            format!("A=--v=1\nf() {{\n asks /x && {end}\n A=--v=5\n}}\nf\nexec kubelet $A\n");
        of(Box::leak(text.into_boxed_str()))
    };
    for end in ["return", "return 0", "return 1"] {
        assert_eq!(
            early(end),
            [
                "kubelet /s/run:7 -",
                "… /s/run:3 -",
                &decides(3),
                "elsewhere --v=1 /s/run:1 A",
                "elsewhere --v=5 /s/run:4 A",
            ],
            "{end}"
        );
    }
    // One that failed and is asked goes no further, as a rule.
    assert_eq!(
        of("A=--v=1\nf() {\n asks /x && return 1\n A=--v=5\n}\nf || exit 1\nexec kubelet $A\n"),
        [
            "kubelet /s/run:7 -",
            "--v=5 /s/run:4 A",
            "elsewhere --v=1 /s/run:1 A"
        ]
    );
    assert_eq!(
        of("f() {\n asks /x && return\n exec kubelet --v=1\n}\nf\n"),
        ["kubelet /s/run:3 -", "--v=1 /s/run:3 -", &decides(2)]
    );
    assert_eq!(
        of("f() { local A=--v=9 B; A=--v=8; C=--c; }\nA=--v=2\nf\nexec kubelet $A $B $C\n"),
        [
            "kubelet /s/run:4 -",
            "--v=2 /s/run:2 A",
            "--c /s/run:1 C",
            "unset B",
            "elsewhere --v=9 /s/run:1 A",
            "elsewhere --v=8 /s/run:1 A",
        ]
    );
}

#[test]
fn what_a_shell_sets_or_splits_otherwise_is_not_guessed() {
    for text in [
        "for A in 1 2; do asks $A && break; done\nexec kubelet --v=$A\n",
        "IFS=,\nA=--v=1,--v=2\nexec kubelet $A\n",
        "f() { shift; A=$1; }\nf --v=1 --v=2\nexec kubelet $A\n",
        "set -- --v=2\nexec kubelet $1\n",
        "printf -v A %s --v=2\nexec kubelet $A\n",
        "mapfile A </x\nexec kubelet $A\n",
    ] {
        let told = of(text);
        assert!(
            told.iter().any(|it| it.starts_with("unknown ")),
            "{text}{told:?}"
        );
    }
    assert_eq!(
        of("IFS= read -r X\nset -eu\nexec kubelet --v=2\n"),
        ["kubelet /s/run:3 -", "--v=2 /s/run:3 -"]
    );
}

/// What each of these does to a variable, random scripts and real shells have shown.
#[test]
fn what_changes_a_variable_out_of_sight_makes_it_unknown() {
    for text in [
        "for i in 1 2; do : ${A:=--v=2}; done\nexec kubelet $A\n",
        "for i in ${A:=--v=2}; do asks; done\nexec kubelet $A\n",
        "A=--v=1\nfor i in 1; do unset A; done\nexec kubelet $A\n",
        "A=--v=1\nf() { A=--v=2; }\nwhile asks; do f; done\nexec kubelet $A\n",
        "for i in 1; do printf -v A %s --v=2; done\nexec kubelet $A\n",
        "case $(asks) in x) : ${A:=--v=2} ;; esac\nexec kubelet $A\n",
        "f() { for i in 1; do asks && return; done; A=--v=2; }\nf\nexec kubelet $A\n",
        "for i in 1; do IFS=,; done\nA=--v=1,--v=2\nexec kubelet $A\n",
        "f() { A=--v=2; }\nA=--v=1 f\nexec kubelet $A\n",
        "A=--v=1\nunset \"$X\" $(asks)\nexec kubelet $A\n",
        "X=A\nexport $X=--v=2\nexec kubelet $A\n",
        "export A=--v=1 --v=2\nexec kubelet $A\n",
        "let A=2\nexec kubelet --v=$A\n",
        "command eval 'A=--v=2'\nexec kubelet $A\n",
        "cd /e\n[ -r ./c ] && . ./c\nexec kubelet $A\n",
        "cd /e || exit 1\n. ./c\nexec kubelet $A\n",
        "A=$(asks) && B=--v=2\nexec kubelet $B\n",
        "A=$'--v=2'\nexec kubelet $A\n",
        "A=~/c\nexec kubelet --config=$A\n",
        "function f { A=--v=2; }\nexec kubelet $A\n",
        "for i in a;b; do :; done\nexec kubelet --v=2\n",
        "declare -a A=(--v=2)\nexec kubelet $A\n",
    ] {
        let told = of(text);
        assert!(
            told.iter().any(|it| it.starts_with("unknown ")),
            "{text}{told:?}"
        );
    }
}

#[test]
fn what_a_shell_does_to_words_is_done_to_them() {
    let of = |text: &'static str| run(&[("/s/run", text), ("/c", "A=\"$A --v=3\"\r\n")]);
    // A carriage return is a character like others.
    assert_eq!(
        of(". /c\nexec kubelet $A\n"),
        ["kubelet /s/run:2 -", "--v=3\r /c:1 A"]
    );
    assert_eq!(
        of("A=--v=1 . /c\nexec kubelet $A\n")[..2],
        ["kubelet /s/run:2 -", "--v=1 /s/run:1 A"]
    );
    // Nothing is left of what is not set, so that `[` gets a word less.
    assert_eq!(
        of("if [ -n $X ]; then A=--v=2; fi\nexec kubelet $A\n"),
        ["kubelet /s/run:2 -", "--v=2 /s/run:1 A"]
    );
    assert_eq!(
        of("if [ -n \"$X\" ]; then A=--v=2; fi\nexec kubelet --v=1 $A\n")[..2],
        ["kubelet /s/run:2 -", "--v=1 /s/run:2 -"]
    );
    assert_eq!(
        of("kubelet --version || exit 1\ncommand exec kubelet --v=2\n"),
        ["kubelet /s/run:2 -", "--v=2 /s/run:2 -"]
    );
    assert_eq!(
        of("A=--v=2\nunset \"A\"\nexec kubelet --v=1 $A\n")[..3],
        ["kubelet /s/run:3 -", "--v=1 /s/run:3 -", "unset A"]
    );
}

#[test]
fn a_file_that_is_sourced_and_is_not_there_is_named() {
    let why = "sources `./none`, which is not there: a shell ends there, and nothing is started";
    assert_eq!(
        of(". ./none\nexec kubelet --v=2\n"),
        [
            "kubelet /s/run:2 -",
            "--v=2 /s/run:2 -",
            &format!("remark /s/run:1 {why}"),
        ]
    );
    assert_eq!(
        of("[ -r ./none ] && . ./none\nasks && . ./none\nexec kubelet --v=2\n"),
        ["kubelet /s/run:3 -", "--v=2 /s/run:3 -"]
    );
}
