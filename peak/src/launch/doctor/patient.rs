//! From the command line to a server that can be looked at, with everything checked that can be
//! without a connection.

use super::DoctorArgs;
use crate::launch::problem::{Problem, Problems};
use crate::launch::xmpp::{check, connection, source};
use crate::message::Jid;
use crate::network::xmpp::Secret;
use crate::network::xmpp::credentials::Source;
use crate::network::xmpp::doctor::Patient;
use crate::network::xmpp::settings::{self, Component, Settings, SettingsError};

pub(super) fn of(args: &DoctorArgs) -> Result<Patient, Problems> {
    let mut problems = Problems::default();
    let wishes = args.xmpp.wishes();
    check(&wishes, &mut problems);
    let domain = problems.note(domain(&args.host));
    let component = problems.note(component(args));
    if !problems.is_empty() {
        return Err(problems);
    }
    let (Some(domain), Some(component)) = (domain, component) else {
        return Err(problems);
    };
    let mut xmpp = connection(&wishes);
    if let Some(password) = &wishes.password {
        xmpp = xmpp.password_from(source(&password.value));
    }
    let settings = xmpp.settings().map_err(|error| problem(&error))?;
    let account = account(args, &domain, &settings)?;
    Ok(Patient {
        domain,
        settings,
        account,
        component,
        component_port: args.component_port,
        tls_port: args.tls_port,
    })
}

fn problem(error: &SettingsError) -> Problem {
    Problem::new(error.what()).hint(error.remedy())
}

fn domain(host: &str) -> Result<String, Problem> {
    let wrong = |what: &str, hint: String| {
        Err(Problem::new(format!("`{host}` is not a domain: {what}")).hint(hint))
    };
    if let Ok(jid) = host.parse::<Jid>() {
        return match jid.local() {
            None if jid.is_bare() => Ok(jid.domain().to_owned()),
            _ => wrong(
                "it is an address",
                format!(
                    "write `doctor {} -j {}` to look with that account",
                    jid.domain(),
                    jid.bare()
                ),
            ),
        };
    }
    match settings::server::parse(host) {
        Ok((name, Some(port))) => wrong(
            "there is a port behind it",
            format!("write `doctor {name} --port {port}`"),
        ),
        Ok(_) => wrong(
            "no address can have it",
            "write it as `example.org`".to_owned(),
        ),
        Err(error) => Err(problem(&error)),
    }
}

fn component(args: &DoctorArgs) -> Result<Option<Component>, Problem> {
    let (Some(domain), Some(file)) = (&args.component, &args.secret_file) else {
        return Ok(None);
    };
    let domain = settings::component_domain(domain).map_err(|error| problem(&error))?;
    let secret = Source::File(file.clone()).read_for_all();
    match secret.map_err(|error| problem(&error.into()))? {
        Some(secret) => Ok(Some(Component { domain, secret })),
        None => Err(problem(&SettingsError::NoSecret(domain))),
    }
}

/// The account that the user names, with its password.
fn account(
    args: &DoctorArgs,
    domain: &str,
    settings: &Settings,
) -> Result<Option<(Jid, Secret)>, Problem> {
    let Some(text) = &args.jid else {
        return Ok(None);
    };
    let jid: Jid = text.parse().map_err(|error: crate::JidError| {
        Problem::new(format!("`{text}` is not an address: {}", error.reason()))
            .hint("write it as `name@domain`")
    })?;
    if jid.local().is_none() {
        return Err(
            Problem::new(format!("`{text}` is not the address of an account"))
                .hint(format!("write it as `name@{domain}`")),
        );
    }
    if jid.domain() != domain {
        return Err(Problem::new(format!("`{jid}` has no account at `{domain}`")).hint(format!(
            "look at its own server, with `doctor {}`; where that is, `--xmpp HOST[:PORT]` says",
            jid.domain()
        )));
    }
    // Not the name of an agent that may be connected: that one would be thrown out.
    let jid = match jid.is_bare() {
        false => jid,
        true => jid
            .with_resource("peak-doctor")
            .map_err(|error| Problem::new(error.to_string()))?,
    };
    match settings.password_for(&jid) {
        Ok(Some(password)) => Ok(Some((jid, password))),
        Ok(None) => Err(
            Problem::new(format!("there is no password for `{}`", jid.bare())).hint(
                "give it with `--password-file FILE`, in the variable `PEAK_PASSWORD`, or in the \
                 credentials file; without `-j` an account is registered for the time",
            ),
        ),
        Err(error) => Err(problem(&error.into())),
    }
}
