//! What goes wrong in a live test: a sentence that grows its context on the way up.

use std::fmt;

/// A failure with its context, outermost first.
#[derive(Debug)]
pub(crate) struct Failure {
    text: String,
    /// Whether all is right but the time it took.
    pub(crate) is_late: bool,
}

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_late: false,
        }
    }

    pub(crate) fn late(text: String) -> Self {
        Self {
            text,
            is_late: true,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(error.to_string())
    }
}

/// Adds what was being done to an error.
pub(crate) trait Context<T> {
    fn context(self, what: impl fmt::Display) -> Result<T>;
}

impl<T, E: Into<Failure>> Context<T> for std::result::Result<T, E> {
    fn context(self, what: impl fmt::Display) -> Result<T> {
        self.map_err(|error| {
            let error: Failure = error.into();
            Failure {
                text: format!("{what}: {error}"),
                ..error
            }
        })
    }
}

/// `Err` with a formatted [`Failure`].
macro_rules! fail {
    ($($arg:tt)*) => {
        return Err($crate::error::Failure::new(format!($($arg)*)))
    };
}
pub(crate) use fail;

/// The same for a bar of time that is missed: on a machine that others use too, it says
/// nothing of what is tested.
macro_rules! late {
    ($($arg:tt)*) => {
        return Err($crate::error::Failure::late(format!($($arg)*)))
    };
}
pub(crate) use late;
