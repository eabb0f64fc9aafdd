//! Requests and answers as JADE's directory and FIPA's examples have them in shape, arbitrary ones,
//! and mistakes.

use proptest::prelude::*;

use super::*;
use crate::Performative;
use crate::acl::sl0::Content;
use crate::acl::sl0::tests::any_term;
use crate::acl::tests::{any_agent, any_time};

const DF: &str =
    "(agent-identifier :name df@pc7:1099/JADE :addresses (sequence http://pc7:7778/acc))";

fn request(task: &str) -> Result<Request, ManagementError> {
    format!("((action {DF} {task}))").parse()
}

fn error(task: &str) -> String {
    request(task).unwrap_err().to_string()
}

#[test]
fn a_registration_as_jade_sends_it() {
    let task = "(register (df-agent-description \
        :name (agent-identifier :name b7@pc7:1099/JADE :addresses (sequence http://pc7:7778/acc)) \
        :services (set (service-description :name \"hot water\" :type boiler \
        :languages (set fipa-sl) :ownership house-7 \
        :properties (set (property :name kw :value 12.5) (property :name floor :value 2)))) \
        :protocols (set fipa-request fipa-contract-net) :ontologies (set heating) \
        :lease-time 20261122T123000000Z))";
    let read = request(task).unwrap();
    let Task::Register(Description::Df(agent)) = &read.task else {
        panic!("{read:?}")
    };
    assert_eq!(agent.name.as_ref().unwrap().name, "b7@pc7:1099/JADE");
    assert_eq!(agent.protocols, ["fipa-request", "fipa-contract-net"]);
    assert_eq!(agent.lease_time.unwrap().to_string(), "20261122T123000000Z");
    let service = &agent.services[0];
    assert_eq!(service.name.as_deref(), Some("hot water"));
    assert_eq!(service.kind.as_deref(), Some("boiler"));
    assert_eq!(service.properties[0].value, Some(12.5.into()));
    assert_eq!(service.properties[1].value, Some(2.into()));
    // What is written is the same, in the same order.
    assert_eq!(read.to_string(), format!("((action {DF} {task}))"));
}

#[test]
fn tasks_of_every_kind() {
    for task in [
        "(deregister (df-agent-description :name (agent-identifier :name b)))",
        "(modify (ams-agent-description :name (agent-identifier :name b) :ownership me :state active))",
        "(search (df-agent-description :services (set (service-description :properties (set (property :name kw))))) (search-constraints :max-depth 2 :max-results -1 :search-id \"7\"))",
        "(search (ams-agent-description) (search-constraints))",
        "(get-description)",
    ] {
        let read = request(task).unwrap();
        assert_eq!(read.to_string(), format!("((action {DF} {task}))"));
    }
    let written = request("(SEARCH (DF-Agent-Description :SERVICES (sequence)))").unwrap();
    let expected = Task::Search(
        DfAgentDescription::default().into(),
        SearchConstraints::default(),
    );
    assert_eq!(written.task, expected);
    let ams =
        request("(register (ams-agent-description :name (agent-identifier :name b) :state idle))");
    let Task::Register(Description::Ams(ams)) = ams.unwrap().task else {
        panic!("it is one for the platform")
    };
    assert_eq!(ams.state, Some(AgentState::Other("idle".to_owned())));
}

