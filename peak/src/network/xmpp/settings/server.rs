//! Where a server is, as people write it: `HOST[:PORT]`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::SettingsError;
use crate::message::Jid;

/// Where the server is and how a connection to it begins. What is left open comes from the domain of
/// the agent's address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Server {
    /// A host name or an IP address, without brackets.
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) tls: Tls,
}

/// When a connection is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Tls {
    /// It begins in the clear and asks for TLS (RFC 6120).
    #[default]
    StartTls,
    /// From the first byte on (XEP-0368).
    Direct,
}

/// Reads `HOST[:PORT]`.
pub(crate) fn parse(text: &str) -> Result<(String, Option<u16>), SettingsError> {
    let wrong = |reason: &str, remedy: String| SettingsError::Server {
        server: text.to_owned(),
        reason: reason.to_owned(),
        remedy,
    };
    let usual = || {
        "write a host name or an IP address, and a port if it is another: \
                    `xmpp.example.org:5222`"
            .to_owned()
    };
    if let Some((_, rest)) = text.split_once("://") {
        let host = rest.split('/').next().unwrap_or_default();
        return Err(wrong(
            "it is a URL",
            format!("write the host alone: `{host}`"),
        ));
    }
    if let Some((_, host)) = text.rsplit_once('@') {
        return Err(wrong(
            "it is an address",
            format!("write the host alone: `{host}`"),
        ));
    }
    if text.parse::<Ipv6Addr>().is_ok() {
        return Err(wrong(
            "an IPv6 address stands in brackets",
            format!("write `[{text}]`"),
        ));
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest
                .split_once(']')
                .ok_or_else(|| wrong("the bracket is not closed", "write `[::1]:5222`".into()))?;
            if host.parse::<Ipv6Addr>().is_err() {
                return Err(wrong(
                    "what stands in the brackets is not an IPv6 address",
                    "write `[::1]:5222`".into(),
                ));
            }
            match rest.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if rest.is_empty() => (host, None),
                None => {
                    return Err(wrong(
                        "only a port can follow the brackets",
                        "write `[::1]:5222`".into(),
                    ));
                }
            }
        }
        None => {
            let (host, port) = match text.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            };
            // What an address may have behind the `@` is what a host may be called.
            let domain = format!("x@{host}").parse::<Jid>();
            if host.is_empty() || !domain.is_ok_and(|jid| jid.is_bare()) {
                let reason = if host.is_empty() {
                    "there is no host"
                } else {
                    "the host is not a valid host name"
                };
                return Err(wrong(reason, usual()));
            }
            (host, port)
        }
    };
    let port = port.map(|port| match port.parse() {
        // A sign is no part of a port, though Rust reads it.
        Ok(number) if number > 0 && !port.starts_with('+') => Ok(number),
        _ => Err(wrong(
            "the port is not a number from 1 to 65535",
            "leave it out, or write it as in `localhost:5222`".to_owned(),
        )),
    });
    Ok((host.to_owned(), port.transpose()?))
}

/// Whether a host is this machine, whatever the network.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_loopback(),
        Ok(IpAddr::V6(address)) => {
            address.is_loopback()
                || address
                    .to_ipv4_mapped()
                    .is_some_and(|address: Ipv4Addr| address.is_loopback())
        }
        Err(_) => host
            .strip_suffix('.')
            .unwrap_or(host)
            .eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hosts_and_ports() {
        for (text, host, port) in [
            ("localhost", "localhost", None),
            ("localhost:5222", "localhost", Some(5222)),
            ("127.0.0.1:1", "127.0.0.1", Some(1)),
            ("xmpp_server:65535", "xmpp_server", Some(65_535)),
            ("[::1]", "::1", None),
            ("[fe80::1]:5223", "fe80::1", Some(5223)),
        ] {
            assert_eq!(parse(text), Ok((host.to_owned(), port)), "{text}");
        }
    }

    #[test]
    fn what_is_no_server_says_what_is() {
        for (text, words) in [
            (
                "",
                "`` is not a server: there is no host; write a host name",
            ),
            (":5222", "there is no host"),
            ("a b", "the host is not a valid host name"),
            ("a/b", "the host is not a valid host name"),
            ("a..b", "the host is not a valid host name"),
            ("host:", "the port is not a number from 1 to 65535"),
            ("host:0", "the port is not a number"),
            ("host:65536", "the port is not a number"),
            ("host:+1", "the port is not a number"),
            ("host:x", "leave it out, or write it as in `localhost:5222`"),
            ("::1", "an IPv6 address stands in brackets; write `[::1]`"),
            ("[::1", "the bracket is not closed; write `[::1]:5222`"),
            ("[host]:5222", "is not an IPv6 address"),
            ("[::1]5222", "only a port can follow the brackets"),
            (
                "xmpp://example.org:5222/x",
                "it is a URL; write the host alone: `example.org:5222`",
            ),
            (
                "bob@example.org",
                "it is an address; write the host alone: `example.org`",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn this_machine_has_few_names() {
        for host in [
            "localhost",
            "LocalHost",
            "localhost.",
            "127.0.0.1",
            "127.9.9.9",
            "::1",
            "[::1]",
            "::ffff:127.0.0.1",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "localhost.example.org",
            "10.0.0.1",
            "::",
            "0.0.0.0",
            "",
            "127.example",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,30}|[a-z:.\\[\\]0-9@/]{0,20}") {
            if let Ok((host, port)) = parse(&text) {
                prop_assert!(!host.is_empty());
                prop_assert!(port != Some(0));
                let again = match (host.contains(':'), port) {
                    (true, Some(port)) => format!("[{host}]:{port}"),
                    (true, None) => format!("[{host}]"),
                    (false, Some(port)) => format!("{host}:{port}"),
                    (false, None) => host.clone(),
                };
                prop_assert_eq!(parse(&again), Ok((host, port)));
            }
        }
    }
}
