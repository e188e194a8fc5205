//! What becomes of properties that every init with a launcher expresses alike.

use crate::backends::Expression;

/// What becomes of `type: notify`.
pub(super) const NOT_NOTIFIED: &str = "the sh launcher gives the service no `NOTIFY_SOCKET`: services after it start as soon as its process has started, which may be before it is ready; `--launcher native` hears from it";

/// The same where the launcher hears of it, and the init does not.
pub(super) const NOT_PASSED_ON: &str = "the launcher waits until the service says that it is ready, but this init does not: services after it start as soon as the launcher has started";

/// What is done before and after every start: an init's own hooks do not run at a restart.
pub(in crate::backends) const fn life() -> Expression {
    Expression::launcher(
        "the launcher, which stays the parent of the service and does it at every start and after every end, automatic restarts included",
    )
}

/// How a service says that it has started.
pub(in crate::backends) const fn service_type() -> Expression {
    Expression::partial(
        "the launcher waits for the end of a `oneshot`, the native one also until a `notify` service says that it is ready (`NOTIFY_SOCKET`). The init does neither, and a note says so: services after it start as soon as its process has started",
    )
}

/// The same where the supervisor waits for a line at a descriptor (s6).
pub(in crate::backends) const fn service_type_at_descriptor() -> Expression {
    Expression::partial(
        "the launcher waits for the end of a `oneshot`, the init does not. That a `notify` service is ready is passed on by the native launcher, through `notification-fd`; with the sh launcher it gets no `NOTIFY_SOCKET`, and a note says so",
    )
}

/// In which file it says which process it is.
pub(in crate::backends) const fn pid_file() -> Expression {
    Expression::launcher(
        "the native launcher, which goes on with that process when the one that it started has ended; the sh launcher refuses it",
    )
}

/// How many times it may be started within a time.
pub(in crate::backends) const fn start_limit() -> Expression {
    Expression::launcher(
        "the launcher counts the starts as systemd does, and ends with the last that the limit allows; a start on purpose begins a new count",
    )
}

/// What does not run beside the service.
pub(in crate::backends) const fn conflicts() -> Expression {
    Expression::note(
        "a start of this service does not stop the other one: stop that first, and enable only one of them",
    )
}

/// That remaining processes get no KILL.
pub(in crate::backends) const fn send_kill() -> Expression {
    Expression::launcher(
        "the native launcher, which stays the parent and leaves remaining processes alone; the sh launcher is refused",
    )
}

/// How it reads its configuration again, where the init has no verb for that.
pub(in crate::backends) const fn reload() -> Expression {
    Expression::launcher(
        "the launcher's verb `reload`; a signal can be sent with the init's own tool as well",
    )
}

/// How many processes it may have.
pub(in crate::backends) const fn tasks_max() -> Expression {
    Expression::note(
        "nothing limits the number of the service's processes; `limits.nproc` limits that of its user",
    )
}

/// That it manages its own control groups.
pub(in crate::backends) const fn delegate() -> Expression {
    Expression::omitted(
        "only systemd manages the control groups of a service, so other inits have none to delegate",
    )
}

/// What is for systemd alone.
pub(in crate::backends) const fn for_systemd() -> Expression {
    Expression::partial(
        "none of it: a note says of each line what is lost without it, and a line without which the service would not run is refused",
    )
}

/// What should wait for it, where the init has no order of the others.
pub(in crate::backends) const fn before() -> Expression {
    Expression::note(
        "this init cannot make other services wait for this one: name it in the `after` of those that should wait",
    )
}
