//! Questions to daemons, asked from the bed's own network and file tree.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

use nix::sched::{CloneFlags, setns};

use crate::bed::Bed;
use crate::error::{Context, Result, fail};

/// As long one answer is waited for.
const ANSWER: Duration = Duration::from_secs(3);

/// Runs `work` in a thread of its own in the bed's network.
fn in_network<T: Send>(bed: &Bed, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    let path = format!("/proc/{}/ns/net", bed.machine.first_pid());
    let network = File::open(&path).context(path)?;
    let thread = move || {
        setns(&network, CloneFlags::CLONE_NEWNET).context("the bed's network")?;
        work()
    };
    thread::scope(|scope| scope.spawn(thread).join())
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// What a port says to these words, until it ends or is silent.
fn says(bed: &Bed, port: u16, words: &str) -> Result<String> {
    in_network(bed, || {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = TcpStream::connect_timeout(&address, ANSWER).context(address)?;
        stream.set_read_timeout(Some(ANSWER))?;
        stream.write_all(words.as_bytes())?;
        let mut answer = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(1..) = stream
            .read(&mut buffer)
            .inspect(|&n| answer.extend(&buffer[..n]))
        {
            if !words.starts_with("GET") {
                break;
            }
        }
        Ok(String::from_utf8_lossy(&answer).into_owned())
    })
}

fn has(answer: &str, wanted: &str) -> Result<()> {
    match answer.contains(wanted) {
        true => Ok(()),
        false => fail!(
            "no {wanted:?} in {:?}",
            answer.chars().take(200).collect::<String>()
        ),
    }
}

fn http(bed: &Bed, port: u16, path: &str, wanted: &str) -> Result<()> {
    let answer = says(bed, port, &format!("GET {path} HTTP/1.0\r\n\r\n"))?;
    has(&answer, " 200 ")?;
    has(&answer, wanted)
}

/// What a command prints has these words in it.
fn prints(bed: &Bed, command: &[&str], wanted: &str) -> Result<()> {
    let output = bed.run(command)?;
    if output.code != 0 {
        fail!("`{}`: {}", command.join(" "), output.all());
    }
    has(&output.all(), wanted)
}

pub(super) fn containerd(bed: &Bed) -> Result<()> {
    prints(
        bed,
        &["ctr", "--connect-timeout", "2s", "version"],
        "Server:",
    )
}

pub(super) fn etcd(bed: &Bed) -> Result<()> {
    http(bed, 2379, "/health", "\"health\":\"true\"")
}

pub(super) fn haproxy(bed: &Bed) -> Result<()> {
    http(bed, 8404, "/", "haproxy is here")
}

pub(super) fn nginx(bed: &Bed) -> Result<()> {
    http(bed, 80, "/", "nginx is here")
}

pub(super) fn redis(bed: &Bed) -> Result<()> {
    has(&says(bed, 6379, "PING\r\n")?, "+PONG")
}

pub(super) fn chrony(bed: &Bed) -> Result<()> {
    prints(bed, &["chronyc", "-n", "tracking"], "Reference ID")
}

pub(super) fn node_exporter(bed: &Bed) -> Result<()> {
    http(bed, 9100, "/metrics", "node_exporter_build_info")
}

pub(super) fn ssh(bed: &Bed) -> Result<()> {
    has(&says(bed, 22, "SSH-2.0-live\r\n")?, "SSH-2.0-OpenSSH")
}

/// The address of `bed.test`, which its configuration has.
pub(super) fn dnsmasq(bed: &Bed) -> Result<()> {
    // RFC 1035: an identifier, one question that asks for recursion; the name, A, IN.
    let question =
        b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03bed\x04test\x00\x00\x01\x00\x01";
    let answer = in_network(bed, || {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_read_timeout(Some(ANSWER))?;
        socket.connect((Ipv4Addr::LOCALHOST, 53))?;
        socket.send(question)?;
        let mut answer = [0; 512];
        let length = socket.recv(&mut answer).context("port 53")?;
        Ok(answer[..length].to_vec())
    })?;
    match answer.ends_with(&[192, 0, 2, 7]) {
        true => Ok(()),
        false => fail!("the answer is {answer:?}"),
    }
}

/// It has run its job for a start, whose mark is removed for the next one.
pub(super) fn cron(bed: &Bed) -> Result<()> {
    bed.read_file("/run/crond.pid")?;
    bed.read_file("/run/cron-job")?;
    bed.remove_file("/run/cron-job")?;
    bed.remove_file("/run/crond.reboot")
}
