use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::OffloadError;
use crate::download::Link;

/// Who is at the other end of the connection: the server in front, or somebody who came past it.
#[derive(Debug, Clone, Default)]
pub(super) struct Peers {
    /// `None` unless told.
    trusted: Option<Vec<IpNet>>,
}

impl Peers {
    /// # Errors
    /// When one is neither an address nor a network.
    pub(super) fn new(networks: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, OffloadError> {
        let trusted =
            networks.into_iter().map(|network| parse(network.as_ref())).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { trusted: Some(trusted) })
    }

    pub(super) fn are_told(&self) -> bool {
        self.trusted.is_some()
    }

    /// Whether this one may be told where a file lies.
    pub(super) fn admit(&self, peer: Option<SocketAddr>) -> bool {
        match (&self.trusted, peer) {
            (Some(trusted), Some(peer)) => {
                // IPv4 as a socket of IPv6 sees it.
                let address = peer.ip().to_canonical();
                trusted.iter().any(|network| network.contains(&address))
            }
            // A Unix socket: the modes of its file say who connects.
            (None, _) | (_, None) => true,
        }
    }

    /// Whether this one may be told this link. A link that no client may see goes nowhere unasked but to this machine.
    pub(super) fn admit_to(&self, link: &Link, peer: Option<SocketAddr>) -> bool {
        let is_secret = link.authorization.is_some() || !link.public;
        let is_near = || peer.is_none_or(|peer| peer.ip().to_canonical().is_loopback());
        self.admit(peer) && (self.are_told() || !is_secret || is_near())
    }
}

fn parse(text: &str) -> Result<IpNet, OffloadError> {
    let address = |text: &str| text.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
    text.parse().or_else(|_| address(text)).map_err(|_| OffloadError::Peer { peer: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_are_addresses_and_networks() {
        let admits = |networks: &[&str], peer: &str| {
            Peers::new(networks).unwrap().admit(Some(format!("{peer}:50000").parse().unwrap()))
        };
        for (networks, peer, admitted) in [
            (&["127.0.0.1", "10.0.0.0/8"][..], "127.0.0.1", true),
            (&["127.0.0.1", "10.0.0.0/8"], "127.0.0.2", false),
            (&["127.0.0.1", "10.0.0.0/8"], "10.255.0.1", true),
            (&["127.0.0.1", "10.0.0.0/8"], "[::ffff:10.255.0.1]", true),
            (&["127.0.0.1", "10.0.0.0/8"], "[::ffff:11.0.0.1]", false),
            (&["127.0.0.1", "10.0.0.0/8"], "[::1]", false),
            (&["::ffff:10.0.0.1"], "10.0.0.1", true),
            (&["2001:db8::/32"], "[2001:db8::7]", true),
            (&["2001:db8::/32"], "[2001:db9::7]", false),
            (&["0.0.0.0/0"], "[2001:db8::7]", false),
            (&[], "127.0.0.1", false),
        ] {
            assert_eq!(admits(networks, peer), admitted, "{networks:?} {peer}");
        }
        assert!(Peers::new([""; 0]).unwrap().admit(None));
        for bad in ["", "localhost", "10.0.0.0/33", "10.0.0.1:80", "10.0.0", "*", "/8"] {
            assert_eq!(Peers::new([bad]).unwrap_err(), OffloadError::Peer { peer: bad.to_owned() });
        }
    }
}
