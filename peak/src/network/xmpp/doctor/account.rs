//! An account to look with: the user's, or one that is made for this and removed again.

use tokio_xmpp::minidom::Element;

use super::close::close;
use super::findings::{Check, Findings};
use super::session::{Managed, Session, managed};
use super::{PATIENCE, Patient, reach, throw_away};
use crate::message::Jid;
use crate::network::xmpp::connect::{Endpoint, Opened};
use crate::network::xmpp::credentials::Secret;
use crate::network::xmpp::error::ConnectError;
use crate::network::xmpp::features::Features;
use crate::network::xmpp::login::log_in;
use crate::network::xmpp::places::Place;
use crate::network::xmpp::register::{Registered, register};
use crate::network::xmpp::setup;
use crate::network::xmpp::stanza::ns;
use crate::network::xmpp::stream::Stream;

/// An account, and the way to it.
pub(super) struct Account<'a> {
    pub(super) jid: Jid,
    password: Secret,
    /// Whether it was made for this.
    pub(super) is_thrown_away: bool,
    endpoint: &'a Endpoint,
    place: &'a Place,
}

impl<'a> Account<'a> {
    /// The user's, or one that is made on this stream. None if there is none to be had.
    pub(super) async fn find(
        patient: &Patient,
        mut opened: Opened,
        endpoint: &'a Endpoint,
        place: &'a Place,
        findings: &mut Findings,
    ) -> Option<Self> {
        let account = |jid, password, is_thrown_away| Self {
            jid,
            password,
            is_thrown_away,
            endpoint,
            place,
        };
        let found = match &patient.account {
            Some((jid, password)) => Some(account(jid.clone(), password.clone(), false)),
            None if patient.registers() => {
                let made = make(patient, &mut opened, findings).await;
                made.map(|(jid, password)| account(jid, password, true))
            }
            None => {
                findings.not_checked(
                    Check::Account,
                    "say which with `-j JID`, or let one be made with `--register`",
                );
                None
            }
        };
        close(opened.stream).await;
        found
    }

    /// Logs in, and tells of all that belongs to that.
    pub(super) async fn log_in(&self, findings: &mut Findings) -> Option<Session> {
        findings.begin(Check::Account);
        let (features, mut stream) = match self.authenticated().await {
            Ok(done) => done,
            Err(error) => {
                findings.broken(Check::Account, error.to_string());
                return None;
            }
        };
        let what = match self.is_thrown_away {
            true => "made for this, and removed at the end",
            false => "yours",
        };
        findings.present(Check::Account, format!("{}, {what}", self.jid.bare()));
        if !features.bind {
            findings.missing(Check::Bind, "the server gives no resources");
            return None;
        }
        let place = self.place.to_string();
        let set_up = setup::set_up(&mut stream, &place, &features, &self.jid, None);
        let session = match limited(&place, set_up).await {
            Ok(session) => session,
            Err(error) => {
                findings.broken(Check::Bind, error.to_string());
                return None;
            }
        };
        findings.present(Check::Bind, "");
        let check = Check::StreamManagement;
        match managed(&session) {
            Managed::Resumable => findings.present(check, "sessions can be resumed"),
            Managed::Acknowledged => {
                findings.present(check, "messages are acknowledged");
                findings.caution(check, "sessions cannot be resumed");
            }
            Managed::No if features.stream_management => {
                findings.broken(check, "offered, and refused");
            }
            Managed::No => findings.missing(check, "the server does not offer it"),
        }
        Some(Session::new(stream, &place, self.jid.clone(), &session))
    }

    /// One more session of the same account.
    pub(super) async fn log_in_again(&self, resource: &str) -> Result<Session, ConnectError> {
        let jid = self.jid.with_resource(resource);
        let jid = jid.map_err(|error| ConnectError::Settings(error.to_string()))?;
        let (features, mut stream) = self.authenticated().await?;
        let place = self.place.to_string();
        let set_up = setup::set_up(&mut stream, &place, &features, &jid, None);
        let session = limited(&place, set_up).await?;
        Ok(Session::new(stream, &place, jid, &session))
    }

    async fn authenticated(&self) -> Result<(Features, Stream), ConnectError> {
        let opened = reach::open(self.endpoint, self.place, self.jid.domain()).await?;
        let login = log_in(opened, &self.jid, self.password.expose());
        limited(&self.place.to_string(), login).await
    }

    /// Has the server remove it (XEP-0077, section 3.2); says whether it is gone.
    pub(super) async fn remove(&self) -> bool {
        let query = || {
            Element::builder("query", ns::REGISTER).append(Element::bare("remove", ns::REGISTER))
        };
        let Ok(mut session) = self.log_in_again(&throw_away()).await else {
            return false;
        };
        match session.ask(None, "set", query()).await {
            Ok(answer) => {
                session.close().await;
                answer.is_ok()
            }
            // A server may end the stream of an account that there is no more.
            Err(_) => matches!(
                self.authenticated().await,
                Err(ConnectError::WrongPassword { .. })
            ),
        }
    }
}

/// Makes an account that nobody else knows.
async fn make(
    patient: &Patient,
    opened: &mut Opened,
    findings: &mut Findings,
) -> Option<(Jid, Secret)> {
    let jid = format!("{}@{}/doctor", throw_away(), patient.domain).parse::<Jid>();
    let (jid, password) = match (jid, Secret::generate()) {
        (Ok(jid), Ok(password)) => (jid, password),
        (Err(error), _) => {
            findings.not_checked(Check::Account, error.to_string());
            return None;
        }
        (_, Err(error)) => {
            findings.not_checked(Check::Account, error.to_string());
            return None;
        }
    };
    let place = opened.place.clone();
    let is_offered = opened.features.register;
    let made = limited(&place, register(opened, &jid, password.expose())).await;
    let check = Check::Registration;
    match made {
        Ok(Registered::Done) => {
            findings.present(check, "an account was made");
            return Some((jid, password));
        }
        Err(_) if !is_offered => findings.missing(check, "the server makes no accounts"),
        Err(ConnectError::NoRegistration { reason, .. }) => {
            findings.missing(check, format!("offered, but not to us: {reason}"));
        }
        Err(error) => findings.broken(check, error.to_string()),
        Ok(Registered::Exists) => {
            findings.broken(check, format!("it says that there is a `{}`", jid.bare()));
        }
    }
    findings.not_checked(Check::Account, "none was made; say which with `-j JID`");
    None
}

/// What it comes to, in a time that can be waited for.
async fn limited<T>(
    place: &str,
    work: impl Future<Output = Result<T, ConnectError>>,
) -> Result<T, ConnectError> {
    let limited = tokio::time::timeout(PATIENCE, work).await;
    limited.unwrap_or_else(|_| {
        Err(ConnectError::Timeout {
            place: place.to_owned(),
            seconds: PATIENCE.as_secs(),
        })
    })
}
