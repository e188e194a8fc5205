//! Which directive a property becomes.

use crate::backends::Expression;
use crate::service::Property;

pub(super) fn express(property: Property) -> Expression {
    match property {
        Property::Name => Expression::native("the name of the unit"),
        Property::Description => Expression::native("`Description=`"),
        Property::ConfiguredBy => Expression::native(
            "a drop-in `10-OWNER.conf` with the arguments, the variables and the env files",
        ),
        Property::Documentation => Expression::native("`Documentation=`"),
        Property::Program | Property::Arguments => {
            Expression::native("`ExecStart=`; in a drop-in after an empty one")
        }
        Property::Environment => Expression::native("`Environment=`"),
        Property::Specifiers => Expression::native("the same specifiers"),
        Property::EnvFiles => Expression::native("`EnvironmentFile=`, with `-` where `optional`"),
        Property::RestartPolicy => Expression::native("`Restart=`"),
        Property::RestartDelay => Expression::native("`RestartSec=`"),
        Property::RestartLimit => Expression::native(
            "`StartLimitIntervalSec=` and `StartLimitBurst=`; `StartLimitInterval=0` is for no limit",
        ),
        Property::SuccessExitStatus => Expression::native("`SuccessExitStatus=`"),
        Property::ForceExitStatus => Expression::native("`RestartForceExitStatus=`"),
        Property::PreventExitStatus => Expression::native("`RestartPreventExitStatus=`"),
        Property::StopSendKill => Expression::native("`SendSIGKILL=no`"),
        Property::StopSignal => {
            Expression::native("`KillSignal=`, where it differs from systemd's default")
        }
        Property::StopTimeout => {
            Expression::native("`TimeoutStopSec=`, where it differs from systemd's default")
        }
        Property::StopKill => {
            Expression::native("`KillMode=`, where it differs from systemd's default")
        }
        Property::Needs => Expression::native(
            "`Requires=` and `After=`; `cgroups` and `container-runtime` become nothing, as in the upstream unit: systemd mounts the first, and without the second the kubelet exits and is started again",
        ),
        Property::Wants => Expression::native("`Wants=` and `After=`, with the same exceptions"),
        Property::After => Expression::native("`After=`, with the same exceptions"),
        Property::Before => Expression::native("`Before=`"),
        Property::Type => Expression::native("`Type=`, where it is not `simple`"),
        Property::Conditions => Expression::native("`ConditionPathExists=` and others"),
        Property::PidFile => Expression::native("`PIDFile=`"),
        Property::NotifyAccess => Expression::native("`NotifyAccess=`, where it is not `main`"),
        Property::RemainAfterExit => Expression::native("`RemainAfterExit=yes`"),
        Property::StartTimeout => Expression::native("`TimeoutStartSec=`"),
        Property::PreStart => Expression::native("`ExecStartPre=`"),
        Property::PostStart => Expression::native("`ExecStartPost=`"),
        Property::Reload => Expression::native("`ExecReload=`"),
        Property::StopCommands => Expression::native("`ExecStop=`"),
        Property::PostStop => Expression::native("`ExecStopPost=`"),
        Property::Conflicts => Expression::native("`Conflicts=`"),
        Property::TasksMax => Expression::native("`TasksMax=`"),
        Property::Delegate => Expression::native("`Delegate=yes`"),
        Property::Nofile => {
            Expression::native("`LimitNOFILE=`, where it differs from systemd's default")
        }
        Property::Nproc => Expression::native("`LimitNPROC=`"),
        Property::Core => Expression::native("`LimitCORE=`"),
        Property::OomScoreAdjust => Expression::native("`OOMScoreAdjust=`"),
        Property::Process(attribute) => Expression::native(attribute.directive()),
        Property::Systemd => Expression::native("the lines, at the ends of their sections"),
        Property::LogTo => Expression::omitted(
            "the journal gets the output in any case, and passes it on to syslog where it is told so",
        ),
        Property::LogMaxSize | Property::LogKeep => {
            Expression::omitted("the journal has its own limits")
        }
    }
}
