use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// What is not reached over the public network (the special-purpose registry of RFC 6890 as it stands), and Azure's metadata.
const PRIVATE_V4: [Ipv4Net; 18] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([168, 63, 129, 16], 32),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 31, 196, 0], 24),
    v4([192, 52, 193, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([192, 175, 48, 0], 24),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    // Multicast, reserved, broadcast.
    v4([224, 0, 0, 0], 3),
];

/// All that is public lies in here ...
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0], 3);

/// ... but for these: protocol assignments (Teredo among them), documentation, 6to4, AS112, documentation again.
const PRIVATE_V6: [Ipv6Net; 5] = [
    v6([0x2001, 0, 0], 23),
    v6([0x2001, 0xdb8, 0], 32),
    v6([0x2002, 0, 0], 16),
    v6([0x2620, 0x4f, 0x8000], 48),
    v6([0x3fff, 0, 0], 20),
];

/// An IPv4 address as IPv6-only networks reach it (RFC 6052 §2.1).
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0], 96);

/// Where clouds hand out credentials to whoever asks. A network that happens to hold one of them does not allow it.
const METADATA: [IpAddr; 5] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

const fn v4([a, b, c, d]: [u8; 4], length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6([a, b, c]: [u16; 3], length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), length)
}

/// Whether a connection may go there: a public address, or one of a network that was named.
pub(super) fn is_allowed(address: IpAddr, named: &[IpNet]) -> bool {
    let meant = meant(address);
    let is_named = named.iter().any(|network| {
        let whole = network.prefix_len() == network.max_prefix_len();
        (network.contains(&address) || network.contains(&meant)) && (whole || !METADATA.contains(&meant))
    });
    is_named || is_public(meant)
}

/// The IPv4 address that an IPv6 address leads to.
fn meant(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if NAT64.contains(&v6) => {
            let [.., a, b, c, d] = v6.octets();
            IpAddr::V4(Ipv4Addr::new(a, b, c, d))
        }
        canonical => canonical,
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !PRIVATE_V4.iter().any(|network| network.contains(&v4)),
        IpAddr::V6(v6) => GLOBAL_V6.contains(&v6) && !PRIVATE_V6.iter().any(|network| network.contains(&v6)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allowed(address: &str, named: &[&str]) -> bool {
        let named: Vec<IpNet> = named.iter().map(|network| network.parse().unwrap()).collect();
        is_allowed(address.parse().unwrap(), &named)
    }

    #[test]
    fn what_is_not_public_is_refused() {
        for private in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "168.63.129.16",
            "100.100.100.200",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:a9fe:a9fe",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::808:808",
            "2002:7f00:1::",
            "2002:808:808::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "100::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!allowed(private, &[]), "{private}");
        }
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2606:4700::1111",
            "2a00:1450::1",
        ] {
            assert!(allowed(public, &[]), "{public}");
        }
    }

    #[test]
    fn what_is_named_is_allowed_and_no_more() {
        assert!(allowed("127.0.0.1", &["127.0.0.1/8"]));
        assert!(allowed("::ffff:127.0.0.1", &["127.0.0.0/8"]));
        assert!(!allowed("::1", &["127.0.0.0/8"]));
        assert!(allowed("10.1.2.3", &["192.168.0.0/16", "10.1.0.0/16"]));
        assert!(!allowed("10.2.0.1", &["10.1.0.0/16"]));
        assert!(!allowed("169.254.169.254", &["169.254.0.0/16", "0.0.0.0/0"]));
        assert!(!allowed("::ffff:169.254.169.254", &["::/0", "::ffff:0:0/96"]));
        assert!(!allowed("fd00:ec2::254", &["fd00::/8"]));
        assert!(allowed("169.254.169.254", &["169.254.169.254/32"]));
        assert!(allowed("fd12::1", &["fd00::/8"]));
    }

    /// The networks once more, as they are spelled in the RFCs, and without any arithmetic of ours.
    fn forbidden() -> Vec<IpNet> {
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 \
         192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 \
         198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 \
         ::/3 2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20 4000::/2 8000::/1"
            .split_whitespace()
            .map(|network| network.parse().unwrap())
            .collect()
    }

    proptest! {
        #[test]
        fn every_address_is_judged_as_the_lists_have_it(
            v4 in any::<u32>(), v6 in any::<u128>(), pick in any::<prop::sample::Index>(), host in any::<u128>(),
        ) {
            let forbidden = forbidden();
            let is_public = |address: IpAddr| !forbidden.iter().any(|network| network.contains(&address));
            let v4 = Ipv4Addr::from(v4);
            // Half of the random addresses would never lie in a short network: one in each is tried, too.
            let inside = match *pick.get(&forbidden) {
                IpNet::V4(network) => IpAddr::V4(Ipv4Addr::from(u32::from(network.network()) | (host as u32 & u32::from(network.hostmask())))),
                IpNet::V6(network) => IpAddr::V6(Ipv6Addr::from(u128::from(network.network()) | (host & u128::from(network.hostmask())))),
            };
            let global = Ipv6Addr::from((v6 >> 3) | (1 << 125));
            for address in [IpAddr::V4(v4), IpAddr::V6(v6.into()), IpAddr::V6(global)] {
                if meant(address) == address {
                    prop_assert_eq!(is_allowed(address, &[]), is_public(address), "{}", address);
                }
            }
            if meant(inside) == inside {
                prop_assert!(!is_allowed(inside, &[]), "{}", inside);
                // Named, alone: allowed, unless a cloud's secrets lie there.
                prop_assert!(is_allowed(inside, &[IpNet::from(inside)]));
            }
            // Inside of IPv6, an IPv4 address is what it is.
            let embedded = [v4.to_ipv6_mapped(), Ipv6Addr::from((0x0064_ff9b_u128 << 96) | u128::from(u32::from(v4)))];
            for address in embedded {
                prop_assert_eq!(is_allowed(address.into(), &[]), is_public(v4.into()), "{}", address);
            }
            let sixtofour = Ipv6Addr::from((0x2002_u128 << 112) | (u128::from(u32::from(v4)) << 80));
            prop_assert!(!is_allowed(sixtofour.into(), &[]));
        }
    }
}
