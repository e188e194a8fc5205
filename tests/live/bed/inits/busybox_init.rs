//! busybox's init as PID 1, with the service's line in its inittab.

use super::{
    Absence, Init, NETWORK, Plan, Process, RUNTIME, Refusal, Supervisor, parent_pid, script, words,
};
use crate::bed::{Bed, File};
use crate::error::{Context, Result};

pub(super) struct BusyboxInit;

const INITTAB: &str = "/etc/inittab";
/// Lines that come before the service's.
const OTHERS: &str = "/etc/inittab.others";

/// What an administrator does by hand: init has no command for a line. A process that the sh
/// launcher leaves behind for the KILL is called as it is, and is not to be ended: what init has
/// started is its own child.
const DRIVE: &str = "#!/bin/sh
tab=/etc/inittab launcher=/usr/libexec/kubelet-unit/kubelet
start() {
	sed -i 's|^#\\(.*kubelet.*\\)|\\1|' $tab
	kill -HUP 1
}
stop() {
	sed -i 's|^[^#].*kubelet|#&|' $tab
	kill -HUP 1
	pkill -P 1 -f \"$launcher(\\.line\\$| supervise\\$)|^/usr/bin/kubelet --bare\"
	while pgrep -f \"$launcher(\\.line\\$| supervise\\$)|^/usr/bin/kubelet --bare\" >/dev/null; do sleep 0.05; done
	[ ! -x $launcher ] || $launcher end
}
case $1 in
restart) stop && start ;;
*) $1 ;;
esac
";

impl Init for BusyboxInit {
    fn name(&self) -> &'static str {
        "busybox-init"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["busybox", "pgrep", "pkill"]
    }

    fn packages(&self) -> &'static [&'static str] {
        &["busybox-static", "busybox"]
    }

    fn plan(&self) -> Plan {
        Plan {
            init: Some(words("/bin/busybox init")),
            ..Plan::default()
        }
    }

    fn tree(&self) -> Vec<File> {
        vec![script("/usr/local/bin/drive-line", DRIVE)]
    }

    fn before_start(&self, enabled: bool) -> Result<()> {
        let others = std::fs::read_to_string(OTHERS).unwrap_or_default();
        let ours = std::fs::read_to_string(INITTAB).unwrap_or_default();
        let aside = if enabled || ours.is_empty() { "" } else { "#" };
        std::fs::write(INITTAB, format!("{others}{aside}{ours}")).context(INITTAB)
    }

    /// It runs its lines as soon as it runs, and takes a HUP.
    fn ready(&self, bed: &Bed) -> Result<bool> {
        let runs = |argv: &[String]| argv.iter().any(|word| word == "init");
        Ok(!bed.processes(runs).is_empty())
    }

    fn start(&self) -> Vec<String> {
        words("drive-line start")
    }

    fn stop(&self) -> Vec<String> {
        words("drive-line stop")
    }

    fn restart(&self) -> Vec<String> {
        words("drive-line restart")
    }

    fn main_pid(&self, bed: &Bed) -> Result<Option<i32>> {
        Ok(parent_pid(bed))
    }

    /// It has no tool that says so.
    fn runs(&self, bed: &Bed) -> Result<bool> {
        Ok(!bed.recorders().is_empty())
    }

    fn starts_with_machine(&self, bed: &Bed) -> Result<bool> {
        let text = String::from_utf8_lossy(&bed.read_file(INITTAB)?).into_owned();
        Ok(text.lines().any(|line| line.starts_with("::respawn:")))
    }

    fn bare(&self, command: &str) -> Vec<File> {
        let text = format!("::respawn:{command} >>/var/log/kubelet.log 2>&1\n");
        vec![File::new(INITTAB, 0o644, text)]
    }

    fn passes_on(&self) -> &'static [&'static str] {
        &["environment LEAKED", "Umask", "Max open files"]
    }

    fn others(&self, network: &str, runtime: &str) -> (Vec<File>, &'static [&'static str]) {
        let slow = "/usr/local/bin/slow";
        let files = vec![
            script(slow, format!("#!/bin/sh\n{network}\n{runtime}\n")),
            File::new(OTHERS, 0o644, format!("::wait:{slow}\n")),
        ];
        (files, &[NETWORK, RUNTIME])
    }

    // PID 1 cannot be killed.
    fn supervisor(&self) -> Supervisor {
        Supervisor::Replaced(Process::Argv(super::LAUNCHER))
    }

    // It takes a signal, and gives no answer.
    fn absence(&self) -> Option<Absence> {
        None
    }

    fn answers_everybody(&self) -> bool {
        true
    }

    fn boots_without_service(&self) -> bool {
        true
    }

    fn refuses_start(&self) -> Option<Refusal> {
        Some(Refusal {
            says: &[""],
            because: "busybox init: the launcher is the process, and runs in the delay too: init has nothing to start. A stop and a start starts at once.",
        })
    }

    fn looks_each_second(&self) -> Option<&'static str> {
        Some(
            "busybox init: it looks once a second for lines that have ended or are new, and a restart is one of each.",
        )
    }

    fn needs_logrotate(&self) -> bool {
        true
    }
}
