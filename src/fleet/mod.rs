//! A fleet: the same service for every node of an inventory, each with what is its
//! own.
//!
//! The inventory is read as a stream, one node at a time, and what is rendered
//! for a node goes out before the next one is read, so memory does not depend on
//! the number of nodes (8 bytes of each name's checksum apart, which tell a name
//! that comes twice). It is read twice: first every node is checked, so that one
//! bad node stops the fleet before anything is written; then they are rendered.

mod compare;
mod error;
mod inventory;
mod judge;
mod node;
mod render;
pub mod schema;
mod write;

pub use error::{Difference, FleetError, NodeProblem};
pub use inventory::{Entry, Inventory};
pub use node::{Node, NodeName, NodeNameError};
pub use render::{Defaults, Fleet, RenderedNode, Shared};
pub use write::{Outcome, TarStream, Tree};

#[cfg(test)]
mod tests;