#[test]
fn answers_of_every_kind() {
    let action = format!("(action {DF} (get-description))");
    let problem = |problem| Answer::problem(&request("(get-description)").unwrap(), problem);
    let asked = || request("(get-description)").unwrap();
    let service = PlatformService {
        name: "http".to_owned(),
        kind: "fipa.mts.mtp.http.std".to_owned(),
        addresses: vec!["http://pc7:7778/acc".to_owned()],
    };
    let platform = PlatformDescription {
        name: "pc7:1099/JADE".to_owned(),
        services: vec![service],
    };
    let text = |text: &str| text.to_owned();
    let (object, parameter) = ("df-agent-description", "name");
    for (content, expected, act) in [
        (
            format!("({action} true)"),
            Answer::Agreed(asked()),
            Performative::Agree,
        ),
        (
            format!("((done {action}))"),
            Answer::Done(asked()),
            Performative::Inform,
        ),
        (
            format!("((result {action} (sequence)))"),
            Answer::Found(asked(), vec![]),
            Performative::Inform,
        ),
        (
            format!("((result {action} (sequence (ams-agent-description :state suspended))))"),
            Answer::Found(
                asked(),
                vec![
                    AmsAgentDescription {
                        state: Some(AgentState::Suspended),
                        ..Default::default()
                    }
                    .into(),
                ],
            ),
            Performative::Inform,
        ),
        (
            format!(
                "((result {action} (ap-description :name pc7:1099/JADE :ap-services (set (ap-service :name http :type fipa.mts.mtp.http.std :addresses (sequence http://pc7:7778/acc))))))"
            ),
            Answer::Platform(asked(), platform),
            Performative::Inform,
        ),
        (
            format!("({action} unauthorised)"),
            problem(Problem::Unauthorised),
            Performative::Refuse,
        ),
        (
            format!("({action} (unsupported-act cfp))"),
            problem(Problem::UnsupportedAct(text("cfp"))),
            Performative::NotUnderstood,
        ),
        (
            format!("({action} (unsupported-function dance))"),
            problem(Problem::UnsupportedFunction(text("dance"))),
            Performative::Refuse,
        ),
        (
            format!("({action} (missing-parameter {object} {parameter}))"),
            problem(Problem::MissingParameter {
                object: text(object),
                parameter: text(parameter),
            }),
            Performative::Refuse,
        ),
        (
            format!("({action} (unexpected-parameter {object} {parameter}))"),
            problem(Problem::UnexpectedParameter {
                object: text(object),
                parameter: text(parameter),
            }),
            Performative::Refuse,
        ),
        (
            format!("({action} (unrecognised-parameter-value {object} {parameter}))"),
            problem(Problem::UnrecognisedParameterValue {
                object: text(object),
                parameter: text(parameter),
            }),
            Performative::Refuse,
        ),
        (
            format!("({action} (unrecognised-value content))"),
            problem(Problem::UnrecognisedValue(text("content"))),
            Performative::NotUnderstood,
        ),
        (
            format!("({action} already-registered)"),
            problem(Problem::AlreadyRegistered),
            Performative::Failure,
        ),
        (
            format!("({action} not-registered)"),
            problem(Problem::NotRegistered),
            Performative::Failure,
        ),
        (
            format!("({action} (internal-error \"no disk\"))"),
            problem(Problem::InternalError(text("no disk"))),
            Performative::Failure,
        ),
        (
            "((internal-error \"no disk\"))".to_owned(),
            Answer::Problem(None, Problem::InternalError(text("no disk"))),
            Performative::Failure,
        ),
    ] {
        let read: Answer = content
            .parse()
            .unwrap_or_else(|error| panic!("{error}: {content}"));
        assert_eq!(read, expected);
        assert_eq!(read.performative(), act);
        assert_eq!(expected.to_string(), content);
    }
    // A set is as good as a sequence, and parentheses around a word make no difference.
    let set: Answer = format!("((result {action} (set)))").parse().unwrap();
    assert_eq!(set, Answer::Found(asked(), vec![]));
    let in_parentheses: Answer = format!("({action} (Unauthorised))").parse().unwrap();
    assert_eq!(in_parentheses, problem(Problem::Unauthorised));
    // What stands in no list here is kept, and so is an action that is no request.
    let other = "((action b (dance)) (too-tired :very true))";
    let read: Answer = other.parse().unwrap();
    assert_eq!(read.to_string(), other);
    assert!(
        matches!(read, Answer::Problem(Some(_), Problem::Other(_))),
        "{read:?}"
    );
}

