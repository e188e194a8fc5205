//! The `kubelet-unit` command.

fn main() {}
