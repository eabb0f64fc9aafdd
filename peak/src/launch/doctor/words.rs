//! What each check is called, what does not work without it, and the lines of a server's
//! configuration that turn it on. The files in `deploy/` have all of them.

use crate::network::xmpp::doctor::{Check, Status};

/// The words about a check.
#[derive(Debug)]
pub(super) struct Words {
    /// For programs.
    pub(super) name: &'static str,
    /// For people.
    pub(super) title: &'static str,
    /// The specification.
    pub(super) xep: Option<&'static str>,
    /// What does not work without it.
    pub(super) effect: &'static str,
    pub(super) prosody: Option<String>,
    pub(super) ejabberd: Option<String>,
}

/// The name of a status, for programs.
pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::Present => "present",
        Status::Missing => "missing",
        Status::Broken => "broken",
        Status::NotChecked => "not checked",
    }
}

/// What a status is called. Of what may be on or off, neither is better in general.
pub(super) fn status_of(check: Check, found: Status) -> &'static str {
    match (check, found) {
        (Check::Archive | Check::Offline, Status::Present) => "on",
        (Check::Archive | Check::Offline, Status::Missing) => "off",
        _ => status(found),
    }
}

impl Words {
    pub(super) fn of(check: Check, domain: &str) -> Self {
        let (name, title, xep) = names(check);
        let lines = |text: &str| (!text.is_empty()).then(|| text.replace("DOMAIN", domain));
        Self {
            name,
            title,
            xep,
            effect: effect(check),
            prosody: lines(prosody(check)),
            ejabberd: lines(ejabberd(check)),
        }
    }
}

fn names(check: Check) -> (&'static str, &'static str, Option<&'static str>) {
    match check {
        Check::Dns => ("dns", "DNS", Some("RFC 6120")),
        Check::Tcp => ("tcp", "TCP", None),
        Check::Stream => ("xmpp", "XMPP", Some("RFC 6120")),
        Check::StartTls => ("starttls", "STARTTLS", Some("RFC 6120")),
        Check::DirectTls => ("direct-tls", "direct TLS", Some("XEP-0368")),
        Check::TlsVersion => ("tls-version", "TLS version", None),
        Check::Certificate => ("certificate", "certificate", None),
        Check::Login => ("login", "login", Some("RFC 6120")),
        Check::ChannelBinding => ("channel-binding", "channel binding", Some("RFC 9266")),
        Check::Registration => ("registration", "registration", Some("XEP-0077")),
        Check::Account => ("account", "account", None),
        Check::Bind => ("bind", "resource", Some("RFC 6120")),
        Check::StreamManagement => ("stream-management", "stream management", Some("XEP-0198")),
        Check::Ping => ("ping", "ping", Some("XEP-0199")),
        Check::Discovery => ("disco", "discovery", Some("XEP-0030")),
        Check::Message => ("message", "message", Some("RFC 6121")),
        Check::Contacts => ("contacts", "contacts", Some("RFC 6121")),
        Check::Rooms => ("rooms", "rooms", Some("XEP-0045")),
        Check::PubSub => ("pubsub", "publish-subscribe", Some("XEP-0060")),
        Check::Component => ("component", "component", Some("XEP-0114")),
        Check::Archive => ("archive", "archive", Some("XEP-0313")),
        Check::Offline => ("offline", "offline storage", Some("XEP-0160")),
        Check::RoundTrip => ("round-trip", "round trip", None),
    }
}

