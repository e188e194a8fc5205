//! The one place where a service's files come into the beds.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use kubelet_unit::backends::{Launcher, Registry};
use kubelet_unit::order::Order;
use kubelet_unit::service::Service;

use crate::bed::{File, Init};
use crate::error::{Context, Result, fail};
use crate::finit::Finit;

/// The program that the beds get, where it is not the one that was built with this test.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Lets all beds have this program. Called once, before the first bed.
pub(crate) fn use_program(path: &Path) {
    PROGRAM.get_or_init(|| path.to_owned());
}

/// The program that every bed can have.
pub(crate) fn program() -> &'static Path {
    let built = Path::new(env!("CARGO_BIN_EXE_kubelet-unit"));
    PROGRAM.get().map_or(built, PathBuf::as_path)
}

/// How the kubelet is rendered.
pub(crate) struct Rendering<'a> {
    pub(crate) launcher: Launcher,
    /// A logger has to keep what the service prints, where that is not so anyway.
    pub(crate) keeps_log: bool,
    /// Changes to the kubelet's own service: a shorter delay, another stop timeout.
    pub(crate) change: &'a dyn Fn(&mut Service),
}

impl Default for Rendering<'_> {
    fn default() -> Self {
        Self {
            launcher: Launcher::default(),
            keeps_log: false,
            change: &|_| {},
        }
    }
}

impl Rendering<'_> {
    /// The kubelet's files for this init, with the places that it has in a bed.
    pub(crate) fn files(&self, init: &dyn Init) -> Result<Vec<File>> {
        let registry = Registry::builtin().with(&Finit);
        let Some(backend) = registry.find(init.backend()) else {
            fail!("no backend `{}`", init.backend());
        };
        let mut order = Order {
            distro: Some(init.distro()),
            launcher: self.launcher,
            ..Order::kubelet()
        };
        let layout = match self.keeps_log {
            true => init.layout_with_log(),
            false => init.layout(),
        };
        order.overrides.layout = layout.map(str::parse).transpose()?;
        let mut placed = order.place(backend).context(init.name())?;
        (self.change)(&mut placed.service);
        let rendered = placed.rendered().context(init.name())?;
        let mut files: Vec<_> = rendered
            .files()
            .map(|(path, file)| File::new(path.as_str(), file.mode, file.content.as_slice()))
            .collect();
        if self.launcher == Launcher::Native {
            files.push(File::program("/usr/bin/kubelet-unit"));
        }
        Ok(files)
    }
}

/// The argv of [`bare`].
pub(crate) const BARE_ARGV: [&str; 2] = ["/usr/bin/kubelet", "--bare"];

/// The least that each init starts: tests of the beds themselves, and the proof that a comparison can fail.
pub(crate) fn bare(init: &dyn Init) -> Vec<File> {
    init.bare(&BARE_ARGV.join(" "))
}
