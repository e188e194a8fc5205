//! `kubelet-unit exec`: the native launcher.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::backends::Registry;
use crate::exec::{self, ExecError, VERBS, Verb};

use super::failure::Failure;

/// Start and end a service as systemd does, for a supervisor that does not
///
/// It is the interpreter of what `render --launcher native` writes, so you need not type
/// it: the supervisor executes that file with a verb. Without a verb the env files are read
/// as systemd reads them and the program takes over this process, in the state that systemd
/// starts it in.
#[derive(Debug, clap::Args)]
#[command(after_help = "Verbs:
  (none)                   Start: read the env files, become the program
  stop [PID]               A stop begins: signal all but PID; KILL follows at the timeout
  end                      End what is left, within the timeout of the stop
  finish FLOOR [STATUS]    After an end: wait for the restart delay, less FLOOR/100 s
  respawn                  Start, but after a crash wait for the restart delay first
  supervise [HOW]          Stay the parent, and start again as the policy says; HOW is
                           once, again or tell, for what the supervisor does itself
  reload                   Let the service read its configuration again

Examples:
  kubelet-unit render --init runit --launcher native --output rootfs
  kubelet-unit exec rootfs/usr/libexec/kubelet-unit/kubelet
  kubelet-unit exec /usr/libexec/kubelet-unit/kubelet stop

Exit codes: that of the program; 1 FILE contains no service, 2 wrong command line,
78 a required env file is missing, 125 (finish) no further start, 126 and 127 the program
cannot be executed or does not exist.")]
pub(super) struct Arguments {
    /// A service as `render --launcher native` writes it
    file: PathBuf,

    /// What to do; without a verb, start
    #[arg(allow_hyphen_values = true)]
    verb: Vec<OsString>,
}

impl Arguments {
    pub(super) fn run(&self, _: &Registry) -> Result<ExitCode, Failure> {
        if let Some(verb) = Verb::parse(&self.verb) {
            return run(&self.file, verb);
        }
        let words: Vec<_> = self
            .verb
            .iter()
            .map(|word| word.display().to_string())
            .collect();
        let words = words.join(" ");
        Err(Failure::usage(format!("`{words}` is not a verb"))
            .hint(format!("a start has none; the others are {VERBS}")))
    }
}

/// A command line that is right, without the cost of reading it as such: a start
/// happens every ten seconds until a cluster has this node.
pub(super) fn shortcut(words: &[OsString]) -> Option<ExitCode> {
    let [_, command, file, verb @ ..] = words else {
        return None;
    };
    if command != "exec" || file.as_encoded_bytes().starts_with(b"-") {
        return None;
    }
    let verb = Verb::parse(verb)?;
    Some(run(Path::new(file), verb).unwrap_or_else(Failure::report))
}

fn run(file: &Path, verb: Verb) -> Result<ExitCode, Failure> {
    Ok(exec::run(file, verb)?.into())
}

impl From<ExecError> for Failure {
    fn from(error: ExecError) -> Self {
        match error {
            ExecError::Spec(error) => error.into(),
            ExecError::NotResolved { .. } => Self::new(&error).hint(
                "it is a spec to be rendered: `kubelet-unit render --launcher native --spec FILE`",
            ),
            ExecError::Unreadable { .. } => Self::new(&error),
        }
    }
}
