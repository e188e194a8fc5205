//! A rendering as a file of Ansible tasks: folders, files, and the service.
//!
//! Contents and paths are marked `!unsafe`, so that a `{{` in them is never taken
//! for a template. With the variable `kubelet_unit_root` the files go below that
//! folder, for the making of images, and nothing is started.

use std::io::{self, Write};

use super::format::{FormatError, headline, only, plain, quoted, write_block};
use super::{Rendering, Renderings};
use crate::rendering::File;
use crate::service::AbsPath;
use crate::sorting;

const FORMAT: &str = "Ansible";

/// Where a loop's item goes; what is looped over gives its path.
const BELOW_ROOT: &str = "\"{{ kubelet_unit_root | default('') }}{{ item.path }}\"";

/// Nothing is started in a tree that does not run.
const ON_A_MACHINE: &str = "kubelet_unit_root | default('') | length == 0";

/// Writes a list of tasks.
///
/// # Errors
/// There are several renderings, a file is not text, or the stream cannot be
/// written.
pub fn write(renderings: &Renderings, out: &mut impl Write) -> Result<(), FormatError> {
    tasks(only(FORMAT, renderings)?, false, out)
}

/// Writes the tasks for all nodes of a kind; a file of its own a node names in the variable
/// `kubelet_unit_own`, as [`write_own`] writes it.
///
/// # Errors
/// As for [`write`].
pub fn write_for_fleet(rendering: &Rendering, out: &mut impl Write) -> Result<(), FormatError> {
    tasks(rendering, true, out)
}

/// Writes the variables of a node: which tasks are its own, and its file.
///
/// # Errors
/// The file is not text, or the stream cannot be written.
pub fn write_own(
    kind: &str,
    own: Option<(&AbsPath, &File)>,
    out: &mut impl Write,
) -> Result<(), FormatError> {
    writeln!(out, "kubelet_unit_kind: {}", quoted(kind))?;
    let Some((path, file)) = own else {
        return Ok(());
    };
    let text = plain(&file.content).ok_or_else(|| FormatError::NotText {
        format: FORMAT,
        path: path.clone(),
    })?;
    writeln!(out, "{OWN}:")?;
    writeln!(out, "  path: !unsafe {}", quoted(path.as_str()))?;
    writeln!(out, "  mode: '{:04o}'", file.mode)?;
    write!(out, "  content: !unsafe ")?;
    write_block(text, 2, out)?;
    Ok(())
}

/// The variable with a node's own file.
const OWN: &str = "kubelet_unit_own";

