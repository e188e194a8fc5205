//! systemd as PID 1, with the journal and nothing else of the machine's units.

use super::{Absence, Init, NETWORK, Plan, Refusal, Supervisor, pid, words};
use crate::bed::{Bed, File, SERVICE, State};
use crate::error::{Context, Result};

pub(super) struct Systemd;

/// The only units that are taken over from the machine: without them a service's output goes nowhere.
const JOURNAL: [&str; 2] = ["systemd-journald.service", "systemd-journald.socket"];
/// A bus for who starts it: systemd looks for one where units of these names run.
const BUS: [(&str, &str); 2] = [
    (
        "dbus.socket",
        "[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream=/run/dbus/system_bus_socket\n",
    ),
    (
        "dbus.service",
        "[Unit]\nDefaultDependencies=no\nRequires=dbus.socket\n\
         [Service]\nExecStart=/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile\n",
    ),
];

/// Where the vendor's units are; a link leads here from `/lib` where that is another folder.
const UNITS: &str = "/usr/lib/systemd/system";

impl Init for Systemd {
    fn name(&self) -> &'static str {
        "systemd"
    }

    fn programs(&self) -> &'static [&'static str] {
        &[
            "/lib/systemd/systemd",
            "/lib/systemd/systemd-journald",
            "systemctl",
            "journalctl",
        ]
    }

    fn packages(&self) -> &'static [&'static str] {
        &["systemd"]
    }

    fn plan(&self) -> Plan {
        // In a container it leaves the kernel's settings alone.
        let env = [("container".to_owned(), "bed".to_owned())].into();
        Plan {
            init: Some(words(
                "/lib/systemd/systemd --system --unit=bed.target --show-status=no",
            )),
            empty: words(
                "/etc/systemd/system /usr/lib/systemd/system /usr/lib/systemd/system-generators \
                 /usr/lib/systemd/system-environment-generators",
            ),
            state: State {
                env,
                umask: 0o022,
                nofile: 1024,
            },
            ..Plan::default()
        }
    }

    fn tree(&self) -> Vec<File> {
        let unit = |name: &str, text: &str| File::new(format!("{UNITS}/{name}"), 0o644, text);
        let mut tree = vec![
            unit(
                "bed.target",
                "[Unit]\nDefaultDependencies=no\nWants=systemd-journald.service multi-user.target\n",
            ),
            File::new(
                "/etc/machine-id",
                0o444,
                "0123456789abcdef0123456789abcdef\n",
            ),
            File::folder("/var/log/journal", 0o755),
        ];
        // A machine's own would start it whole: udev, file system checks and all.
        for target in [
            "sysinit",
            "basic",
            "shutdown",
            "network",
            "network-online",
            "multi-user",
        ] {
            tree.push(unit(
                &format!("{target}.target"),
                "[Unit]\nDefaultDependencies=no\n",
            ));
        }
        let ground = crate::bed::ground();
        tree.extend(BUS.map(|(name, text)| unit(name, text)));
        for name in JOURNAL {
            let own = ground.at(&format!("/usr/lib/systemd/system/{name}"));
            let text = std::fs::read_to_string(own).unwrap_or_default();
            tree.push(unit(name, &text));
        }
        tree
    }

    fn before_start(&self, enabled: bool) -> Result<()> {
        if enabled {
            let wants = format!("{UNITS}/bed.target.wants");
            std::fs::create_dir_all(&wants)?;
            std::os::unix::fs::symlink("../kubelet.service", format!("{wants}/kubelet.service"))
                .context(wants)?;
        }
        Ok(())
    }

    fn ready(&self, bed: &Bed) -> Result<bool> {
        let answers = bed.inside(|| std::fs::exists("/run/systemd/private"))?;
        Ok(answers && bed.run(&["systemctl", "is-active", "bed.target"])?.code == 0)
    }

    fn start(&self) -> Vec<String> {
        words("systemctl start kubelet.service")
    }

    fn stop(&self) -> Vec<String> {
        words("systemctl stop kubelet.service")
    }

    fn restart(&self) -> Vec<String> {
        words("systemctl restart kubelet.service")
    }

    fn main_pid(&self, bed: &Bed) -> Result<Option<i32>> {
        Ok(pid(&bed
            .expect(&words("systemctl show --value -p MainPID kubelet.service"))?
            .text()))
    }

    fn log(&self, bed: &Bed) -> Result<String> {
        bed.expect(&words("journalctl --sync"))?;
        Ok(bed
            .expect(&words("journalctl --no-pager -o cat -u kubelet.service"))?
            .text())
    }

    fn runs(&self, bed: &Bed) -> Result<bool> {
        Ok(bed.run(&["systemctl", "is-active", SERVICE])?.code == 0)
    }

    fn starts_with_machine(&self, bed: &Bed) -> Result<bool> {
        Ok(bed.run(&["systemctl", "is-enabled", SERVICE])?.code == 0)
    }

    fn bare(&self, command: &str) -> Vec<File> {
        vec![File::new(
            "/usr/lib/systemd/system/kubelet.service",
            0o644,
            format!(
                "[Unit]\nStartLimitIntervalSec=0\n\n\
                 [Service]\nExecStart={command}\nRestart=always\nRestartSec=1\nTimeoutStopSec=1\n"
            ),
        )]
    }

    fn passes_on(&self) -> &'static [&'static str] {
        &[]
    }

    fn others(&self, network: &str, _runtime: &str) -> (Vec<File>, &'static [&'static str]) {
        let unit = "slow-network.service";
        let text = format!(
            "[Unit]\nDefaultDependencies=no\nBefore=network-online.target\n\
             [Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c '{}'\n",
            network.replace('%', "%%")
        );
        let files = vec![
            File::new(format!("{UNITS}/{unit}"), 0o644, text),
            File::link(
                format!("{UNITS}/network-online.target.wants/{unit}"),
                format!("../{unit}"),
            ),
        ];
        (files, &[NETWORK])
    }

    fn supervisor(&self) -> Supervisor {
        Supervisor::StartedAnew("systemctl daemon-reexec")
    }

    fn absence(&self) -> Option<Absence> {
        None
    }

    fn boots_without_service(&self) -> bool {
        true
    }

    fn refuses_start(&self) -> Option<Refusal> {
        Some(Refusal {
            says: &[""],
            because: "systemd 252: `start` waits until the delay is over (systemd.service(5), RestartSec=); 257 and 262 start at once. `restart` starts at once.",
        })
    }
}
