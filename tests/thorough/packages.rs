//! The packages: built for real, looked into, and the .deb taken through its life
//! by dpkg.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kubelet_unit::backends::BUILTIN;
use serde_json::Value;

use crate::support::{Scratch, is_root, repository, run, skipped, tool};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kubelet-unit");

fn inits() -> Vec<&'static str> {
    let names = BUILTIN.iter().map(|backend| backend.name());
    // Its inittab is another package's.
    names.filter(|name| *name != "busybox-init").collect()
}

/// Builds packages into a folder.
fn build(output: &Path, arguments: &[&str]) {
    let mut command = Command::new(repository().join("packaging/build"));
    command
        .env("KUBELET_UNIT", PROGRAM)
        .arg("--output")
        .arg(output)
        .args(arguments);
    let (code, out, err) = run(&mut command);
    assert_eq!(code, 0, "{arguments:?}: {out}{err}");
}

/// A path, with who may do what with it and whose it is, as ls(1) has them.
type Content = BTreeMap<String, String>;

/// The files that an init gets on a distribution.
fn rendered(init: &str, distro: &str) -> Content {
    let arguments = [
        "render", "--init", init, "--distro", distro, "--format", "json",
    ];
    let (_, out, _) = run(Command::new(PROGRAM).args(arguments));
    let json: Value = serde_json::from_str(&out).unwrap();
    let files = json["files"].as_array().unwrap().iter();
    files
        .map(|file| {
            let rights = match file["mode"].as_str().unwrap() {
                "0755" => "-rwxr-xr-x root/root",
                "0644" => "-rw-r--r-- root/root",
                other => panic!("{other}"),
            };
            (file["path"].as_str().unwrap().to_owned(), rights.to_owned())
        })
        .collect()
}

/// The paths that an administrator may edit there.
fn configuration(init: &str, distro: &str) -> BTreeSet<String> {
    let (_, out, _) = run(Command::new(PROGRAM).args(["list", "--distro", distro]));
    let mut lines = out.lines().skip_while(|line| !line.starts_with(init));
    lines.next();
    lines
        .take_while(|line| line.starts_with("  "))
        .filter(|line| line.contains("configuration"))
        .map(|line| line.split_whitespace().nth(1).unwrap().to_owned())
        .collect()
}

/// What a command lists as `tar -tv` does, with absolute paths and without folders.
fn listed(command: &mut Command) -> Content {
    let (code, out, err) = run(command);
    assert_eq!(code, 0, "{command:?}: {err}");
    let line = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let path = words[5].trim_start_matches("./").trim_start_matches('/');
        let owner = words[1].replace("0/0", "root/root");
        (format!("/{path}"), format!("{} {owner}", words[0]))
    };
    out.lines()
        .filter(|line| !line.starts_with('d'))
        .map(line)
        .filter(|(path, _)| !matches!(path.as_str(), "/.PKGINFO" | "/.MTREE"))
        .collect()
}

/// The configuration files that a package names, for the formats that do.
fn marked(path: &Path, format: &str) -> Option<BTreeSet<String>> {
    let mut command = Command::new("sh");
    command.env("FILE", path).arg("-c").arg(match format {
        "deb" => "dpkg-deb --ctrl-tarfile \"$FILE\" | tar -xOf - ./conffiles 2>/dev/null || true",
        "rpm" => "rpm -qp --nosignature --configfiles \"$FILE\"",
        "archlinux" => "tar --zstd -xOf \"$FILE\" .PKGINFO | sed -n 's,^backup = ,/,p'",
        _ => return None,
    });
    let (code, out, err) = run(&mut command);
    assert_eq!(code, 0, "{err}");
    let lines = out.lines().filter(|line| line.starts_with('/'));
    Some(lines.map(String::from).collect())
}

