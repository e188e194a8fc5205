//! The links through which an init starts a service with the machine.

use super::finding::{Finding, Level, Rule};
use crate::root::{Root, RootError};
use crate::service::{AbsPath, Name};

/// What is wrong with the links of a service, each of which comes with what it holds: one that
/// leads elsewhere, and where they are `expected`, one that is missing. A link that leads to the
/// same in other words is as good.
///
/// # Errors
/// The tree cannot be read.
pub fn links(
    root: &Root,
    service: &Name,
    links: &[(AbsPath, String)],
    expected: bool,
) -> Result<Vec<Finding>, RootError> {
    let mut findings = Vec::new();
    for (path, target) in links {
        match link(root, service, path, target, expected) {
            Ok(found) => findings.extend(found),
            Err(error) => findings.push(Finding::of_denied(error)?),
        }
    }
    Ok(findings)
}

fn link(
    root: &Root,
    service: &Name,
    path: &AbsPath,
    target: &str,
    expected: bool,
) -> Result<Option<Finding>, RootError> {
    let finding =
        |rule, message| Finding::new(rule, Level::Error, root.shown(path.as_str()), message);
    let Some(there) = root.status(path.as_str())? else {
        let message = format!("is missing: `{service}` does not start with the machine");
        return Ok(expected.then(|| finding(Rule::NotEnabled, message)));
    };
    let message = match root.read_link(path.as_str())? {
        Some(holds) if holds.as_os_str() == target => return Ok(None),
        Some(_) if root.is_same(path.as_str(), target)? => return Ok(None),
        Some(holds) => format!("leads to `{}` and not to `{target}`", holds.display()),
        None => format!("is {} and not a link to `{target}`", there.kind),
    };
    Ok(Some(finding(Rule::Changed, message)))
}
