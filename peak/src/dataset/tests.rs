//! Whole files, good and bad.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate as peak;
use crate::agent::{About, AgentStruct as _, Param as _, ParamValues, Params};

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Reading {
    hour: u8,
    kw: f64,
    note: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Light {
    Red,
    Green,
}

fn reading(hour: u8, kw: f64, note: Option<&str>) -> Reading {
    Reading {
        hour,
        kw,
        note: note.map(str::to_owned),
    }
}

/// A folder with this file in it.
fn file(name: &str, bytes: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// All rows; what is wrong, without the folder.
fn rows<T: DeserializeOwned + 'static>(
    name: &str,
    bytes: impl AsRef<[u8]>,
) -> Vec<Result<T, String>> {
    let (folder, path) = file(name, bytes);
    let without = |error: DatasetError| without(folder.path(), &error.to_string());
    match Dataset::open(path) {
        Ok(rows) => rows.map(|row| row.map_err(without)).collect(),
        Err(error) => vec![Err(without(error))],
    }
}

fn without(folder: &Path, error: &str) -> String {
    error.replace(&format!("{}/", folder.display()), "")
}

fn all<T: DeserializeOwned + 'static>(name: &str, bytes: impl AsRef<[u8]>) -> Vec<T> {
    let rows: Result<_, _> = rows(name, bytes).into_iter().collect();
    rows.unwrap()
}

/// What the last row says is wrong.
fn wrong<T: DeserializeOwned + 'static + fmt::Debug>(
    name: &str,
    bytes: impl AsRef<[u8]>,
) -> String {
    rows::<T>(name, bytes).pop().unwrap().unwrap_err()
}

#[test]
fn cells_go_where_their_columns_say() {
    let expected = [
        reading(1, 0.5, Some("a, \"b\"\nc")),
        reading(2, 1e3, None),
        reading(3, -2.0, Some(" x ")),
    ];
    let csv =
        "\u{feff}kw, hour ,more,note\r\n0.5,1,,\"a, \"\"b\"\"\nc\"\r\n\n1e3, 2,x,\r\n-2,3,, x ";
    assert_eq!(all::<Reading>("a.csv", csv), expected);
    let tsv = "note\thour\tkw\n\"a, \"\"b\"\"\nc\"\t1\t0.5\n\t2\t1000\n x \t3\t-2\n";
    assert_eq!(all::<Reading>("a.TSV", tsv), expected);
}

#[test]
fn a_row_may_be_a_tuple_or_a_plain_value() {
    let cells = "when,what\n1,red\n2,green\n";
    let expected = [(1, Light::Red), (2, Light::Green)];
    assert_eq!(all::<(u8, Light)>("a.csv", cells), expected);
    assert_eq!(all::<f64>("a.csv", "kw\n1\n2.5\n"), [1.0, 2.5]);
    assert_eq!(
        all::<String>("a.txt", "\u{feff}one\r\n\n two \n"),
        ["one", " two "]
    );
    assert_eq!(all::<bool>("a.txt", "true\nFALSE"), [true, false]);
    let map: Vec<std::collections::BTreeMap<String, f64>> = all("a.csv", "x,y\n1,2\n");
    assert_eq!(map[0]["y"], 2.0);
    let value: Vec<serde_json::Value> = all("a.csv", "x,y,z\n1,true,a\n");
    assert_eq!(value, [json!({"x": 1, "y": true, "z": "a"})]);
}

#[test]
fn lines_of_json_are_values() {
    let lines = "{\"hour\": 1, \"kw\": 0.5, \"note\": \"x\"}\n\n{\"kw\":2,\"hour\":2}";
    let expected = [reading(1, 0.5, Some("x")), reading(2, 2.0, None)];
    assert_eq!(all::<Reading>("a.jsonl", lines), expected);
    assert_eq!(
        all::<Vec<u8>>("a.ndjson", "[1,2]\n[]\n"),
        [vec![1, 2], vec![]]
    );
}

