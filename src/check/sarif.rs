//! Reports as SARIF 2.1.0, the format that code scanners exchange (OASIS).

use std::io::Write;

use serde_json::{Value, json};

use super::Report;
use super::finding::{Finding, Level, Rule};
use crate::sink::StreamError;

/// Writes one run with the results of all reports.
///
/// # Errors
/// The stream cannot be written.
pub fn write(reports: &[Report], out: &mut impl Write) -> Result<(), StreamError> {
    let results: Vec<_> = reports.iter().flat_map(results).collect();
    let rules: Vec<_> = Rule::ALL.iter().copied().map(rule).collect();
    let log = json!({
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "kubelet-unit",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
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

fn results(report: &Report) -> impl Iterator<Item = Value> + '_ {
    let points = report.distribution_service.iter().flat_map(|service| {
        let differing = service.points.iter().filter(|point| !point.same);
        differing.map(|point| {
            let text = format!(
                "{}: {}; systemd: {}",
                point.about, point.here, point.systemd
            );
            let path = point.path.as_ref().or(service.files.first());
            let rule = Rule::DistributionService;
            result(
                rule,
                Level::Warning,
                &text,
                path.map(String::as_str),
                point.line,
            )
        })
    });
    report.findings.iter().map(of_finding).chain(points)
}

fn of_finding(finding: &Finding) -> Value {
    let path = finding.path.as_ref().map(|path| path.display().to_string());
    let text = match (&path, &finding.hint) {
        (Some(path), Some(hint)) => format!("{path}: {}; {hint}", finding.message),
        (Some(path), None) => format!("{path}: {}", finding.message),
        (None, _) => finding.message.clone(),
    };
    result(
        finding.rule,
        finding.level,
        &text,
        path.as_deref(),
        finding.line,
    )
}

fn result(rule: Rule, level: Level, text: &str, path: Option<&str>, line: Option<usize>) -> Value {
    let mut result = json!({
        "ruleId": rule.id(),
        "level": level.to_string(),
        "message": {"text": text},
    });
    if let Some(path) = path {
        let mut location = json!({"artifactLocation": {"uri": uri(path)}});
        if let Some(line) = line {
            location["region"] = json!({"startLine": line});
        }
        result["locations"] = json!([{"physicalLocation": location}]);
    }
    result
}

/// A path as a URI reference (RFC 3986, 3.3): whatever is no unreserved character
/// nor a slash is written in hexadecimal.
fn uri(path: &str) -> String {
    use std::fmt::Write;
    path.bytes().fold(String::new(), |mut text, byte| {
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
