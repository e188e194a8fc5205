//! What a spec keeps for systemd alone, and what other inits lose with it.

use crate::service::unit_name::is_of_boot;

/// What becomes of a line of [`ForSystemd`](crate::service::ForSystemd) under other inits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Elsewhere {
    /// Nothing that a service would miss.
    Nothing,
    /// It is left out, and this says what that comes to.
    LeftOut(&'static str),
    /// Something is lost, and this says what.
    Lost(&'static str),
    /// The service would not run as it should, for this reason.
    Refused(&'static str),
    /// A spec says it in other words, so that the line would contradict them.
    Said,
}

pub(super) const MISSING: &str = "a spec has no word for it yet that other inits are told";
pub(super) const AS_ROOT: &str =
    "the commands beside the service are run as root, and in a spec all commands are run as `user`";
pub(super) const NOT_ORDERED: &str = "other inits order services alone";
pub(super) const REACHED: &str = "other inits have reached that point before they start services";
pub(super) const ENDS_WITH_IT: &str =
    "under other inits the service does not end with it everywhere";
pub(super) const FAILS_WITHOUT_IT: &str =
    "systemd would fail at once and not start it; other inits start it";
pub(super) const WANTED_BY: &str =
    "under other inits an enabled service starts with the machine, and not with another unit";
pub(super) const IDLE: &str =
    "under other inits the service does not wait for the boot's other jobs";
pub(super) const NOTICES: &str =
    "under other inits nobody hears what the service says of itself, but for `type: notify`";
pub(super) const TASKS: &str =
    "a spec has a number or `infinity`, and no share of what the machine allows";
pub(super) const RESTART_SIGNAL: &str = "under other inits a restart sends the signal of a stop";

/// The targets with which an enabled service starts, whatever they are called elsewhere.
const OF_ALL: [&str; 4] = [
    "multi-user.target",
    "graphical.target",
    "default.target",
    "network-online.target",
];

/// What becomes under other inits of a unit that a directive such as `After=` names.
pub(super) fn of_unit(key: &str, unit: &str) -> Elsewhere {
    use Elsewhere::{LeftOut, Lost, Nothing, Refused, Said};
    let kind = unit.rsplit_once('.').map_or("", |(_, kind)| kind);
    match (key, kind) {
        ("WantedBy", _) if OF_ALL.contains(&unit) => Nothing,
        ("WantedBy", _) => LeftOut(WANTED_BY),
        ("BindsTo", "service") => Lost(ENDS_WITH_IT),
        ("Requisite", "service") => Lost(FAILS_WITHOUT_IT),
        (_, "service") => Said,
        ("Before" | "Conflicts", _) if unit == "shutdown.target" => Nothing,
        ("Before" | "Conflicts", _) => LeftOut(NOT_ORDERED),
        (_, "target") if unit == "network-online.target" => Said,
        (_, "target") if is_of_boot(unit) => Nothing,
        ("After", "socket") => LeftOut("no other init hands over a socket"),
        ("After", _) => LeftOut(NOT_ORDERED),
        ("Wants", "socket") => LeftOut(
            "no other init hands over a socket; `fd://` in an argument has to become a path",
        ),
        (_, "socket") => {
            Refused("the service gets its socket from systemd, and from no other init")
        }
        ("Wants", "target") => LeftOut("other inits have no such target"),
        (_, "timer") => LeftOut("no other init has timers"),
        _ => Refused("other inits have services alone to depend on"),
    }
}
