//! Conditions on source addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::pattern::Pattern;

/// A condition on a source address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IpTest {
    /// One address, in any spelling.
    Address(IpAddr),
    /// A network such as `10.0.0.0/8`: its first address and the number of bits that count.
    Network(IpAddr, u8),
    /// A text, with `*` for any text.
    Text(Pattern),
}

impl IpTest {
    /// Parses an address, a network, or a text with an asterisk.
    pub(crate) fn parse(text: &str, pattern: &Pattern) -> Result<Self, &'static str> {
        if pattern.as_literal().is_none() {
            return Ok(Self::Text(pattern.clone()));
        }
        let text = text.trim_start_matches('[').trim_end_matches(']');
        let Some((address, bits)) = text.split_once('/') else {
            let address = text.parse().map(unmapped).map(Self::Address);
            return address.map_err(|_| "write an address such as `10.0.0.7`, a network such as `10.0.0.0/8`, or `10.0.*`");
        };
        let address: IpAddr = address.parse().map_err(
            |_| "write a network as its first address and a number of bits: `10.0.0.0/8`",
        )?;
        let max = if address.is_ipv4() { 32 } else { 128 };
        let bits = crate::number::parse_number(bits).and_then(|bits| u8::try_from(bits).ok());
        match bits.filter(|bits| *bits <= max) {
            Some(bits) => Ok(Self::Network(address, bits)),
            None if max == 32 => Err("the number of bits of an IPv4 network is 0 to 32"),
            None => Err("the number of bits of an IPv6 network is 0 to 128"),
        }
    }

    /// Returns `true` if an address matches, as a log has it.
    pub fn matches(&self, text: &str) -> bool {
        let address = || text.parse::<IpAddr>().ok().map(unmapped);
        match self {
            Self::Address(wanted) => address() == Some(*wanted),
            Self::Network(network, bits) => {
                address().is_some_and(|address| is_in(address, *network, *bits))
            }
            Self::Text(pattern) => pattern.matches(text),
        }
    }
}

/// Returns an IPv4 address that is written as an IPv6 one as what it is.
fn unmapped(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn is_in(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let v4 = |address: Ipv4Addr| u128::from(address.to_bits()) << 96;
    let (one, other) = match (address, network) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (v4(one), v4(other)),
        (IpAddr::V6(one), IpAddr::V6(other)) => (Ipv6Addr::to_bits(one), other.to_bits()),
        _ => return false,
    };
    let shift = 128_u32.saturating_sub(u32::from(bits));
    one.checked_shr(shift).unwrap_or(0) == other.checked_shr(shift).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_networks_match() {
        for (test, matching, others) in [
            (
                "10.0.0.7",
                &["10.0.0.7", "::ffff:10.0.0.7"][..],
                &["10.0.0.70", "10.0.0.7:443", "x"][..],
            ),
            ("::1", &["::1", "0:0:0:0:0:0:0:1"], &["::2", "127.0.0.1"]),
            ("[fe80::1]", &["fe80::1"], &["fe80::2"]),
            (
                "10.0.0.0/8",
                &["10.0.0.0", "10.255.255.255"],
                &["11.0.0.0", "9.255.255.255", "::1"],
            ),
            ("10.1.2.3/8", &["10.9.9.9"], &["11.0.0.0"]),
            ("192.168.4.0/22", &["192.168.7.255"], &["192.168.8.0"]),
            ("0.0.0.0/0", &["1.2.3.4"], &["::1"]),
            ("10.0.0.7/32", &["10.0.0.7"], &["10.0.0.6"]),
            ("fd00::/8", &["fd12::1"], &["fe80::1", "10.0.0.1"]),
            ("::/0", &["fe80::1"], &["10.0.0.1"]),
            ("::1/128", &["::1"], &["::2"]),
            ("10.0.*", &["10.0.5.6"], &["10.1.0.0"]),
        ] {
            let characters: Vec<(char, bool)> =
                test.chars().map(|character| (character, false)).collect();
            let parsed = IpTest::parse(test, &Pattern::from_characters(&characters)).unwrap();
            for one in matching {
                assert!(parsed.matches(one), "{test} {one}");
            }
            for one in others {
                assert!(!parsed.matches(one), "{test} {one}");
            }
        }
        for wrong in [
            "10.0",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/",
            "10/8",
            "host",
            "",
        ] {
            assert!(
                IpTest::parse(wrong, &Pattern::literal(wrong)).is_err(),
                "{wrong}"
            );
        }
    }
}
