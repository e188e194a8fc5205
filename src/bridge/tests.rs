use super::*;
use crate::control::Change;

fn parse(line: &str) -> Result<Call, Misuse> {
    let mut words = line.split(' ').map(str::to_owned);
    let command = words.next().unwrap_or_default();
    Call::parse(&command, &words.collect::<Vec<_>>())
}

#[test]
fn kubeadms_calls_are_known() {
    let kubelet = || "kubelet".parse().unwrap();
    assert_eq!(
        parse("rc-service kubelet status"),
        Ok(Call::Status(kubelet()))
    );
    assert_eq!(
        parse("rc-service kubelet start"),
        Ok(Call::Change(kubelet(), Change::Start))
    );
    assert_eq!(
        parse("rc-service kubelet stop"),
        Ok(Call::Change(kubelet(), Change::Stop))
    );
    assert_eq!(
        parse("rc-service kubelet restart"),
        Ok(Call::Change(kubelet(), Change::Restart))
    );
    assert_eq!(parse("rc-update show default"), Ok(Call::Show));
    assert_eq!(
        parse("rc-update add kubelet default"),
        Ok(Call::Add(kubelet()))
    );
}

#[test]
fn other_calls_are_not() {
    let refused: Vec<String> = [
        "openrc",
        "openrc default",
        "rc-service",
        "rc-service kubelet",
        "rc-service kubelet zap",
        "rc-service kubelet status now",
        "rc-service --list status x",
        "rc-update",
        "rc-update show",
        "rc-update del kubelet default",
        "rc-update add kubelet boot",
        "rc-service ../../etc/passwd status",
        "rc-service -x stop",
        "rc-service  stop",
        "rc-service a;b stop",
    ]
    .iter()
    .map(|line| format!("{line}: {}", parse(line).unwrap_err()))
    .collect();
    insta::assert_snapshot!(refused.join("\n"));
}
