//! What a certificate says of itself (RFC 5280): who has issued it, and until when it is good.
//! Whether that is true was checked before, and not here.

use std::fmt;
use std::time::SystemTime;

/// What is told of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certificate {
    pub(super) until: SystemTime,
    /// The day of that, as people write it.
    day: String,
    issuer: Option<String>,
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "until {}", self.day)?;
        match &self.issuer {
            Some(issuer) => write!(f, ", issued by {issuer}"),
            None => Ok(()),
        }
    }
}

/// The tags of ASN.1 that lead there.
mod tag {
    pub(super) const SEQUENCE: u8 = 0x30;
    pub(super) const OID: u8 = 0x06;
    pub(super) const UTC_TIME: u8 = 0x17;
    pub(super) const GENERALIZED_TIME: u8 = 0x18;
    /// The version, which may be left out.
    pub(super) const VERSION: u8 = 0xA0;
}

/// The names of issuers that are told, the best first (RFC 4519): common name, organization.
const NAMES: [&[u8]; 2] = [&[0x55, 0x04, 0x03], &[0x55, 0x04, 0x0A]];

impl Certificate {
    /// Reads one in DER.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut certificate = Der(bytes).inside(tag::SEQUENCE)?;
        let mut body = certificate.inside(tag::SEQUENCE)?;
        if body.0.first() == Some(&tag::VERSION) {
            body.next()?;
        }
        // The serial number and the kind of signature.
        body.next()?;
        body.next()?;
        let issuer = body.inside(tag::SEQUENCE)?;
        let mut validity = body.inside(tag::SEQUENCE)?;
        validity.next()?;
        let (kind, until) = validity.next()?;
        let until = time(kind, until)?;
        Some(Self {
            day: until.get(..10)?.to_owned(),
            until: humantime::parse_rfc3339(&until).ok()?,
            issuer: name(issuer),
        })
    }
}

/// A time as RFC 3339 has it.
fn time(kind: u8, bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (century, rest) = match kind {
        // Two digits are the year, from 1950 to 2049.
        tag::UTC_TIME if text < "5" => ("20", text),
        tag::UTC_TIME => ("19", text),
        tag::GENERALIZED_TIME => text.split_at_checked(2)?,
        _ => return None,
    };
    let digits = rest.strip_suffix('Z')?;
    if digits.len() != 10 + 2 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let part = |at: usize| &digits[at..at + 2];
    Some(format!(
        "{century}{}-{}-{}T{}:{}:{}Z",
        part(0),
        part(2),
        part(4),
        part(6),
        part(8),
        part(10)
    ))
}

/// The best of the names of an issuer.
fn name(issuer: Der<'_>) -> Option<String> {
    let mut found: [Option<String>; NAMES.len()] = Default::default();
    let mut sets = issuer;
    while let Some((_, set)) = sets.next() {
        let mut pairs = Der(set);
        while let Some(mut pair) = pairs.inside(tag::SEQUENCE) {
            let (Some((tag::OID, kind)), Some((_, text))) = (pair.next(), pair.next()) else {
                continue;
            };
            if let Some(place) = NAMES.iter().position(|name| *name == kind) {
                found[place] = Some(String::from_utf8_lossy(text).into_owned());
            }
        }
    }
    found.into_iter().flatten().next()
}

/// Values one after the other, each with a tag and a length.
#[derive(Clone, Copy)]
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The tag and the content of the next value.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match *first {
            short @ 0..=0x7F => (usize::from(short), rest),
            // So many bytes are the length.
            long @ 0x81..=0x84 => {
                let (length, rest) = rest.split_at_checked(usize::from(long - 0x80))?;
                let length = length
                    .iter()
                    .fold(0, |length, byte| length << 8 | usize::from(*byte));
                (length, rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((*tag, content))
    }

    /// What is inside the next value, which must have this tag.
    fn inside(&mut self, tag: u8) -> Option<Self> {
        let (found, content) = self.next()?;
        (found == tag).then_some(Self(content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use proptest::prelude::*;

    /// Made with `openssl req -x509 -newkey ed25519 -subj "/O=Example Ltd/CN=Example Authority"`.
    const CERTIFICATE: &str = "\
        MIIBeTCCASugAwIBAgIUMHk6wV5DiAoTYUIpAPYNQR+hA6wwBQYDK2VwMDIxFDASBgNVBAoMC0V4YW1w\
        bGUgTHRkMRowGAYDVQQDDBFFeGFtcGxlIEF1dGhvcml0eTAeFw0yNjExMjIxOTQ0NDZaFw0yNzExMjIx\
        OTQ0NDZaMDIxFDASBgNVBAoMC0V4YW1wbGUgTHRkMRowGAYDVQQDDBFFeGFtcGxlIEF1dGhvcml0eTAq\
        MAUGAytlcAMhAEqlfa25zXUGm7NqLh5+u6fg9j/40VBlAvJa2balo9FZo1MwUTAdBgNVHQ4EFgQUpldR\
        /tohClTBrIc/vswNmlDiZmEwHwYDVR0jBBgwFoAUpldR/tohClTBrIc/vswNmlDiZmEwDwYDVR0TAQH/\
        BAUwAwEB/zAFBgMrZXADQQB/eJnu4vVErXB3PhGT72BAAqh82Q9/MMtP3G4czr86ybGscaups9eKTCV8\
        1PAcRldptulvQSlFLxs0u+1ZnkML";

    const ABOUT: &str = "until 2027-11-22, issued by Example Authority";

    #[test]
    fn both_kinds_of_time() {
        assert_eq!(
            time(tag::UTC_TIME, b"270121235959Z").unwrap(),
            "2027-01-21T23:59:59Z"
        );
        assert_eq!(
            time(tag::UTC_TIME, b"500101000000Z").unwrap(),
            "1950-01-01T00:00:00Z"
        );
        assert_eq!(
            time(tag::GENERALIZED_TIME, b"20500101000000Z").unwrap(),
            "2050-01-01T00:00:00Z"
        );
        for wrong in ["", "Z", "270121Z", "27012123595éZ", "270121235959"] {
            assert_eq!(time(tag::UTC_TIME, wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn issuer_and_end_are_read() {
        let der = BASE64_STANDARD.decode(CERTIFICATE).unwrap();
        let certificate = Certificate::read(&der).unwrap();
        assert_eq!(certificate.to_string(), ABOUT);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(mut bytes in proptest::collection::vec(any::<u8>(), 0..64), at in 0..400usize, byte: u8) {
            drop(Certificate::read(&bytes));
            // And what is nearly one.
            bytes = BASE64_STANDARD.decode(CERTIFICATE).unwrap();
            let at = at % bytes.len();
            bytes[at] = byte;
            drop(Certificate::read(&bytes));
            bytes.truncate(at);
            prop_assert_eq!(Certificate::read(&bytes), None);
        }
    }
}
