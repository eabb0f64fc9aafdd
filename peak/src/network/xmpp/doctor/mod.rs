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
mod close;
mod findings;
mod message;
mod ports;
mod pubsub;
mod reach;
mod rooms;
mod session;

use std::time::Duration;

use rand::RngExt as _;
use tokio::task::JoinHandle;

use super::connect::{Endpoint, Opened};
use super::credentials::Secret;
use super::error::ConnectError;
use super::places::Place;
use super::settings::server::is_loopback;
use super::settings::{Component, Settings, Trust};
use crate::message::Jid;

use account::Account;
use close::close;
use findings::Findings;
pub(crate) use findings::{Check, Finding, Importance, Status};
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
        let endpoint = |insecure: bool| {
            let trust = Trust {
                insecure,
                ..self.settings.trust.clone()
            };
            Endpoint::new(&self.settings, &trust)
        };
        Ok(Ways {
            told: endpoint(self.settings.trust.insecure)?,
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
    // Listened for all the time: no account that is made here may stay behind.
    let mut interrupt = tokio::spawn(interrupted());
    let reached = tokio::select! {
        reached = reach(patient, &ways, &mut findings, &mut report) => reached,
        _ = &mut interrupt => {
            report.interrupted = true;
            findings.stop("interrupted");
            None
        }
    };
    if let Some(reached) = reached {
        look(
            patient,
            &ways,
            reached,
            &mut interrupt,
            &mut findings,
            &mut report,
        )
        .await;
    }
    interrupt.abort();
    report.findings = findings.complete();
    Ok(report)
}

/// Ctrl-C.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // No signals can be had: nobody interrupts.
        std::future::pending::<()>().await;
    }
}

/// What anybody sees. None if there is no more to see.
async fn reach(
    patient: &Patient,
    ways: &Ways,
    findings: &mut Findings,
    report: &mut Report,
) -> Option<(Place, Opened)> {
    let reached = match reach::reach(patient, ways, findings).await {
        Ok(reached) => reached,
        Err(silence) => {
            findings.missing(Check::Tcp, silence.to_string());
            findings.stop("nobody answers");
            report.silence = Some(silence);
            return None;
        }
    };
    report.place = Some(reached.place.to_string());
    let Some(opened) = reached.opened else {
        findings.stop("the server does not speak XMPP");
        return None;
    };
    ports::look(patient, ways, &reached.place, findings).await;
    if !reached.is_trusted {
        close(opened.stream).await;
        findings.stop("no password is given to a server that cannot prove who it is");
        return None;
    }
    Some((reached.place, opened))
}

/// What only those see who have an account.
async fn look(
    patient: &Patient,
    ways: &Ways,
    (place, opened): (Place, Opened),
    interrupt: &mut JoinHandle<()>,
    findings: &mut Findings,
    report: &mut Report,
) {
    let account = Account::find(patient, opened, &ways.told, &place, findings).await;
    let Some(account) = account else {
        return findings.stop("no account");
    };
    tokio::select! {
        () = with_account(patient, &account, findings) => {}
        _ = interrupt => {
            report.interrupted = true;
            findings.stop("interrupted");
        }
    }
    if account.is_thrown_away && !account.remove().await {
        report.left_over = Some(account.jid.bare());
    }
}

async fn with_account(patient: &Patient, account: &Account<'_>, findings: &mut Findings) {
    let Some(mut session) = account.log_in(findings).await else {
        return findings.stop("nobody could log in");
    };
    if let Err(error) = ask(patient, account, &mut session, findings).await {
        findings.broke(&error);
    }
    session.close().await;
}

/// Asks for one thing after the other, until the connection breaks.
async fn ask(
    patient: &Patient,
    account: &Account<'_>,
    session: &mut Session,
    findings: &mut Findings,
) -> Result<(), ConnectError> {
    basics::ping(session, findings).await?;
    let services = basics::discovery(session, findings).await?;
    message::to_oneself(session, findings).await?;
    basics::contacts(session, findings).await?;
    rooms::look(session, account, &services, findings).await?;
    pubsub::look(session, &services, findings).await?;
    basics::archive(session, findings).await?;
    basics::round_trip(session, patient.is_near(), findings).await
}

/// A name that nobody else has, for what is made and removed again.
fn throw_away() -> String {
    format!("peak-doctor-{:08x}", rand::rng().random::<u32>())
}
