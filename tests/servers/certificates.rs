//! An authority for one server, and the certificate it signs.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use super::{COMPONENT, DOMAIN, Wrong};

/// Files in PEM.
#[derive(Debug)]
pub(super) struct Files {
    /// The authority.
    pub(super) ca: PathBuf,
    /// The server's certificate.
    pub(super) certificate: PathBuf,
    /// Its key.
    pub(super) key: PathBuf,
    /// Both, in one file, as ejabberd wants them.
    pub(super) both: PathBuf,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes them in a folder.
pub(super) fn make(folder: &Path, wrong: Option<Wrong>) -> Files {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority
        .distinguished_name
        .push(DnType::CommonName, "Authority of a test");
    let authority = CertifiedIssuer::self_signed(authority, key()).expect("it can be signed");

    let names = match wrong {
        Some(Wrong::Name) => vec!["elsewhere.example".to_owned()],
        _ => vec![
            DOMAIN.to_owned(),
            format!("conference.{DOMAIN}"),
            format!("pubsub.{DOMAIN}"),
            COMPONENT.to_owned(),
        ],
    };
    let mut server = CertificateParams::new(names.clone()).expect("the names are ASCII");
    server
        .distinguished_name
        .push(DnType::CommonName, names[0].as_str());
    let now = SystemTime::now();
    let (from, until) = match wrong {
        Some(Wrong::Expired) => (now - 30 * DAY, now - DAY),
        // prosodyctl warns of what ends within a month.
        _ => (now - DAY, now + 60 * DAY),
    };
    (server.not_before, server.not_after) = (from.into(), until.into());
    let key = key();
    let certificate = match wrong {
        Some(Wrong::SelfSigned) => server.self_signed(&key),
        _ => server.signed_by(&key, &authority),
    }
    .expect("it can be signed");

    let files = Files {
        ca: folder.join("ca.pem"),
        certificate: folder.join("server.crt"),
        key: folder.join("server.key"),
        both: folder.join("server.pem"),
    };
    write(&files.ca, &authority.pem());
    write(&files.certificate, &certificate.pem());
    write(&files.key, &key.serialize_pem());
    write(&files.both, &(certificate.pem() + &key.serialize_pem()));
    files
}

fn key() -> KeyPair {
    KeyPair::generate().expect("the system has randomness")
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