#[test]
fn mistakes_are_named() {
    let named = "(df-agent-description :name (agent-identifier :name b)";
    for (task, expected) in [
        (
            "(register)",
            "`register` has no `:description`, which it must have here",
        ),
        (
            "(register (df-agent-description))",
            "`df-agent-description` has no `:name`, which it must have here",
        ),
        (
            "(deregister (df-agent-description))",
            "`df-agent-description` has no `:name`, which it must have here",
        ),
        (
            "(register (ams-agent-description :state active))",
            "`ams-agent-description` has no `:name`, which it must have here",
        ),
        (
            &format!("(register {named} :services (set (service-description :type t))))"),
            "`service-description` has no `:name`, which it must have here",
        ),
        (
            &format!("(modify {named} :services (set (service-description :name n))))"),
            "`service-description` has no `:type`, which it must have here",
        ),
        (
            &format!("(register {named} :service (set)))"),
            "`df-agent-description` has no parameter `:service`: did you mean `:services`?",
        ),
        (
            &format!("(register {named} :X-mine 1))"),
            "`df-agent-description` has no parameter `:X-mine`",
        ),
        (
            &format!("(register {named} :NAME b))"),
            "`df-agent-description` has the parameter `:NAME` twice",
        ),
        (
            &format!("(register {named} :protocols fipa-request))"),
            "`:protocols` of `df-agent-description` is `fipa-request`, expected a set or a sequence",
        ),
        (
            &format!("(register {named} :protocols (set a 1)))"),
            "`:protocols` of `df-agent-description` is `1`, expected texts alone",
        ),
        (
            &format!("(register {named} :lease-time soon))"),
            "`:lease-time` of `df-agent-description` is `soon`, expected a date and time, as in `20261122T123000000Z`",
        ),
        (
            &format!("(register {named} :services (set boiler)))"),
            "found `boiler`, expected service-description",
        ),
        (
            "(register (df-agent-description :name b))",
            "found `b`, expected agent-identifier",
        ),
        (
            "(register (df-agent-description b))",
            "found `b`, expected parameters with names, as in `:name`",
        ),
        (
            "(register (df-agent-description :name (agent-identifier)))",
            "`agent-identifier` has no `:name`, which it must have here",
        ),
        (
            "(register (df-agent-description :name (agent-identifier :name b :X-a 1 :X-a 2)))",
            "`agent-identifier` has the parameter `:X-a` twice",
        ),
        (
            "(register b)",
            "found `b`, expected `(df-agent-description …)` or `(ams-agent-description …)`",
        ),
        (
            "(search (df-agent-description) (search-constraints :max-results many))",
            "`:max-results` of `search-constraints` is `many`, expected a number without a fraction",
        ),
        (
            "(search (df-agent-description :services (set (service-description :properties (set (property))))))",
            "`property` has no `:name`, which it must have here",
        ),
        (
            "(get-description b)",
            "found `b`, expected nothing: `get-description` has no arguments",
        ),
        (
            "(search (ams-agent-description) (search-constraints) b)",
            "found `b`, expected nothing: a description and constraints are all it takes",
        ),
        (
            "(dance)",
            "there is no function `dance`; there are `register`, `deregister`, `modify`, `search` and `get-description`",
        ),
        (
            "b",
            "found `b`, expected a function, such as `(register …)`",
        ),
    ] {
        assert_eq!(error(task), expected, "{task}");
    }
    let long = format!("(register {})", "b".repeat(1000));
    assert!(error(&long).len() < 200);
    let content = "((done (action a b)))"
        .parse::<Request>()
        .unwrap_err()
        .to_string();
    assert_eq!(
        content,
        "found `((done (action a b)))`, expected one action, as in `((action (agent-identifier …) (register …)))`"
    );
    let answer = "(true)".parse::<Answer>().unwrap_err().to_string();
    assert!(
        answer.starts_with("found `(true)`, expected an answer: "),
        "{answer}"
    );
    let syntax = "(".parse::<Answer>().unwrap_err().to_string();
    assert!(
        syntax.starts_with("the content is not SL0: line 1, column 2: "),
        "{syntax}"
    );
}

#[test]
fn mistakes_have_an_answer() {
    for (task, expected) in [
        (
            "(register (df-agent-description))",
            "(missing-parameter df-agent-description name)",
        ),
        (
            "(search (df-agent-description :who b))",
            "(unexpected-parameter df-agent-description who)",
        ),
        (
            "(search (df-agent-description :scope b))",
            "(unrecognised-parameter-value df-agent-description scope)",
        ),
        ("(dance)", "(unsupported-function dance)"),
        ("b", "(unrecognised-value content)"),
    ] {
        let problem = request(task).unwrap_err().problem();
        assert_eq!(
            crate::acl::sl0::Proposition::from(&problem).to_string(),
            expected
        );
    }
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(any::<String>(), 0..3)
}

