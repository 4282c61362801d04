//! Files over a socket: the servers that are compared, and the load that is put on each.

pub mod application;
pub mod cpu;
pub mod load;
pub mod serve_dir;
