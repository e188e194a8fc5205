//! Lets the linker make the released program smaller, by a fifth of its size together, and those of the tests begin
//! sooner.
//!
//! Each means is tried first on a program that does nothing, and left out where the linker does not know it:
//!
//! - The tables for unwinding are dropped. The release profile aborts at a panic, so that nobody unwinds; the tables
//!   come all the same, since `rustc` makes them wherever the platform has them (`-C force-unwind-tables`, which no
//!   profile can turn off). GNU ld and LLD take the script (measured, 2.40 and 22.1), mold does not.
//! - Functions of the same machine code become one (LLD and mold). No address of a function is compared here.
//! - Relocations are packed (`DT_RELR`). glibc 2.36 and newer read that, and the program names what it asks for, so
//!   that an older one refuses it in words. For musl it is left out: one before 1.2.4 has no words for it.
//! - Without the release profile, programs have a fixed address. They are large, the tests begin them ten thousands of
//!   times, and to relocate them takes a good part of each start.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is dropped; the rest stays as the linker lays it out.
const SCRIPT: &str =
    "SECTIONS { /DISCARD/ : { *(.eh_frame .eh_frame_hdr .gcc_except_table .gcc_except_table.*) } }
INSERT AFTER .text;
";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    if !is("CARGO_CFG_TARGET_OS", "linux") {
        return Ok(());
    }
    let Some(folder) = env::var_os("OUT_DIR") else {
        return Ok(());
    };
    let folder = Path::new(&folder);
    match is("PROFILE", "release") {
        true => smaller(folder),
        false => fixed(folder),
    }
}

/// What a program of the tests is linked with.
fn fixed(folder: &Path) -> io::Result<()> {
    let argument = "-no-pie";
    if is("CARGO_CFG_TARGET_ENV", "gnu") && linked(folder, argument)?.is_some() {
        println!("cargo::rustc-link-arg={argument}");
    }
    Ok(())
}

/// What a released program is linked with.
fn smaller(folder: &Path) -> io::Result<()> {
    let script = folder.join("without-unwind-tables.ld");
    fs::write(&script, SCRIPT)?;
    for argument in [
        format!("-Wl,-T,{}", script.display()),
        "-Wl,--icf=all".into(),
    ] {
        if linked(folder, &argument)?.is_some() {
            println!("cargo::rustc-link-arg-bins={argument}");
        }
    }
    let packed = "-Wl,-z,pack-relative-relocs";
    // What is made for another machine cannot be tried.
    let is_native = env::var_os("HOST") == env::var_os("TARGET");
    if is_native
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && let Some(program) = linked(folder, packed)?
        && Command::new(program).status().is_ok_and(|it| it.success())
    {
        println!("cargo::rustc-link-arg-bins={packed}");
    }
    Ok(())
}

fn is(variable: &str, value: &str) -> bool {
    env::var(variable).is_ok_and(|it| it == value)
}

/// The program that the linker makes with this argument, if it makes one.
fn linked(folder: &Path, argument: &str) -> io::Result<Option<PathBuf>> {
    let source = folder.join("nothing.rs");
    fs::write(&source, "fn main() {}\n")?;
    let program = folder.join("nothing");
    let variable = |name: &str| env::var_os(name).unwrap_or_default();
    let mut rustc = Command::new(variable("RUSTC"));
    rustc.arg("--target").arg(variable("TARGET"));
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        let mut option = OsString::from("-Clinker=");
        option.push(linker);
        rustc.arg(option);
    }
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    rustc.args(flags.split('\u{1f}').filter(|flag| !flag.is_empty()));
    rustc.args(["--crate-name", "nothing", "-Cpanic=abort"]);
    rustc.arg(format!("-Clink-arg={argument}"));
    rustc.arg("-o").arg(&program).arg(source);
    let status = rustc.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    Ok(status.success().then_some(program))
}
