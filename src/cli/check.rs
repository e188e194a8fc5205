//! `kubelet-unit check`: does the disk hold what this version would render, and
//! will it work?

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

use crate::backends::Registry;
use crate::check::{self, Finding, Level, Report, Rule, ServiceReport};
use crate::fleet::{Defaults, Fleet};
use crate::kubelet::Version;
use crate::kubelet::takes::{NEWEST, OLDEST, is_beyond_known};
use crate::manage::{AUTO, Checked, Site};

use super::failure::Failure;
use super::fleet;
use super::json;
use super::message;
use super::service_arguments::ServiceArguments;
use super::target::{Target, warn_of_another};
use super::text::{Columns, counted};

/// Check that what is installed is what would be rendered, and that it will work
///
/// Without `--init`, every service that is installed in the tree is checked. The check
/// covers the files, their modes and owners, what is missing or left over, and what the
/// service depends on: the kubelet, its env files and flags, its cgroup driver, and what
/// `kubeadm init` or `kubeadm join` brings. If a distribution's own service is installed
/// instead of ours, its differences from systemd's are shown point by point. Nothing in a
/// rootfs is run. Exit codes: 0 clean, 1 something was found.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit check
  kubelet-unit check --for 1.36
  kubelet-unit check --root /mnt/rootfs --kubelet-version 1.35
  kubelet-unit check --init runit --distro void --format sarif > check.sarif
  kubelet-unit check --nodes nodes.yaml --root nodes")]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,

    #[command(flatten)]
    service: ServiceArguments,

    /// The kubelet's version, to know which flags it no longer has; by default that
    /// of the kubelet that is installed
    #[arg(long, value_name = "VERSION")]
    kubelet_version: Option<Version>,

    /// Check before an upgrade: does the kubelet of this release take every flag, field and
    /// feature gate that this node sets, in its env files, its config file with its drop-ins
    /// and instance-config.yaml?
    #[arg(
        long = "for",
        value_name = "VERSION",
        conflicts_with = "kubelet_version"
    )]
    upgrade: Option<Version>,

    /// Compare the tree of every node of this inventory, as `render --nodes` writes it below
    /// `--root`, with what would be rendered; `-` for standard input
    #[arg(
        long,
        value_name = "FILE",
        requires = "root",
        conflicts_with_all = ["kubelet_version", "upgrade"]
    )]
    nodes: Option<PathBuf>,

    /// Expect what `render --enable` adds of every node; by default it is expected of all as soon
    /// as one has it
    #[arg(long, requires = "nodes")]
    enable: bool,

    /// How to show what was found
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs: a list of reports, one for each service
    Json,
    /// For code scanners: SARIF 2.1.0
    Sarif,
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        if let Some(nodes) = &self.nodes {
            return self.check_fleet(nodes, registry);
        }
        let site = self.target.site(registry)?;
        let checked = checked(&site, &self.target, &self.service)?;
        if self.target.named(registry).is_none() {
            for checked in &checked {
                warn_of_another(&site, checked.backend());
            }
        }
        let named = self.upgrade.or(self.kubelet_version);
        let reports = checked
            .iter()
            .map(|checked| {
                let enabled = checked.is_enabled(&site);
                let enabled = enabled.as_ref().copied().map_err(PathBuf::as_path);
                let version = named.or_else(|| checked.kubelet(site.host()));
                let subject = checked.subject(&site, version, enabled);
                match self.upgrade {
                    Some(_) => check::upgrade(&subject),
                    None => check::check(&subject),
                }
            })
            .collect::<Result<Vec<_>, _>>()?;
        match self.format {
            Format::Text => text(&reports, &mut anstream::stdout().lock())?,
            Format::Json => json::print(&reports)?,
            Format::Sarif => {
                check::write_sarif(
                    site.root(),
                    &reports,
                    &mut BufWriter::new(io::stdout().lock()),
                )?;
            }
        }
        let clean = reports.iter().all(|report| report.clean);
        match self.upgrade {
            Some(version) => message::note(&verdict(version, &reports)),
            None if clean => message::note(&all_clean(&reports)),
            None => {}
        }
        Ok(ExitCode::from(u8::from(!clean)))
    }
}

impl Arguments {
    fn check_fleet(&self, nodes: &Path, registry: &Registry) -> Result<ExitCode, Failure> {
        let defaults = Defaults {
            order: self.service.order(registry, None)?,
            init: Some(self.target.init().to_owned()).filter(|init| init != AUTO),
            enable: self.enable,
        };
        let text = fleet::text(nodes)?;
        let fleet = Fleet {
            path: fleet::named(nodes),
            text: text.as_deref(),
            defaults: &defaults,
            registry,
        };
        let format = match self.format {
            Format::Text => super::format::Format::Text,
            Format::Json => super::format::Format::Json,
            Format::Sarif => {
                return Err(Failure::usage(
                    "SARIF is of one tree; with `--nodes` there are `--format text` and `--format json`",
                ));
            }
        };
        fleet::check(&fleet, self.target.folder(), format)
    }
}

