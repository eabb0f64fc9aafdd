//! The file of an agent, as rustfmt would have it.

use std::fmt::Write as _;
use std::time::Duration;

use peak::Performative;

use super::behaviour::Period;
use super::name::Name;
use super::param::{MESSAGES, Param, ROUNDS};

/// What an agent shall be like.
#[derive(Debug)]
pub(super) struct Design {
    pub(super) name: Name,
    pub(super) period: Option<Period>,
    pub(super) acts: Vec<Performative>,
    pub(super) params: Vec<Param>,
}

impl Design {
    /// The whole file.
    pub(super) fn file(&self) -> String {
        let functions = [self.begin(), self.act()].into_iter().flatten();
        let functions: Vec<String> = functions
            .chain(self.acts.iter().map(|act| handler(*act)))
            .collect();
        let in_struct = self.params.iter().any(|param| param.ty.name == "Duration");
        let duration = "use std::time::Duration;\n";
        format!(
            "//! {about}\n\n{imports}use peak::prelude::*;\n\n\
             /// {about}\n#[agent]\npub(crate) struct {camel} {{\n{fields}}}\n\n\
             #[agent]\nimpl {camel} {{\n{functions}}}\n\n\
             #[cfg(test)]\nmod tests {{\n    use super::*;\n{test_imports}{tests}}}\n",
            about = self.about(),
            imports = if in_struct {
                format!("{duration}\n")
            } else {
                String::new()
            },
            camel = self.name.camel,
            fields = self.fields(),
            functions = functions.join("\n"),
            // What the file uses, its tests have with all the rest.
            test_imports = if in_struct {
                String::new()
            } else {
                format!("    {duration}")
            },
            tests = self.tests(),
        )
    }

    /// What it does, in a line.
    fn about(&self) -> String {
        let period = self
            .period
            .as_ref()
            .map(|period| format!("acts every {}", period.text));
        let names: Vec<&str> = self.acts.iter().map(|act| act.as_str()).collect();
        let messages = match names.as_slice() {
            [] => None,
            [_, _, _, _, ..] => Some(format!("takes messages of {} performatives", names.len())),
            few => Some(format!(
                "takes {}",
                peak::__private::writing::list(few.iter().copied())
            )),
        };
        let parts: Vec<String> = [period, messages].into_iter().flatten().collect();
        format!("It {}.", parts.join(", and "))
    }

    fn fields(&self) -> String {
        let mut fields = String::new();
        // Writing to a `String` cannot fail.
        for Param { name, ty, default } in &self.params {
            let default = default
                .as_ref()
                .map(|default| format!("(default = {default})"));
            let _ = write!(
                fields,
                "    /// The parameter `{name}`.\n    #[param{}]\n    {name}: {},\n",
                default.unwrap_or_default(),
                ty.name
            );
        }
        if self.period.is_some() {
            let _ = write!(
                fields,
                "    /// How often it has acted.\n    {ROUNDS}: u32,\n"
            );
        }
        if !self.acts.is_empty() {
            let _ = write!(
                fields,
                "    /// How many messages it has taken.\n    {MESSAGES}: u32,\n"
            );
        }
        fields
    }

    /// Says what it was given.
    fn begin(&self) -> Option<String> {
        if self.params.is_empty() {
            return None;
        }
        let mut lines = String::new();
        for Param { name, .. } in &self.params {
            let args = format!("\"{{}}: {name} = {{:?}}\", ctx.jid(), self.{name}");
            if args.len() <= ARGS_IN_A_LINE {
                let _ = writeln!(lines, "        println!({args});");
            } else {
                let args = args.replacen(", ", &format!(",\n{:12}", ""), 1);
                let args = args.replacen(", ", &format!(",\n{:12}", ""), 1);
                let _ = write!(lines, "        println!(\n{:12}{args}\n        );\n", "");
            }
        }
        Some(format!(
            "    #[on_start]\n    async fn begin(&mut self, ctx: &Context<Self>) {{\n{lines}    }}\n"
        ))
    }

    fn act(&self) -> Option<String> {
        let period = self.period.as_ref()?;
        Some(format!(
            "    #[behaviour(periodic = {:?})]\n    \
             async fn act(&mut self, ctx: &Context<Self>) {{\n        \
             self.{ROUNDS} += 1;\n        \
             println!(\"{{}}: round {{}}\", ctx.jid(), self.{ROUNDS});\n    }}\n",
            period.text
        ))
    }

    fn tests(&self) -> String {
        let mut tests = format!(
            "\n    fn agent() -> {camel} {{\n        {literal}\n    }}\n",
            camel = self.name.camel,
            literal = self.literal(),
        );
        if let Some(period) = &self.period {
            let _ = write!(
                tests,
                "\n    #[tokio::test(start_paused = true)]\n    \
                 async fn it_acts_again_and_again() {{\n        \
                 let platform = Platform::new();\n        \
                 let agent = platform.spawn(\"agent@localhost\", agent()).await.unwrap();\n        \
                 // Two and a half periods, and it begins at once.\n        \
                 tokio::time::sleep({}).await;\n        \
                 assert!(agent.with(|agent| agent.{ROUNDS}).await >= Some(3));\n    }}\n",
                in_code(period.duration * 5 / 2)
            );
        }
        if !self.acts.is_empty() {
            tests.push_str(CALLER);
        }
        for act in &self.acts {
            let function = function(*act);
            let variant = variant(*act);
            let (line, answer) = match Answer::to(*act) {
                Some(answer) => {
                    let variant = answer.variant();
                    (
                        format!("        let answer = Some(Performative::{variant});\n"),
                        "answer",
                    )
                }
                None => (String::new(), "None"),
            };
            let _ = write!(
                tests,
                "\n    #[tokio::test(start_paused = true)]\n    \
                 async fn it_takes_{function}() {{\n{line}        \
                 assert_eq!(tell(Performative::{variant}).await, (1, {answer}));\n    }}\n"
            );
        }
        tests
    }

