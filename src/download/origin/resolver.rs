use std::net::{SocketAddr, ToSocketAddrs};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address;

/// The system's resolver, of whose addresses only those are handed over that a connection may go to. There is no second
/// look-up that could say something else.
#[derive(Debug)]
pub(super) struct CheckedResolver {
    pub(super) named: Vec<IpNet>,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let named = self.named.clone();
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let found =
                actix_web::rt::task::spawn_blocking(move || (name.as_str(), 0).to_socket_addrs()).await??;
            let allowed: Vec<SocketAddr> =
                found.filter(|found| address::is_allowed(found.ip(), &named)).collect();
            if allowed.is_empty() {
                return Err("none of the host's addresses may be connected to".into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
