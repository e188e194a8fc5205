//! The init systems. Each has a folder of its own here, with everything about it.
//!
//! A [`Backend`] turns a [`Service`](crate::service::Service) into the files of one init.
//! It is pure: it neither looks at the machine nor writes. [`BUILTIN`] are those of this
//! crate. Everything else, the command line and the tests included, goes through a
//! [`Registry`], which can be given further ones from outside this crate.

/// A part that finds or drives an init. A program without the commands of the feature
/// `host` is without these parts, since nothing names them then.
macro_rules! on_a_host {
    ($part:expr) => {
        match cfg!(feature = "host") {
            true => Some(&$part),
            false => None,
        }
    };
}

mod backend;
#[path = "busybox-init/mod.rs"]
mod busybox_init;
mod dinit;
mod directory;
mod expression;
mod foreign;
mod inittab;
pub mod launcher;
mod logrotate;
mod openrc;
pub(crate) mod output;
mod registry;
mod request;
mod rivals;
mod runit;
mod s6;
#[path = "s6-rc/mod.rs"]
mod s6_rc;
mod scan;
mod scanned;
mod supervisord;
mod systemd;
mod sysvinit;
mod trouble;
mod waits;

pub use backend::{Activation, Backend, Layout};
pub(crate) use backend::{command, link};
pub use busybox_init::BusyboxInit;
pub use dinit::Dinit;
pub use expression::{Expression, How};
pub use launcher::Launcher;
pub use openrc::OpenRc;
pub use registry::Registry;
pub use request::{RenderError, Request};
pub use runit::Runit;
pub use s6::S6;
pub use s6_rc::S6Rc;
pub use supervisord::Supervisord;
pub use systemd::Systemd;
pub use sysvinit::Sysvinit;
pub use trouble::Trouble;

/// The init systems of this crate, the reference first, then by the number of
/// distributions that boot with them.
pub const BUILTIN: &[&dyn Backend] = &[
    &Systemd,
    &OpenRc,
    &Runit,
    &S6,
    &S6Rc,
    &Dinit,
    &Sysvinit,
    &BusyboxInit,
    &Supervisord,
];
