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

/// Files with their paths.
type Files<'a> = Box<dyn Iterator<Item = (&'a AbsPath, &'a File)> + 'a>;

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
    /// What lets it start with the machine, where files alone can: for a layer.
    pub enabling_files: Vec<(AbsPath, File)>,
    /// Links that do so, with what they hold.
    pub enabling_links: Vec<(AbsPath, String)>,
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
            enabling_files: backend.enabling_files(request),
            enabling_links: backend.enabling_links(request),
        })
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
        self.below(|rendering| Box::new(rendering.rendered.files()))
    }

    /// The same with the files that let the services start, for a layer of an image.
    fn files_of_layer(&self) -> impl Iterator<Item = (String, &File)> {
        self.below(|rendering| {
            let enabling = rendering.enabling_files.iter();
            let enabling = enabling.map(|(path, file)| (path, file));
            Box::new(rendering.rendered.files().chain(enabling))
        })
    }

    /// The links of a layer, with what they hold.
    fn links_of_layer(&self) -> impl Iterator<Item = (String, &str)> {
        self.list.iter().flat_map(move |rendering| {
            let init = rendering.backend.name();
            rendering.enabling_links.iter().map(move |(path, target)| {
                let path = path.relative();
                let path = match self.apart {
                    true => format!("{init}/{path}"),
                    false => path.to_owned(),
                };
                (path, target.as_str())
            })
        })
    }

    fn below<'a>(
        &'a self,
        files: fn(&'a Rendering) -> Files<'a>,
    ) -> impl Iterator<Item = (String, &'a File)> {
        self.list.iter().flat_map(move |rendering| {
            let init = rendering.backend.name();
            files(rendering).map(move |(path, file)| {
                let path = path.relative();
                match self.apart {
                    true => (format!("{init}/{path}"), file),
                    false => (path.to_owned(), file),
                }
            })
        })
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
