//! The tests of the whole program that need no running init and take no minutes; those that do
//! are in `tests/thorough/`.

#![allow(unreachable_pub)]

/// The tests of the launchers run under dash alone, and with some of the cases.
const EVERY_SHELL: bool = false;

mod check;
mod cli;
mod completions;
mod displaced;
mod drive;
mod dropped;
mod effective;
mod envfile;
mod explain;
mod figures;
mod finit;
mod fleet;
mod foreign;
mod formats;
mod import;
mod incomplete;
mod install;
mod join;
mod json;
mod kubeadm;
mod launcher;
mod library;
mod loggers;
mod migrate;
mod mixed;
mod once;
mod others;
mod outside;
mod ownership;
mod properties;
mod readme;
mod recorded;
mod rendered;
mod rivals;
mod rooms;
mod shells;
mod site;
mod support;
mod uninstall;
mod unmet;
mod vectors;
mod widths;
mod words;
