//! What the sh launcher does about the process of a service, and what no shell can do.

use serde::Serialize;

use crate::backends::Expression;
use crate::service::process::{Account, DirectoryKind, IoClassName, Nice, paths};
use crate::service::{Bound, Limit, LimitUnit, Property, Resource, Service};

/// What becomes of it under every init that has a launcher.
pub(in crate::backends) const fn process() -> Expression {
    Expression::launcher(
        "the launcher, at every start; what a shell cannot do, the sh launcher refuses",
    )
}

/// What the template sees of it.
#[derive(Serialize)]
pub(super) struct Process<'a> {
    /// Whether a start has more to do than to enter `/`.
    pub(super) is_said: bool,
    /// Whether there is a user, a group, or a list of groups.
    account: bool,
    has_user: bool,
    user: &'a str,
    group: &'a str,
    groups: Vec<&'a str>,
    directory: Option<Directory<'a>>,
    umask: Option<String>,
    nice: Option<i8>,
    io: Option<Io>,
    folders: Vec<Folder>,
    variables: Vec<Variable>,
    /// Those that go when the service ends.
    fleeting: Vec<String>,
}

#[derive(Serialize)]
struct Directory<'a> {
    /// None for the user's home.
    path: Option<&'a str>,
    optional: bool,
}

#[derive(Serialize)]
struct Io {
    class: u16,
    priority: Option<u8>,
}

#[derive(Serialize)]
struct Folder {
    path: String,
    mode: String,
    /// Whether it is the user's.
    owned: bool,
    /// The exit code of a start that cannot make it.
    code: u8,
}

#[derive(Serialize)]
struct Variable {
    name: &'static str,
    value: String,
}

impl<'a> Process<'a> {
    pub(super) fn new(service: &'a Service) -> Self {
        let process = &service.process;
        let text = |account: &'a Option<Account>| account.as_ref().map_or("", Account::as_str);
        let groups = process.supplementary_groups.iter();
        let directories = &process.directories;
        Self {
            is_said: has_account(service)
                || process.working_directory.is_some()
                || process.nice.is_some()
                || process.io_class.is_some()
                || directories.said().next().is_some(),
            account: has_account(service),
            has_user: process.user.is_some(),
            user: text(&process.user),
            group: text(&process.group),
            groups: groups.map(Account::as_str).collect(),
            directory: process.working_directory.as_ref().map(|it| Directory {
                path: it.path.as_ref().map(AsRef::as_ref),
                optional: it.optional,
            }),
            umask: process.umask.map(|umask| umask.to_string()),
            nice: process.nice.map(Nice::level),
            io: process.io_class.map(|io| Io {
                class: io.class.number(),
                priority: (io.class != IoClassName::Idle).then(|| io.priority.number()),
            }),
            folders: directories
                .said()
                .flat_map(|(kind, directory)| {
                    paths(kind, directory).into_iter().map(move |path| Folder {
                        path,
                        mode: directory.mode().to_string(),
                        owned: kind != DirectoryKind::Configuration,
                        code: kind.exit_code(),
                    })
                })
                .collect(),
            variables: directories
                .said()
                .map(|(kind, directory)| Variable {
                    name: kind.variable(),
                    value: paths(kind, directory).join(":"),
                })
                .collect(),
            fleeting: directories.fleeting(),
        }
    }
}

/// Whether the launcher has to become somebody else.
pub(super) fn has_account(service: &Service) -> bool {
    let process = &service.process;
    process.user.is_some() || process.group.is_some() || !process.supplementary_groups.is_empty()
}

/// What of the process a shell cannot do, and why.
pub(super) fn unfit(service: &Service) -> Option<(Property, &'static str)> {
    use crate::service::Attribute as A;
    let said = service.properties().into_iter().find_map(|property| {
        let Property::Process(attribute) = property else {
            return None;
        };
        // Each by its name: what is added is not taken for something that a shell can do.
        let why = match attribute {
            A::NoNewPrivileges => "no shell can give up new privileges",
            // POSIX, "2.11 Signals and Error Handling" of the shell: it cannot reset it either.
            A::IgnoreSigpipe => "no shell can take back that its supervisor ignores a signal",
            A::BoundingCapabilities | A::AmbientCapabilities => {
                "no shell can change its capabilities"
            }
            A::User
            | A::Group
            | A::SupplementaryGroups
            | A::WorkingDirectory
            | A::Umask
            | A::Nice
            | A::IoClass
            | A::RuntimeDirectory
            | A::StateDirectory
            | A::CacheDirectory
            | A::LogsDirectory
            | A::ConfigurationDirectory
            // By their values, below.
            | A::LimitCpu
            | A::LimitFsize
            | A::LimitData
            | A::LimitStack
            | A::LimitRss
            | A::LimitAs
            | A::LimitMemlock
            | A::LimitLocks
            | A::LimitSigpending
            | A::LimitMsgqueue
            | A::LimitNice
            | A::LimitRtprio
            | A::LimitRttime => return None,
        };
        Some((property, why))
    });
    let mut limits = service.limits.said();
    said.or_else(|| {
        limits.find_map(|(resource, limit)| {
            let why = letter(resource, limit).err()?;
            Some((Property::of_limit(resource), why))
        })
    })
}

/// `ulimit`'s letter for a resource, and how many of the kernel's units are one of its own
/// in dash, busybox and bash alike.
///
/// # Errors
/// Why no shell, or not every shell, can set it.
pub(super) fn letter(
    resource: Resource,
    limit: Limit,
) -> Result<(&'static str, u64), &'static str> {
    let (letter, unit) = match resource {
        Resource::Nofile => ("-n", 1),
        // Not the same in every shell: the part `limits-processes` has it.
        Resource::Nproc => ("", 1),
        Resource::Core => ("-c", 0),
        Resource::Cpu => ("-t", 1),
        Resource::Data => ("-d", 1024),
        Resource::Stack => ("-s", 1024),
        Resource::As => ("-v", 1024),
        Resource::Memlock => ("-l", 1024),
        _ => return Err("not every shell can set it"),
    };
    debug_assert!(unit != 1024 || resource.unit() == LimitUnit::Bytes);
    let fits = |bound| match bound {
        Bound::Infinity | Bound::At(0) => true,
        Bound::At(number) => unit != 0 && number % unit == 0,
    };
    match fits(limit.soft) && fits(limit.hard) {
        true => Ok((letter, unit.max(1))),
        false if unit == 0 => Err("shells count it in blocks of different sizes"),
        false => Err("a shell counts it in units of 1024 bytes"),
    }
}
