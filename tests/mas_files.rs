//! Deployment files as people write them, good and broken, and what they are told.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use peak_tests::{Ran, end};

const AGENTS: &str = env!("CARGO_BIN_EXE_mas-agents");

/// What the variable of these tests holds: nobody but the agents may see it.
const SECRET: &str = "hunter two";

fn file(name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Runs the program with some variables set, and one not.
fn agents(args: &[&str], path: &PathBuf) -> Ran {
    let child = Command::new(AGENTS)
        .args(args)
        .arg(path)
        .env_remove("PEAK_TEST_UNSET")
        .env("PEAK_TEST_TEXT", SECRET)
        .env("PEAK_TEST_NUMBER", "3")
        .env("PEAK_TEST_TRUTH", "false")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    end(child)
}

fn start(name: &str, text: &str) -> Ran {
    agents(&["start"], &file(name, text))
}

fn check(name: &str, bytes: impl AsRef<[u8]>) -> Ran {
    agents(&["start", "--check"], &file(name, bytes))
}

/// The log without the times, which differ from run to run.
fn log(ran: &Ran) -> Vec<&str> {
    let timeless = |line| match str::split_once(line, ' ') {
        Some((time, rest)) if time.len() == 12 && time.matches(':').count() == 2 => rest,
        _ => line,
    };
    ran.err.lines().map(timeless).collect()
}

/// Each file, and the one thing that is said of it: place, words, and what to do.
#[test]
fn broken_files_say_where_and_what_to_do() {
    for (text, expected) in [
        (
            "",
            "1:1: the file has no `agents`\n\
             hint: list them: an `agents:` line, and below it, indented, `name:` for \
             each agent",
        ),
        (
            "# nothing here\n",
            "2:1: the file has no `agents`\n\
             hint: list them: an `agents:` line, and below it, indented, `name:` for \
             each agent",
        ),
        (
            "defaults:\n  clones: 2\n",
            "1:1: the file has no `agents`\n\
             hint: list them: an `agents:` line, and below it, indented, `name:` for \
             each agent",
        ),
        (
            "agents:\n",
            "1:1: `agents` is empty: there is nothing to start\n\
             hint: write the name of each agent below it, indented",
        ),
        (
            "agents:\n  - shop\n  - buyer\n",
            "2:3: `agents` must be a mapping, and is a list\n\
             hint: write `key: value` lines below it, indented, without a `-` before \
             them",
        ),
        (
            "hello\n",
            "1:1: the file must be a mapping, and is the text `hello`\n\
             hint: list them: an `agents:` line, and below it, indented, `name:` for \
             each agent",
        ),
        (
            "agent:\n  shop:\n",
            "1:1: unknown key `agent` in the file\n\
             hint: did you mean `agents`?",
        ),
        (
            "agents:\nshop:\n  clones: 2\n",
            "2:1: unknown key `shop` in the file\n\
             hint: `shop` belongs below `agents:`: indent it, and what stands below it",
        ),
        (
            "agents:\n  shop:\n    clone: 2\n",
            "3:5: unknown key `clone` in agent `shop`\n\
             hint: did you mean `clones`?",
        ),
        (
            "agents:\n  shop:\n    Clones: 2\n",
            "3:5: unknown key `Clones` in agent `shop`\n\
             hint: did you mean `clones`?",
        ),
        (
            "agents:\n  shop:\n    log-level: debug\n",
            "3:5: unknown key `log-level` in agent `shop`\n\
             hint: did you mean `log_level`?",
        ),
        (
            "agents:\n  shop:\n    stock: 2\n",
            "3:5: unknown key `stock` in agent `shop`\n\
             hint: `stock` is a parameter of Shop: write it below `params:`",
        ),
        (
            "agents:\n  shop:\n    params:\n      stok: 2\n",
            "4:7: parameter of Shop: there is no `stok`: did you mean `stock`?",
        ),
        (
            "agents:\n  shop:\n    params:\n      - stock: 2\n",
            "4:7: `params` of agent `shop` must be a mapping, and is a list\n\
             hint: write `key: value` lines below it, indented, without a `-` before \
             them",
        ),
        (
            "agents:\n  shop:\n    params:\n      stock: many\n",
            "4:14: parameter of Shop: `stock`: invalid type: string \"many\", expected \
             u32",
        ),
        (
            "agents:\n  shop:\n    params:\n      stock: -1\n",
            "4:14: parameter of Shop: `stock`: invalid value: integer `-1`, expected \
             u32: a whole number from 0",
        ),
        (
            "agents:\n  buyer:\n    params:\n      patience: 5\n",
            "4:17: parameter of Buyer: `patience`: expected a duration, found the \
             number `5`\n\
             hint: write it as \"5s\"",
        ),
        (
            "defaults:\n  params:\n    stok: 3\nagents:\n  shop:\n",
            "3:5: no agent of this file has a parameter `stok`\n\
             hint: did you mean `stock`?",
        ),
        (
            "agents:\n  shop:\n    clones: \"2\"\n",
            "3:13: expected a number of agents, found the text `2`\n\
             hint: leave out the quotes: `2`",
        ),
        (
            "agents:\n  shop:\n    clones: 0\n",
            "3:13: expected a number of agents, from 1 to 1000000, found the number `0`",
        ),
        (
            "agents:\n  shop:\n    clones: 1000000\n  buyer:\n",
            "4:3: more than 1000000 agents in all",
        ),
        (
            "agents:\n  shop:\n    clones: 1.5\n",
            "3:13: expected a number of agents, from 1 to 1000000, found the number \
             `1.5`",
        ),
        (
            "agents:\n  shop:\n    log_level: loud\n",
            "3:16: expected a log level, found the text `loud`\n\
             hint: a level is `off`, `error`, `warn`, `info`, `debug` or `trace`",
        ),
        (
            "agents:\n  anna:\n    agent: Shopp\n",
            "3:12: this program has no agent `Shopp`\n\
             hint: did you mean `Shop`?",
        ),
        (
            "agents:\n  anna:\n    agent: 3\n",
            "3:12: expected the name of an agent type, found the number `3`\n\
             hint: put it in quotes if it is meant as text",
        ),
        (
            "agents:\n  anna:\n    file: sendr.rs\n",
            "3:11: no agent of this program stands in `sendr.rs`\n\
             hint: did you mean `tests/mas_agents/sender.rs`?",
        ),
        (
            "agents:\n  anna:\n    file: sender.py\n",
            "3:11: `file: sender.py` is Python, which this program does not run\n\
             hint: name the Rust type instead: `agent: Sender`; or its file, `file: \
             NAME.rs`",
        ),
        (
            "agents:\n  anna:\n    file: market.rs\n",
            "3:11: `market.rs` has `Buyer`, `Log`, `Meter` and `Shop`, and none of \
             them is named like the file\n\
             hint: say which one is meant: `agent: Buyer`",
        ),
        (
            "agents:\n  anna:\n    file: market.rs\n    agent: Sender\n",
            "3:11: `market.rs` has no agent `Sender`\n\
             hint: `Sender` stands in `tests/mas_agents/sender.rs`; leave one of the \
             two keys out",
        ),
        (
            "agents:\n  anna:\n    file: market.rs\n    agent: Shap\n",
            "3:11: `market.rs` has no agent `Shap`\n\
             hint: did you mean `Shop`?",
        ),
        (
            "agents:\n  anna:\n    file: 3\n",
            "3:11: expected the path of a source file, found the number `3`\n\
             hint: put it in quotes if it is meant as text",
        ),
        (
            "agents:\n  shop@localhost:\n",
            "2:3: `shop@localhost` cannot be the name of an agent: it has a `/` or an \
             `@` in it\n\
             hint: a name is the part of the address before the `@`; `domain` and \
             `resource` are keys of their own",
        ),
        (
            "agents:\n  the shop:\n    agent: Shop\n",
            "2:3: `the shop` cannot be the name of an agent: the name holds a \
             character that a JID may not have\n\
             hint: a name is the part of the address before the `@`; `domain` and \
             `resource` are keys of their own",
        ),
        (
            "agents:\n  shop:\n    domain: local host\n",
            "3:13: `local host` is not a domain: the domain is not a valid host name\n\
             hint: write a host name, such as `localhost`",
        ),
        (
            "agents:\n  shop:\n    domain: shop@localhost\n",
            "3:13: `shop@localhost` is not a domain: it has a `/` or an `@` in it\n\
             hint: write a host name, such as `localhost`",
        ),
        (
            "agents:\n  shop:\n    resource: \"\"\n",
            "3:15: `` is not a resource: nothing stands after the `/`\n\
             hint: write a word, such as `main`",
        ),
        (
            "agents:\n  shop:\n  buyer:\n  shop:\n",
            "4:3: the key `shop` is in `agents` twice, first at 2:3\n\
             hint: give it another name; `clones` is for several of one kind",
        ),
        (
            "agents:\n  shop:\n    clones: 2\n  shop1:\n    agent: Shop\n",
            "4:3: agent `shop1` would have the address shop1@localhost/main, which the \
             one at 2:3 has\n\
             hint: give it another name, domain or resource",
        ),
        (
            "agents:\n  shop:\n    clones: 2\n    clones: 3\n",
            "4:5: the key `clones` is in agent `shop` twice, first at 3:5\n\
             hint: leave one of them out",
        ),
        (
            "agents:\n\tshop:\n",
            "2:2: tabs disallowed within this context (block indentation)\n\
             hint: indent with spaces",
        ),
        (
            "agents:\n  shop:\n    clones:2\n",
            "3:5: agent `shop` must be a mapping, and is the text `clones:2`\n\
             hint: write a space after the colon: `clones: 2`",
        ),
        (
            "agents:\n  shop\n    clones: 2\n",
            "3:11: mapping values are not allowed in this context\n\
             hint: line 2: write a colon after `shop`: `shop:`",
        ),
        (
            "agents:\n  shop:\n    params:\n      label: \"open\n      stock: 1\n",
            "4:14: unclosed quote\n\
             hint: line 4: the quote \" is not closed",
        ),
        (
            "agents:\n  shop:\n    clones: 2\n      params:\n        stock: 1\n",
            "4:13: mapping values are not allowed in this context\n\
             hint: the keys of one agent begin in the same column, each `key: value`; \
             what belongs to a key without a value is indented below it",
        ),
        (
            "agents:\n  shop:\n    agent: Shop\n   clones: 2\n",
            "4:4: while parsing a block mapping, did not find expected key\n\
             hint: the keys of one agent begin in the same column, each `key: value`; \
             what belongs to a key without a value is indented below it",
        ),
        (
            "agents: {shop: {clones: 2}\n",
            "1:9: unclosed bracket '{'\n\
             hint: close it, `{` with `}` and `[` with `]`",
        ),
        (
            "agents: {shop: {clones: 2 log_level: debug}}\n",
            "1:36: while parsing a flow mapping, did not find expected ',' or '}'\n\
             hint: between braces or brackets, a comma stands between two values: `{a: \
             1, b: 2}`",
        ),
        (
            "agents:\n  shop:\n---\nagents:\n  buyer:\n",
            "4:1: only single YAML document expected but multiple found\n\
             hint: leave out the line `---`: one file is one system",
        ),
        (
            "agents:\n  shop: *base\n",
            "2:9: there is no anchor of this name above\n\
             hint: `*NAME` repeats the value that is marked with `&NAME` above it; \
             text that begins with `*` goes in quotes",
        ),
        (
            "agents:\n  shop:\n    <<: 3\n",
            "3:9: YAML merge value must be mapping or sequence of mappings\n\
             hint: `<<: *NAME` takes over the keys of the mapping that is marked with \
             `&NAME`",
        ),
        (
            "base: &b\n  clones: 2\nagents:\n  shop:\n    <<: *b\n",
            "1:1: unknown key `base` in the file\n\
             hint: its keys are `defaults` and `agents`",
        ),
        (
            "agents: &a\n  shop: *a\n",
            "2:9: what is to be repeated here is what this stands in\n\
             hint: repeat a value that ends above this line",
        ),
        (
            "agents:\n  shop:\n    domain: @x\n",
            "3:13: unexpected character: `@'\n\
             hint: text that begins with a sign goes in quotes",
        ),
        (
            "agents:\n  ? [a, b]\n  : 1\n",
            "2:5: a key is a word, not a list or a mapping\n\
             hint: write a name before the colon, such as `clones: 2`",
        ),
        (
            "agents:\n  ~: {agent: Shop}\n",
            "2:3: the key is missing\n\
             hint: write a name before the colon, such as `clones: 2`",
        ),
        (
            "agents:\n  shop: |\n    clones: 2\n",
            "3:5: agent `shop` must be a mapping, and is the text `clones: 2`\n\
             hint: leave out the `|` or `>` behind the colon: it makes one text of the \
             lines below",
        ),
        (
            "agents:\n  shop:\n    params:\n      stock: ${PEAK_TEST_UNSET}\n",
            "4:14: the environment variable `PEAK_TEST_UNSET` is not set\n\
             hint: set it, `export PEAK_TEST_UNSET=VALUE`, or give it a default here: \
             `${PEAK_TEST_UNSET:-VALUE}`",
        ),
        (
            "agents: {shop: {clones: ${PEAK_TEST_UNSET}}}\n",
            "1:26: while parsing a flow mapping, did not find expected ',' or '}'\n\
             hint: between braces or brackets, a reference goes in quotes: `\"${NAME}\"`",
        ),
        (
            "agents:\n  shop:\n    params:\n      label: \"${PEAK_TEST\"\n",
            "4:14: a reference to a variable is not closed\n\
             hint: write it as `${NAME}`; for a plain `${` write `$${`",
        ),
        (
            "agents:\n  shop:\n    clones: ${PEAK_TEST_UNSET-3}\n",
            "3:13: `PEAK_TEST_UNSET-3` is not the name of a variable\n\
             hint: a default is written `${PEAK_TEST_UNSET:-3}`",
        ),
        (
            "agents:\n  shop:\n    clones: ${PEAK_TEST_TEXT}\n",
            "3:13: expected a number of agents, found the value of `${PEAK_TEST_TEXT}`",
        ),
        (
            "agents:\n  shop:\n    domain: ${PEAK_TEST_TEXT}\n",
            "3:13: `${PEAK_TEST_TEXT}` is not a domain: the domain is not a valid host \
             name\n\
             hint: write a host name, such as `localhost`",
        ),
        (
            "agents:\n  shop:\n    agent: ${PEAK_TEST_TEXT}\n",
            "3:12: this program has no agent `${PEAK_TEST_TEXT}`\n\
             hint: it has `Buyer`, `Greeter`, `Log`, `Meter`, `Receiver`, `Sender`, \
             `Shop` and `Visitor`",
        ),
        (
            "agents:\n  shop:\n    params:\n      stock: ${PEAK_TEST_TEXT}\n",
            "4:14: parameter of Shop: `stock`: expected u32, found the value of \
             `${PEAK_TEST_TEXT}`\n\
             hint: look at what the variable holds, which is not shown here",
        ),
        (
            "agents:\n  shop:\n    params:\n      prices: {a: \"${PEAK_TEST_TEXT}\"}\n",
            "4:19: parameter of Shop: `prices`: expected Option<BTreeMap<String, \
             f64>>, found the value of `${PEAK_TEST_TEXT}`\n\
             hint: look at what the variable holds, which is not shown here",
        ),
        (
            "agents:\n  shop:\n    log_level: ${PEAK_TEST_TEXT}\n",
            "3:16: expected a log level, found the value of `${PEAK_TEST_TEXT}`\n\
             hint: a level is `off`, `error`, `warn`, `info`, `debug` or `trace`",
        ),
        (
            "agents:\n  shop:\n    after: ${PEAK_TEST_TEXT}\n",
            "3:12: there is no agent `${PEAK_TEST_TEXT}` in this file\n\
             hint: name an agent as it is called below `agents:`",
        ),
        (
            "agents:\n  shop:\n    xmpp: ${PEAK_TEST_TEXT}\n",
            "3:11: `${PEAK_TEST_TEXT}` is not a server: the host is not a valid host \
             name\n\
             hint: write a host name or an IP address, and a port if it is another: \
             `xmpp.example.org:5222`",
        ),
        (
            "agents:\n  shop:\n  buyer:\n    after: shpo\n",
            "4:12: there is no agent `shpo` in this file\n\
             hint: did you mean `shop`?",
        ),
        (
            "agents:\n  shop:\n    after: shop\n",
            "3:12: agent `shop` waits for itself\n\
             hint: leave that out",
        ),
        (
            "agents:\n  shop:\n    after: log\n  buyer:\n    after: [shop]\n  log:\n    after: buyer\n",
            "3:12: agents wait for each other, and none of them can start: `shop` \
             after `log` after `buyer` after `shop`\n\
             hint: take one of them out of `after`",
        ),
        (
            "agents:\n  shop:\n    after:\n",
            "3:10: expected the name of an agent, or a list of names, found nothing\n\
             hint: `after: []` waits for nobody",
        ),
        (
            "agents:\n  shop:\n    after: {buyer: 1}\n",
            "3:12: expected the name of an agent, or a list of names, found a mapping",
        ),
        (
            "defaults:\n  after: shop\nagents:\n  shop:\n",
            "2:3: `after` in `defaults`: each agent waits for others\n\
             hint: write it below the agents that wait",
        ),
        (
            "agents:\n  shop:\n    xmpp:\n      password: hunter2\n",
            "4:7: `password` in `xmpp` of agent `shop`: passwords do not stand in this \
             file\n\
             hint: below `xmpp:`, name a file or a variable that has it, \
             `password_file` or `password_env`; or write it into the credentials file",
        ),
        (
            "agents:\n  shop:\n    port: 99999\n",
            "3:11: expected a port, from 1 to 65535, found the number `99999`",
        ),
        (
            "agents:\n  shop:\n    ssl: maybe\n",
            "3:10: expected `true` or `false`, found the text `maybe`",
        ),
        (
            "agents:\n  shop:\n    debug_mode: \"true\"\n",
            "3:17: expected `true` or `false`, found the text `true`\n\
             hint: leave out the quotes: `true`",
        ),
        (
            "{\"agents\": {\"shop\": {\"clones\": \"2\"}}}\n",
            "1:32: expected a number of agents, found the text `2`\n\
             hint: leave out the quotes: `2`",
        ),
    ] {
        let path = file("broken.yaml", text);
        let ran = agents(&["start", "--check"], &path);
        assert_eq!(ran.code, Some(2), "{text}: {ran:?}");
        let expected = format!("error: {}:{expected}\n", path.display());
        assert_eq!(ran.err, expected, "of the file\n{text}");
        assert_eq!(ran.out, "", "{text}");
    }
}

#[test]
fn what_is_no_text_is_told_where_it_is_none() {
    let utf16 = "agents:\n".encode_utf16().flat_map(u16::to_le_bytes);
    for (bytes, place) in [
        (b"agents:\n  caf\xE9:\n".to_vec(), "2:6"),
        (utf16.collect(), "1:2"),
        (b"\0\x01\x02".to_vec(), "1:1"),
    ] {
        let path = file("no-text.yaml", bytes);
        let ran = agents(&["start"], &path);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        let words = "this is not UTF-8 text\nhint: save the file as UTF-8";
        assert_eq!(
            ran.err,
            format!("error: {}:{place}: {words}\n", path.display())
        );
    }
}

#[test]
fn lines_may_end_as_on_windows_and_the_file_begin_with_a_mark() {
    for (name, text) in [
        ("crlf.yaml", "agents:\r\n  shop:\r\n    clones: 2\r\n"),
        ("bom.yaml", "\u{FEFF}agents:\n  shop:\n    clones: 2\n"),
    ] {
        let ran = check(name, text);
        assert_eq!(ran.code, Some(0), "{name}: {ran:?}");
        assert!(ran.out.ends_with("2 agents: 2 Shop\n"), "{ran:?}");
        let ran = check(name, text.replace("clones", "clone"));
        assert!(ran.err.contains(":3:5: unknown key `clone`"), "{ran:?}");
    }
}

#[test]
fn files_that_are_too_large_or_too_deep_are_refused() {
    let path = file("huge.yaml", "agents:\n");
    let huge = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    huge.set_len(65 << 20).unwrap();
    let ran = agents(&["start"], &path);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let words = "more than 64 MiB: this is not a deployment file";
    assert_eq!(ran.err, format!("error: {}: {words}\n", path.display()));

    for depth in [100, 100_000] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let text = format!("agents:\n  shop:\n    params:\n      label: {open}{close}\n");
        let ran = check("deep.yaml", text);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        let words = " too large or too complex for a deployment file\n";
        assert!(ran.err.ends_with(words), "{}", ran.err);
    }
}

