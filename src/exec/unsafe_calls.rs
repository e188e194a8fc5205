//! The system calls of the launcher for which there is no safe interface.

#![allow(unsafe_code)]

use std::mem::{MaybeUninit, size_of};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::libc::{
    CMSG_DATA, CMSG_FIRSTHDR, CMSG_LEN, CMSG_SPACE, F_GETFD, MSG_CMSG_CLOEXEC, PR_CAP_AMBIENT,
    PR_CAP_AMBIENT_RAISE, PR_CAPBSET_DROP, PRIO_PROCESS, SCM_CREDENTIALS, SIG_DFL, SIG_IGN,
    SIGPIPE, SIGRTMAX, SOL_SOCKET, SYS_capget, SYS_capset, SYS_close_range, SYS_ioprio_set, c_int,
    c_uint, c_ulong, fcntl, iovec, msghdr, prctl, recvmsg, setpriority, signal, syscall, ucred,
};
use nix::unistd::Pid;

/// Every signal at its default, SIGPIPE alone ignored: `IgnoreSIGPIPE=`
/// (`systemd.exec(5)`) is on by default, and what the launcher itself writes is not to end it.
pub(super) fn reset_dispositions() {
    for number in 1..=SIGRTMAX() {
        let disposition = match number {
            SIGPIPE => SIG_IGN,
            _ => SIG_DFL,
        };
        // SAFETY: neither disposition calls any code of this process. The one thread
        // that there is relies on no handler: those of Rust's runtime only explain a
        // stack overflow. KILL, STOP and the C library's own signals are refused,
        // which changes nothing.
        unsafe {
            signal(number, disposition);
        }
    }
}

/// SIGPIPE at its default, for a service with `IgnoreSIGPIPE=no`.
pub(super) fn reset_sigpipe() {
    // SAFETY: the default calls no code of this process.
    unsafe {
        signal(SIGPIPE, SIG_DFL);
    }
}

/// Closes every descriptor from `first` on, in one call and without `/proc`.
/// Whether the kernel has that call, `close_range(2)`, since Linux 5.9.
///
/// No safe wrapper exists, since whoever owns one of them would lose it.
pub(super) fn close_from(first: c_uint) -> bool {
    // The C library's function of that name is missing from older ones.
    // SAFETY: the call takes three integers and touches no memory. The caller owns
    // none of the descriptors: this is the first that the process does.
    let result = unsafe { syscall(SYS_close_range, first, c_uint::MAX, 0 as c_int) };
    result == 0
}

/// `setpriority(2)` of this process.
pub(super) fn set_nice(level: i8) -> Result<(), Errno> {
    // SAFETY: the call takes integers and touches no memory.
    let result = unsafe { setpriority(PRIO_PROCESS, 0, c_int::from(level)) };
    Errno::result(result).map(drop)
}

/// `ioprio_set(2)` of this process, for which the C library has no function.
pub(super) fn set_io_priority(class: u16, priority: u8) -> Result<(), Errno> {
    const WHO_PROCESS: c_int = 1; // linux/ioprio.h, as the shift by 13
    let value = c_int::from(class) << 13 | c_int::from(priority);
    // SAFETY: the call takes integers and touches no memory.
    let result = unsafe { syscall(SYS_ioprio_set, WHO_PROCESS, 0 as c_int, value) };
    Errno::result(result).map(drop)
}

/// `PR_CAPBSET_DROP` of `prctl(2)`.
pub(super) fn drop_from_bounding_set(capability: u8) -> Result<(), Errno> {
    // SAFETY: the operation takes integers and touches no memory.
    let result = unsafe { prctl(PR_CAPBSET_DROP, c_ulong::from(capability), 0, 0, 0) };
    Errno::result(result).map(drop)
}

