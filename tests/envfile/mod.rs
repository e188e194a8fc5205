//! Environment files: the cases that live systemd answered, and properties
//! that hold for any bytes.

mod cases;
pub mod properties;
mod state_machine;