#[test]
fn anchors_and_merges_mean_what_they_mean_in_yaml() {
    let ran = check(
        "anchors.yaml",
        "
agents:
  first: &shop
    agent: Shop
    clones: &few 2
    params: {stock: 1}
  second:
    <<: *shop
    clones: *few
  third:
    <<: [{clones: 3}, *shop]
",
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.ends_with("7 agents: 7 Shop\n"), "{ran:?}");
}

/// One of PEAK's own files, but that its agents are written in Rust.
#[test]
fn peaks_own_files_run() {
    let ran = start(
        "peak.yaml",
        "
defaults:
  domain: localhost
  resource: test
  log_level: info
  log_folder: logs
  log_file_mode: w
  clones: 1
  port: 5222
  ssl: true
  verify_security: false
  debug_mode: false
agents:
  harry:
    file: receiver.rs
    params:
      messages: 3
  john:
    file: sender.rs
    clones: 3
",
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let says = "INFO  harry@localhost/test  it says: Hello World";
    let lines = log(&ran);
    assert_eq!(
        lines.iter().filter(|line| **line == says).count(),
        3,
        "{ran:?}"
    );
    let last = lines.last().unwrap();
    assert!(
        last.starts_with("INFO  4 agents ended, 3 messages, "),
        "{ran:?}"
    );
}

#[test]
fn a_file_is_found_however_it_is_named() {
    let source = peak_tests::workspace().join("tests/mas_agents/market.rs");
    for named in [
        "market.rs",
        "./market.rs",
        "mas_agents/market.rs",
        r"mas_agents\market.rs",
        source.to_str().unwrap(),
    ] {
        let text = format!("agents: {{a: {{file: '{named}', agent: shop}}}}\n");
        let ran = check("named.yaml", text);
        assert_eq!(ran.code, Some(0), "{named}: {ran:?}");
        assert!(ran.out.ends_with("1 agent: 1 Shop\n"), "{named}: {ran:?}");
    }
    let text = "defaults: {file: readme.rs}\nagents: {a: {agent: Visitor}, b: {}}";
    let ran = check("two.yaml", text);
    assert_eq!(
        ran.code,
        Some(2),
        "two types, and none is named like the file: {ran:?}"
    );
    // A file that nobody has compiled.
    file("stray.rs", "");
    let ran = check("stray.yaml", "agents: {a: {file: stray.rs}}");
    assert!(
        ran.err
            .contains("hint: the file is there, but no struct with `#[agent]`"),
        "{ran:?}"
    );
}

#[test]
fn references_are_what_their_variables_hold() {
    let ran = start(
        "references.yaml",
        "
agents:
  shop:
    clones: ${PEAK_TEST_NUMBER}
    log_level: ${PEAK_TEST_UNSET:-info}
    xmpp: ${PEAK_TEST_TRUTH}
    params:
      stock: 1${PEAK_TEST_NUMBER:-}
      label: 'the $${shop} of ${PEAK_TEST_TEXT}'
",
    );
    // Other text around it: it stays text.
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let words = "`stock`: expected u32, found text with `${PEAK_TEST_NUMBER}` in it\n";
    assert!(ran.err.contains(words), "{ran:?}");
    let ran = start(
        "references.yaml",
        "
agents:
  shop:
    clones: ${PEAK_TEST_NUMBER}
    log_level: ${PEAK_TEST_UNSET:-info}
    xmpp: ${PEAK_TEST_TRUTH}
    params:
      stock: ${PEAK_TEST_UNSET:-1}${PEAK_TEST_NUMBER}
      label: 'the $${shop} of ${PEAK_TEST_TEXT}'
      days: [true, '${PEAK_TEST_TRUTH}']
      prices: {tea: '${PEAK_TEST_NUMBER}'}
",
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for number in 0..3 {
        let line = format!("INFO  shop{number}@localhost/main  the ${{shop}} of {SECRET} has 13");
        assert!(log(&ran).contains(&line.as_str()), "{line} in {}", ran.err);
    }
}

/// Wherever a reference stands, and whatever is wrong with it.
#[test]
fn no_error_shows_what_a_variable_holds() {
    for value in [
        "agents: {shop: {KEY: '${PEAK_TEST_TEXT}'}}",
        "agents: {shop: {KEY: 'a ${PEAK_TEST_TEXT}'}}",
        "agents: {shop: {KEY: ['${PEAK_TEST_TEXT}']}}",
        "agents: {shop: {KEY: {stock: '${PEAK_TEST_TEXT}', patience: '${PEAK_TEST_TEXT}'}}}",
        "agents: {shop: {xmpp: {KEY: '${PEAK_TEST_TEXT}'}}}",
        "agents: {shop: {xmpp: {KEY: '/${PEAK_TEST_TEXT}'}}}",
        "agents: {shop: '${PEAK_TEST_TEXT}'}",
        "{agents: '${PEAK_TEST_TEXT}'}",
    ] {
        let mut refused = 0;
        for key in [
            "agent",
            "file",
            "params",
            "clones",
            "after",
            "domain",
            "resource",
            "log_level",
            "xmpp",
            "log_folder",
            "log_file_mode",
            "debug_mode",
            "port",
            "ssl",
            "verify_security",
            "server",
            "direct_tls",
            "ca",
            "insecure",
            "register",
            "password_file",
            "password_env",
            "jid_password",
            "credentials",
            "component",
            "secret_file",
            "secret_env",
            "route",
            "offline_queue",
            "password",
            "secret",
            "restart",
            "colour",
        ] {
            let text = value.replace("KEY", key);
            let ran = check("secret.yaml", &text);
            assert!(!ran.err.contains(SECRET), "{text}: {}", ran.err);
            refused += usize::from(ran.code == Some(2));
        }
        assert!(refused > 20, "{value}");
    }
}

#[test]
fn whoever_waits_for_nobody_starts_at_once_and_others_in_order() {
    let text = "
agents:
  b: {agent: Shop, after: [c]}
  c: {agent: Shop, params: {opens: 1s}}
  d: {agent: Shop, after: []}
  e: {agent: Shop}
  f: {agent: Shop, after: d, clones: 3}
";
    let ran = start("after.yaml", text);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lines = log(&ran);
    let place = |name: &str| {
        let line = format!("INFO  {name}@localhost/main  is ready");
        let place = lines.iter().position(|other| *other == line);
        place.unwrap_or_else(|| panic!("{line} in {}", ran.err))
    };
    for (first, then) in [
        ("c", "b"),
        ("d", "c"),
        ("d", "f0"),
        ("f0", "f1"),
        ("f2", "c"),
        ("b", "e"),
    ] {
        assert!(
            place(first) < place(then),
            "{first} before {then}: {}",
            ran.err
        );
    }
}

#[test]
fn a_run_tells_who_came_up_and_what_they_did() {
    let text = "
agents:
  harry:
    file: receiver.rs
    params: {messages: 42}
  john:
    file: sender.rs
    clones: 40
  kim:
    file: sender.rs
    params: {messages: 2, fails: true}
";
    let path = file("told.yaml", text);
    let ran = agents(&["start"], &path);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let lines = log(&ran);
    for line in [
        "INFO  harry@localhost/main  is ready",
        "INFO  40 agents of `john` are ready",
        "INFO  kim@localhost/main  is ready",
    ] {
        assert!(lines.contains(&line), "{line} in {}", ran.err);
    }
    assert!(
        !ran.err.contains("john1@localhost/main  is ready"),
        "{ran:?}"
    );
    let table = lines
        .iter()
        .position(|line| line.starts_with("name "))
        .unwrap();
    let table: Vec<String> = lines[table..]
        .iter()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(table[0], "name type agents in out errors time");
    for (row, start) in table[1..4].iter().zip([
        "harry Receiver 1 42 0 0 ",
        "john Sender 40 0 40 0 ",
        "kim Sender 1 0 2 1 ",
    ]) {
        assert!(row.starts_with(start) && row.ends_with(" s"), "{row}");
    }
    assert!(
        table[4].starts_with("INFO 42 agents ended, 42 messages, "),
        "{table:?}"
    );
    assert_eq!(table.len(), 5);

    // Nobody has asked for it here.
    let quiet = agents(&["start", "-l", "off"], &path);
    assert_eq!(
        quiet.err,
        "error: kim@localhost/main: greet: no more messages\n"
    );
    let warned = agents(&["start", "-l", "warn"], &path);
    assert!(
        !warned.err.contains("is ready") && !warned.err.contains("name "),
        "{warned:?}"
    );
}

#[test]
fn a_table_of_hundreds_is_cut() {
    let mut text = "defaults: {agent: Buyer}\nagents:\n".to_owned();
    for number in 0..300 {
        text.push_str(&format!("  buyer-{number}:\n"));
    }
    let ran = start("hundreds.yaml", &text);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lines = log(&ran);
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.ends_with("is ready"))
            .count(),
        300
    );
    assert_eq!(lines[lines.len() - 2], "and 260 more lines");
    let rows = lines.iter().filter(|line| line.starts_with("buyer-"));
    assert_eq!(rows.count(), 40);
}

#[test]
fn run_has_no_table() {
    let ran = agents(&["run", "Buyer", "-j"], &PathBuf::from("bo@localhost"));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(log(&ran).len(), 1, "{ran:?}");
}