/// The package of a service in a folder.
fn package(folder: &Path, name: &str, format: &str) -> PathBuf {
    let end = match format {
        "archlinux" => ".pkg.tar.zst".to_owned(),
        format => format!(".{format}"),
    };
    let mut found = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let file = path.file_name().unwrap().to_str().unwrap();
            let rest = file.strip_prefix(name).unwrap_or_default();
            file.ends_with(&end)
                && rest.starts_with(['-', '_'])
                && rest[1..].starts_with(|c: char| c.is_ascii_digit())
        });
    let path = found
        .next()
        .unwrap_or_else(|| panic!("no {format} of {name}"));
    assert!(found.next().is_none());
    path
}

fn content(path: &Path, format: &str) -> Content {
    match format {
        // dpkg-deb prints an archive, tar its names.
        "deb" => listed(Command::new("sh").arg("-c").arg(format!(
            "dpkg-deb --fsys-tarfile '{}' | tar -tvf -",
            path.display()
        ))),
        "rpm" => listed(
            Command::new("rpm")
                .args(["-qp", "--nosignature", "--queryformat"])
                .arg("[%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} - - - %{FILENAMES}\n]")
                .arg(path),
        ),
        "archlinux" => listed(Command::new("tar").args(["--zstd", "-tvf"]).arg(path)),
        "apk" => listed(
            Command::new("tar")
                .args(["--warning=none", "-tvzf"])
                .arg(path),
        ),
        other => panic!("{other}"),
    }
}

fn tools() -> bool {
    ["nfpm", "dpkg-deb", "rpm", "tar", "zstd"]
        .iter()
        .all(|name| tool(name).is_some())
}

#[test]
fn every_package_holds_what_is_rendered() {
    if !tools() {
        return;
    }
    let scratch = Scratch::new();
    build(scratch.path(), &[]);
    for (format, distro) in [
        ("apk", "alpine"),
        ("deb", "debian"),
        ("rpm", "fedora"),
        ("archlinux", "artix"),
    ] {
        for init in inits() {
            let path = package(scratch.path(), &format!("kubelet-{init}"), format);
            assert_eq!(
                content(&path, format),
                rendered(init, distro),
                "{}",
                path.display()
            );
            let mut wanted = configuration(init, distro);
            if format == "deb" {
                let files = rendered(init, distro).into_keys();
                wanted.extend(files.filter(|path| path.starts_with("/etc/")));
            }
            if let Some(marked) = marked(&path, format) {
                assert_eq!(marked, wanted, "{}", path.display());
            }
        }
        let path = package(scratch.path(), "kubelet-unit", format);
        let files = content(&path, format);
        for file in [
            "/usr/bin/kubelet-unit",
            "/usr/share/man/man1/kubelet-unit-render.1",
            "/usr/share/man/man5/kubelet-unit-nodes.5",
            "/usr/share/man/man5/kubelet-unit-spec.5",
        ] {
            assert!(files.contains_key(file), "{}: {files:?}", path.display());
        }
        let empty: Vec<_> = files.keys().filter(|path| path.contains("-help")).collect();
        assert!(empty.is_empty(), "{empty:?}");
    }
}

#[test]
fn the_same_input_gives_the_same_package() {
    if !tools() {
        return;
    }
    let [one, two] = [Scratch::new(), Scratch::new()].map(|scratch| {
        build(scratch.path(), &["--services-only", "--init", "openrc"]);
        let name = "kubelet-openrc";
        let rpm = package(scratch.path(), name, "rpm");
        let mut query = Command::new("rpm");
        query.args(["-qp", "--nosignature", "--queryformat"]);
        let (_, said, _) = run(query.arg("%{BUILDHOST} %{PACKAGER}").arg(rpm));
        assert_eq!(
            said,
            "reproducible kubelet-unit maintainers <maintainers@example.org>"
        );
        ["deb", "apk", "rpm", "archlinux"]
            .map(|format| fs::read(package(scratch.path(), name, format)).unwrap())
    });
    assert!(one == two);
}