fn effect(check: Check) -> &'static str {
    match check {
        Check::Dns => {
            "agents look for the server at the domain itself, at port 5222; a record such as \
             `_xmpp-client._tcp SRV 0 5 5222 xmpp.example.org.` sends them elsewhere"
        }
        Check::Tcp | Check::Stream => "no agent can connect",
        Check::StartTls => {
            "agents that begin without encryption do not log in, unless told to with `--insecure`"
        }
        Check::DirectTls => "agents with `--direct-tls` cannot connect; others do not need it",
        Check::TlsVersion => "nothing is encrypted",
        Check::Certificate => {
            "no agent connects, unless it trusts an authority of your own (`--ca FILE`), or \
             anybody (`--insecure`)"
        }
        Check::Login => "no agent can log in; SCRAM is spoken here, and PLAIN inside TLS",
        Check::ChannelBinding => {
            "logins are not tied to their TLS connection: a certificate that is wrongly trusted \
             is enough to be in between"
        }
        Check::Registration => {
            "agents get no accounts by themselves: make each on the server, with `prosodyctl \
             adduser NAME@DOMAIN` or `ejabberdctl register NAME DOMAIN PASSWORD`"
        }
        Check::Account => "nothing can be looked at that needs a login",
        Check::Bind => "no agent can log in",
        Check::StreamManagement => {
            "a connection that breaks is not resumed, and pings tell which messages have arrived"
        }
        Check::Ping => "a connection that is dead is noticed later",
        Check::Discovery => "rooms and publish-subscribe are looked for at their usual names only",
        Check::Message => "agents do not get each other's messages as they were sent",
        Check::Contacts => "agents are not told who is there: no `#[on_presence]`, no contacts",
        Check::Rooms => "agents cannot form communities",
        Check::PubSub => "agents cannot publish to whoever subscribes",
        Check::Component => {
            "each agent needs an account and a connection of its own; thousands are quicker as \
             one component"
        }
        Check::Archive => "nothing: it is for those who must be able to show what was said",
        Check::Offline => {
            "nothing: a message to an agent that is not there comes back to its sender as an error"
        }
        Check::RoundTrip => "",
    }
}

fn prosody(check: Check) -> &'static str {
    match check {
        Check::Tcp | Check::Stream => "interfaces = { \"*\" }\nc2s_ports = { 5222 }",
        Check::StartTls => {
            "modules_enabled = { \"tls\" } -- and those that are there\n\
             c2s_require_encryption = true"
        }
        Check::DirectTls => "c2s_direct_tls_ports = { 5223 }",
        Check::TlsVersion => "tls_profile = \"intermediate\" -- TLS 1.2 and 1.3",
        Check::Certificate => {
            "ssl = { certificate = \"certs/DOMAIN.crt\"; key = \"certs/DOMAIN.key\" }"
        }
        Check::Login => {
            "modules_enabled = { \"saslauth\" } -- and those that are there\n\
             authentication = \"internal_hashed\"\n\
             password_hash = \"SHA-256\""
        }
        Check::ChannelBinding => {
            "tls_profile = \"intermediate\" -- TLS 1.3; with LuaSec 1.3 or later"
        }
        Check::Registration => {
            "modules_enabled = { \"register\" } -- and those that are there\n\
             allow_registration = true\n\
             allowlist_registration_only = true\n\
             registration_allowlist = { \"127.0.0.0/8\"; \"::1\" } -- who may"
        }
        Check::StreamManagement => {
            "modules_enabled = { \"smacks\" } -- and those that are there\n\
             smacks_hibernation_time = 600"
        }
        Check::Ping => "modules_enabled = { \"ping\" } -- and those that are there",
        Check::Discovery => "modules_enabled = { \"disco\" } -- and those that are there",
        Check::Contacts => "modules_enabled = { \"roster\" } -- and those that are there",
        Check::Rooms => {
            "Component(\"conference.DOMAIN\") \"muc\"\n    \
             restrict_room_creation = false\n    \
             muc_room_locking = false"
        }
        Check::PubSub => {
            "plugin_paths = { \"/etc/prosody/modules\" } -- mod_peak_pubsub.lua is in deploy/\n\
             Component(\"pubsub.DOMAIN\") \"pubsub\"\n    \
             autocreate_on_publish = true\n    \
             autocreate_on_subscribe = true\n    \
             modules_enabled = { \"peak_pubsub\" } -- lets agents make nodes"
        }
        Check::Component => {
            "component_ports = { 5347 }\n\
             Component(\"agents.DOMAIN\")\n    \
             component_secret = \"…\" -- a long one: openssl rand -hex 24"
        }
        Check::Archive => "modules_disabled = { \"mam\" } -- turns it off",
        Check::Offline => "modules_disabled = { \"offline\" } -- turns it off",
        Check::RoundTrip => "network_settings = { nagle = false }",
        Check::Dns | Check::Account | Check::Bind | Check::Message => "",
    }
}

