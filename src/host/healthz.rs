//! Does a program say of itself that it is healthy? The question that kubeadm asks the kubelet, in plain HTTP.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use thiserror::Error;

/// The most that is read of an answer, in bytes: its first line is what counts.
const LIMIT: usize = 1024;

/// Why a program does not count as healthy.
#[derive(Debug, Error)]
pub enum Unhealthy {
    /// It cannot be reached, or does not answer in time.
    #[error("{}", told(.0))]
    Io(#[from] io::Error),
    /// It answers with something else than 200.
    #[error("it answers with status {0}")]
    Status(u16),
    /// Somebody answers who does not speak HTTP.
    #[error("what answers there does not speak HTTP")]
    NotHttp,
}

/// An error of the system without its number.
fn told(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "it does not answer".to_owned(),
        io::ErrorKind::ConnectionRefused => "nothing listens there".to_owned(),
        _ => error.to_string(),
    }
}

/// Asks for `/healthz`, as `curl http://ADDRESS/healthz` does, without a proxy. The whole question takes no
/// longer than `within`.
///
/// # Errors
/// Anything but an answer with status 200.
pub fn healthz(address: SocketAddr, within: Duration) -> Result<(), Unhealthy> {
    let end = Instant::now() + within;
    let mut stream = TcpStream::connect_timeout(&address, within)?;
    stream.set_write_timeout(Some(left(end)))?;
    let question = format!(
        "GET /healthz HTTP/1.1\r\nHost: {address}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(question.as_bytes())?;
    let mut answer = Vec::new();
    let mut block = [0; 256];
    while !answer.contains(&b'\n') && answer.len() < LIMIT {
        stream.set_read_timeout(Some(left(end)))?;
        match stream.read(&mut block)? {
            0 => break,
            _ if Instant::now() >= end => {
                return Err(io::Error::from(io::ErrorKind::TimedOut).into());
            }
            count => answer.extend_from_slice(&block[..count]),
        }
    }
    match status(&answer) {
        Some(200) => Ok(()),
        Some(other) => Err(Unhealthy::Status(other)),
        None => Err(Unhealthy::NotHttp),
    }
}

/// What is left until a time: a timeout of zero would mean none at all.
fn left(end: Instant) -> Duration {
    let left = end.saturating_duration_since(Instant::now());
    left.max(Duration::from_millis(1))
}

/// The status in the first line of an answer (RFC 9112, section 4).
fn status(answer: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(answer).ok()?.lines().next()?;
    let mut words = line.split(' ');
    words.next().filter(|word| word.starts_with("HTTP/1."))?;
    words.next().filter(|word| word.len() == 3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// What is said of one who answers with this and then waits.
    fn asked(answer: &'static [u8]) -> Result<(), String> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut question = [0; 512];
            let read = stream.read(&mut question).unwrap();
            stream.write_all(answer).unwrap();
            // It holds the connection until the other side has gone.
            drop(stream.read(&mut [0]));
            String::from_utf8_lossy(&question[..read]).into_owned()
        });
        let within = Duration::from_millis(if answer.ends_with(b"\n") { 20_000 } else { 200 });
        let result = healthz(address, within).map_err(|error| error.to_string());
        let question = server.join().unwrap();
        assert!(question.starts_with("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:"));
        result
    }

    #[test]
    fn only_200_is_healthy() {
        assert_eq!(
            asked(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\n"),
            Ok(())
        );
        assert_eq!(asked(b"HTTP/1.0 200\r\n"), Ok(()));
        let told = |answer| asked(answer).unwrap_err();
        assert_eq!(told(b"HTTP/1.1 500 no\r\n"), "it answers with status 500");
        assert_eq!(
            told(b"HTTP/1.1 302 Found\r\n"),
            "it answers with status 302"
        );
        assert_eq!(
            told(b"SSH-2.0-200\r\n"),
            "what answers there does not speak HTTP"
        );
        assert_eq!(told(b"HTTP/1.1 2"), "it does not answer");
        let gone = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let error = healthz(gone, Duration::from_secs(5)).unwrap_err();
        assert_eq!(error.to_string(), "nothing listens there");
    }
}