#[test]
fn a_bad_row_is_named_and_the_next_one_is_read() {
    let csv = "hour,kw,note\n1,1,\n\n\n2,high,\n3,3,\n999,4,\n5,5\n6,\"6\n\",\n7,,\n8,8,\n";
    let rows = rows::<Reading>("a.csv", csv);
    let expected = [
        Ok(reading(1, 1.0, None)),
        Err("a.csv:5: column `kw` is `high`: expected a number".to_owned()),
        Ok(reading(3, 3.0, None)),
        Err("a.csv:7: column `hour` is `999`: expected a whole number from 0 to 255".to_owned()),
        Err("a.csv:8: 2 cells in this row, and there are 3 columns".to_owned()),
        Ok(reading(6, 6.0, None)),
        Err("a.csv:11: column `kw` is ``: expected a number".to_owned()),
        Ok(reading(8, 8.0, None)),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn lines_are_counted_with_both_ends() {
    let csv = "kw\r\n1\r\n\r\n2\r\nx\r\n";
    assert_eq!(
        wrong::<f64>("a.csv", csv),
        "a.csv:5: column `kw` is `x`: expected a number"
    );
    assert_eq!(
        wrong::<f64>("a.txt", "1\r\n\r\nx"),
        "a.txt:3: `x`: expected a number"
    );
}

#[test]
fn what_is_wrong_says_where_and_what_to_do() {
    for (found, expected) in [
        (
            wrong::<Reading>("a.csv", "hour,kW\n1,1\n"),
            "a.csv: there is no column `kw`: did you mean `kW`?",
        ),
        (
            // No row says so.
            wrong::<Reading>("a.csv", "power,energy\n"),
            "a.csv: there is no column `hour`; it has `power` and `energy`",
        ),
        (
            wrong::<Reading>("a.csv", "hour,kw,kw\n1,1,1\n"),
            "a.csv: there are two columns `kw`",
        ),
        (
            wrong::<Light>("a.csv", "light\nred\nblue\n"),
            "a.csv:3: column `light` is `blue`: unknown variant `blue`, expected `red` or `green`",
        ),
        (
            wrong::<f64>("a.csv", "a,b\n1,2\n"),
            "a.csv:2: there are 2 columns, and the program wants one plain value: its type must be \
             a struct or a tuple",
        ),
        (
            wrong::<(f64, f64, f64)>("a.csv", "a,b\n1,2\n"),
            "a.csv:2: there are 2 values, and the program wants 3",
        ),
        (
            wrong::<(f64, Vec<f64>)>("a.csv", "a,b\n1,2\n"),
            "a.csv:2: column `b` is `2`: a cell is one value, and the program wants several",
        ),
        (
            wrong::<String>("a.csv", ""),
            "a.csv: it is empty: its first line names the columns",
        ),
        (
            wrong::<String>("a.csv", b"name\nJos\xe9\n"),
            "a.csv:2: column `name` is `Jos\u{fffd}`: this is not UTF-8 text: save the file as UTF-8",
        ),
        (
            wrong::<String>("a.txt", b"ok\nJos\xe9\n"),
            "a.txt:2: `Jos\u{fffd}`: this is not UTF-8 text: save the file as UTF-8",
        ),
        (
            wrong::<Reading>("a.txt", "x\n"),
            "a.txt:1: `x`: a line of this file is one plain value, and the program wants a struct: \
             write a `.csv` or `.jsonl` file",
        ),
        (
            wrong::<Reading>("a.jsonl", "{\"hour\":1,\"kW\":1}"),
            "a.jsonl:1: `{\"hour\":1,\"kW\":1}`: there is no key `kw`: did you mean `kW`?",
        ),
        (
            wrong::<u8>("a.jsonl", "1\n\"ü\"]\n"),
            "a.jsonl:2: `\"ü\"]`: invalid type: string \"ü\", expected u8, at character 3",
        ),
        (
            wrong::<u8>("a.dat", "1"),
            "a.dat: what is in it? its name must end in `.csv`, `.tsv`, `.txt`, `.jsonl` or \
             `.ndjson`",
        ),
    ] {
        assert_eq!(found, expected);
    }
}

#[test]
fn a_long_or_strange_value_is_shown_in_part() {
    let line = format!("{}\u{1b}{}\n", "a".repeat(10), "b".repeat(1000));
    let error = wrong::<f64>("a.txt", line);
    let shown = format!("{} {}…", "a".repeat(10), "b".repeat(49));
    assert_eq!(error, format!("a.txt:1: `{shown}`: expected a number"));
}

#[test]
fn an_error_can_be_looked_at() {
    let (_folder, path) = file("a.csv", "kw\n1\nx\n2\n");
    let mut rows = Dataset::<f64>::open(&path).unwrap();
    assert_eq!(rows.next(), Some(Ok(1.0)));
    let error = rows.next().unwrap().unwrap_err();
    assert_eq!(error.path(), path);
    assert_eq!(error.line(), Some(3));
    assert_eq!(error.column(), Some("kw"));
    assert_eq!(error.value(), Some("x"));
    assert!(!error.is_final());
    assert_eq!(rows.next(), Some(Ok(2.0)));
    assert_eq!(rows.next(), None);
    assert_eq!(rows.next(), None);
}

#[test]
fn a_loop_goes_on_with_what_the_file_is_then() {
    let (_folder, path) = file("a.csv", "kw\n1\n2\n");
    let mut rows = Dataset::<f64>::looping(&path).unwrap();
    let mut take = |count| -> Vec<_> { rows.by_ref().take(count).map(Result::unwrap).collect() };
    assert_eq!(take(4), [1.0, 2.0, 1.0, 2.0]);
    fs::write(&path, "what,kw\nx,30\n").unwrap();
    // A plain value is wanted, and there are two now.
    let error = rows.next().unwrap().unwrap_err();
    assert!(error.is_final(), "{error}");
    assert_eq!(rows.next(), None);
}

#[test]
fn a_loop_needs_a_row() {
    for (name, text) in [("a.csv", "kw\n"), ("a.txt", "\n\n"), ("a.jsonl", "")] {
        let (_folder, path) = file(name, text);
        let error = Dataset::<f64>::looping(&path).unwrap_err().to_string();
        assert!(
            error.ends_with(": it has no rows, and a loop needs one"),
            "{error}"
        );
        assert_eq!(Dataset::<f64>::open(&path).unwrap().next(), None);
    }
}

/// Far more than is read at once, and each of many readers begins at the start.
#[test]
fn a_large_file_is_read_in_pieces() {
    let lines: String = (0..50_000).map(|number| format!("{number},x\n")).collect();
    let (_folder, path) = file("a.csv", format!("number,x\n{lines}"));
    let open = || Dataset::<(u32, char)>::open(&path).unwrap();
    let mut many: Vec<_> = (0..2000).map(|_| open()).collect();
    for (start, rows) in many.iter_mut().enumerate() {
        for number in 0..start % 7 {
            assert_eq!(rows.next(), Some(Ok((number as u32, 'x'))));
        }
    }
    let numbers = open().map(|row| row.unwrap().0);
    assert!(numbers.eq(0..50_000));
}

#[test]
fn a_file_that_changes_on_the_way_is_told_of() {
    for (name, header) in [("a.csv", "number\n"), ("a.txt", "")] {
        let lines = format!("{header}{}", "1\n".repeat(20_000));
        let (_folder, path) = file(name, &lines);
        let mut rows = Dataset::<u8>::open(&path).unwrap();
        assert_eq!(rows.next(), Some(Ok(1)));
        fs::write(&path, &lines[..lines.len() - 2]).unwrap();
        let error = rows.find_map(Result::err).unwrap();
        assert!(
            error
                .to_string()
                .ends_with(": it was changed while it was being read")
        );
        assert!(error.is_final());
        assert_eq!(rows.next(), None);
    }
}

#[test]
fn a_row_has_a_longest_length() {
    let text = format!("text\na\n\"{}", "x\n".repeat(9 * 1024 * 1024));
    let (_folder, path) = file("a.csv", text);
    let rows: Vec<_> = Dataset::<String>::open(path).unwrap().collect();
    assert_eq!(rows[0], Ok("a".to_owned()));
    let error = rows[1].as_ref().unwrap_err().to_string();
    assert!(
        error.ends_with("a row is longer than 16 MiB: is a quote not closed?"),
        "{error}"
    );
    assert_eq!(rows.len(), 2);
}

#[test]
fn only_files_are_read() {
    let (folder, path) = file("load.csv", "kw\n1\n");
    let of = |path: PathBuf| {
        without(
            folder.path(),
            &Dataset::<f64>::open(path).unwrap_err().to_string(),
        )
    };
    let beside = |name| path.with_file_name(name);
    assert_eq!(
        of(beside("laod.csv")),
        "laod.csv: there is no such file: did you mean `load.csv`?"
    );
    assert_eq!(
        of(beside("weather.csv")),
        "weather.csv: there is no such file"
    );
    let nowhere = of(beside("nowhere/load.csv"));
    assert!(
        nowhere.starts_with("nowhere/load.csv: there is no folder `"),
        "{nowhere}"
    );
    fs::create_dir(beside("days.csv")).unwrap();
    assert_eq!(
        of(beside("days.csv")),
        "days.csv: this is a folder, not a file"
    );
    #[cfg(unix)]
    assert_eq!(
        Dataset::<f64>::open("/dev/null")
            .unwrap_err()
            .what_it_says(),
        "what is in it?"
    );
}

impl DatasetError {
    /// The first words of it.
    fn what_it_says(&self) -> String {
        let text = self.to_string();
        let said = text.split_once(": ").map_or("", |(_, said)| said);
        said.split_inclusive('?')
            .next()
            .unwrap_or_default()
            .to_owned()
    }
}

#[test]
fn a_parameter_says_how_its_file_is_read() {
    let (folder, _) = file("load.csv", "kw;x\n1;2\n");
    fs::write(folder.path().join("texts.txt"), "a\n").unwrap();
    let about = About {
        folder: folder.path(),
        looping: false,
    };
    let read = |value| Dataset::<(f64, f64)>::read(&value, about);
    let mut rows = read(json!({"file": "load.csv", "delimiter": ";", "loop": true})).unwrap();
    assert_eq!(rows.next(), Some(Ok((1.0, 2.0))));
    assert_eq!(rows.next(), Some(Ok((1.0, 2.0))));
    assert!(rows.is_looping());
    let texts = Dataset::<String>::read(&json!("texts.txt"), about).unwrap();
    assert!(!texts.is_looping());
    assert_eq!(
        texts.path(),
        Some(folder.path().join("texts.txt").as_path())
    );
    // An absolute path stays what it is.
    let absolute = json!(folder.path().join("texts.txt"));
    let nowhere = About {
        folder: Path::new("nowhere"),
        looping: true,
    };
    let texts = Dataset::<String>::read(&absolute, nowhere).unwrap();
    assert!(texts.is_looping());
    let once = json!({"file": absolute, "loop": false});
    let texts = Dataset::<String>::read(&once, nowhere).unwrap();
    assert!(!texts.is_looping());

    for (value, expected) in [
        (
            json!(5),
            "expected the name of a file, or `{file: NAME, loop: true}`, found `5`",
        ),
        (json!(""), "the name of the file is empty"),
        (json!({}), "which file? write `file: NAME`"),
        (json!({"file": 5}), "`file` is a name, not `5`"),
        (
            json!({"fiel": "x"}),
            "a dataset has no key `fiel`: did you mean `file`?",
        ),
        (
            json!({"rows": 5}),
            "a dataset has no key `rows`; it has `file`, `loop` and `delimiter`",
        ),
        (
            json!({"file": "x.csv", "loop": "yes"}),
            "`loop` is `true` or `false`, not `\"yes\"`",
        ),
        (
            json!({"file": "x.csv", "delimiter": "ab"}),
            "`delimiter` is one character of ASCII such as \";\" or \"\\t\", and no quote or end of \
             a line, not `\"ab\"`",
        ),
    ] {
        assert_eq!(read(value).unwrap_err(), expected);
    }
    let error = read(json!({"file": "texts.txt", "delimiter": ";"})).unwrap_err();
    assert!(
        error.ends_with("only a file of cells has a `delimiter`: `.csv` or `.tsv`"),
        "{error}"
    );
}

/// One with a parameter is not among the agents of this program.
#[peak::agent]
#[derive(Debug)]
struct Board<const N: usize> {
    #[param(default = "texts.txt", loop)]
    texts: Dataset<String>,
    #[param(default)]
    more: Dataset<String>,
}

#[peak::agent]
impl<const N: usize> Board<N> {}

#[test]
fn a_program_says_which_file_and_that_it_loops() {
    let (folder, _) = file("texts.txt", "a\n");
    let mut values = ParamValues::new();
    values.relative_to(folder.path());
    let board = |values: &ParamValues| {
        Board::<0>::from_params(Params::new("Board", Board::<0>::PARAMS, values))
    };
    let mut looping = board(&values).unwrap();
    assert_eq!(looping.texts.by_ref().take(3).count(), 3);
    assert!(looping.more.next().is_none());

    values.set("texts", json!({"file": "texts.txt", "loop": false}));
    assert_eq!(board(&values).unwrap().texts.count(), 1);
    values.set_text("texts", "{\"file\": \"txets.txt\"}");
    let error = board(&values).unwrap_err().to_string();
    assert!(
        error.ends_with("there is no such file: did you mean `texts.txt`?"),
        "{error}"
    );
}

#[test]
fn the_default_has_no_rows() {
    let mut none = Dataset::<f64>::default();
    assert_eq!(none.next(), None);
    assert_eq!(none.path(), None);
    assert!(!none.is_looping());
}

/// Reads a file of any bytes as a `T`: every row, or a reason with the file's name in it.
fn is_read_or_refused<T: DeserializeOwned + 'static>(name: &str, bytes: &[u8]) {
    let (_folder, path) = file(name, bytes);
    let told = |error: &DatasetError| assert!(error.to_string().contains(name), "{error}");
    match Dataset::<T>::open(&path) {
        Ok(mut rows) => {
            let mut last = 0;
            for row in rows.by_ref() {
                if let Err(error) = row {
                    told(&error);
                    let line = error.line().unwrap_or(u64::MAX);
                    // A row may end with a carriage return alone, which ends no line.
                    assert!(line >= last, "{error} after line {last}");
                    last = line;
                }
            }
            assert!(rows.next().is_none());
        }
        Err(error) => told(&error),
    }
    if let Ok(rows) = Dataset::<T>::looping(&path) {
        assert_eq!(rows.take(20).count(), 20);
    }
}

/// Text with what matters in such files.
fn texts() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "hour", "kw", "note", ",", "\n", "\r\n", "\"", "1", "-", ".5", "x", "\t", "{", "}", ":",
        " ", "\u{feff}", "ü",
    ];
    let words = prop::collection::vec(prop::sample::select(words.to_vec()), 0..40);
    words.prop_map(|words| words.concat().into_bytes())
}

proptest! {
    // Each case reads two dozen files.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in prop_oneof![prop::collection::vec(any::<u8>(), 0..200), texts()],
        begins in prop::sample::select(vec!["", "hour,kw,note\n1,1,\n", "{\"hour\":1,\"kw\":1}\n"]),
    ) {
        let bytes = [begins.as_bytes(), &bytes].concat();
        for name in ["a.csv", "a.tsv", "a.txt", "a.jsonl"] {
            is_read_or_refused::<Reading>(name, &bytes);
            is_read_or_refused::<String>(name, &bytes);
            is_read_or_refused::<(Light, u8, Option<f64>)>(name, &bytes);
        }
    }

    #[test]
    fn what_is_written_is_read(
        rows in prop::collection::vec((any::<u8>(), -1e9..1e9f64, "[^\r\u{0}-\u{8}]{0,20}"), 0..20)
    ) {
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(["hour", "kw", "note"]).unwrap();
        for (hour, kw, note) in &rows {
            csv.write_record([&hour.to_string(), &kw.to_string(), note]).unwrap();
        }
        let read: Vec<(u8, f64, String)> = all("a.csv", csv.into_inner().unwrap());
        prop_assert_eq!(read, rows);
    }
}
