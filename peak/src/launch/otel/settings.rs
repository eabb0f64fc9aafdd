//! What the environment says of traces, in the variables that all programs with OpenTelemetry share.
//!
//! A wrong value never keeps the agents from running: these variables are often set for a whole
//! machine. It is a warning that names the variable and says what to write.

use std::time::Duration;

use ureq::http::Uri;

/// How many spans may wait if nobody says: more than is usual, since agents answer each other in
/// bursts.
const QUEUE: usize = 16_384;

/// How long a request takes at most if nobody says.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How and where to traces are sent. Headers, sampler and the like the exporter reads for itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Settings {
    /// Where to, as it may be shown.
    pub(super) endpoint: String,
    pub(super) timeout: Duration,
    pub(super) queue: usize,
    /// Whether it is said what the service is called.
    pub(super) names_service: bool,
}

/// The variable for traces, and the one for everything that is exported.
type Names = [&'static str; 2];

const ENDPOINT: Names = [
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
];
const PROTOCOL: Names = [
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
];
const COMPRESSION: Names = [
    "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
    "OTEL_EXPORTER_OTLP_COMPRESSION",
];
const HEADERS: Names = [
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_EXPORTER_OTLP_HEADERS",
];
const TIMEOUTS: Names = [
    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TIMEOUT",
];

/// The samplers, and whether they need `OTEL_TRACES_SAMPLER_ARG`.
const SAMPLERS: [(&str, bool); 6] = [
    ("always_on", false),
    ("always_off", false),
    ("traceidratio", true),
    ("parentbased_always_on", false),
    ("parentbased_always_off", false),
    ("parentbased_traceidratio", true),
];

/// Reads the environment; `None` if there are to be no traces.
pub(super) fn read(
    variable: impl Fn(&str) -> Option<String>,
    warnings: &mut Vec<String>,
) -> Option<Settings> {
    // Empty is as good as not set (OpenTelemetry's specification).
    let variable = |name: &str| {
        let value = variable(name)?.trim().to_owned();
        (!value.is_empty()).then_some(value)
    };
    let first = |names: Names| {
        names
            .into_iter()
            .find_map(|name| Some((name, variable(name)?)))
    };
    let (name, endpoint) = first(ENDPOINT)?;
    if variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return None;
    }
    let mut off = |warning: String| {
        warnings.push(format!("no traces: {warning}"));
        None
    };
    match variable("OTEL_TRACES_EXPORTER").as_deref() {
        Some("none") => return None,
        Some("otlp") | None => {}
        Some(other) => {
            return off(format!(
                "OTEL_TRACES_EXPORTER is `{other}`; traces go out as `otlp`, or not at all: `none`"
            ));
        }
    }
    let endpoint = match shown(&endpoint) {
        Ok(endpoint) => endpoint,
        Err(why) => return off(format!("{name}: {why}")),
    };
    if let Some((name, protocol)) = first(PROTOCOL)
        && protocol != "http/protobuf"
    {
        return off(format!(
            "{name} is `{protocol}`; this program speaks `http/protobuf`, for which collectors \
             listen at port 4318"
        ));
    }
    if let Some((name, compression)) = first(COMPRESSION) {
        return off(format!(
            "{name} is `{compression}`; this program does not compress: leave it out"
        ));
    }
    let timeout = match first(TIMEOUTS) {
        None => TIMEOUT,
        Some((name, text)) => match text.parse() {
            Ok(time) if time > 0 => Duration::from_millis(time),
            _ => {
                warnings.push(format!(
                    "{name} is `{text}`, which is no number of milliseconds; \
                     a request takes 10000 at most"
                ));
                TIMEOUT
            }
        },
    };
    if let Some((name, headers)) = first(HEADERS)
        && !headers.split_terminator(',').all(is_header)
    {
        // What they are is nobody's business.
        warnings.push(format!(
            "{name}: what is no header is left out; write `name=value,name=value`"
        ));
    }
    let queue = number(variable, "OTEL_BSP_MAX_QUEUE_SIZE", warnings).unwrap_or(QUEUE);
    for name in ["OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"] {
        number(variable, name, warnings);
    }
    sampler(variable, warnings);
    let attributes = variable("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default();
    let mut pairs = attributes
        .split_terminator(',')
        .map(|pair| pair.split_once('='));
    if pairs.clone().any(|pair| pair.is_none()) {
        warnings.push(
            "OTEL_RESOURCE_ATTRIBUTES: what is no attribute is left out; \
             write `name=value,name=value`"
                .to_owned(),
        );
    }
    let names_service = variable("OTEL_SERVICE_NAME").is_some()
        || pairs.any(|pair| pair.is_some_and(|(name, _)| name.trim() == "service.name"));
    Some(Settings {
        endpoint,
        timeout,
        queue,
        names_service,
    })
}

/// The endpoint without what it may have of a password.
fn shown(endpoint: &str) -> Result<String, String> {
    let example = "write the collector's URL, such as http://127.0.0.1:4318";
    let Ok(url) = endpoint.parse::<Uri>() else {
        return Err(format!("that is not a URL; {example}"));
    };
    match (url.scheme_str(), url.host()) {
        (Some("http"), Some(host)) if !host.is_empty() => {
            let port = url.port().map_or(String::new(), |port| format!(":{port}"));
            Ok(format!("http://{host}{port}"))
        }
        (Some("https"), Some(_)) => Err(
            "this program sends traces over http:// alone; have a collector on this machine \
             pass them on over TLS, and name that one: http://127.0.0.1:4318"
                .to_owned(),
        ),
        _ => Err(format!("`{endpoint}` is not a URL with http://; {example}")),
    }
}

fn is_header(pair: &str) -> bool {
    pair.split_once('=')
        .is_some_and(|(name, _)| ureq::http::HeaderName::from_bytes(name.trim().as_bytes()).is_ok())
}

/// A number that is not 0; what is none is left out, with a warning.
fn number(
    variable: impl Fn(&str) -> Option<String>,
    name: &str,
    warnings: &mut Vec<String>,
) -> Option<usize> {
    let text = variable(name)?;
    let number = text.parse().ok().filter(|number| *number > 0);
    if number.is_none() {
        warnings.push(format!(
            "{name} is `{text}`, which is no number above 0; it is left out"
        ));
    }
    number
}

fn sampler(variable: impl Fn(&str) -> Option<String>, warnings: &mut Vec<String>) {
    let Some(sampler) = variable("OTEL_TRACES_SAMPLER") else {
        return;
    };
    let Some((_, needs_ratio)) = SAMPLERS.iter().find(|(name, _)| *name == sampler) else {
        let names: Vec<_> = SAMPLERS.iter().map(|(name, _)| *name).collect();
        warnings.push(format!(
            "OTEL_TRACES_SAMPLER is `{sampler}`, so everything is traced; samplers are {}",
            names.join(", ")
        ));
        return;
    };
    let ratio = variable("OTEL_TRACES_SAMPLER_ARG");
    let is_ratio = |ratio: &String| {
        ratio
            .parse::<f64>()
            .is_ok_and(|it| (0.0..=1.0).contains(&it))
    };
    if *needs_ratio && !ratio.as_ref().is_some_and(is_ratio) {
        warnings.push(format!(
            "OTEL_TRACES_SAMPLER_ARG is `{}`, and no part of 1; write 0.1 for a tenth of all traces",
            ratio.unwrap_or_default()
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: (&str, &str) = (ENDPOINT[1], "http://127.0.0.1:4318");

    /// What comes of these variables, and what is said about them.
    fn read(variables: &[(&str, &str)]) -> (Option<Settings>, Vec<String>) {
        let mut warnings = Vec::new();
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name)?;
            Some(found.1.to_owned())
        };
        (super::read(variable, &mut warnings), warnings)
    }

    #[test]
    fn without_an_endpoint_there_are_no_traces() {
        for variables in [
            &[][..],
            &[("OTEL_SERVICE_NAME", "x"), ("OTEL_TRACES_SAMPLER", "odd")],
            &[(ENDPOINT[0], ""), (ENDPOINT[1], " ")],
            &[HERE, ("OTEL_SDK_DISABLED", "true")],
            &[HERE, ("OTEL_TRACES_EXPORTER", "none")],
        ] {
            assert_eq!(read(variables), (None, vec![]), "{variables:?}");
        }
    }

    #[test]
    fn what_is_right_is_taken() {
        let (settings, warnings) = read(&[
            HERE,
            (ENDPOINT[0], "http://user:word@collector/path?key=word"),
            (PROTOCOL[1], "http/protobuf"),
            (TIMEOUTS[1], "1"),
            (TIMEOUTS[0], "250"),
            (HEADERS[0], "authorization=Basic%20eA==,x-tenant=a"),
            ("OTEL_SDK_DISABLED", "false"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "7"),
            ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", "0.25"),
            ("OTEL_RESOURCE_ATTRIBUTES", "a=b, service.name=x"),
        ]);
        assert_eq!(warnings, Vec::<String>::new());
        let expected = Settings {
            // Nothing that may be a secret.
            endpoint: "http://collector".to_owned(),
            timeout: Duration::from_millis(250),
            queue: 7,
            names_service: true,
        };
        assert_eq!(settings, Some(expected));
        let (settings, _) = read(&[HERE]);
        let settings = settings.unwrap();
        assert_eq!((settings.timeout, settings.queue), (TIMEOUT, QUEUE));
        assert!(!settings.names_service);
    }

    #[test]
    fn what_is_wrong_is_named_with_what_to_write() {
        for (variable, words, has_traces) in [
            (
                (ENDPOINT[0], "127.0.0.1:4318"),
                "write the collector's URL, such as",
                false,
            ),
            (
                (ENDPOINT[0], "localhost"),
                "write the collector's URL, such as",
                false,
            ),
            (
                (ENDPOINT[0], "ftp://collector"),
                "write the collector's URL, such as",
                false,
            ),
            (
                (ENDPOINT[0], "https://collector"),
                "over http:// alone; have a collector",
                false,
            ),
            ((PROTOCOL[0], "grpc"), "listen at port 4318", false),
            ((COMPRESSION[1], "gzip"), "leave it out", false),
            (
                ("OTEL_TRACES_EXPORTER", "zipkin"),
                "`otlp`, or not at all: `none`",
                false,
            ),
            ((TIMEOUTS[1], "10s"), "no number of milliseconds", true),
            ((TIMEOUTS[1], "0"), "no number of milliseconds", true),
            (
                (HEADERS[1], "a=b,secret"),
                "write `name=value,name=value`",
                true,
            ),
            (
                (HEADERS[1], "se cret=1"),
                "write `name=value,name=value`",
                true,
            ),
            (
                ("OTEL_BSP_MAX_QUEUE_SIZE", "many"),
                "no number above 0",
                true,
            ),
            (("OTEL_BSP_SCHEDULE_DELAY", "-1"), "no number above 0", true),
            (
                ("OTEL_TRACES_SAMPLER", "some"),
                "samplers are always_on, always_off",
                true,
            ),
            (
                ("OTEL_TRACES_SAMPLER", "traceidratio"),
                "write 0.1 for a tenth",
                true,
            ),
            (
                ("OTEL_RESOURCE_ATTRIBUTES", "a=b,c"),
                "write `name=value,name=value`",
                true,
            ),
        ] {
            let (settings, warnings) = read(&[variable, HERE]);
            let [warning] = warnings.as_slice() else {
                panic!("{variable:?}: {warnings:?}")
            };
            assert!(warning.contains(words), "{warning}");
            assert!(warning.contains("OTEL_"), "{warning}");
            assert!(!warning.contains("secret"), "{warning}");
            assert_eq!(settings.is_some(), has_traces, "{warning}");
            assert_eq!(warning.starts_with("no traces: "), !has_traces, "{warning}");
        }
    }
}