/// Whether a kubelet of another release would start.
fn verdict(version: Version, reports: &[Report]) -> String {
    let findings = || reports.iter().flat_map(|report| &report.findings);
    let count = |level| findings().filter(|finding| finding.level == level).count();
    let unreadable = findings().any(|finding| finding.rule == Rule::Unreadable);
    let stopped = findings().any(|it| it.rule == Rule::Unit && it.level == Level::Error);
    let untold = |why: &str| {
        format!("whether kubelet {version} starts with what is set cannot be told, as {why}")
    };
    match (count(Level::Error), count(Level::Warning)) {
        _ if stopped => untold("no service runs it"),
        (0, _) if unreadable => untold("not all of it may be read"),
        (0, _) if is_beyond_known(version) => {
            untold(&format!("only 1.{OLDEST} to 1.{NEWEST} are known"))
        }
        (0, 0) => format!("kubelet {version} takes every flag, field and feature gate that is set"),
        (0, warnings) => format!(
            "kubelet {version} starts with what is set as far as can be told: {}",
            counted(warnings, "warning")
        ),
        (errors, _) => format!(
            "kubelet {version} does not start with what is set: {}",
            counted(errors, "error")
        ),
    }
}

/// That nothing is wrong, and how much there is to know all the same.
fn all_clean(reports: &[Report]) -> String {
    let findings = || reports.iter().flat_map(|report| &report.findings);
    if findings().any(|it| it.rule == Rule::Release)
        && reports.iter().any(|it| it.kubelet.is_none())
    {
        return "nothing is wrong as far as can be told: the kubelet's version is not known".into();
    }
    if findings().any(|it| it.rule.is_of_a_join()) {
        return "nothing is wrong, but the kubelet exits until `kubeadm init` or `kubeadm join` has run".into();
    }
    match findings().count() {
        0 => "clean: everything is as it should be".into(),
        1 => "clean, with 1 note".into(),
        notes => format!("clean, with {notes} notes"),
    }
}

/// The services that are looked at: those that are installed, or the one that is asked for.
pub(super) fn checked(
    site: &Site<'_>,
    target: &Target,
    service: &ServiceArguments,
) -> Result<Vec<Checked>, Failure> {
    if target.named(site.registry()).is_none() {
        let installed = Checked::installed(site)?;
        if !installed.is_empty() {
            return Ok(installed);
        }
    }
    let backend = target.backend(site)?;
    let order = service.order_in(site, backend)?;
    let described = service.describes();
    Ok(vec![Checked::chosen(site, backend, &order, described)?])
}

pub(super) const BOLD: Style = Style::new().bold();
const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();

fn text(reports: &[Report], out: &mut impl Write) -> io::Result<()> {
    for (at, report) in reports.iter().enumerate() {
        if reports.len() > 1 {
            heading(report, at > 0, out)?;
        }
        if let Some(origin) = &report.origin {
            let line = format!("{BOLD}{origin}{BOLD:#}\n");
            out.write_all(Columns::of_stdout().wrap(&line).as_bytes())?;
        }
        for finding in &report.findings {
            one(finding, out)?;
        }
        if let Some(service) = &report.distribution_service {
            points(service, out)?;
        }
    }
    out.flush()
}

/// Which of several services the findings below are of; that there are none, where
/// that would look as if something were missing.
fn heading(report: &Report, apart: bool, out: &mut impl Write) -> io::Result<()> {
    if apart {
        writeln!(out)?;
    }
    let silent = report.findings.is_empty() && report.distribution_service.is_none();
    let clean = if silent { " clean" } else { "" };
    writeln!(out, "{BOLD}{}:{BOLD:#}{clean}", report.title())
}

fn one(finding: &Finding, out: &mut impl Write) -> io::Result<()> {
    let style = match finding.level {
        Level::Error => RED.bold(),
        Level::Warning => YELLOW.bold(),
        Level::Note => CYAN.bold(),
    };
    let (level, rule, sentence) = (finding.level, finding.rule.id(), finding.sentence());
    let columns = Columns::of_stdout();
    let line = format!("{style}{level}{style:#}[{rule}]: {sentence}\n");
    out.write_all(columns.wrap(&line).as_bytes())?;
    if let Some(hint) = &finding.hint {
        let line = format!("  {CYAN}hint:{CYAN:#} {hint}\n");
        out.write_all(columns.wrap(&line).as_bytes())?;
    }
    match &finding.diff {
        // All of the file, more than 1000 lines for a launcher; `diff` shows it.
        Some(_) if finding.rule == Rule::Missing => Ok(()),
        Some(diff) => coloured(diff, out),
        None => Ok(()),
    }
}

/// A unified diff in the colours that are usual.
pub(super) fn coloured(diff: &str, out: &mut impl Write) -> io::Result<()> {
    for line in diff.lines() {
        let style = match line.as_bytes() {
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => BOLD,
            [b'+', ..] => GREEN,
            [b'-', ..] => RED,
            [b'@', ..] => CYAN,
            _ => Style::new(),
        };
        writeln!(out, "{style}{line}{style:#}")?;
    }
    Ok(())
}

fn points(service: &ServiceReport, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{BOLD}a service that is not ours:{BOLD:#} {}",
        service.files.join(", ")
    )?;
    for point in &service.points {
        let (style, mark) = match point.same {
            Some(true) => (GREEN, "same"),
            Some(false) => (YELLOW, "differs"),
            None => (YELLOW, "unknown"),
        };
        let at = match (&point.path, point.line) {
            (Some(path), Some(line)) => format!(" ({path}:{line})"),
            (Some(path), None) => format!(" ({path})"),
            (None, _) => String::new(),
        };
        let (about, here) = (point.about, &point.here);
        let columns = Columns::of_stdout();
        let text = format!("  {style}{mark:<8}{style:#}{about}: {here}{at}\n");
        out.write_all(columns.wrap(&text).as_bytes())?;
        if point.same != Some(true) {
            let text = format!("          systemd: {}\n", point.systemd);
            out.write_all(columns.wrap(&text).as_bytes())?;
        }
    }
    Ok(())
}
