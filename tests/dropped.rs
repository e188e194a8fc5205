//! What old files say beside the arguments: whatever does something is listed by `--migrate`, in
//! whatever way it is written.

use insta::assert_snapshot;

use crate::migrate::warned;
use crate::support::Tree;

const VOID_RUN: &str = "etc/sv/kubelet/run";

/// What a script says in the files that it sources, whatever becomes of those, on a line with
/// something else, and before its program.
#[test]
fn what_a_run_script_says_in_any_way_is_listed() {
    let mut said = String::new();
    for files in [
        &[
            (VOID_RUN, "#!/bin/sh\n. ./conf\nexec kubelet $OPTS\n"),
            (
                "etc/sv/kubelet/conf",
                "OPTS=--v=2\nexport NO_PROXY=z\numask 077\nulimit -n 5\n",
            ),
        ][..],
        &[
            (
                VOID_RUN,
                "#!/bin/sh\nset -e\nNAME=kubelet\n. /etc/default/$NAME\nset -a; . /etc/kubelet.inc; set +a\nexec kubelet --v=2 $OPTS\n",
            ),
            (
                "etc/default/kubelet",
                "OPTS=--max-pods=5\nexport HTTPS_PROXY=y\nNOFILE=5\nulimit -n 5\nKUBELET_EXTRA_ARGS=--v=2 --v=3\n",
            ),
            ("etc/kubelet.inc", "HTTP_PROXY=a\nexport OPTS\n"),
        ],
        &[(VOID_RUN, ALL_WAYS)],
        &[
            (
                VOID_RUN,
                "#!/bin/sh\nexec 2>&1\nexec >>/var/log/k.log\nexec chpst -e ./env -u kube:kube -n 5 -o1000 -/ /x -b k -P env -i -u B Z=3 nice -n 5 kubelet --v=2 >/var/log/kubelet/x 2>&1\n",
            ),
            (
                "etc/sv/kubelet/log/run",
                "#!/bin/sh\nexec 2>&1\nexec vlogger -t kubelet\n",
            ),
            ("etc/sv/kubelet/finish", "#!/bin/sh\nrm -f /x\nsleep 5\n"),
            (
                "etc/sv/kubelet/control/t",
                "#!/bin/sh\nkill -INT \"$(cat supervise/pid)\"\n",
            ),
            ("etc/sv/kubelet/control/h", "#!/bin/sh\n"),
            ("etc/sv/kubelet/check", "#!/bin/sh\n"),
        ],
    ] {
        said += &warned("runit", "void", files);
    }
    assert_snapshot!(said);
}

