//! Traces, as a collector gets them from a program.

mod collector;

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use collector::{Collector, Span};
use peak_tests::{Ran, end, workspace};

const AGENTS: &str = env!("CARGO_BIN_EXE_traced-agents");

/// `printf auction-1 | sha1sum | cut -c-32`, and so on.
const AUCTION: &str = "4ac3b54680fa8db341830bcff52230d2";
const STOCK: &str = "7223308ba9a8570ab90310955cff6c39";
const THE_END: &str = "444978030aec42d872041bc8b151fb92";

/// What no trace may have anything of.
const SECRET: &[u8] = b"the-secret-price";

/// Runs agents of a file in this environment.
fn run(name: &str, agents: &str, flags: &[&str], environment: &[(&str, &str)]) -> Ran {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("traces-{name}.yaml"));
    std::fs::write(&path, format!("agents: {{{agents}}}\n")).unwrap();
    let mut command = Command::new(AGENTS);
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().starts_with("OTEL_") {
            command.env_remove(variable);
        }
    }
    let child = command
        .arg("start")
        .arg(&path)
        .args(flags)
        .envs(environment.iter().copied())
        // The collector is on this machine, whatever stands between others and the network.
        .env("NO_PROXY", "127.0.0.1,localhost")
        .current_dir(workspace())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    end(child)
}

const MARKET: &str = "store: , ledger: , seller: , buyer: ";

/// Runs agents with a collector, and gives what it got.
fn traced(name: &str, agents: &str, environment: &[(&str, &str)]) -> (Ran, Collector) {
    let collector = Collector::start("200 OK");
    let url = collector.url();
    let mut all = vec![("OTEL_EXPORTER_OTLP_ENDPOINT", &*url)];
    all.extend_from_slice(environment);
    let ran = run(name, agents, &[], &all);
    (ran, collector)
}

/// The one span of this name, of this agent.
#[track_caller]
fn only<'a>(spans: &'a [Span], agent: &str, name: &str) -> &'a Span {
    let is_it = |span: &&Span| {
        let of = span.get("peak.agent").unwrap_or_default();
        span.name() == name && of == format!("{agent}@localhost/main")
    };
    let found: Vec<_> = spans.iter().filter(is_it).collect();
    match found.as_slice() {
        [one] => one,
        _ => panic!("{} of {agent} `{name}`: {spans:#?}", found.len()),
    }
}

#[test]
fn a_conversation_is_a_trace() {
    let (ran, collector) = traced("conversation", MARKET, &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!ran.err.contains("WARN"), "{ran:?}");
    let spans = collector.spans();
    let only = |agent, name| only(&spans, agent, name);

    // From the question to the answer, one below the other.
    let call = only("buyer", "send cfp");
    assert_eq!(
        (call.trace().as_str(), call.parent().as_str()),
        (AUCTION, "")
    );
    let offer = only("seller", "offer");
    assert_eq!((offer.trace(), offer.parent()), (call.trace(), call.id()));
    let propose = only("seller", "send propose");
    assert_eq!(
        (propose.trace(), propose.parent()),
        (call.trace(), offer.id())
    );
    assert!(propose.failure().is_none() && offer.failure().is_none());
    // The request goes on until it is answered.
    assert!(call.took() > offer.took(), "{call:?} {offer:?}");
    // What answers the proposal is below it, although no handler has taken that.
    let accepted = only("buyer", "send accept-proposal");
    assert_eq!(
        (accepted.trace(), accepted.parent()),
        (call.trace(), propose.id())
    );

    // What the handler sends in this conversation is its child,
    let notes: Vec<_> = spans
        .iter()
        .filter(|span| span.name() == "send inform" && span.parent() == offer.id())
        .collect();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert_eq!(
        notes[0].get("messaging.destination.name").unwrap(),
        "ledger@localhost"
    );
    // in another one a root of that, with a link,
    let question = only("seller", "send query-ref");
    assert_eq!(
        (question.trace().as_str(), question.parent().as_str()),
        (STOCK, "")
    );
    assert_eq!(question.links(), [(offer.trace(), offer.id())]);
    // and in none a trace of its own.
    let alone = spans.iter().find(|span| {
        let to = span.get("messaging.destination.name");
        span.name() == "send inform"
            && span.parent().is_empty()
            && to.as_deref() == Some("ledger@localhost")
    });
    let alone = alone.expect("it was sent");
    assert!(![AUCTION, STOCK].contains(&&*alone.trace()), "{alone:?}");
    assert_eq!(alone.links(), [(offer.trace(), offer.id())]);

    // Work that is handed over, and answers later, is below the handler.
    let count = only("store", "count");
    assert_eq!(count.parent(), question.id());
    let work = only("store", "spawned task");
    assert_eq!((work.trace().as_str(), work.parent()), (STOCK, count.id()));
    let answer = only("store", "send inform");
    assert_eq!(
        (answer.trace().as_str(), answer.parent()),
        (STOCK, work.id())
    );

    // Tasks beside the agent, and the user's own spans.
    let enters: Vec<_> = spans.iter().filter(|span| span.name() == "enter").collect();
    let parents: Vec<_> = enters.iter().map(|span| span.parent()).collect();
    assert!(
        parents.contains(&notes[0].id()) && parents.contains(&alone.id()),
        "{enters:?}"
    );
    let deliver = only("seller", "deliver");
    assert_eq!(deliver.parent(), accepted.id());
    let pack = spans
        .iter()
        .find(|span| span.name() == "pack")
        .expect("it was packed");
    assert_eq!(
        (pack.trace().as_str(), pack.parent()),
        (AUCTION, deliver.id())
    );
    assert_eq!(pack.get("parcels").as_deref(), Some("2"));

    // One message to many is sent once, and here its conversation is XMPP's thread.
    let end = only("buyer", "send cancel");
    assert_eq!(end.trace(), THE_END);
    assert_eq!(
        end.get("messaging.batch.message_count").as_deref(),
        Some("3")
    );
    for agent in ["seller", "ledger", "store"] {
        assert_eq!(only(agent, "end").parent(), end.id());
    }
}