fn text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(any::<String>())
}

fn any_service() -> impl Strategy<Value = ServiceDescription> {
    let property = (any::<String>(), proptest::option::of(any_term()));
    let property = property.prop_map(|(name, value)| Property { name, value });
    let properties = proptest::collection::vec(property, 0..3);
    (
        text(),
        text(),
        texts(),
        texts(),
        texts(),
        text(),
        properties,
    )
        .prop_map(
            |(name, kind, protocols, ontologies, languages, ownership, properties)| {
                ServiceDescription {
                    name,
                    kind,
                    protocols,
                    ontologies,
                    languages,
                    ownership,
                    properties,
                }
            },
        )
}

fn any_description() -> impl Strategy<Value = Description> {
    let name = || proptest::option::of(any_agent());
    let services = proptest::collection::vec(any_service(), 0..3);
    let time = proptest::option::of(any_time());
    let df = (name(), services, texts(), texts(), texts(), time, texts()).prop_map(
        |(name, services, protocols, ontologies, languages, lease_time, scope)| {
            Description::Df(DfAgentDescription {
                name,
                services,
                protocols,
                ontologies,
                languages,
                lease_time,
                scope,
            })
        },
    );
    let state = proptest::option::of(any::<String>());
    let ams = (name(), text(), state).prop_map(|(name, ownership, state)| {
        Description::Ams(AmsAgentDescription {
            name,
            ownership,
            state: state.map(|state| state.as_str().into()),
        })
    });
    prop_oneof![df, ams]
}

fn any_request() -> impl Strategy<Value = Request> {
    let number = || proptest::option::of(any::<i64>());
    let constraints = (number(), number(), text());
    let constraints =
        constraints.prop_map(|(max_depth, max_results, search_id)| SearchConstraints {
            max_depth,
            max_results,
            search_id,
        });
    // What must be there is there in all but searches.
    let entry = (any_description(), any_agent()).prop_map(|(mut description, agent)| {
        match &mut description {
            Description::Df(it) => {
                it.name = Some(agent);
                for service in &mut it.services {
                    service.name.get_or_insert_default();
                    service.kind.get_or_insert_default();
                }
            }
            Description::Ams(it) => it.name = Some(agent),
        }
        description
    });
    let entry = entry.boxed();
    let task = prop_oneof![
        entry.clone().prop_map(Task::Register),
        entry.clone().prop_map(Task::Deregister),
        entry.prop_map(Task::Modify),
        (any_description(), constraints).prop_map(|(it, limits)| Task::Search(it, limits)),
        Just(Task::GetDescription),
    ];
    (any_agent(), task).prop_map(|(agent, task)| Request { agent, task })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn requests_come_back(request in any_request()) {
        prop_assert_eq!(request.to_string().parse::<Request>(), Ok(request));
    }

    #[test]
    fn answers_come_back(request in any_request(), found in proptest::collection::vec(any_description(), 0..3)) {
        for answer in [
            Answer::Agreed(request.clone()),
            Answer::Done(request.clone()),
            Answer::problem(&request, Problem::NotRegistered),
            Answer::Found(request, found),
        ] {
            prop_assert_eq!(answer.to_string().parse::<Answer>(), Ok(answer));
        }
    }

    /// Requests in which a word is another one, or missing.
    #[test]
    fn a_spoilt_request_is_read_or_refused(
        request in any_request(),
        at in any::<proptest::sample::Index>(),
        instead in "|1|b|:b|\\(set\\)|\\)|\\(",
    ) {
        let text = request.to_string();
        let mut words: Vec<&str> = text.split(' ').collect();
        words[at.index(text.split(' ').count())] = &instead;
        let text = words.join(" ");
        if let Ok(content) = text.parse::<Content>()
            && let Ok(read) = Request::try_from(&content)
        {
            prop_assert_eq!(read.to_string().parse::<Request>(), Ok(read));
        }
    }
}
