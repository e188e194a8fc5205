//! Taking over from the services that distributions ship: the kubelet runs with the same flags.

use std::collections::BTreeMap;
use std::path::Path;

use kubelet_unit::kubelet::flags::Flag;

use super::drive::{ENV_FILE, ask, program};
use crate::bed::{Bed, Boot, File, PATIENCE};
use crate::error::{Context, Result, fail};
use crate::lanes::Task;
use crate::recorder::{Record, text};
use crate::report::Cell;

/// A distribution's service as it is found: its folder in `fixtures/services`, the
/// distribution, and what an administrator has changed in one of its files.
struct Form {
    fixture: &'static str,
    distro: &'static str,
    edited: (&'static str, &'static str, &'static str),
    /// Whether kubeadm has written its flags: dash has no `source`, by which Gentoo's reads them.
    joined: bool,
    /// Flags that ours passes as well.
    more: usize,
}

const FORMS: &[(&str, &[Form])] = &[
    (
        "openrc",
        &[
            Form {
                fixture: "alpine",
                distro: "alpine",
                edited: (
                    "/etc/conf.d/kubelet",
                    "--cgroup-driver",
                    "--node-ip=10.0.0.7 --cgroup-driver",
                ),
                joined: true,
                more: 0,
            },
            Form {
                fixture: "gentoo",
                distro: "gentoo",
                edited: (
                    "/etc/conf.d/kubelet",
                    "--kubeconfig",
                    "--node-labels='a=1,b=2' --v=3 --kubeconfig",
                ),
                joined: false,
                more: 0,
            },
        ],
    ),
    (
        "runit",
        &[
            Form {
                fixture: "void-kubernetes",
                distro: "void",
                edited: (
                    "/etc/kubernetes/kubelet",
                    "#OPTS=\"",
                    "OPTS=\"$KUBE_LOG_LEVEL $KUBELET_ADDRESS ",
                ),
                joined: true,
                more: 0,
            },
            // As it comes it passes nothing.
            Form {
                fixture: "void-kubernetes",
                distro: "void",
                edited: ("/etc/kubernetes/kubelet", "#OPTS", "#OPTS"),
                joined: true,
                more: 5,
            },
        ],
    ),
];

pub(super) fn same_flags(task: &Task) -> Result<Cell> {
    let forms = FORMS.iter().find(|(init, _)| *init == task.init.name());
    let mut taken = 0;
    for form in forms.into_iter().flat_map(|(_, forms)| *forms) {
        one(task, form).context(form.fixture)?;
        taken += 1;
    }
    Ok(Cell::Passed(format!("{taken} services")))
}

fn one(task: &Task, form: &Form) -> Result<()> {
    let mut files = shipped(form);
    files.push(program());
    // The packages of Alpine and Gentoo bring it.
    files.push(File::folder("/var/log/kubelet", 0o755));
    if form.joined {
        let flags = "KUBELET_KUBEADM_ARGS=\"--node-labels=c=3 --v=4\"\n";
        files.push(File::new(ENV_FILE, 0o644, flags));
    }
    let mut bed = Bed::boot(task.init, &files, &Boot::default())?;
    bed.start()?;
    let mut before = flags(&bed.next_start(PATIENCE)?);
    bed.stop()?;
    // A variable of the bed's init, which stands in no file and does not reach ours.
    before.remove("from-the-supervisor");
    let install = [
        "install",
        "--init",
        task.init.name(),
        "--distro",
        form.distro,
    ];
    let refused = ask(&bed, &install)?;
    if refused.code != 1 {
        fail!("it is installed over another's service: {}", refused.all());
    }
    for say in ["installed", "nothing to do"] {
        let output = ask(&bed, &[&install[..], &["--migrate"]].concat())?;
        if output.code != 0 || !output.all().contains(say) {
            fail!("it is not taken over, {say}: {}", output.all());
        }
    }
    bed.start()?;
    let after = flags(&bed.next_start(PATIENCE)?);
    bed.stop()?;
    let differs = before
        .iter()
        .find(|(flag, value)| after.get(*flag) != Some(value));
    if let Some((flag, values)) = differs {
        fail!("`--{flag}` was {values:?} and is {:?}", after.get(flag));
    }
    if after.len() != before.len() + form.more {
        fail!("other flags than before: {before:?}, {after:?}");
    }
    Ok(())
}

/// The files of the form, scripts executable.
fn shipped(form: &Form) -> Vec<File> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/services")
        .join(form.fixture);
    let mut files = Vec::new();
    for path in [
        "/etc/init.d/kubelet",
        "/etc/conf.d/kubelet",
        "/etc/sv/kubelet/run",
        "/etc/kubernetes/config",
        "/etc/kubernetes/kubelet",
    ] {
        let Ok(text) = std::fs::read_to_string(folder.join(&path[1..])) else {
            continue;
        };
        let (edited, from, to) = form.edited;
        let text = match path == edited {
            true => text.replace(from, to),
            false => text,
        };
        let mode = if text.starts_with("#!") { 0o755 } else { 0o644 };
        // What a bed has no service for is not needed there.
        let text = text
            .replace("\tneed net\n", "\tafter net\n")
            .replace("\tneed cgroups\n", "")
            // Debian's OpenRC starts with dpkg's program, which has other names for these.
            .replace(
                "--stdout /var/log/${RC_SVCNAME}/out.log --stderr /var/log/${RC_SVCNAME}/err.log",
                "",
            );
        files.push(File::new(path, mode, text));
    }
    files
}

/// The flags of a start with their values. Of equal ones the last counts, and what adds up is
/// there in its order.
fn flags(record: &Record) -> BTreeMap<String, Vec<String>> {
    let words: Vec<_> = record.argv.iter().skip(1).map(|word| text(word)).collect();
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut at = 0;
    while let Some(flag) = words.get(at).and_then(|word| Flag::parse(word)) {
        let next = words.get(at + 1).filter(|_| flag.takes_next());
        let value = flag.value.or(next.map(String::as_str)).unwrap_or("true");
        let values = all.entry(flag.name.to_string()).or_default();
        if flag.name != "node-labels" {
            values.clear();
        }
        values.push(value.to_owned());
        values.sort();
        at += 1 + usize::from(next.is_some());
    }
    all
}
