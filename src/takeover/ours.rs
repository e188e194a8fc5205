//! The command line that our service has, with its env files as they are.

use crate::envfile::{Environment, Reader, expand, parse};
use crate::root::Root;
use crate::service::Service;

/// Our service in a tree.
pub struct Ours<'a> {
    /// The service.
    pub service: &'a Service,
    contents: Vec<Vec<u8>>,
}

impl<'a> Ours<'a> {
    /// Reads its env files. One that cannot be read sets nothing.
    pub fn read(root: &Root, service: &'a Service) -> Self {
        let reader = Reader::of(root);
        let files = service.env_files.iter();
        Self {
            service,
            contents: files
                .map(|file| reader.read(file.path.as_str()).unwrap_or_default())
                .collect(),
        }
    }

    /// Its arguments, without the program.
    pub fn arguments(&self) -> Vec<String> {
        let parsed: Vec<_> = self
            .contents
            .iter()
            .filter_map(|it| parse(it).ok())
            .collect();
        let inline = self.service.environment.iter();
        let inline = inline.map(|it| (it.name.as_str(), it.value.as_str()));
        let environment = Environment::merge(inline, parsed.iter());
        let words = self.service.exec_words();
        let arguments = expand(&words, &environment);
        let texts = arguments.into_iter().skip(1);
        texts.map(|it| it.text.into_owned()).collect()
    }

    /// What its env files set a variable to.
    pub fn value(&self, name: &str) -> Option<String> {
        let parsed: Vec<_> = self
            .contents
            .iter()
            .filter_map(|it| parse(it).ok())
            .collect();
        let environment = Environment::merge([], parsed.iter());
        let variable = environment.get(name)?;
        Some(variable.value.to_owned())
    }

    /// Whether a path is one of its env files.
    pub fn reads(&self, path: &str) -> bool {
        let mut files = self.service.env_files.iter();
        files.any(|file| file.path.as_str() == path)
    }
}
