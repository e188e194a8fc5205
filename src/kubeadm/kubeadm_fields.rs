//! The fields of kubeadm's own API that are read here: what makes up the kubelet's files, and what kubeadm refuses
//! in them. Other fields are not looked at.

use super::kubelet_fields::TAINT;
use super::schema::{Field, I32, Type};

const TEXT: Type = Type::Text;
const TEXTS: Type = Type::List(&Type::Text);

const fn f(name: &'static str, ty: Type) -> Field {
    Field::new(name, ty)
}

const NETWORKING: Type = Type::Struct(&[
    f("serviceSubnet", TEXT),
    f("podSubnet", TEXT),
    f("dnsDomain", TEXT),
]);
const ENDPOINT: Type = Type::Struct(&[f("advertiseAddress", TEXT), f("bindPort", I32)]);
const PATCHES: Type = Type::Struct(&[f("directory", TEXT)]);
const GATES: Type = Type::MapOf(&Type::Bool);

/// nodeRegistration up to v1beta3: extra arguments are a mapping.
const NODE: Type = Type::Struct(&[
    f("name", TEXT),
    f("criSocket", TEXT),
    f("taints", Type::List(&TAINT)),
    f("kubeletExtraArgs", Type::MapOf(&Type::Text)),
    f("ignorePreflightErrors", TEXTS),
    f("imagePullPolicy", TEXT),
]);

/// nodeRegistration from v1beta4 on: extra arguments are a list.
const NODE_LIST: Type = Type::Struct(&[
    f("name", TEXT),
    f("criSocket", TEXT),
    f("taints", Type::List(&TAINT)),
    f(
        "kubeletExtraArgs",
        Type::List(&Type::Struct(&[
            f("name", TEXT).always(),
            f("value", TEXT).always(),
        ])),
    ),
    f("ignorePreflightErrors", TEXTS),
    f("imagePullPolicy", TEXT),
    f("imagePullSerial", Type::Bool).pointer(),
]);

/// InitConfiguration up to v1beta3.
pub const INIT: &[Field] = &[
    f("nodeRegistration", NODE),
    f("localAPIEndpoint", ENDPOINT),
    f("patches", PATCHES).pointer(),
];
/// InitConfiguration from v1beta4 on.
pub const INIT_LIST: &[Field] = &[
    f("nodeRegistration", NODE_LIST),
    f("localAPIEndpoint", ENDPOINT),
    f("patches", PATCHES).pointer(),
];

const CONTROL_PLANE: Type = Type::Struct(&[f("localAPIEndpoint", ENDPOINT)]);

/// NodeConfiguration, and JoinConfiguration of v1alpha3.
pub const JOIN_OLD: &[Field] = &[
    f("nodeRegistration", NODE),
    f("nodeName", TEXT),
    f("criSocket", TEXT),
    f("controlPlane", Type::Bool),
    f("featureGates", GATES),
];

/// JoinConfiguration of v1beta1 to v1beta3.
pub const JOIN: &[Field] = &[
    f("nodeRegistration", NODE),
    f("controlPlane", CONTROL_PLANE).pointer(),
    f("patches", PATCHES).pointer(),
];
/// JoinConfiguration from v1beta4 on.
pub const JOIN_LIST: &[Field] = &[
    f("nodeRegistration", NODE_LIST),
    f("controlPlane", CONTROL_PLANE).pointer(),
    f("patches", PATCHES).pointer(),
];

/// ClusterConfiguration.
pub const CLUSTER: &[Field] = &[
    f("kubernetesVersion", TEXT),
    f("networking", NETWORKING),
    f("certificatesDir", TEXT),
    f("imageRepository", TEXT),
    f("clusterName", TEXT),
    f("controlPlaneEndpoint", TEXT),
    f(
        "controllerManager",
        Type::Struct(&[f("extraArgs", Type::Any)]),
    ),
    f("featureGates", GATES),
];

/// MasterConfiguration: both in one.
pub const MASTER: &[Field] = &[
    f("nodeRegistration", NODE),
    f("nodeName", TEXT),
    f("criSocket", TEXT),
    f("kubernetesVersion", TEXT),
    f("networking", NETWORKING),
    f("certificatesDir", TEXT),
    f("imageRepository", TEXT),
    f("clusterName", TEXT),
    f("featureGates", GATES),
    f(
        "kubeletConfiguration",
        Type::Struct(&[f("baseConfig", Type::Any)]),
    ),
];
