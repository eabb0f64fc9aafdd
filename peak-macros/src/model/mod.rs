//! What the user wrote, understood: the form between the readers, the checks and the expansion.

pub(crate) mod template;

use crate::paths::CratePath;
use crate::vocabulary::{MarkerKind, NEWS, Protocol, kinds_of_news};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use std::time::Duration;
use syn::{Expr, Generics, LitStr, Path, Type};
use template::Template;

/// An `#[agent] struct` that passed the checks.
#[derive(Debug)]
pub(crate) struct AgentStruct {
    pub(crate) krate: CratePath,
    pub(crate) ident: Ident,
    /// The name in the registry.
    pub(crate) name: String,
    pub(crate) doc: String,
    /// `#[cfg]`s on the item, which hold for what is generated beside it too.
    pub(crate) cfg: Vec<TokenStream>,
    pub(crate) generics: Generics,
    pub(crate) fields: Vec<Field>,
}

#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) cfg: Vec<TokenStream>,
    pub(crate) param: Option<Param>,
}

/// A field that gets its value from outside.
#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) default: ParamDefault,
    /// A dataset begins again after its last row, unless the user says otherwise.
    pub(crate) looping: bool,
}

#[derive(Debug)]
pub(crate) enum ParamDefault {
    /// No default: the parameter must be given.
    Required,
    /// `default` alone: the type's own.
    Type,
    /// A string literal, read as if the user of the agent had given it.
    Text(LitStr),
    /// Any other expression.
    Expr(Box<Expr>),
}

/// An `#[agent] impl`, with the handlers that are free of mistakes.
#[derive(Debug)]
pub(crate) struct AgentImpl {
    pub(crate) krate: CratePath,
    pub(crate) cfg: Vec<TokenStream>,
    pub(crate) generics: Generics,
    pub(crate) self_ty: Type,
    pub(crate) handlers: Vec<Handler>,
    /// `behaviours(…)`: constructors whose behaviours the agent starts with.
    pub(crate) adopted: Vec<Path>,
    /// `plays(…)`: the protocols that it takes part in.
    pub(crate) plays: Vec<Part>,
}

/// A part that the agent plays in a protocol.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) protocol: &'static Protocol,
    pub(crate) span: Span,
    /// Which of the messages that open a conversation it is for.
    pub(crate) only: Option<Template>,
}

/// A function that the agent calls.
#[derive(Debug)]
pub(crate) struct Handler {
    pub(crate) ident: Ident,
    /// The name in logs and in `kill`: the function's own unless `name = "…"` says otherwise.
    pub(crate) name: String,
    /// `name = "…"` was written.
    pub(crate) name_given: Option<Span>,
    /// Attributes that hold for the registration too: `#[cfg]`, `#[allow]`.
    pub(crate) attrs: Vec<TokenStream>,
    /// The `#[cfg]`s as text, to tell whether two handlers exist under the same conditions.
    pub(crate) cfg_key: String,
    pub(crate) receiver: Receiver,
    pub(crate) args: Vec<Arg>,
    pub(crate) output: Output,
    pub(crate) kind: HandlerKind,
}

/// The receiver decides where the function runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Receiver {
    /// `&mut self`: on the agent's own task.
    Exclusive,
    /// `&self`: there too, reading only.
    Shared,
    /// No `self`: a task of its own.
    None,
}

/// One argument: only its type matters, the value is extracted.
#[derive(Debug)]
pub(crate) struct Arg {
    pub(crate) cfg: Vec<TokenStream>,
    pub(crate) ty: Type,
}

#[derive(Debug)]
pub(crate) enum Output {
    /// No `->`.
    Unit,
    Type(Box<Type>),
    /// `impl Trait`, which cannot be written again elsewhere.
    Opaque(Span),
}

impl Output {
    /// Whether a value may say that the handler has ended, as far as the word `Flow` tells.
    pub(crate) fn may_end(&self) -> bool {
        self.names("Flow")
    }

    /// Whether this word is in it.
    pub(crate) fn names(&self, word: &str) -> bool {
        fn names(tokens: TokenStream, word: &str) -> bool {
            tokens.into_iter().any(|token| match token {
                TokenTree::Ident(ident) => ident == word,
                TokenTree::Group(group) => names(group.stream(), word),
                TokenTree::Punct(_) | TokenTree::Literal(_) => false,
            })
        }
        match self {
            Self::Unit | Self::Opaque(_) => false,
            Self::Type(ty) => names(ty.to_token_stream(), word),
        }
    }
}

