//! Init systems that exist and that no backend renders for: they are named for what they
//! are, by what they show and by what is typed, and never taken for one that is rendered.

use super::{Evidence, Signs};

/// An init system that is known by name alone.
#[derive(Debug, PartialEq, Eq)]
pub struct Foreign {
    /// What it is called on a command line: lower case.
    pub name: &'static str,
    /// What it calls itself, and where one meets it.
    pub title: &'static str,
    /// Its programs, as PID 1 or as what `/sbin/init` leads to. Empty where it is known
    /// by name alone.
    programs: &'static [&'static str],
}

/// Each with the programs that its own sources install.
pub const FOREIGN: &[Foreign] = &[
    foreign("66", "the 66 suite (Obarun)", &[]),
    foreign("bsd", "the rc of the BSDs", &[]),
    foreign("catatonit", INIT_OF_ONE, &[]),
    foreign("cinit", "cinit", &[]),
    foreign("circus", "Circus", &[]),
    foreign("daemontools", "daemontools", &[]),
    foreign("docker-init", INIT_OF_ONE, &[]),
    foreign("dumb-init", INIT_OF_ONE, &[]),
    foreign("einit", "eINIT", &[]),
    foreign("epoch", "the Epoch init system", &["epoch"]),
    foreign("finit", "finit", &["finit"]),
    foreign("hummingbird", "Hummingbird", &["hummingbird"]),
    foreign("immortal", "immortal", &[]),
    foreign("initng", "initng", &["initng"]),
    foreign("launchd", "launchd (macOS)", &["launchd"]),
    foreign("minit", "minit", &["minit"]),
    foreign("monit", "Monit", &[]),
    foreign("nosh", "nosh", &["system-manager"]),
    foreign("perp", "perp", &[]),
    foreign("pm2", "PM2", &[]),
    foreign("procd", "procd (OpenWrt)", &["procd"]),
    foreign("rc", "the rc of the BSDs", &[]),
    foreign("rinit", "rinit", &["rinit"]),
    foreign("shepherd", "the GNU Shepherd (Guix)", &["shepherd"]),
    foreign("sinit", "sinit", &[]),
    foreign("smf", "the Service Management Facility (illumos)", &[]),
    foreign("tini", INIT_OF_ONE, &[]),
    foreign("upstart", "upstart", &["upstart"]),
];

const INIT_OF_ONE: &str = "an init for one program in a container";

const fn foreign(
    name: &'static str,
    title: &'static str,
    programs: &'static [&'static str],
) -> Foreign {
    Foreign {
        name,
        title,
        programs,
    }
}

impl Foreign {
    /// The one of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        FOREIGN.iter().find(|init| init.name == name)
    }
}

impl Evidence for Foreign {
    fn look(&self, signs: &mut Signs<'_>) {
        signs.first_process(self.programs);
        signs.boots(self.programs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_found() {
        assert!(FOREIGN.is_sorted_by_key(|init| init.name));
        for init in FOREIGN {
            assert_eq!(Foreign::find(init.name), Some(init));
        }
    }
}