fn tasks(rendering: &Rendering, fleet: bool, out: &mut impl Write) -> Result<(), FormatError> {
    let texts = rendering
        .rendered
        .files()
        .map(|(path, file)| {
            let is_empty = file.content.is_empty();
            let text = is_empty.then_some("").or_else(|| plain(&file.content));
            text.ok_or_else(|| FormatError::NotText {
                format: FORMAT,
                path: path.clone(),
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    writeln!(out, "# {}\n---", headline(rendering))?;
    folders(rendering, out)?;
    files(rendering, &texts, out)?;
    lines(rendering, &texts, out)?;
    if fleet {
        own_file(out)?;
    }
    activation(rendering, fleet, out)?;
    out.flush()?;
    Ok(())
}

fn folders(rendering: &Rendering, out: &mut impl Write) -> io::Result<()> {
    write!(
        out,
        "- name: Make the folders of {}
  ansible.builtin.file:
    path: {BELOW_ROOT}
    state: directory
    owner: root
    group: root
    mode: '0755'
  loop_control:
    label: \"{{{{ item.path }}}}\"
  loop:
",
        rendering.service
    )?;
    let files = rendering.rendered.files();
    let folders = sorting::set(files.map(|(path, _)| path.parent()));
    for folder in folders {
        writeln!(out, "  - path: !unsafe {}", quoted(folder))?;
    }
    writeln!(out)
}

fn files(rendering: &Rendering, texts: &[&str], out: &mut impl Write) -> io::Result<()> {
    write!(
        out,
        "- name: Write the files of {}
  ansible.builtin.copy:
    dest: {BELOW_ROOT}
    content: \"{{{{ item.content }}}}\"
    owner: root
    group: root
    mode: \"{{{{ item.mode }}}}\"
    force: \"{{{{ item.force }}}}\"
  register: kubelet_unit_files
  loop_control:
    label: \"{{{{ item.path }}}}\"
  loop:
",
        rendering.service
    )?;
    let files = rendering.rendered.files().zip(texts);
    for ((path, file), text) in files.filter(|((_, file), _)| file.line.is_none()) {
        writeln!(out, "  - path: !unsafe {}", quoted(path.as_str()))?;
        writeln!(out, "    mode: '{:04o}'", file.mode)?;
        // Configuration that was edited is kept.
        writeln!(out, "    force: {}", !file.config)?;
        write!(out, "    content: !unsafe ")?;
        match text.is_empty() {
            true => writeln!(out, "''")?,
            false => write_block(text, 4, out)?,
        }
    }
    Ok(())
}

/// Lines of files that are others' too.
fn lines(rendering: &Rendering, texts: &[&str], out: &mut impl Write) -> io::Result<()> {
    for ((path, file), text) in rendering.rendered.files().zip(texts) {
        let Some(mark) = &file.line else { continue };
        write!(
            out,
            "
- name: Put the line of {} into {path}
  ansible.builtin.lineinfile:
    path: {BELOW_ROOT}
    line: \"{{{{ item.line }}}}\"
    regexp: \"{{{{ '^[^#]*' ~ (item.mark | regex_escape) ~ '$' }}}}\"
    create: true
    owner: root
    group: root
    mode: '{:04o}'
  register: kubelet_unit_lines
  loop_control:
    label: \"{{{{ item.path }}}}\"
  loop:
  - path: !unsafe {}
    line: !unsafe {}
    mark: !unsafe {}
",
            rendering.service,
            file.mode,
            quoted(path.as_str()),
            quoted(text.trim_end_matches('\n')),
            quoted(mark)
        )?;
    }
    Ok(())
}

/// The file that is a node's own, after those of all.
fn own_file(out: &mut impl Write) -> io::Result<()> {
    write!(
        out,
        "
- name: Make the folder of the node's own file
  ansible.builtin.file:
    path: \"{{{{ kubelet_unit_root | default('') }}}}{{{{ {OWN}.path | dirname }}}}\"
    state: directory
  when: {OWN} is defined

- name: Write the node's own file
  ansible.builtin.copy:
    dest: \"{{{{ kubelet_unit_root | default('') }}}}{{{{ {OWN}.path }}}}\"
    content: \"{{{{ {OWN}.content }}}}\"
    owner: root
    group: root
    mode: \"{{{{ {OWN}.mode }}}}\"
  register: kubelet_unit_own_file
  when: {OWN} is defined
"
    )
}

/// What says that a file or a line has changed.
fn changed(rendering: &Rendering, fleet: bool) -> String {
    let mut files = rendering.rendered.files();
    let lines = files.any(|(_, file)| file.line.is_some());
    let results = [
        (true, "kubelet_unit_files"),
        (lines, "kubelet_unit_lines"),
        (fleet, "kubelet_unit_own_file"),
    ];
    let results = results.iter().filter(|(is_there, _)| *is_there);
    let results: Vec<_> = results
        .map(|(_, name)| format!("{name} is changed"))
        .collect();
    results.join(" or ")
}

fn activation(rendering: &Rendering, fleet: bool, out: &mut impl Write) -> io::Result<()> {
    let (name, activation) = (&rendering.service, &rendering.activation);
    let changed = &*changed(rendering, fleet);
    for command in &activation.reload {
        let task = format!("Let {} see new files", rendering.backend.title());
        run(&task, command, changed, out)?;
    }
    if activation.is_widely_known {
        return write!(
            out,
            "
- name: Enable {name} and start it, anew where a file has changed
  ansible.builtin.service:
    name: {name}
    enabled: true
    state: \"{{{{ 'restarted' if {changed} else 'started' }}}}\"
  when: {ON_A_MACHINE}
"
        );
    }
    for command in &activation.start {
        run(
            &format!("Enable {name} and start it"),
            command,
            changed,
            out,
        )?;
    }
    Ok(())
}

/// A task that runs a command where a file has changed.
fn run(task: &str, command: &[String], changed: &str, out: &mut impl Write) -> io::Result<()> {
    let words: Vec<_> = command.iter().map(|word| quoted(word)).collect();
    let words = words.join(", ");
    write!(
        out,
        "
- name: {task}
  ansible.builtin.command:
    argv: [{words}]
  when:
  - {ON_A_MACHINE}
  - {changed}
"
    )
}
