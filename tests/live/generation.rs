//! Root file systems of Debian's generations, made by mmdebstrap once and kept below `target`.
//!
//! Mirrors and keys are those of the machine's own apt: its sources, with the name of its own
//! generation replaced.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::bed::{Ground, SYSVINIT};
use crate::error::{Context, Result, fail};

/// The generations that are measured, oldest first.
pub(crate) const NAMES: [&str; 3] = ["bookworm", "trixie", "forky"];

/// What the rows run in them, and the shells that rendered scripts are read by. (Not every
/// generation has yash.)
const PACKAGES: &str = "systemd,dbus,openrc,runit,s6,execline,supervisor,busybox-static,dash,\
                        util-linux,strace,logrotate,iproute2,python3,procps,insserv,\
                        mksh,?exact-name(yash)";

/// Unpacks what would take the place of another init into a folder of the new tree, which is `$1`.
const UNPACK: &str = "mkdir -p \"$1$0\" && cd \"$1$0\" && \
                      APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -q download sysvinit-core sysv-rc startpar && \
                      for package in *.deb; do dpkg-deb -x \"$package\" . && rm \"$package\"; done";

/// The root file system of a generation: the machine's own where it is of that one.
pub(crate) fn ground(name: &str) -> Result<Ground> {
    let machine = Ground::machine();
    if machine.name == name {
        return Ok(machine);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/generations");
    let root = folder.join(name);
    if !root.exists() {
        fs::create_dir_all(&folder).context(folder.display())?;
        make(name, &machine.name, &root)?;
    }
    let ground = Ground::of(root);
    // Debian's next one says that it is `trixie/sid` at times.
    Ok(Ground {
        name: name.to_owned(),
        ..ground
    })
}

fn make(name: &str, own: &str, root: &Path) -> Result<()> {
    eprintln!(
        "making a root file system of {name}; it is kept as {}",
        root.display()
    );
    let unfinished = root.with_extension("unfinished");
    let sources = root.with_extension("sources");
    let mut said = String::new();
    // What is not released yet has no suites of updates.
    for every_suite in [true, false] {
        let text = sources_of(name, own, every_suite)?;
        fs::write(&sources, text).context(sources.display())?;
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).context(unfinished.display())?;
        }
        let output = Command::new("mmdebstrap")
            .args(["--quiet", "--variant=minbase"])
            // The lists of one that is not released are soon past their date on a mirror.
            .arg("--aptopt=Acquire::Check-Valid-Until \"false\"")
            .arg(format!("--include={PACKAGES}"))
            .arg(format!(
                "--customize-hook={}",
                UNPACK.replace("$0", SYSVINIT)
            ))
            .arg(name)
            .args([&unfinished, &sources])
            .stdin(Stdio::null())
            .output()
            .context("mmdebstrap")?;
        if output.status.success() {
            return fs::rename(&unfinished, root).context(root.display());
        }
        said = String::from_utf8_lossy(&output.stderr).into_owned();
    }
    let last: Vec<_> = said.lines().rev().take(3).collect();
    fail!("mmdebstrap does not make {name}: {}", last.join("; "))
}

/// The machine's own sources for another generation, in apt's format of stanzas.
fn sources_of(name: &str, own: &str, every_suite: bool) -> Result<String> {
    let mut stanzas = Vec::new();
    for file in source_files() {
        let text = fs::read_to_string(&file).context(file.display())?;
        let is_list = file
            .extension()
            .is_some_and(|extension| extension == "list");
        match is_list {
            true => stanzas.extend(text.lines().filter_map(stanza_of_line)),
            false => stanzas.extend(text.split("\n\n").map(str::to_owned)),
        }
    }
    let mut wanted = String::new();
    for stanza in stanzas {
        let Some(suites) = field(&stanza, "Suites") else {
            continue;
        };
        let suites: Vec<_> = suites
            .split_whitespace()
            .filter(|suite| *suite == own || every_suite && suite.starts_with(&format!("{own}-")))
            .map(|suite| suite.replacen(own, name, 1))
            .collect();
        if suites.is_empty() {
            continue;
        }
        for line in stanza.lines().filter(|line| !line.starts_with('#')) {
            match line.starts_with("Suites:") {
                true => wanted.extend(["Suites: ", &suites.join(" "), "\n"]),
                false => wanted.extend([line, "\n"]),
            }
        }
        wanted.push('\n');
    }
    if wanted.is_empty() {
        fail!(
            "apt's sources on this machine name no suite `{own}`, from which those of `{name}` could be told"
        );
    }
    Ok(wanted)
}

fn source_files() -> Vec<PathBuf> {
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    let more = fs::read_dir("/etc/apt/sources.list.d")
        .into_iter()
        .flatten();
    files.extend(more.flatten().map(|entry| entry.path()));
    files.retain(|file| {
        let kind = file
            .extension()
            .is_some_and(|kind| kind == "list" || kind == "sources");
        kind && file.exists()
    });
    files.sort();
    files
}

/// `deb [options] URI SUITE COMPONENT…` as a stanza.
fn stanza_of_line(line: &str) -> Option<String> {
    let rest = line.trim().strip_prefix("deb ")?.trim();
    let (options, rest) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => ("", rest),
    };
    let mut words = rest.split_whitespace();
    let (uri, suite) = (words.next()?, words.next()?);
    let components: Vec<_> = words.collect();
    let mut stanza = format!(
        "Types: deb\nURIs: {uri}\nSuites: {suite}\nComponents: {}",
        components.join(" ")
    );
    let signed = options
        .split_whitespace()
        .find_map(|option| option.strip_prefix("signed-by="));
    if let Some(key) = signed {
        stanza.extend(["\nSigned-By: ", key]);
    }
    Some(stanza)
}

fn field<'t>(stanza: &'t str, name: &str) -> Option<&'t str> {
    stanza
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
}
