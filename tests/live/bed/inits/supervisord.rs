//! supervisord under a PID 1 that reaps.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use super::{Init, Plan, pid, words};
use crate::bed::{Bed, File};
use crate::error::{Context, Result, fail};

pub(super) struct Supervisord;

const CONFIG: &str = "/etc/supervisor/supervisord.conf";
const PROGRAM: &str = "/etc/supervisor/conf.d/kubelet.conf";
/// Where the program waits until the first `start`.
const ASIDE: &str = "/etc/supervisor/conf.d/kubelet.aside";
const SOCKET: &str = "/run/supervisor.sock";

impl Init for Supervisord {
    fn name(&self) -> &'static str {
        "supervisord"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["supervisord", "supervisorctl"]
    }

    fn packages(&self) -> &'static [&'static str] {
        &["supervisor"]
    }

    fn plan(&self) -> Plan {
        Plan {
            supervisor: Some(words(&format!("/usr/bin/supervisord -n -c {CONFIG}"))),
            empty: words("/etc/supervisor/conf.d"),
            ..Plan::default()
        }
    }

    fn tree(&self) -> Vec<File> {
        vec![File::folder("/var/log/supervisor", 0o755)]
    }

    fn before_start(&self, enabled: bool) -> Result<()> {
        if !enabled {
            std::fs::rename(PROGRAM, ASIDE).context(PROGRAM)?;
        }
        Ok(())
    }

    fn ready(&self, bed: &Bed) -> Result<bool> {
        Ok(bed.inside(|| call("getState", "")).is_ok())
    }

    /// The first start makes the program known, as an administrator does it.
    fn start(&self) -> Vec<String> {
        let known = "exec supervisorctl start kubelet";
        let script = format!(
            "[ -e {PROGRAM} ] && {known}; mv {ASIDE} {PROGRAM} && exec supervisorctl update"
        );
        ["sh", "-c", &script].map(str::to_owned).to_vec()
    }

    fn stop(&self) -> Vec<String> {
        words("supervisorctl stop kubelet")
    }

    fn restart(&self) -> Vec<String> {
        words("supervisorctl restart kubelet")
    }

    /// Without the 0.2 s that each `supervisorctl` takes to begin.
    fn cycle(&self, bed: &Bed) -> Result<()> {
        let name = "<param><value><string>kubelet</string></value></param>";
        bed.inside(|| {
            let stopped = call("stopProcess", name)?;
            if stopped.contains("<fault>") && !stopped.contains("NOT_RUNNING") {
                fail!("stopProcess: {stopped}");
            }
            let started = call("startProcess", name)?;
            if started.contains("<fault>") {
                fail!("startProcess: {started}");
            }
            Ok(())
        })
    }

    fn main_pid(&self, bed: &Bed) -> Result<Option<i32>> {
        Ok(pid(&bed.run(&["supervisorctl", "pid", "kubelet"])?.text()))
    }
}

/// The parameters of a call that is about the service, and does not wait for it unless it is told to.
pub(crate) fn of_service(waits: bool) -> String {
    let waits = u8::from(waits);
    format!(
        "<param><value><string>kubelet</string></value></param>\
         <param><value><boolean>{waits}</boolean></value></param>"
    )
}

/// One call of supervisord's XML-RPC interface; HTTP/1.0, so that the answer ends with the connection.
pub(crate) fn call(method: &str, params: &str) -> Result<String> {
    let body = format!(
        "<?xml version='1.0'?><methodCall><methodName>supervisor.{method}</methodName>\
         <params>{params}</params></methodCall>"
    );
    let mut stream = UnixStream::connect(SOCKET).context(SOCKET)?;
    stream.set_read_timeout(Some(crate::bed::PATIENCE))?;
    let length = body.len();
    write!(
        stream,
        "POST /RPC2 HTTP/1.0\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).context(method)?;
    Ok(answer)
}
