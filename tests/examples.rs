//! The examples that run for a while: what they say, and that their sums are right. And all of them on
//! XMPP servers, where they are to do the same.
//!
//! `hello` and `sender_receiver` inside the process are in the tests of the command line.

use std::collections::HashMap;
use std::path::PathBuf;

use peak_tests::{Ran, end, example, run, start_in};

/// Runs the market of a deployment file that has these values in it.
struct Market {
    sellers: &'static str,
    rounds: &'static str,
    households: usize,
    output: u32,
    asks: u32,
    /// What else is said of all agents.
    more: &'static str,
}

impl Default for Market {
    fn default() -> Self {
        Self {
            sellers: "4",
            rounds: "8",
            households: 40,
            output: 800,
            asks: 3,
            more: "",
        }
    }
}

impl Market {
    /// `name`: of the file; each test has its own.
    fn run(&self, name: &str, args: &[&str]) -> Ran {
        let path = self.file(name);
        run(
            example("market"),
            &[&["start", path.as_str()], args].concat(),
        )
    }

    fn file(&self, name: &str) -> String {
        let Self {
            sellers,
            rounds,
            households,
            output,
            asks,
            more,
        } = self;
        let clones = sellers.parse().unwrap_or(4);
        let text = format!(
            "defaults: {{params: {{households: 40, sellers: {sellers}}}{more}}}
agents:
  seller: {{agent: Seller, clones: {clones}, params: {{output: {output}, storage: 2000}}}}
  household: {{agent: Household, clones: {households}, params: {{asks: {asks}}}}}
  clock: {{agent: Clock, params: {{rounds: {rounds}}}}}
"
        );
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// The table: each line's name, and its number in the smallest unit.
fn table(ran: &Ran) -> HashMap<String, u64> {
    let numbers = ran.out.lines().skip(1).filter_map(|line| {
        let (name, rest) = line.split_at_checked(16)?;
        let number = rest.split_whitespace().next()?;
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        Some((name.trim().to_owned(), digits.parse().ok()?))
    });
    numbers.collect()
}

#[test]
fn thermostat_shows_what_it_can() {
    let program = example("thermostat");
    let args = ["start", "examples/thermostat/mas.yaml", "--seed", "7"];
    shows_what_it_can(&run(program, &args));
}

/// Its deployment file is part of it, wherever it is started.
#[test]
fn thermostat_needs_no_file() {
    let program = example("thermostat");
    let nowhere = tempfile::tempdir().expect("there is room");
    let run = |args: &[&str]| end(start_in(nowhere.path(), &program, args));
    let check = run(&["start", "--check"]);
    let summary =
        "thermostat/mas.yaml: 5 agents: 1 Controller, 1 Logger, 1 Sensor, 1 Thermostat, 1 Vendor\n";
    assert_eq!(
        (check.code, check.out.as_str()),
        (Some(0), summary),
        "{check:?}"
    );
    shows_what_it_can(&run(&[]));
    // Another one takes its place.
    let other = run(&["start", "other.yaml"]);
    assert_eq!(other.code, Some(2), "{other:?}");
    assert!(
        other.err.contains("other.yaml: there is no such file"),
        "{other:?}"
    );
}

#[test]
fn a_state_machine_walks_through_its_states() {
    walks_through_its_states(&run(example("state_machine"), &["run"]));
    let drawn = run(example("state_machine"), &["diagram", "walker"]);
    assert_eq!(drawn.code, Some(0), "{drawn:?}");
    assert_eq!(
        drawn.out,
        "---\ntitle: walk\n---\nstateDiagram-v2\n    [*] --> One\n    One --> Two: send\n    \
         Two --> Three: pass\n    Three --> [*]: performative = #quot;inform#quot;\n    \
         Three --> [*]: after 10s\n"
    );
    let dot = run(example("state_machine"), &["diagram", "--format", "dot"]);
    assert!(dot.out.starts_with("digraph \"walk\" {\n"), "{dot:?}");
    let without = run(example("hello"), &["diagram"]);
    assert_eq!(without.code, Some(2), "{without:?}");
    assert!(
        without
            .err
            .starts_with("error: Hello has no state machine\nhint: "),
        "{without:?}"
    );
    let unknown = run(example("state_machine"), &["diagram", "Waker"]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(
        unknown.err.contains("did you mean `Walker`?"),
        "{unknown:?}"
    );
}

#[test]
fn books_go_where_they_are_wanted_at_the_best_price() {
    let file = "examples/book_trading/mas.yaml";
    books_are_traded(&run(example("book_trading"), &["start", file]));
}

#[test]
fn what_a_sensor_measures_is_told_to_whoever_listens() {
    let file = "examples/sensor/mas.yaml";
    readings_are_published(&run(example("sensor"), &["start", file]));
}

fn readings_are_published(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    // What the platform says of them is not what they say.
    let is_theirs = |line: &&str| !["is ready", "the account was made"].contains(line);
    let says = |who: &str| {
        let begin = format!("{who}@localhost/main  ");
        let lines = ran.err.lines();
        let said = lines.filter_map(|line| Some(line.split_once(&begin)?.1));
        said.filter(is_theirs)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let readings = (0..=8).map(|step| format!("{:.1} degrees", 20.0 + 0.5 * f64::from(step)));
    let readings: Vec<String> = readings.collect();
    let (hall, door) = (says("hall"), says("door"));
    let (end, shown) = hall.split_last().expect("it says something");
    assert_eq!(
        (end.as_str(), shown),
        ("it ends: the battery is empty", &readings[..]),
        "{ran:?}"
    );
    let (end, shown) = door.split_last().expect("it says something");
    assert_eq!(
        (end.as_str(), shown),
        ("that is enough", &readings[..3]),
        "{ran:?}"
    );
    assert_eq!(says("attic"), ["no: I am in the kitchen"], "{ran:?}");
    for words in [
        "hall@localhost listens",
        "door@localhost does not listen any more: cancelled by the subscriber",
    ] {
        assert!(
            says("sensor").iter().any(|line| line == words),
            "{words} in {}",
            ran.err
        );
    }
    assert!(ran.err.contains("4 agents ended, "), "{ran:?}");
}

fn books_are_traded(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for words in [
        "south@localhost/main  sold `The Rust Book` for 25\n",
        "ada@localhost/main  bought it from south@localhost for 25\n",
        "north@localhost/main  sold `The Rust Book` for 30\n",
        "bob@localhost/main  bought it from north@localhost for 30\n",
        "eve@localhost/main  nobody sells it at that price\n",
        "5 agents ended, ",
    ] {
        assert!(ran.err.contains(words), "{words} in {}", ran.err);
    }
}

#[test]
fn a_painting_goes_to_whom_it_is_worth_most() {
    let file = "examples/english_auction/mas.yaml";
    for seed in ["7", "8"] {
        let args = ["start", file, "--seed", seed];
        sells_a_painting(&run(example("english_auction"), &args));
    }
}

/// The auctioneer itself checks that it was worth no more to anybody else: if it was, the run has failed.
fn sells_a_painting(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let after = |words: &str| {
        let place = ran.err.rfind(words);
        let place = place.unwrap_or_else(|| panic!("no {words} in {}", ran.err));
        let rest = &ran.err[place + words.len()..];
        let end = rest.find([',', '\n', ' ']).unwrap_or(rest.len());
        rest[..end].to_owned()
    };
    let winner = after("auctioneer@localhost/main  sold to ");
    let price = after(&format!("sold to {winner} for "));
    for words in [
        format!("{winner}/main  leads with {price}\n").as_str(),
        &format!("{winner}/main  pays {price} for a painting\n"),
        "auctioneer@localhost/main  to the others it was worth ",
        "101 agents ended, ",
    ] {
        assert!(ran.err.contains(words), "{words} in {}", ran.err);
    }
}

fn walks_through_its_states(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let says: Vec<&str> = ran
        .err
        .lines()
        .filter_map(|line| line.split_once("in state "))
        .map(|(_, rest)| rest)
        .collect();
    assert_eq!(
        says,
        ["one", "two", "three: hello from state one"],
        "{ran:?}"
    );
    assert!(ran.err.contains("1 agent ended, 1 message, "), "{ran:?}");
}

fn shows_what_it_can(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for words in [
        "thermostat@localhost/main: in the attic, target 21 °C",
        "heat up to 20 °C is rejected: 21 °C are wanted",
        "sold heat up to 21 °C",
        "35 °C are refused: the target is from 5 to 30 °C",
        "the target is 22.5 °C",
        "it takes ",
        "thermostat@localhost/main: {\"celsius\":",
        " of them heartbeats",
        "the attic was measured ",
        "5 agents ended, ",
    ] {
        assert!(ran.err.contains(words), "{words} in {}", ran.err);
    }
}

#[test]
fn logging_writes_a_file_for_each_agent() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["start", "examples/logging/mas.yaml", "--log-folder"];
    let ran = run(
        example("logging"),
        &[&args[..], &[folder.path().to_str().unwrap()]].concat(),
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let pump = read("pump@localhost_main.log");
    for words in [
        "TRACE pump@localhost/main  looking at the tank litres=20\n",
        "DEBUG pump@localhost/main  10 more litres=30 tank=30\n",
        "INFO  pump@localhost/main  the pump rests\n",
        "WARN  pump@localhost/main  the tank is full\n",
        "ERROR pump@localhost/main  the floor is wet litres=10\n",
        "what is sent body=\"the floor is wet\"\n",
    ] {
        assert!(pump.contains(words), "{words} in {pump}");
        assert!(ran.err.contains(words), "{words} in {}", ran.err);
    }
    let caretaker = read("caretaker@localhost_main.log");
    assert!(caretaker.contains("INFO  caretaker@localhost/main  the floor is wet from=pump@"));
    assert!(!caretaker.contains("TRACE"), "{caretaker}");
    assert!(read("peak.log").contains("INFO  2 agents ended, 1 message"));
}

#[test]
fn data_come_from_files() {
    come_from_files(&run(
        example("data_provider"),
        &["start", "examples/data_provider/mas.yaml"],
    ));
}

fn come_from_files(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for words in [
        "board@localhost/main  06:00 0.4 kW: turn off what you do not need\n",
        "board@localhost/main  07:00 1.9 kW (kettle, toaster): the sun shines for everybody\n",
        "WARN  meter@localhost/main  examples/data_provider/load.csv:5: column `kw` is `off`: \
         expected a number\n",
        // The texts begin again.
        "board@localhost/main  10:00 0.5 kW: turn off what you do not need\n",
        "board@localhost/main  that was all: 6 readings\n",
        "2 agents ended, 7 messages, ",
    ] {
        assert!(ran.err.contains(words), "{words} in {}", ran.err);
    }
}

/// Paths are relative to the deployment file, or to the current folder; what is wrong is told before
/// anything starts.
#[test]
fn files_are_checked_before_anything_starts() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("data");
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("load.csv", "time,kW,note\n06:00,1,\n");
    write("texts.txt", "\n");
    write(
        "mas.yaml",
        "agents:
  meter:
    params: {load: laod.csv, to: board@localhost}
  other:
    agent: Meter
    params: {load: load.csv, to: board@localhost}
  third:
    agent: Meter
    params: {to: board@localhost}
  board:
    params: {texts: {file: texts.txt, loop: true}}
  again:
    agent: Board
    params: {texts: {file: texts.txt, lop: true}}
",
    );
    let file = folder.join("mas.yaml");
    let file = file.to_str().unwrap();
    let ran = run(example("data_provider"), &["start", "--check", file]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let told = ran.err.replace(&format!("{}/", folder.display()), "");
    assert_eq!(
        told,
        "error: mas.yaml:3:20: parameter of Meter: `load`: laod.csv: there is no such file: did \
         you mean `load.csv`?\n\
         error: mas.yaml:6:20: parameter of Meter: `load`: load.csv: there is no column `kw`: did \
         you mean `kW`?\n\
         error: mas.yaml:7:3: agent `third`: parameter `load` (Dataset<Reading>) is required: \
         What it measures.\n\
         hint: write `load: FILE` below `params:`\n\
         error: mas.yaml:11:21: parameter of Board: `texts`: texts.txt: it has no rows, and a loop \
         needs one\n\
         error: mas.yaml:14:21: parameter of Board: `texts`: a dataset has no key `lop`: did you \
         mean `loop`?\n"
    );

    let ran = run(
        example("data_provider"),
        &["run", "Board", "--param", "texts={\"file\": \"texts.txt\"}"],
    );
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert_eq!(
        ran.err,
        "error: parameter of Board: `texts`: texts.txt: there is no such file\n"
    );
}

/// Each clone reads the file from its first row.
#[test]
fn clones_read_a_file_each_for_itself() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("clones");
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("load.csv", "time,kw\n06:00,1\n07:00,2\n");
    write("texts.txt", "a\nb\n");
    write(
        "mas.yaml",
        "agents:
  board: {clones: 2, params: {texts: texts.txt}}
  meter0: {agent: Meter, params: {load: load.csv, to: board0@localhost}}
  meter1: {agent: Meter, params: {load: load.csv, to: board1@localhost}}
",
    );
    let file = folder.join("mas.yaml");
    let ran = run(example("data_provider"), &["start", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for words in [
        "board0@localhost/main  06:00 1 kW: a\n",
        "board0@localhost/main  07:00 2 kW: b\n",
        "board1@localhost/main  06:00 1 kW: a\n",
        "board1@localhost/main  07:00 2 kW: b\n",
    ] {
        assert!(ran.err.contains(words), "{words} in {}", ran.err);
    }
}

#[test]
fn the_market_adds_up() {
    adds_up(&Market::default().run("market.yaml", &[]));
}

fn adds_up(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.out
            .starts_with("40 households, 4 sellers, 8 quarters of an hour\n"),
        "{ran:?}"
    );
    assert!(
        ran.out.ends_with("paid = booked, used = sold + grid\n"),
        "{ran:?}"
    );
    let table = table(ran);
    assert!(table["used"] > 0);
    assert_eq!(
        table["used"],
        table["from sellers"] + table["from the grid"]
    );
    // Every round: each household asks, of three sellers, and has an answer.
    assert!(table["messages"] > 8 * 40 * 6, "{table:?}");
    // And what the clock says at the end: who heard that the market closes.
    let sent = format!("45 agents ended, {} messages", table["messages"] + 8 + 44);
    assert!(ran.err.contains(&sent), "{sent} in {}", ran.err);
    assert!(ran.err.contains("round 8 of 8: "), "{ran:?}");
}

#[test]
fn what_sellers_lack_comes_from_the_grid() {
    let scarce = Market {
        output: 20,
        ..Market::default()
    };
    let table = table(&scarce.run("scarce.yaml", &[]));
    assert!(table["refusals"] > 0, "{table:?}");
    assert!(table["from the grid"] > table["from sellers"], "{table:?}");
    assert_eq!(
        table["used"],
        table["from sellers"] + table["from the grid"]
    );
}

#[test]
fn the_same_seed_gives_the_same_market() {
    let scarce = Market {
        output: 200,
        ..Market::default()
    };
    let tables = ["7", "7", "8"].map(|seed| {
        let name = format!("seed-{seed}.yaml");
        table(&scarce.run(&name, &["--seed", seed]))
    });
    assert!(tables[0]["refusals"] > 0, "{tables:?}");
    assert_eq!(tables[0], tables[1]);
    assert_ne!(tables[0], tables[2]);
}

#[test]
fn the_market_file_of_the_example_is_right() {
    let file = "examples/market/mas.yaml";
    let ran = run(example("market"), &["start", "--check", file]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(
        ran.out,
        format!("{file}: 1051 agents: 1 Clock, 1000 Household, 50 Seller\n")
    );
}

#[test]
fn a_market_that_makes_no_sense_is_refused() {
    // What is wrong with a value alone is told before anything starts, with its place.
    let never = Market {
        rounds: "0",
        ..Market::default()
    };
    let ran = never.run("never.yaml", &[]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let words = "never.yaml:5:42: parameter of Clock: `rounds`: invalid value: integer `0`, \
                 expected a nonzero u32";
    assert!(ran.err.contains(words), "{ran:?}");

    let nobody = Market {
        sellers: "none",
        ..Market::default()
    };
    let ran = nobody.run("nobody.yaml", &[]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let words = "`sellers`: invalid type: string \"none\", expected a nonzero u32";
    assert!(ran.err.contains(words), "{ran:?}");

    // What does not fit together, by the agent itself.
    let curious = Market {
        asks: 5,
        ..Market::default()
    };
    let ran = curious.run("curious.yaml", &[]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let words = "`asks` (5) is more than there are `sellers` (4)";
    assert!(ran.err.contains(words), "{ran:?}");
    assert_eq!(ran.out, "");
}

#[test]
fn a_household_too_few_or_too_many_is_an_error() {
    for (households, what) in [
        (39, "there is no household39@localhost"),
        (41, "there is a household40@localhost"),
    ] {
        let market = Market {
            households,
            ..Market::default()
        };
        let ran = market.run(&format!("{households}.yaml"), &[]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        let words =
            format!("{what}: `households` is 40, and so must be the `clones` of `household`");
        assert!(ran.err.contains(&words), "{ran:?}");
        let ended = format!("{} agents ended", households + 5);
        assert!(ran.err.contains(&ended), "{ran:?}");
        assert_eq!(ran.out, "");
    }
}

/// What goes wrong while it runs ends the market for all, and is the exit code.
#[test]
fn a_market_that_fails_stops() {
    let text = "defaults: {params: {households: 1, sellers: 1}}
agents:
  seller: {agent: Seller, params: {clock: nobody@localhost}}
  household: {agent: Household, params: {asks: 1}}
  clock: {agent: Clock}
";
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("nobody-hears.yaml");
    std::fs::write(&path, text).unwrap();
    let ran = run(example("market"), &["start", path.to_str().unwrap()]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for words in [
        "error: seller@localhost/main: take_order: no agent has the address `nobody@localhost`",
        "error: clock@localhost/main: run: household@localhost/main cannot go on: ",
        "3 agents ended",
    ] {
        assert!(ran.err.contains(words), "{words} in {ran:?}");
    }
    assert_eq!(ran.out, "");
}

/// The examples on XMPP servers: not a line of them is another one.
#[cfg(unix)]
mod xmpp {
    use super::*;
    use peak_tests::servers::Server;

    /// Each test on Prosody and on ejabberd.
    macro_rules! on_both_servers {
        ($($name:ident)*) => {$(
            mod $name {
                use super::Server;

                #[test]
                #[ignore = "needs Prosody"]
                fn prosody() {
                    super::$name(&Server::prosody().start());
                }

                #[test]
                #[ignore = "needs ejabberd"]
                fn ejabberd() {
                    super::$name(&Server::ejabberd().start());
                }
            }
        )*};
    }

    on_both_servers! {
        hello_says_hello
        harry_hears_john
        the_thermostat_shows_what_it_can
        a_state_machine_walks_through_its_states
        books_are_traded_over_a_server
        readings_are_published_over_a_server
        a_painting_is_sold_over_a_server
        the_market_adds_up_over_a_server
        readings_come_over_a_server
    }

    /// Runs an example on a server: with accounts of its own, whose passwords are in the server's folder.
    fn on(server: &Server, name: &str, args: &[&str]) -> Ran {
        let place = format!("localhost:{}", server.port());
        let path = |path: &std::path::Path| path.to_str().expect("it is ASCII").to_owned();
        let (ca, credentials) = (
            path(server.ca()),
            path(&server.folder().join("credentials")),
        );
        let reach = ["--xmpp", &place, "--ca", &ca, "--credentials", &credentials];
        run(example(name), &[args, &reach].concat())
    }

    fn hello_says_hello(server: &Server) {
        let ran = on(server, "hello", &["run"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(
            ran.err.contains("hello@localhost/main  Hello World\n"),
            "{ran:?}"
        );
        assert!(ran.err.contains("1 agent ended, 0 messages, "), "{ran:?}");
    }

    fn harry_hears_john(server: &Server) {
        let file = "examples/sender_receiver/mas.yaml";
        // The second time with the accounts of the first.
        for _ in 0..2 {
            let ran = on(server, "sender_receiver", &["start", file]);
            assert_eq!(ran.code, Some(0), "{ran:?}");
            let words = "harry@localhost/main  john@localhost/main says: Hello World\n";
            assert!(ran.err.contains(words), "{ran:?}");
            assert!(ran.err.contains("2 agents ended, 1 message, "), "{ran:?}");
        }
    }

    fn the_thermostat_shows_what_it_can(server: &Server) {
        let file = "examples/thermostat/mas.yaml";
        let ran = on(server, "thermostat", &["start", file, "--seed", "7"]);
        super::shows_what_it_can(&ran);
    }

    fn a_state_machine_walks_through_its_states(server: &Server) {
        super::walks_through_its_states(&on(server, "state_machine", &["run"]));
    }

    fn books_are_traded_over_a_server(server: &Server) {
        let file = "examples/book_trading/mas.yaml";
        super::books_are_traded(&on(server, "book_trading", &["start", file]));
    }

    fn readings_are_published_over_a_server(server: &Server) {
        let file = "examples/sensor/mas.yaml";
        super::readings_are_published(&on(server, "sensor", &["start", file]));
    }

    fn a_painting_is_sold_over_a_server(server: &Server) {
        let file = "examples/english_auction/mas.yaml";
        let args = ["start", file, "--seed", "7"];
        super::sells_a_painting(&on(server, "english_auction", &args));
    }

    fn readings_come_over_a_server(server: &Server) {
        let file = "examples/data_provider/mas.yaml";
        super::come_from_files(&on(server, "data_provider", &["start", file]));
    }

    fn the_market_adds_up_over_a_server(server: &Server) {
        // Every message goes over it.
        let market = Market {
            more: ", xmpp: {route: server}",
            ..Market::default()
        };
        let file = market.file(&format!("market-{}.yaml", server.port()));
        super::adds_up(&on(server, "market", &["start", &file]));
    }
}
