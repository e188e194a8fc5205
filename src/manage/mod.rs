//! The use cases: what the commands do, apart from what was typed and how it is shown.
//!
//! A command opens one [`Site`] and hands it to everything that has to know the machine or
//! the tree. Errors are typed and have their hints as data; who waits is told through a
//! [`Watcher`]. Nothing here parses a command line or prints.

mod booted;
mod checked;
mod done;
mod error;
mod facts;
mod init;
mod install;
mod others;
mod remedy;
mod rivals;
mod session;
mod site;
mod spoken;
mod status;
mod troubles;
mod uninstall;
mod watcher;

pub use booted::starts_instead;
pub use checked::Checked;
pub use done::Done;
pub use error::ManageError;
pub use facts::{Known, NO_INIT, Said};
pub use init::{AUTO, InitError, Recorded, chosen, detected, one_of, recorded};
pub use install::{Enabling, Installed, Installing};
pub use remedy::Options;
pub use session::{Session, Wish};
pub use site::Site;
pub use spoken::standing;
pub use status::Status;
pub use uninstall::{Removed, Uninstalling, installed_for};
pub use watcher::{Silent, Watcher};
