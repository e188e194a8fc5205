//! The processes of a machine, as `/proc` shows them (proc(5)).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::root::Root;
use crate::sorting;

/// A process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// The number of the process above it.
    pub parent: Option<u32>,
    /// Its name, cut to 15 bytes (`comm`).
    pub name: String,
    /// The program that it is, where we may know (`exe`).
    pub program: Option<PathBuf>,
    /// What it was called with, its own name first (`cmdline`).
    pub arguments: Vec<String>,
    /// Its working folder, where we may know (`cwd`).
    pub folder: Option<PathBuf>,
}

/// A name in `/proc/PID/comm` is not longer (`TASK_COMM_LEN`, `sched.h`).
const NAME: usize = 15;

impl Process {
    /// Whether this is the program of that name: by its file, by what it was called
    /// as (busybox is many programs), or, for a Python program, by its script.
    pub fn is(&self, program: &str) -> bool {
        let called = self.arguments.first().map(|name| file_name(name));
        if called == Some(program) || self.file() == Some(program) {
            return true;
        }
        match self.is_python() {
            true => self.script() == Some(program),
            // Of a kernel thread or of somebody else's process no more is seen.
            false => self.program.is_none() && called.is_none() && self.name == cut(program),
        }
    }

    /// The name of its file, of which a package may have put a newer one in place.
    fn file(&self) -> Option<&str> {
        let name = self.program.as_ref()?.file_name()?.to_str()?;
        Some(name.strip_suffix(" (deleted)").unwrap_or(name))
    }

    fn is_python(&self) -> bool {
        let called = self.arguments.first().map(|name| file_name(name));
        [self.file(), called]
            .into_iter()
            .flatten()
            .any(|name| name.starts_with("python"))
    }

    fn script(&self) -> Option<&str> {
        let after = self.arguments.iter().skip(1);
        after
            .map(String::as_str)
            .find(|word| !word.starts_with('-'))
            .map(file_name)
    }

    /// What it was called with, as one line for people.
    pub fn command_line(&self) -> String {
        match self.arguments.is_empty() {
            true => self.name.clone(),
            false => self.arguments.join(" "),
        }
    }

    /// A path that it was called with, taken from its working folder.
    pub fn path(&self, argument: &str) -> PathBuf {
        let folder = self.folder.as_deref().unwrap_or(Path::new("/"));
        folder.join(argument)
    }
}

fn file_name(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    // A login shell's way to be called.
    name.strip_prefix('-').unwrap_or(name)
}

fn cut(name: &str) -> &str {
    name.get(..NAME).unwrap_or(name)
}

/// Every process of this PID namespace. Those of containers are seen as well, with
/// one more number each, and are not this machine's.
pub(super) fn list(root: &Root) -> Vec<Process> {
    let mut processes: Vec<Process> = root
        .list("/proc")
        .unwrap_or_default()
        .iter()
        .filter_map(|name| name.to_str()?.parse().ok())
        .filter_map(|pid| read(root, pid))
        .collect();
    sorting::by_key(&mut processes, |process| process.pid);
    adopt(root, &mut processes);
    processes
}

fn read(root: &Root, pid: u32) -> Option<Process> {
    let file = |name: &str| super::text(root, Path::new(&format!("/proc/{pid}/{name}")));
    let link = |name: &str| root.read_link(format!("/proc/{pid}/{name}")).ok().flatten();
    let status = file("status").unwrap_or_default();
    if is_contained(&status) {
        return None;
    }
    let program = link("exe");
    let arguments: Vec<String> = file("cmdline")
        .map(|text| text.trim_end_matches('\0').to_owned())
        .filter(|text| !text.is_empty())
        .map(|text| text.split('\0').map(str::to_owned).collect())
        .unwrap_or_default();
    let name = file("comm").map(|name| name.trim_end().to_owned());
    if name.is_none() && program.is_none() && arguments.is_empty() {
        return None;
    }
    Some(Process {
        pid,
        parent: parent(&status, file("stat").as_deref()),
        name: name.unwrap_or_default(),
        program,
        arguments,
        folder: link("cwd"),
    })
}

