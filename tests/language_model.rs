//! The example `language_model` against an endpoint that answers what each test wants, right or wrong.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use peak_tests::{Ran, end, example, workspace};

/// What the endpoint was asked.
#[derive(Debug, Clone)]
struct Asked {
    /// The first line.
    line: String,
    /// The other lines, names in lower case.
    headers: Vec<String>,
    body: serde_json::Value,
    at: Instant,
}

impl Asked {
    /// The roles and texts.
    fn messages(&self) -> Vec<(String, String)> {
        let messages = self.body["messages"].as_array().unwrap().iter();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        messages
            .map(|message| (text(&message["role"]), text(&message["content"])))
            .collect()
    }

    fn question(&self) -> String {
        self.messages().pop().unwrap().1
    }
}

/// An endpoint on this machine, which answers as `answer` says.
struct Endpoint {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Endpoint {
    fn start(answer: impl Fn(usize, &Asked) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (list, answer) = (Arc::clone(&asked), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (list, answer) = (Arc::clone(&list), Arc::clone(&answer));
                thread::spawn(move || serve(&stream.unwrap(), &list, &*answer));
            }
        });
        Self { port, asked }
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Runs the example; `params` are the model's, and `asker` what it asks.
    fn run(&self, name: &str, params: &str, asker: &str) -> Ran {
        let base = format!("http://127.0.0.1:{}/v1/", self.port);
        run(name, &format!("base: '{base}', {params}"), asker)
    }
}

/// Takes one request from a connection and answers it.
fn serve(
    mut stream: &TcpStream,
    list: &Mutex<Vec<Asked>>,
    answer: &(dyn Fn(usize, &Asked) -> String + Send + Sync),
) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    let mut next_line = || {
        line.clear();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let first = next_line();
    let mut headers = Vec::new();
    loop {
        let header = next_line();
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').unwrap();
        headers.push(format!("{}:{value}", name.to_lowercase()));
    }
    let length = headers
        .iter()
        .find_map(|header| header.strip_prefix("content-length: ")?.parse().ok())
        .unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let asked = Asked {
        line: first,
        headers,
        body: serde_json::from_slice(&body).unwrap(),
        at: Instant::now(),
    };
    let number = {
        let mut list = list.lock().unwrap();
        list.push(asked.clone());
        list.len()
    };
    // Whoever has waited too long has gone.
    let _ = stream.write_all(answer(number, &asked).as_bytes());
}

/// A whole response.
fn response(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// What a model answers.
fn says(text: &str) -> String {
    let message = serde_json::json!({"role": "assistant", "content": text});
    let body = serde_json::json!({"choices": [{"index": 0, "message": message}]});
    response("200 OK", "", &body.to_string())
}

const KEY: &str = "sk-only-for-the-endpoint";

fn run(name: &str, params: &str, asker: &str) -> Ran {
    let text = format!(
        "agents:
  model: {{agent: LanguageModel, params: {{model: parrot, {params}}}}}
  asker: {{agent: Asker, params: {{model: model@localhost, {asker}}}}}
"
    );
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.yaml"));
    std::fs::write(&path, text).unwrap();
    let child = Command::new(example("language_model"))
        .arg("start")
        .arg(&path)
        .arg("-vv")
        .env("MODEL_KEY", KEY)
        // The endpoint is on this machine, whatever stands between others and the network.
        .env("NO_PROXY", "127.0.0.1,localhost")
        .current_dir(workspace())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let ran = end(child);
    assert!(
        !ran.err.contains(KEY) && !ran.out.contains(KEY),
        "the key is for the endpoint only: {ran:?}"
    );
    ran
}

#[track_caller]
fn said(ran: &Ran, words: &str) {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains(words), "{words} in {}", ran.err);
}

