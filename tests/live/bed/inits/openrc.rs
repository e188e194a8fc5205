//! OpenRC as a machine has it after its boot: state folders and a runlevel, and no process.

use super::{
    Absence, Gone, Init, NETWORK, Plan, Process, RUNTIME, Refusal, Supervisor, pid, says, script,
    words,
};
use crate::bed::busybox::{ALPINE, INITTAB};
use crate::bed::{Bed, File, SERVICE, State, ground};
use crate::error::Result;

pub(super) struct OpenRc;

impl Init for OpenRc {
    fn name(&self) -> &'static str {
        "openrc"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["rc-service", "rc-update", "openrc-run", "supervise-daemon"]
    }

    fn packages(&self) -> &'static [&'static str] {
        &["openrc"]
    }

    fn plan(&self) -> Plan {
        let busybox = ground().busybox;
        Plan {
            init: busybox.then(|| words("/bin/busybox init")),
            empty: words("/etc/runlevels"),
            busybox,
            // A PID 1 has the kernel's state.
            state: match busybox {
                true => State {
                    env: [].into(),
                    umask: 0o022,
                    nofile: 1024,
                },
                false => State::default(),
            },
            ..Plan::default()
        }
    }

    fn tree(&self) -> Vec<File> {
        let state = "starting started stopping inactive wasinactive failed hotplugged daemons options scheduled \
                     exclusive tmp";
        // A PID 1 boots it, and then it makes them itself.
        let booted = ground().busybox;
        let mut tree: Vec<_> = state
            .split_whitespace()
            .filter(|_| !booted)
            .map(|name| File::folder(format!("/run/openrc/{name}"), 0o755))
            .collect();
        for name in ["sysinit", "boot", "default", "nonetwork", "shutdown"] {
            tree.push(File::folder(format!("/etc/runlevels/{name}"), 0o755));
        }
        tree.push(match booted {
            true => File::new(INITTAB, 0o644, ALPINE),
            false => File::new("/run/openrc/softlevel", 0o644, "default\n"),
        });
        tree
    }

    fn before_start(&self, enabled: bool) -> Result<()> {
        if enabled {
            std::os::unix::fs::symlink("/etc/init.d/kubelet", "/etc/runlevels/default/kubelet")?;
        }
        Ok(())
    }

    fn ready(&self, bed: &Bed) -> Result<bool> {
        if ground().busybox {
            let level = bed.read_file("/run/openrc/softlevel").unwrap_or_default();
            return Ok(level.trim_ascii() == b"default");
        }
        if bed
            .inside(|| std::fs::symlink_metadata("/etc/runlevels/default/kubelet"))
            .is_ok()
        {
            bed.expect(&words("openrc default"))?;
        }
        Ok(true)
    }

    fn start(&self) -> Vec<String> {
        words("rc-service kubelet start")
    }

    fn stop(&self) -> Vec<String> {
        words("rc-service kubelet stop")
    }

    fn restart(&self) -> Vec<String> {
        words("rc-service kubelet restart")
    }

    fn main_pid(&self, bed: &Bed) -> Result<Option<i32>> {
        Ok(bed
            .read_file("/run/openrc/options/kubelet/child_pid")
            .ok()
            .and_then(|text| pid(&String::from_utf8_lossy(&text))))
    }

    fn runs(&self, bed: &Bed) -> Result<bool> {
        Ok(bed.run(&["rc-service", SERVICE, "status"])?.code == 0)
    }

    fn starts_with_machine(&self, bed: &Bed) -> Result<bool> {
        says(bed, &["rc-update", "show", "default"], SERVICE)
    }

    fn bare(&self, command: &str) -> Vec<File> {
        let (program, arguments) = command.split_once(' ').unwrap_or((command, ""));
        vec![script(
            "/etc/init.d/kubelet",
            format!(
                "#!/sbin/openrc-run\nsupervisor=supervise-daemon\n\
                 command={program}\ncommand_args={arguments}\n\
                 respawn_delay=1\nrespawn_max=0\nretry=TERM/1/KILL/5\n\
                 output_log=/var/log/kubelet.log\nerror_log=/var/log/kubelet.log\n"
            ),
        )]
    }

    // It cleans the environment up to a point and sets the umask; supervise-daemon makes a session.
    // Until 0.63 it exports SVCNAME as well.
    fn passes_on(&self) -> &'static [&'static str] {
        &["environment HOME", "SigIgn", "Max open files"]
    }

    fn others(&self, network: &str, runtime: &str) -> (Vec<File>, &'static [&'static str]) {
        let service = |name: &str, provides: &str, start: &str| {
            [
                script(
                    &format!("/etc/init.d/{name}"),
                    format!(
                        "#!/sbin/openrc-run\ndepend() {{ {provides}; }}\nstart() {{ {start}; }}\n"
                    ),
                ),
                File::link(
                    format!("/etc/runlevels/default/{name}"),
                    format!("/etc/init.d/{name}"),
                ),
            ]
        };
        let files = [
            service("slow-network", "provide net", network),
            service("containerd", ":", runtime),
        ];
        (files.into_iter().flatten().collect(), &[NETWORK, RUNTIME])
    }

    // supervise-daemon has a title of its own.
    fn supervisor(&self) -> Supervisor {
        Supervisor::Missed {
            process: Process::PidFile("/run/kubelet.supervisor.pid"),
            command: "rc-service kubelet restart",
            what: "`restart`",
        }
    }

    fn absence(&self) -> Option<Absence> {
        Some(Absence {
            silent: None,
            gone: Gone::Removed("/run/openrc/softlevel"),
            told: "OpenRC does not answer: ",
            verbs: &["is-active"],
        })
    }

    fn answers_everybody(&self) -> bool {
        true
    }

    fn boots_without_service(&self) -> bool {
        true
    }

    fn refuses_start(&self) -> Option<Refusal> {
        Some(Refusal {
            says: &["kubelet has already been started"],
            because: "OpenRC: if a service is marked as started, `start` returns without calling its script. `restart` starts at once.",
        })
    }

    fn cases(&self) -> Option<usize> {
        Some(20)
    }

    fn needs_logrotate(&self) -> bool {
        true
    }
}
