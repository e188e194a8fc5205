//! What the kubelet says of its health, at its own place: each bed has a network of its own.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// Where the kubelet is asked by default.
const PLACE: &str = "127.0.0.1:10248";

/// Answers every question with a status, as long as the process lives.
pub(super) fn serve(status: u16) -> io::Result<()> {
    let listener = TcpListener::bind(PLACE)?;
    thread::Builder::new().spawn(move || {
        for stream in listener.incoming().flatten() {
            // Who goes away before the answer has its reasons.
            let _ = answer(stream, status);
        }
    })?;
    Ok(())
}

fn answer(mut stream: TcpStream, status: u16) -> io::Result<()> {
    let mut question = Vec::new();
    let mut block = [0; 512];
    while !question.ends_with(b"\r\n\r\n") {
        match stream.read(&mut block)? {
            0 => return Ok(()),
            count => question.extend_from_slice(&block[..count]),
        }
    }
    let known = question.starts_with(b"GET /healthz HTTP/1.1\r\n");
    let status = if known { status } else { 404 };
    write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
    )
}
