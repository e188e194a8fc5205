//! supervisord under a PID 1 that reaps.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use super::{
    Absence, Gone, Init, Plan, Process, RUNTIME, Refusal, Silent, Supervisor, pid, says, words,
};
use crate::bed::{Bed, File, SERVICE};
use crate::error::{Context, Result, fail};

pub(super) struct Supervisord;

const CONFIG: &str = "/etc/supervisor/supervisord.conf";
const PROGRAM: &str = "/etc/supervisor/conf.d/kubelet.conf";
/// Where the program waits until the first `start`.
const ASIDE: &str = "/etc/supervisor/conf.d/kubelet.aside";
const SOCKET: &str = "/run/supervisor.sock";
/// The service, as a parameter of a call.
const NAME: &str = "<param><value><string>kubelet</string></value></param>";

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

    // `supervisorctl` is a Python program that computes for half a second before it asks: what is measured is
    // supervisord, and what is tested of the command is tested by the rows that drive it.
    fn do_start(&self, bed: &Bed) -> Result<()> {
        bed.inside(|| {
            if Path::new(PROGRAM).exists() {
                return obeyed("startProcess", NAME, Some("ALREADY_STARTED"));
            }
            std::fs::rename(ASIDE, PROGRAM).context(PROGRAM)?;
            obeyed("reloadConfig", "", None)?;
            obeyed("addProcessGroup", NAME, None)
        })
    }

    fn do_stop(&self, bed: &Bed) -> Result<()> {
        bed.inside(|| obeyed("stopProcess", NAME, Some("NOT_RUNNING")))
    }

    fn do_restart(&self, bed: &Bed) -> Result<()> {
        self.do_stop(bed)?;
        // After that it cannot have been started already.
        bed.inside(|| obeyed("startProcess", NAME, None))
    }

    fn main_pid(&self, bed: &Bed) -> Result<Option<i32>> {
        Ok(pid(&bed.run(&["supervisorctl", "pid", "kubelet"])?.text()))
    }

    fn runs(&self, bed: &Bed) -> Result<bool> {
        says(bed, &["supervisorctl", "status", SERVICE], "RUNNING")
    }

    fn starts_with_machine(&self, bed: &Bed) -> Result<bool> {
        says(bed, &["supervisorctl", "avail"], SERVICE)
    }

    fn bare(&self, command: &str) -> Vec<File> {
        vec![File::new(
            PROGRAM,
            0o644,
            format!(
                "[program:kubelet]\ncommand={command}\nstartsecs=0\nstopwaitsecs=1\n\
                 stdout_logfile=/var/log/supervisor/kubelet.log\nredirect_stderr=true\n"
            ),
        )]
    }

    fn passes_on(&self) -> &'static [&'static str] {
        &[
            "environment LEAKED",
            "environment SUPERVISOR_ENABLED",
            "leads its",
            "descriptors",
            "Umask",
            "SigIgn",
        ]
    }

    // It starts after another has been started, and waits for nothing.
    fn others(&self, _network: &str, _runtime: &str) -> (Vec<File>, &'static [&'static str]) {
        let file = File::new(
            "/etc/supervisor/conf.d/containerd.conf",
            0o644,
            format!(
                "[program:containerd]\ncommand=/bin/sh -c \"date >{RUNTIME}; exec sleep 600\"\n"
            ),
        );
        (vec![file], &[RUNTIME])
    }

    fn supervisor(&self) -> Supervisor {
        Supervisor::Missed {
            process: Process::Argv("/usr/bin/python3 /usr/bin/supervisord"),
            command: "supervisord -c /etc/supervisor/supervisord.conf",
            what: "a new supervisord",
        }
    }

    fn absence(&self) -> Option<Absence> {
        Some(Absence {
            silent: Some(Silent::Process("supervisord -n")),
            gone: Gone::Killed {
                process: "supervisord -n",
                above: None,
            },
            told: "supervisord does not answer",
            verbs: &["is-active", "start"],
        })
    }

    fn refuses_start(&self) -> Option<Refusal> {
        Some(Refusal {
            says: &["ERROR (already started)"],
            because: "supervisord: the program that it sees is the launcher, which also runs during the delay. `restart` starts at once.",
        })
    }
}

/// The parameters of a call that is about the service, and does not wait for it unless it is told to.
pub(crate) fn of_service(waits: bool) -> String {
    let waits = u8::from(waits);
    format!("{NAME}<param><value><boolean>{waits}</boolean></value></param>")
}

/// The process that supervisord has started for the service and not seen end yet.
pub(crate) fn started() -> Result<Option<i32>> {
    let answer = call("getProcessInfo", NAME)?;
    let pid = answer
        .split_once("<name>pid</name>")
        .and_then(|(_, rest)| rest.split_once("<int>")?.1.split_once("</int>"));
    match pid.map(|(pid, _)| pid.parse()) {
        Some(Ok(pid)) => Ok(Some(pid).filter(|&pid| pid > 0)),
        _ => fail!("getProcessInfo has no pid: {answer}"),
    }
}

/// Makes a call that does something. `unless` is the fault that `supervisorctl` takes for success too.
pub(crate) fn obeyed(method: &str, params: &str, unless: Option<&str>) -> Result<()> {
    let answer = call(method, params)?;
    if answer.contains("<fault>") && !unless.is_some_and(|fault| answer.contains(fault)) {
        fail!("{method}: {answer}");
    }
    Ok(())
}

/// One call of supervisord's XML-RPC interface; HTTP/1.0, so that the answer ends with the connection.
fn call(method: &str, params: &str) -> Result<String> {
    let body = format!(
        "<?xml version='1.0'?><methodCall><methodName>supervisor.{method}</methodName>\
         <params>{params}</params></methodCall>"
    );
    let mut stream = UnixStream::connect(SOCKET).context(SOCKET)?;
    stream.set_read_timeout(Some(9 * crate::bed::PATIENCE))?;
    let length = body.len();
    write!(
        stream,
        "POST /RPC2 HTTP/1.0\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).context(method)?;
    Ok(answer)
}
