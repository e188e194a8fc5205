//! Reports as SARIF 2.1.0, the format that code scanners exchange (OASIS).

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::Report;
use super::distribution::ServiceReport;
use super::finding::{Finding, Level, Rule};
use crate::root::Root;
use crate::shipped::Point;
use crate::sink::StreamError;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What the URIs of files are relative to: the folder of the tree (3.14.14).
const BASE: &str = "ROOT";

/// Writes one run with the results of all reports, which are of one tree.
///
/// # Errors
/// The stream cannot be written.
pub fn write(root: &Root, reports: &[Report], out: &mut impl Write) -> Result<(), StreamError> {
    let several = reports.len() > 1;
    let results: Vec<_> = reports
        .iter()
        .flat_map(|report| results(root, report, several))
        .collect();
    let rules: Vec<_> = Rule::ALL.iter().copied().map(rule).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "kubelet-unit",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "originalUriBaseIds": {(BASE): {"uri": folder_uri(root.path())}},
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)?;
    out.flush()?;
    Ok(())
}

fn rule(rule: Rule) -> Value {
    json!({"id": rule.id(), "shortDescription": {"text": rule.title()}})
}

/// The results of a report. A viewer shows the message and seldom more, so that of
/// several reports it is said there which one a result is of.
fn results<'a>(
    root: &'a Root,
    report: &'a Report,
    several: bool,
) -> impl Iterator<Item = Value> + 'a {
    let points = report.distribution_service.iter().flat_map(|service| {
        let differing = service
            .points
            .iter()
            .filter(|point| point.same != Some(true));
        differing.map(|point| of_point(service, point))
    });
    let findings = report.findings.iter().map(of_finding);
    findings.chain(points).map(move |mut found| {
        if several {
            found.text = format!("{}: {}", report.title(), found.text);
        }
        let mut result = found.result(root);
        result["properties"] = json!({"service": report.service, "init": report.init});
        result
    })
}

/// What a result is made of.
struct Found {
    rule: Rule,
    level: Level,
    text: String,
    path: Option<PathBuf>,
    line: Option<usize>,
}

/// The hint is a paragraph of its own (3.11.3).
fn of_finding(finding: &Finding) -> Found {
    let mut text = finding.sentence();
    if let Some(hint) = &finding.hint {
        text.push_str("\nhint: ");
        text.push_str(hint);
    }
    Found {
        rule: finding.rule,
        level: finding.level,
        text,
        path: finding.path.clone(),
        line: finding.line,
    }
}

fn of_point(service: &ServiceReport, point: &Point) -> Found {
    let path = point.path.as_ref().or(service.files.first());
    Found {
        rule: Rule::DistributionService,
        level: Level::Warning,
        text: format!(
            "{}{}: {}\nsystemd: {}",
            path.map(|path| match point.line {
                Some(line) => format!("`{path}` line {line}: "),
                None => format!("`{path}`: "),
            })
            .unwrap_or_default(),
            point.about,
            point.here,
            point.systemd
        ),
        path: path.map(PathBuf::from),
        line: point.line,
    }
}

impl Found {
    fn result(&self, root: &Root) -> Value {
        let mut result = json!({
            "ruleId": self.rule.id(),
            "level": self.level.to_string(),
            "message": {"text": plain(&self.text)},
        });
        if let Some(path) = &self.path {
            let mut location = json!({"artifactLocation": artifact(root, path)});
            if let Some(line) = self.line {
                location["region"] = json!({"startLine": line});
            }
            result["locations"] = json!([{"physicalLocation": location}]);
        }
        result
    }
}

/// A message without placeholders (3.11.5).
fn plain(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// A file of the tree (3.4).
fn artifact(root: &Root, path: &Path) -> Value {
    match path.strip_prefix(root.path()) {
        Ok(below) => json!({"uri": uri(below.as_os_str()), "uriBaseId": BASE}),
        Err(_) => json!({"uri": uri(path.as_os_str())}),
    }
}

/// The absolute URI of a folder, however it was named.
fn folder_uri(path: &Path) -> String {
    let absolute = fs::canonicalize(path).or_else(|_| std::path::absolute(path));
    let path = absolute.unwrap_or_else(|_| path.into());
    let uri = uri(path.as_os_str());
    match uri.ends_with('/') {
        true => format!("file://{uri}"),
        false => format!("file://{uri}/"),
    }
}

/// A path as a URI reference (RFC 3986, 3.3): whatever is not an unreserved character
/// nor a slash is written in hexadecimal.
fn uri(path: &OsStr) -> String {
    use std::fmt::Write;
    path.as_bytes()
        .iter()
        .fold(String::new(), |mut text, &byte| {
            match byte {
                b'/' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
                byte if byte.is_ascii_alphanumeric() => text.push(char::from(byte)),
                byte => {
                    let _ = write!(text, "%{byte:02X}");
                }
            }
            text
        })
}
