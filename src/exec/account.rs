//! Who the service runs as: `get_fixed_user`, `get_fixed_group` and
//! `get_supplementary_groups` (`exec-invoke.c`, 257).

use std::ffi::CString;

use nix::unistd::{Gid, Group, Uid, User, getgrouplist};
use thiserror::Error;

use crate::service::Process;
use crate::service::process::Account;

/// The numeric owner of the folders of a service.
pub(super) type Owner = (Uid, Gid);

/// A user or a group that is not there.
#[derive(Debug, PartialEq, Eq, Error)]
pub(super) enum Unknown {
    #[error("there is no user `{0}`")]
    User(Account),
    #[error("there is no group `{0}`")]
    Group(Account),
}

impl Unknown {
    pub(super) const fn exit_code(&self) -> u8 {
        match self {
            Self::Group(_) => 216,
            Self::User(_) => 217,
        }
    }
}

/// Who the service runs as; nothing where it stays as it is.
#[derive(Debug, Default)]
pub(super) struct Identity {
    pub(super) uid: Option<Uid>,
    pub(super) gid: Option<Gid>,
    /// All groups but the first.
    pub(super) groups: Option<Vec<Gid>>,
    pub(super) home: Option<String>,
    /// What the login of a user sets (`SetLoginEnvironment=`).
    pub(super) variables: Vec<(&'static str, String)>,
}

impl Identity {
    /// Who owns its folders.
    pub(super) fn owner(&self) -> Owner {
        let root = (Uid::from_raw(0), Gid::from_raw(0));
        (self.uid.unwrap_or(root.0), self.gid.unwrap_or(root.1))
    }
}

/// Looks all of them up.
pub(super) fn find(process: &Process) -> Result<Identity, Unknown> {
    let mut identity = Identity::default();
    let mut groups = Vec::new();
    let group = process.group.as_ref().map(gid_of).transpose()?;
    identity.gid = group;
    if let Some(account) = &process.user {
        let user = user(account).ok_or_else(|| Unknown::User(account.clone()))?;
        let gid = group.unwrap_or(user.gid);
        if gid.as_raw() != 0 {
            groups = groups_of(&user.name, gid);
        }
        identity.uid = Some(user.uid);
        identity.gid = Some(gid);
        identity.variables = variables(&user);
        identity.home = user.dir.to_str().map(Into::into);
    }
    for account in &process.supplementary_groups {
        groups.push(gid_of(account)?);
    }
    let says_any = identity.gid.is_some() || !process.supplementary_groups.is_empty();
    identity.groups = says_any.then_some(groups);
    Ok(identity)
}

fn user(account: &Account) -> Option<User> {
    match account.number() {
        Some(number) => User::from_uid(Uid::from_raw(number)).ok().flatten(),
        None => User::from_name(account.as_str()).ok().flatten(),
    }
}

/// Of a number, too, there has to be a group (`get_group_creds`, `user-util.c`).
fn gid_of(account: &Account) -> Result<Gid, Unknown> {
    let group = match account.number() {
        Some(number) => Group::from_gid(Gid::from_raw(number)),
        None => Group::from_name(account.as_str()),
    };
    let group = group.ok().flatten();
    group
        .map(|group| group.gid)
        .ok_or_else(|| Unknown::Group(account.clone()))
}

/// The groups that list the user, with its own.
fn groups_of(name: &str, gid: Gid) -> Vec<Gid> {
    let list = CString::new(name).ok();
    let list = list.and_then(|name| getgrouplist(&name, gid).ok());
    list.unwrap_or_else(|| vec![gid])
}

/// Of a home and a shell that say nothing, systemd says nothing (`get_user_creds` with
/// `USER_CREDS_CLEAN`, `user-util.c`).
fn variables(user: &User) -> Vec<(&'static str, String)> {
    let text = |path: &std::path::Path| path.to_str().unwrap_or_default().to_owned();
    let (home, shell) = (text(&user.dir), text(&user.shell));
    let mut variables = Vec::new();
    if let Some(home) = simplified(&home) {
        variables.push(("HOME", home));
    }
    variables.push(("LOGNAME", user.name.clone()));
    variables.push(("USER", user.name.clone()));
    if let Some(shell) = simplified(&shell).filter(|_| !is_placeholder(&shell)) {
        variables.push(("SHELL", shell));
    }
    variables
}

/// An absolute path without slashes and dots that say nothing (`path_simplify`, `path-util.c`); none where nothing
/// is left of it.
fn simplified(path: &str) -> Option<String> {
    let parts = path.strip_prefix('/')?.split('/');
    let parts = parts.filter(|part| !matches!(*part, "" | "."));
    let parts: Vec<_> = parts.collect();
    (!parts.is_empty()).then(|| format!("/{}", parts.join("/")))
}

/// A shell that lets nobody in (`is_nologin_shell`, `user-util.c`).
fn is_placeholder(shell: &str) -> bool {
    let name = shell.rsplit('/').next().unwrap_or_default();
    matches!(name, "nologin" | "false" | "true") && shell.matches('/').count() <= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(user: Option<&str>, group: Option<&str>) -> Process {
        Process {
            user: user.map(|user| user.parse().unwrap()),
            group: group.map(|group| group.parse().unwrap()),
            ..Process::default()
        }
    }

    #[test]
    fn root_has_no_groups_and_a_home() {
        let root = find(&process(Some("root"), None)).unwrap();
        assert_eq!(root.uid, Some(Uid::from_raw(0)));
        assert_eq!(root.groups, Some(Vec::new()));
        assert!(root.variables.contains(&("LOGNAME", "root".into())));
        let by_number = find(&process(Some("0"), Some("7"))).unwrap();
        assert_eq!(by_number.gid, Some(Gid::from_raw(7)));
        assert!(by_number.variables.contains(&("USER", "root".into())));
    }

    #[test]
    fn a_home_is_as_systemd_writes_it() {
        for (home, simple) in [
            ("/var/lib/etcd/", Some("/var/lib/etcd")),
            ("//var/./lib/../x", Some("/var/lib/../x")),
            ("/", None),
            ("//.", None),
            ("home", None),
            ("", None),
        ] {
            assert_eq!(simplified(home).as_deref(), simple, "{home}");
        }
    }

    #[test]
    fn who_is_not_there_is_named() {
        let code = |process: &Process| {
            let unknown = find(process).unwrap_err();
            (unknown.to_string(), unknown.exit_code())
        };
        let user = process(Some("nobody-of-this-name"), None);
        assert_eq!(
            code(&user),
            ("there is no user `nobody-of-this-name`".into(), 217)
        );
        let group = process(None, Some("nobody-of-this-name"));
        assert_eq!(
            code(&group),
            ("there is no group `nobody-of-this-name`".into(), 216)
        );
        assert!(find(&process(Some("4000000000"), None)).is_err());
        assert!(find(&process(None, Some("4000000000"))).is_err());
    }
}