#[test]
fn questions_are_answered_and_a_conversation_goes_on() {
    let endpoint =
        Endpoint::start(|number, asked| says(&format!("{}! ({number})", asked.question())));
    let ran = endpoint.run(
        "conversation",
        "instructions: Be a parrot., key_env: MODEL_KEY",
        "questions: [Hello, And now]",
    );
    said(&ran, "asker@localhost/main  Hello Hello! (1)\n");
    said(&ran, "asker@localhost/main  And now And now! (2)\n");
    let asked = endpoint.asked();
    assert_eq!(asked[0].line, "POST /v1/chat/completions HTTP/1.1");
    assert_eq!(asked[0].body["model"], "parrot");
    for header in [
        format!("authorization: Bearer {KEY}"),
        "content-type: application/json".to_owned(),
    ] {
        assert!(asked[0].headers.contains(&header), "{asked:?}");
    }
    let said = |role: &str, text: &str| (role.to_owned(), text.to_owned());
    assert_eq!(
        asked[1].messages(),
        [
            said("system", "Be a parrot."),
            said("user", "Hello"),
            said("assistant", "Hello! (1)"),
            said("user", "And now"),
        ]
    );
}

#[test]
fn conversations_of_their_own_share_nothing_and_no_key_is_sent_unless_named() {
    let endpoint = Endpoint::start(|_, asked| says(&asked.question()));
    let ran = endpoint.run(
        "apart",
        "instructions: ''",
        "questions: [a, b, c], at_once: true",
    );
    for question in ["a", "b", "c"] {
        said(
            &ran,
            &format!("asker@localhost/main  {question} {question}\n"),
        );
    }
    for asked in endpoint.asked() {
        assert_eq!(asked.messages().len(), 1, "{asked:?}");
        let is_key = |header: &String| header.starts_with("authorization:");
        assert!(!asked.headers.iter().any(is_key), "{asked:?}");
    }
}

#[test]
fn no_more_calls_than_may_be_are_made_at_once() {
    /// Calls now, and the most there were.
    type Counts = (Mutex<(usize, usize)>, Condvar);
    let counts: Arc<Counts> = Arc::default();
    let counting = Arc::clone(&counts);
    let endpoint = Endpoint::start(move |_, _| {
        let (counts, changed) = &*counting;
        let mut now = counts.lock().unwrap();
        now.0 += 1;
        now.1 = now.1.max(now.0);
        changed.notify_all();
        // Two are there together before any of them is answered; a third one would be there then.
        let patience = Duration::from_secs(20);
        let (mut now, waited) = changed
            .wait_timeout_while(now, patience, |now| now.1 < 2)
            .unwrap();
        assert!(!waited.timed_out(), "the calls came one by one");
        now.0 -= 1;
        says("ok")
    });
    let ran = endpoint.run(
        "at-once",
        "calls: 2, waiting: 2",
        "questions: [a, b, c, d, e, f, g], at_once: true",
    );
    assert_eq!(ran.err.matches(" ok\n").count(), 4, "{ran:?}");
    let refused = " refuse: too many questions are waiting: ask again later\n";
    assert_eq!(ran.err.matches(refused).count(), 3, "{ran:?}");
    assert_eq!(counts.0.lock().unwrap().1, 2);
    assert_eq!(endpoint.asked().len(), 4);
}

#[test]
fn a_model_that_has_too_much_to_do_is_asked_again_when_it_says() {
    let endpoint = Endpoint::start(|number, _| match number {
        1 => response("429 Too Many Requests", "Retry-After: 1\r\n", "{}"),
        _ => says("now"),
    });
    said(
        &endpoint.run("later", "timeout: 30s", "questions: [When?]"),
        "asker@localhost/main  When? now\n",
    );
    let asked = endpoint.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked[1].at - asked[0].at >= Duration::from_secs(1));
}

