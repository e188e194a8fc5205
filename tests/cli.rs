//! The command line as its user meets it: whole outputs and exit codes.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Scratch, files, repository, run, tool};

fn kubelet_unit(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
    command.args(arguments);
    command
}

/// What a command line gives: exit code, standard output, standard error.
fn output(arguments: &[&str]) -> (i32, String, String) {
    run(&mut kubelet_unit(arguments))
}

/// What is said of a command line that is refused: the exit code, and that
/// nothing goes to standard output.
fn refusal(arguments: &[&str]) -> String {
    let (code, out, err) = output(arguments);
    assert_eq!(out, "", "{arguments:?}");
    format!("{arguments:?} exits {code}\n{err}")
}

/// What is said of a spec.
fn refused_spec(scratch: &Scratch, text: &[u8]) -> String {
    std::fs::write(scratch.path().join("spec.yaml"), text).unwrap();
    let mut command = kubelet_unit(&["render", "--init", "s6", "--spec", "spec.yaml"]);
    let (code, out, err) = run(command.current_dir(scratch.path()));
    assert_eq!(out, "");
    format!("exits {code}\n{err}")
}

/// Each write to such a socket is a packet of its own.
#[test]
fn a_message_is_written_at_once() {
    let (ours, theirs) = std::os::unix::net::UnixDatagram::pair().unwrap();
    ours.set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let mut command = kubelet_unit(&["render", "--init", "s6", "--spec", "/nonexistent"]);
    let status = command
        .stderr(Stdio::from(std::os::fd::OwnedFd::from(theirs)))
        .status();
    assert_eq!(status.unwrap().code(), Some(1));
    let mut packet = [0; 1024];
    let length = ours.recv(&mut packet).unwrap();
    assert_eq!(
        std::str::from_utf8(&packet[..length]).unwrap(),
        "error: cannot read the spec `/nonexistent`: No such file or directory (os error 2)\n"
    );
}

