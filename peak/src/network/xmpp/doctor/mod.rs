//! Looking at an XMPP server as an agent meets it: what it offers of what agents use.
//!
//! [`examine`] goes the way of an agent, by the very functions that connect one: [`reach`] is the
//! way to an encrypted stream, [`ports`] what is beside it, [`account`] an account to look with.
//! With that, [`session`] is a talk with the server, in which [`basics`], [`message`], [`rooms`] and
//! [`pubsub`] ask for one thing after the other. Here are the facts; what they mean and what to do
//! is for the command line to say.

mod account;
mod basics;
mod certificate;
mod findings;
mod message;
mod ports;
mod pubsub;
mod reach;
mod rooms;
mod session;

use std::time::Duration;

use rand::RngExt as _;

use super::connect::{Endpoint, close};
use super::error::ConnectError;
use super::secret::Secret;
use super::settings::server::{Tls, is_loopback};
use super::settings::{Component, Settings};
use super::stream::timeouts;
use super::tls;
use crate::message::Jid;

use account::Account;
use findings::Findings;
pub(crate) use findings::{Check, Finding, Importance, Status};
use reach::Reached;
use session::Session;

/// How long a server may take for each answer.
const PATIENCE: Duration = Duration::from_secs(4);

/// A server that is to be looked at, and how.
#[derive(Debug)]
pub(crate) struct Patient {
    pub(crate) domain: String,
    pub(crate) settings: Settings,
    /// The account to look with; without one an account is made for it, if that is allowed.
    pub(crate) account: Option<(Jid, Secret)>,
    /// A component to try.
    pub(crate) component: Option<Component>,
    pub(crate) component_port: u16,
    /// Where connections are encrypted from the first byte on.
    pub(crate) tls_port: u16,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// One for each [`Check`], in that order.
    pub(crate) findings: Vec<Finding>,
    /// Host and port.
    pub(crate) place: Option<String>,
    /// Why there was no answer at all, if there was none.
    pub(crate) silence: Option<ConnectError>,
    /// An account that was made and could not be removed.
    pub(crate) left_over: Option<Jid>,
    /// The user has had enough.
    pub(crate) interrupted: bool,
}

/// Ways to the server that differ in whom they trust.
struct Ways {
    /// As the user says.
    told: Endpoint,
    /// Any certificate, and none: only to look, never with a password.
    lax: Endpoint,
    /// Certificates that the system trusts.
    strict: Endpoint,
}

impl Patient {
    fn ways(&self) -> Result<Ways, ConnectError> {
        let trust = &self.settings.trust;
        let endpoint = |insecure: bool| {
            let ca = trust.ca.as_deref();
            Ok(Endpoint {
                host: self.settings.server.host.clone(),
                port: self.settings.server.port,
                direct_tls: self.settings.server.tls == Tls::Direct,
                tls: tls::config(ca, insecure).map_err(ConnectError::Settings)?,
                insecure,
                timeouts: timeouts(self.settings.keepalive),
            })
        };
        Ok(Ways {
            told: endpoint(trust.insecure)?,
            lax: endpoint(true)?,
            strict: endpoint(false)?,
        })
    }

    /// Whether an account is made to look with.
    fn registers(&self) -> bool {
        let host = self.settings.server.host.as_deref();
        self.settings.registration(host.unwrap_or(&self.domain))
    }

    /// Whether the server is on this machine.
    fn is_near(&self) -> bool {
        let host = self.settings.server.host.as_deref();
        is_loopback(host.unwrap_or(&self.domain))
    }
}

/// Looks at a server.
///
/// # Errors
///
/// If a file that the settings name cannot be used.
pub(crate) async fn examine(patient: &Patient) -> Result<Report, ConnectError> {
    let ways = patient.ways()?;
    let mut findings = Findings::default();
    let mut report = Report::default();
    match reach::reach(patient, &ways, &mut findings).await {
        Ok(reached) => {
            report.place = Some(reached.place.to_string());
            look(patient, &ways, reached, &mut findings, &mut report).await;
        }
        Err(silence) => {
            findings.missing(Check::Tcp, silence.to_string());
            findings.stop("nobody answers");
            report.silence = Some(silence);
        }
    }
    report.findings = findings.complete();
    Ok(report)
}

/// From the first stream on.
async fn look(
    patient: &Patient,
    ways: &Ways,
    reached: Reached,
    findings: &mut Findings,
    report: &mut Report,
) {
    let Some(opened) = reached.opened else {
        return findings.stop("the server does not speak XMPP");
    };
    ports::look(patient, ways, &reached.place, findings).await;
    if !reached.is_trusted {
        close(opened.stream).await;
        return findings.stop("no password is given to a server that cannot prove who it is");
    }
    let Some(account) = Account::find(patient, opened, &ways.told, &reached.place, findings).await
    else {
        return findings.stop("no account");
    };
    match account.log_in(findings).await {
        Some(session) => {
            report.interrupted = with_account(patient, &account, session, findings).await
        }
        None => findings.stop("nobody could log in"),
    }
    if account.is_thrown_away && !account.remove().await {
        report.left_over = Some(account.jid.bare());
    }
}

/// What only those see who have logged in; gives whether the user has had enough before the end.
async fn with_account(
    patient: &Patient,
    account: &Account<'_>,
    mut session: Session,
    findings: &mut Findings,
) -> bool {
    let probes = async {
        basics::ping(&mut session, findings).await?;
        let services = basics::discovery(&mut session, findings).await?;
        message::to_oneself(&mut session, findings).await?;
        basics::contacts(&mut session, findings).await?;
        rooms::look(&mut session, account, &services, findings).await?;
        pubsub::look(&mut session, &services, findings).await?;
        basics::archive(&mut session, findings).await?;
        basics::round_trip(&mut session, patient.is_near(), findings).await
    };
    // The account has to be removed, whatever happens.
    let ended = tokio::select! {
        ended = probes => Some(ended),
        _ = tokio::signal::ctrl_c() => None,
    };
    match &ended {
        Some(Ok(())) => {}
        Some(Err(error)) => findings.broke(error),
        None => findings.stop("interrupted"),
    }
    session.close().await;
    ended.is_none()
}

/// A name that nobody else has, for what is made and removed again.
fn throw_away() -> String {
    format!("peak-doctor-{:08x}", rand::rng().random::<u32>())
}