#[test]
fn whoever_would_wait_too_long_is_refused_at_once() {
    for (name, header, words) in [
        ("seconds", "Retry-After: 100\r\n", "ask again in 100 s"),
        (
            "date",
            "Retry-After: Fri, 01 Jan 2100 00:00:00 GMT\r\n",
            "ask again at Fri, 01 Jan 2100 00:00:00 GMT",
        ),
    ] {
        let endpoint =
            Endpoint::start(move |_, _| response("429 Too Many Requests", header, "busy"));
        let ran = endpoint.run(
            &format!("busy-{name}"),
            "timeout: 50s",
            "questions: [When?]",
        );
        said(
            &ran,
            &format!("asker@localhost/main  When? refuse: the model has too much to do: {words}\n"),
        );
        assert_eq!(endpoint.asked().len(), 1);
    }
}

#[test]
fn what_the_endpoint_says_is_wrong_is_passed_on() {
    let unknown = format!("{{\"error\": {{\"message\": \"no such key: {KEY}\"}}}}");
    for (name, answer, words) in [
        (
            "key",
            response("401 Unauthorized", "", &unknown),
            "refuse: the model does not accept the key (401): no such key: …",
        ),
        (
            "error",
            response("500 Internal Server Error", "", "out of\nmemory"),
            "failure: the model failed (500): out of memory",
        ),
        (
            "elsewhere",
            response("302 Found", "Location: http://127.0.0.1:9/\r\n", ""),
            "failure: the model failed (302): it does not say why",
        ),
        (
            "no-json",
            response("200 OK", "", "<html>"),
            "failure: the model's answer makes no sense: expected value at line 1 column 1",
        ),
        (
            "nothing",
            response("200 OK", "", "{\"choices\": []}"),
            "failure: the model's answer makes no sense: there is no text in it",
        ),
        (
            "long",
            says(&"a".repeat(300_000)),
            "failure: the model's answer is longer than 262144 bytes",
        ),
        (
            "no-http",
            "what?\r\n\r\n".to_owned(),
            "failure: the model cannot be reached: 127.0.0.1:",
        ),
    ] {
        let endpoint = Endpoint::start(move |_, _| answer.clone());
        let ran = endpoint.run(name, "key_env: MODEL_KEY", "questions: [What?]");
        said(&ran, &format!("asker@localhost/main  What? {words}"));
        assert_eq!(endpoint.asked().len(), 1, "{name}");
    }
}

#[test]
fn nobody_waits_longer_than_the_timeout() {
    let never = Arc::new((Mutex::new(()), Condvar::new()));
    let endpoint = Endpoint::start(move |_, _| {
        let (lock, forever) = &*never;
        let patience = Duration::from_secs(40);
        let waiting = forever.wait_timeout(lock.lock().unwrap(), patience);
        drop(waiting.unwrap());
        says("too late")
    });
    let begin = Instant::now();
    let ran = endpoint.run("late", "timeout: 500ms", "questions: [What?]");
    said(
        &ran,
        "asker@localhost/main  What? failure: the model has not answered in 500ms\n",
    );
    assert!(begin.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_question_may_be_too_long_and_an_endpoint_not_there() {
    let endpoint = Endpoint::start(|_, _| says("no"));
    let ran = endpoint.run("question", "longest: 5", "questions: [abcdef]");
    said(
        &ran,
        "abcdef refuse: the question is longer than 5 characters\n",
    );
    assert!(endpoint.asked().is_empty());

    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let base = format!("base: 'http://127.0.0.1:{port}'");
    let ran = run("nobody", &base, "questions: [What?]");
    let words =
        format!("What? failure: the model cannot be reached: nobody listens at 127.0.0.1:{port}\n");
    said(&ran, &words);
}

#[test]
fn a_key_that_is_not_there_is_told_before_anything_is_asked() {
    let ran = run("no-key", "key_env: NO_SUCH_KEY", "questions: [What?]");
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let words = "the variable `NO_SUCH_KEY` is not set: `key_env` says that the key is in it";
    assert!(ran.err.contains(words), "{ran:?}");
}
