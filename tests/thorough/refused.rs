//! What supervisord refuses, which is its whole configuration for one value of whatever program: `check` says so of
//! what supervisord's own reader refuses, and of nothing else.

use std::process::Command;

use crate::scripts::supervisors_python;
use crate::support::{Tree, run};

/// Reads a configuration as supervisord does before it starts anything.
const READ_CONFIG: &str = "
import io, sys
from supervisor.options import ServerOptions
for path in sys.argv[1:]:
    options = ServerOptions()
    options.stderr = io.StringIO()
    try:
        options.realize(['-c', path])
        print()
    except SystemExit:
        print(options.stderr.getvalue().splitlines()[0])
";

/// Settings of a program, and whole files: those that supervisord reads first.
const READ: [&str; 23] = [
    "autostart=No\nautorestart=Unexpected\n",
    "stopsignal=usr1\nexitcodes=0, 2\numask=022\n",
    "stopsignal=SIGRTMIN\nexitcodes=\numask=0o77\n",
    "stdout_logfile=NONE\nstderr_logfile=syslog\nstdout_logfile_maxbytes=1 kb\n",
    "stdout_logfile=/var/log/%(program_name)s-%(process_num)02d.log\n",
    "stdout_logfile=/nowhere/at/all/%(program_name)s.log\nnumprocs=0\n",
    "command=/bin/date +%%F %(here)s %(host_node_name)s %(group_name)s %(numprocs)d\n",
    "environment=A=\"%(program_name)s\"\ncommand=o %(ENV_A)s\n",
    "numprocs=2\nprocess_name=%(program_name)s-%(process_num)d\n",
    "user=root\nstopasgroup=true\n",
    "user=0\nstopasgroup=false\nkillasgroup=false\n",
    "whatever=100%\n",
    "priority= 7 ; a comment\n",
    "[group:nodes]\nprograms=other\npriority=2\n",
    "[group:nodes]\n",
    "[group:nodes]\nprograms=other, kubelet\n",
    "[fcgi-program:f]\ncommand=f\n[group:nodes]\nprograms=f\n",
    "priority=\u{ff17}\nexitcodes=\u{660}\n",
    "umask=0o_22\nuser=+0\nstopsignal=_DFL\n",
    "numprocs=0_0\nstdout_logfile=/nowhere/at/all/other.log\n",
    "[DEFAULT]\nautorestart=true\n",
    "[eventlistener:e]\ncommand=e\nevents=TICK_60\nbuffer_size=1\n",
    "[supervisord]\nloglevel=Trace\nlogfile_maxbytes=0\numask=077\n",
];

/// Those that it refuses for a folder or user that is not there. Of a tree, to which they may come, `check` does not say
/// that.
const UNTOLD: [&str; 5] = [
    "stdout_logfile=/nowhere/at/all/other.log\n",
    "user=nobody-has-this-name\n",
    "user=65531\n",
    "[supervisord]\nlogfile=/nowhere/at/all/supervisord.log\n",
    "[supervisord]\nchildlogdir=/nowhere/at/all\n",
];

/// Those that it refuses for what they are.
const REFUSED: [&str; 30] = [
    "autostart=maybe\n",
    "autorestart=always\n",
    "startsecs=1.5\n",
    "stopsignal=TERMINATE\n",
    "stopsignal=\n",
    "exitcodes=0,256\n",
    "exitcodes=0,\n",
    "umask=u=rwx\n",
    "umask=8\n",
    "stdout_logfile_maxbytes=50M\n",
    "stderr_capture_maxbytes=much\n",
    "command=/bin/date +%F\n",
    "command=/bin/echo 100%\n",
    "command=/bin/echo %(hostname)s\n",
    "command=/bin/echo %(ENV_HOME)d\n",
    "command=/bin/echo %-5%\n",
    "priority=%(process_num)d\n",
    "numprocs=%(ENV_HOME)d\n",
    "environment=A=\"%(x\"\n",
    "directory=/srv/100%\n",
    "numprocs=2\n",
    "numprocs=2\nprocess_name=%(program_name)s\n",
    "stopasgroup=true\nkillasgroup=no\n",
    "[group:nodes]\nprograms=other, another\n",
    "[group:nodes]\nprograms=other\npriority=high\n",
    "[eventlistener:e]\ncommand=e\n",
    "[eventlistener:e]\ncommand=e\nevents=TICK_60\nbuffer_size=0\n",
    "[eventlistener:e]\ncommand=e\nevents=TICK_60\nredirect_stderr=true\n",
    "[fcgi-program:f]\ncommand=f\n",
    "[supervisord]\nloglevel=loud\n",
];

#[test]
fn what_supervisord_refuses_is_told_and_nothing_else() {
    let Some(python) = supervisors_python() else {
        return;
    };
    let all = READ.iter().chain(&UNTOLD).chain(&REFUSED);
    let trees: Vec<_> = all.clone().map(|text| tree(text)).collect();
    let mut command = Command::new(python);
    command.arg("-c").arg(READ_CONFIG);
    command.args(trees.iter().map(|tree| tree.at(CONFIG)));
    let (code, out, err) = run(&mut command);
    assert_eq!((code, err.as_str()), (0, ""));
    let said: Vec<_> = out.lines().collect();
    assert_eq!(said.len(), trees.len(), "{out}");
    for (at, (text, tree)) in all.zip(&trees).enumerate() {
        assert_eq!(
            !said[at].is_empty(),
            at >= READ.len(),
            "{text}: {}",
            said[at]
        );
        let check = ["check", "--init", "supervisord", "--distro", "debian"];
        let (_, out, err) = tree.run(&check);
        let is_told = out.contains("supervisord refuses its whole configuration");
        let is_to_be_told = at >= READ.len() + UNTOLD.len();
        assert_eq!(is_told, is_to_be_told, "{text}: {}\n{out}{err}", said[at]);
    }
}

const CONFIG: &str = "etc/supervisor/supervisord.conf";

/// A tree with a service of ours and with what is tried.
fn tree(text: &str) -> Tree {
    let tree = Tree::new();
    tree.kubelet();
    tree.write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
    tree.write("var/log/.keep", "");
    tree.write(CONFIG, "[supervisord]\n[include]\nfiles = conf.d/*.conf\n");
    let on = ["install", "--init", "supervisord", "--distro", "debian"];
    let (code, _, err) = tree.run(&on);
    assert_eq!(code, 0, "{err}");
    let head = "[program:other]\ncommand=o\n";
    tree.write("etc/supervisor/conf.d/other.conf", &format!("{head}{text}"));
    tree
}
