//! What a unit requires and systemd has no unit for: the start of the unit fails then, be it
//! enabled or not (`systemd.unit(5)`, `Requires=`, `BindsTo=`, `Requisite=`;
//! `transaction_add_job_and_dependencies`, `transaction.c`, 252). Without what it wants or is
//! only ordered after, systemd starts it all the same.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::find::finder;
use crate::backends::{Request, Trouble};
use crate::host::Host;
use crate::service::Dependency;
use crate::sorting;
use crate::unit::{Directive, FindError, Finder, Found, Unit, UnitName, Value};

/// Without these, a unit is not started.
const KEYS: [&str; 3] = ["Requires", "BindsTo", "Requisite"];

/// More units than one needs.
const MOST: usize = 256;

/// What systemd has without a file (`unit_new_for_name` of `slice.c`, `mount.c`, `scope.c`).
fn is_built_in(unit: &UnitName) -> bool {
    unit.suffix() == "slice" || matches!(unit.as_str(), "-.mount" | "init.scope")
}

/// A unit that another one requires; without a name where only the host says it.
struct Need {
    unit: Result<UnitName, char>,
    /// The file that says so.
    by: PathBuf,
    /// The line there; 0 where it is a link.
    line: usize,
}

/// Everything that is missing, that of what it requires included, and what nobody can tell.
pub(super) fn unmet(host: &Host, request: &Request<'_>) -> Vec<Trouble> {
    let finder = finder(host);
    let service = &request.service.name;
    let Ok(own) = format!("{service}.service").parse::<UnitName>() else {
        return Vec::new();
    };
    let looked = Looked {
        host,
        finder: &finder,
        service: service.as_str(),
    };
    let mut open = match finder.unit(&own) {
        Ok(found) if !is_said(&found) => Vec::new(),
        Ok(found) => looked.needs(found).unwrap_or_default(),
        Err(FindError::NotFound { .. }) => rendered(request),
        // That it is masked, or cannot be read, is said of the service itself.
        Err(_) => return Vec::new(),
    };
    let mut seen = BTreeSet::from([own]);
    let mut troubles = Vec::new();
    while let Some(need) = open.pop().filter(|_| seen.len() < MOST) {
        let is_new = |unit: &UnitName| seen.insert(unit.clone());
        if !need.unit.as_ref().map_or(true, is_new) {
            continue;
        }
        match looked.at(&need) {
            Ok(further) => open.extend(further),
            Err(trouble) => troubles.push(trouble),
        }
    }
    sorting::by(&mut troubles, |a, b| {
        (&a.path, &a.what).cmp(&(&b.path, &b.what))
    });
    troubles
}

/// Whether a unit may require something: most do not, and need not be read for that.
fn is_said(found: &Found) -> bool {
    let mut names = KEYS.iter().flat_map(|key| Directive::names(key));
    !found.links.is_empty() || names.any(|name| found.mentions(name))
}

/// What is rendered requires these.
fn rendered(request: &Request<'_>) -> Vec<Need> {
    let needs = Dependency::services(&request.service.needs).into_iter();
    let need = |name: &str| {
        Some(Need {
            unit: Ok(format!("{name}.service").parse().ok()?),
            by: PathBuf::from(request.places.service.as_str()),
            line: 0,
        })
    };
    needs.filter_map(need).collect()
}

struct Looked<'a> {
    host: &'a Host,
    finder: &'a Finder<'a>,
    service: &'a str,
}

