//! The one test binary: everything that needs no running init.

#![allow(unreachable_pub)]

mod check;
mod cli;
mod completions;
mod drive;
mod effective;
mod envfile;
mod explain;
mod faults;
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
mod migrate;
mod once;
mod outside;
mod ownership;
mod packages;
mod properties;
mod readme;
mod recorded;
mod rendered;
mod rooms;
mod schema;
mod scripts;
mod shells;
mod site;
mod support;
mod uninstall;
mod unmet;
mod vectors;
mod widths;
mod words;
