//! What the recorder does once it has recorded its start.

use serde::{Deserialize, Serialize};

/// The recorder's orders, read at every start from [`super::CONTROL`]; without that file, the default.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Behaviour {
    /// The status with which `/healthz` is answered at the kubelet's own place, in the bed's network; without one,
    /// nothing listens there. It is answered from the start, while the rest goes on.
    pub(crate) healthz: Option<u16>,
    /// Printed first, in this order.
    pub(crate) print: Vec<Line>,
    /// Then this many numbered lines of 64 bytes on stdout: `line PID N …`.
    pub(crate) lines: u32,
    /// Then this file is made.
    pub(crate) creates: Option<Created>,
    /// Then, so long after the start, it says that it is ready. Until then no signal is served.
    pub(crate) ready_ms: Option<u64>,
    /// Then these children are started. The recorder does not wait for them.
    pub(crate) children: Vec<Child>,
    /// How long to live, in milliseconds, before `end`. Without meaning for [`End::Run`].
    pub(crate) after_ms: u64,
    /// How it ends when nobody ends it.
    pub(crate) end: End,
    /// What TERM does.
    pub(crate) on_term: OnTerm,
}

/// An empty file, and the folders that it is in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Created {
    pub(crate) path: String,
    /// How long after the start, in milliseconds. Until then no signal is served.
    pub(crate) after_ms: u64,
}

/// One printed line, without its newline.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) stream: Stream,
    pub(crate) text: String,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Stream {
    Out,
    Err,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum End {
    /// Only a signal ends it.
    #[default]
    Run,
    /// It exits with this code.
    Exit(i32),
    /// It sends itself this signal, with that signal's default effect and no core file.
    Signal(i32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum OnTerm {
    /// Exit with this code, at once.
    Exit(i32),
    /// Exit with 0 after this many milliseconds.
    After(u64),
    /// Nothing.
    Ignore,
}

impl Default for OnTerm {
    fn default() -> Self {
        Self::Exit(0)
    }
}

/// A child that the recorder leaves behind when it ends.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Child {
    /// It calls setsid(2): no signal to the kubelet's process group or session reaches it.
    pub(crate) own_session: bool,
    /// It survives TERM.
    pub(crate) ignore_term: bool,
}
