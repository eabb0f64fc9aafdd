//! What one place, a section of a file or the command line, says about XMPP.

use std::path::PathBuf;

use crate::problem::{Place, Problem};

/// A value and where it was said; the command line has no lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said<T> {
    pub place: Option<Place>,
    pub value: T,
}

impl<T> Said<T> {
    pub fn on_command_line(value: T) -> Self {
        Self { place: None, value }
    }

    pub fn at(place: Place, value: T) -> Self {
        Self {
            place: Some(place),
            value,
        }
    }

    /// A problem with it.
    pub fn problem(&self, what: impl Into<String>) -> Problem {
        match self.place {
            Some(place) => Problem::at(place, what),
            None => Problem::new(what),
        }
    }
}

/// Where a password comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Password {
    File(PathBuf),
    Env(String),
    /// It is the address of the account.
    Jid,
}

/// Whether certificates are verified.
#[derive(Debug, Clone, Copy)]
pub enum Verify {
    Yes,
    No,
    /// Not, says this key of PEAK's, where that is the default.
    NoSaysPeak(&'static str),
}

impl PartialEq for Verify {
    /// Who says it makes no difference.
    fn eq(&self, other: &Self) -> bool {
        matches!(self, Self::Yes) == matches!(other, Self::Yes)
    }
}

/// What is wished; `None` is what nobody said.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Whether the agents are on an XMPP server at all.
    pub on: Option<Said<bool>>,
    pub server: Option<Said<String>>,
    pub port: Option<Said<u16>>,
    pub direct_tls: Option<Said<bool>>,
    pub ca: Option<Said<PathBuf>>,
    pub verify: Option<Said<Verify>>,
    pub register: Option<Said<bool>>,
    pub password: Option<Said<Password>>,
    pub credentials: Option<Said<PathBuf>>,
    pub component: Option<Said<String>>,
    pub secret: Option<Said<Password>>,
    pub by_server: Option<Said<bool>>,
    pub offline_queue: Option<Said<usize>>,
}

impl Wishes {
    /// These, and what they leave open from `others`.
    pub fn over(&self, others: &Self) -> Self {
        let this = self.clone();
        let others = others.clone();
        let not_verified = |verify: &Option<Said<Verify>>| matches!(verify, Some(said) if said.value != Verify::Yes);
        // A port belongs to its server, and what is said of certificates is said as a whole.
        let (server, port) = match (this.server, this.port) {
            (Some(server), port) => (Some(server), port),
            (None, Some(port)) => (others.server.map(without_port), Some(port)),
            (None, None) => (others.server, others.port),
        };
        let (ca, verify) = if not_verified(&this.verify) {
            (this.ca, this.verify)
        } else if this.ca.is_some() {
            let verify = others.verify.filter(|said| said.value == Verify::Yes);
            (this.ca, this.verify.or(verify))
        } else {
            (others.ca, this.verify.or(others.verify))
        };
        Self {
            on: this.on.or(others.on),
            server,
            port,
            direct_tls: this.direct_tls.or(others.direct_tls),
            ca,
            verify,
            register: this.register.or(others.register),
            password: this.password.or(others.password),
            credentials: this.credentials.or(others.credentials),
            component: this.component.or(others.component),
            secret: this.secret.or(others.secret),
            by_server: this.by_server.or(others.by_server),
            offline_queue: this.offline_queue.or(others.offline_queue),
        }
    }

    /// These with what the command line says, which wins over a file, but for passwords: one on the
    /// command line is for those who have none.
    pub fn under(&self, command_line: &Self) -> Self {
        let mut wishes = command_line.over(self);
        wishes.password = self
            .password
            .clone()
            .or_else(|| command_line.password.clone());
        if self.component.is_some() && command_line.server.is_some() {
            // The port of clients is not that of components.
            wishes.server = wishes.server.map(without_port);
            wishes.port = self.port;
        }
        wishes
    }