#[test]
fn dpkg_installs_upgrades_and_removes_it() {
    if !tools() || tool("dpkg").is_none() || !is_root() {
        return;
    }
    let scratch = Scratch::new();
    let root = scratch.path().join("root");
    fs::create_dir_all(root.join("var/lib/dpkg/info")).unwrap();
    fs::create_dir_all(root.join("var/lib/dpkg/updates")).unwrap();
    fs::write(root.join("var/lib/dpkg/status"), "").unwrap();
    let dpkg = |arguments: &[&str]| {
        let mut command = Command::new("dpkg");
        command.arg(format!("--root={}", root.display()));
        // There is no openrc in the scratch root, and nobody to ask.
        command
            .args(["--force-depends", "--force-confold", "--log=/dev/null"])
            .args(arguments);
        let (code, out, err) = run(&mut command);
        assert_eq!(code, 0, "{arguments:?}: {out}{err}");
    };
    let at = |path: &str| root.join(path);
    let built = |version: &str, options: &[&str]| {
        let folder = scratch.path().join(version);
        let wanted = [
            "--services-only",
            "--init",
            "openrc",
            "--format",
            "deb",
            "--version",
            version,
        ];
        build(&folder, &[&wanted, options].concat());
        package(&folder, "kubelet-openrc", "deb")
            .display()
            .to_string()
    };

    dpkg(&["--install", &built("1.0.0", &[])]);
    let files = rendered("openrc", "debian");
    assert!(
        files
            .iter()
            .all(|(path, _)| at(path.trim_start_matches('/')).is_file())
    );

    let conf = at("etc/conf.d/kubelet");
    let edited = format!("{}# mine\n", fs::read_to_string(&conf).unwrap());
    fs::write(&conf, &edited).unwrap();
    dpkg(&[
        "--install",
        &built("2.0.0", &["--", "--log-folder", "/var/log/other"]),
    ]);
    assert_eq!(fs::read_to_string(&conf).unwrap(), edited);
    let offered = fs::read_to_string(at("etc/conf.d/kubelet.dpkg-dist")).unwrap();
    assert!(
        offered.contains("/var/log/other") && !offered.contains("# mine"),
        "{offered}"
    );
    let logrotate = fs::read_to_string(at("etc/logrotate.d/kubelet")).unwrap();
    assert!(logrotate.contains("/var/log/other"), "{logrotate}");

    dpkg(&["--remove", "kubelet-openrc"]);
    assert!(!at("usr/libexec/kubelet-unit/kubelet").exists());
    assert_eq!(fs::read_to_string(&conf).unwrap(), edited);
    dpkg(&["--purge", "kubelet-openrc"]);
    assert!(!conf.exists() && !at("etc/init.d/kubelet").exists());
}

#[test]
fn wrong_calls_of_build_are_refused() {
    for (arguments, wanted) in [
        (
            &["--formt", "deb"][..],
            "packaging/build: unknown option `--formt`; known are --output, ",
        ),
        (
            &["--format", "zip"],
            "packaging/build: unknown format `zip`; known are apk, deb, rpm, archlinux",
        ),
        (&["--output"], "packaging/build: `--output` needs a value"),
    ] {
        if tool("nfpm").is_none() {
            return;
        }
        let mut command = Command::new(repository().join("packaging/build"));
        let scratch = Scratch::new();
        command.env("KUBELET_UNIT", PROGRAM).args(arguments);
        if arguments.len() == 2 {
            command.arg("--output").arg(scratch.path());
        }
        let (code, out, err) = run(&mut command);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.starts_with(wanted), "{err}");
    }
}

/// Runs what a distribution's own recipe does, and lists the files.
fn recipe(path: &str, call: &str, folder: &str) -> Content {
    let scratch = Scratch::new();
    let out = carried_out(&scratch, path, call, folder);
    let mut find = Command::new("find");
    find.args([".", "-type", "f", "-printf", "%M %u/%g - - - %p\\n"]);
    listed(find.current_dir(out))
}

/// The links that it makes, and what they hold.
fn links(path: &str, call: &str, folder: &str) -> String {
    let scratch = Scratch::new();
    let out = carried_out(&scratch, path, call, folder);
    let mut find = Command::new("sh");
    find.args(["-c", "find . -type l -printf '%p -> %l\\n' | sort"]);
    run(find.current_dir(out)).1
}

