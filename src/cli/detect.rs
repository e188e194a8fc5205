//! `kubelet-unit detect`: which init a machine or a rootfs has, and why.

use std::process::ExitCode;

use serde::Serialize;

use crate::backends::{Backend, Registry};
use crate::detect::Sign;
use crate::host::{CgroupDriver, CgroupVersion, Facts, Listening, Runtime};

use super::failure::Failure;
use super::format::Format;
use super::json;
use super::message;
use super::table;
use super::target::Tree;
use super::text::{self, Columns};

/// Find out which init this machine or a rootfs has, and show why
///
/// An init that runs counts more than one that is configured, and that more than one that
/// is merely installed. If nothing decides, no init is named and the exit code is 1. A
/// rootfs is read without running anything in it and without following a link out of it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit detect
  kubelet-unit detect --root /mnt/rootfs --format json")]
pub(super) struct Arguments {
    #[command(flatten)]
    tree: Tree,

    /// Show everything that was seen, and the weight of each sign
    #[arg(short, long)]
    verbose: bool,

    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Serialize)]
struct Document<'a> {
    init: Option<&'a str>,
    problem: Option<String>,
    evidence: &'a [Sign],
    host: &'a Facts,
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let site = self.tree.site(registry)?;
        let (host, table) = (site.host(), site.signs());
        let verdict = table.verdict();
        let driver = registry.shown(table).ok().map(Backend::cgroup_driver);
        let facts = Facts::of(host, site.distro(), driver);
        let document = Document {
            init: verdict.as_ref().ok().copied(),
            problem: verdict.as_ref().err().map(ToString::to_string),
            evidence: &table.signs,
            host: &facts,
        };
        match self.format {
            Format::Json => json::print(&document)?,
            Format::Text => {
                let columns = Columns::of_stdout();
                let all = self.verbose || document.init.is_none();
                text::print(&shown(&document, host.is_machine(), all, columns))?;
            }
        }
        // A machine shows what runs to anybody; a tree has nothing but its files.
        let denied = host.take_denied().filter(|_| !host.is_machine());
        if let Some(path) = &denied {
            message::warning(&format!(
                "`{}` may not be looked at, so this may not be all that is there: run it as root",
                path.display()
            ));
        }
        match verdict {
            Ok(_) => Ok(ExitCode::from(u8::from(denied.is_some()))),
            Err(undecided) => Err(Failure::new(&undecided)
                .hint("give other commands `--init NAME`; `kubelet-unit list` shows the names")),
        }
    }
}

/// `runs` tells a machine from a tree. What was seen is told in `all`, or by its strongest sign.
fn shown(document: &Document<'_>, runs: bool, all: bool, columns: Columns) -> String {
    let mut lines = vec![("init", document.init.unwrap_or("undecided").to_owned())];
    let strongest = document.evidence.first().filter(|_| !all);
    if let (Some(init), Some(sign)) = (document.init, strongest) {
        lines[0].1 = format!("{init}, {}: {}", sign.level, sign.told());
    }
    lines.extend(facts(document.host, runs));
    let line = |(name, value): &(&str, String)| match columns.have_room_for_tables() {
        true => format!("{name:<9} {value}\n"),
        false => format!("{name}\n  {value}\n"),
    };
    let mut text: String = lines.iter().map(line).collect();
    if all && !document.evidence.is_empty() {
        text.push_str("\nevidence\n");
        text.push_str(&table::of_signs(document.evidence, columns));
    }
    text
}

fn facts(host: &Facts, runs: bool) -> Vec<(&'static str, String)> {
    let system = host.os_title.as_ref().or(host.os.as_ref());
    let places = host.distro.map(|distro| format!(" (places of {distro})"));
    let mut lines = Vec::new();
    let mut line = |name, value: String| lines.push((name, value));
    if let Some(system) = system {
        line("system", format!("{system}{}", places.unwrap_or_default()));
    }
    if let Some(name) = &host.hostname {
        line("hostname", name.clone());
    }
    if let Some(cgroups) = cgroups(host, runs) {
        line("cgroups", cgroups);
    }
    for socket in &host.cri_sockets {
        let state = match socket.listening {
            Listening::Yes => "",
            Listening::No => ", nothing listens",
            Listening::Unknown => ", not tried",
        };
        line(
            "runtime",
            format!("{} at {}{state}", socket.runtime, socket.path),
        );
    }
    for runtime in &host.runtimes {
        line("driver", driver(runtime));
    }
    match (host.resolved.resolv_conf, host.resolved.runs) {
        (Some(path), _) => line(
            "resolved",
            format!("runs: the kubelet's resolvConf is {path}"),
        ),
        (None, Some(true)) => line("resolved", "runs, without a list of servers".into()),
        (None, Some(false)) => line(
            "resolved",
            "does not run: the kubelet's resolvConf stays /etc/resolv.conf".into(),
        ),
        (None, None) => {}
    }
    if let Some(kubelet) = &host.kubelet {
        let version = kubelet.version.map(|version| version.to_string());
        let version = version.unwrap_or_else(|| "version unknown".into());
        let source = kubelet.source.as_ref();
        let source = source
            .map(|source| format!(", says {source}"))
            .unwrap_or_default();
        line(
            "kubelet",
            format!("{version} at {}{source}", kubelet.path.display()),
        );
    }
    lines
}

/// Who makes the control groups of a runtime's containers.
fn driver(runtime: &Runtime) -> String {
    let said = match (&runtime.cgroup_driver, &runtime.source, &runtime.problem) {
        (Some(driver), Some(path), _) => format!("{driver}, says {}", path.display()),
        (Some(driver), None, _) => format!("{driver}, its default"),
        (None, _, Some(problem)) => format!("not known: {problem}"),
        (None, _, None) => "not known".into(),
    };
    format!("of {}: {said}", runtime.name)
}

/// What is to be known of the control groups. A tree that does not run has none, which
/// says nothing about the machine that it is for.
fn cgroups(host: &Facts, runs: bool) -> Option<String> {
    let cgroup = &host.cgroup;
    let version = match cgroup.version {
        Some(version) => Some(version.to_string()),
        None => runs.then(|| "not mounted".into()),
    };
    let driver = cgroup.driver.map(|driver| match driver {
        CgroupDriver::Systemd => {
            "cgroupDriver has to be what the runtime has, usually systemd".into()
        }
        CgroupDriver::Cgroupfs => {
            format!("cgroupDriver has to be {driver}, as systemd does not run")
        }
    });
    let refused = cgroup
        .version
        .is_some_and(CgroupVersion::is_refused_by_new_kubelets);
    let note = refused.then(|| "kubelet 1.35 and newer need failCgroupV1: false".into());
    let said: Vec<_> = [version, driver, note].into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join("; "))
}