    /// The key that has another value in `other`, if one has. Passwords may differ.
    pub fn difference(&self, other: &Self) -> Option<&'static str> {
        fn differ<T: PartialEq>(one: &Option<Said<T>>, other: &Option<Said<T>>) -> bool {
            let one = one.as_ref().map(|said| &said.value);
            one != other.as_ref().map(|said| &said.value)
        }
        let verified = |wishes: &Self| {
            let said = wishes.verify.as_ref();
            said.is_none_or(|said| said.value == Verify::Yes)
        };
        let differences = [
            ("server", differ(&self.server, &other.server)),
            ("port", differ(&self.port, &other.port)),
            ("direct_tls", differ(&self.direct_tls, &other.direct_tls)),
            ("ca", differ(&self.ca, &other.ca)),
            ("insecure", verified(self) != verified(other)),
            ("register", differ(&self.register, &other.register)),
            ("credentials", differ(&self.credentials, &other.credentials)),
            ("component", differ(&self.component, &other.component)),
            ("secret_file", differ(&self.secret, &other.secret)),
            ("route", differ(&self.by_server, &other.by_server)),
            (
                "offline_queue",
                differ(&self.offline_queue, &other.offline_queue),
            ),
        ];
        let mut differences = differences.into_iter();
        differences.find_map(|(key, differs)| differs.then_some(key))
    }
}

/// The server of which another port is wished.
fn without_port(mut server: Said<String>) -> Said<String> {
    let host = match server.value.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host.len(),
        _ => server.value.len(),
    };
    server.value.truncate(host);
    server
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said<T>(value: T) -> Option<Said<T>> {
        Some(Said::on_command_line(value))
    }

    fn server(host: &str, port: Option<u16>) -> Wishes {
        Wishes {
            server: said(host.to_owned()),
            port: port.map(Said::on_command_line),
            ..Wishes::default()
        }
    }

    fn place(wishes: &Wishes) -> (Option<&str>, Option<u16>) {
        let server = wishes.server.as_ref().map(|said| said.value.as_str());
        (server, wishes.port.as_ref().map(|said| said.value))
    }

    #[test]
    fn a_port_goes_with_its_server() {
        let port = Wishes {
            port: said(7),
            ..Wishes::default()
        };
        assert_eq!(
            place(&server("a", None).over(&server("b:1", Some(2)))),
            (Some("a"), None)
        );
        assert_eq!(
            place(&port.over(&server("b:1", None))),
            (Some("b"), Some(7))
        );
        assert_eq!(
            place(&port.over(&server("[::1]:1", Some(1)))),
            (Some("[::1]"), Some(7))
        );
        assert_eq!(
            place(&port.over(&server("[::1]", None))),
            (Some("[::1]"), Some(7))
        );
        assert_eq!(
            place(&Wishes::default().over(&server("b", Some(2)))),
            (Some("b"), Some(2))
        );
    }

    #[test]
    fn what_is_said_of_certificates_is_said_as_a_whole() {
        let ca = |path: &str| Wishes {
            ca: said(path.into()),
            ..Wishes::default()
        };
        let verify = |verify| Wishes {
            verify: said(verify),
            ..Wishes::default()
        };
        let insecure = verify(Verify::No).over(&ca("ca.pem"));
        assert!(insecure.ca.is_none());
        assert_eq!(insecure.verify.unwrap().value, Verify::No);
        let safe = ca("ca.pem").over(&verify(Verify::NoSaysPeak("ssl")));
        assert!(safe.verify.is_none());
        assert!(safe.ca.is_some());
        let safe = verify(Verify::Yes).over(&ca("ca.pem"));
        assert!(safe.ca.is_some());
        assert_eq!(safe.verify.unwrap().value, Verify::Yes);
    }

    #[test]
    fn the_command_line_wins_but_for_passwords() {
        let file = Wishes {
            password: said(Password::Jid),
            register: said(false),
            ..server("a", None)
        };
        let command_line = Wishes {
            password: said(Password::Env("X".to_owned())),
            register: said(true),
            ..server("b", Some(1))
        };
        let wishes = file.under(&command_line);
        assert_eq!(place(&wishes), (Some("b"), Some(1)));
        assert!(wishes.register.unwrap().value);
        assert_eq!(wishes.password.unwrap().value, Password::Jid);
        let component = Wishes {
            component: said("c.a".to_owned()),
            ..file
        };
        assert_eq!(place(&component.under(&command_line)), (Some("b"), None));
    }

    #[test]
    fn the_first_difference_is_named() {
        let one = server("a", None);
        let other = Wishes {
            verify: said(Verify::Yes),
            password: said(Password::Jid),
            ..server("a", None)
        };
        assert_eq!(one.difference(&other), None);
        assert_eq!(one.difference(&server("b", None)), Some("server"));
        let insecure = Wishes {
            verify: said(Verify::NoSaysPeak("ssl")),
            ..server("a", None)
        };
        assert_eq!(one.difference(&insecure), Some("insecure"));
    }
}
