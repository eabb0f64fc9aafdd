//! `doctor`: what an XMPP server offers of what agents need, line by line, and how to turn the rest
//! on.
//!
//! [`args`] are its flags, [`patient`] what is to be looked at, checked; the looking is the
//! network's. [`words`] are about each check, [`text`] and [`json`] what is printed.

mod args;
#[cfg(feature = "xmpp")]
mod json;
#[cfg(feature = "xmpp")]
mod patient;
#[cfg(feature = "xmpp")]
mod text;
#[cfg(feature = "xmpp")]
mod words;

pub(super) use args::{DoctorArgs, FLAGS};

use super::problem::{Exit, Problem};
use super::refuse;

/// Looks at the server, and says what it found.
#[cfg(feature = "xmpp")]
pub(super) fn run(args: &DoctorArgs) -> Exit {
    use crate::network::xmpp::ConnectError;
    use crate::network::xmpp::doctor::examine;
    use crate::platform::block_on;

    let patient = match patient::of(args) {
        Ok(patient) => patient,
        Err(problems) => return refuse(&[problems]),
    };
    let examined = block_on(async {
        let report = examine(&patient).await;
        std::io::Result::Ok(report)
    });
    let report = match examined {
        Ok(Ok(report)) => report,
        // A file that cannot be what it is said to be.
        Ok(Err(ConnectError::Settings(what))) => return refuse(&[Problem::new(what).into()]),
        Ok(Err(error)) => return failed(&error.to_string()),
        Err(error) => return failed(&format!("the operating system gives no threads: {error}")),
    };
    let printed = if args.json {
        match json::of(&patient, &report) {
            Ok(json) => super::print(&json, &json),
            Err(error) => return failed(&error.to_string()),
        }
    } else if let Some(silence) = &report.silence {
        return failed(&silence.to_string());
    } else {
        let page = text::Page {
            patient: &patient,
            report: &report,
            everything: args.verbose > 0,
        };
        super::print(&page.text(true), &page.text(false))
    };
    if report.interrupted {
        return Exit::Interrupted;
    }
    match report.findings.iter().any(|finding| finding.is_fatal()) {
        true => Exit::Failure,
        false => printed,
    }
}

#[cfg(feature = "xmpp")]
fn failed(what: &str) -> Exit {
    super::problem::print(&Problem::new(what).into());
    Exit::Failure
}

/// Says how to have it.
#[cfg(not(feature = "xmpp"))]
pub(super) fn run(_: &DoctorArgs) -> Exit {
    let problem = Problem::new("`doctor`: this program is built without XMPP");
    refuse(&[problem.hint(super::xmpp::HOW).into()])
}