impl Looked<'_> {
    /// What a unit requires; why systemd does not load it, if it does not.
    fn needs(&self, mut found: Found) -> Result<Vec<Need>, String> {
        // As every place of an answer: a path of the tree.
        let sources = std::iter::once(&mut found.fragment).chain(&mut found.drop_ins);
        for source in sources {
            source.path.clone_from(&source.inside);
        }
        let root = self.host.root().path();
        for link in &mut found.links {
            if let Ok(inside) = Path::new(&link.path).strip_prefix(root) {
                link.path = format!("/{}", inside.display());
            }
        }
        let unit = Unit::of(&found, &|_| None);
        if found.name.suffix() == "service" && !unit.is_loaded() {
            let why = unit.faults.first();
            return Err(why.map_or_else(String::new, |(_, fault)| fault.to_string()));
        }
        let settings = unit.settings.iter();
        let needs = settings.filter(|it| KEYS.contains(&it.key));
        let needs = needs.filter_map(|setting| {
            let unit_name = match &setting.value {
                Value::Text(name) => Ok(name.parse().ok()?),
                Value::Host(specifier) => Err(*specifier),
                _ => return None,
            };
            Some(Need {
                unit: unit_name,
                by: PathBuf::from(&unit.files[setting.place.file]),
                line: setting.place.line,
            })
        });
        Ok(needs.collect())
    }

    /// What a unit that is required requires itself.
    fn at(&self, need: &Need) -> Result<Vec<Need>, Trouble> {
        let unit = match &need.unit {
            Ok(unit) if is_built_in(unit) => return Ok(Vec::new()),
            Ok(unit) => unit,
            Err(specifier) => {
                let why = format!("`%{specifier}` in it is the running host's");
                return Err(self.untold(need, &why));
            }
        };
        match self.finder.unit(unit) {
            Ok(found) => self.needs(found).map_err(|fault| {
                self.missing(need, &format!("which systemd does not load: {fault}"))
            }),
            Err(FindError::NotFound { .. }) => self.not_found(need, unit),
            Err(FindError::Masked { path }) => {
                let why = format!("which `{}` masks", path.display());
                let hint = format!("`systemctl unmask {unit}`");
                Err(Trouble {
                    hint: Some(hint),
                    ..self.missing(need, &why)
                })
            }
            Err(FindError::Denied(error)) => {
                Err(self.untold(need, &format!("it may not be looked at: {error}")))
            }
            Err(error) => Err(self.missing(need, &format!("which is not there: {error}"))),
        }
    }

    /// Units without a file, which something makes on the running machine.
    fn not_found(&self, need: &Need, unit: &UnitName) -> Result<Vec<Need>, Trouble> {
        match unit.suffix() {
            // systemd-sysv-generator(8), until 260.
            "service" if self.host.exists(Path::new("/etc/init.d").join(unit.stem())) => {
                Ok(Vec::new())
            }
            "mount" | "automount" | "swap" if self.is_in_fstab(unit.stem()) => Ok(Vec::new()),
            "device" | "mount" | "automount" | "swap" | "scope" => {
                Err(self.untold(need, "only the running machine has such units"))
            }
            _ => Err(self.missing(need, "of which there is no unit")),
        }
    }

    /// systemd-fstab-generator(8) makes units of these lines.
    fn is_in_fstab(&self, stem: &str) -> bool {
        let text = self.host.text("/etc/fstab").unwrap_or_default();
        let lines = text.lines().map(|line| line.split_whitespace());
        let mut named = lines.flat_map(|words| words.take(2));
        named.any(|path| path.starts_with('/') && escaped(path) == stem)
    }

    fn missing(&self, need: &Need, why: &str) -> Trouble {
        let unit = shown(need);
        Trouble {
            path: need.by.clone(),
            what: format!(
                "requires {unit}, {why}: systemd does not start `{}` without it, enabled or not",
                self.service
            ),
            hint: Some(
                "install what it belongs to, or name it in `Wants=` (`wants` of a spec), which \
                 does without"
                    .into(),
            ),
        }
    }

    fn untold(&self, need: &Need, why: &str) -> Trouble {
        Trouble {
            path: need.by.clone(),
            what: format!(
                "requires {}, and {why}: whether systemd starts `{}` cannot be told",
                shown(need),
                self.service
            ),
            hint: Some(format!(
                "on the machine, `systemctl list-dependencies {}` tells",
                self.service
            )),
        }
    }
}

fn shown(need: &Need) -> String {
    let unit = match &need.unit {
        Ok(unit) => format!("`{unit}`"),
        Err(_) => "a unit".to_owned(),
    };
    match need.line {
        0 => unit,
        line => format!("{unit} in line {line}"),
    }
}

/// A path as the name of a unit (`systemd-escape(1)`, `--path`).
fn escaped(path: &str) -> String {
    let parts = path.split('/').filter(|part| !part.is_empty());
    let path = parts.collect::<Vec<_>>().join("/");
    if path.is_empty() {
        return "-".into();
    }
    let one = |(at, byte): (usize, u8)| match byte {
        b'/' => "-".to_owned(),
        b'.' if at > 0 => ".".to_owned(),
        b':' | b'_' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("\\x{byte:02x}"),
    };
    path.bytes().enumerate().map(one).collect()
}