#[derive(Debug)]
pub(crate) enum HandlerKind {
    OnStart,
    OnStop,
    Behaviour(Behaviour),
    State(Box<StateFn>),
    OnMessage(OnMessage),
    OnNews(OnNews),
}

/// `#[behaviour(fsm(…))]`: a function of a state.
#[derive(Debug)]
pub(crate) struct StateFn {
    pub(crate) state: State,
    pub(crate) trigger: Trigger,
    /// `initial`, and the state's value if it says more.
    pub(crate) initial: Option<Initial>,
    pub(crate) next: Vec<State>,
    /// `end`: the machine may end here.
    pub(crate) end: Option<Span>,
    /// `endless`: the machine need not end at all.
    pub(crate) endless: bool,
    pub(crate) delay: Option<DurationValue>,
    pub(crate) start_at: Option<InstantValue>,
    /// The machine that it belongs to, once that is known: the name of its first function.
    pub(crate) machine: String,
}

/// A state: a type of the user's.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) ty: Type,
    /// As people write it; what tells one state from another.
    pub(crate) name: String,
}

#[derive(Debug)]
pub(crate) struct Initial {
    /// The word, for errors.
    pub(crate) span: Span,
    /// Its default if there is none.
    pub(crate) value: Option<Box<Expr>>,
}

/// When a function of a state runs.
#[derive(Debug)]
pub(crate) enum Trigger {
    Begin,
    /// With what was written, for a diagram.
    On(Template, TokenStream),
    After(DurationValue),
    Enter,
    Exit,
}

#[derive(Debug)]
pub(crate) struct Behaviour {
    pub(crate) schedule: Schedule,
    pub(crate) delay: Option<DurationValue>,
    pub(crate) start_at: Option<InstantValue>,
    pub(crate) receives: Option<Template>,
    /// It computes for long, on a thread for that.
    pub(crate) blocking: bool,
}

#[derive(Debug)]
pub(crate) enum Schedule {
    OneShot,
    Cyclic,
    Periodic(DurationValue),
    Timeout(DurationValue),
}

#[derive(Debug)]
pub(crate) struct OnMessage {
    pub(crate) template: Template,
    pub(crate) observe: bool,
    /// What the errors about the template point at.
    pub(crate) source: TokenStream,
}

/// `#[on_presence]` or `#[on_connection]`.
#[derive(Debug)]
pub(crate) struct OnNews {
    pub(crate) marker: MarkerKind,
    pub(crate) topics: Topics,
    pub(crate) observe: bool,
    /// What the errors about the kinds point at.
    pub(crate) source: TokenStream,
}

/// A set of kinds of news: bits in the order of [`NEWS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Topics(u8);

impl Topics {
    /// Every kind that a function with this marker may be told of.
    pub(crate) fn all_of(marker: MarkerKind) -> Self {
        kinds_of_news(marker).fold(Self::default(), Self::with)
    }

    /// With this kind; a word that is none changes nothing.
    pub(crate) fn with(self, kind: &str) -> Self {
        let place = NEWS.iter().position(|(word, ..)| *word == kind);
        Self(self.0 | place.map_or(0, |place| 1 << place))
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// The constants of the runtime that stand for the kinds in it.
    pub(crate) fn constants(self) -> impl Iterator<Item = &'static str> {
        NEWS.iter()
            .enumerate()
            .filter(move |(place, _)| self.0 & (1 << place) != 0)
            .map(|(_, (_, constant, _))| *constant)
    }
}

#[derive(Debug)]
pub(crate) enum DurationValue {
    /// A string literal, checked.
    Literal(Duration, Span),
    /// An expression of type `Duration`.
    Expr(Box<Expr>),
}

#[derive(Debug)]
pub(crate) enum InstantValue {
    /// A string literal, checked: the time since the Unix epoch.
    Literal(Duration, Span),
    /// An expression of type `SystemTime`.
    Expr(Box<Expr>),
}

/// A free function that becomes the constructor of a behaviour.
#[derive(Debug)]
pub(crate) struct FreeFn {
    pub(crate) krate: CratePath,
    /// `None` after a mistake: the constructor exists, so that its uses still make sense.
    pub(crate) handler: Option<Handler>,
    pub(crate) agent: FreeAgent,
    pub(crate) item: crate::input::item::FnItem,
}

/// Which agents a free behaviour is for.
#[derive(Debug)]
pub(crate) enum FreeAgent {
    /// The function's own first type parameter.
    Generic(Ident),
    /// The one its `Context<…>` argument names.
    Concrete(Box<Type>),
    /// It never mentions the agent: any.
    Any,
}
