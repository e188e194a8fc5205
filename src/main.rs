//! The `kubelet-unit` command.

use std::process::ExitCode;

use kubelet_unit::backends::Registry;
use kubelet_unit::cli;

fn main() -> ExitCode {
    cli::run(Registry::builtin())
}

/// Functions by which a released program needs no library but the C library. Without them it loads libgcc_s and libm at
/// each start, which takes a good part of the time of `--version`.
///
/// The program aborts at a panic, and `build.rs` leaves the tables for unwinding out: std refers to the functions of an
/// unwinder, and calls only the one for a backtrace, which finds nothing without the tables. Of libm it is one function,
/// which tera's `**` calls, and no template of ours does.
#[cfg(all(
    panic = "abort",
    target_os = "linux",
    target_env = "gnu",
    not(target_feature = "crt-static")
))]
mod instead_of_libraries {
    use nix::libc;

    macro_rules! never_called {
        ($($name:ident)*) => {$(
            #[unsafe(no_mangle)]
            extern "C" fn $name() {
                std::process::abort();
            }
        )*};
    }

    never_called! {
        _Unwind_DeleteException
        _Unwind_GetCFA
        _Unwind_GetDataRelBase
        _Unwind_GetIP
        _Unwind_GetIPInfo
        _Unwind_GetLanguageSpecificData
        _Unwind_GetRegionStart
        _Unwind_GetTextRelBase
        _Unwind_RaiseException
        _Unwind_Resume
        _Unwind_SetGR
        _Unwind_SetIP
    }

    /// `_URC_END_OF_STACK` (unwind.h of gcc): there is no frame to tell of.
    #[unsafe(no_mangle)]
    extern "C" fn _Unwind_Backtrace() -> i32 {
        5
    }

    /// That of libm, which is loaded when somebody calls it.
    #[unsafe(no_mangle)]
    extern "C" fn pow(base: f64, exponent: f64) -> f64 {
        type Pow = extern "C" fn(f64, f64) -> f64;
        // SAFETY: both are names that end in a NUL byte, and libm's `pow` has this type (pow(3)).
        let pow: Option<Pow> = unsafe {
            let library = libc::dlopen(c"libm.so.6".as_ptr(), libc::RTLD_NOW);
            std::mem::transmute(libc::dlsym(library, c"pow".as_ptr()))
        };
        match pow {
            Some(pow) => pow(base, exponent),
            None => std::process::abort(),
        }
    }
}
