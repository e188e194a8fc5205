//! Where rendered files go: a stream for people, JSON, a tar archive, a folder,
//! or what provisions machines: cloud-init, Ignition, Ansible.

mod ansible;
mod cloud_init;
mod folder;
mod format;
mod ignition;
mod json;
mod stream;
mod tarball;

use std::io;

use thiserror::Error;

use crate::backends::{Activation, Backend, RenderError, Request};
use crate::distro::Distro;
use crate::rendering::{File, Rendered};
use crate::service::{AbsPath, Name};

pub use ansible::{write as write_ansible, write_for_fleet, write_own};
pub use cloud_init::write as write_cloud_init;
pub use folder::{Folder, FolderError, Outcome};
pub use format::FormatError;
pub use ignition::write as write_ignition;
pub(crate) use json::Document;
pub use json::write as write_json;
pub use stream::{only, write as write_stream, write_list};
pub(crate) use tarball::TarWriter;
pub use tarball::write as write_tar;

/// A rendering with what it was made for.
#[derive(Clone)]
pub struct Rendering {
    /// The init.
    pub backend: &'static dyn Backend,
    /// The distribution.
    pub distro: &'static Distro,
    /// The files and notes.
    pub rendered: Rendered,
    /// The service's name.
    pub service: Name,
    /// How it is started on a machine that got the files.
    pub activation: Activation,
    /// The links that are written with the files, with what each holds.
    pub links: Vec<(AbsPath, String)>,
    /// What would let it start with the machine and is not written.
    pub enabling: Enabling,
}

/// What lets a service start with the machine, beside its own files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Enabling {
    /// Files.
    pub files: Vec<(AbsPath, File)>,
    /// Links, with what each holds.
    pub links: Vec<(AbsPath, String)>,
    /// Why no file and no link does.
    pub beyond_files: Option<&'static str>,
}

/// Files alone do not enable a service under an init.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("under {init}, no file and no link lets a service start with the machine: {why}")]
pub struct NotByFiles {
    /// The init.
    pub init: &'static str,
    /// Why.
    pub why: &'static str,
}

impl Rendering {
    /// Renders a request for an init.
    ///
    /// # Errors
    /// The backend refuses.
    pub fn new(backend: &'static dyn Backend, request: &Request<'_>) -> Result<Self, RenderError> {
        Ok(Self {
            backend,
            distro: request.places.distro,
            rendered: backend.render(request)?,
            service: request.service.name.clone(),
            activation: backend.activation(request),
            links: Vec::new(),
            enabling: Enabling {
                files: backend.enabling_files(request),
                links: backend.enabling_links(request),
                beyond_files: backend.enabled_beyond_files(request),
            },
        })
    }

    /// The same with what lets the service start with the machine.
    ///
    /// # Errors
    /// Files alone do not.
    pub fn enabled(mut self) -> Result<Self, NotByFiles> {
        let enabling = std::mem::take(&mut self.enabling);
        if let Some(why) = enabling.beyond_files {
            let init = self.backend.name();
            return Err(NotByFiles { init, why });
        }
        for (path, file) in enabling.files {
            self.rendered.put(path, file);
        }
        self.links.extend(enabling.links);
        Ok(self)
    }

    /// That an archive has a file whole of which only a line is the service's, for a person.
    pub fn replaces(&self) -> Option<String> {
        let mut files = self.rendered.files();
        let (path, _) = files.find(|(_, file)| file.line.is_some())?;
        Some(format!(
            "{}: `{path}` is a whole file in the archive: over an image, it takes the place of the \
             image's own, whose lines are gone; `install --root` and `render --output` keep them",
            self.backend.name()
        ))
    }

    /// Why nothing starts the service with the machine, for a person; `None` where what is
    /// written does.
    pub fn not_enabled(&self) -> Option<String> {
        let Enabling {
            files,
            links,
            beyond_files,
        } = &self.enabling;
        let init = self.backend.name();
        if let Some(why) = beyond_files {
            return Some(format!(
                "{init}: `{}` does not start with the machine yet, and files alone cannot do that: {why}",
                self.service
            ));
        }
        let links = links
            .iter()
            .map(|(path, target)| format!("the link `{path}` to `{target}`"));
        let files = files.iter().map(|(path, _)| format!("`{path}`"));
        let all: Vec<_> = links.chain(files).collect();
        let (first, rest) = all.split_first()?;
        let more = match rest.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(format!(
            "{init}: `{}` does not start with the machine yet: `--enable` adds {first}{more}",
            self.service
        ))
    }
}

/// Several renderings at once, each of which keeps apart from the others, or one alone.
pub struct Renderings {
    /// The renderings.
    pub list: Vec<Rendering>,
    /// Whether each goes below a folder with its init's name.
    pub apart: bool,
}

impl Renderings {
    /// Every file with the path it has in an archive or below a folder, without
    /// a leading slash.
    fn files(&self) -> impl Iterator<Item = (String, &File)> {
        self.list.iter().flat_map(move |rendering| {
            let files = rendering.rendered.files();
            files.map(move |(path, file)| (self.place(rendering, path), file))
        })
    }

    /// The links in the same way, with what they hold.
    fn links(&self) -> impl Iterator<Item = (String, &str)> {
        self.list.iter().flat_map(move |rendering| {
            let links = rendering.links.iter();
            links.map(move |(path, target)| (self.place(rendering, path), target.as_str()))
        })
    }

    fn place(&self, rendering: &Rendering, path: &AbsPath) -> String {
        match self.apart {
            true => format!("{}/{}", rendering.backend.name(), path.relative()),
            false => path.relative().to_owned(),
        }
    }
}

/// A stream that could not be written.
#[derive(Debug, Error)]
pub enum StreamError {
    /// The stream is closed or full.
    #[error("cannot write the output: {0}")]
    Io(#[from] io::Error),
    /// Our bug: something that is no JSON.
    #[error("cannot make JSON of the output: {0}")]
    Json(#[from] serde_json::Error),
}

impl StreamError {
    /// Whether the reader has gone, which is not a failure of ours.
    pub fn is_broken_pipe(&self) -> bool {
        match self {
            Self::Io(error) => error.kind() == io::ErrorKind::BrokenPipe,
            Self::Json(error) => error.io_error_kind() == Some(io::ErrorKind::BrokenPipe),
        }
    }
}
