//! The kubelet as a service of whatever init a machine has, with exactly the
//! arguments and environment that kubeadm's systemd drop-in gives it.
//!
//! Data flows one way. A [spec] becomes a [`Service`](service::Service);
//! a [backend](backends) makes a [`Rendered`](rendering::Rendered) of it; a
//! [sink] writes that somewhere. From `Service` to `Rendered` everything is
//! pure: no file, no environment, no clock, no process.
//!
//! # Rooms
//! Each module of the crate is a room. A room uses those above it in this list, never
//! one below:
//!
//! - `testing`: what unit tests need.
//! - `sorting`: sorting lists of anything by one piece of machine code.
//! - `erased`: reading values of any type by one piece of machine code.
//! - `root`: a tree of files, of this machine or of another, out of which no path leads.
//! - `envfile`: what systemd makes of environment files.
//! - `yaml`: YAML that people wrote, read with bounds.
//! - `service`: what is to run, and how.
//! - `rendering`: templates, quoting, and the files that come out.
//! - `hint`: what may help after an error, as data.
//! - `process`: running programs.
//! - `shipped`: what distributions ship for a service themselves.
//! - `distro`: where each distribution has its files.
//! - `spec`: services as people write them down.
//! - `kubelet`: what is known of the kubelet's releases.
//! - `host`: what is to be seen of a machine.
//! - `unit`: systemd's units, read as systemd reads them.
//! - `import`: a spec made of a systemd unit.
//! - `effective`: what a service runs in the end, as its init reads the files.
//! - `control`: one vocabulary to drive services with.
//! - `detect`: which init a host has.
//! - `backends`: the inits.
//! - `kubeadm`: the kubelet's part of `kubeadm init`, `join` and `upgrade`.
//! - `sink`: where rendered files go.
//! - `order`: from what is asked for to the files for an init.
//! - `fleet`: files for many nodes at once.
//! - `packages`: lists of files for packages of distributions.
//! - `install`: what is installed in a tree, and what becomes of it.
//! - `explain`: what a program will be run with, and where each word comes from.
//! - `takeover`: what another's service leaves where ours takes its place.
//! - `check`: what is wrong with an installed service.
//! - `exec`: the native launcher.
//! - `manage`: the use cases, apart from what was typed and how it is shown.
//! - `bridge`: OpenRC's commands, as kubeadm calls them.
//! - `join`: finding a cluster, and asking it for what a node that joins needs.
//! - `cli`: the command line.
//!
//! # What is promised
//! [`backends`], [`service`], [`rendering`], [`distro`] and [`spec`] are the interface of the
//! crate, with [`cli::run`] for a program of one's own. [`control`], [`detect`], [`host`],
//! [`process`] and [`root`] are what a backend that finds and drives its init is written
//! with. All else is open for this project's own tests, and may change with every release.

#![deny(unsafe_code)]

#[path = "../backends/mod.rs"]
pub mod backends;
#[doc(hidden)]
pub mod bridge;
#[doc(hidden)]
pub mod check;
pub mod cli;
pub mod control;
pub mod detect;
pub mod distro;
#[doc(hidden)]
pub mod effective;
#[doc(hidden)]
pub mod envfile;
mod erased;
mod exec;
#[doc(hidden)]
pub mod explain;
#[doc(hidden)]
pub mod fleet;
#[doc(hidden)]
pub mod hint;
pub mod host;
#[doc(hidden)]
pub mod import;
#[doc(hidden)]
pub mod install;
#[doc(hidden)]
#[cfg(feature = "join")]
pub mod join;
#[doc(hidden)]
pub mod kubeadm;
#[doc(hidden)]
pub mod kubelet;
#[doc(hidden)]
pub mod manage;
#[doc(hidden)]
pub mod order;
#[doc(hidden)]
pub mod packages;
pub mod process;
pub mod rendering;
pub mod root;
pub mod service;
pub mod shipped;
#[doc(hidden)]
pub mod sink;
mod sorting;
pub mod spec;
#[doc(hidden)]
pub mod takeover;
#[cfg(test)]
#[allow(
    dead_code,
    reason = "the tests of the whole program take it in as well"
)]
mod testing;
#[doc(hidden)]
pub mod unit;
#[doc(hidden)]
pub mod yaml;
