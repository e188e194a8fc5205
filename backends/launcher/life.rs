//! What becomes of the properties of a service's life under every init with a launcher.

use crate::backends::Expression;

/// What becomes of `type: notify`.
pub(super) const NOT_NOTIFIED: &str = "the service gets no `NOTIFY_SOCKET`: services after it start as soon as its process has started, which may be before it is ready";

/// What is done before and after every start: an init's own hooks do not run at a restart.
pub(in crate::backends) const fn life() -> Expression {
    Expression::launcher(
        "the launcher, which stays the parent of the service and does it at every start and after every end, automatic restarts included",
    )
}

/// How a service says that it has started.
pub(in crate::backends) const fn service_type() -> Expression {
    Expression::partial(
        "the launcher waits for the end of a `oneshot`, the init does not. With `notify` the service gets no `NOTIFY_SOCKET`, and a note says so: services after it start as soon as its process has started, which may be before it is ready",
    )
}

/// What does not run beside the service.
pub(in crate::backends) const fn conflicts() -> Expression {
    Expression::note(
        "a start of this service does not stop the other one: stop that first, and enable only one of them",
    )
}
