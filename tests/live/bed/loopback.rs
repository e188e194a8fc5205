//! The loopback interface of a bed's own network, which is down at first: systemd brings it up, the others leave that
//! to a service.

use std::io;
use std::os::fd::AsRawFd;

use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, recv, sendto, socket,
};

/// rtnetlink(7): a link is changed.
const RTM_NEWLINK: u16 = 16;
/// netlink(7): a question that wants an answer.
const NLM_F_REQUEST_ACK: u16 = 0x5;
/// The first interface of every network.
const LO: i32 = 1;
const IFF_UP: u32 = 1;

/// Brings it up, in the network of this process.
pub(super) fn up() -> io::Result<()> {
    let own = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkRoute,
    )?;
    let mut question = Vec::new();
    // struct nlmsghdr: length, type, flags, sequence, port.
    question.extend(32_u32.to_ne_bytes());
    question.extend(RTM_NEWLINK.to_ne_bytes());
    question.extend(NLM_F_REQUEST_ACK.to_ne_bytes());
    question.extend([0; 8]);
    // struct ifinfomsg: family and type, index, flags, which of them change.
    question.extend([0; 4]);
    question.extend(LO.to_ne_bytes());
    question.extend(IFF_UP.to_ne_bytes());
    question.extend(IFF_UP.to_ne_bytes());
    let kernel = NetlinkAddr::new(0, 0);
    sendto(own.as_raw_fd(), &question, &kernel, MsgFlags::empty())?;
    let mut answer = [0; 256];
    let read = recv(own.as_raw_fd(), &mut answer, MsgFlags::empty())?;
    // struct nlmsgerr begins after the header with the error, negative, or 0.
    let code = answer.get(16..20).filter(|_| read >= 20);
    match code.map(|bytes| i32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])) {
        Some(0) => Ok(()),
        Some(error) => Err(io::Error::from_raw_os_error(-error)),
        None => Err(io::Error::other("the kernel's answer is too short")),
    }
}