/// `PR_CAP_AMBIENT_RAISE` of `prctl(2)`.
pub(super) fn raise_ambient(capability: u8) -> Result<(), Errno> {
    let number = c_ulong::from(capability);
    let zero: c_ulong = 0;
    // SAFETY: the operation takes integers and touches no memory.
    let result = unsafe { prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, zero, zero) };
    Errno::result(result).map(drop)
}

/// The header and the two halves of `capget(2)` (`linux/capability.h`).
#[repr(C)]
struct Header {
    version: u32,
    pid: c_int,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Half {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

const VERSION_3: u32 = 0x2008_0522;

/// Adds to what this process hands on, of what it has.
pub(super) fn add_to_inheritable(mask: u64) -> Result<(), Errno> {
    let mut header = Header {
        version: VERSION_3,
        pid: 0,
    };
    let mut halves = [Half::default(); 2];
    // SAFETY: version 3 writes two halves, for which there is room, and the header.
    let result = unsafe { syscall(SYS_capget, &raw mut header, halves.as_mut_ptr()) };
    Errno::result(result)?;
    for (half, shift) in halves.iter_mut().zip([0, 32]) {
        half.inheritable |= u32::try_from(mask >> shift & 0xffff_ffff).unwrap_or_default();
    }
    // SAFETY: version 3 reads two halves, which are there, and the header.
    let result = unsafe { syscall(SYS_capset, &raw mut header, halves.as_ptr()) };
    Errno::result(result).map(drop)
}

/// A descriptor that a supervisor has left open for this process, if it has.
///
/// It has to be taken before this process opens anything of its own, which would get its
/// number where it is not open.
pub(super) fn inherited(number: RawFd) -> Option<OwnedFd> {
    // SAFETY: the operation takes integers and touches no memory.
    let flags = unsafe { fcntl(number, F_GETFD) };
    // SAFETY: it is open, and nothing else in this process knows of it.
    (flags >= 0).then(|| unsafe { OwnedFd::from_raw_fd(number) })
}

/// Room for the credentials of a sender, as well aligned as the kernel's headers are.
#[repr(C, align(8))]
struct Credentials([u8; 64]);

/// Reads a datagram and who sent it, for a socket with `SO_PASSCRED` (`unix(7)`).
/// Descriptors that come with it are closed: there is no room for them.
pub(super) fn receive_from(
    socket: BorrowedFd<'_>,
    buffer: &mut [u8],
) -> Result<(usize, Option<Pid>), Errno> {
    let mut control = Credentials([0; 64]);
    let length = c_uint::try_from(size_of::<ucred>()).unwrap_or_default();
    // SAFETY: it computes a sum.
    let space = unsafe { CMSG_SPACE(length) };
    let mut parts = iovec {
        iov_base: buffer.as_mut_ptr().cast(),
        iov_len: buffer.len(),
    };
    // SAFETY: zeros are a value of each of its fields.
    let mut message: msghdr = unsafe { MaybeUninit::zeroed().assume_init() };
    message.msg_iov = &raw mut parts;
    message.msg_iovlen = 1;
    message.msg_control = control.0.as_mut_ptr().cast();
    message.msg_controllen = space as _;
    // SAFETY: both buffers are as long as is said, and live until the call is over.
    let read = unsafe { recvmsg(socket.as_raw_fd(), &raw mut message, MSG_CMSG_CLOEXEC) };
    let read = Errno::result(read)?;
    // SAFETY: the kernel has filled in the message; what it says of its length holds.
    let sender = unsafe {
        let header = CMSG_FIRSTHDR(&raw const message);
        let is_it = !header.is_null()
            && (*header).cmsg_level == SOL_SOCKET
            && (*header).cmsg_type == SCM_CREDENTIALS
            && (*header).cmsg_len >= CMSG_LEN(length) as _;
        is_it.then(|| CMSG_DATA(header).cast::<ucred>().read_unaligned().pid)
    };
    Ok((read.unsigned_abs(), sender.map(Pid::from_raw)))
}
