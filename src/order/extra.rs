//! Further arguments of a service, by the administrator's env file.

use thiserror::Error;

use super::Placed;
use crate::distro::Places;
use crate::envfile::quote::{self, Unquotable};
use crate::rendering::File;
use crate::service::{AbsPath, Argument, Name, Service, VarName};

/// Why a service gets no further arguments.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExtraError {
    /// The service does not read the file.
    #[error("`{service}` does not read `{file}`, where its further arguments would go")]
    NotRead {
        /// The service's name.
        service: Name,
        /// The administrator's env file.
        file: AbsPath,
    },
    /// None of its arguments is a variable that the file could set.
    #[error(
        "none of the arguments of `{service}` is a variable that `{file}` could set, so no further arguments can be added"
    )]
    NoVariable {
        /// The service's name.
        service: Name,
        /// The administrator's env file.
        file: AbsPath,
    },
    /// An argument that an env file cannot hold.
    #[error(transparent)]
    Unquotable(#[from] Unquotable),
}

/// The administrator's env file with further arguments, and where it goes. The variable
/// is the last one among the service's arguments that is split into words and that the
/// service does not set itself: `KUBELET_EXTRA_ARGS` for the kubelet.
///
/// # Errors
/// An [`ExtraError`]; nothing of the arguments would be lost without one.
pub fn extra_arguments(
    service: &Service,
    places: &Places,
    arguments: &[&str],
) -> Result<(AbsPath, File), ExtraError> {
    let file = places.extra_args_file.clone();
    let name = || service.name.clone();
    if service.env_files.iter().all(|read| read.path != file) {
        return Err(ExtraError::NotRead {
            service: name(),
            file,
        });
    }
    let Some(variable) = argument_variable(service) else {
        return Err(ExtraError::NoVariable {
            service: name(),
            file,
        });
    };
    let value = quote::words(arguments.iter().copied())?;
    let text = format!("{variable}={}\n", quote::value(&value)?);
    Ok((file, File::config(text)))
}

/// The administrator's env file without arguments, as a package brings it along: the line to
/// which they are added, and what reads it.
///
/// # Errors
/// As for [`extra_arguments`].
pub fn env_file(placed: &Placed) -> Result<(AbsPath, File), ExtraError> {
    let service = &placed.service;
    let (path, file) = extra_arguments(service, &placed.places, &[])?;
    let mut text = format!(
        "# Further arguments of {}, read anew at each start, as systemd reads EnvironmentFile=:\n\
         # quotes and backslashes count, and nothing is expanded or executed.\n",
        service.name
    )
    .into_bytes();
    text.extend(file.content);
    Ok((path, File::config(text)))
}

/// The variable that further arguments of a service go into.
pub fn argument_variable(service: &Service) -> Option<&VarName> {
    let mut arguments = service.arguments.iter().rev();
    arguments.find_map(|argument| match argument {
        Argument::Split(name) if service.environment.iter().all(|set| set.name != *name) => {
            Some(name)
        }
        _ => None,
    })
}
