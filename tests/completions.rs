//! Completions, as a person at a terminal gets them: each shell runs on a pseudo-terminal,
//! the start of a word and a tab are typed, and what the line has become is looked at.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Scratch, at_once, run, tool};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kubelet-unit");

/// What is typed before a tab, and the line that it becomes.
const LINES: &[(&str, &str)] = &[
    ("kubelet-unit rend", "kubelet-unit render"),
    (
        "kubelet-unit service is-a",
        "kubelet-unit service is-active",
    ),
    (
        "kubelet-unit kubeadm kubelet-",
        "kubelet-unit kubeadm kubelet-start",
    ),
    (
        "kubelet-unit render --init sup",
        "kubelet-unit render --init supervisord",
    ),
    (
        "kubelet-unit render --distro alp",
        "kubelet-unit render --distro alpine",
    ),
    (
        "kubelet-unit service status kub",
        "kubelet-unit service status kubelet",
    ),
    (
        "kubelet-unit service is-enabled --root tree con",
        "kubelet-unit service is-enabled --root tree containerd",
    ),
    ("kubelet-unit bridge ins", "kubelet-unit bridge install"),
    ("kubelet-unit man unin", "kubelet-unit man uninstall"),
    (
        "kubelet-unit man kubeadm disc",
        "kubelet-unit man kubeadm discovery",
    ),
    ("kubelet-unit man 5 no", "kubelet-unit man 5 nodes"),
    // The releases have no more than that in common.
    (
        "kubelet-unit check --kubelet-version ",
        "kubelet-unit check --kubelet-version 1.",
    ),
    (
        "kubelet-unit kubeadm flags --for ",
        "kubelet-unit kubeadm flags --for 1.",
    ),
];

/// A shell on a pseudo-terminal, which script(1) makes.
struct Terminal {
    script: Child,
    keys: ChildStdin,
    shown: Receiver<Vec<u8>>,
    text: String,
}

impl Terminal {
    fn new(shell: &str, home: &Scratch) -> Self {
        let programs = Path::new(PROGRAM).parent().unwrap().display();
        let mut script = Command::new("script")
            .args(["-qec", shell, "/dev/null"])
            .env("PATH", format!("{programs}:/usr/bin:/bin"))
            .env("TERM", "dumb")
            .env("HOME", home.path())
            // A shell that ends after the test leaves nothing in it.
            .env("HISTFILE", "/dev/null")
            .current_dir(home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let keys = script.stdin.take().unwrap();
        let mut out = script.stdout.take().unwrap();
        let (send, shown) = channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = out.read(&mut bytes) {
                if send.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            script,
            keys,
            shown,
            text: String::new(),
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until this has been shown, and gives what was shown up to its line's end.
    fn until(&mut self, mark: &str) -> String {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some((_, after)) = self.text.split_once(mark)
                && let Some((found, rest)) = after.split_once('>')
            {
                let found = found.to_owned();
                self.text = rest.to_owned();
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.shown.recv_timeout(left) {
                Ok(bytes) => self.text.push_str(&String::from_utf8_lossy(&bytes)),
                Err(error) => panic!("`{mark}`: {error}: {}", self.text.escape_debug()),
            }
        }
    }

    /// What the line is after a tab. What is typed to show it, is typed only when the
    /// shell has had the time to complete.
    fn completed(&mut self, typed: &str) -> String {
        self.press(typed);
        self.press("\t");
        thread::sleep(Duration::from_millis(700));
        // To the line's start, where a word more makes it one that is printed.
        self.press("\u{1}show \n");
        self.until("LINE<").trim_end().to_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.script.kill();
        let _ = self.script.wait();
    }
}

/// A tree with a service of another name.
fn install_containerd(home: &Scratch) {
    fs::create_dir_all(home.path().join("tree/etc")).unwrap();
    let mut spec = Command::new(PROGRAM);
    let (_, text, _) = run(spec.args(["spec", "containerd"]));
    fs::write(home.path().join("spec.yaml"), text).unwrap();
    let mut install = Command::new(PROGRAM);
    install.current_dir(home.path());
    let line = "install --root tree --init runit --spec spec.yaml";
    let (code, _, err) = run(install.args(line.split(' ')));
    assert_eq!(code, 0, "{err}");
}

fn completes(program: &str, shell: &str, setup: &str) {
    let Some(_) = tool(program) else { return };
    let Some(_) = tool("script") else { return };
    at_once(LINES, |(typed, line)| {
        let home = Scratch::new();
        if typed.contains("--root") {
            install_containerd(&home);
        }
        let mut terminal = Terminal::new(shell, &home);
        terminal.press(&format!("{setup}\n"));
        terminal.press("show ready\n");
        assert_eq!(terminal.until("LINE<"), "ready");
        assert_eq!(terminal.completed(typed), *line, "{program}");
    });
}

#[test]
fn bash_completes_at_every_level() {
    completes(
        "bash",
        "bash --norc --noprofile -i",
        "show() { echo LI\"NE<$*>\"; }; eval \"$(kubelet-unit completions bash)\"",
    );
}

#[test]
fn zsh_completes_at_every_level() {
    completes(
        "zsh",
        "zsh -f -i",
        "show() { echo LI\"NE<$*>\"; }; autoload -U compinit; compinit -u -D; eval \"$(kubelet-unit completions zsh)\"",
    );
}

#[test]
fn fish_completes_at_every_level() {
    completes(
        "fish",
        "fish --private --no-config -i",
        "function show; echo LI\"NE<$argv>\"; end; kubelet-unit completions fish | source",
    );
}

/// The words that can follow, by the question that bash asks.
fn following(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let mut command = Command::new(PROGRAM);
    command
        .env("KUBELET_UNIT_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string())
        .env("_CLAP_COMPLETE_COMP_TYPE", "9")
        .env("_CLAP_COMPLETE_SPACE", "true")
        .env("_CLAP_IFS", " ")
        .arg("--")
        .args(&words);
    let (code, out, err) = run(&mut command);
    assert_eq!((code, err.as_str()), (0, ""));
    format!("$ {line}\n{out}\n\n")
}

#[test]
fn what_can_follow_is_told_at_every_level() {
    let told: String = [
        "kubelet-unit ",
        "kubelet-unit service ",
        "kubelet-unit service restart --",
        "kubelet-unit kubeadm ",
        "kubelet-unit render --init ",
        "kubelet-unit render --distro ",
        "kubelet-unit check --kubelet-version ",
        "kubelet-unit check --for ",
        "kubelet-unit kubeadm flags --for ",
        "kubelet-unit kubeadm config --kubeadm-version ",
        "kubelet-unit man ",
        "kubelet-unit man bridge ",
        "kubelet-unit man 5 ",
    ]
    .into_iter()
    .map(following)
    .collect();
    insta::assert_snapshot!(told);
}