fn ejabberd(check: Check) -> &'static str {
    match check {
        Check::Tcp | Check::Stream | Check::StartTls => {
            "listen:\n  \
             - port: 5222\n    \
               ip: \"::\"\n    \
               module: ejabberd_c2s\n    \
               starttls: true\n    \
               starttls_required: true"
        }
        Check::DirectTls => {
            "listen:\n  \
             - port: 5223\n    \
               ip: \"::\"\n    \
               module: ejabberd_c2s\n    \
               tls: true"
        }
        Check::TlsVersion | Check::ChannelBinding => {
            "c2s_protocol_options:\n  - no_sslv3\n  - no_tlsv1\n  - no_tlsv1_1"
        }
        Check::Certificate => "certfiles:\n  - /etc/ejabberd/ejabberd.pem # for DOMAIN",
        Check::Login => "auth_password_format: scram\nauth_scram_hash: sha256",
        Check::Registration => {
            "modules:\n  mod_register:\n    access: all\n    ip_access: loopback_only # who may\n\
             registration_timeout: infinity # many at once\n\
             acl:\n  loopback:\n    ip:\n      - 127.0.0.0/8\n      - ::1/128\n\
             access_rules:\n  loopback_only:\n    allow: loopback"
        }
        Check::StreamManagement => {
            "modules:\n  mod_stream_mgmt:\n    resume_timeout: 10 min\n    \
             resend_on_timeout: false"
        }
        Check::Ping => "modules:\n  mod_ping: {}",
        Check::Discovery => "modules:\n  mod_disco: {}",
        Check::Contacts => "modules:\n  mod_roster:\n    versioning: true",
        Check::Rooms => {
            "modules:\n  mod_muc:\n    host: conference.@HOST@\n    access: all\n    \
             access_create: all"
        }
        Check::PubSub => {
            "modules:\n  mod_pubsub:\n    hosts:\n      - pubsub.@HOST@\n    \
             access_createnode: all\n    plugins:\n      - flat\n      - pep\n    \
             default_node_config:\n      publish_model: open"
        }
        Check::Component => {
            "listen:\n  \
             - port: 5347\n    \
               ip: \"127.0.0.1\"\n    \
               module: ejabberd_service\n    \
               access: all\n    \
               hosts:\n      \"agents.DOMAIN\":\n        \
               password: \"…\" # a long one: openssl rand -hex 24"
        }
        Check::Archive => "# turns it off: no mod_mam below modules",
        Check::Offline => "# turns it off: no mod_offline below modules",
        Check::Dns | Check::Account | Check::Bind | Check::Message | Check::RoundTrip => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_for_programs_and_each_is_one_checks() {
        let mut names: Vec<_> = Check::ALL
            .iter()
            .map(|check| Words::of(*check, "a.example").name)
            .collect();
        for name in &names {
            let is_name = |char: char| char.is_ascii_lowercase() || char == '-';
            assert!(name.chars().all(is_name), "{name}");
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Check::ALL.len());
    }

    #[test]
    fn the_domain_is_filled_in() {
        for check in Check::ALL {
            let words = Words::of(*check, "a.example");
            for lines in [&words.prosody, &words.ejabberd].into_iter().flatten() {
                assert!(!lines.contains("DOMAIN"), "{lines}");
                // What begins a line in the source must not begin one here.
                assert!(
                    !lines.contains("  \n") && !lines.contains(" -\n"),
                    "{lines}"
                );
            }
        }
        let rooms = Words::of(Check::Rooms, "a.example").prosody.unwrap();
        assert!(rooms.starts_with("Component(\"conference.a.example\") \"muc\"\n    restrict"));
    }
}
