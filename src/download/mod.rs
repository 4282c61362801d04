//! Files: what is sent is said by the handler, who sends it by the deployment.

pub mod offload;
