//! What is told of scripts that shells read in different ways, or that end them.

use std::fmt::Write;

use insta::assert_snapshot;

use crate::shipped::script::Script;
use crate::shipped::script::tests::{Texts, told};

/// What is told of scripts in a shell of which nothing is known, in dash and in bash; once where
/// it is the same.
fn of(scripts: &[&'static str]) -> String {
    let mut all = String::new();
    for text in scripts {
        writeln!(all, "{}", text.trim_end()).unwrap();
        let files = Texts([("/s/run", *text), ("/s/conf", "A=--v=3\nfalse\n")].into());
        let script = || Script::new(&files, "kubelet");
        let in_each = [
            ("sh", script()),
            ("dash", script().without_source()),
            ("bash", script().appending()),
        ];
        let in_each = in_each.map(|(name, mut script)| {
            script.follow("/s/run");
            (name, told(&script.reached()))
        });
        let is_one = in_each.iter().all(|(_, it)| *it == in_each[0].1);
        for (name, told) in &in_each[..if is_one { 1 } else { 3 }] {
            let name = if is_one { "all" } else { name };
            for line in told {
                writeln!(all, "  {name}: {line}").unwrap();
            }
        }
    }
    all
}

#[test]
fn a_shell_may_end_at_a_variable_that_is_not_set() {
    let told = of(&[
        "set -u\nexec kubelet $OPTS\n",
        "set -euo pipefail\nexec kubelet --v=2 \"$OPTS\"\n",
        "set -o nounset\n[ -n \"$OPTS\" ] && A=--a\nexec kubelet $A\n",
        "set -u\nexec kubelet ${OPTS:-} ${A:---a} ${B+--b}\n",
        "set -u\nset +u\nexec kubelet $OPTS\n",
        "asks && set -u\nexec kubelet $OPTS\n",
        "for i in 1; do set -u; done\nexec kubelet $OPTS\n",
        "(set -u)\nexec kubelet $OPTS\n",
        "set -u\nf() { exec kubelet $1 $2; }\nf --v=2\n",
        "set -u\nexec sh -c 'exec kubelet $OPTS'\n",
        "set -u\nset -- $OPTS\nexec kubelet\n",
        "set -u\nA=$1\nexec kubelet\n",
    ]);
    assert_snapshot!(told);
}

#[test]
fn a_shell_may_end_at_a_command_that_fails() {
    let told = of(&[
        "set -e\ntest -f /none\nexec kubelet\n",
        "set -e\n[ -f /none ] && A=--a\nexec kubelet $A\n",
        "set -e\ntrue && [ -f /none ]\nexec kubelet\n",
        "set -e\nif [ -f /none ]; then A=--a; fi\n! true\nfalse || A=--b\nexec kubelet $A\n",
        "set -e\nf() { false && true; }\nf\nexec kubelet\n",
        "set -e\nf() { false; A=--a; }\nf || A=--b\nexec kubelet $A\n",
        "set -e\nf() { return 1; }\nf\nexec kubelet\n",
        "set -e\n. ./conf\nexec kubelet $A\n",
        "set -e\nset +e\nfalse\nexec kubelet\n",
        "asks && set -e\nfalse\nexec kubelet\n",
        "set -e\nasks && false\nexec kubelet\n",
        "set -e\nasks || false\nexec kubelet\n",
        "f() { exit 0; }\nf\nexec kubelet\n",
        "f() { asks || exit 1; A=--a; }\nf\nexec kubelet $A\n",
        "f() { asks && return; exit 1; }\nf\nexec kubelet\n",
        "set -e\nA+=--a\nexec kubelet\n",
        "shift\nexec kubelet\n",
        "f() { shift; exec kubelet --v=2; }\nf --a\n",
        "local A=--a\nexec kubelet\n",
    ]);
    assert_snapshot!(told);
}

#[test]
fn what_not_all_shells_have_is_not_guessed() {
    let told = of(&[
        "typeset A=--a\nexec kubelet $A\n",
        "declare -r A=--a\nexec kubelet $A\n",
        "declare -u A=--a\nexec kubelet $A\n",
        "f() { declare -g A=--a; }\nf\nexec kubelet $A\n",
        "builtin export A=--a\nexec kubelet $A\n",
        "A[0]=--a\nexec kubelet $A\n",
        "A[$i]+=--a\nexec kubelet --v=2 $A\n",
        "[ a == a ] && A=--a\nexec kubelet $A\n",
        "exec kubelet --x={1,2} --y={1..2} '{1,2}' --z={1}\n",
        "A={1,2}\nexec kubelet --x=$A\n",
        "export A={1,2}\nf() { exec kubelet $1; }\nf --x={1,2}\n",
        "A+=--a\nexec kubelet ${A+--set} ${A:+--set}\n",
        "set -e\ndeclare A=--a\nexec kubelet $A\n",
    ]);
    assert_snapshot!(told);
}

/// A shell that another one starts has only what that gives it.
#[test]
fn another_shell_has_its_own_variables() {
    let told = of(&[
        "A=--a\nexport B=--b\nexec sh -c 'exec kubelet $A $B $1'\n",
        "exec bash -c 'A=--a; A+=--b; exec kubelet $A'\n",
        "exec dash -c 'source ./conf; exec kubelet $A'\n",
        "exec bash -c 'source ./conf; exec kubelet $A'\n",
    ]);
    assert_snapshot!(told);
}

#[test]
fn the_line_is_named_at_which_reading_ends() {
    let told = of(&[
        "A=--a\nB=\"--b\nexec kubelet $A\n",
        "A=--a\nexec kubelet $A\nB=(1\n2)\n",
        "A=--a\n\nfor x y; do true; done\n",
        "if true\nthen\nexec kubelet\n",
        "exec kubelet --v=2\nA=\0--b\n",
    ]);
    assert_snapshot!(told);
}
