use super::*;
use crate::host::Host;
use crate::host::fixture::Fake;

/// A tree that boots with runit, with the kubelet installed for these inits.
fn installed_for(inits: &[&str]) -> Fake {
    let fake = Fake::empty();
    fake.program("/usr/bin/runit-init", "")
        .link("/sbin/init", "/usr/bin/runit-init");
    for init in inits {
        fake.file(
            &format!("/var/lib/kubelet-unit/kubelet.{init}.json"),
            &format!(
                r#"{{"format": 1, "version": "0", "complete": true, "service": "kubelet",
                "init": "{init}", "choices": {{"distro": "void", "launcher": "sh"}},
                "files": []}}"#
            ),
        );
    }
    fake
}

fn chosen_on(host: Host, service: Option<&str>) -> Result<&'static str, String> {
    let service = service.map(|name| name.parse().unwrap());
    let registry = Registry::builtin();
    let init = chosen(AUTO, service.as_ref(), &Site::of(host, &registry));
    init.map(Backend::name).map_err(|error| error.to_string())
}

#[test]
fn a_machine_shows_which_of_several_recorded_inits_it_runs() {
    let fake = installed_for(&["openrc", "runit", "s6"]);
    let machine = || fake.host().taken_for_the_machine();
    assert_eq!(chosen_on(machine(), Some("kubelet")), Ok("runit"));
    assert_eq!(chosen_on(machine(), None), Ok("runit"));
    // A tree that is not a machine may be made to run any of them.
    assert_eq!(
        chosen_on(fake.host(), Some("kubelet")).unwrap_err(),
        "which init? `kubelet` is installed for `openrc`, `runit` and `s6`"
    );
}

#[test]
fn an_init_that_shows_and_is_not_recorded_is_not_chosen() {
    let fake = installed_for(&["openrc", "s6"]);
    let host = || fake.host().taken_for_the_machine();
    assert_eq!(
        chosen_on(host(), Some("kubelet")).unwrap_err(),
        "which init? `kubelet` is installed for `openrc` and `s6`"
    );
    let fake = installed_for(&["s6"]);
    let host = || fake.host().taken_for_the_machine();
    assert_eq!(chosen_on(host(), Some("kubelet")), Ok("s6"));
    assert_eq!(chosen_on(host(), Some("other")), Ok("runit"));
}