const ALL_WAYS: &str = "#!/bin/sh
A=1; export A
export B=1 C=2; ulimit -n 65536; export D=1
[ -d /x ] && export E=2
if [ -d /etc ]; then export F=3; mount --make-rshared /; fi
prepare() { modprobe overlay || exit 1; }
prepare
loop() { loop; modprobe b; }
echo 1 >/proc/sys/net/ipv4/ip_forward
cat <<END >/dev/null
umask 0
END
umask 077 && cd / # a comment
[ -n \"$UNLIKELY\" ] && exec kubelet --v=2
TOKEN=secret sysctl -w vm.swappiness=0
X='sh -c \"$X\"'; sh -c \"$X\"
HTTP_PROXY=x exec setsid env Z=3 kubelet --v=2
";

/// An init that starts a command line may have a shell in it, or programs before the kubelet.
#[test]
fn what_a_command_line_says_before_its_program_is_listed() {
    let mut said = String::new();
    let shell = "/bin/sh -c \"umask 077; export A=b; exec chpst -u kube kubelet --v=2\"";
    let env = "/usr/bin/env HTTP_PROXY=1 nice -n 4 /usr/bin/kubelet --v=2";
    for command in [shell, env] {
        let unit = format!("[Service]\nExecStart=-{command}\n");
        let section = format!("[program:kubelet]\ncommand={command}\n");
        let include = "[supervisord]\n[include]\nfiles = conf.d/*.conf\n";
        said += &warned(
            "supervisord",
            "debian",
            &[
                ("etc/supervisor/supervisord.conf", include),
                ("etc/supervisor/conf.d/kubelet.conf", &section),
            ],
        );
        let dinit = format!("type=process\ncommand={command}\n");
        said += &warned("dinit", "chimera", &[("etc/dinit.d/kubelet", &dinit)]);
        let systemd = [("etc/systemd/system/kubelet.service", unit.as_str())];
        said += &warned("systemd", "debian", &systemd);
    }
    let execline = "#!/bin/execlineb -P\nfdmove -c 2 1\ns6-softlimit -o 5\nforeground { mount --make-rshared / }\nexport A b\ns6-setuidgid kube\n/usr/bin/kubelet --v=2\n";
    said += &warned("s6", "artix", &[("etc/s6/sv/kubelet/run", execline)]);
    said += &warned("runit", "void", &[(VOID_RUN, execline)]);
    assert_snapshot!(said);
}

/// A script of sysvinit is the old way of starting and stopping, and little else.
#[test]
fn how_an_init_script_starts_by_itself_is_not_offered_elsewhere() {
    let mut said = String::new();
    for script in [
        "#!/bin/sh\ncase \"$1\" in\n  start) start-stop-daemon -S -b -x /usr/bin/kubelet -- --v=2 ;;\n  stop) start-stop-daemon -K -x /usr/bin/kubelet ;;\nesac\n",
        "#!/bin/sh\n. /etc/default/kubelet\nstart-stop-daemon -S -b -c kube --nicelevel=5 -x /usr/bin/kubelet -- --v=2 $OPTS\n",
        SKELETON,
    ] {
        let files = [
            ("etc/init.d/kubelet", script),
            ("etc/rc2.d/S01kubelet", "->../init.d/kubelet"),
            (
                "etc/inittab",
                "id:2:initdefault:\nsi::sysinit:/etc/init.d/rcS\nl2:2:wait:/etc/init.d/rc 2\n",
            ),
            (
                "etc/init.d/rc",
                "#!/bin/sh\nfor s in /etc/rc2.d/S*; do $s start; done\n",
            ),
            (
                "etc/default/kubelet",
                "set -a\nNO_PROXY=a\nset +a\nulimit -n 5\n",
            ),
            (
                "lib/lsb/init-functions",
                "log_daemon_msg() { mkdir /x; }\nexport LSB=1\n",
            ),
        ];
        said += &warned("sysvinit", "devuan", &files);
    }
    assert_snapshot!(said);
}

const SKELETON: &str = "#!/bin/sh
### BEGIN INIT INFO
# Provides:          kubelet
# Required-Start:    $remote_fs docker iscsid
# Should-Start:      chrony
### END INIT INFO
PATH=/sbin:/usr/sbin:/bin:/usr/bin
DESC=\"kubelet\"
NAME=kubelet
DAEMON=/usr/bin/$NAME
DAEMON_ARGS=\"--v=2\"
PIDFILE=/var/run/$NAME.pid
SCRIPTNAME=/etc/init.d/$NAME
[ -x \"$DAEMON\" ] || exit 0
[ -r /etc/default/$NAME ] && . /etc/default/$NAME
. /lib/lsb/init-functions
do_start() {
	start-stop-daemon --start --quiet --background --make-pidfile --pidfile $PIDFILE --exec $DAEMON --test > /dev/null || return 1
	modprobe br_netfilter
	start-stop-daemon --start --quiet --background --make-pidfile --pidfile $PIDFILE --exec $DAEMON -- $DAEMON_ARGS || return 2
}
do_stop() {
	start-stop-daemon --stop --quiet --retry=TERM/30/KILL/5 --pidfile $PIDFILE --name $NAME
	RETVAL=\"$?\"
	[ \"$RETVAL\" = 2 ] && return 2
	umount /var/lib/kubelet/pods
	rm -f $PIDFILE
	return \"$RETVAL\"
}
case \"$1\" in
  start)
	log_daemon_msg \"Starting $DESC\" \"$NAME\"
	do_start
	case \"$?\" in
		0|1) log_end_msg 0 ;;
		2) log_end_msg 1 ;;
	esac
	;;
  stop)
	do_stop
	;;
  status)
	status_of_proc \"$DAEMON\" \"$NAME\" && exit 0 || exit $?
	;;
  restart|force-reload)
	do_stop
	sleep 1
	do_start
	;;
  *)
	echo \"Usage: $SCRIPTNAME {start|stop|status|restart|force-reload}\" >&2
	exit 3
	;;
esac
:
";

/// All that an OpenRC script and its settings can say beside the command line.
#[test]
fn what_an_openrc_script_and_its_settings_say_is_listed() {
    let files = [
        ("etc/init.d/kubelet", OPENRC_ALL),
        ("etc/conf.d/kubelet", CONF_D_ALL),
        (
            "etc/kubelet.inc",
            "X=--max-pods=2\nexport NO_PROXY=z\nulimit -n 3\n",
        ),
    ];
    let tree = Tree::of(&files);
    tree.kubelet();
    let install = ["install", "--init", "openrc", "--distro", "alpine"];
    let mut said = tree.said(&install);
    said += &warned("openrc", "alpine", &files);
    assert_snapshot!(said);
}

const OPENRC_ALL: &str = "#!/sbin/openrc-run
supervisor=supervise-daemon
command=/usr/bin/kubelet
command_args=\"--v=2 $X\"
command_user=\"kube:kube\"
umask=077
capabilities=\"^cap_net_admin\"
no_new_privs=yes
error_logger=\"logger -t k\"
output_log=/var/log/$RC_SVCNAME/x.log
supervise_daemon_args=\"--env HTTP_PROXY=x --nicelevel 5 -1 /dev/null\"
start_stop_daemon_args=\"--foo\"
required_files=\"/etc/foo\"
extra_commands=\"purge\"
rc_ulimit='-n 5'
. /etc/kubelet.inc
depend() { need net foo; after bar; }
start_pre() { checkpath -d /run/k; }
start_post() { mount --make-rshared /; einfo done; }
stop_pre() { sleep 1; }
healthcheck() { curl -f localhost:10248/healthz; }
reload() { kill -HUP 1; }
purge() { rm -r /var/lib/kubelet; }
";

const CONF_D_ALL: &str = "export A=1
ulimit -n 3
umask 077
retry=TERM/5
start_pre() { mount --make-rshared /; }
start_post() { sysctl -w a=1; }
set -e
command_args_background=\"--foo\"
command_args=--bar
";
