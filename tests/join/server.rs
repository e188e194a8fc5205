//! An API server that is played: TLS with a chain like kubeadm's, and answers as a test wants them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A cluster's CA.
pub struct Authority {
    pub pem: String,
    pub der: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

/// What a server proves itself with.
#[derive(Clone)]
pub struct Identity(Arc<ServerConfig>);

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "kubernetes");
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self {
            pem: certificate.pem(),
            der: certificate.der().to_vec(),
            issuer: Issuer::new(params, key),
        }
    }

    /// A certificate for a name or address, with its key in PEM.
    pub fn certificate(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    pub fn identity(&self, name: &str) -> Identity {
        let (certificate, key) = self.certificate(name);
        let chain = vec![
            certificate.der().clone(),
            CertificateDer::from(self.der.clone()),
        ];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        Identity(Arc::new(config))
    }
}

/// What a server was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub authorization: Option<String>,
}

/// What it does about it.
pub enum Reply {
    Answer(u16, String),
    Redirect(String),
    /// Nothing, as long as the client waits.
    Stall,
    /// An answer, a byte at a time.
    Drip,
    /// An answer of this many bytes, with its length or in chunks.
    Long(usize, bool),
    /// The connection ends in the midst of the answer.
    Break,
}

/// A server that runs until it is dropped.
pub struct Server {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    ends: Arc<AtomicBool>,
}

impl Server {
    /// Plays; the closure gets the question and how many there were before.
    pub fn play(
        identity: Identity,
        reply: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let ends = Arc::new(AtomicBool::new(false));
        let (log, end, reply) = (asked.clone(), ends.clone(), Arc::new(reply));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                let (identity, log, reply) = (identity.clone(), log.clone(), reply.clone());
                thread::spawn(move || serve(stream, &identity, &log, &*reply));
            }
        });
        Self {
            address,
            asked,
            ends,
        }
    }

    pub fn asked(&self) -> Vec<Asked> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.clone()
    }

    pub fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|it| it.path).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
    }
}

/// One connection with one question. What a client breaks off is no fault here.
fn serve(
    stream: TcpStream,
    identity: &Identity,
    log: &Mutex<Vec<Asked>>,
    reply: &dyn Fn(&Asked, usize) -> Reply,
) -> Option<()> {
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .ok()?;
    let connection = ServerConnection::new(identity.0.clone()).ok()?;
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    let mut asked = Asked {
        path: line.split(' ').nth(1)?.to_owned(),
        authorization: None,
    };
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("authorization") {
            asked.authorization = Some(value.trim().to_owned());
        }
    }
    let before = {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(asked.clone());
        log.len() - 1
    };
    let out = stream.get_mut();
    answer(out, reply(&asked, before)).ok()?;
    out.conn.send_close_notify();
    out.flush().ok()
}

fn answer(out: &mut impl ReadWrite, reply: Reply) -> std::io::Result<()> {
    let head = |code: u16, length: usize, more: &str| {
        format!("HTTP/1.1 {code} X\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n")
    };
    match reply {
        Reply::Answer(code, body) => {
            out.write_all(head(code, body.len(), "").as_bytes())?;
            out.write_all(body.as_bytes())
        }
        Reply::Redirect(to) => {
            out.write_all(head(302, 0, &format!("Location: {to}\r\n")).as_bytes())
        }
        Reply::Stall => out.read(&mut [0]).map(drop),
        Reply::Drip => {
            out.write_all(head(200, 100_000, "").as_bytes())?;
            loop {
                out.write_all(b" ")?;
                out.flush()?;
                thread::sleep(Duration::from_millis(50));
            }
        }
        Reply::Long(bytes, true) => {
            out.write_all(head(200, bytes, "").as_bytes())?;
            blanks(out, bytes)
        }
        Reply::Long(bytes, false) => {
            out.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            out.write_all(format!("{bytes:x}\r\n").as_bytes())?;
            blanks(out, bytes)
        }
        Reply::Break => {
            out.write_all(head(200, 1000, "").as_bytes())?;
            out.write_all(b"{\"data\"")
        }
    }
}

trait ReadWrite: Read + Write {}
impl<S: Read + Write> ReadWrite for S {}

fn blanks(out: &mut impl Write, bytes: usize) -> std::io::Result<()> {
    let block = [b' '; 8 * 1024];
    for _ in 0..bytes / block.len() {
        out.write_all(&block)?;
    }
    Ok(())
}

/// A proxy that is played: it takes `CONNECT`, whatever the host, to one address. Gives its own, and what it was asked.
pub fn proxy(to: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = asked.clone();
    // It ends with the test's process.
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let log = log.clone();
            thread::spawn(move || tunnel(stream, to, &log));
        }
    });
    (address, asked)
}

fn tunnel(mut client: TcpStream, to: SocketAddr, log: &Mutex<Vec<String>>) -> Option<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(client.try_clone().ok()?);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    log.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(head);
    let mut server = TcpStream::connect(to).ok()?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").ok()?;
    let (mut up, mut down) = (server.try_clone().ok()?, client.try_clone().ok()?);
    thread::spawn(move || std::io::copy(&mut reader, &mut up));
    std::io::copy(&mut server, &mut down).ok()?;
    Some(())
}
