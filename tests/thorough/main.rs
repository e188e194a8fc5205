//! What takes minutes and needs no running init: proofs at every point and under every shell,
//! and what the tools of others say of the files. `tests/run` runs it, after `tests/main.rs`.

#![allow(unreachable_pub)]

/// The tests of the launchers run under every shell that is here, and with every case.
const EVERY_SHELL: bool = true;

#[path = "../formats/contents.rs"]
#[allow(dead_code, reason = "the tests of the formats have more of it")]
mod contents;
#[path = "../shells.rs"]
mod shells;
#[path = "../support.rs"]
#[allow(dead_code, reason = "it is shared with the other tests")]
mod support;
#[path = "../vectors.rs"]
#[allow(dead_code, reason = "as above")]
mod vectors;

mod ansible;
mod cost;
#[path = "../envfile/mod.rs"]
mod envfile;
mod faults;
#[path = "../launcher/mod.rs"]
mod launcher;
mod packages;
mod provisioning;
mod refused;
mod schema;
mod scripts;
