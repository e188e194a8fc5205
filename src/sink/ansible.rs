//! A rendering as a file of Ansible tasks: folders, files, and the service.
//!
//! Contents and paths are marked `!unsafe`, so that a `{{` in them is never taken
//! for a template. With the variable `kubelet_unit_root` the files go below that
//! folder, for the making of images, and nothing is started.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::format::{FormatError, headline, only, plain, quoted, write_block};
use super::{Rendering, Renderings};

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
    let rendering = only(FORMAT, renderings)?;
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
    activation(rendering, out)?;
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
    let folders: BTreeSet<_> = files.map(|(path, _)| path.parent()).collect();
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
    for ((path, file), text) in rendering.rendered.files().zip(texts) {
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

fn activation(rendering: &Rendering, out: &mut impl Write) -> io::Result<()> {
    let (name, activation) = (&rendering.service, &rendering.activation);
    for command in &activation.reload {
        let task = format!("Let {} see new files", rendering.backend.title());
        run(&task, command, out)?;
    }
    if activation.is_widely_known {
        return write!(
            out,
            "
- name: Enable {name} and start it, anew where a file has changed
  ansible.builtin.service:
    name: {name}
    enabled: true
    state: \"{{{{ 'restarted' if kubelet_unit_files is changed else 'started' }}}}\"
  when: {ON_A_MACHINE}
"
        );
    }
    for command in &activation.start {
        run(&format!("Enable {name} and start it"), command, out)?;
    }
    Ok(())
}

/// A task that runs a command where a file has changed.
fn run(task: &str, command: &[String], out: &mut impl Write) -> io::Result<()> {
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
  - kubelet_unit_files is changed
"
    )
}
