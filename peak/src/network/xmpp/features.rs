//! What a server offers on a stream (RFC 6120, section 4.3.2).

use tokio_xmpp::minidom::Element;

use super::stanza::ns;

/// What matters here of a server's offer. What it offers besides is left out, known or not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Features {
    pub(super) starttls: bool,
    /// How one can log in, by the names of SASL.
    pub(super) mechanisms: Vec<String>,
    /// Whether a login can be tied to the keys of its TLS connection (XEP-0440, RFC 9266).
    pub(super) tls_exporter: bool,
    /// Whether accounts are made (XEP-0077).
    pub(super) register: bool,
    pub(super) bind: bool,
    /// XEP-0198
    pub(super) stream_management: bool,
}

impl Features {
    /// The offer, if this element is one.
    pub(super) fn read(element: &Element) -> Option<Self> {
        if !element.is("features", ns::STREAM) {
            return None;
        }
        let mut features = Self::default();
        for child in element.children() {
            match (child.name(), child.ns().as_str()) {
                ("starttls", ns::TLS) => features.starttls = true,
                ("mechanisms", ns::SASL) => {
                    features.mechanisms = child.children().map(Element::text).collect();
                }
                ("sasl-channel-binding", ns::CHANNEL_BINDING) => {
                    features.tls_exporter = child
                        .children()
                        .any(|binding| binding.attr("type") == Some("tls-exporter"));
                }
                ("register", ns::REGISTER_FEATURE) => features.register = true,
                ("bind", ns::BIND) => features.bind = true,
                ("sm", ns::SM) => features.stream_management = true,
                _ => {}
            }
        }
        Some(features)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_is_taken_and_the_rest_left() {
        let element: Element = "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>\
            <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
            <mechanism>SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism></mechanisms>\
            <sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>\
            <channel-binding type='new'/><channel-binding type='tls-exporter'/>\
            </sasl-channel-binding><register xmlns='http://jabber.org/features/iq-register'/>\
            <odd xmlns='urn:odd'/></stream:features>"
            .parse()
            .unwrap();
        let features = Features::read(&element).unwrap();
        assert_eq!(features.mechanisms, ["SCRAM-SHA-1", "PLAIN"]);
        assert!(features.tls_exporter && features.register);
        assert!(!features.starttls && !features.bind && !features.stream_management);
        assert_eq!(Features::read(&Element::bare("features", "urn:odd")), None);
    }
}
