use std::convert::Infallible;

use derive_more::{Display, Error};

/// Why an [`Origin`](super::Origin) cannot be configured so. What was rejected is not repeated: it may hold credentials.
#[derive(Debug, Display, Error, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OriginError {
    /// What is to be allowed is more or less than a server.
    #[display(
        "a server is `http://` or `https://`, a host, and a port if it is another than usual; nothing follows"
    )]
    Server,
    /// A header's name or value.
    #[display("this header cannot be sent to another server")]
    Header,
    /// A network for [`allow_private`](super::Origin::allow_private).
    #[display("a network is an address and the length of its prefix, such as `10.1.0.0/16`")]
    Network,
    /// A certificate for [`authority`](super::Origin::authority).
    #[display("there is no certificate in PEM in it")]
    Certificate,
}

/// For what is a [`Remote`](super::Remote) already.
impl From<Infallible> for OriginError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