#[test]
fn a_span_says_who_and_what_and_nothing_of_the_body() {
    let (ran, collector) = traced("fields", MARKET, &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let spans = collector.spans();
    let sorted = |span: &Span, names: &[&str]| -> Vec<String> {
        let value = |name: &&str| span.get(name).unwrap_or_else(|| panic!("{name}: {span:?}"));
        names.iter().map(value).collect()
    };
    let call = only(&spans, "buyer", "send cfp");
    let offer = only(&spans, "seller", "offer");
    let buy = only(&spans, "buyer", "buy");
    assert_eq!(
        (call.kind(), offer.kind(), buy.kind()),
        ("PRODUCER", "CONSUMER", "INTERNAL")
    );
    let names = [
        "messaging.system",
        "messaging.operation.type",
        "messaging.destination.name",
        "messaging.message.conversation_id",
        "fipa.performative",
        "fipa.protocol",
        "fipa.ontology",
        "fipa.sender",
    ];
    let rest = [
        "auction-1",
        "cfp",
        "fipa-contract-net",
        "goods",
        "buyer@localhost/main",
    ];
    let at = |values: [&'static str; 3]| [&values[..], &rest].concat();
    assert_eq!(
        sorted(call, &names),
        at(["peak", "send", "seller@localhost"])
    );
    assert_eq!(
        sorted(offer, &names),
        at(["peak", "process", "seller@localhost"])
    );
    assert_eq!(sorted(offer, &["code.function.name"]), ["offer"]);
    assert_eq!(call.links(), [(buy.trace(), buy.id())]);
    assert!(buy.parent().is_empty());
    for span in &spans {
        assert_eq!(span.service, "traced-agents");
        assert_eq!(span.events(), 0, "{span:?}");
    }
    for asked in collector.asked() {
        assert!(
            !asked
                .body
                .windows(SECRET.len())
                .any(|bytes| bytes == SECRET)
        );
        assert_eq!(asked.head[0], "POST /v1/traces HTTP/1.1");
        assert!(
            asked
                .head
                .contains(&"content-type: application/x-protobuf".to_owned())
        );
    }
}

#[test]
fn what_failed_is_seen_and_quotes_no_message() {
    let (ran, collector) = traced("faults", "faulty: , trouble: ", &[]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let spans = collector.spans();
    for (agent, span, kind, what) in [
        ("faulty", "fail", "failed", "out of paper"),
        (
            "faulty",
            "read",
            "failed",
            "the content of a message is not what was expected",
        ),
        ("faulty", "panic", "panicked", "panicked"),
        (
            "faulty",
            "number",
            "not-understood",
            "the message was not understood",
        ),
        (
            "faulty",
            "no handler",
            "not-taken",
            "no handler takes this message",
        ),
        (
            "trouble",
            "send query-ref",
            "timeout",
            "`faulty@localhost` did not reply within 10ms",
        ),
        (
            "trouble",
            "send inform",
            "not-sent",
            "no agent has the address `nowhere@localhost`",
        ),
    ] {
        let span = only(&spans, agent, span);
        assert_eq!(span.failure(), Some(what), "{span:?}");
        assert_eq!(span.get("error.type").as_deref(), Some(kind));
    }
    // Each is answered, and each answer is below what it answers.
    for (handler, answer) in [
        ("fail", "send failure"),
        ("panic", "send failure"),
        ("number", "send not-understood"),
        ("no handler", "send not-understood"),
    ] {
        let handler = only(&spans, "faulty", handler);
        let is_it = |span: &&Span| span.name() == answer && span.parent() == handler.id();
        assert_eq!(spans.iter().filter(is_it).count(), 1, "{handler:?}");
    }
    for asked in collector.asked() {
        assert!(
            !asked
                .body
                .windows(SECRET.len())
                .any(|bytes| bytes == SECRET)
        );
    }
}

#[test]
fn each_run_of_a_behaviour_is_a_trace() {
    let (ran, collector) = traced("runs", "clock: ", &[]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let spans = collector.spans();
    let ticks: Vec<_> = spans.iter().filter(|span| span.name() == "tick").collect();
    assert_eq!(ticks.len(), 3, "{spans:?}");
    let traces: std::collections::HashSet<_> = ticks.iter().map(|span| span.trace()).collect();
    assert_eq!(traces.len(), 3);
    let failures: Vec<_> = ticks.iter().filter_map(|span| span.failure()).collect();
    assert_eq!(failures, ["worn out"]);
    assert_eq!(only(&spans, "clock", "wind").kind(), "INTERNAL");
}

#[test]
fn the_log_and_the_traces_leave_each_other_alone() {
    let collector = Collector::start("200 OK");
    let url = collector.url();
    let run =
        |name, flags: &[&str], environment: &[(&str, &str)]| run(name, MARKET, flags, environment);
    let on = [(
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        &*format!("{url}/here"),
    )];
    let quiet = run("quiet", &["-l", "off"], &on);
    assert_eq!((quiet.code, quiet.err.as_str()), (Some(0), ""), "{quiet:?}");
    assert_eq!(only(&collector.spans(), "seller", "offer").trace(), AUCTION);
    assert_eq!(collector.asked()[0].head[0], "POST /here HTTP/1.1");

    let usual = run("usual", &[], &on);
    assert!(!usual.err.contains("DEBUG"), "{usual:?}");
    let untraced = run("untraced", &[], &[]);
    assert_eq!(usual.err.lines().count(), untraced.err.lines().count());

    let before = collector.asked().len();
    let off = [("OTEL_SDK_DISABLED", "True"), on[0]];
    run("off", &["-vv"], &off);
    let none = [("OTEL_TRACES_EXPORTER", "none"), on[0]];
    run("none", &[], &none);
    assert_eq!(collector.asked().len(), before);
}

#[test]
fn the_usual_variables_hold() {
    let (ran, collector) = traced(
        "variables",
        MARKET,
        &[
            ("OTEL_SERVICE_NAME", "village"),
            (
                "OTEL_EXPORTER_OTLP_HEADERS",
                "authorization=Basic%20x,x-tenant=a",
            ),
        ],
    );
    assert!(!ran.err.contains("WARN"), "{ran:?}");
    assert!(
        collector
            .spans()
            .iter()
            .all(|span| span.service == "village")
    );
    for header in ["authorization: Basic x", "x-tenant: a"] {
        let head = &collector.asked()[0].head;
        assert!(head.contains(&header.to_owned()), "{head:?}");
    }

    let (ran, collector) = traced("sampler", MARKET, &[("OTEL_TRACES_SAMPLER", "always_off")]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(collector.asked().is_empty());
}

/// How often the program warns.
fn warnings(ran: &Ran) -> usize {
    ran.err.matches(" WARN ").count()
}

#[test]
fn a_collector_that_is_not_there_is_told_once_and_keeps_nobody_waiting() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let url = format!("http://127.0.0.1:{port}");
    let begin = Instant::now();
    // A batch now and then, and not only one at the end.
    let ran = run(
        "nobody",
        MARKET,
        &[],
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &*url),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1"),
        ],
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(warnings(&ran), 1, "{ran:?}");
    let words = format!(
        "traces do not reach the collector at {url}: nobody listens there; the agents go on without"
    );
    assert!(ran.err.contains(&words), "{ran:?}");
    assert!(begin.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_collector_that_never_answers_is_waited_for_two_seconds() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let ran = run(
        "silent",
        MARKET,
        &[],
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", &*url)],
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(warnings(&ran), 1, "{ran:?}");
    let words = format!("the last traces have not reached the collector at {url} within 2s");
    assert!(ran.err.contains(&words), "{ran:?}");
}

#[test]
fn a_collector_that_refuses_is_told_with_what_it_says() {
    let collector = Collector::start("401 Unauthorized");
    let ran = run(
        "refused",
        MARKET,
        &[],
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", &*collector.url())],
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(warnings(&ran), 1, "{ran:?}");
    assert!(ran.err.contains("it answers 401 Unauthorized"), "{ran:?}");
}

#[test]
fn a_wrong_variable_is_told_and_the_agents_run() {
    let endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    for (name, environment, words) in [
        (
            "no-url",
            &[(endpoint, "not a url")][..],
            "no traces: OTEL_EXPORTER_OTLP_ENDPOINT: that is not a URL; write the collector's URL, \
             such as http://127.0.0.1:4318",
        ),
        (
            "https",
            &[(endpoint, "https://127.0.0.1:4318")],
            "no traces: OTEL_EXPORTER_OTLP_ENDPOINT: this program sends traces over http:// alone",
        ),
        (
            "grpc",
            &[
                (endpoint, "http://127.0.0.1:4317"),
                ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ],
            "no traces: OTEL_EXPORTER_OTLP_PROTOCOL is `grpc`; this program speaks `http/protobuf`",
        ),
    ] {
        let ran = run(name, MARKET, &[], environment);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(warnings(&ran), 1, "{ran:?}");
        assert!(ran.err.contains(words), "{ran:?}");
    }
}