/// The folder that a recipe fills.
fn carried_out(scratch: &Scratch, path: &str, call: &str, folder: &str) -> PathBuf {
    let programs = scratch.path().join("bin");
    fs::create_dir(&programs).unwrap();
    std::os::unix::fs::symlink(PROGRAM, programs.join("kubelet-unit")).unwrap();
    let out = scratch.path().join("out");
    // makepkg is bash, and has arrays.
    let is_bash = path.ends_with("PKGBUILD");
    let mut command = Command::new(if is_bash { "bash" } else { "sh" });
    command
        .arg("-euc")
        .arg(format!(". '{}'; {call}", repository().join(path).display()));
    command.env(folder, &out);
    command.env("PATH", format!("{}:/usr/bin:/bin", programs.display()));
    let (code, _, err) = run(&mut command);
    assert_eq!(code, 0, "{err}");
    out
}

/// makepkg itself makes the package, as a user that is not root: it refuses that.
#[test]
fn makepkg_makes_the_package_of_artix() {
    if ["makepkg", "bsdtar", "fakeroot"]
        .iter()
        .any(|name| tool(name).is_none())
    {
        return;
    }
    if !is_root() {
        return skipped("only root can become the user that builds");
    }
    let scratch = Scratch::new();
    let at = |name: &str| scratch.path().join(name);
    fs::create_dir(at("bin")).unwrap();
    fs::copy(PROGRAM, at("bin/kubelet-unit")).unwrap();
    fs::create_dir(at("build")).unwrap();
    let recipe = repository().join("packaging/artix/PKGBUILD");
    fs::copy(recipe, at("build/PKGBUILD")).unwrap();
    fs::write(at("makepkg.conf"), MAKEPKG).unwrap();
    let call = "chmod 755 . && chown -R 65534:65534 build && cd build && \
                exec setpriv --reuid 65534 --regid 65534 --clear-groups \
                makepkg --nodeps --noconfirm --config ../makepkg.conf";
    let mut command = Command::new("sh");
    let path = format!("{}:/usr/bin:/bin", at("bin").display());
    command.current_dir(scratch.path()).args(["-euc", call]);
    // It wants a pacman to be there, asks it for what is installed, and Debian's makepkg needs none.
    command
        .env("PATH", path)
        .env("HOME", at("build"))
        .env("PACMAN", "true");
    let (code, out, err) = run(&mut command);
    assert_eq!(code, 0, "{out}{err}");
    let packages: Vec<_> = fs::read_dir(at("build"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".pkg.tar.gz"))
        .collect();
    let [package] = packages.as_slice() else {
        panic!("{packages:?}: {out}{err}");
    };
    let mut files = listed(Command::new("tar").args(["-tvzf"]).arg(package));
    files.retain(|path, _| !path.starts_with("/."));
    assert_eq!(files, rendered("openrc", "artix"));
    let mut about = Command::new("tar");
    let (_, about, _) = run(about.args(["-xOzf"]).arg(package).arg(".PKGINFO"));
    let backup: BTreeSet<_> = about
        .lines()
        .filter_map(|line| line.strip_prefix("backup = "))
        .map(|path| format!("/{path}"))
        .collect();
    assert_eq!(backup, configuration("openrc", "artix"));
}

/// What makepkg is told where there is no pacman that it belongs to.
const MAKEPKG: &str = "\
CARCH=x86_64
CHOST=x86_64-pc-linux-gnu
BUILDENV=(!distcc !color !ccache !check !sign)
OPTIONS=(!strip docs libtool staticlibs emptydirs !zipman !purge !debug !lto)
INTEGRITY_CHECK=(sha256)
PKGEXT=.pkg.tar.gz
SRCEXT=.src.tar.gz
COMPRESSGZ=(gzip -c -f -n)
PACKAGER='A <a@example.org>'
";