    /// An agent, as the struct is written.
    fn literal(&self) -> String {
        let params = self.params.iter();
        let mut fields: Vec<String> = params
            .map(|param| format!("{}: {}", param.name, param.some_value()))
            .collect();
        if self.period.is_some() {
            fields.push(format!("{ROUNDS}: 0"));
        }
        if !self.acts.is_empty() {
            fields.push(format!("{MESSAGES}: 0"));
        }
        let camel = &self.name.camel;
        let in_a_line = fields.join(", ");
        if in_a_line.len() <= FIELDS_IN_A_LINE {
            return format!("{camel} {{ {in_a_line} }}");
        }
        let lines: String = fields
            .iter()
            .map(|field| format!("            {field},\n"))
            .collect();
        format!("{camel} {{\n{lines}        }}")
    }
}

/// rustfmt's `fn_call_width`.
const ARGS_IN_A_LINE: usize = 60;
/// rustfmt's `struct_lit_width`.
const FIELDS_IN_A_LINE: usize = 18;

/// An agent for the tests of handlers.
const CALLER: &str = r#"
    /// Sends a message, and notes the answer.
    #[agent]
    struct Caller {
        message: Option<Message>,
        answer: Option<Performative>,
    }

    #[agent]
    impl Caller {
        #[behaviour(one_shot)]
        async fn call(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
            match self.message.take() {
                Some(message) => ctx.send(message).await,
                None => Ok(()),
            }
        }

        #[on_message]
        async fn note(&mut self, message: &Message) {
            self.answer = message.performative();
        }
    }

    /// Sends a message to the agent: how many it has taken then, and what it answers.
    async fn tell(act: Performative) -> (u32, Option<Performative>) {
        let platform = Platform::new();
        let agent = platform.spawn("agent@localhost", agent()).await.unwrap();
        let message = Message::draft(act).with_to("agent@localhost").text("hello");
        let caller = Caller {
            message: Some(message),
            answer: None,
        };
        let caller = platform.spawn("caller@localhost", caller).await.unwrap();
        // The clock jumps as soon as nobody has anything left to do.
        tokio::time::sleep(Duration::from_millis(1)).await;
        let messages = agent.with(|agent| agent.messages).await.unwrap();
        (messages, caller.with(|caller| caller.answer).await.unwrap())
    }
"#;

/// What an agent answers to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// With the text of the message.
    Text(&'static str),
    /// With nothing in it.
    Empty(&'static str),
    /// The only one that never has anything in it.
    Agree,
}

impl Answer {
    /// The answer that an act asks for; `None` if it asks for none.
    fn to(act: Performative) -> Option<Self> {
        act.wants_answer().then_some(match act {
            Performative::Cfp => Self::Text("Propose"),
            Performative::Propose => Self::Empty("AcceptProposal"),
            Performative::QueryIf => Self::Empty("Confirm"),
            Performative::RequestWhen
            | Performative::RequestWhenever
            | Performative::Propagate
            | Performative::Proxy
            | Performative::Subscribe => Self::Agree,
            _ => Self::Text("Inform"),
        })
    }

    fn variant(self) -> &'static str {
        match self {
            Self::Text(variant) | Self::Empty(variant) => variant,
            Self::Agree => "Agree",
        }
    }
}

fn handler(act: Performative) -> String {
    let (ty, last) = match Answer::to(act) {
        Some(Answer::Text(answer)) => (
            format!(" -> {answer}<String>"),
            format!("        {answer}(format!(\"you said: {{text}}\"))\n"),
        ),
        Some(Answer::Empty(answer)) => (format!(" -> {answer}"), format!("        {answer}(())\n")),
        Some(Answer::Agree) => (" -> Agree".to_owned(), "        Agree\n".to_owned()),
        None => (String::new(), String::new()),
    };
    let answers = if last.is_empty() {
        ""
    } else {
        "    /// What it returns is the answer.\n"
    };
    format!(
        "{answers}    #[on_message(performative = \"{act}\")]\n    \
         async fn {}(&mut self, ctx: &Context<Self>, Text(text): Text){ty} {{\n        \
         self.{MESSAGES} += 1;\n        \
         println!(\"{{}} hears: {{text}}\", ctx.jid());\n{last}    }}\n",
        function(act)
    )
}

/// `query_ref`.
fn function(act: Performative) -> String {
    act.as_str().replace('-', "_")
}

/// `QueryRef`.
fn variant(act: Performative) -> String {
    format!("{act:?}")
}

/// A duration as Rust has it.
fn in_code(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    match nanos {
        _ if nanos.is_multiple_of(1_000_000_000) => {
            format!("Duration::from_secs({})", duration.as_secs())
        }
        _ if nanos.is_multiple_of(1_000_000) => {
            format!("Duration::from_millis({})", duration.as_millis())
        }
        _ => format!("Duration::from_nanos({nanos})"),
    }
}
