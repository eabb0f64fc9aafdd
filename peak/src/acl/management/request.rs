//! What a directory or a platform is asked to do.

use std::fmt;
use std::str::FromStr;

use super::fields::Result;
use super::{Description, ManagementError, ONTOLOGY, SearchConstraints};
use crate::Performative;
use crate::acl::sl0::{Action, Argument, Content, Expression, Function, LANGUAGE, Term};
use crate::acl::text::shown;
use crate::acl::{AclMessage, AgentIdentifier};

/// A request to a directory facilitator or an agent management system: the content of a message, read
/// with `parse` and written with `to_string`.
///
/// ```
/// use peak::acl::management::{Request, Task};
///
/// let content = "((action (agent-identifier :name df@pc7:1099/JADE)
///     (register (df-agent-description :name (agent-identifier :name b7@pc7:1099/JADE)
///         :services (set (service-description :name heating :type boiler)))))) ";
/// let request: Request = content.parse()?;
/// let Task::Register(description) = &request.task else { panic!("it registers") };
/// assert_eq!(description.name().unwrap().name, "b7@pc7:1099/JADE");
///
/// let error = "((action df (register (df-agent-description :nam b7))))".parse::<Request>();
/// assert_eq!(error.unwrap_err().to_string(), "found `df`, expected agent-identifier");
/// # Ok::<(), peak::acl::management::ManagementError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Who shall do it.
    pub agent: AgentIdentifier,
    /// What it shall do.
    pub task: Task,
}

/// What a directory facilitator or an agent management system can do.
#[derive(Debug, Clone, PartialEq)]
pub enum Task {
    /// Take an agent in. It must have a name, and its services name and type.
    Register(Description),
    /// Forget the agent of this name.
    Deregister(Description),
    /// Take this in place of what is known of the agent of this name. What must be there is the same
    /// as for [`Register`](Task::Register).
    Modify(Description),
    /// Say which agents are like this.
    Search(Description, SearchConstraints),
    /// Describe the platform.
    GetDescription,
}

impl Request {
    /// The message that asks for it, in FIPA's protocol for requests. Sender and conversation are left
    /// to you.
    pub fn message(&self) -> AclMessage {
        let mut message = AclMessage::new(Performative::Request);
        message.receivers = vec![self.agent.clone()];
        message.content = Some(self.to_string());
        message.language = Some(LANGUAGE.to_owned());
        message.ontology = Some(ONTOLOGY.to_owned());
        message.protocol = Some("fipa-request".to_owned());
        message
    }
}

impl From<&Task> for Term {
    fn from(task: &Task) -> Self {
        let function =
            |name: &str, description: &Description| Function::new(name).with(description);
        Self::Function(match task {
            Task::Register(description) => function("register", description),
            Task::Deregister(description) => function("deregister", description),
            Task::Modify(description) => function("modify", description),
            Task::Search(description, constraints) => {
                function("search", description).with(constraints)
            }
            Task::GetDescription => Function::new("get-description"),
        })
    }
}

impl TryFrom<&Term> for Task {
    type Error = ManagementError;

    fn try_from(term: &Term) -> Result<Self> {
        let Term::Function(function) = term else {
            return Err(ManagementError::unexpected(
                term,
                "a function, such as `(register …)`",
            ));
        };
        let name = function.name.to_ascii_lowercase();
        match name.as_str() {
            "register" => {
                let description = only_description(function, "register")?;
                description.check_entry()?;
                Ok(Self::Register(description))
            }
            "modify" => {
                let description = only_description(function, "modify")?;
                description.check_entry()?;
                Ok(Self::Modify(description))
            }
            "deregister" => {
                let description = only_description(function, "deregister")?;
                description.check_name()?;
                Ok(Self::Deregister(description))
            }
            "search" => search(function),
            "get-description" => match function.arguments.as_slice() {
                [] => Ok(Self::GetDescription),
                [more, ..] => Err(ManagementError::unexpected(
                    &more.value,
                    "nothing: `get-description` has no arguments",
                )),
            },
            _ => Err(ManagementError::UnsupportedFunction {
                function: function.name.clone(),
            }),
        }
    }
}

/// The one argument of a function.
fn only_description(function: &Function, object: &'static str) -> Result<Description> {
    match function.arguments.as_slice() {
        [] => Err(missing(object, "description")),
        [description] => (&description.value).try_into(),
        [_, more, ..] => {
            let expected = "nothing: one description is all it takes";
            Err(ManagementError::unexpected(&more.value, expected))
        }
    }
}

/// Both arguments of a search; without constraints there are none.
fn search(function: &Function) -> Result<Task> {
    let (description, constraints) = match function.arguments.as_slice() {
        [] => return Err(missing("search", "description")),
        [description] => (description, SearchConstraints::default()),
        [description, Argument { value, .. }] => (description, value.try_into()?),
        [_, _, more, ..] => {
            let expected = "nothing: a description and constraints are all it takes";
            return Err(ManagementError::unexpected(&more.value, expected));
        }
    };
    Ok(Task::Search((&description.value).try_into()?, constraints))
}

fn missing(object: &'static str, parameter: &'static str) -> ManagementError {
    ManagementError::MissingParameter { object, parameter }
}

impl From<&Request> for Action {
    fn from(request: &Request) -> Self {
        Self::new(&request.agent, &request.task)
    }
}

impl TryFrom<&Action> for Request {
    type Error = ManagementError;

    fn try_from(action: &Action) -> Result<Self> {
        Ok(Self {
            agent: (&action.agent).try_into()?,
            task: (&action.act).try_into()?,
        })
    }
}

impl From<&Request> for Content {
    fn from(request: &Request) -> Self {
        Self::new(Action::from(request))
    }
}

impl TryFrom<&Content> for Request {
    type Error = ManagementError;

    fn try_from(content: &Content) -> Result<Self> {
        match content.expressions() {
            [Expression::Action(action)] => action.try_into(),
            _ => Err(ManagementError::Unexpected {
                found: shown(&content.to_string()),
                expected: "one action, as in `((action (agent-identifier …) (register …)))`",
            }),
        }
    }
}

impl FromStr for Request {
    type Err = ManagementError;

    fn from_str(content: &str) -> Result<Self> {
        (&content.parse::<Content>()?).try_into()
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Content::from(self).fmt(f)
    }
}