#[test]
fn the_recipes_of_distributions_package_what_is_rendered() {
    assert_eq!(
        recipe("packaging/alpine/APKBUILD", "build; package", "pkgdir"),
        rendered("openrc", "alpine")
    );
    assert_eq!(
        recipe("packaging/void/template", "do_install", "DESTDIR"),
        rendered("runit", "void")
    );
    // xbps-src's own `vsv` makes the same (void-packages, common/environment/setup/install.sh):
    // /etc may be read-only, and what runsv keeps is not for it.
    assert_eq!(
        links("packaging/void/template", "do_install", "DESTDIR"),
        "./etc/sv/kubelet/log/supervise -> /run/runit/supervise.kubelet-log\n\
         ./etc/sv/kubelet/supervise -> /run/runit/supervise.kubelet\n"
    );
    let mut conf_files = Command::new("sh");
    let template = repository().join("packaging/void/template");
    conf_files.args(["-euc", ". \"$0\"; printf '%s\\n' $conf_files"]);
    let (_, kept, _) = run(conf_files.arg(template));
    let kept: BTreeSet<_> = kept.lines().map(str::to_owned).collect();
    assert_eq!(kept, configuration("runit", "void"));
    assert_eq!(
        recipe("packaging/artix/PKGBUILD", "package", "pkgdir"),
        rendered("openrc", "artix")
    );
    if tool("shellcheck").is_some() {
        let mut check = Command::new("shellcheck");
        check.current_dir(repository().join("packaging"));
        let (code, out, _) = run(check.args([
            "build",
            "alpine/APKBUILD",
            "artix/PKGBUILD",
            "void/template",
        ]));
        assert_eq!(code, 0, "{out}");
    }
}

fn said(arguments: &[&str]) -> String {
    let (code, out, err) = run(Command::new(PROGRAM).arg("packages").args(arguments));
    assert_eq!((code, err.as_str()), (0, ""), "{arguments:?}");
    out
}

#[test]
fn the_five_packages_are_told_for_a_distribution() {
    let alpine = said(&["--init", "openrc", "--distro", "alpine"]);
    let systemd = said(&["--init", "systemd", "--distro", "fedora"]);
    insta::assert_snapshot!(format!("{alpine}\n{systemd}"));
    // Its launcher calls the program.
    let native = said(&["--init", "runit", "--launcher", "native"]);
    assert_eq!(
        native.lines().nth(1).unwrap(),
        "  needs kubernetes-cni, iptables (1.4.21 or newer), util-linux, mount (where it is not in util-linux), kubelet-unit"
    );
    for init in inits() {
        let json: Value =
            serde_json::from_str(&said(&["--init", init, "--format", "json"])).unwrap();
        let names: Vec<_> = json
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["name"].as_str().unwrap())
            .collect();
        assert_eq!(
            names,
            [
                "kubelet",
                "kubeadm",
                "kubectl",
                "kubernetes-cni",
                "cri-tools"
            ]
        );
        // What is listed is what is written, and a kubelet has all that its init starts.
        let written = [
            "render",
            "--init",
            init,
            "--with-env-file",
            "--format",
            "json",
        ];
        let (_, out, _) = run(Command::new(PROGRAM).args(written));
        let written: Value = serde_json::from_str(&out).unwrap();
        let paths = |list: &Value| -> BTreeSet<String> {
            let list = list.as_array().unwrap().iter();
            list.map(|file| file["path"].as_str().unwrap().to_owned())
                .collect()
        };
        let of_kubelet = paths(&json[0]["files"]);
        let of_kubeadm = paths(&json[1]["files"]);
        let all: BTreeSet<_> = of_kubelet.union(&of_kubeadm).cloned().collect();
        let written = paths(&written["files"]);
        let missing: Vec<_> = written.difference(&all).cloned().collect();
        assert_eq!(missing, [""; 0], "{init}");
        let upstream: Vec<_> = all.difference(&written).cloned().collect();
        let of_kubernetes = [
            "/etc/kubernetes/manifests/",
            "/usr/bin/kubeadm",
            "/usr/bin/kubelet",
            "/var/lib/kubelet/",
        ];
        assert_eq!(upstream, of_kubernetes, "{init}");
        let expected = if init == "systemd" { 2 } else { 1 };
        assert_eq!(of_kubeadm.len(), expected, "{init}: {of_kubeadm:?}");
    }
}