/// A process has a number in each PID namespace that it is in.
fn is_contained(status: &str) -> bool {
    field(status, "NSpid:").is_some_and(|numbers| numbers.split_whitespace().count() > 1)
}

fn parent(status: &str, stat: Option<&str>) -> Option<u32> {
    // A name in `stat` can hold anything, parentheses included.
    let after_name = || stat?.rsplit_once(") ")?.1.split_whitespace().nth(1);
    let number = field(status, "PPid:").or_else(after_name)?;
    number.trim().parse().ok().filter(|&pid| pid > 0)
}

fn field<'t>(status: &'t str, name: &str) -> Option<&'t str> {
    status.lines().find_map(|line| line.strip_prefix(name))
}

/// Fills in parents that only `/proc/PID/task/PID/children` tells of.
fn adopt(root: &Root, processes: &mut [Process]) {
    if processes
        .iter()
        .all(|it| it.parent.is_some() || it.pid == 1)
    {
        return;
    }
    let mut parents = HashMap::new();
    for process in processes.iter() {
        let pid = process.pid;
        let path = format!("/proc/{pid}/task/{pid}/children");
        let children = super::text(root, Path::new(&path)).unwrap_or_default();
        parents.extend(
            children
                .split_whitespace()
                .filter_map(|child| Some((child.parse::<u32>().ok()?, pid))),
        );
    }
    for process in processes {
        process.parent = process.parent.or(parents.get(&process.pid).copied());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(program: Option<&str>, arguments: &[&str], name: &str) -> Process {
        Process {
            pid: 7,
            parent: Some(1),
            name: name.into(),
            program: program.map(Into::into),
            arguments: arguments.iter().map(ToString::to_string).collect(),
            folder: None,
        }
    }

    #[test]
    fn a_program_is_known_by_its_file_its_call_or_its_script() {
        let python = ["/usr/bin/python3", "-Es", "/usr/bin/supervisord", "-n"];
        let supervisord = process(Some("/usr/bin/python3.11"), &python, "supervisord");
        assert!(supervisord.is("supervisord"));
        let busybox = process(
            Some("/bin/busybox"),
            &["runsvdir", "/etc/service"],
            "runsvdir",
        );
        assert!(busybox.is("runsvdir"));
        let replaced = process(Some("/usr/bin/runit (deleted)"), &["runit"], "runit");
        assert!(replaced.is("runit"));
        assert!(process(None, &[], "a-long-program-").is("a-long-program-name"));
    }

    #[test]
    fn what_is_merely_called_alike_is_not_the_program() {
        let shell = process(
            Some("/bin/dash"),
            &["/bin/sh", "/etc/init.d/supervisord", "start"],
            "supervisord",
        );
        assert!(!shell.is("supervisord"));
        let editor = process(Some("/usr/bin/vi"), &["vi", "/usr/bin/supervisord"], "vi");
        assert!(!editor.is("supervisord"));
        let worker = process(
            Some("/usr/bin/python3"),
            &["python3", "job.py", "supervisord"],
            "python3",
        );
        assert!(!worker.is("supervisord"));
    }

    #[test]
    fn a_container_has_one_number_more() {
        assert!(is_contained("Name:\ta\nNSpid:\t4711\t1\n"));
        assert!(!is_contained("Name:\ta\nNSpid:\t4711\n"));
    }

    #[test]
    fn a_name_with_parentheses_hides_no_parent() {
        assert_eq!(parent("", Some("7 (a) S 9) S 3 7 7")), Some(3));
        assert_eq!(parent("PPid:\t5\n", None), Some(5));
        assert_eq!(parent("PPid:\t0\n", None), None);
    }
}