#[test]
fn wrong_command_lines() {
    let said = [
        &["render", "--init", "opnrc"][..],
        &["render", "--init", "finit"],
        &["render", "--init", "openrc", "--distro", "alpin"],
        &["render", "--init", "openrc", "--kubelet", "bin/kubelet"],
        &["render", "--init", "openrc", "--format", "zip"],
        &["render", "--init", "openrc", "--force"],
        &[
            "render", "--init", "openrc", "--output", "x", "--format", "tar",
        ],
        &["render", "--init", "openrc", "--output", "-"],
        &["rendr"],
        &[],
    ]
    .map(refusal);
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn bad_specs() {
    let scratch = Scratch::new();
    let deep = "[".repeat(16 * 1024);
    let large = format!("name: {}\n", "a".repeat(16 * 1024));
    let said = [
        b"name: [".as_slice(),
        b"name: kubelet\ndescription: A\nprogam: /usr/bin/kubelet\n",
        b"name: kubelet\ndescription: A\n",
        b"name: kubelet\ndescription: A\nprogram: usr/bin/kubelet\n",
        b"name: kubelet\ndescription: A\nprogram: ''\n",
        b"name: kubelet\ndescription: A\nprogram: \"/bin/a\\0b\"\n",
        b"name: kubelet\ndescription: A\nprogram: \"/bin/a\\nb\"\n",
        b"name: kubelet\ndescription: A\nprogram: /bin/a\nenvironment:\n  A: x\n  B: y\n  A: z\n",
        b"name: kubelet\ndescription: A\nprogram: 5\n",
        b"name: kubelet\ndescription: A\nExecStart: /usr/bin/kubelet\n",
        b"name: kubelet\ndescription: A\nprogram: /bin/a\nrestart: {policy: no}\n",
        b"name: kubelet\ndescription: A\nprogram: /bin/a\nstop: {kill: some}\n",
        b"name: kubelet\ndescription: A\nprogram: /a=b/kubelet\n",
        b"name: \xff\n",
        b"#!/usr/bin/kubelet-unit exec\n{\n  \"name\": \"kubelet\"\n  \"program\": \"/bin/a\"\n}\n",
        b"# as it is installed\n{\"name\": \"kubelet\", \"progam\": \"/bin/a\"}\n",
        b"{\n  \"name\": \"kub",
        b"",
        deep.as_bytes(),
        large.as_bytes(),
    ]
    .map(|text| refused_spec(&scratch, text));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn deep_nesting_is_answered_at_once() {
    let scratch = Scratch::new();
    for text in [
        "[".repeat(16 * 1024),
        "{a: ".repeat(4000),
        "- ".repeat(8000),
    ] {
        let tries = (0..5).map(|_| {
            let start = Instant::now();
            (refused_spec(&scratch, text.as_bytes()), start.elapsed())
        });
        // The best of some, since the machine does other things too. The process itself takes a
        // thousandth of this; the library asked without a bound takes half a second.
        let (said, best) = tries.min_by_key(|(_, took)| *took).unwrap();
        assert!(best < Duration::from_millis(250), "{said}");
        assert!(said.contains("the nesting is deeper than 16"), "{said}");
    }
}

#[test]
fn specs_that_cannot_be_read() {
    let folder = repository().join("fixtures");
    let said = [
        refusal(&["render", "--init", "s6", "--spec", "/nowhere/spec.yaml"]),
        refusal(&["render", "--init", "s6", "--spec", "/dev/zero"]),
        refusal(&["render", "--init", "s6", "--spec", folder.to_str().unwrap()])
            .replace(folder.to_str().unwrap(), "FOLDER"),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_spec_from_standard_input() {
    let mut command = kubelet_unit(&["render", "--init", "systemd", "--spec", "-"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let spec = b"name: a\ndescription: An a\nprogram: /bin/a\n";
    child.stdin.take().unwrap().write_all(spec).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success());
    insta::assert_snapshot!(String::from_utf8(out.stdout).unwrap());
}

#[test]
fn the_printed_spec_is_what_render_uses() {
    let scratch = Scratch::new();
    let path = scratch.path().join("kubelet.yaml");
    std::fs::write(&path, output(&["spec"]).1).unwrap();
    let path = path.to_str().unwrap();
    assert_eq!(
        output(&["render", "--init", "all", "--spec", path]),
        output(&["render", "--init", "all"])
    );
}

/// Renders s6's files below `tree`, with more words if wanted.
fn to_tree(tree: &Path, more: &[&str]) -> (i32, String, String) {
    let mut command = kubelet_unit(&["render", "--init", "s6", "--output"]);
    let (code, out, err) = run(command.arg(tree).args(more));
    (code, out, err.replace(tree.to_str().unwrap(), "TREE"))
}

fn tree_of(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entry = |path: &std::path::PathBuf| {
        let content = std::fs::read(path).unwrap();
        (path.display().to_string(), content)
    };
    files(folder).iter().map(entry).collect()
}

#[test]
fn a_tree_is_written_once_and_then_left_alone() {
    let scratch = Scratch::new();
    let tree = scratch.path().join("tree");
    let first = to_tree(&tree, &[]);
    let written = tree_of(&tree);
    let second = to_tree(&tree, &[]);
    assert_eq!(tree_of(&tree), written);
    insta::assert_snapshot!(format!("{first:?}\n{second:?}"));
}

#[test]
fn other_content_is_replaced_only_by_force() {
    let scratch = Scratch::new();
    let tree = scratch.path().join("tree");
    to_tree(&tree, &[]);
    let written = tree_of(&tree);
    let (changed, _) = &written[0];
    std::fs::write(changed, "mine\n").unwrap();
    let refused = to_tree(&tree, &[]);
    assert_eq!(std::fs::read(changed).unwrap(), b"mine\n");
    let forced = to_tree(&tree, &["--force"]);
    assert_eq!(tree_of(&tree), written);
    insta::assert_snapshot!(format!("{}\n{}", refused.2, forced.2));
}

#[test]
fn a_file_in_the_way_of_the_tree() {
    let scratch = Scratch::new();
    let tree = scratch.path().join("file");
    std::fs::write(&tree, "mine\n").unwrap();
    let refused = to_tree(&tree, &["--force"]);
    assert_eq!(std::fs::read(&tree).unwrap(), b"mine\n");
    std::fs::remove_file(&tree).unwrap();
    std::os::unix::fs::symlink("nowhere", &tree).unwrap();
    let refused = [refused, to_tree(&tree, &[])];
    assert_eq!(std::fs::read_link(&tree).unwrap(), Path::new("nowhere"));
    insta::assert_snapshot!(format!("{refused:#?}"));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    for format in ["files", "json", "tar"] {
        let mut command = kubelet_unit(&["render", "--init", "all", "--format", format]);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let out = command
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(out.status.code(), Some(0), "{format}");
        let err = String::from_utf8(out.stderr).unwrap();
        assert!(!err.contains("error"), "{format}: {err}");
    }
}

#[test]
fn a_full_device_is_an_error() {
    let mut command = kubelet_unit(&["render", "--init", "systemd"]);
    let full = File::options().write(true).open("/dev/full").unwrap();
    let out = command.stdout(full).output().unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(out.stderr).unwrap(),
        "error: cannot write the output: No space left on device (os error 28)\n"
    );
}

#[test]
fn a_tar_archive_is_the_same_every_time_and_unpacks_to_the_tree() {
    let scratch = Scratch::new();
    let archive = |name: &str| {
        let path = scratch.path().join(name);
        let mut command = kubelet_unit(&["render", "--init", "s6", "--format", "tar"]);
        command.stdout(File::create(&path).unwrap());
        assert!(command.status().unwrap().success());
        path
    };
    let (first, second) = (archive("a.tar"), archive("b.tar"));
    assert_eq!(
        std::fs::read(&first).unwrap(),
        std::fs::read(second).unwrap()
    );
    let mut layer = tar::Archive::new(File::open(&first).unwrap());
    let entries: Vec<_> = layer
        .entries()
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let header = entry.header();
            // What a layer's builder would have to set otherwise (OCI image-spec, layer.md).
            assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
            assert_eq!(header.mtime().unwrap(), 0);
            assert!(header.entry_type().is_file() || header.entry_type().is_dir());
            entry.path().unwrap().display().to_string()
        })
        .collect();
    // Each once, in order, and a folder before what is in it.
    assert!(entries.is_sorted_by(|one, next| one < next), "{entries:?}");
    for entry in &entries {
        let above = entry.trim_end_matches('/').rfind('/');
        let above = above.map(|at| &entry[..=at]);
        assert!(above.is_none_or(|above| entries.iter().any(|it| it == above)));
    }
    let (unpacked, tree) = (scratch.path().join("unpacked"), scratch.path().join("tree"));
    std::fs::create_dir(&unpacked).unwrap();
    let mut tar = Command::new("tar");
    let result = run(tar.arg("-xf").arg(first).arg("-C").arg(&unpacked));
    assert_eq!(result, (0, String::new(), String::new()));
    to_tree(&tree, &[]);
    let below = |folder: &Path| -> Vec<_> {
        let start = folder.to_str().unwrap().len();
        let cut = |(path, content): (String, Vec<u8>)| (path[start..].to_owned(), content);
        tree_of(folder).into_iter().map(cut).collect()
    };
    assert_eq!(below(&unpacked), below(&tree));
}

#[test]
fn json_has_what_the_files_have() {
    let (_, out, _) = output(&["render", "--init", "openrc", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (json["init"].as_str(), json["distro"].as_str()),
        (Some("openrc"), Some("alpine"))
    );
    let files = json["files"].as_array().unwrap().iter();
    let shown: Vec<_> = files
        .map(|file| {
            let part = |key: &str| file[key].as_str().unwrap();
            let (path, mode, content) = (part("path"), part("mode"), part("content"));
            format!("==> {path} ({mode}) <==\n{content}")
        })
        .collect();
    let text = shown.join("\n");
    assert_eq!(text, output(&["render", "--init", "openrc"]).1);
}

/// No other init can be meant, whatever this machine has.
#[test]
fn a_distribution_of_one_init_names_that() {
    let layer = |more: &[&str]| {
        let own = [
            "render",
            "--distro",
            "s6-overlay",
            "--format",
            "tar",
            "--enable",
        ];
        output(&[&own, more].concat())
    };
    assert_eq!(layer(&[]), layer(&["--init", "s6-rc"]));
    assert_eq!(layer(&[]).0, 0);
}

#[test]
fn what_list_says() {
    insta::assert_snapshot!(output(&["list"]).1);
}

#[test]
fn every_command_has_an_example_in_its_help() {
    for command in ["render", "list", "spec", "nodes", "completions", "man"] {
        let (code, out, _) = output(&[command, "--help"]);
        assert_eq!(code, 0);
        assert!(out.contains("\nExample"), "{command}: {out}");
    }
}

#[test]
fn manual_pages_come_out() {
    let (code, out, _) = output(&["man", "render"]);
    assert_eq!(code, 0);
    assert!(out.contains(".TH kubelet-unit-render 1"), "{out}");
    assert!(
        out.contains(".SH EXAMPLES\n.nf\n  kubelet\\-unit render\n"),
        "{out}"
    );
    let scratch = Scratch::new();
    let folder = scratch.path().to_str().unwrap();
    assert_eq!(output(&["man", "--output", folder]).0, 0);
    assert!(scratch.path().join("man1/kubelet-unit-render.1").exists());
    let mut pages = fs::read_dir(scratch.path().join("man1")).unwrap();
    assert!(!pages.any(|page| page.unwrap().path().to_str().unwrap().contains("-help")));
    let (code, _, err) = output(&["man", "--output", &format!("{folder}/none")]);
    assert_eq!(code, 1);
    assert!(
        err.contains("error: cannot write `") && err.contains("none/man1`: No such"),
        "{err}"
    );
}

#[test]
fn the_formats_of_files_have_pages_of_section_5() {
    let [spec, nodes] = ["spec", "nodes"].map(|name| {
        let (code, page, err) = output(&["man", "5", name]);
        assert_eq!((code, err.as_str()), (0, ""));
        let scratch = Scratch::new();
        let folder = scratch.path().to_str().unwrap();
        assert_eq!(output(&["man", "--output", folder]).0, 0);
        let written = scratch.path().join(format!("man5/kubelet-unit-{name}.5"));
        assert_eq!(fs::read_to_string(written).unwrap(), page);
        if tool("groff").is_some() {
            let path = scratch.path().join("page");
            fs::write(&path, &page).unwrap();
            let mut groff = Command::new("groff");
            let (code, _, err) = run(groff.args(["-man", "-ww", "-Tutf8"]).arg(path));
            assert_eq!((code, err.as_str()), (0, ""), "{name}");
        }
        page
    });
    insta::assert_snapshot!("man_5_spec", spec);
    insta::assert_snapshot!("man_5_nodes", nodes);
    let said = [&["man", "5"][..], &["man", "5", "specs"]].map(output);
    let known = "`spec` and `nodes`\n";
    assert_eq!(
        said,
        [
            (
                2,
                String::new(),
                format!("error: section 5 has the pages {known}")
            ),
            (
                2,
                String::new(),
                format!(
                    "error: section 5 has no page `specs`; it has {known}\nhint: did you mean `spec`?\n"
                )
            ),
        ]
    );
    let see = ".SH SEE ALSO\n\\fBkubelet-unit-nodes\\fR(5)\n";
    assert!(output(&["man", "1", "nodes"]).1.ends_with(see));
}
